"""The API of the log for the workshop's jobs (docs/contracts.md, "Workshop: the log")."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse

from handoff.accounts.security import check_service_token
from handoff.figures.promises import desk_zone
from handoff.figures.services import DeskServices
from handoff.workshop.log.turns import MOST_TURNS, read_turns

router = APIRouter(prefix="/api/workshop")

_NO_STORE = {"Cache-Control": "no-store"}


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
