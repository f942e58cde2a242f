"""`/api/workshop/inbox` and `/api/workshop/imports` (docs/contracts.md, "Workshop")."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import Field

from content.inbox import KINDS
from handoff.accounts.security import check_service_token
from handoff.runtime.errors import BadInput
from handoff.runtime.schemas import Body, Id, Text
from handoff.workshop.inbox.services import DeskServices
from handoff.workshop.roles import Editor, Reader

router = APIRouter(prefix="/api/workshop")

_NO_STORE = {"Cache-Control": "no-store"}
_NOTE_LENGTH = 500


class Decide(Body):
    """`POST .../inbox/{group}`. Without `text_ids` the decision is about all texts of the group."""

    action: Literal["intent", "out_of_scope", "new_intent", "article_missing", "ignore"]
    intent: Id | None = None
    text_ids: Annotated[list[Id], Field(max_length=1000)] = []
    note: Annotated[Text, Field(max_length=_NOTE_LENGTH)] | None = None


@router.get("/inbox")
async def read_inbox(
    reader: Reader,
    services: DeskServices,
    kind: Annotated[str | None, Query(max_length=20)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> JSONResponse:
    """What the bot did not do well, in groups."""
    if kind is not None and kind not in KINDS:
        raise BadInput("bad_request", "没有这种分类。", f"kind must be one of {', '.join(KINDS)}.", field="kind")
    return JSONResponse(await services.inbox.show(kind, limit), headers=_NO_STORE)


@router.get("/inbox/wanted")
async def read_wanted(reader: Reader, services: DeskServices) -> JSONResponse:
    """Intents and articles that editors noted as missing."""
    return JSONResponse({"wanted": await services.inbox.wanted()}, headers=_NO_STORE)


@router.post("/inbox/wanted/{number}/done")
async def close_wanted(number: int, editor: Editor, services: DeskServices) -> dict[str, Any]:
    """What was missing is there now."""
    await services.inbox.done(number)
    return {}


@router.post("/inbox/undo")
async def undo(editor: Editor, services: DeskServices) -> dict[str, Any]:
    """Undo the editor's last decision."""
    return await services.inbox.undo(editor)


@router.post("/inbox/refresh")
async def refresh(editor: Editor, services: DeskServices) -> dict[str, Any]:
    """Fill the inbox now."""
    return {"job": await services.inbox_worker.refresh(editor)}


@router.get("/inbox/source", dependencies=[Depends(check_service_token)])
async def read_source(services: DeskServices) -> StreamingResponse:
    """What the job that fills the inbox must know of the past, as JSON lines; for the bot's environment."""
    return StreamingResponse(services.inbox.job_input(), media_type="application/x-ndjson", headers=_NO_STORE)


@router.post("/inbox/{group}")
async def decide(group: str, body: Decide, editor: Editor, services: DeskServices) -> dict[str, Any]:
    """Decide about texts of a group."""
    return await services.inbox.decide(editor, group, body.action, body.intent, body.text_ids, body.note)


@router.post("/imports")
async def import_log(
    request: Request, editor: Editor, services: DeskServices, name: Annotated[str, Query(max_length=200)] = "log"
) -> dict[str, Any]:
    """Take the customers' texts out of a log, which is the body as it is; they are masked before they are stored."""
    report = await services.log_import.receive(request.stream(), name, editor.login)
    # A job that runs may have read the imported texts already: this one has a name of its own.
    job = await services.inbox_worker.refresh(editor, f"import {report.digest}")
    return {**report.as_json(), "job": job}
