"""Gives the conversations of an account back to the queue, when the account changes, ends or disappears."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from content.desk_policy import DeskPolicy
from handoff.conversations.decide import Requeue, Tell
from handoff.conversations.events import SYSTEM
from handoff.conversations.store import lock_conversation, save_conversation
from handoff.conversations.values import Status
from handoff.queue.store import assigned_conversations
from handoff.runtime.transaction import Store
from handoff.runtime.wakeups import QUEUE, TURNS


@dataclass(frozen=True)
class Release:
    """Each conversation goes back in a transaction of its own: a conversation is locked before an account, never after it."""

    store: Store
    policy: DeskPolicy
    now: Callable[[], dt.datetime]

    async def __call__(self, login: str) -> None:
        """Put all conversations of a login back into the queue, at their old place, and tell their customers."""
        async with self.store.read() as tx:
            assigned = [conversation.id for conversation in await assigned_conversations(tx) if conversation.agent == login]
        for conversation_id in assigned:
            async with self.store.begin() as tx:
                draft = await lock_conversation(tx, conversation_id)
                if draft is None or draft.state.status is not Status.ASSIGNED or draft.state.agent != login:
                    continue
                now = self.now()
                draft.do(Requeue(SYSTEM, "agent_gone"), now)
                draft.do(Tell(self.policy.text("requeued", draft.state.locale), "requeued"), now)
                await save_conversation(tx, draft)
                tx.wake(conversation_id, QUEUE, TURNS)
