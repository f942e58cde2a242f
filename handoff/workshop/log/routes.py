"""The API of the log, decided again (docs/contracts.md, "Workshop: the log")."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from pydantic import Field

from handoff.accounts.agents import Agent
from handoff.accounts.security import SignedIn, check_service_token
from handoff.conversations.reading import check_may_read, unknown_conversation
from handoff.conversations.store import find_conversation
from handoff.figures.promises import desk_zone
from handoff.runtime.errors import NotFound
from handoff.runtime.schemas import Body, Id
from handoff.workshop.log.openings import KIND as LOOK_BACK
from handoff.workshop.log.services import DeskServices
from handoff.workshop.log.tables import as_csv
from handoff.workshop.log.turns import MOST_TURNS, read_turns
from handoff.workshop.roles import Reader

router = APIRouter(prefix="/api/workshop")

_NO_STORE = {"Cache-Control": "no-store"}
_REPLAY = "replay"
#: Conversations that one request may open.
_MOST_OPENED = 200


class Replay(Body):
    """Make decisions of a conversation again; `seq`: an entry, or none for all of them."""

    conversation_id: Id
    seq: Annotated[int, Field(ge=1, le=2**31, strict=True)] | None = None


class LookBack(Body):
    """Look back with what is live, or with the working copy."""

    version: Literal["live", "draft"] = "live"


class Open(Body):
    """Open cases for these conversations of a look-back's list."""

    conversation_ids: Annotated[list[Id], Field(min_length=1, max_length=_MOST_OPENED)]


@router.get("/turns")
async def get_turns(
    request: Request,
    services: DeskServices,
    last: Annotated[int | None, Query(ge=1, le=MOST_TURNS)] = None,
    conversation: Annotated[str | None, Query(max_length=100)] = None,
) -> StreamingResponse:
    """The turns of the log as JSON lines, for the bot's jobs."""
    check_service_token(request)
    zone = desk_zone(services.content())

    async def lines() -> AsyncIterator[bytes]:
        async for turn in read_turns(services.store, zone, last=last, conversation_id=conversation):
            yield turn.as_line()

    return StreamingResponse(lines(), media_type="application/x-ndjson", headers=_NO_STORE)


async def _check_reads(services: DeskServices, agent: Agent, conversation_id: str) -> None:
    """Raises NotFound, NotAllowed unless the account may read the conversation. Editors may: the log is masked."""
    async with services.store.read() as tx:
        conversation = await find_conversation(tx, conversation_id)
        if conversation is None:
            raise unknown_conversation()
        if agent.role != "editor":
            await check_may_read(tx, agent, conversation)


@router.post("/replays")
async def start_replay(body: Replay, agent: SignedIn, services: DeskServices) -> dict[str, Any]:
    """Make logged decisions again, as a job."""
    await _check_reads(services, agent, body.conversation_id)
    key = f"{body.conversation_id}/{body.seq or ''}"
    job = await services.jobs.queue(_REPLAY, body.model_dump(exclude_none=True), agent, key)
    return {"job": job.id}


@router.get("/replays/{job_id}")
async def read_replay(job_id: int, agent: SignedIn, services: DeskServices) -> JSONResponse:
    """The job of a replay, for everybody who may read the conversation."""
    job = await services.jobs.job(job_id)
    if job.kind != _REPLAY or "conversation_id" not in job.parameters:
        raise NotFound("unknown_job", "没有这个任务。", "There is no such job.")
    await _check_reads(services, agent, str(job.parameters["conversation_id"]))
    return JSONResponse(job.as_json(), headers=_NO_STORE)


@router.post("/look-backs")
async def start_look_back(body: LookBack, reader: Reader, services: DeskServices) -> dict[str, Any]:
    """Look for closed conversations that should have gone to a person, as a job."""
    job = await services.jobs.queue(LOOK_BACK, body.model_dump(), reader, body.version)
    return {"job": job.id}


@router.get("/look-backs/{job_id}")
async def read_look_back(job_id: int, reader: Reader, services: DeskServices) -> JSONResponse:
    """What a look-back found, with where each conversation stands now."""
    return JSONResponse(await services.case_openings.findings(job_id), headers=_NO_STORE)


@router.get("/look-backs/{job_id}/csv")
async def read_look_back_csv(job_id: int, reader: Reader, services: DeskServices) -> Response:
    """The same as a file for a spreadsheet."""
    content = as_csv(await services.case_openings.findings(job_id)).encode("utf-8")
    name = f'attachment; filename="look_back_{job_id}.csv"'
    return Response(content, media_type="text/csv; charset=utf-8", headers={**_NO_STORE, "Content-Disposition": name})


@router.post("/look-backs/{job_id}/open")
async def open_cases(job_id: int, body: Open, reader: Reader, services: DeskServices) -> dict[str, Any]:
    """Hand closed conversations over to people."""
    return await services.case_openings.open(job_id, body.conversation_ids, reader)
