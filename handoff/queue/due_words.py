"""How a due time comes about, for people, in the languages of the agents. Pure.

"14:00 Tuesday: 2 working hours from 17:30 Friday, Monday is a holiday".
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

from content.calendars import Holiday
from handoff.queue.clocks import OpeningHours

_DAY = dt.timedelta(days=1)
_ZH_DAYS = "周一", "周二", "周三", "周四", "周五", "周六", "周日"
_EN_DAYS = "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"
#: Weekdays name the days of a shorter stretch; a longer one needs dates.
_WEEK = 7
#: Longer stretches are not searched for holidays day by day: nobody reads such a list.
_LONGEST_DAYS = 400


def explanation(
    hours: OpeningHours,
    since: dt.datetime,
    due_at: dt.datetime,
    allowed: dt.timedelta,
    *,
    is_paused: bool,
) -> dict[str, str]:
    """The words for a due time: `{zh, en}`. Times are those of the wall clock of the queue.

    `allowed`: the opening hours from `since` to `due_at`, without pauses.
    """
    start, due = hours.local(since), hours.local(due_at)
    days = (due.date() - start.date()).days
    with_dates = days >= _WEEK
    zh_day = _zh_date if with_dates else _zh_weekday
    en_day = _en_date if with_dates else _en_weekday
    is_one_day = days == 0
    kind = not hours.is_always_open
    zh_gap = "" if with_dates else " "  # the date ends with a bracket
    zh_from = f" {start:%H:%M}" if is_one_day else f"{zh_day(start.date())}{zh_gap}{start:%H:%M}"
    en_from = f"{start:%H:%M}" if is_one_day else f"{start:%H:%M} {en_day(start.date())}"
    zh = [f"自{zh_from} 起 {_zh_duration(allowed, is_working=kind)}"]
    en = [f"{_en_duration(allowed, is_working=kind)} from {en_from}"]
    for first, last, holiday in _holidays(hours, start.date(), due.date()):
        zh.append(f"{_range(zh_day, first, last, '至')}为节假日（{holiday.zh}）")
        en.append(f"{_range(en_day, first, last, ' to ')} {'is a holiday' if first == last else 'are holidays'} ({holiday.en})")
    for date in _workdays(hours, start.date(), due.date()):
        zh.append(f"{zh_day(date)}调休上班")
        en.append(f"{en_day(date)} is a make-up working day")
    for year in sorted({start.year, due.year}):
        if not hours.knows(year):
            zh.append(f"{year} 年的节假日安排尚未录入")
            en.append(f"the holidays of {year} are not known")
    paused = hours.working_time(since, due_at) - allowed
    if is_paused:
        zh.append("客户待回复，计时已暂停")
        en.append("paused while the customer owes an answer")
    elif paused >= dt.timedelta(minutes=1):
        zh.append(f"其间等客户回复的 {_zh_duration(paused, is_working=kind)}不计")
        en.append(f"without {_en_duration(paused, is_working=kind)} in which the customer owed an answer")
    return {
        "zh": f"{zh_day(due.date())}{zh_gap}{due:%H:%M}：{'，'.join(zh)}",
        "en": f"{due:%H:%M} {en_day(due.date())}: {', '.join(en)}",
    }


def _zh_weekday(date: dt.date) -> str:
    return _ZH_DAYS[date.weekday()]


def _en_weekday(date: dt.date) -> str:
    return _EN_DAYS[date.weekday()]


def _zh_date(date: dt.date) -> str:
    return f"{date.month}月{date.day}日（{_zh_weekday(date)}）"


def _en_date(date: dt.date) -> str:
    return f"{_en_weekday(date)} {date.day} {date:%B}"


def _range(name: Callable[[dt.date], str], first: dt.date, last: dt.date, joint: str) -> str:
    return name(first) if first == last else f"{name(first)}{joint}{name(last)}"


def _zh_duration(duration: dt.timedelta, *, is_working: bool) -> str:
    hours, minutes = _rounded(duration)
    parts = [f"{hours} {'个工作' if is_working else ''}小时"] if hours else []
    if minutes or not hours:
        parts.append(f"{minutes} 分钟" if hours or not is_working else f"{minutes} 个工作分钟")
    return " ".join(parts)


def _en_duration(duration: dt.timedelta, *, is_working: bool) -> str:
    hours, minutes = _rounded(duration)
    work = "working " if is_working else ""
    parts = [f"{hours} {work}{'hour' if hours == 1 else 'hours'}"] if hours else []
    if minutes or not hours:
        parts.append(f"{minutes} {'' if hours else work}{'minute' if minutes == 1 else 'minutes'}")
    return " ".join(parts)


def _rounded(duration: dt.timedelta) -> tuple[int, int]:
    return divmod(round(duration.total_seconds() / 60), 60)


def _holidays(hours: OpeningHours, first: dt.date, last: dt.date) -> Iterator[tuple[dt.date, dt.date, Holiday]]:
    """The holidays from one date to another, as far as they lie in between: first day, last day, holiday."""
    begun: tuple[dt.date, dt.date, Holiday] | None = None
    for date in _dates(first, last):
        holiday = hours.holiday_on(date)
        if begun is not None and holiday is begun[2]:
            begun = (begun[0], date, holiday)
            continue
        if begun is not None:
            yield begun
        begun = (date, date, holiday) if holiday is not None else None
    if begun is not None:
        yield begun


def _workdays(hours: OpeningHours, first: dt.date, last: dt.date) -> Iterator[dt.date]:
    return (date for date in _dates(first, last) if hours.is_workday(date))


def _dates(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    return (first + number * _DAY for number in range(min((last - first).days, _LONGEST_DAYS) + 1))
