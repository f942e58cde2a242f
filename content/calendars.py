"""Calendars of public holidays and make-up working days (`data/calendars/*.yml`)."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated, Any, Dict, Iterator, List, Literal, Optional, Sequence, Tuple

import msgspec

from content.sources import ContentError, Strict, line_of, load_mapping, shaped

FOLDER = "calendars"
_Words = Annotated[str, msgspec.Meta(min_length=1)]
_DAY = dt.timedelta(days=1)
#: Python's number of Saturday.
_SATURDAY = 5


class Holiday(Strict, frozen=True):
    """Some days in a row on which people are free, both ends included, and their name."""

    first: dt.date
    last: dt.date
    zh: _Words
    en: _Words

    def days(self) -> Iterator[dt.date]:
        """Each of the days."""
        return (self.first + number * _DAY for number in range((self.last - self.first).days + 1))


class CalendarYear(Strict, frozen=True):
    """What is officially known of one year. `source`: the notice. `workdays`: weekend days on which people work."""

    source: _Words
    holidays: Tuple[Holiday, ...]
    workdays: Tuple[dt.date, ...] = ()


class Calendar(Strict, frozen=True):
    """One file. A year that is not in `years` is unknown, which is not the same as a year without holidays."""

    version: Literal[1]
    zh: _Words
    en: _Words
    years: Dict[int, CalendarYear]

    def covers(self, year: int) -> bool:
        """Whether the holidays of a year are known."""
        return year in self.years

    def holiday_on(self, date: dt.date) -> Optional[Holiday]:
        """The holiday to which a date belongs."""
        year = self.years.get(date.year)
        return next((holiday for holiday in year.holidays if holiday.first <= date <= holiday.last), None) if year else None

    def is_workday(self, date: dt.date) -> bool:
        """Whether a date is a make-up working day."""
        year = self.years.get(date.year)
        return year is not None and date in year.workdays


def calendar_files(folder: Path) -> List[Path]:
    """The files of the calendars below a content folder, sorted."""
    return sorted((folder / FOLDER).glob("*.yml"))


def load_calendars(folder: Path) -> Dict[str, Calendar]:
    """All calendars of a content folder by the names of their files. Raises ContentError with file, line and fix."""
    return {path.stem: load_calendar(path) for path in calendar_files(folder)}


def load_calendar(path: Path) -> Calendar:
    """One calendar.

    Raises ContentError for a date that stands twice or in the block of another year, a holiday that ends before it begins, and
    a make-up day that is no Saturday or Sunday.
    """
    document = load_mapping(path, Calendar)
    calendar = shaped(Calendar, path, document)
    for number, year in calendar.years.items():
        _check_year(path, document, number, year)
    return calendar


def _check_year(path: Path, document: Any, number: int, year: CalendarYear) -> None:
    seen: Dict[dt.date, str] = {}

    def fail(place: Sequence[Any], problem: str) -> ContentError:
        location = ["years", number, *place]
        return ContentError(path, line_of(document, location), f"{'.'.join(map(str, location))}: {problem}")

    for index, holiday in enumerate(year.holidays):
        place = ["holidays", index]
        if holiday.last < holiday.first:
            raise fail(place, f"the holiday ends on {holiday.last}, before it begins on {holiday.first}: correct one of them")
        if {holiday.first.year, holiday.last.year} != {number}:
            problem = f"{holiday.first} to {holiday.last} is not all in {number}: put the days of each year in its own block"
            raise fail(place, problem)
        for date in holiday.days():
            if date in seen:
                raise fail(place, f"{date} stands here and in {seen[date]}: remove it from one of them")
            seen[date] = f"holidays ({holiday.zh})"
    for index, date in enumerate(year.workdays):
        place = ["workdays", index]
        if date.year != number:
            raise fail(place, f"{date} is not in {number}: put it in the block of its year")
        if date.weekday() < _SATURDAY:
            raise fail(place, f"{date} is a {date:%A}, and a make-up working day is a Saturday or Sunday: correct the date")
        if date in seen:
            raise fail(place, f"{date} stands here and in {seen[date]}: remove it from one of them")
        seen[date] = "workdays"
