"""What is owed to a customer by law or by the house, with its clocks (`data/duties/*.yml`).

Each file is one jurisdiction. Everything in it is dated data with its source. It is "to be confirmed by counsel" until an
operator sets `confirmed: true` with a name and a date. `duties` in data/desk.yml says which of the duties count here.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from pathlib import Path
from typing import Annotated, Any, Dict, List, Literal, NoReturn, Optional, Sequence, Tuple

import msgspec

from content.calendars import Calendar
from content.sources import ContentError, Strict, line_of, load_mapping, load_yaml, shaped
from content.staffing import Name

FOLDER = "duties"
_Words = Annotated[str, msgspec.Meta(min_length=1)]
#: No clock is longer than this: more is a slip.
_LONGEST = {
    "minutes": 60 * 24 * 30,
    "hours": 24 * 90,
    "calendar_days": 400,
    "business_days": 270,
    "end_of_next_business_day": 1,
}

#: How a clock counts. The day on which it starts is day 0; it is due at the end of the last day.
Unit = Literal["minutes", "hours", "calendar_days", "business_days", "end_of_next_business_day"]
#: What a clock counts from: the customer's sentence, or a step of the case.
Start = Literal["claim", "decision", "take_back", "planned_stop", "planned_change", "year_end"]
#: What can happen in a case, and meets a clock. `first_word`: an agent wrote. `resolution`: an agent closed the conversation.
Step = Literal["first_word", "result", "decision", "credit", "refund", "correction", "told", "holding_reply", "resolution"]
STEPS: Tuple[Step, ...] = (
    "first_word",
    "result",
    "decision",
    "credit",
    "refund",
    "correction",
    "told",
    "holding_reply",
    "resolution",
)
#: Who may extend a clock: an agent, a supervisor, or a supervisor after somebody else has asked for it.
Approver = Literal["agent", "supervisor", "second_person"]
_Length = Annotated[int, msgspec.Meta(gt=0)]


class Variant(Strict, frozen=True):
    """Another length of a clock when a fact of the case is so (`flags` of the duty). The first that applies counts."""

    when: str
    within: _Length


class Extension(Strict, frozen=True):
    """A longer time: `to` counts from the start of the clock, in its unit. `after`: the extension that must come first.

    `holding_reply`: the customer must be told in the same step.
    """

    zh: _Words
    en: _Words
    to: _Length
    approver: Approver
    after: Optional[str] = None
    holding_reply: bool = False


class Pausing(Strict, frozen=True):
    """The clock may stand still. `latest`: it is due after so much at the latest, whatever the pauses, in the clock's unit."""

    latest: _Length


class DutyClock(Strict, frozen=True):
    """One clock of a duty. `met_by`: the steps of which each meets it.

    `is_before`: the time before the start, such as a notice before a planned step. `lifted_by`: a fact of the case that ends
    the clock. `needs`: a fact without which it does not run. `shown`: whether the customer's pages show it.
    """

    zh: _Words
    en: _Words
    unit: Unit
    within: _Length = 1
    starts: Start = "claim"
    met_by: Tuple[Step, ...] = ()
    variants: Tuple[Variant, ...] = ()
    extensions: Dict[str, Extension] = {}
    pausing: Optional[Pausing] = None
    is_before: bool = False
    lifted_by: Optional[str] = None
    needs: Optional[str] = None
    shown: bool = True


class Duty(Strict, frozen=True):
    """One duty. `reasons`: the cases that it applies to; none: it is a standing duty, no case opens it.

    `as_of`: when the figures were looked up. `flags`: facts of a case that change its clocks. `rules`: what holds besides.
    `no_judge_in_own_case`: the person complained of does not decide.
    """

    zh: _Words
    en: _Words
    source: _Words
    as_of: dt.date
    zone: str
    confirmed: bool = False
    confirmed_by: Optional[_Words] = None
    confirmed_on: Optional[dt.date] = None
    calendar: Optional[str] = None
    reasons: Tuple[str, ...] = ()
    flags: Dict[str, Name] = {}
    clocks: Dict[str, DutyClock] = {}
    rules: Tuple[Name, ...] = ()
    no_judge_in_own_case: bool = False


class DutyFile(Strict, frozen=True):
    """`data/duties/<jurisdiction>.yml`."""

    version: Literal[1]
    zh: _Words
    en: _Words
    duties: Dict[str, Duty]


def duty_files(folder: Path) -> List[Path]:
    """The files of the duties below a content folder, sorted."""
    return sorted((folder / FOLDER).glob("*.yml"))


def load_duties(folder: Path, calendars: Dict[str, Calendar]) -> Dict[str, Duty]:
    """All duties of a content folder by their ids. Raises ContentError with file, line and fix.

    Refused: an unknown time zone, calendar or fact; a calendar without a single year; business days without a calendar; an
    extension that is not longer than the clock, or follows an unknown one; `confirmed` without a name and a date; an id twice.
    """
    found: Dict[str, Duty] = {}
    homes: Dict[str, str] = {}
    for path in duty_files(folder):
        document = load_mapping(path, DutyFile)
        for name, duty in shaped(DutyFile, path, document).duties.items():
            if name in found:
                place = ["duties", name]
                raise ContentError(
                    path, line_of(document, place), f"duties.{name}: this id is in {homes[name]} too: rename one"
                )
            _Check(path, name, duty, calendars).run()
            found[name], homes[name] = duty, path.name
    return found


class _Check:
    """The check of one duty."""

    def __init__(self, path: Path, name: str, duty: Duty, calendars: Dict[str, Calendar]) -> None:
        self._path, self._name, self._duty, self._calendars = path, name, duty, calendars

    def _fail(self, place: Sequence[Any], problem: str) -> NoReturn:
        where = ["duties", self._name, *place]
        line = line_of(load_yaml(self._path), where)
        raise ContentError(self._path, line, f"{'.'.join(map(str, where))}: {problem}")

    def run(self) -> None:
        """Raises ContentError for the first fault."""
        duty = self._duty
        if duty.zone not in zoneinfo.available_timezones():
            self._fail(["zone"], f"there is no time zone `{duty.zone}`: write it as `Asia/Shanghai`")
        if duty.confirmed != (duty.confirmed_by is not None and duty.confirmed_on is not None):
            self._fail(["confirmed"], "`confirmed: true` needs `confirmed_by` and `confirmed_on`, and they need it")
        if duty.calendar is not None:
            calendar = self._calendars.get(duty.calendar)
            if calendar is None:
                self._fail(["calendar"], f"there is no calendar `{duty.calendar}`: add data/calendars/{duty.calendar}.yml")
            if not calendar.years:
                self._fail(["calendar"], f"calendar `{duty.calendar}` has no year: enter one from the official notice")
        for name, clock in duty.clocks.items():
            self._check_clock(["clocks", name], clock)

    def _check_clock(self, place: List[Any], clock: DutyClock) -> None:
        if clock.unit in ("business_days", "end_of_next_business_day") and self._duty.calendar is None:
            self._fail([*place, "unit"], "business days need `calendar:` in the duty")
        self._check_length([*place, "within"], clock, clock.within)
        if not clock.met_by and not clock.is_before and clock.starts in ("claim", "decision"):
            self._fail([*place, "met_by"], "name at least one step that meets the clock")
        for number, variant in enumerate(clock.variants):
            self._check_flag([*place, "variants", number, "when"], variant.when)
            self._check_length([*place, "variants", number, "within"], clock, variant.within)
        for field in ("lifted_by", "needs"):
            flag = getattr(clock, field)
            if flag is not None:
                self._check_flag([*place, field], flag)
        for name, extension in clock.extensions.items():
            self._check_extension([*place, "extensions", name], clock, name, extension)
        if clock.pausing is not None:
            self._check_length([*place, "pausing", "latest"], clock, clock.pausing.latest)
            if clock.pausing.latest < clock.within:
                self._fail([*place, "pausing", "latest"], f"`latest` must be at least the {clock.within} of `within`")

    def _check_length(self, place: List[Any], clock: DutyClock, length: int) -> None:
        if length > _LONGEST[clock.unit]:
            self._fail(place, f"at most {_LONGEST[clock.unit]} {clock.unit}: correct the number or the unit")

    def _check_flag(self, place: List[Any], flag: str) -> None:
        if flag not in self._duty.flags:
            self._fail(place, f"there is no fact `{flag}`: name it under `flags` of the duty, or correct it")

    def _check_extension(self, place: List[Any], clock: DutyClock, name: str, extension: Extension) -> None:
        self._check_length([*place, "to"], clock, extension.to)
        least = clock.within
        if extension.after is not None:
            before = clock.extensions.get(extension.after)
            if before is None or extension.after == name:
                self._fail([*place, "after"], f"there is no other extension `{extension.after}` of this clock: correct it")
            least = before.to
        if extension.to <= least:
            self._fail([*place, "to"], f"the extension must be longer than {least}: it counts from the start of the clock")
