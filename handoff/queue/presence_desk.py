"""Agents choose their presence; supervisors may choose it for them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import structlog

from content.desk_policy import DeskPolicy
from handoff.accounts.agents import Agent
from handoff.accounts.store import find_agent, set_presence
from handoff.queue.capacity import silent_before
from handoff.queue.presence import Choice
from handoff.queue.staff import agent_entries
from handoff.queue.store import held_by
from handoff.runtime.errors import Conflict, NotAllowed, NotFound
from handoff.runtime.transaction import Store, Transaction
from handoff.runtime.wakeups import QUEUE, agent_topic

logger = structlog.get_logger(__name__)


class PresenceDesk:
    """The use cases of presence."""

    def __init__(self, store: Store, policy: DeskPolicy, now: Callable[[], dt.datetime]) -> None:
        self._store, self._policy, self._now = store, policy, now

    async def choose(self, agent: Agent, state: Choice) -> dict[str, Any]:
        """An agent's own state; the agent as the queue's feed shows them. Open offers of an agent who leaves end at once."""
        async with self._store.begin() as tx:
            return await self._set(tx, agent.login, state, None)

    async def choose_for(self, supervisor: Agent, login: str, state: Choice) -> dict[str, Any]:
        """A supervisor sets the state of an agent. Raises NotAllowed, NotFound; Conflict for an account without customers."""
        if supervisor.role != "supervisor":
            zh, en = "只有主管可以更改他人的状态。", "Only supervisors may change the presence of others."
            raise NotAllowed("not_permitted", zh, en, status=403)
        async with self._store.begin() as tx:
            by = None if login == supervisor.login else supervisor.login
            entry = await self._set(tx, login, state, by)
        logger.info("presence.set_by_supervisor", login=login, state=state, by=supervisor.login)
        return entry

    async def _set(self, tx: Transaction, login: str, state: Choice, by: str | None) -> dict[str, Any]:
        now = self._now()
        agent = await find_agent(tx, login, lock=True)
        if agent is None:
            raise NotFound("unknown_agent", "没有这位客服。", "There is no such agent.")
        if not agent.takes_conversations:
            raise Conflict("agent_cannot", f"{agent.name} 不接待客户。", f"{agent.name} does not take conversations.")
        if agent.presence != state or agent.presence_by != by:
            await set_presence(tx, login, state, now, by=by)
            tx.wake(QUEUE, agent_topic(login))
        changed = await find_agent(tx, login)
        held = await held_by(tx, login, silent_before(self._policy.content.desk, now))
        (entry,) = agent_entries([changed or agent], {login: held}, self._policy, now)
        return entry
