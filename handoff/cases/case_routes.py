"""The agents' API of cases (docs/contracts.md)."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from handoff.accounts.security import ConversationAgent
from handoff.cases.case_desk import ClockName
from handoff.cases.case_lists import Wanted
from handoff.cases.case_schemas import (
    AddFact,
    AddStep,
    CaseState,
    CloseCase,
    Decide,
    Due,
    Extend,
    LinkCase,
    OpenCase,
    PauseClock,
)
from handoff.cases.case_services import DeskServices

router = APIRouter(prefix="/api/cases")

_NOT_STORED = {"Cache-Control": "no-store"}


@router.get("")
async def list_cases(
    agent: ConversationAgent,
    services: DeskServices,
    state: CaseState | None = None,
    due: Due | None = None,
    reason: Annotated[str | None, Query(max_length=100)] = None,
    mine: bool = False,
    after: Annotated[str | None, Query(max_length=200)] = None,
) -> JSONResponse:
    """Cases, the earliest due time first, by pages."""
    found = await services.cases.lists.read(agent, Wanted(state, due, reason, mine), after)
    return JSONResponse(found, headers=_NOT_STORED)


@router.post("", status_code=201)
async def open_case(body: OpenCase, agent: ConversationAgent, services: DeskServices) -> dict[str, Any]:
    """Open a case by hand."""
    return await services.cases.desk.open(agent, body.conversation_id, body.reason, body.message_seq)


@router.get("/{case_id}")
async def read_case(case_id: str, agent: ConversationAgent, services: DeskServices) -> JSONResponse:
    """The whole file."""
    return JSONResponse(await services.cases.desk.read(agent, case_id), headers=_NOT_STORED)


@router.post("/{case_id}/facts", status_code=201)
async def add_fact(case_id: str, body: AddFact, agent: ConversationAgent, services: DeskServices) -> dict[str, Any]:
    """Enter or correct a fact."""
    return await services.cases.desk.add_fact(agent, case_id, body.name, body.value)


@router.post("/{case_id}/steps", status_code=201)
async def add_step(case_id: str, body: AddStep, agent: ConversationAgent, services: DeskServices) -> dict[str, Any]:
    """Enter what was done."""
    return await services.cases.desk.add_step(agent, case_id, body.step, body.note)


@router.post("/{case_id}/pause")
async def pause(case_id: str, body: PauseClock, agent: ConversationAgent, services: DeskServices) -> dict[str, Any]:
    """Let a clock stand still, where its duty allows it."""
    return await services.cases.desk.pause(agent, case_id, ClockName(body.duty, body.clock), body.why, is_paused=True)


@router.post("/{case_id}/resume")
async def resume(case_id: str, body: PauseClock, agent: ConversationAgent, services: DeskServices) -> dict[str, Any]:
    """Let a paused clock go on."""
    return await services.cases.desk.pause(agent, case_id, ClockName(body.duty, body.clock), body.why, is_paused=False)


@router.post("/{case_id}/extend")
async def extend(case_id: str, body: Extend, agent: ConversationAgent, services: DeskServices) -> JSONResponse:
    """Give a clock more time: 200 when it has it, 202 when somebody else must approve."""
    which = ClockName(body.duty, body.clock)
    case, is_done = await services.cases.desk.extend(agent, case_id, which, body.extension, body.why, body.words)
    return JSONResponse(case, status_code=200 if is_done else 202)


@router.post("/{case_id}/decide")
async def decide(case_id: str, body: Decide, agent: ConversationAgent, services: DeskServices) -> dict[str, Any]:
    """Decide the case."""
    return await services.cases.desk.decide(agent, case_id, body.decision, body.reasons)


@router.post("/{case_id}/link")
async def link(case_id: str, body: LinkCase, agent: ConversationAgent, services: DeskServices) -> dict[str, Any]:
    """Link another case, perhaps of the same matter."""
    return await services.cases.links.link(agent, case_id, body.case, is_same=body.same)


@router.post("/{case_id}/close")
async def close(case_id: str, body: CloseCase, agent: ConversationAgent, services: DeskServices) -> dict[str, Any]:
    """End the work on the case."""
    return await services.cases.desk.close(agent, case_id, body.why)
