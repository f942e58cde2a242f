"""Has the inbox filled when new turns came, and takes in what the jobs found."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec
import structlog

from handoff.runtime.errors import Unavailable
from handoff.runtime.transaction import Store
from handoff.workshop.inbox import store as sql
from handoff.workshop.inbox.desk import InboxDesk

logger = structlog.get_logger(__name__)

KIND = "inbox"
#: Turns of the log that a job reads.
TURNS = 10_000
#: The shortest time between two jobs that new turns cause.
PAUSE = dt.timedelta(minutes=10)
_LOOK_SECONDS = 5.0


class Jobs(Protocol):
    """The table of the workshop's jobs."""

    async def queue(self, kind: str, parameters: dict[str, Any], by: str) -> str:
        """Queue a job. Its id."""

    async def waiting(self, kind: str) -> str | None:
        """The id of a job of a kind that waits for its turn."""

    async def last_done(self, kind: str) -> tuple[str, Any] | None:
        """The id and the result of the last job of a kind that ended well."""


@dataclass
class InboxWorker:
    """Runs on every desk; a lock in the database keeps one job from being queued twice."""

    store: Store
    inbox: InboxDesk
    jobs: Jobs
    now: Callable[[], dt.datetime]

    async def run(self) -> None:
        """Look every few seconds."""
        while True:
            try:
                await self.look()
            except Unavailable:
                logger.info("inbox.waits_for_database")
            await asyncio.sleep(_LOOK_SECONDS)

    async def look(self) -> None:
        """Store the last result if it is new, and queue a job if turns came since the last one."""
        await self._take_result()
        async with self.store.begin() as tx:
            _, queued_at = await sql.lock(tx)
            now = self.now()
            if (queued_at is not None and now - queued_at < PAUSE) or not await sql.has_turns_since(tx, queued_at):
                return
            await sql.set_queued_at(tx, now)
        await self._queue("desk")

    async def _take_result(self) -> None:
        done = await self.jobs.last_done(KIND)
        if done is None:
            return
        try:
            if await self.inbox.store_result(*done):
                logger.info("inbox.filled", job=done[0])
        except msgspec.ValidationError as error:
            logger.error("inbox.result_refused", job=done[0], why=str(error))

    async def refresh(self, login: str) -> str:
        """Queue a job now, unless one waits already. Its id."""
        async with self.store.begin() as tx:
            await sql.lock(tx)
            await sql.set_queued_at(tx, self.now())
        return await self._queue(login)

    async def _queue(self, login: str) -> str:
        return await self.jobs.waiting(KIND) or await self.jobs.queue(KIND, {"turns": TURNS}, login)
