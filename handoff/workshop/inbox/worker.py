"""Has the inbox filled when new turns came, and takes in what the jobs found."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import msgspec
import structlog

from handoff.accounts.agents import Agent
from handoff.runtime.errors import Unavailable
from handoff.runtime.transaction import Store, Transaction
from handoff.workshop.inbox import store as sql
from handoff.workshop.inbox.desk import InboxDesk
from handoff.workshop.jobs import store as job_store
from handoff.workshop.jobs.desk import JobDesk

logger = structlog.get_logger(__name__)

KIND: Final = "inbox"
#: Turns of the log that a job reads.
TURNS: Final = 10_000
#: The shortest time between two jobs that new turns cause.
PAUSE: Final = dt.timedelta(minutes=10)
_LOOK_SECONDS = 5.0
_RUNNER_AWAY = dt.timedelta(minutes=1)
#: Who queues a job when nobody pressed anything.
_DESK: Final = Agent("desk", "系统", "editor", 0, is_demo=False)


@dataclass
class InboxWorker:
    """Runs on every desk; a lock in the database keeps one job from being queued twice."""

    store: Store
    inbox: InboxDesk
    jobs: JobDesk
    now: Callable[[], dt.datetime]

    async def run(self) -> None:
        """Look every few seconds."""
        while True:
            try:
                await self.look()
            except Unavailable as error:
                logger.info("inbox.waits", code=error.code)
            await asyncio.sleep(_LOOK_SECONDS)

    async def look(self) -> None:
        """Store the last result if it is new, and queue a job if turns came since the last one."""
        await self._take_result()
        async with self.store.begin() as tx:
            state = await sql.lock(tx)
            now = self.now()
            is_soon = state.queued_at is not None and now - state.queued_at < PAUSE
            if is_soon or not await self._has_runner(tx, now) or not await sql.has_turns_since(tx, state.queued_at):
                return
            await sql.set_queued_at(tx, now)
            await self.jobs.queue_in(tx, KIND, {"turns": TURNS}, _DESK, key=KIND)

    async def _has_runner(self, tx: Transaction, now: dt.datetime) -> bool:
        """Without a runner a job would only wait; people see that from the jobs that they queue themselves."""
        seen_at = await job_store.runner_seen_at(tx)
        return seen_at is not None and now - seen_at < _RUNNER_AWAY

    async def _take_result(self) -> None:
        async with self.store.read() as tx:
            done = await job_store.find_last_done(tx, KIND, None)
            if done is None or await sql.stored_job(tx) == done.id:
                return
            result = await job_store.find_result(tx, done.id)
        try:
            if await self.inbox.store_result(done.id, result):
                logger.info("inbox.filled", job=done.id)
        except msgspec.ValidationError as error:
            logger.error("inbox.refused", job=done.id, why=str(error))
            await self.inbox.skip_result(done.id)

    async def refresh(self, agent: Agent, cause: str = KIND) -> int:
        """Queue a job now, unless one for the same cause waits or runs. Its id."""
        async with self.store.begin() as tx:
            await sql.lock(tx)
            await sql.set_queued_at(tx, self.now())
            return (await self.jobs.queue_in(tx, KIND, {"turns": TURNS}, agent, key=cause)).id
