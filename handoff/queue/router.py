"""Offers waiting conversations to agents, and ends offers that nobody accepts.

Runs on every desk. Each desk plans for itself with the same function (`routing.plan_offers`). An offer is checked again under
the locks of the conversation and of the account, in this order: two desks cannot offer one case twice, or fill an agent twice.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from content.desk_policy import DeskPolicy
from handoff.accounts.agents import Agent
from handoff.accounts.store import find_agent, list_agents, set_presence
from handoff.conversations.decide import EndOffer, OfferTo
from handoff.conversations.state import Conversation
from handoff.conversations.store import save_conversation
from handoff.conversations.values import Offer, Status
from handoff.queue.capacity import load_of, silent_before
from handoff.queue.presence import BY_DESK
from handoff.queue.routing import PlannedOffer, misfit, plan_offers
from handoff.queue.staff import case_of, presence, rules_of, seat_of, staff_of
from handoff.queue.store import NOTHING_HELD, Held, held_by, held_by_all, lock_waiting, offered_conversations, waiting_in_order
from handoff.runtime.errors import Unavailable
from handoff.runtime.metrics import Metrics
from handoff.runtime.transaction import Store, Transaction
from handoff.runtime.wakeups import QUEUE, Wakeups, agent_topic

logger = structlog.get_logger(__name__)

#: The longest time between two looks (offers end without a wake-up), and the shortest.
_LONGEST_SECONDS, _SHORTEST_SECONDS = 1.0, 0.2
#: So many waiting conversations of each priority are looked at. More can only wait when everybody is busy anyway.
_CASES_OF_RANK = 200


@dataclass(frozen=True)
class _Ending:
    """An open offer that is over, and why (`decide.EndOffer`)."""

    conversation_id: str
    offer: Offer
    why: str


class Router:
    """The worker."""

    def __init__(
        self,
        store: Store,
        wakeups: Wakeups,
        policy: DeskPolicy,
        now: Callable[[], dt.datetime],
        metrics: Metrics | None = None,
    ) -> None:
        self._store, self._wakeups, self._policy, self._now = store, wakeups, policy, now
        self._metrics = metrics or Metrics()

    async def run(self) -> None:
        """Look around after each change of the queue, and every second, until cancelled."""
        with self._wakeups.watch(QUEUE) as watch:
            while True:
                started = time.monotonic()
                try:
                    await self.look_around()
                except Unavailable as error:
                    logger.warning("routing.failed", code=error.code)
                await asyncio.sleep(max(0.0, _SHORTEST_SECONDS - (time.monotonic() - started)))
                await watch.wait(_LONGEST_SECONDS)

    async def look_around(self) -> None:
        """End the offers that are over, then make the offers that are possible now. Raises Unavailable."""
        now, content = self._now(), self._policy.content
        async with self._store.read() as tx:
            agents = {agent.login: agent for agent in await list_agents(tx)}
            held = await held_by_all(tx, silent_before(content.desk, now))
            offered = await offered_conversations(tx)
        endings = [ending for state in offered if (ending := self._ending(state, agents, held, now)) is not None]
        for ending in endings:
            await self._end(ending)
        if not content.desk.routing.push:
            return
        staff = staff_of(agents.values(), held, self._policy, now)
        if not staff.free and not staff.free_for_emergency:
            return
        async with self._store.read() as tx:
            waiting = await waiting_in_order(tx, self._policy.same_address, _CASES_OF_RANK)
        cases = [case_of(state, content, now, is_crowded=is_crowded) for state, is_crowded in waiting]
        for planned in plan_offers(cases, staff, rules_of(content), now):
            await self._offer(planned)

    # --- ending ----------------------------------------------------------------------------------------------------------

    def _ending(self, state: Conversation, agents: dict[str, Agent], held: dict[str, Held], now: dt.datetime) -> _Ending | None:
        offer = state.handling.offer
        if offer is None:
            return None
        agent = agents.get(offer.login)
        if agent is None or not agent.takes_conversations or not presence(agent, self._policy, now).gets_offers:
            return _Ending(state.id, offer, "absent")
        if now >= offer.until:
            return _Ending(state.id, offer, "late")
        # The agent took another conversation by hand instead.
        load = load_of(agent, held.get(agent.login, NOTHING_HELD), self._policy.content.desk)
        return None if load.has_room else _Ending(state.id, offer, "declined")

    async def _end(self, ending: _Ending) -> None:
        """End an offer. An agent who missed it becomes away: no other case must wait for them, too."""
        login, now = ending.offer.login, self._now()
        async with self._store.begin() as tx:
            draft = await lock_waiting(tx, ending.conversation_id)
            if draft is None or draft.state.handling.offer != ending.offer:
                return
            draft.do(EndOffer(login, ending.why), now)
            if ending.why == "late":
                await self._make_away(tx, login, now)
            await save_conversation(tx, draft)
            tx.wake(draft.state.id, QUEUE, agent_topic(login))
        self._metrics.offers.labels(ending.why).inc()
        logger.info("routing.offer_ended", conversation_id=ending.conversation_id, login=login, why=ending.why)

    async def _make_away(self, tx: Transaction, login: str, now: dt.datetime) -> None:
        agent = await find_agent(tx, login, lock=True)
        if agent is not None and agent.presence == "available":
            await set_presence(tx, login, "away", now, by=BY_DESK)

    # --- offering --------------------------------------------------------------------------------------------------------

    async def _offer(self, planned: PlannedOffer) -> None:
        """Make an offer, if it is still possible. Another desk, a claim or the customer may have been faster."""
        content, now = self._policy.content, self._now()
        async with self._store.begin() as tx:
            draft = await lock_waiting(tx, planned.case.id)
            if draft is None or draft.state.status is not Status.QUEUED or draft.state.handling.offer is not None:
                return
            case = case_of(draft.state, content, now, is_crowded=planned.case.is_crowded)
            agent = await find_agent(tx, planned.login, lock=True)
            if case != planned.case or agent is None or not await self._may_get(tx, agent, planned, now):
                return
            until = now + dt.timedelta(seconds=content.desk.routing.accept_within_seconds)
            draft.do(OfferTo(agent.login, agent.name, until), now)
            await save_conversation(tx, draft)
            tx.wake(draft.state.id, QUEUE, agent_topic(agent.login))
        self._metrics.offers.labels("made").inc()
        waited = (now - planned.case.queued_at).total_seconds()
        logger.info("routing.offered", conversation_id=draft.state.id, login=agent.login, waited_seconds=round(waited, 1))

    async def _may_get(self, tx: Transaction, agent: Agent, planned: PlannedOffer, now: dt.datetime) -> bool:
        """Whether a locked account is still as it was planned. Who else is there counts as it did then."""
        if not agent.takes_conversations:
            return False
        held = await held_by(tx, agent.login, silent_before(self._policy.content.desk, now))
        seat = seat_of(agent, held, self._policy, now)
        is_free = seat.is_free_for_emergency if planned.case.is_emergency else seat.is_free
        return is_free and misfit(planned.case, seat) == planned.misfit
