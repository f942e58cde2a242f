"""Says the closing words of a form to customers who do not answer: a victim on the phone must read them all the same."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable

import structlog

from handoff.cases.intake.intake_desk import IntakeDesk
from handoff.cases.intake.store import due_closings
from handoff.conversations.store import lock_conversation, save_conversation
from handoff.runtime.errors import Unavailable
from handoff.runtime.transaction import Store
from handoff.runtime.wakeups import QUEUE

logger = structlog.get_logger(__name__)

_INTERVAL_SECONDS = 5.0
_AT_ONCE = 50


class IntakeWatch:
    """Looks for closing words that are due. Several desks may run it: each locks the conversation first."""

    def __init__(self, store: Store, desk: IntakeDesk, now: Callable[[], dt.datetime]) -> None:
        self._store, self._desk, self._now = store, desk, now

    async def run(self) -> None:
        """Look every few seconds until cancelled."""
        while True:
            try:
                await self.once()
            except Unavailable as error:
                logger.warning("intake.closing_not_said", code=error.code)
            await asyncio.sleep(_INTERVAL_SECONDS)

    async def once(self) -> int:
        """Say what is due now; to how many customers."""
        async with self._store.read() as tx:
            due = await due_closings(tx, self._now(), _AT_ONCE)
        said = 0
        for conversation_id in due:
            async with self._store.begin() as tx:
                draft = await lock_conversation(tx, conversation_id)
                if draft is None:
                    continue
                due_at = draft.state.care.intake.closing_due_at
                if due_at is None or due_at > self._now() or not self._desk.close(draft, self._now()):
                    continue
                await save_conversation(tx, draft)
                tx.wake(conversation_id, QUEUE)
                said += 1
        return said
