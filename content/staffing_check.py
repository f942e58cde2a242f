"""The check of what `data/desk.yml` says about people: names that do not exist, hours that cannot be, levels without sense."""

from __future__ import annotations

import difflib
import functools
import math
import zoneinfo
from pathlib import Path
from typing import Any, Dict, FrozenSet, Iterable, List, NoReturn, Optional, Sequence, Set, Tuple

from content.bundle import DeskContent
from content.calendars import FOLDER
from content.desk_file import FILE
from content.sources import ContentError, line_of, load_yaml
from content.staffing import Hours, Level, Person, WorkQueue, parse_interval
from contract.locales import WRITTEN
from contract.priorities import LANES, PRIORITIES
from language.recognition import FOREIGN

#: No time in these sections is longer: a year. More is a slip, and would make due times that no calendar covers.
_LONGEST_MINUTES = 365 * 24 * 60


def check_staffing(content: DeskContent, folder: Path) -> None:
    """Check queues, hours, levels, people, routing and outcomes with one another, the triage policy and the calendars.

    Raises ContentError with file, line and fix for the first fault.
    """
    check = _Check(content, folder / FILE)
    check.hours()
    check.queues()
    check.levels()
    check.people()
    check.takers()
    check.times()
    check.outcomes()


class _Check:
    """One run. Each method checks a section, and raises ContentError for its first fault."""

    def __init__(self, content: DeskContent, path: Path) -> None:
        self._content, self._desk, self._path = content, content.desk, path
        self._reasons = set(content.policy.reasons)
        self._skills = set(content.desk.skills)
        self._languages = {*WRITTEN, *FOREIGN}

    @functools.cached_property
    def _document(self) -> Any:
        return load_yaml(self._path)

    def _fail(self, place: Sequence[Any], problem: str) -> NoReturn:
        where = ".".join(str(step) for step in place)
        raise ContentError(self._path, line_of(self._document, place), f"{where}: {problem}")

    def _known(self, place: Sequence[Any], name: str, known: Iterable[str], kind: str, home: str) -> None:
        if name not in known:
            self._fail(place, f"there is no {kind} `{name}`: {_correction(name, known)}{home}")

    def _each_known(self, place: Sequence[Any], names: Sequence[str], known: Iterable[str], kind: str, home: str) -> None:
        for number, name in enumerate(names):
            self._known([*place, number], name, known, kind, home)
            if name in names[:number]:
                self._fail([*place, number], f"`{name}` stands here twice: remove one")

    # --- hours -----------------------------------------------------------------------------------------------------------

    def hours(self) -> None:
        """Zones, calendars and intervals."""
        for name, hours in self._desk.hours.items():
            place = ["hours", name]
            if hours.zone not in zone_names():
                self._fail([*place, "zone"], f"there is no time zone `{hours.zone}`: {_correction(hours.zone, zone_names())}"
                           "write it as `Asia/Shanghai`")  # fmt: skip
            self._check_calendar(place, hours)
            for day, intervals in hours.week.items():
                self._check_intervals([*place, "week", day], intervals)
            self._check_intervals([*place, "holidays"], hours.holidays)
            self._check_intervals([*place, "workdays"], hours.workdays or ())
            if not any(hours.week.values()):
                self._fail([*place, "week"], 'nobody works on any day: give a day an interval, such as mon: ["09:00-18:00"]')

    def _check_calendar(self, place: List[Any], hours: Hours) -> None:
        calendars = self._content.calendars
        if hours.calendar is not None:
            self._known(
                [*place, "calendar"], hours.calendar, calendars, "calendar", f"or add data/{FOLDER}/{hours.calendar}.yml"
            )
            return
        for field, intervals in (("holidays", hours.holidays), ("workdays", hours.workdays)):
            if intervals:
                self._fail(
                    [*place, field], f"without a calendar no day has these intervals: add `calendar:` or remove `{field}`"
                )

    def _check_intervals(self, place: List[Any], intervals: Sequence[str]) -> None:
        parsed: List[Tuple[int, int, str]] = []
        for number, text in enumerate(intervals):
            try:
                start, end = parse_interval(text)
            except ValueError as error:
                self._fail([*place, number], str(error))
            for other_start, other_end, other in parsed:
                if start < other_end and other_start < end:
                    self._fail([*place, number], f'"{text}" overlaps "{other}": join them into one, or correct one of them')
            parsed.append((start, end, text))

    # --- queues, levels ----------------------------------------------------------------------------------------------------

    def queues(self) -> None:
        """Names in queues; one default queue; a reason in one queue only."""
        queue_of_reason: Dict[str, str] = {}
        for name, queue in self._desk.queues.items():
            place = ["queues", name]
            self._known([*place, "hours"], queue.hours, self._desk.hours, "entry in `hours`", "or add it to `hours`")
            self._each_known([*place, "reasons"], queue.reasons, self._reasons, "reason", "or add it to data/triage.yml")
            self._each_known([*place, "skills"], queue.skills, self._skills, "skill", "or add it to `skills`")
            self._each_known([*place, "languages"], queue.languages, self._languages, "language", _LANGUAGE_HOME)
            for number, reason in enumerate(queue.reasons):
                if reason in queue_of_reason:
                    other = queue_of_reason[reason]
                    self._fail(
                        [*place, "reasons", number], f"`{reason}` is a reason of the queue `{other}` already: remove one"
                    )
                queue_of_reason[reason] = name
            self._check_lanes(name, queue)
            if queue.level is not None:
                self._check_level([*place, "level"], queue.level)
        defaults = [name for name, queue in self._desk.queues.items() if queue.is_default]
        if not defaults:
            self._fail(["queues"], "no queue has `is_default: true`: give it to the queue that takes all other reasons")
        if len(defaults) > 1:
            self._fail(
                ["queues", defaults[1], "is_default"],
                f"`{defaults[0]}` is the default queue already: remove `is_default` from one",
            )

    def levels(self) -> None:
        """A level for every priority, each in a sensible order."""
        for priority in PRIORITIES:
            if priority not in self._desk.levels:
                self._fail(["levels"], f"there is no level for the priority `{priority}`: add it")
        for priority, level in self._desk.levels.items():
            self._check_level(["levels", priority], level)

    def _check_lanes(self, name: str, queue: WorkQueue) -> None:
        place = ["queues", name, "lanes"]
        self._each_known(place, queue.lanes, LANES, "lane", "lanes are named in contract/priorities.py")
        for number, lane in enumerate(queue.lanes):
            other = next(other for other, each in self._desk.queues.items() if lane in each.lanes)
            if other != name:
                self._fail([*place, number], f"`{lane}` is a lane of the queue `{other}` already: remove one")

    def _check_level(self, place: List[Any], level: Level) -> None:
        for field in _LEVEL_FIELDS:
            self._check_minutes([*place, field], getattr(level, field))
        self._check_order([*place, "resolution_minutes"], level)

    def _check_order(self, place: List[Any], level: Level) -> None:
        if level.resolution_minutes < level.first_response_minutes:
            problem = f"a case cannot be resolved in {level.resolution_minutes:g} minutes, before its first response is due"
            self._fail(place, f"{problem} ({level.first_response_minutes:g}): correct one of them")

    # --- people, routing, outcomes -----------------------------------------------------------------------------------------

    def people(self) -> None:
        """Skills and languages of `everyone` and of people."""
        self._check_person(["everyone"], self._desk.everyone)
        for login, person in self._desk.people.items():
            self._check_person(["people", login], person)

    def _check_person(self, place: List[Any], person: Person) -> None:
        self._each_known([*place, "skills"], person.skills, self._skills, "skill", "or add it to `skills`")
        self._each_known([*place, "languages"], person.languages, self._languages, "language", _LANGUAGE_HOME)

    def takers(self) -> None:
        """Somebody can take the cases of every queue."""
        people = [self._desk.everyone, *self._desk.people.values()]
        for name, queue in self._desk.queues.items():
            skills, languages = set(queue.skills), set(queue.languages)
            if not any(skills <= set(person.skills) and languages <= set(person.languages) for person in people):
                needed = ", ".join(sorted(skills | languages))
                problem = (
                    f"neither `everyone` nor anybody in `people` has all that this queue needs ({needed}): its cases would"
                )
                self._fail(["queues", name], f"{problem} wait for ever; give it to somebody")

    def times(self) -> None:
        """Times of routing and of the lines to waiting customers."""
        for field in _ROUTING_FIELDS:
            self._check_minutes(["routing", field], getattr(self._desk.routing, field))
        earlier = 0.0
        for number, minutes in enumerate(self._desk.waiting.said_after_minutes):
            place = ["waiting", "said_after_minutes", number]
            self._check_minutes(place, minutes)
            if minutes <= earlier:
                self._fail(place, f"{minutes:g} comes after {earlier:g}: write the minutes in ascending order, each once")
            earlier = minutes
        self._check_minutes(["waiting", "recent_hours"], self._desk.waiting.recent_hours * 60)

    def _check_minutes(self, place: List[Any], minutes: float) -> None:
        if not math.isfinite(minutes) or minutes > _LONGEST_MINUTES:
            self._fail(place, "must be a number of at most one year: correct it")

    def outcomes(self) -> None:
        """Reasons of outcomes, and an outcome for every reason."""
        fitting: Set[str] = set()
        for name, outcome in self._desk.outcomes.items():
            place = ["outcomes", name, "reasons"]
            self._each_known(place, outcome.reasons, self._reasons, "reason", "or add it to data/triage.yml")
            fitting |= set(outcome.reasons) or self._reasons
        missing = sorted(self._reasons - fitting)
        if missing:
            self._fail(["outcomes"], f"no outcome fits {', '.join(missing)}: add one without `reasons`, which fits every case")


_LEVEL_FIELDS = ("first_response_minutes", "next_response_minutes", "resolution_minutes")
_ROUTING_FIELDS = ("silent_after_minutes", "ageing_minutes", "known_within_minutes", "away_after_minutes")
_LANGUAGE_HOME = "write a code as on a card, such as zh or en"


@functools.lru_cache(maxsize=1)
def zone_names() -> FrozenSet[str]:
    """The time zones that this machine knows: the system's, and those of the package tzdata."""
    return frozenset(zoneinfo.available_timezones())


def _correction(name: str, known: Iterable[str]) -> str:
    close: Optional[str] = next(iter(difflib.get_close_matches(name, list(known), n=1)), None)
    return f"did you mean `{close}`? Correct the name, " if close else "correct the name, "
