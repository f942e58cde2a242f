"""The agents' API of promises (docs/contracts.md)."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from handoff.accounts.security import ConversationAgent
from handoff.cases.case_schemas import KeepPromise, WithdrawPromise
from handoff.cases.case_services import DeskServices

router = APIRouter(prefix="/api")


@router.get("/promises")
async def list_promises(
    agent: ConversationAgent,
    services: DeskServices,
    mine: bool = False,
    promise: Annotated[str | None, Query(max_length=100)] = None,
    after: Annotated[str | None, Query(max_length=200)] = None,
) -> JSONResponse:
    """What is owed to customers, the earliest due time first, by pages."""
    found = await services.cases.promises.read(agent, after, is_mine=mine, promise=promise)
    return JSONResponse(found, headers={"Cache-Control": "no-store"})


@router.post("/conversations/{conversation_id}/promises/{promise_id}/keep")
async def keep(
    conversation_id: str, promise_id: str, agent: ConversationAgent, services: DeskServices, body: KeepPromise | None = None
) -> dict[str, Any]:
    """Say that a promise is kept."""
    return await services.cases.promises.keep(agent, conversation_id, promise_id, body.note if body else None)


@router.post("/conversations/{conversation_id}/promises/{promise_id}/withdraw")
async def withdraw(
    conversation_id: str, promise_id: str, body: WithdrawPromise, agent: ConversationAgent, services: DeskServices
) -> dict[str, Any]:
    """Take a promise back, with words to the customer."""
    return await services.cases.promises.withdraw(agent, conversation_id, promise_id, body.words)
