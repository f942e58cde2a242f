"""The expected wait: figures from recent conversations, by hand, and how calmly they change."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest

from content.waiting_words import Wait
from handoff.queue.waits import NOTHING_KNOWN, Gaps, RecentWaits, Taken, recent_waits, rounded

START = dt.datetime(2026, 11, 30, 2, 0, tzinfo=dt.UTC)
NORMAL, URGENT = 2, 0


def minute(number: float) -> dt.datetime:
    """So many minutes after the start."""
    return START + dt.timedelta(minutes=number)


def busy(every: float, count: int, *, rank: int = NORMAL, logins: str = "a", start: float = 0) -> list[Taken]:
    """Takes at a steady pace while everybody waits, by the agents in turn."""
    takes = range(1, count + 1)
    return [Taken(rank, minute(start), minute(start + every * n), logins[n % len(logins)]) for n in takes]


def wait(low: float, high: float) -> Wait:
    """A wait in minutes."""
    return Wait(dt.timedelta(minutes=low), dt.timedelta(minutes=high))


@pytest.mark.parametrize(
    ("takes", "ahead", "online", "expected"),
    [
        ([], 0, 1, None),  # nothing known: the configuration's figure
        (busy(4, 4), 0, 1, None),  # too few
        (busy(4, 20), 0, 0, None),  # nobody is online: no figure at all
        (busy(4, 20), 0, 1, wait(4, 4)),  # a steady pace has no spread
        (busy(4, 20), 4, 1, wait(20, 20)),  # five gaps
        (busy(4, 20), 0, 2, wait(2, 2)),  # twice as many agents as then
        (busy(2, 20, logins="ab"), 0, 1, wait(4, 4)),  # half as many
        (busy(0.2, 20), 0, 1, wait(0, 1)),  # agents who take at once
        (busy(3, 20), 40, 1, wait(120, 150)),  # 123 minutes
        (busy(3, 20), 400, 1, wait(480, 480)),  # more than anybody can say
        (busy(4, 20, rank=URGENT) + busy(8, 20), 0, 1, wait(8, 8)),  # the pace of one's own rank
        (busy(4, 20, rank=URGENT), 0, 1, wait(4, 4)),  # too few of one's own rank: the pace of all
    ],
)
def test_the_wait_by_hand(takes: list[Taken], ahead: int, online: int, expected: Wait | None) -> None:
    """Customers would be told a wait that the last hours do not bear out."""
    assert recent_waits(takes).expected(NORMAL, ahead, online) == expected


def test_an_uneven_pace_is_a_range() -> None:
    """One figure would promise more than anybody knows."""
    ends = [1, 3, 6, 7, 12, 14, 20, 21, 26, 30]  # gaps: 1 2 3 1 5 2 6 1 5 4; mean of the lower nine 2.67, nine of ten below 5.1
    takes = [Taken(NORMAL, START, minute(end), "a") for end in ends]
    assert recent_waits(takes).expected(NORMAL, 0, 1) == wait(1, 6)
    assert recent_waits(takes).expected(NORMAL, 3, 1) == wait(6, 20)  # 4 gaps: 10.7 - 2 * 1.4 = 7.8, 10.7 + 2 * 2.4 = 15.5


def test_time_without_customers_and_a_night_are_no_wait() -> None:
    """After a quiet hour, or in the morning, everybody would be told hours."""
    quiet = [Taken(NORMAL, minute(30 * n), minute(30 * n + 1), "a") for n in range(10)]
    assert recent_waits(quiet).expected(NORMAL, 0, 1) == wait(1, 1)
    morning = [Taken(NORMAL, minute(0), minute(600 + 4 * n), "a") for n in range(20)]  # ten hours of one night
    known = recent_waits(morning).expected(NORMAL, 0, 1)
    assert known == wait(4, 4)


@pytest.mark.parametrize("order", [1, -1])
def test_order_and_odd_times_do_not_matter(order: int) -> None:
    """A clock that was set back, or rows in another order, would give negative or other waits."""
    takes = [*busy(4, 20), Taken(NORMAL, minute(90), minute(50), "a")][::order]
    found = recent_waits(takes).expected(NORMAL, 0, 1)
    assert found is not None
    assert dt.timedelta() <= found.low <= found.high <= dt.timedelta(minutes=4)


def test_more_agents_never_make_it_longer_and_more_customers_never_shorter() -> None:
    """The figure would rise when a colleague comes online."""
    recent = recent_waits([*busy(3, 30, logins="abc"), *busy(7, 10, start=90)])
    waits = [recent.expected(NORMAL, ahead, 2) for ahead in range(30)]
    assert all(before and after and before.high <= after.high for before, after in itertools.pairwise(waits))
    by_staff = [recent.expected(NORMAL, 10, online) for online in range(1, 40)]
    assert all(few and many and many.high <= few.high for few, many in itertools.pairwise(by_staff))


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0, 1, wait(0, 1)), (61, 61, wait(1, 2)), (290, 610, wait(4, 12)), (9e9, 9e9, wait(480, 480)), (0, 0, wait(0, 1))],
)
def test_the_ends_are_figures_that_people_say(low: float, high: float, expected: Wait) -> None:
    """A customer would read "about 4 to 11 minutes", and "about 5 to 10" a second later."""
    assert rounded(low, high) == expected


def test_small_changes_are_no_news() -> None:
    """The figure in the status bar would jump with each conversation that is taken."""
    old = recent_waits(busy(4, 20))
    alike, slower = recent_waits(busy(4.4, 20)), recent_waits(busy(6, 20))
    assert old.or_like(alike) is old
    assert old.or_like(slower) is slower
    assert NOTHING_KNOWN.or_like(old) is old
    assert old.or_like(NOTHING_KNOWN) is NOTHING_KNOWN
    assert old.or_like(recent_waits(busy(4, 20, logins="abc"))) is not old
    more = RecentWaits({**old.by_rank, URGENT: Gaps(1, 2, 3)}, old.all, old.staff)
    assert old.or_like(more) is more
