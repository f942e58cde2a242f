"""The SQL of jobs."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from psycopg.types.json import Jsonb

from handoff.runtime.transaction import Row, Transaction
from handoff.workshop.jobs.job import Job, JobProblem, JobProgress, lane_of

_COLUMNS = (
    "id, kind, key, parameters, state, share, progress_zh, progress_en, error_code, error_zh, error_en, created_by, "
    "created_by_name, created_at, due_at, started_at, ended_at, attempts, lease, lease_until"
)
_JOB = f"SELECT {_COLUMNS} FROM jobs"
_INSERT = """
    INSERT INTO jobs (kind, lane, key, parameters, created_by, created_by_name, created_at, due_at)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s) RETURNING id"""
_UPDATE = """
    UPDATE jobs SET state = %s, share = %s, progress_zh = %s, progress_en = %s, error_code = %s, error_zh = %s, error_en = %s,
        started_at = %s, ended_at = %s, attempts = %s, lease = %s, lease_until = %s WHERE id = %s"""
#: The lock of all decisions about which job runs: two desks must not give away two jobs of a lane at once.
_LOCK = "SELECT pg_advisory_xact_lock(hashtext('workshop jobs'))"


def _job_of(row: Row) -> Job:
    (job_id, kind, key, parameters, state, share, zh, en, error_code, error_zh, error_en, *rest) = row
    created_by, created_by_name, created_at, due_at, started_at, ended_at, attempts, lease, lease_until = rest
    return Job(
        id=job_id,
        kind=kind,
        key=key,
        parameters=parameters,
        state=state,
        progress=JobProgress(share, zh, en),
        problem=None if error_code is None else JobProblem(error_code, error_zh, error_en),
        created_by=created_by,
        created_by_name=created_by_name,
        created_at=created_at,
        due_at=due_at,
        started_at=started_at,
        ended_at=ended_at,
        attempts=attempts,
        lease=lease,
        lease_until=lease_until,
    )


async def lock_lanes(tx: Transaction) -> None:
    """Wait until no other transaction decides which job runs."""
    await tx.execute(_LOCK, ())


async def add_job(tx: Transaction, job: Job) -> int:
    """Store a new job; its id."""
    values = (job.kind, lane_of(job.kind), job.key, Jsonb(dict(job.parameters)), job.created_by, job.created_by_name)
    return int(await tx.value(_INSERT, *values, job.created_at, job.due_at))


async def save_job(tx: Transaction, job: Job) -> None:
    """Store what changed of a job, its result apart."""
    problem, progress = job.problem, job.progress
    error = (None, None, None) if problem is None else (problem.code, problem.zh, problem.en)
    head = (job.state, progress.share, progress.zh, progress.en, *error, job.started_at, job.ended_at)
    await tx.execute(_UPDATE, (*head, job.attempts, job.lease, job.lease_until, job.id))


async def save_result(tx: Transaction, job_id: int, result: str) -> None:
    """Store a job's result, as JSON text."""
    await tx.execute("INSERT INTO job_results (job_id, result) VALUES (%s, %s)", (job_id, result))


async def find_job(tx: Transaction, job_id: int, *, lock: bool = False) -> Job | None:
    """A job without its result."""
    rows = await tx.rows(f"{_JOB} WHERE id = %s{' FOR UPDATE' if lock else ''}", job_id)
    return _job_of(rows[0]) if rows else None


async def find_result(tx: Transaction, job_id: int) -> dict[str, Any] | None:
    """The result of a job that is done."""
    text = await tx.value("SELECT result FROM job_results WHERE job_id = %s", job_id)
    return None if text is None else dict(json.loads(text))


async def find_same(tx: Transaction, kind: str, key: str) -> Job | None:
    """A job of this kind and key that is queued or runs."""
    rows = await tx.rows(f"{_JOB} WHERE kind = %s AND key = %s AND state IN ('queued', 'running') LIMIT 1", kind, key)
    return _job_of(rows[0]) if rows else None


async def find_last_done(tx: Transaction, kind: str, key: str | None) -> Job | None:
    """The job of this kind, and key if one is given, that was done last."""
    where = "kind = %s AND state = 'done' AND (%s::text IS NULL OR key = %s)"
    rows = await tx.rows(f"{_JOB} WHERE {where} ORDER BY ended_at DESC, id DESC LIMIT 1", kind, key, key)
    return _job_of(rows[0]) if rows else None


async def latest_of_key(tx: Transaction, kind: str, key: str) -> Job | None:
    """The job of this kind and key that was queued last, whatever became of it."""
    rows = await tx.rows(f"{_JOB} WHERE kind = %s AND key = %s ORDER BY id DESC LIMIT 1", kind, key)
    return _job_of(rows[0]) if rows else None


async def running_jobs(tx: Transaction, lane: str) -> list[Job]:
    """The jobs of a lane that run: one at most."""
    return [_job_of(row) for row in await tx.rows(f"{_JOB} WHERE lane = %s AND state = 'running' FOR UPDATE", lane)]


async def next_job(tx: Transaction, lane: str, now: dt.datetime) -> Job | None:
    """The queued job of a lane that is due and waits longest."""
    where = "lane = %s AND state = 'queued' AND due_at <= %s"
    rows = await tx.rows(f"{_JOB} WHERE {where} ORDER BY due_at, id LIMIT 1 FOR UPDATE", lane, now)
    return _job_of(rows[0]) if rows else None


async def recent_jobs(tx: Transaction, kind: str | None, limit: int) -> list[Job]:
    """The newest jobs first."""
    rows = await tx.rows(f"{_JOB} WHERE (%s::text IS NULL OR kind = %s) ORDER BY id DESC LIMIT %s", kind, kind, limit)
    return [_job_of(row) for row in rows]


async def forget_ended(tx: Transaction, before: dt.datetime) -> None:
    """Delete jobs that ended long ago, with their results."""
    await tx.execute("DELETE FROM jobs WHERE ended_at < %s", (before,))


async def note_runner(tx: Transaction, lane: str, now: dt.datetime) -> None:
    """Note that a runner asks for jobs of this lane."""
    query = (
        "INSERT INTO job_runners (lane, seen_at) VALUES (%s, %s) ON CONFLICT (lane) DO UPDATE SET seen_at = excluded.seen_at"
    )
    await tx.execute(query, (lane, now))


async def runner_seen_at(tx: Transaction) -> dt.datetime | None:
    """When a runner was last heard of."""
    seen: dt.datetime | None = await tx.value("SELECT max(seen_at) FROM job_runners")
    return seen
