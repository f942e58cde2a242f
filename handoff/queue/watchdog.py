"""Closes idle conversations, and returns conversations of absent agents to the queue."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable

import structlog

from content.desk_policy import DeskPolicy
from contract.priorities import URGENT, queue_rank
from handoff.accounts.store import delete_expired_sessions, list_agents
from handoff.conversations.decide import Requeue, Resolve, Tell
from handoff.conversations.events import SYSTEM
from handoff.conversations.state import Conversation
from handoff.conversations.store import lock_conversation, save_conversation
from handoff.conversations.values import Status
from handoff.queue.callbacks.store import forget_unconfirmed
from handoff.queue.store import assigned_conversations, idle_conversations
from handoff.runtime.errors import Unavailable
from handoff.runtime.transaction import Store
from handoff.runtime.wakeups import QUEUE, TURNS

logger = structlog.get_logger(__name__)

_INTERVAL_SECONDS = 15.0
_AT_ONCE = 100
_SESSIONS_AT_ONCE = 1000


class Watchdog:
    """Runs on every desk; rows that another desk has locked are skipped."""

    def __init__(self, store: Store, policy: DeskPolicy, now: Callable[[], dt.datetime]) -> None:
        self._store, self._policy, self._now = store, policy, now

    async def run(self) -> None:
        """Run a check every few seconds until cancelled."""
        while True:
            await asyncio.sleep(_INTERVAL_SECONDS)
            try:
                await self.look_around()
            except Unavailable as error:
                logger.warning("watchdog.failed", code=error.code)

    async def look_around(self) -> None:
        """Run one check."""
        await self._close_idle(Status.WITH_BOT, self._policy.idle_with_bot)
        await self._close_idle(Status.ASSIGNED, self._policy.idle_assigned)
        await self._requeue_abandoned()
        async with self._store.begin() as tx:
            await delete_expired_sessions(tx, self._now(), _SESSIONS_AT_ONCE)
            await forget_unconfirmed(tx, self._now(), _SESSIONS_AT_ONCE)

    async def _close_idle(self, status: Status, after: dt.timedelta) -> None:
        now = self._now()
        async with self._store.begin() as tx:
            idle = await idle_conversations(tx, now - after, status.value, _AT_ONCE)
            for draft in idle:
                draft.do(Resolve("idle", SYSTEM), now)
                await save_conversation(tx, draft)
                tx.wake(draft.state.id, QUEUE)

    async def _requeue_abandoned(self) -> None:
        now = self._now()
        async with self._store.begin() as tx:
            agents = {agent.login: agent for agent in await list_agents(tx) if agent.takes_conversations}
            offline = {login for login, agent in agents.items() if not agent.is_online(now, self._policy.online_within)}
            gone = {login for login in offline if not agents[login].is_online(now, self._policy.gone_after)}

            def is_abandoned(conversation: Conversation) -> bool:
                # A removed account, or one that no longer takes conversations, returns all of them, waiting or not.
                if conversation.agent not in agents:
                    return True
                # Somebody else takes an emergency at once.
                case = conversation.case
                is_emergency = queue_rank(case.priority, case.lane) <= queue_rank(URGENT, None)
                return conversation.agent in (offline if is_emergency else gone) and self._has_waited(conversation, now)

            for candidate in await assigned_conversations(tx):
                if not is_abandoned(candidate):
                    continue
                draft = await lock_conversation(tx, candidate.id)
                if draft is None or draft.state.status is not Status.ASSIGNED:
                    continue
                if draft.state.agent == candidate.agent and is_abandoned(draft.state):
                    draft.do(Requeue(SYSTEM, "agent_gone"), now)
                    draft.do(Tell(self._policy.text("requeued", draft.state.locale), "requeued"), now)
                    await save_conversation(tx, draft)
                    tx.wake(candidate.id, QUEUE, TURNS)

    def _has_waited(self, conversation: Conversation, now: dt.datetime) -> bool:
        unanswered = conversation.unanswered
        return unanswered is not None and now - unanswered.since >= self._policy.online_within
