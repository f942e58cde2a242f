"""The warnings on the supervisors' board."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from content.bundle import DeskContent
from content.compiler import load_desk_policy
from handoff.accounts.agents import Agent
from handoff.figures.warnings import warnings

ROOT = Path(__file__).parents[2]
#: Monday, 30 November 2026 in Shanghai: at 3 in the night only the queue "security" is open, at 10 all are.
NIGHT = dt.datetime(2026, 11, 29, 19, 0, tzinfo=dt.UTC)
MORNING = dt.datetime(2026, 11, 30, 2, 0, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def content() -> DeskContent:
    """The editors' files."""
    return load_desk_policy(ROOT / "data").content


def agent(login: str, role: str = "agent", *, is_disabled: bool = False) -> Agent:
    """An account."""
    return Agent(login, login.title(), role, 5, is_demo=False, is_disabled=is_disabled)


@pytest.mark.parametrize(
    ("now", "online", "waiting", "expected"),
    [
        (MORNING, ["zhou"], ["general"], 0),
        (MORNING, [], [], 4),
        (NIGHT, [], [], 2),
        (NIGHT, [], ["general"], 3),
        (NIGHT, ["zhou"], ["general"], 0),
    ],
)
def test_queues_without_people(
    content: DeskContent, now: dt.datetime, online: list[str], waiting: list[str], expected: int
) -> None:
    """Customers would wait where nobody is there, or supervisors would be warned all night of a closed queue."""
    found = warnings(content, [agent("zhou"), agent("wu", "editor")], online, waiting, now)
    assert [each["code"] for each in found] == ["queue_unstaffed"] * expected
    assert all(each["zh"] and each["en"] for each in found)


def test_a_queue_that_no_account_can_serve(content: DeskContent) -> None:
    """Supervisors would wait for somebody to come online who does not exist."""
    accounts = [agent("zhou", is_disabled=True), agent("wu", "editor")]
    assert {each["code"] for each in warnings(content, accounts, [], [], MORNING)} == {"queue_impossible"}


def test_a_year_without_holidays(content: DeskContent) -> None:
    """Deadlines would silently be those of an ordinary week."""
    later = MORNING.replace(year=2029)
    assert "calendar_missing" in {each["code"] for each in warnings(content, [agent("zhou")], ["zhou"], [], later)}
