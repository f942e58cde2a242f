"""The use cases of jobs: people queue and cancel them, the runner takes them and reports."""

from __future__ import annotations

import datetime as dt
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import structlog

from handoff.accounts.agents import Agent
from handoff.runtime.errors import NotFound
from handoff.runtime.transaction import Store, Transaction
from handoff.runtime.wakeups import Wakeups
from handoff.workshop.jobs import job as rules
from handoff.workshop.jobs import store as jobs
from handoff.workshop.jobs.job import Job, JobProgress

logger = structlog.get_logger(__name__)

#: The topic of jobs (`handoff.runtime.wakeups`): one was queued, or changed.
JOBS = "jobs"
#: How long a job that has ended is kept.
_KEPT = dt.timedelta(days=90)
_LISTED = 100
#: How often a waiting runner reads again, whatever wake-ups say: leases end, and jobs become due.
_POLL_SECONDS = 5.0
#: A runner asks at least this often. Without a runner no job starts, and pages say so.
_RUNNER_SECONDS = 45.0
_MAX_ID = 2**63 - 1


class JobDesk:
    """Jobs of the workshop."""

    def __init__(self, store: Store, wakeups: Wakeups, now: Callable[[], dt.datetime]) -> None:
        self._store, self._wakeups, self._now = store, wakeups, now

    # --- people --------------------------------------------------------------------------------------------------------------

    async def queue(
        self,
        kind: str,
        parameters: Mapping[str, Any],
        agent: Agent,
        key: str | None = None,
        due_at: dt.datetime | None = None,
    ) -> Job:
        """Queue a job. If one of the same kind and key is queued or runs, that one is returned and none is added."""
        async with self._store.begin() as tx:
            return await self.queue_in(tx, kind, parameters, agent, key, due_at)

    async def queue_in(
        self,
        tx: Transaction,
        kind: str,
        parameters: Mapping[str, Any],
        agent: Agent,
        key: str | None = None,
        due_at: dt.datetime | None = None,
    ) -> Job:
        """Queue a job in a transaction of the caller."""
        now = self._now()
        await jobs.lock_lanes(tx)
        await jobs.forget_ended(tx, now - _KEPT)
        same = await jobs.find_same(tx, kind, key) if key is not None else None
        if same is not None:
            return same
        new = Job(0, kind, parameters, agent.login, agent.name, now, due_at or now, key)
        job = replace(new, id=await jobs.add_job(tx, new))
        tx.wake(JOBS)
        return job

    async def job(self, job_id: int) -> Job:
        """A job with its result. Raises NotFound."""
        async with self._store.read() as tx:
            return await self._with_result(tx, await self._find(tx, job_id))

    async def last_done(self, kind: str, key: str | None = None) -> Job | None:
        """The job of this kind, and key if given, that was done last, with its result."""
        async with self._store.read() as tx:
            found = await jobs.find_last_done(tx, kind, key)
            return None if found is None else await self._with_result(tx, found)

    async def list(self, kind: str | None = None) -> dict[str, Any]:
        """The newest jobs without results, and whether a runner is there."""
        async with self._store.read() as tx:
            found = await jobs.recent_jobs(tx, kind, _LISTED)
            seen_at = await jobs.runner_seen_at(tx)
        is_there = seen_at is not None and self._now() - seen_at < dt.timedelta(seconds=_RUNNER_SECONDS)
        runner = {"is_there": is_there, "seen_at": seen_at.isoformat() if seen_at else None}
        return {"jobs": [job.as_json() for job in found], "runner": runner}

    async def cancel(self, job_id: int) -> Job:
        """Cancel a job. Raises NotFound, Conflict."""
        async with self._store.begin() as tx:
            job = rules.cancelled(await self._find(tx, job_id, lock=True), self._now())
            await jobs.save_job(tx, job)
            tx.wake(JOBS)
        return job

    # --- the runner ----------------------------------------------------------------------------------------------------------

    async def take(self, lane: str, seconds: float) -> Job | None:
        """Give a runner the next job of a lane, waiting for one up to so many seconds. None: there is none."""
        deadline = self._now() + dt.timedelta(seconds=seconds)
        async with self._store.read() as tx:
            await jobs.note_runner(tx, lane, self._now())
        with self._wakeups.watch(JOBS) as watch:
            while True:
                job = await self._take(lane)
                left = (deadline - self._now()).total_seconds()
                if job is not None or left <= 0 or self._wakeups.is_closing:
                    return job
                await watch.wait(min(left, _POLL_SECONDS))

    async def _take(self, lane: str) -> Job | None:
        async with self._store.begin() as tx:
            now = self._now()
            await jobs.lock_lanes(tx)
            for running in await jobs.running_jobs(tx, lane):
                job = rules.swept(running, now)
                if job is running:
                    return None
                logger.warning("job.lost", job=job.id, kind=job.kind, attempts=job.attempts)
                await jobs.save_job(tx, job)
            found = await jobs.next_job(tx, lane, now)
            if found is None:
                return None
            job = rules.taken(found, secrets.token_hex(12), now)
            await jobs.save_job(tx, job)
            tx.wake(JOBS)
        return job

    async def beat(self, job_id: int, lease: str, progress: JobProgress) -> None:
        """A runner's sign of life, with progress. Raises NotFound; Conflict when the runner must stop the job."""
        async with self._store.begin() as tx:
            job = await self._find(tx, job_id, lock=True)
            await jobs.note_runner(tx, rules.lane_of(job.kind), self._now())
            await jobs.save_job(tx, rules.beaten(job, lease, progress, self._now()))

    async def done(self, job_id: int, lease: str, result: Mapping[str, Any]) -> None:
        """A job's result. The same report again changes nothing. Raises NotFound, Conflict."""
        async with self._store.begin() as tx:
            job = rules.ended(await self._find(tx, job_id, lock=True), lease, result, self._now())
            await jobs.save_job(tx, job)
            await jobs.save_result(tx, job_id, json.dumps(result, ensure_ascii=False))
            tx.wake(JOBS)

    async def failed(self, job_id: int, lease: str, zh: str, en: str) -> None:
        """A job cannot be done. Raises NotFound, Conflict."""
        async with self._store.begin() as tx:
            job = rules.failed(await self._find(tx, job_id, lock=True), lease, zh, en, self._now())
            await jobs.save_job(tx, job)
            tx.wake(JOBS)

    async def crashed(self, job_id: int, lease: str) -> None:
        """A job's process was killed. Raises NotFound, Conflict."""
        async with self._store.begin() as tx:
            job = rules.crashed(await self._find(tx, job_id, lock=True), lease, self._now())
            logger.warning("job.lost", job=job.id, kind=job.kind, attempts=job.attempts)
            await jobs.save_job(tx, job)
            tx.wake(JOBS)

    # --- inside --------------------------------------------------------------------------------------------------------------

    @staticmethod
    async def _find(tx: Transaction, job_id: int, *, lock: bool = False) -> Job:
        found = await jobs.find_job(tx, job_id, lock=lock) if 0 < job_id <= _MAX_ID else None
        if found is None:
            raise NotFound("unknown_job", "没有这个任务。", "There is no such job.")
        return found

    @staticmethod
    async def _with_result(tx: Transaction, job: Job) -> Job:
        return replace(job, result=await jobs.find_result(tx, job.id)) if job.state == rules.DONE else job
