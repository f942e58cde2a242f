"""Jobs over HTTP: for people, and for the runner with the service token (docs/contracts.md, "Workshop: jobs")."""

from __future__ import annotations

import json
import zlib
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse
from pydantic import Field

from handoff.accounts.security import check_service_token
from handoff.runtime.errors import BadInput
from handoff.runtime.schemas import Body, Text
from handoff.workshop.jobs.job import LANES, JobProgress
from handoff.workshop.jobs.services import DeskServices
from handoff.workshop.roles import Reader

router = APIRouter(prefix="/api/workshop")

_NO_STORE = {"Cache-Control": "no-store"}
#: Bytes of a result as JSON. It travels compressed (handoff/runtime/security_headers.py limits the body).
RESULT_LIMIT = 8 * 1024 * 1024
_LONGEST_WAIT = 25.0

_Words = Annotated[Text, Field(max_length=2000)]
_Lease = Annotated[Text, Field(min_length=1, max_length=100)]


async def _runner(request: Request) -> None:
    check_service_token(request)


_Runner = Annotated[None, Depends(_runner)]


class Take(Body):
    """The runner asks for a job."""

    lane: Annotated[str, Field(pattern=f"^({'|'.join(LANES)})$")]
    seconds: Annotated[float, Field(ge=0, le=_LONGEST_WAIT)] = 0.0


class Beat(Body):
    """A sign of life."""

    lease: _Lease
    share: Annotated[float, Field(allow_inf_nan=False)] = 0.0
    zh: _Words = ""
    en: _Words = ""


class Failed(Body):
    """A job that cannot be done, or whose process was killed (`is_crash`)."""

    lease: _Lease
    zh: _Words = ""
    en: _Words = ""
    is_crash: bool = False


@router.get("/jobs")
async def list_jobs(
    reader: Reader, services: DeskServices, kind: Annotated[str | None, Query(max_length=40)] = None
) -> JSONResponse:
    """The newest jobs, without results."""
    return JSONResponse(await services.jobs.list(kind), headers=_NO_STORE)


@router.get("/jobs/{job_id}")
async def read_job(job_id: int, reader: Reader, services: DeskServices) -> JSONResponse:
    """One job with its result."""
    return JSONResponse((await services.jobs.job(job_id)).as_json(), headers=_NO_STORE)


@router.post("/jobs/{job_id}/cancel")
async def cancel_job(job_id: int, reader: Reader, services: DeskServices) -> dict[str, Any]:
    """Cancel a job; a running one is stopped within seconds."""
    return (await services.jobs.cancel(job_id)).as_json()


@router.post("/jobs/take")
async def take_job(body: Take, runner: _Runner, services: DeskServices) -> dict[str, Any]:
    """The next job of a lane for the runner."""
    job = await services.jobs.take(body.lane, body.seconds)
    if job is None:
        return {"job": None}
    return {"job": {"id": job.id, "kind": job.kind, "parameters": job.parameters, "lease": job.lease}}


@router.post("/jobs/{job_id}/beat")
async def beat_job(job_id: int, body: Beat, runner: _Runner, services: DeskServices) -> dict[str, Any]:
    """The runner lives and goes on. 409 `lease_lost`: it must stop the job."""
    await services.jobs.beat(job_id, body.lease, JobProgress(body.share, body.zh, body.en))
    return {}


@router.post("/jobs/{job_id}/done")
async def job_done(
    job_id: int, request: Request, runner: _Runner, services: DeskServices, lease: Annotated[str, Query(max_length=100)]
) -> dict[str, Any]:
    """The result, as gzip-compressed JSON."""
    await services.jobs.done(job_id, lease, read_result(await request.body()))
    return {}


@router.post("/jobs/{job_id}/failed")
async def job_failed(job_id: int, body: Failed, runner: _Runner, services: DeskServices) -> dict[str, Any]:
    """Why the job failed."""
    if body.is_crash:
        await services.jobs.crashed(job_id, body.lease)
    else:
        await services.jobs.failed(job_id, body.lease, body.zh, body.en)
    return {}


def read_result(body: bytes) -> dict[str, Any]:
    """A result from its compressed form. Raises BadInput for anything else, and for more than `RESULT_LIMIT` bytes."""
    try:
        unpacker = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
        text = unpacker.decompress(body, RESULT_LIMIT + 1)
        result = json.loads(text) if unpacker.eof and len(text) <= RESULT_LIMIT else None
    except (zlib.error, ValueError, RecursionError):
        result = None
    if not isinstance(result, dict):
        raise BadInput("bad_result", "任务结果格式不正确或过大。", "The result is no JSON object, or too large.")
    return result
