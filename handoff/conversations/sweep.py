"""Makes up for lost wake-ups: a waiter must not wait for a notification that never arrives."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable

import structlog

from handoff.conversations.store import changed_conversations
from handoff.runtime.errors import Unavailable
from handoff.runtime.transaction import Store
from handoff.runtime.wakeups import Wakeups

logger = structlog.get_logger(__name__)

_SWEEP_SECONDS = 5.0
#: A change's time is taken before it is committed; so long a commit may take and still be found.
_COMMIT_TIME = dt.timedelta(seconds=15)


class Sweep:
    """Makes up for wake-ups that got lost: one question to the database now and then, for all sleepers of this process."""

    def __init__(self, store: Store, wakeups: Wakeups, now: Callable[[], dt.datetime]) -> None:
        self._store, self._wakeups, self._now = store, wakeups, now
        self._swept_at = now()

    async def run(self) -> None:
        """Sweep until cancelled."""
        while True:
            await asyncio.sleep(_SWEEP_SECONDS)
            try:
                await self.sweep()
            except Unavailable as error:
                logger.warning("sweep.failed", code=error.code)

    async def sweep(self) -> None:
        """Wake who sleeps on what changed since the last sweep, and has not seen it."""
        now = self._now()
        async with self._store.read() as tx:
            changed = await changed_conversations(tx, self._swept_at - _COMMIT_TIME)
        self._swept_at = now
        self._wakeups.wake_who_missed(changed)
