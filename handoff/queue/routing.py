"""Which waiting conversation is offered to whom. Pure: the desk (`router.py`) and the simulation call the same functions.

An agent fits a case if the agent writes the languages that it needs and has its skills. The rules, in short:

- Order of cases: lane, priority, nearest deadline, waiting time. A case that is `ageing` past its deadline moves up by one
  priority, but never before an emergency (a lane, or urgent).
- Of the fitting agents who are available and have room, the least loaded one gets the offer, compared with the capacity; of
  equals the one who has had nothing new for longest.
- A case never waits forever for an agent who fits. After `patience` it goes to the agent who fits best if nobody who fits is
  there, and `ageing` later in any case. An emergency does not wait for a skill, and it waits for a language only while somebody
  who writes it is there, and no longer than `urgent_patience`.
- An emergency goes to the agent with the fewest emergencies that wait for an answer; with two of them, rather to an agent
  without the skill.
- A case that comes back goes to the agent who knew it, if they are there and get room within `known_within`. An emergency
  does not wait for them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace

from contract.priorities import HIGH, PRIORITY_RANK, URGENT
from handoff.queue.capacity import NEW_WEIGHT, has_room

_LAST = dt.datetime.max.replace(tzinfo=dt.UTC)
#: An agent with so many emergencies that wait for an answer is asked after others.
_MANY_EMERGENCIES = 2
_NEVER = dt.datetime.min.replace(tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class Rules:
    """How long a case waits for what it needs. `urgent_patience` is an emergency's. The numbers are in data/desk.yml."""

    ageing: dt.timedelta
    known_within: dt.timedelta
    patience: dt.timedelta
    urgent_patience: dt.timedelta


@dataclass(frozen=True, slots=True)
class WaitingCase:
    """A conversation that waits for an agent, and is offered to nobody.

    `rank`: `contract.priorities.queue_rank`. `languages`: all that an agent must write. `due_at`: the nearest deadline.
    `known_by`: the login of the agent to whom it comes back. `passed`: who let it go (declined or missed an offer, or put it
    back into the queue), and when. `is_crowded`: one of many urgent cases of one address.
    """

    id: str
    rank: int
    queued_at: dt.datetime
    languages: frozenset[str] = frozenset()
    skills: frozenset[str] = frozenset()
    due_at: dt.datetime | None = None
    known_by: str | None = None
    passed: tuple[tuple[str, dt.datetime], ...] = ()
    is_crowded: bool = False

    @property
    def is_emergency(self) -> bool:
        """Whether it is in a lane, or urgent."""
        return self.rank <= PRIORITY_RANK[URGENT]


@dataclass(frozen=True, slots=True)
class Seat:
    """An agent who may take conversations. `weight`, `count`: what they hold, open offers included (`handoff.queue.capacity`).

    `is_available`: gets offers. `has_offer`: one open offer at a time, so that an agent who comes online is not flooded; an
    emergency comes in addition to one open offer that is none (`has_urgent_offer`), because it must not wait for that one.
    `is_reserve`: a supervisor, who gets what no agent can take. `idle_since`: when the agent got the last one.
    `emergencies`: how many of the emergencies that the agent has wait for an answer.
    """

    login: str
    languages: frozenset[str]
    skills: frozenset[str]
    capacity: int
    weight: float = 0.0
    count: int = 0
    is_available: bool = True
    has_offer: bool = False
    is_reserve: bool = False
    idle_since: dt.datetime | None = None
    emergencies: int = 0
    has_urgent_offer: bool = False

    @property
    def is_free(self) -> bool:
        """Whether the agent can get any offer now."""
        return self.is_available and not self.has_offer and has_room(self.count, self.weight, self.capacity)

    @property
    def is_free_for_emergency(self) -> bool:
        """Whether the agent can get an emergency now: an open offer of another case does not take the place."""
        other = 1 if self.has_offer and not self.has_urgent_offer else 0
        has_place = has_room(self.count - other, self.weight - other * NEW_WEIGHT, self.capacity)
        return self.is_available and not self.has_urgent_offer and has_place

    @property
    def load(self) -> float:
        """The part of the capacity that is taken."""
        return self.weight / self.capacity


@dataclass(frozen=True, slots=True)
class PlannedOffer:
    """A waiting case, the agent to whom it is offered, and what the agent lacks (`misfit`)."""

    case: WaitingCase
    login: str
    misfit: tuple[bool, bool, bool]


class Staff:
    """All agents at one moment."""

    def __init__(self, seats: Iterable[Seat]) -> None:
        self._seats = {seat.login: seat for seat in seats}
        self.free = [seat for seat in self._seats.values() if seat.is_free]
        self.free_for_emergency = [seat for seat in self._seats.values() if seat.is_free_for_emergency]
        self._is_written: dict[frozenset[str], bool] = {}
        self._is_fitted: dict[tuple[frozenset[str], frozenset[str]], bool] = {}

    def seat(self, login: str | None) -> Seat | None:
        """The seat of an account, if it has one."""
        return self._seats.get(login or "")

    def writes(self, languages: frozenset[str]) -> bool:
        """Whether an available agent, with or without room, writes these languages."""
        if languages not in self._is_written:
            writers = (seat for seat in self._seats.values() if seat.is_available and languages <= seat.languages)
            self._is_written[languages] = any(writers)
        return self._is_written[languages]

    def fits(self, case: WaitingCase) -> bool:
        """Whether an available agent, with or without room, fits the case."""
        needs = (case.languages, case.skills)
        if needs not in self._is_fitted:
            self._is_fitted[needs] = any(seat.is_available and not any(misfit(case, seat)) for seat in self._seats.values())
        return self._is_fitted[needs]

    def offer(self, seat: Seat, case: WaitingCase, now: dt.datetime) -> None:
        """One of the free agents gets an offer."""
        count, weight, is_urgent = seat.count + 1, seat.weight + NEW_WEIGHT, seat.has_urgent_offer or case.is_emergency
        busy = replace(seat, has_offer=True, has_urgent_offer=is_urgent, idle_since=now, count=count, weight=weight)
        self._seats[seat.login] = busy
        self.free = [each for each in self.free if each is not seat]
        self.free_for_emergency = [each for each in self.free_for_emergency if each is not seat]
        if busy.is_free_for_emergency:
            self.free_for_emergency.append(busy)


def order(case: WaitingCase, rules: Rules, now: dt.datetime) -> tuple[int, bool, dt.datetime, dt.datetime, str]:
    """The key by which cases are taken, the smallest first."""
    return (_aged_rank(case, rules, now), case.is_crowded, case.due_at or _LAST, case.queued_at, case.id)


def _aged_rank(case: WaitingCase, rules: Rules, now: dt.datetime) -> int:
    if case.is_emergency or case.due_at is None or now <= case.due_at:
        return case.rank
    # Overdue cases of any age stay behind emergencies: a missed emergency costs more.
    return max(case.rank - int((now - case.due_at) / rules.ageing), PRIORITY_RANK[HIGH])


def misfit(case: WaitingCase, seat: Seat) -> tuple[bool, bool, bool]:
    """What keeps an agent from fitting a case, the gravest first: a language, a skill, being the reserve. Less is better."""
    return (not case.languages <= seat.languages, not case.skills <= seat.skills, seat.is_reserve)


def is_eligible(case: WaitingCase, seat: Seat, staff: Staff, rules: Rules, now: dt.datetime) -> bool:
    """Whether a case may be offered to an agent now."""
    if not _is_free_for(case, seat) or _has_passed(case, seat, rules, now):
        return False
    lacks = misfit(case, seat)
    if case.known_by == seat.login or not any(lacks):
        return True
    waited = now - case.queued_at
    if case.is_emergency:
        lacks_language = lacks[0]
        return not lacks_language or waited >= rules.urgent_patience or not staff.writes(case.languages)
    if waited < rules.patience:
        return False
    return waited >= rules.patience + rules.ageing or not staff.fits(case)


def _is_free_for(case: WaitingCase, seat: Seat) -> bool:
    return seat.is_free_for_emergency if case.is_emergency else seat.is_free


def _has_passed(case: WaitingCase, seat: Seat, rules: Rules, now: dt.datetime) -> bool:
    """Whether the agent let this case go a moment ago: it is not offered to them again at once."""
    patience = rules.urgent_patience if case.is_emergency else rules.patience
    return any(login == seat.login and now - at < patience for login, at in case.passed)


def choose(case: WaitingCase, staff: Staff, rules: Rules, now: dt.datetime) -> Seat | None:
    """The agent to whom a case is offered now; None if it waits on."""
    known = staff.seat(case.known_by)
    if known is not None and known.is_available and not _has_passed(case, known, rules, now):
        if _is_free_for(case, known):
            return known
        if not case.is_emergency and now - case.queued_at < rules.known_within:
            return None
    free = staff.free_for_emergency if case.is_emergency else staff.free
    fitting = (seat for seat in free if is_eligible(case, seat, staff, rules, now))
    return min(fitting, key=lambda seat: _preference(case, seat), default=None)


def _preference(case: WaitingCase, seat: Seat) -> tuple[object, ...]:
    lacks_language, *lacks = misfit(case, seat)
    # A victim must not stand behind other victims while an agent without the skill is free.
    crowd = seat.emergencies if case.is_emergency else 0
    return (lacks_language, crowd >= _MANY_EMERGENCIES, *lacks, crowd, seat.load, seat.idle_since or _NEVER, seat.login)


def plan_offers(cases: Iterable[WaitingCase], staff: Staff, rules: Rules, now: dt.datetime) -> list[PlannedOffer]:
    """The offers to make now, the most urgent first; at most one for each case and for each agent.

    `staff` has these offers afterwards.
    """
    offers: list[PlannedOffer] = []
    if not staff.free and not staff.free_for_emergency:
        return offers
    for case in sorted(cases, key=lambda each: order(each, rules, now)):
        if (seat := choose(case, staff, rules, now)) is not None:
            offers.append(PlannedOffer(case, seat.login, misfit(case, seat)))
            staff.offer(seat, case, now)
        if not staff.free and (not case.is_emergency or not staff.free_for_emergency):
            break  # emergencies come first in the order
    return offers
