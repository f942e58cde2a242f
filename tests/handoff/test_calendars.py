"""Calendars of holidays and make-up working days: what the editors' file says, what is refused, and which years are missing."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import msgspec
import pytest

from content.bundle import DeskContent
from content.calendars import load_calendar
from content.compiler import load_desk_content
from content.sources import ContentError
from content.staffing_warnings import calendar_warnings, people_warnings
from tests.handoff.conftest import DATA

CHINA = DATA / "calendars/china.yml"


def days(*spans: str) -> set[dt.date]:
    """The dates of spans such as "2026-01-01..03"."""
    dates = set()
    for span in spans:
        first, _, last = span.partition("..")
        begin = dt.date.fromisoformat(first)
        end = begin.replace(day=int(last)) if last else begin
        dates |= {begin + dt.timedelta(days=number) for number in range((end - begin).days + 1)}
    return dates


def test_the_year_2026_is_what_the_state_council_announced() -> None:
    """A deadline would count a holiday as a working day, or the other way round."""
    calendar = load_calendar(CHINA)
    year = [dt.date(2026, 1, 1) + dt.timedelta(days=number) for number in range(365)]
    assert {date for date in year if calendar.holiday_on(date)} == days(
        "2026-01-01..03",  # 元旦：1月1日（周四）至3日（周六）
        "2026-02-15..23",  # 春节：2月15日（周日）至23日（周一）
        "2026-04-04..06",  # 清明节：4月4日（周六）至6日（周一）
        "2026-05-01..05",  # 劳动节：5月1日（周五）至5日（周二）
        "2026-06-19..21",  # 端午节：6月19日（周五）至21日（周日）
        "2026-09-25..27",  # 中秋节：9月25日（周五）至27日（周日）
        "2026-10-01..07",  # 国庆节：10月1日（周四）至7日（周三）
    )
    assert {date for date in year if calendar.is_workday(date)} == days(
        "2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"
    )
    assert calendar.covers(2026)
    assert not calendar.covers(2025)
    assert "国务院办公厅" in calendar.years[2026].source


def test_a_year_that_is_not_known_has_no_days_of_its_own() -> None:
    """A guessed holiday would close a queue on a day on which people work."""
    calendar = load_calendar(CHINA)
    assert calendar.holiday_on(dt.date(2031, 10, 1)) is None
    assert not calendar.is_workday(dt.date(2031, 10, 11))


FIRST = "{first: 2026-01-01, last: 2026-01-03, zh: 元旦, en: New Year's Day}"

BROKEN = {
    "a date in two holidays": (
        "first: 2026-04-04, last: 2026-04-06",
        "first: 2026-02-23, last: 2026-04-06",
        r"years\.2026\.holidays\.2: 2026-02-23 stands here and in holidays \(春节\): remove it from one",
    ),
    "a make-up day inside a holiday": (
        "workdays: [2026-01-04,",
        "workdays: [2026-01-03,",
        r"years\.2026\.workdays\.0: 2026-01-03 stands here and in holidays \(元旦\)",
    ),
    "a make-up day twice": (
        "2026-10-10]",
        "2026-01-04]",
        r"years\.2026\.workdays\.5: 2026-01-04 stands here and in workdays",
    ),
    "a make-up day that is a weekday": (
        "2026-05-09,",
        "2026-05-08,",
        r"years\.2026\.workdays\.3: 2026-05-08 is a Friday, and a make-up working day is a Saturday or Sunday",
    ),
    "a make-up day of another year": (
        "2026-10-10]",
        "2025-10-11]",
        r"years\.2026\.workdays\.5: 2025-10-11 is not in 2026: put it in the block of its year",
    ),
    "a holiday of another year": (
        "{first: 2026-01-01,",
        "{first: 2025-12-31,",
        r"years\.2026\.holidays\.0: 2025-12-31 to 2026-01-03 is not all in 2026: put the days of each year in its own block",
    ),
    "a holiday that ends before it begins": (
        "first: 2026-06-19, last: 2026-06-21",
        "first: 2026-06-21, last: 2026-06-19",
        r"years\.2026\.holidays\.4: the holiday ends on 2026-06-19, before it begins on 2026-06-21",
    ),
    "a day that does not exist": (
        "last: 2026-01-03",
        "last: 2026-02-30",
        r"not YAML: 2026-02-30 is no date \(day is out of range for month\)",
    ),
    "a date as a text": ("last: 2026-01-03", "last: tomorrow", r"years\.2026\.holidays\.0\.last: invalid date: write it as"),
    "a holiday without a name": (
        ", zh: 元旦, en: New Year's Day",
        ", zh: 元旦",
        r"years\.2026\.holidays\.0\.en: field required",
    ),
    "a misspelt field": ("    workdays:", "    workday:", r"years\.2026\.workday: extra fields are not permitted"),
    "a year that is a word": ("  2026:", "  next:", r"years\.next: the name: not a whole number"),
    "no source": ("    source:", "    src:", r"years\.2026\.source: field required"),
}


@pytest.mark.parametrize(("old", "new", "problem"), BROKEN.values(), ids=BROKEN)
def test_a_fault_is_named_with_its_line_and_the_fix(tmp_path: Path, old: str, new: str, problem: str) -> None:
    """A slip in the calendar would open or close all queues on a wrong day."""
    text = CHINA.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "china.yml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ContentError) as raised:
        load_calendar(path)
    assert re.search(rf"china\.yml:\d+: {problem}", str(raised.value)), raised.value


@pytest.fixture(scope="module")
def content() -> DeskContent:
    """The editors' content: queues with the calendar of China, in which only 2026 is known."""
    return load_desk_content(DATA)


def at(text: str) -> dt.datetime:
    """A moment in China."""
    return dt.datetime.fromisoformat(f"{text}+08:00")


WARNED = [
    ("2026-11-30 12:00", []),
    ("2026-12-01 23:59", []),
    ("2026-12-02 00:00", [("calendar_ends", 2027)]),
    ("2026-12-31 23:59", [("calendar_ends", 2027)]),
    ("2027-01-01 00:00", [("calendar_missing", 2027)]),
    ("2027-11-30 12:00", [("calendar_missing", 2027)]),
    ("2027-12-15 12:00", [("calendar_missing", 2027), ("calendar_ends", 2028)]),
    ("2025-12-31 23:59", [("calendar_missing", 2025)]),
    ("2040-06-01 12:00", [("calendar_missing", 2040)]),
]


@pytest.mark.parametrize(("now", "expected"), WARNED)
def test_a_year_without_data_is_warned_about(content: DeskContent, now: str, expected: list[tuple[str, int]]) -> None:
    """A year would silently have no holidays; or the warning would come when the year has begun."""
    warnings = calendar_warnings(content, at(now))
    assert [(warning.code, int(warning.about)) for warning in warnings] == expected
    for warning, (_, year) in zip(warnings, expected):
        assert f"{year} 年" in warning.zh
        assert "china.yml" in warning.zh
        assert f"{year}" in warning.en
        assert warning.as_json() == {"code": warning.code, "zh": warning.zh, "en": warning.en}


def test_a_calendar_that_no_queue_uses_is_not_warned_about(content: DeskContent) -> None:
    """Supervisors would read warnings that change nothing, and stop to read warnings."""
    queues = {name: msgspec.structs.replace(queue, hours="always") for name, queue in content.desk.queues.items()}
    unused = msgspec.structs.replace(content, desk=msgspec.structs.replace(content.desk, queues=queues))
    assert calendar_warnings(unused, at("2040-06-01 12:00")) == []


def test_people_without_an_account_are_warned_about(content: DeskContent) -> None:
    """A misspelt login would leave a person with the skills of everyone, and nobody would see it."""
    person = content.desk.everyone
    desk = msgspec.structs.replace(content.desk, people={"ming": person, "hua": person, "hau": person})
    warnings = people_warnings(msgspec.structs.replace(content, desk=desk), {"ming", "hua", "lei"})
    assert [(warning.code, warning.about) for warning in warnings] == [("unknown_person", "hau")]
    assert "hau" in warnings[0].zh
    assert "hau" in warnings[0].en
    assert people_warnings(content, set()) == []
