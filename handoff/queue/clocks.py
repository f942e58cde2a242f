"""Working time: what of a stretch of time lies in opening hours, and when an amount of it will have passed. Pure.

All moments are aware; results are in UTC. Everything is computed in UTC, because Python subtracts two times of one zone as the
wall clock shows them. A minute of working time is a real minute: on the day on which the clocks are put forward, 00:00-24:00
has 23 hours. A wall-clock time that such a change skips means the moment of the change. A wall-clock time that comes twice
means the first of the two.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterable, Iterator, Sequence
from zoneinfo import ZoneInfo

from content.bundle import DeskContent
from content.calendars import Calendar, Holiday
from content.staffing import DAYS, Hours, parse_interval
from handoff.conversations.values import Pause

_DAY = dt.timedelta(days=1)
_NONE = dt.timedelta(0)
#: So far the search for opening hours goes: ten years. Hours that come later, or never, are no hours.
_LONGEST_DAYS = 3660
#: Days whose opening hours are kept.
_DAYS_KEPT = 4096

#: Start and end of a stretch of opening hours, in UTC.
Stretch = tuple[dt.datetime, dt.datetime]


class OpeningHours:
    """When people work: the hours of a queue with their calendar. The content's check has found all faults before."""

    def __init__(self, hours: Hours, calendar: Calendar | None = None) -> None:
        self.zone = ZoneInfo(hours.zone)
        self.calendar = calendar
        self._week = [_intervals(hours.week.get(day, ())) for day in DAYS]
        self._holidays = _intervals(hours.holidays)
        self._workdays = self._week[0] if hours.workdays is None else _intervals(hours.workdays)
        self.stretches_of = functools.lru_cache(maxsize=_DAYS_KEPT)(self._stretches_of)

    @property
    def is_always_open(self) -> bool:
        """Whether there is no closed minute."""
        whole_day = [(0, 24 * 60)]
        days = [*self._week, *([self._holidays, self._workdays] if self.calendar else [])]
        return all(_joined(day) == whole_day for day in days)

    def holiday_on(self, date: dt.date) -> Holiday | None:
        """The holiday to which a date belongs."""
        return self.calendar.holiday_on(date) if self.calendar else None

    def is_workday(self, date: dt.date) -> bool:
        """Whether a date is a make-up working day."""
        return self.calendar is not None and self.calendar.is_workday(date)

    def knows(self, year: int) -> bool:
        """Whether the holidays of a year are known. Without a calendar there are no holidays, so nothing is unknown."""
        return self.calendar is None or self.calendar.covers(year)

    def local(self, at: dt.datetime) -> dt.datetime:
        """A moment on these people's wall clock."""
        return at.astimezone(self.zone)

    def is_open(self, at: dt.datetime) -> bool:
        """Whether people work at a moment. They do at the beginning of an interval, and no longer at its end."""
        at = at.astimezone(dt.UTC)
        return any(start <= at < end for start, end in self.stretches_of(self.local(at).date()))

    def next_opening(self, at: dt.datetime) -> dt.datetime | None:
        """The first moment from `at` on at which people work; None if there is none within ten years."""
        at = at.astimezone(dt.UTC)
        stretch = next(self._stretches_from(at), None)
        return max(at, stretch[0]) if stretch else None

    def working_time(self, start: dt.datetime, end: dt.datetime, pauses: Iterable[Pause] = ()) -> dt.timedelta:
        """The opening hours between two moments, without the pauses; 0 if the end comes first, as after a clock jump."""
        start, end = start.astimezone(dt.UTC), end.astimezone(dt.UTC)
        return sum((self._open_between(*each) for each in _between_pauses(start, end, pauses)), _NONE)

    def add_working_time(self, start: dt.datetime, duration: dt.timedelta, pauses: Iterable[Pause] = ()) -> dt.datetime | None:
        """The first moment at which a duration of opening hours has passed since `start`, pauses not counted.

        None if it does not come within ten years, or there are no opening hours. Raises ValueError for a negative duration.
        """
        if duration < _NONE:
            raise ValueError(f"a duration is not negative: {duration}")
        at, left = start.astimezone(dt.UTC), duration
        for pause in _merged(pauses):
            if pause.end <= at:
                continue
            passed = self._open_between(at, pause.start)
            if passed >= left:
                break
            at, left = pause.end, left - passed
        return self._after(at, left)

    def _after(self, at: dt.datetime, left: dt.timedelta) -> dt.datetime | None:
        if left == _NONE:
            return at
        for start, end in self._stretches_from(at):
            begin = max(at, start)
            if end - begin >= left:
                return begin + left
            left -= end - begin
        return None

    def _open_between(self, start: dt.datetime, end: dt.datetime) -> dt.timedelta:
        total = _NONE
        if end <= start:
            return total
        for date in _dates(self.local(start).date(), self.local(end).date()):
            for opens, closes in self.stretches_of(date):
                total += max(_NONE, min(end, closes) - max(start, opens))
        return total

    def _stretches_from(self, at: dt.datetime) -> Iterator[Stretch]:
        """The stretches that end after a moment, in order, for ten years."""
        first = self.local(at).date()
        for date in _dates(first, _later(first, _LONGEST_DAYS)):
            yield from (stretch for stretch in self.stretches_of(date) if stretch[1] > at)

    def _stretches_of(self, date: dt.date) -> tuple[Stretch, ...]:
        """The opening hours of a local date, in order."""
        if self.holiday_on(date) is not None:
            intervals = self._holidays
        elif self.is_workday(date):
            intervals = self._workdays
        else:
            intervals = self._week[date.weekday()]
        stretches = ((self._moment(date, start), self._moment(date, end)) for start, end in intervals)
        return tuple((start, end) for start, end in stretches if start < end)

    def _moment(self, date: dt.date, minutes: int) -> dt.datetime:
        """A wall-clock time of a local date in UTC; 1440 minutes are the next midnight."""
        wall = dt.datetime.combine(date, dt.time()) + dt.timedelta(minutes=minutes)
        moment = wall.replace(tzinfo=self.zone).astimezone(dt.UTC)
        if self.local(moment).replace(tzinfo=None) == wall:
            return moment
        # The clocks skip this time. With the offset before the change it lies after the change, with the other one before it.
        return self._change(wall.replace(tzinfo=self.zone, fold=1).astimezone(dt.UTC), moment)

    def _change(self, before: dt.datetime, after: dt.datetime) -> dt.datetime:
        """The moment between two others, to the second, from which on the zone has the offset of the later one."""
        offset = self.local(after).utcoffset()
        low, high = 0, int((after - before).total_seconds())
        while high - low > 1:
            middle = (low + high) // 2
            if self.local(before + dt.timedelta(seconds=middle)).utcoffset() == offset:
                high = middle
            else:
                low = middle
        return before + dt.timedelta(seconds=high)


@functools.lru_cache(maxsize=4)
def opening_hours(content: DeskContent) -> dict[str, OpeningHours]:
    """The opening hours of each queue, by its id. Computed once for each published content."""
    desk = content.desk
    made = {
        name: OpeningHours(hours, content.calendars[hours.calendar] if hours.calendar else None)
        for name, hours in desk.hours.items()
    }
    return {name: made[queue.hours] for name, queue in desk.queues.items()}


def _intervals(texts: Sequence[str]) -> list[tuple[int, int]]:
    return sorted(parse_interval(text) for text in texts)


def _joined(intervals: list[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in intervals:
        if joined and joined[-1][1] >= start:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _dates(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    return (first + number * _DAY for number in range((last - first).days + 1))


def _later(date: dt.date, days: int) -> dt.date:
    # One day less than the calendar has, so that each day's end can be written.
    return min(dt.date.max - 2 * _DAY, date + min(days, (dt.date.max - date).days) * _DAY)


def _merged(pauses: Iterable[Pause]) -> list[Pause]:
    """The pauses in order and without overlaps. One that ends before it starts, as after a jump of the clock, is none."""
    merged: list[Pause] = []
    in_utc = (Pause(each.start.astimezone(dt.UTC), each.end.astimezone(dt.UTC)) for each in pauses)
    for pause in sorted((each for each in in_utc if each.start < each.end), key=lambda each: each.start):
        if merged and pause.start <= merged[-1].end:
            merged[-1] = Pause(merged[-1].start, max(pause.end, merged[-1].end))
        else:
            merged.append(pause)
    return merged


def _between_pauses(start: dt.datetime, end: dt.datetime, pauses: Iterable[Pause]) -> Iterator[Stretch]:
    at = start
    for pause in _merged(pauses):
        if at < pause.start:
            yield at, min(end, pause.start)
        at = max(at, pause.end)
    yield at, end
