"""Working time, computed by hand: nights, weekends, holidays, make-up days, lunch breaks, changes of the clocks, pauses.

All times are on the wall clock of the hours' zone unless they have an offset. Days of 2026 and 2027: 27 November is a Friday,
30 November a Monday, 1 October a Thursday (holiday to the 7th), 10 October a Saturday on which people work.
"""

from __future__ import annotations

import datetime as dt
import time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from content.calendars import load_calendar
from content.staffing import DAYS, Day, Hours
from handoff.conversations.values import Pause
from handoff.queue.clocks import OpeningHours
from tests.handoff.conftest import DATA

CHINA = load_calendar(DATA / "calendars/china.yml")
WEEKDAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri")
WEEKEND: tuple[Day, ...] = ("sat", "sun")
SHANGHAI = "Asia/Shanghai"


def week(weekdays: str, weekend: str = "") -> dict[Day, tuple[str, ...]]:
    """A week from the intervals of Monday to Friday, and of the weekend."""
    return {**dict.fromkeys(WEEKDAYS, tuple(weekdays.split())), **dict.fromkeys(WEEKEND, tuple(weekend.split()))}


def daily(intervals: str) -> dict[Day, tuple[str, ...]]:
    """The same intervals on each day."""
    return week(intervals, intervals)


OFFICE = "09:00-12:00 13:00-18:00"
HOURS = {
    # eight hours with a lunch break; closed on weekends and holidays; a make-up day is like Monday
    "office": OpeningHours(Hours(SHANGHAI, week(OFFICE), "china"), CHINA),
    # as in data/desk.yml: shorter hours on weekends and holidays
    "service": OpeningHours(Hours(SHANGHAI, week("08:00-22:00", "09:00-18:00"), "china", holidays=("09:00-18:00",)), CHINA),
    # a make-up day has hours of its own, or none
    "make-up": OpeningHours(Hours(SHANGHAI, week("09:00-18:00"), "china", workdays=("10:00-16:00",)), CHINA),
    "no make-up": OpeningHours(Hours(SHANGHAI, week("09:00-18:00"), "china", workdays=()), CHINA),
    "always": OpeningHours(Hours(SHANGHAI, daily("00:00-24:00"))),
    "night shift": OpeningHours(Hours(SHANGHAI, daily("22:00-24:00 00:00-06:00"))),
    # Berlin: 02:00 -> 03:00 on Sunday 29 March 2026, 03:00 -> 02:00 on Sunday 25 October 2026
    "Berlin": OpeningHours(Hours("Europe/Berlin", daily("00:00-24:00"))),
    "Berlin nights": OpeningHours(Hours("Europe/Berlin", daily("22:00-24:00 00:00-06:00"))),
    "Berlin 02:30-04:00": OpeningHours(Hours("Europe/Berlin", daily("02:30-04:00"))),
    "Berlin 02:10-02:50": OpeningHours(Hours("Europe/Berlin", daily("02:10-02:50"))),
    "Berlin 00:00-02:30": OpeningHours(Hours("Europe/Berlin", daily("00:00-02:30"))),
    # New York: forward on Sunday 8 March 2026, back on Sunday 1 November 2026
    "New York": OpeningHours(Hours("America/New_York", week("09:00-17:00"))),
    # Lord Howe: 02:00 -> 02:30 on Sunday 4 October 2026; Samoa had no 30 December 2011; Nepal is at +05:45
    "Lord Howe": OpeningHours(Hours("Australia/Lord_Howe", daily("00:00-24:00"))),
    "Samoa": OpeningHours(Hours("Pacific/Apia", daily("00:00-24:00"))),
    "Nepal": OpeningHours(Hours("Asia/Kathmandu", week("10:00-17:00"))),
}


def moment(hours: str, text: str) -> dt.datetime:
    """A moment, written on the wall clock of the hours' zone, or with an offset."""
    at = dt.datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=HOURS[hours].zone)


def pauses_of(hours: str, *texts: str) -> tuple[Pause, ...]:
    """Pauses, each written as "start > end"."""
    return tuple(Pause(*(moment(hours, end) for end in text.split(" > "))) for text in texts)


DUE = [
    # hours, start, minutes of working time, due, pauses
    # within a day, and over lunch
    ("office", "2026-11-30 09:30", 60, "2026-11-30 10:30"),
    ("office", "2026-11-30 11:30", 60, "2026-11-30 13:30"),
    ("office", "2026-11-30 12:30", 30, "2026-11-30 13:30"),
    ("office", "2026-11-30 11:00", 60, "2026-11-30 12:00"),
    ("office", "2026-11-30 11:00", 61, "2026-11-30 13:01"),
    ("office", "2026-11-30 09:00", 480, "2026-11-30 18:00"),
    ("office", "2026-11-30 09:00:30", 0.5, "2026-11-30 09:01"),
    # nights
    ("office", "2026-11-30 17:30", 60, "2026-12-01 09:30"),
    ("office", "2026-11-30 20:00", 15, "2026-12-01 09:15"),
    ("office", "2026-11-30 07:00", 15, "2026-11-30 09:15"),
    ("office", "2026-11-30 09:00", 15, "2026-11-30 09:15"),
    ("office", "2026-11-30 18:00", 15, "2026-12-01 09:15"),
    ("office", "2026-11-30 20:00", 0, "2026-11-30 20:00"),
    ("office", "2026-11-30 10:00", 480, "2026-12-01 10:00"),
    # weekends
    ("office", "2026-11-27 17:30", 120, "2026-11-30 10:30"),
    ("office", "2026-11-28 11:00", 60, "2026-11-30 10:00"),
    ("office", "2026-11-29 23:59", 60, "2026-11-30 10:00"),
    ("office", "2026-11-30 09:00", 2400, "2026-12-04 18:00"),
    ("office", "2026-11-30 09:00", 2401, "2026-12-07 09:01"),
    # holidays and make-up days of 2026
    ("office", "2025-12-31 17:00", 120, "2026-01-04 10:00"),  # New Year; Sunday the 4th is worked
    ("office", "2026-02-13 17:00", 120, "2026-02-14 10:00"),  # Saturday before the Spring Festival is worked
    ("office", "2026-02-14 17:00", 120, "2026-02-24 10:00"),  # the nine days of the Spring Festival
    ("office", "2026-02-27 17:30", 60, "2026-02-28 09:30"),  # Saturday after it is worked
    ("office", "2026-02-28 17:30", 60, "2026-03-02 09:30"),
    ("office", "2026-04-03 17:00", 120, "2026-04-07 10:00"),  # Qingming
    ("office", "2026-04-30 17:00", 120, "2026-05-06 10:00"),  # Labour Day
    ("office", "2026-05-08 17:00", 600, "2026-05-11 10:00"),  # 1 h Friday, 8 h make-up Saturday, 1 h Monday
    ("office", "2026-06-18 17:00", 120, "2026-06-22 10:00"),  # Dragon Boat
    ("office", "2026-09-19 12:00", 60, "2026-09-20 10:00"),  # Saturday is free, Sunday the 20th is worked
    ("office", "2026-09-20 17:30", 60, "2026-09-21 09:30"),
    ("office", "2026-09-24 17:30", 120, "2026-09-28 10:30"),  # Mid-Autumn, Friday to Sunday
    ("office", "2026-09-30 17:00", 120, "2026-10-08 10:00"),  # National Day
    ("office", "2026-10-03 10:00", 60, "2026-10-08 10:00"),
    ("office", "2026-10-09 17:00", 120, "2026-10-10 10:00"),  # make-up Saturday
    ("office", "2026-10-10 17:30", 60, "2026-10-12 09:30"),
    ("office", "2026-10-11 12:00", 60, "2026-10-12 10:00"),
    ("office", "2026-12-31 17:00", 120, "2027-01-01 10:00"),  # 2027 is not known: an ordinary Friday, and a warning
    # holidays and make-up days with hours of their own
    ("service", "2026-09-30 21:55", 15, "2026-10-01 09:10"),
    ("service", "2026-10-01 17:30", 60, "2026-10-02 09:30"),
    ("service", "2026-10-09 21:30", 60, "2026-10-10 08:30"),
    ("service", "2026-10-10 21:30", 60, "2026-10-11 09:30"),
    ("service", "2026-11-28 17:30", 60, "2026-11-29 09:30"),
    ("service", "2026-11-29 17:30", 60, "2026-11-30 08:30"),
    ("service", "2026-11-30 08:00", 2880, "2026-12-03 14:00"),  # 14 + 14 + 14 + 6 hours
    ("service", "2026-11-27 20:00", 1440, "2026-11-30 12:00"),  # 2 + 9 + 9 + 4 hours
    ("make-up", "2026-10-09 17:30", 60, "2026-10-10 10:30"),
    ("make-up", "2026-10-10 15:30", 60, "2026-10-12 09:30"),
    ("no make-up", "2026-10-09 17:30", 60, "2026-10-12 09:30"),
    # around the clock, and past midnight
    ("always", "2026-11-28 23:30", 60, "2026-11-29 00:30"),
    ("always", "2026-02-17 03:00", 2880, "2026-02-19 03:00"),
    ("always", "2026-12-31 23:59", 2, "2027-01-01 00:01"),
    ("night shift", "2026-11-30 23:30", 60, "2026-12-01 00:30"),
    ("night shift", "2026-11-30 05:30", 60, "2026-11-30 22:30"),
    ("night shift", "2026-11-30 12:00", 480, "2026-12-01 06:00"),
    # the clocks go forward and back
    ("Berlin", "2026-03-29 01:30", 60, "2026-03-29 03:30"),
    ("Berlin", "2026-03-28 12:00", 1440, "2026-03-29 13:00"),
    ("Berlin", "2026-10-25 01:30", 60, "2026-10-25T02:30+02:00"),
    ("Berlin", "2026-10-25 01:30", 120, "2026-10-25T02:30+01:00"),
    ("Berlin", "2026-10-24 12:00", 1440, "2026-10-25 11:00"),
    ("Berlin nights", "2026-03-28 22:00", 420, "2026-03-29 06:00"),  # this night has 7 hours
    ("Berlin nights", "2026-03-28 22:00", 421, "2026-03-29 22:01"),
    ("Berlin nights", "2026-10-24 22:00", 540, "2026-10-25 06:00"),  # this night has 9 hours
    ("Berlin 02:30-04:00", "2026-03-29 00:00", 60, "2026-03-29 04:00"),  # 02:30 does not exist: open from 03:00
    ("Berlin 02:30-04:00", "2026-03-29 00:00", 61, "2026-03-30 02:31"),
    ("Berlin 02:10-02:50", "2026-03-29 00:00", 10, "2026-03-30 02:20"),  # all of it does not exist
    ("Berlin 02:30-04:00", "2026-10-25 00:00", 150, "2026-10-25 04:00"),  # from the first 02:30 on: 2.5 hours
    ("Berlin 00:00-02:30", "2026-10-25 00:00", 151, "2026-10-26 00:01"),  # until the first 02:30: 2.5 hours
    ("New York", "2026-03-06 16:30", 60, "2026-03-09T09:30-04:00"),
    ("New York", "2026-10-30 16:30", 60, "2026-11-02T09:30-05:00"),
    ("Lord Howe", "2026-10-04 01:30", 60, "2026-10-04 03:00"),
    ("Samoa", "2011-12-29 23:30", 60, "2011-12-31 00:30"),
    ("Nepal", "2026-11-30T04:00+00:00", 60, "2026-11-30 11:00"),  # 09:45 there
    # the start in another zone
    ("office", "2026-11-30T09:30+00:00", 60, "2026-12-01 09:30"),
    ("office", "2026-11-30T01:30-08:00", 60, "2026-12-01 09:30"),
    # pauses
    ("office", "2026-11-30 09:30", 60, "2026-11-30 11:00", "2026-11-30 10:00 > 2026-11-30 10:30"),
    ("office", "2026-11-30 11:30", 60, "2026-11-30 14:00", "2026-11-30 11:45 > 2026-11-30 13:15"),
    ("office", "2026-11-30 17:30", 60, "2026-12-01 09:30", "2026-11-30 20:00 > 2026-11-30 23:00"),
    ("office", "2026-11-27 17:30", 60, "2026-11-30 10:45", "2026-11-27 17:45 > 2026-11-30 10:00"),
    ("office", "2026-09-30 17:00", 120, "2026-10-08 10:00", "2026-10-01 09:00 > 2026-10-07 18:00"),
    ("office", "2026-11-30 10:00", 30, "2026-11-30 10:45", "2026-11-30 09:00 > 2026-11-30 10:15"),
    ("office", "2026-11-30 09:00", 30, "2026-11-30 09:30", "2026-11-30 10:00 > 2026-11-30 11:00"),
    ("office", "2026-11-30 09:00", 60, "2026-11-30 10:00", "2026-11-30 10:00 > 2026-11-30 11:00"),
    ("office", "2026-11-30 09:00", 61, "2026-11-30 11:01", "2026-11-30 10:00 > 2026-11-30 11:00"),
    (
        *("office", "2026-11-30 09:00", 60, "2026-11-30 10:30"),
        *("2026-11-30 09:10 > 2026-11-30 09:30", "2026-11-30 09:20 > 2026-11-30 09:40"),  # overlapping
    ),
    (
        *("office", "2026-11-30 09:00", 60, "2026-11-30 10:20"),
        *("2026-11-30 09:50 > 2026-11-30 10:00", "2026-11-30 09:10 > 2026-11-30 09:20"),  # not in order
    ),
    ("office", "2026-11-30 09:00", 60, "2026-11-30 10:00", "2026-11-30 09:40 > 2026-11-30 09:20"),  # the clock jumped back
    ("Berlin", "2026-03-29 00:00", 60, "2026-03-29 04:00", "2026-03-29 00:30 > 2026-03-29 03:30"),
]


@pytest.mark.parametrize("case", DUE, ids=lambda case: f"{case[0]} {case[1]} + {case[2]}")
def test_when_working_time_is_over(case: tuple[str, str, float, str]) -> None:
    """A deadline on a card, and the breach that is counted, would be wrong by a night, a holiday or an hour."""
    hours, start, minutes, due, *paused = case
    pauses = pauses_of(hours, *paused)
    found = HOURS[hours].add_working_time(moment(hours, start), dt.timedelta(minutes=minutes), pauses)
    assert found is not None
    assert found.tzinfo is dt.UTC
    assert found == moment(hours, due).astimezone(dt.UTC), f"{HOURS[hours].local(found)} instead of {due}"
    passed = HOURS[hours].working_time(moment(hours, start), found, pauses)
    assert passed == dt.timedelta(minutes=minutes)


PASSED = [
    # hours, from, to, minutes of working time, pauses
    ("office", "2026-11-30 09:00", "2026-12-01 00:00", 480),
    ("office", "2026-11-30 18:00", "2026-12-01 09:00", 0),
    ("office", "2026-11-30 12:00", "2026-11-30 13:00", 0),
    ("office", "2026-11-28 00:00", "2026-11-30 00:00", 0),
    ("office", "2026-11-27 17:30", "2026-11-30 10:30", 120),
    ("office", "2026-11-30 09:00", "2026-11-30 09:00:30", 0.5),
    ("office", "2026-02-13 17:00", "2026-02-24 10:00", 600),
    ("office", "2026-10-01 00:00", "2026-10-08 00:00", 0),
    ("office", "2026-10-01 00:00", "2026-11-01 00:00", 18 * 480),  # 17 weekdays, and Saturday the 10th
    ("office", "2026-01-01 00:00", "2027-01-01 00:00", 248 * 480),  # 261 weekdays, 19 of them free; 6 make-up days
    ("office", "2026-11-30 10:00", "2026-11-30 10:00", 0),
    ("office", "2026-11-30 10:00", "2026-11-30 09:00", 0),  # the clock jumped back
    ("office", "2026-11-30 10:00", "2025-11-30 09:00", 0),
    ("office", "2026-11-30 09:00", "2026-11-30 11:00", 90, "2026-11-30 10:00 > 2026-11-30 10:30"),
    ("office", "2026-11-30 09:00", "2026-11-30 10:15", 60, "2026-11-30 10:00 > 2026-11-30 10:30"),
    ("office", "2026-11-30 10:10", "2026-11-30 10:20", 0, "2026-11-30 10:00 > 2026-11-30 10:30"),
    ("office", "2026-11-30 11:00", "2026-11-30 12:00", 60, "2026-11-30 10:00 > 2026-11-30 10:30"),
    ("Berlin", "2026-03-29 00:00", "2026-03-30 00:00", 23 * 60),
    ("Berlin", "2026-10-25 00:00", "2026-10-26 00:00", 25 * 60),
    ("Berlin", "2026-03-01 00:00", "2026-11-01 00:00", 245 * 24 * 60),  # forward and back again
    ("Berlin nights", "2026-03-28 12:00", "2026-03-29 12:00", 7 * 60),
    ("Berlin nights", "2026-10-24 12:00", "2026-10-25 12:00", 9 * 60),
    ("Berlin 02:10-02:50", "2026-03-29 00:00", "2026-03-30 00:00", 0),
    ("Lord Howe", "2026-10-04 00:00", "2026-10-05 00:00", 23.5 * 60),
    ("Samoa", "2011-12-29 00:00", "2012-01-01 00:00", 2 * 24 * 60),
]


@pytest.mark.parametrize("case", PASSED, ids=lambda case: f"{case[0]} {case[1]} to {case[2]}")
def test_how_much_working_time_has_passed(case: tuple[str, str, str, float]) -> None:
    """The figures of a day would count hours in which nobody works, or leave out hours in which somebody does."""
    hours, start, end, minutes, *paused = case
    passed = HOURS[hours].working_time(moment(hours, start), moment(hours, end), pauses_of(hours, *paused))
    assert passed == dt.timedelta(minutes=minutes)


OPEN = [
    # hours, at, whether it is open, the next opening
    ("office", "2026-11-30 09:00", True, "2026-11-30 09:00"),
    ("office", "2026-11-30 08:59:59", False, "2026-11-30 09:00"),
    ("office", "2026-11-30 12:00", False, "2026-11-30 13:00"),
    ("office", "2026-11-30 15:00", True, "2026-11-30 15:00"),
    ("office", "2026-11-30 18:00", False, "2026-12-01 09:00"),
    ("office", "2026-11-28 12:00", False, "2026-11-30 09:00"),
    ("office", "2026-10-01 10:00", False, "2026-10-08 09:00"),
    ("office", "2026-10-10 10:00", True, "2026-10-10 10:00"),
    ("service", "2026-10-01 08:30", False, "2026-10-01 09:00"),
    ("service", "2026-10-10 21:00", True, "2026-10-10 21:00"),
    ("night shift", "2026-11-30 23:59", True, "2026-11-30 23:59"),
    ("night shift", "2026-12-01 00:00", True, "2026-12-01 00:00"),
    ("night shift", "2026-11-30 06:00", False, "2026-11-30 22:00"),
    ("Berlin 02:30-04:00", "2026-03-29 01:59", False, "2026-03-29 03:00"),
    ("Berlin 02:30-04:00", "2026-03-29 03:00", True, "2026-03-29 03:00"),
    ("Berlin 02:30-04:00", "2026-10-25T02:15+02:00", False, "2026-10-25T02:30+02:00"),
    ("Berlin 02:30-04:00", "2026-10-25T02:15+01:00", True, "2026-10-25T02:15+01:00"),
    ("Berlin 02:10-02:50", "2026-03-29 00:00", False, "2026-03-30 02:10"),
    ("New York", "2026-11-30T14:00+00:00", True, "2026-11-30 09:00"),
]


@pytest.mark.parametrize(("hours", "at", "is_open", "opening"), OPEN)
def test_whether_people_work_and_when_they_do_next(hours: str, at: str, is_open: bool, opening: str) -> None:
    """A waiting customer would be told of somebody who is at home."""
    assert HOURS[hours].is_open(moment(hours, at)) is is_open
    assert HOURS[hours].next_opening(moment(hours, at)) == moment(hours, opening).astimezone(dt.UTC)


def test_hours_that_never_come_do_not_loop_for_ever() -> None:
    """A slip in a file would stop the desk."""
    never = OpeningHours(Hours(SHANGHAI, {}))
    start = dt.datetime(2026, 11, 30, tzinfo=dt.UTC)
    began = time.perf_counter()
    assert never.next_opening(start) is None
    assert never.add_working_time(start, dt.timedelta(minutes=1)) is None
    assert never.working_time(start, start + dt.timedelta(days=300)) == dt.timedelta(0)
    assert not never.is_open(start)
    short = OpeningHours(Hours(SHANGHAI, {"mon": ("09:00-09:01",)}))
    assert short.add_working_time(start, dt.timedelta(days=365)) is None
    last = dt.datetime(9999, 12, 30, tzinfo=dt.UTC)
    assert HOURS["office"].add_working_time(last, dt.timedelta(days=9)) is None
    assert time.perf_counter() - began < 5


def test_a_negative_duration_is_refused() -> None:
    """A due time before the start would be computed by nobody knows which rule."""
    with pytest.raises(ValueError, match="not negative"):
        HOURS["office"].add_working_time(dt.datetime(2026, 11, 30, tzinfo=dt.UTC), dt.timedelta(minutes=-1))


@pytest.mark.parametrize(
    ("hours", "is_always"), [("always", True), ("Berlin", True), ("office", False), ("night shift", False)]
)
def test_hours_around_the_clock_are_known_as_such(hours: str, is_always: bool) -> None:
    """A customer of a queue that is always open would read of working hours."""
    assert HOURS[hours].is_always_open is is_always
    around = Hours(SHANGHAI, daily("00:00-12:00 12:00-24:00"), "china", holidays=("09:00-18:00",))
    assert not OpeningHours(around, CHINA).is_always_open
    assert OpeningHours(Hours(SHANGHAI, daily("00:00-12:00 12:00-24:00"))).is_always_open


# --- what holds for all hours -------------------------------------------------------------------------------------------

FIRST, LAST = dt.datetime(2025, 12, 1), dt.datetime(2027, 2, 1)
moments = st.datetimes(FIRST, LAST, timezones=st.just(dt.UTC)).map(lambda at: at.replace(microsecond=0))
durations = st.integers(0, 30 * 24 * 3600).map(lambda seconds: dt.timedelta(seconds=seconds))
zones = st.sampled_from([SHANGHAI, "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"])


@st.composite
def intervals(draw: st.DrawFn) -> tuple[str, ...]:
    """Up to three intervals of a day, which may touch and do not overlap."""
    ends = sorted(draw(st.sets(st.integers(0, 96), min_size=0, max_size=6)))
    pairs = zip(ends[::2], ends[1::2], strict=False)
    return tuple(f"{start // 4:02}:{start % 4 * 15:02}-{end // 4:02}:{end % 4 * 15:02}" for start, end in pairs)


@st.composite
def any_hours(draw: st.DrawFn) -> OpeningHours:
    """Opening hours with at least one hour a week."""
    days: dict[Day, tuple[str, ...]] = {day: draw(intervals()) for day in DAYS}
    days["wed"] = days["wed"] or ("04:00-05:00",)
    calendar = draw(st.sampled_from([None, CHINA]))
    more = (draw(intervals()), draw(intervals())) if calendar else ((), None)
    return OpeningHours(Hours(draw(zones), days, "china" if calendar else None, *more), calendar)


@st.composite
def any_pauses(draw: st.DrawFn) -> tuple[Pause, ...]:
    """Pauses in any order, overlapping, also reversed."""
    return tuple(Pause(draw(moments), draw(moments)) for _ in range(draw(st.integers(0, 3))))


@settings(max_examples=150, deadline=None)
@given(any_hours(), moments, durations, any_pauses())
def test_to_add_and_then_to_measure_gives_the_same(
    hours: OpeningHours, start: dt.datetime, duration: dt.timedelta, pauses: tuple[Pause, ...]
) -> None:
    """The countdown of a card would not reach zero at its deadline."""
    due = hours.add_working_time(start, duration, pauses)
    if due is None:  # one hour a week reaches ten years, and no more
        assert duration > dt.timedelta(hours=500)
        return
    assert due >= start
    assert hours.working_time(start, due, pauses) == duration
    if duration:  # the first such moment
        assert hours.working_time(start, due - dt.timedelta(seconds=1), pauses) < duration


@settings(max_examples=100, deadline=None)
@given(any_hours(), st.lists(moments, min_size=3, max_size=3), any_pauses())
def test_working_time_adds_up_and_never_runs_backwards(
    hours: OpeningHours, three: list[dt.datetime], pauses: tuple[Pause, ...]
) -> None:
    """The parts of a day would not sum up to the day."""
    first, middle, last = sorted(three)
    parts = hours.working_time(first, middle, pauses), hours.working_time(middle, last, pauses)
    whole = hours.working_time(first, last, pauses)
    assert sum(parts, dt.timedelta(0)) == whole
    assert dt.timedelta(0) <= parts[0] <= whole <= last - first
    assert whole <= hours.working_time(first, last)
    assert hours.working_time(last, first, pauses) == dt.timedelta(0)


@settings(max_examples=100, deadline=None)
@given(any_hours(), moments, moments, durations, durations)
def test_due_times_keep_their_order(
    hours: OpeningHours, start: dt.datetime, other: dt.datetime, duration: dt.timedelta, more: dt.timedelta
) -> None:
    """A case that came later, with the same level, would be due before another; or two steps would not make one."""
    due, later = (hours.add_working_time(at, duration) for at in sorted((start, other)))
    longer = hours.add_working_time(min(start, other), duration + more)
    if due is None or later is None or longer is None:
        return
    assert due <= later
    assert due <= longer
    assert longer == hours.add_working_time(due, more) or not more


@settings(max_examples=100, deadline=None)
@given(any_hours(), moments)
def test_the_next_opening_is_the_first_open_moment(hours: OpeningHours, at: dt.datetime) -> None:
    """A promise would name a moment at which nobody works, or leave out an earlier one."""
    opening = hours.next_opening(at)
    assert opening is not None
    assert opening >= at
    assert hours.is_open(opening)
    assert hours.working_time(at, opening) == dt.timedelta(0)


@settings(max_examples=40, deadline=None)
@given(any_hours(), moments)
def test_working_time_agrees_with_a_count_of_open_minutes(hours: OpeningHours, start: dt.datetime) -> None:
    """Sums of intervals and the question "is it open?" would follow different rules on the day of a change."""
    start = start.replace(second=0)
    minutes = [start + dt.timedelta(minutes=number) for number in range(26 * 60)]
    assert hours.working_time(start, start + dt.timedelta(hours=26)) == dt.timedelta(minutes=sum(map(hours.is_open, minutes)))


def test_the_zones_are_those_of_the_tests() -> None:
    """The changes of the clocks that the tables rely on would be on other days."""
    berlin = ZoneInfo("Europe/Berlin")
    assert dt.datetime(2026, 3, 29, 1, 59, tzinfo=dt.UTC).astimezone(berlin).hour == 3
    assert dt.datetime(2026, 10, 25, 1, 0, tzinfo=dt.UTC).astimezone(berlin).hour == 2
    assert (dt.date(2026, 11, 27).weekday(), dt.date(2026, 11, 30).weekday(), dt.date(2026, 10, 1).weekday()) == (4, 0, 3)
