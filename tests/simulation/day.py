"""One simulated day of a desk: arrivals, offers, replies, silent customers, agents who vanish. No database, no real time.

The desk's part is the desk's own code: `routing.plan_offers`, `capacity.has_room`, and the settings of data/desk.yml. All else
is a model (docs/simulation.md). The same seed gives the same customers and agents to every planner.
"""

from __future__ import annotations

import bisect
import datetime as dt
import heapq
import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from content.bundle import DeskContent
from contract.priorities import PRIORITIES
from handoff.queue.capacity import has_room
from handoff.queue.routing import Seat, Staff, WaitingCase
from handoff.queue.staff import rules_of
from tests.simulation.audit import Audit, Facts
from tests.simulation.people import END, MINUTE, Arrival, Worker
from tests.simulation.planners import Planner

_MIDNIGHT = dt.datetime(2026, 11, 29, 16, 0, tzinfo=dt.UTC)
#: Customers who do not answer for so long are closed by their agent.
_SILENT_END = 15 * MINUTE
#: Before the end of the shift an agent takes nothing new.
_WIND_DOWN = 20 * MINUTE
_WATCHDOG = 15.0
#: As in the router: so many waiting cases of each rank are looked at.
_CASES_OF_RANK = 200


def moment(seconds: float) -> dt.datetime:
    """A time of the simulated day."""
    return _MIDNIGHT + dt.timedelta(seconds=seconds)


@dataclass
class Case:
    """A case as it goes on. `step`: the reply that is next. `done_of_effort`: what is typed of it already, in seconds.

    `turn` changes whenever an event that was planned is void.
    """

    arrival: Arrival
    queued_at: float
    known_by: str | None = None
    step: int = 0
    turn: int = 0
    agent: str | None = None
    owed_since: float | None = None
    last_at: float = 0.0
    first_reply_at: float | None = None
    passed: tuple[tuple[str, dt.datetime], ...] = ()
    done_of_effort: float = 0.0
    is_done: bool = False


@dataclass
class Agent:
    """An agent at work. `state` is what was chosen; `vanished_at`: since when the laptop is closed."""

    worker: Worker
    state: str = "offline"
    vanished_at: float | None = None
    vanished_once: bool = False
    offer: Case | None = None
    offers: int = 0
    held: dict[str, Case] = field(default_factory=dict)
    working_on: Case | None = None
    started: float = 0.0
    turn: int = 0
    last_got: float | None = None


class Day:
    """Runs one day with one planner."""

    def __init__(
        self, seed: int, workers: list[Worker], arrivals: list[Arrival], content: DeskContent, planner: Planner
    ) -> None:
        desk = content.desk
        self._planner, self._rules, self._routing = planner, rules_of(content), desk.routing
        self._online, self._gone = desk.agents.online_within_seconds, desk.agents.gone_after_seconds
        self._levels = [desk.levels[name] for name in PRIORITIES]
        self._rng = random.Random(f"{seed}-habits")
        self._agents = {worker.login: Agent(worker) for worker in workers}
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = itertools.count()
        self._now = 0.0
        self._waiting: dict[int, list[tuple[float, str]]] = {}
        self._waiting_cases: dict[str, tuple[Case, WaitingCase]] = {}
        self.cases: list[Case] = []
        self.replies: list[float] = []
        self.audit = Audit(self._rules)
        for arrival in arrivals:
            self._at(arrival.at, lambda arrival=arrival: self._arrive(Case(arrival, arrival.at)))  # type: ignore[misc]
        for agent in self._agents.values():
            self._plan_shift(agent)
        self._at(0.0, self._look)
        self._at(_WATCHDOG, self._watch)

    def run(self) -> Day:
        """Run to the end."""
        while self._events and self._events[0][0] <= END:
            self._now, _, do = heapq.heappop(self._events)
            do()
        self.audit.close(len(self._waiting_cases))
        return self

    def _at(self, when: float, do: Callable[[], None]) -> None:
        heapq.heappush(self._events, (when, next(self._numbers), do))

    # --- shifts ----------------------------------------------------------------------------------------------------------

    def _plan_shift(self, agent: Agent) -> None:
        worker = agent.worker

        def choose(state: str) -> None:
            agent.state = state

        def end() -> None:
            agent.state, agent.turn, agent.working_on = "offline", agent.turn + 1, None
            for case in list(agent.held.values()):
                self._put_back(agent, case)

        self._at(worker.starts, lambda: choose("available"))
        self._at(max(worker.starts, worker.ends - _WIND_DOWN), lambda: choose("busy"))
        self._at(worker.ends, end)
        if worker.vanishes_at is not None and not worker.vanishes_when_offered:
            self._at(worker.vanishes_at, lambda: self._vanish(agent))

    def _vanish(self, agent: Agent) -> None:
        """The laptop is closed: what was being typed is lost, and the desk learns it only from the silence."""
        if agent.state == "offline" or agent.vanished_at is not None:
            return
        agent.vanished_at, agent.vanished_once = self._now, True
        agent.turn, agent.working_on = agent.turn + 1, None
        if agent.worker.back_at is not None:
            self._at(max(self._now + MINUTE, agent.worker.back_at), lambda: self._come_back(agent))

    def _come_back(self, agent: Agent) -> None:
        agent.vanished_at = None
        self._work(agent)

    def _is_seen(self, agent: Agent) -> bool:
        return agent.vanished_at is None or self._now - agent.vanished_at <= self._online

    def _is_available(self, agent: Agent) -> bool:
        return agent.state == "available" and self._is_seen(agent)

    # --- waiting ---------------------------------------------------------------------------------------------------------

    def _arrive(self, case: Case) -> None:
        self.cases.append(case)
        case.owed_since = case.last_at = self._now
        self._queue(case)

    def _queue(self, case: Case) -> None:
        arrival = case.arrival
        waiting = WaitingCase(
            arrival.id,
            arrival.rank,
            moment(case.queued_at),
            arrival.languages,
            arrival.skills,
            moment(self._due(case)),
            case.known_by,
            case.passed,
        )
        self._waiting_cases[arrival.id] = (case, waiting)
        bisect.insort(self._waiting.setdefault(arrival.rank, []), (case.queued_at, arrival.id))

    def _due(self, case: Case) -> float:
        """The nearest deadline. All hours are opening hours."""
        level = self._levels[max(case.arrival.rank, 0)]
        if case.first_reply_at is None:
            return case.queued_at + level.first_response_minutes * MINUTE
        return (case.owed_since or self._now) + level.next_response_minutes * MINUTE

    def _take_out(self, case: Case) -> None:
        del self._waiting_cases[case.arrival.id]
        line = self._waiting[case.arrival.rank]
        del line[bisect.bisect_left(line, (case.queued_at, case.arrival.id))]

    def _put_back(self, agent: Agent, case: Case) -> None:
        """From an agent into the queue, to its old place."""
        del agent.held[case.arrival.id]
        case.agent, case.known_by, case.turn, case.done_of_effort = None, None, case.turn + 1, 0.0
        case.passed = ((agent.worker.login, moment(self._now)),)
        case.owed_since = case.owed_since if case.owed_since is not None else self._now
        self._queue(case)

    # --- the desk ----------------------------------------------------------------------------------------------------------

    def _weight(self, agent: Agent) -> float:
        weights, silent = self._routing.weights, self._routing.silent_after_minutes * MINUTE
        total = 0.0
        for case in agent.held.values():
            if case.owed_since is not None:
                total += weights.owes_answer
            else:
                total += weights.silent if self._now - case.last_at >= silent else weights.waits_for_customer
        return total

    def _has_room(self, agent: Agent) -> bool:
        """Whether the agent can accept the offer."""
        return has_room(len(agent.held), self._weight(agent), agent.worker.capacity)

    def _seat(self, agent: Agent) -> Seat:
        worker, has_offer = agent.worker, agent.offer is not None
        return Seat(
            worker.login,
            worker.languages,
            worker.skills,
            worker.capacity,
            self._weight(agent) + has_offer,
            len(agent.held) + has_offer,
            self._is_available(agent),
            has_offer,
            worker.is_reserve,
            moment(agent.last_got) if agent.last_got is not None else None,
            sum(case.arrival.is_urgent and case.owed_since is not None for case in agent.held.values()),
            has_urgent_offer=has_offer,  # this model's agents answer one offer after the other
        )

    def _look(self) -> None:
        """What the router does every second."""
        self._at(self._now + 1.0, self._look)
        for agent in self._agents.values():
            if agent.offer is not None and not (self._is_available(agent) and self._has_room(agent)):
                self._end_offer(agent)
        if not self._waiting_cases:
            return
        seats = [self._seat(agent) for agent in self._agents.values() if agent.state != "offline"]
        staff = Staff(seats)
        if not staff.free:
            return
        facts = Facts(seats, moment(self._now))
        cases = [self._waiting_cases[name][1] for line in self._waiting.values() for _, name in line[:_CASES_OF_RANK]]
        for planned in self._planner(cases, staff, self._rules, moment(self._now)):
            case, waiting = self._waiting_cases[planned.case.id]
            agent = self._agents[planned.login]
            self.audit.offered(waiting, planned.login, facts)
            self._take_out(case)
            self._offer(agent, case)
        self.audit.looked(cases, self._waiting_cases, facts, staff)

    def _offer(self, agent: Agent, case: Case) -> None:
        agent.offer, agent.offers, agent.last_got = case, agent.offers + 1, self._now
        turn, worker = agent.offers, agent.worker
        reaction = self._rng.uniform(2.0, 12.0)
        is_leaving = worker.vanishes_when_offered and worker.vanishes_at is not None and not agent.vanished_once
        if is_leaving and worker.vanishes_at is not None and self._now >= worker.vanishes_at:
            self._vanish(agent)

        def accept() -> None:
            if agent.offer is not case or agent.offers != turn or agent.vanished_at is not None:
                return
            # Checked again, as the desk does: other customers may have written since the offer, or the shift may be over.
            if self._is_available(agent) and self._has_room(agent):
                self._assign(agent, case)
            else:
                self._end_offer(agent)

        def late() -> None:
            if agent.offer is case and agent.offers == turn:
                self._end_offer(agent)
                if agent.state == "available":
                    agent.state = "away"
                    self._at(self._now + self._rng.uniform(3, 8) * MINUTE, lambda: self._is_back(agent))

        if agent.offers not in worker.misses:
            self._at(self._now + reaction, accept)
        self._at(self._now + self._routing.accept_within_seconds, late)

    def _is_back(self, agent: Agent) -> None:
        if agent.state == "away" and agent.vanished_at is None:
            agent.state = "available"

    def _end_offer(self, agent: Agent) -> None:
        case, agent.offer = agent.offer, None
        if case is not None:
            others = tuple(each for each in case.passed if each[0] != agent.worker.login)
            case.passed = (*others, (agent.worker.login, moment(self._now)))
            self._queue(case)

    def _watch(self) -> None:
        """What the watchdog does: who is gone loses the customers who wait for a word."""
        self._at(self._now + _WATCHDOG, self._watch)
        for agent in self._agents.values():
            gone_for = self._now - agent.vanished_at if agent.vanished_at is not None else 0.0
            for case in list(agent.held.values()) if gone_for > self._online else ():
                is_abandoned = gone_for > (self._online if case.arrival.is_urgent else self._gone)
                if is_abandoned and case.owed_since is not None and self._now - case.owed_since >= self._online:
                    self._put_back(agent, case)

    # --- the conversation --------------------------------------------------------------------------------------------------

    def _assign(self, agent: Agent, case: Case) -> None:
        agent.offer = None
        self.audit.assigned(len(agent.held), self._weight(agent), agent.worker.capacity)
        agent.held[case.arrival.id] = case
        case.agent = agent.worker.login
        if case.arrival.is_urgent and agent.working_on is not None and not agent.working_on.arrival.is_urgent:
            # An emergency interrupts: the draft of the other reply stays.
            agent.working_on.done_of_effort += self._now - agent.started
            agent.turn, agent.working_on = agent.turn + 1, None
        self._work(agent)

    def _work(self, agent: Agent) -> None:
        """The agent writes one reply after the other: emergencies first, then the nearest deadline, as the console shows it."""
        if agent.working_on is not None or agent.vanished_at is not None or agent.state == "offline":
            return
        owing = [case for case in agent.held.values() if case.owed_since is not None]
        if not owing:
            return
        case = min(owing, key=lambda each: (not each.arrival.is_urgent, self._due(each), each.arrival.id))
        agent.working_on, agent.started, turn = case, self._now, agent.turn

        def done() -> None:
            if agent.turn == turn and agent.working_on is case:
                agent.working_on = None
                self._reply(agent, case)
                self._work(agent)

        self._at(self._now + max(0.0, case.arrival.efforts[case.step] - case.done_of_effort), done)

    def _reply(self, agent: Agent, case: Case) -> None:
        self.replies.append(self._now)
        if case.first_reply_at is None:
            case.first_reply_at = self._now
        gap = case.arrival.gaps[case.step]
        case.step, case.owed_since, case.last_at, case.turn = case.step + 1, None, self._now, case.turn + 1
        case.done_of_effort = 0.0
        turn = case.turn
        if case.step == len(case.arrival.efforts):
            self._finish(agent, case)
            return

        def answer() -> None:
            if case.turn == turn and case.agent is not None:
                case.owed_since = case.last_at = self._now
                self._work(self._agents[case.agent])

        def give_up() -> None:
            if case.turn == turn and case.agent is not None:
                holder = self._agents[case.agent]
                if holder.vanished_at is None:
                    self._finish(holder, case)
                else:
                    self._at(self._now + MINUTE, give_up)

        self._at(self._now + (_SILENT_END if gap is None else gap), give_up if gap is None else answer)

    def _finish(self, agent: Agent, case: Case) -> None:
        agent.held.pop(case.arrival.id)
        case.is_done, case.turn = True, case.turn + 1
        after = case.arrival.comes_back_after
        if after is not None:
            again = replace(case.arrival, id=f"{case.arrival.id}-again", efforts=(30.0,), gaps=(20.0,), comes_back_after=None)
            self._at(self._now + after, lambda: self._arrive(Case(again, self._now, agent.worker.login)))
