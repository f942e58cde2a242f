"""The stretch of time that figures are about, and what else they depend on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args
from zoneinfo import ZoneInfo

from handoff.figures.episodes import RECONTACT, Handoff
from handoff.runtime.errors import BadInput

By = Literal["reason", "queue", "agent", "day", "hour"]
GROUPINGS: tuple[By, ...] = get_args(By)
_LONGEST = dt.timedelta(days=400)
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Window:
    """A half-open stretch of time: `start` counts, `end` does not. Days and hours are those of `zone`.

    `as_of`: the moment of the reading. What needs 72 hours is counted only when they are over by then.
    """

    start: dt.datetime
    end: dt.datetime
    zone: ZoneInfo
    as_of: dt.datetime

    def contains(self, at: dt.datetime) -> bool:
        """Whether a moment is in the window."""
        return self.start <= at < self.end

    def is_settled(self, at: dt.datetime) -> bool:
        """Whether the 72 hours after a moment are over."""
        return at + RECONTACT <= self.as_of

    def day_of(self, at: dt.datetime) -> str:
        """The date of a moment: `2026-11-30`."""
        return at.astimezone(self.zone).date().isoformat()

    def hour_of(self, at: dt.datetime) -> str:
        """The hour of the day of a moment: `00` to `23`."""
        return f"{at.astimezone(self.zone).hour:02d}"

    def days(self) -> list[str]:
        """All days of the window, in order."""
        day, last = self.start.astimezone(self.zone).date(), (self.end - dt.timedelta.resolution).astimezone(self.zone).date()
        return [(day + n * _DAY).isoformat() for n in range((last - day).days + 1)]


@dataclass(frozen=True)
class Rules:
    """What editors decide and figures depend on: a changed rule changes the past as well.

    `queue_of`: the queue of a reason, a queue that a transfer chose, and a lane. `breach_of`: when the promise of the
    first response was broken, or will be without an answer; None: no promise.
    """

    queue_of: Callable[[str | None, str | None, str | None], str]
    breach_of: Callable[[Handoff], dt.datetime | None]


def window_of(start: str, end: str, zone: ZoneInfo, now: dt.datetime) -> Window:
    """The window between two dates or times of a request; it ends now if `end` is later. Raises BadInput."""
    first, last = _moment(start, zone), min(_moment(end, zone), now)
    if not first < last:
        zh, en = "时间范围是空的，或者还没有开始。", "The window is empty, or has not begun."
        raise BadInput("bad_window", zh, en)
    if last - first > _LONGEST:
        raise BadInput("bad_window", "时间范围最长 400 天。", "A window has at most 400 days.")
    return Window(first, last, zone, now)


def grouping_of(by: str | None) -> By | None:
    """The grouping of a request. Raises BadInput."""
    if by is None or by in GROUPINGS:
        return by
    raise BadInput("bad_request", "请求不正确：by。", f"by: one of {', '.join(GROUPINGS)}.", field="by")


def _moment(text: str, zone: ZoneInfo) -> dt.datetime:
    """A date (its midnight in the zone) or an ISO time with offset, in UTC."""
    try:
        moment = dt.datetime.fromisoformat(text)
        if moment.tzinfo is None:
            midnight = dt.datetime.combine(dt.date.fromisoformat(text), dt.time(), zone)
            return midnight.astimezone(dt.UTC)
        return moment.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        zh = "时间不正确：请写日期（2026-11-01）或带时区的时间。"
        raise BadInput("bad_window", zh, "Give a date (2026-11-01), or a time with offset.") from None
