"""The parts of a case file.

All are frozen; all times are aware UTC; dates are ISO texts, days on the wall clock of the duty.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

#: Facts, decisions and links that a case keeps in the row; the log has all of them.
FACT_LIMIT, DECISION_LIMIT, LINK_LIMIT = 100, 20, 50
#: Closed cases of one conversation that the row keeps in full.
CASE_LIMIT = 20


@dataclass(frozen=True)
class Days:
    """Some days in a row, both ends included, and the name of the holiday; no name: a weekend."""

    first: str
    last: str
    zh: str | None = None
    en: str | None = None


@dataclass(frozen=True)
class ClockPause:
    """A stretch in which the clock stood still; `end` None: it still does."""

    start: dt.datetime
    end: dt.datetime | None = None


@dataclass(frozen=True)
class Extended:
    """The extension that counts: its id, its names, and who approved it. `asked_by`: who asked, if somebody else did."""

    id: str
    zh: str
    en: str
    by: str
    asked_by: str | None = None


@dataclass(frozen=True)
class CaseClock:
    """One clock of a case, as the duty defined it when the clock began.

    A later edit of the duty does not move it. `started_at` and `due_at` are None while it does not run yet. `skipped` and
    `worked`: the days that were not counted although they lie in between, and weekend days that were. `unknown_years`: years of
    which the calendar knows nothing. `latest`: the most that pauses can make of it, in `unit`. `merged_from`: the case whose
    earlier message it counts from. `lifted_by`: the fact that ended it.
    """

    duty: str
    name: str
    zh: str
    en: str
    duty_zh: str
    duty_en: str
    unit: str
    within: int
    starts: str
    met_by: tuple[str, ...]
    zone: str
    calendar: str | None = None
    started_at: dt.datetime | None = None
    due_at: dt.datetime | None = None
    skipped: tuple[Days, ...] = ()
    worked: tuple[str, ...] = ()
    unknown_years: tuple[int, ...] = ()
    latest: int | None = None
    pauses: tuple[ClockPause, ...] = ()
    extended: Extended | None = None
    merged_from: str | None = None
    lifted_by: str | None = None
    met_at: dt.datetime | None = None
    met_with: str | None = None
    is_before: bool = False
    is_shown: bool = True

    @property
    def key(self) -> tuple[str, str]:
        """What identifies the clock in its case."""
        return self.duty, self.name

    @property
    def is_paused(self) -> bool:
        """Whether it stands still."""
        return bool(self.pauses) and self.pauses[-1].end is None

    @property
    def is_owed(self) -> bool:
        """Whether it runs: begun, neither met nor lifted."""
        return self.due_at is not None and self.met_at is None and self.lifted_by is None


@dataclass(frozen=True)
class Fact:
    """One fact of a case. `by`: the login of the agent who entered it, or "desk"."""

    name: str
    value: str
    at: dt.datetime
    by: str


@dataclass(frozen=True)
class CaseDecision:
    """How a case was decided, and why."""

    decision: str
    reasons: str
    login: str
    name: str
    at: dt.datetime


@dataclass(frozen=True)
class CaseLink:
    """Another case. `is_same`: the same matter, so both count from the earlier message."""

    case_id: str
    conversation_id: str
    is_same: bool


@dataclass(frozen=True)
class AskedExtension:
    """An extension that waits for its approver."""

    duty: str
    clock: str
    extension: str
    why: str
    login: str
    at: dt.datetime


OPEN, CLOSED = "open", "closed"


@dataclass(frozen=True)
class CaseFile:
    """One case: what the customer said first, and what follows from it.

    `t0_at`: when the customer's first sentence about the matter came, `t0_seq` its number in the log, `words` its text.
    `counts_from`: the moment from which the clocks count: t0, or an earlier one of a case of the same matter. `duty_revision`:
    the revision of the content whose duties count.
    """

    id: str
    reason: str
    opened_at: dt.datetime
    opened_seq: int
    t0_seq: int
    t0_at: dt.datetime
    words: str
    counts_from: dt.datetime
    duty_revision: str
    topic: str | None = None
    amount_cny: float | None = None
    state: str = OPEN
    clocks: tuple[CaseClock, ...] = ()
    facts: tuple[Fact, ...] = ()
    decisions: tuple[CaseDecision, ...] = ()
    links: tuple[CaseLink, ...] = ()
    asked: tuple[AskedExtension, ...] = ()
    closed_at: dt.datetime | None = None
    reopened_at: dt.datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether somebody still works on it."""
        return self.state == OPEN

    @property
    def decision(self) -> CaseDecision | None:
        """The decision that counts: the last one; None before it, and after the case was opened again."""
        return self.decisions[-1] if self.decisions else None

    @property
    def due_at(self) -> dt.datetime | None:
        """The nearest due time; None if nothing is owed."""
        return (
            min((clock.due_at for clock in self.clocks if clock.is_owed and clock.due_at), default=None)
            if self.is_open
            else None
        )

    def clock(self, duty: str, name: str) -> CaseClock | None:
        """One clock."""
        return next((clock for clock in self.clocks if clock.key == (duty, name)), None)

    def fact(self, name: str) -> str | None:
        """The last value of a fact."""
        return next((fact.value for fact in reversed(self.facts) if fact.name == name), None)

    def values(self, name: str) -> tuple[str, ...]:
        """All values of a fact that can have several, each once."""
        return tuple(dict.fromkeys(fact.value for fact in self.facts if fact.name == name))

    def with_clocks(self, clocks: tuple[CaseClock, ...]) -> CaseFile:
        """With these clocks in the place of those of the same key, or added."""
        new = {clock.key: clock for clock in clocks}
        kept = tuple(new.pop(clock.key, clock) for clock in self.clocks)
        return replace(self, clocks=(*kept, *new.values()))

    def meet(self, step: str, at: dt.datetime) -> CaseFile:
        """After a step at a time: the clocks that it meets are met. A clock that was met stays as it is."""
        clocks = tuple(
            replace(clock, met_at=at, met_with=step) if clock.is_owed and step in clock.met_by else clock
            for clock in self.clocks
        )
        return self if clocks == self.clocks else replace(self, clocks=clocks)


def current(cases: tuple[CaseFile, ...]) -> CaseFile | None:
    """The case that counts now: the one that was opened last."""
    return cases[-1] if cases else None
