"""When the promise of the first response is broken, with the editors' own hours and levels."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from content.compiler import load_desk_policy
from handoff.figures.episodes import Facts, Handoff
from handoff.figures.promises import desk_zone, rules_of

ROOT = Path(__file__).parents[2]
SHANGHAI = ZoneInfo("Asia/Shanghai")
CONTENT = load_desk_policy(ROOT / "data").content
RULES = rules_of(CONTENT)


def at(day: int, hour: int, minute: int) -> dt.datetime:
    """A moment in November 2026 in Shanghai. The second is a Monday."""
    return dt.datetime(2026, 11, day, hour, minute, tzinfo=SHANGHAI).astimezone(dt.UTC)


def handoff(*facts: Facts) -> Handoff:
    """A case with these facts, the first of them at the handoff."""
    return Handoff(facts[0].at, list(facts), last_word_at=facts[0].at)


@pytest.mark.parametrize(
    ("facts", "breach"),
    [
        # normal: 30 minutes; open until 22:00, from 8:00 on the next day
        ([Facts(at(2, 10, 0), "user_request", "normal")], at(2, 10, 30)),
        ([Facts(at(2, 21, 50), "user_request", "normal")], at(3, 8, 20)),
        # the security queue never closes; urgent: 2 minutes
        ([Facts(at(2, 23, 0), "security", "urgent")], at(2, 23, 2)),
        # raised in time: the graver promise counts from the handoff
        ([Facts(at(2, 10, 0), "user_request", "normal"), Facts(at(2, 10, 1), "security", "urgent")], at(2, 10, 2)),
        # raised when the graver promise is over: broken at that moment
        ([Facts(at(2, 10, 0), "user_request", "normal"), Facts(at(2, 10, 5), "security", "urgent")], at(2, 10, 5)),
        # what comes after the broken promise does not change it
        ([Facts(at(2, 10, 0), "security", "urgent"), Facts(at(2, 11, 0), "security", "urgent", queue="general")], at(2, 10, 2)),
        # a transfer to a queue that is closed gives time until the morning
        (
            [Facts(at(2, 22, 30), "security", "normal"), Facts(at(2, 22, 40), "security", "normal", queue="general")],
            at(3, 8, 30),
        ),
        # a queue that the editors removed: the reason decides
        ([Facts(at(2, 23, 0), "security", "urgent", queue="gone")], at(2, 23, 2)),
        # a priority that the editors removed counts as normal
        ([Facts(at(2, 10, 0), None, None)], at(2, 10, 30)),
    ],
)
def test_when_the_promise_is_broken(facts: list[Facts], breach: dt.datetime) -> None:
    """The share of kept promises would count the night, or change with what happened later."""
    assert RULES.breach_of(handoff(*facts)) == breach


def test_the_desks_zone_is_that_of_the_default_queue() -> None:
    """The days of a report would begin in the morning."""
    assert desk_zone(CONTENT) == SHANGHAI
