"""When a duty is due: pure functions of the duty, the calendar, the start and the pauses.

The day on which a clock starts is day 0, whatever the hour; a clock of days is due at the last second of its last day, on the
wall clock of the duty's zone. Business days are Monday to Friday without the holidays of the calendar, and its make-up working
days. A year that the calendar does not know counts as one without holidays, and the clock says so. A day at whose end the clock
is paused does not count.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from content.calendars import Calendar
from content.duties import Duty, DutyClock
from handoff.conversations.care.case_values import CaseClock, CaseFile, ClockPause, Days, Extended

_DAY = dt.timedelta(days=1)
_LAST_SECOND = dt.time(23, 59, 59)
_SATURDAY = 5
_OF_BUSINESS_DAYS = ("business_days", "end_of_next_business_day")
#: Facts of a case that say yes.
YES = "yes"
#: A clock that stays paused for so long is past every duty; counting ends.
_FARTHEST = dt.timedelta(days=3660)


@dataclass(frozen=True)
class Counted:
    """A due time, and how it came about."""

    due_at: dt.datetime
    skipped: tuple[Days, ...] = ()
    worked: tuple[str, ...] = ()
    unknown_years: tuple[int, ...] = ()


def count(
    start: dt.datetime,
    within: int,
    unit: str,
    zone: str,
    calendar: Calendar | None = None,
    pauses: Sequence[ClockPause] = (),
    *,
    is_before: bool = False,
) -> Counted:
    """The due time of a clock that starts at `start` (aware); `is_before`: the latest moment that lies so long before it.

    `due_at` is aware UTC. Pauses must be over.
    """
    if unit in ("minutes", "hours"):
        return Counted(_exact(start, dt.timedelta(**{unit: within}), pauses, is_before=is_before))
    of_business = unit in _OF_BUSINESS_DAYS
    on_the_wall = ZoneInfo(zone)
    step = -_DAY if is_before else _DAY
    day, left = start.astimezone(on_the_wall).date(), within
    skipped: list[dt.date] = []
    worked: list[str] = []
    unknown: set[int] = set()
    farthest = day + _FARTHEST
    while left > 0 and day < farthest:
        day += step
        if of_business and calendar is not None and not calendar.covers(day.year):
            unknown.add(day.year)
        if _is_paused_at(_end_of(day, on_the_wall), pauses):
            continue
        if not of_business or _is_business_day(day, calendar):
            left -= 1
            if of_business and day.weekday() >= _SATURDAY:
                worked.append(day.isoformat())
        else:
            skipped.append(day)
    due_at = _end_of(day, on_the_wall)
    return Counted(due_at, _in_rows(sorted(skipped), calendar), tuple(sorted(worked)), tuple(sorted(unknown)))


def _exact(start: dt.datetime, length: dt.timedelta, pauses: Sequence[ClockPause], *, is_before: bool) -> dt.datetime:
    if is_before:
        return (start - length).astimezone(dt.UTC)
    due = start + length
    for pause in sorted(pauses, key=lambda each: each.start):
        if pause.end is not None and pause.start < due:
            due += pause.end - max(pause.start, start)
    return due.astimezone(dt.UTC)


def _end_of(day: dt.date, zone: ZoneInfo) -> dt.datetime:
    return dt.datetime.combine(day, _LAST_SECOND, zone).astimezone(dt.UTC)


def _is_paused_at(moment: dt.datetime, pauses: Sequence[ClockPause]) -> bool:
    return any(pause.start <= moment and (pause.end is None or moment < pause.end) for pause in pauses)


def _is_business_day(day: dt.date, calendar: Calendar | None) -> bool:
    if calendar is not None and calendar.is_workday(day):
        return True
    if calendar is not None and calendar.holiday_on(day) is not None:
        return False
    return day.weekday() < _SATURDAY


def _in_rows(days: Iterable[dt.date], calendar: Calendar | None) -> tuple[Days, ...]:
    """Days in a row with the same name as one entry."""
    rows: list[Days] = []
    for day in days:
        holiday = calendar.holiday_on(day) if calendar is not None else None
        zh, en = (holiday.zh, holiday.en) if holiday is not None else (None, None)
        last = rows[-1] if rows else None
        if last is not None and (last.zh, last.en) == (zh, en) and dt.date.fromisoformat(last.last) + _DAY == day:
            rows[-1] = replace(last, last=day.isoformat())
        else:
            rows.append(Days(day.isoformat(), day.isoformat(), zh, en))
    return tuple(rows)


# --- the clocks of a case -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class DutyBook:
    """The duties and calendars that are published now. `active`: the ids of the duties that count."""

    active: tuple[str, ...]
    duties: Mapping[str, Duty]
    calendars: Mapping[str, Calendar]

    def active_for(self, reason: str) -> list[tuple[str, Duty]]:
        """The duties that a case of this reason has, with their ids."""
        return [
            (name, self.duties[name]) for name in self.active if name in self.duties and reason in self.duties[name].reasons
        ]

    def open_clocks(self, reason: str, claim_at: dt.datetime, facts: Mapping[str, str]) -> tuple[CaseClock, ...]:
        """The clocks that begin with the customer's sentence."""
        return tuple(
            self._begun(duty_id, duty, name, clock, claim_at, facts)
            for duty_id, duty in self.active_for(reason)
            for name, clock in duty.clocks.items()
            if clock.starts == "claim" and not clock.is_before and _is_wanted(clock, facts)
        )

    def step_clocks(self, case: CaseFile, step: str, at: dt.datetime, facts: Mapping[str, str]) -> tuple[CaseClock, ...]:
        """The clocks that begin with a step of the case, such as the decision. A clock that runs already is left alone."""
        there = {clock.key for clock in case.clocks if clock.started_at is not None and clock.met_at is None}
        return tuple(
            self._begun(duty_id, duty, name, clock, at, facts)
            for duty_id, duty in self.active_for(case.reason)
            for name, clock in duty.clocks.items()
            if clock.starts == step and _is_wanted(clock, facts) and (duty_id, name) not in there
        )

    def _begun(
        self, duty_id: str, duty: Duty, name: str, clock: DutyClock, start: dt.datetime, facts: Mapping[str, str]
    ) -> CaseClock:
        begun = CaseClock(
            duty=duty_id,
            name=name,
            zh=clock.zh,
            en=clock.en,
            duty_zh=duty.zh,
            duty_en=duty.en,
            unit=clock.unit,
            within=within_of(clock, facts),
            starts=clock.starts,
            met_by=clock.met_by,
            zone=duty.zone,
            calendar=duty.calendar,
            started_at=start,
            latest=clock.pausing.latest if clock.pausing else None,
            lifted_by=clock.lifted_by if clock.lifted_by and facts.get(clock.lifted_by) == YES else None,
            is_before=clock.is_before,
            is_shown=clock.shown,
        )
        return self.counted(begun)

    def counted(self, clock: CaseClock) -> CaseClock:
        """The clock with its due time as the calendars say it now. A paused clock is due at its latest time."""
        if clock.started_at is None:
            return clock
        calendar = self.calendars.get(clock.calendar) if clock.calendar else None
        latest = None
        if clock.latest is not None:
            latest = count(clock.started_at, clock.latest, clock.unit, clock.zone, calendar)
        if clock.is_paused and latest is not None:
            found = latest
        else:
            over = [pause for pause in clock.pauses if pause.end is not None]
            found = count(clock.started_at, clock.within, clock.unit, clock.zone, calendar, over, is_before=clock.is_before)
            if latest is not None and latest.due_at < found.due_at:
                found = latest
        return replace(
            clock, due_at=found.due_at, skipped=found.skipped, worked=found.worked, unknown_years=found.unknown_years
        )

    def after_facts(self, case: CaseFile, facts: Mapping[str, str]) -> tuple[CaseClock, ...]:
        """The clocks that differ when these are the facts of the case.

        Longer, lifted, or begun because a fact asks for them.
        """
        changed = []
        for duty_id, duty in self.active_for(case.reason):
            for name, definition in duty.clocks.items():
                clock = case.clock(duty_id, name)
                if clock is None:
                    changed += self._begun_by_facts(case, (duty_id, name), definition, facts)
                elif clock.met_at is None:
                    is_lifted = definition.lifted_by is not None and facts.get(definition.lifted_by) == YES
                    is_unneeded = not _is_wanted(definition, facts)
                    lifted_by = definition.lifted_by if is_lifted else definition.needs if is_unneeded else None
                    within = clock.within if clock.extended else within_of(definition, facts)
                    new = self.counted(replace(clock, within=within, lifted_by=lifted_by))
                    if new != clock:
                        changed.append(new)
        return tuple(changed)

    def _begun_by_facts(
        self, case: CaseFile, key: tuple[str, str], definition: DutyClock, facts: Mapping[str, str]
    ) -> list[CaseClock]:
        if not _is_wanted(definition, facts):
            return []
        start = case.counts_from
        if definition.starts == "decision":
            if case.decision is None:
                return []
            start = case.decision.at
        elif definition.starts != "claim" or definition.is_before:
            return []
        return [self._begun(key[0], self.duties[key[0]], key[1], definition, start, facts)]

    def extended(self, clock: CaseClock, to: int, extension: Extended) -> CaseClock:
        """The clock with more time; it counts from the same moment."""
        return self.counted(replace(clock, within=to, extended=extension))

    def paused(self, clock: CaseClock, at: dt.datetime) -> CaseClock:
        """The clock, standing still from now on."""
        return self.counted(replace(clock, pauses=(*clock.pauses, ClockPause(at))))

    def resumed(self, clock: CaseClock, at: dt.datetime) -> CaseClock:
        """The clock, going on from now."""
        return self.counted(replace(clock, pauses=(*clock.pauses[:-1], replace(clock.pauses[-1], end=at))))

    def merged(self, case: CaseFile, earliest: dt.datetime, of: str) -> tuple[CaseClock, ...]:
        """The clocks that count from an earlier message of the same matter, said in the case `of`.

        What was met stays met: whether in time is said by the earlier due time.
        """
        return tuple(
            self.counted(replace(clock, started_at=earliest, merged_from=of))
            for clock in case.clocks
            if clock.starts == "claim" and clock.started_at is not None and clock.started_at > earliest
        )

    def recounted(self, case: CaseFile) -> tuple[CaseClock, ...]:
        """The clocks of a case whose due time was counted with an unknown year that is known now."""
        changed = []
        for clock in case.clocks:
            calendar = self.calendars.get(clock.calendar) if clock.calendar else None
            if clock.is_owed and calendar is not None and any(calendar.covers(year) for year in clock.unknown_years):
                changed.append(self.counted(clock))
        return tuple(changed)


def _is_wanted(clock: DutyClock, facts: Mapping[str, str]) -> bool:
    return clock.needs is None or facts.get(clock.needs) == YES


def within_of(clock: DutyClock, facts: Mapping[str, str]) -> int:
    """How much time the clock gives, with these facts."""
    return next((variant.within for variant in clock.variants if facts.get(variant.when) == YES), clock.within)


def facts_of(case: CaseFile) -> dict[str, str]:
    """The last value of each fact."""
    return {fact.name: fact.value for fact in case.facts}


def clock_state(clock: CaseClock, now: dt.datetime, near_share: float, *, is_open: bool = True) -> str:
    """`running`, `near`, `breached`, `paused`, `met`, `met_late`, `lifted`; `ended` for one that a closed case left behind."""
    if clock.met_at is not None:
        return "met" if clock.due_at is None or clock.met_at <= clock.due_at else "met_late"
    if clock.lifted_by is not None:
        return "lifted"
    if not is_open or clock.due_at is None or clock.started_at is None:
        return "ended"
    if now > clock.due_at:
        return "breached"
    if clock.is_paused:
        return "paused"
    if clock.due_at - now < near_share * (clock.due_at - clock.started_at):
        return "near"
    return "running"
