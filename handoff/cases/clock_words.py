"""How a due time explains itself, in the words of `duties.explanations` in data/desk.yml."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from content.bundle import DeskContent
from content.desk_policy import file_locale
from content.templates import fill
from contract.locales import FILE_LOCALES, TRADITIONAL
from handoff.conversations.care.case_values import CaseClock, Days
from language.recognition import written_as

_Write = Callable[..., str]


def explanation(clock: CaseClock, content: DeskContent) -> dict[str, str]:
    """How the due time comes about, for agents: `{zh, en}`."""
    return {locale: explained(clock, content, locale) for locale in FILE_LOCALES}


def explained(clock: CaseClock, content: DeskContent, locale: str) -> str:
    """How the due time comes about: the rule, from when, which days did not count, what may change."""
    texts = content.desk.duties.explanations.get(file_locale(locale))
    if texts is None or clock.started_at is None or clock.due_at is None:
        return ""
    parts = _parts(clock, content, texts, file_locale(locale))
    words = " ".join(parts) if file_locale(locale) == "en" else "".join(parts)
    return content.traditional.convert(words) if written_as(locale) == TRADITIONAL else words


def _parts(clock: CaseClock, content: DeskContent, texts: Mapping[str, str], locale: str) -> list[str]:
    def write(text: str, /, **values: Any) -> str:
        return fill(texts[text], values)

    is_en, zone = locale == "en", ZoneInfo(clock.zone)
    names = (clock.duty_en, clock.en) if is_en else (clock.duty_zh, clock.zh)
    length = write(clock.unit, count=clock.within)
    rule = "rule_before" if clock.is_before else "rule"
    parts = [write(rule, duty=names[0], clock=names[1], length=length)]
    start = moment(clock.started_at, zone) if clock.started_at else ""
    if clock.merged_from is not None:
        parts.append(write("from_merged", start=start, zone=clock.zone, case=clock.merged_from))
    else:
        origin = f"from_{clock.starts}"
        parts.append(write(origin if origin in texts else "from_claim", start=start, zone=clock.zone))
    if clock.unit.endswith(("days", "day")):
        parts.append(write("day_zero"))
    if clock.extended is not None:
        name = clock.extended.en if is_en else clock.extended.zh
        by = [clock.extended.asked_by, clock.extended.by] if clock.extended.asked_by else [clock.extended.by]
        parts.append(write("extended", extension=name, by=texts["join"].join(each for each in by if each)))
    parts += _days_left_out(clock, write, zone, locale, texts["join"])
    if clock.lifted_by is not None:
        duty = content.duties.get(clock.duty)
        fact = duty.flags.get(clock.lifted_by) if duty else None
        parts.append(write("lifted", fact=(fact.en if is_en else fact.zh) if fact else clock.lifted_by))
    if clock.unknown_years:
        parts.append(write("unknown_years", years=texts["join"].join(str(year) for year in clock.unknown_years)))
    parts.append(write("due", due=moment(clock.due_at, zone) if clock.due_at else ""))
    return parts


def _days_left_out(clock: CaseClock, write: _Write, zone: ZoneInfo, locale: str, join: str) -> list[str]:
    parts = []
    if clock.skipped:
        parts.append(write("skipped", days=join.join(_days(each, write, locale) for each in clock.skipped)))
    if clock.worked:
        parts.append(write("worked", days=join.join(_day(day, write) for day in clock.worked)))
    over = [
        write("days", first=moment(pause.start, zone), last=moment(pause.end, zone))
        for pause in clock.pauses
        if pause.end is not None
    ]
    if over:
        parts.append(write("paused", days=join.join(over)))
    if clock.is_paused:
        parts.append(write("is_paused", since=moment(clock.pauses[-1].start, zone)))
    if clock.latest is not None:
        parts.append(write("latest", length=write(clock.unit, count=clock.latest)))
    return parts


def _days(days: Days, write: _Write, locale: str) -> str:
    first = _day(days.first, write)
    words = first if days.first == days.last else write("days", first=first, last=_day(days.last, write))
    name = (days.en if locale == "en" else days.zh) or write("weekend")
    return write("named_days", days=words, name=name)


def _day(iso: str, write: _Write) -> str:
    date = dt.date.fromisoformat(iso)
    return write("day", year=date.year, month=date.month, day=date.day, date=f"{date.day} {date:%b} {date.year}")


def moment(at: dt.datetime, zone: ZoneInfo) -> str:
    """A moment on the wall clock of a zone, the same in all languages: 2026-12-01 09:30."""
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"
