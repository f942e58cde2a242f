"""A job and the rules of its life, without a database.

queued -> running -> done | failed. A running job belongs to the runner that holds its lease and prolongs it with each beat.
When a lease ends, the runner or the machine died: the job is queued again, up to `ATTEMPTS` times. A cancelled job is a failed
one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from handoff.runtime.errors import Conflict

QUEUED, RUNNING, DONE, FAILED = "queued", "running", "done", "failed"
#: The lanes. One job at a time runs in each. A roll-back must not wait for a check, which takes minutes.
WORK, PUBLISHING = "work", "publishing"
LANES = (WORK, PUBLISHING)
_PUBLISHING_KINDS = ("publish", "roll_back")
LEASE = dt.timedelta(seconds=15)
ATTEMPTS = 3


@dataclass(frozen=True)
class JobProblem:
    """Why a job failed. `code`: "failed", "cancelled", "lost"."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True)
class JobProgress:
    """How far a job is: a share from 0 to 1, and what it does now."""

    share: float = 0.0
    zh: str = ""
    en: str = ""


_CANCELLED = JobProblem("cancelled", "任务已取消。", "The job was cancelled.")
_LOST = JobProblem(
    "lost",
    f"任务进程连续 {ATTEMPTS} 次意外中断，已停止重试。草稿没有变化，请稍后重新发起；若仍失败，请联系运维查看 workshop 日志。",
    f"The job's process ended unexpectedly {ATTEMPTS} times. The draft is unchanged. Start the job again later; if it keeps "
    "failing, ask your operator to read the log of the process workshop.",
)


@dataclass(frozen=True)
class Job:
    """One job. `key`: what makes two jobs of a kind the same one, such as a data revision. `due_at`: not taken before."""

    id: int
    kind: str
    parameters: Mapping[str, Any]
    created_by: str
    created_by_name: str
    created_at: dt.datetime
    due_at: dt.datetime
    key: str | None = None
    state: str = QUEUED
    progress: JobProgress = field(default_factory=JobProgress)
    problem: JobProblem | None = None
    started_at: dt.datetime | None = None
    ended_at: dt.datetime | None = None
    attempts: int = 0
    lease: str | None = None
    lease_until: dt.datetime | None = None
    #: Only of a job that was read alone; lists do not hold results.
    result: Mapping[str, Any] | None = None

    def as_json(self) -> dict[str, Any]:
        """The job for pages (docs/contracts.md)."""
        return {
            "id": self.id,
            "kind": self.kind,
            "state": self.state,
            "progress": {"share": self.progress.share, "zh": self.progress.zh, "en": self.progress.en},
            "result": self.result,
            "error": None
            if self.problem is None
            else {"code": self.problem.code, "zh": self.problem.zh, "en": self.problem.en},
            "created_by": self.created_by,
            "created_by_name": self.created_by_name,
            "created_at": self.created_at.isoformat(),
            "due_at": self.due_at.isoformat(),
            "started_at": self.started_at.isoformat() if self.started_at else None,
            "ended_at": self.ended_at.isoformat() if self.ended_at else None,
            "attempts": self.attempts,
        }


def lane_of(kind: str) -> str:
    """The lane in which jobs of a kind run."""
    return PUBLISHING if kind in _PUBLISHING_KINDS else WORK


def taken(job: Job, lease: str, now: dt.datetime) -> Job:
    """The job after a runner took it. Only a queued job that is due may be given."""
    if job.state != QUEUED or job.due_at > now:
        raise ValueError(f"job {job.id} cannot be taken: {job.state}")
    return replace(
        job, state=RUNNING, lease=lease, lease_until=now + LEASE, attempts=job.attempts + 1, started_at=job.started_at or now
    )


def beaten(job: Job, lease: str, progress: JobProgress, now: dt.datetime) -> Job:
    """The job after a sign of life of its runner. Raises Conflict for a runner that no longer holds the job."""
    _check_lease(job, lease)
    share = min(max(progress.share, 0.0), 1.0)
    return replace(job, lease_until=now + LEASE, progress=replace(progress, share=share))


def ended(job: Job, lease: str, result: Mapping[str, Any], now: dt.datetime) -> Job:
    """The job with its result. Raises Conflict."""
    _check_lease(job, lease)
    return replace(_over(job, DONE, now), result=result, progress=replace(job.progress, share=1.0))


def failed(job: Job, lease: str, zh: str, en: str, now: dt.datetime) -> Job:
    """The job that cannot be done, with the reason. Raises Conflict."""
    _check_lease(job, lease)
    return replace(_over(job, FAILED, now), problem=JobProblem("failed", zh, en))


def crashed(job: Job, lease: str, now: dt.datetime) -> Job:
    """The job whose process was killed: queued again, or failed after the last attempt. Raises Conflict."""
    _check_lease(job, lease)
    return _again(job, now)


def swept(job: Job, now: dt.datetime) -> Job:
    """The job, queued again or failed if its runner's lease has ended; else unchanged."""
    if job.state != RUNNING or job.lease_until is None or job.lease_until > now:
        return job
    return _again(job, now)


def cancelled(job: Job, now: dt.datetime) -> Job:
    """The job after somebody cancelled it; its runner hears of it at its next beat. Raises Conflict.

    A publication that runs is not cancelled: it takes seconds, and half of it would leave bots with different models.
    """
    if job.state not in (QUEUED, RUNNING):
        raise Conflict("job_is_over", "任务已经结束，不能取消。", "The job is over.")
    if job.state == RUNNING and lane_of(job.kind) == PUBLISHING:
        raise Conflict(
            "job_is_publishing", "正在发布，几秒内完成，不能中途取消。", "It is being published and takes seconds only."
        )
    return replace(_over(job, FAILED, now), problem=_CANCELLED)


def _check_lease(job: Job, lease: str) -> None:
    if job.state != RUNNING or job.lease != lease:
        raise Conflict("lease_lost", "任务已不属于这个进程。", "The job was cancelled or belongs to another runner.")


def _again(job: Job, now: dt.datetime) -> Job:
    if job.attempts >= ATTEMPTS:
        return replace(_over(job, FAILED, now), problem=_LOST)
    return replace(job, state=QUEUED, lease=None, lease_until=None, progress=JobProgress())


def _over(job: Job, state: str, now: dt.datetime) -> Job:
    return replace(job, state=state, lease=None, lease_until=None, ended_at=now)
