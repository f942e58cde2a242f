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
#: The time of a change is taken before its commit. A sweep finds commits that took up to this long.
_COMMIT_TIME = dt.timedelta(seconds=15)


class Sweep:
    """Finds lost wake-ups: one query every few seconds for all waiters of this process."""

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
        """Wake the waiters of conversations that changed since the last sweep, unless they have seen the change."""
        now = self._now()
        async with self._store.read() as tx:
            changed = await changed_conversations(tx, self._swept_at - _COMMIT_TIME)
        self._swept_at = now
        self._wakeups.wake_who_missed(changed)
