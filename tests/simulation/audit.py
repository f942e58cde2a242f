"""Judges a simulated day. Written apart from the rules of routing, so that it finds what they get wrong."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from handoff.queue.routing import Rules, Seat, Staff, WaitingCase

#: A case that waits longer than this although an agent who fits has room is starved.
_STARVED_AFTER = dt.timedelta(minutes=3)


class Facts:
    """Who was there at one moment, before the offers of this moment."""

    def __init__(self, seats: Sequence[Seat], now: dt.datetime) -> None:
        self.seats, self.now = {seat.login: seat for seat in seats}, now

    def anybody(self, languages: frozenset[str], skills: frozenset[str] = frozenset()) -> bool:
        """Whether an available agent, no supervisor, has all of these; with or without room."""
        return any(
            seat.is_available and not seat.is_reserve and not languages - seat.languages and not skills - seat.skills
            for seat in self.seats.values()
        )

    def anybody_writes(self, languages: frozenset[str]) -> bool:
        """Whether anybody available writes these languages."""
        return any(seat.is_available and not languages - seat.languages for seat in self.seats.values())


@dataclass
class Audit:
    """The counts of one day. `over_capacity`, `not_eligible`, `starved` must be 0."""

    rules: Rules
    offers: int = 0
    over_capacity: int = 0
    not_eligible: int = 0
    starved: int = 0
    never_taken: int = 0
    _free_since: dict[str, dt.datetime] = field(default_factory=dict)
    _starved: set[str] = field(default_factory=set)

    def offered(self, case: WaitingCase, login: str, facts: Facts) -> None:
        """An offer is made; it becomes the assignment unless the agent declines."""
        self.offers += 1
        seat = facts.seats.get(login)
        if seat is None or not seat.is_available or seat.has_offer:
            self.not_eligible += 1
            return
        if seat.weight + 1 > seat.capacity + 1e-6 or seat.count + 1 > 2 * seat.capacity:
            self.over_capacity += 1
        if not self._may(case, seat, facts):
            self.not_eligible += 1

    def _may(self, case: WaitingCase, seat: Seat, facts: Facts) -> bool:
        if case.known_by == seat.login:
            return True
        reads, knows = case.languages <= seat.languages, case.skills <= seat.skills
        if reads and knows and not seat.is_reserve:
            return True
        waited = facts.now - case.queued_at
        if case.rank <= 0:  # an emergency waits for no skill
            return reads or waited >= self.rules.urgent_patience or not facts.anybody_writes(case.languages)
        if waited < self.rules.patience:
            return False
        return waited >= self.rules.patience + self.rules.ageing or not facts.anybody(case.languages, case.skills)

    def looked(self, cases: Iterable[WaitingCase], waiting: Mapping[str, object], facts: Facts, staff: Staff) -> None:
        """After the offers of a moment: for each case that waits on, whether an agent who fits is free all the same."""
        now = facts.now
        for case in cases:
            if case.id not in waiting:
                self._free_since.pop(case.id, None)
                continue
            passed = {login for login, _ in case.passed}
            is_free = any(
                case.languages <= seat.languages and case.skills <= seat.skills and not seat.is_reserve
                for seat in staff.free
                if seat.login not in passed
            )
            if not is_free:
                self._free_since.pop(case.id, None)
            elif now - self._free_since.setdefault(case.id, now) > _STARVED_AFTER and case.id not in self._starved:
                self._starved.add(case.id)
                self.starved += 1

    def assigned(self, count: int, weight: float, capacity: int) -> None:
        """An agent who holds so many, of this weight, gets one more."""
        if weight + 1 > capacity + 1e-6 or count + 1 > 2 * capacity:
            self.over_capacity += 1

    def close(self, waiting: int) -> None:
        """The day is over: who still waits was never taken."""
        self.never_taken = waiting
