"""What anybody may know of the service before a conversation: whom to call, and whether people are online."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response

from handoff.queue.services import DeskServices

router = APIRouter(prefix="/api")

#: Pages ask again with each visit; a minute in a browser or a proxy takes the load of a crowd from the desk.
_KEPT = "public, max-age=60"


@router.get("/service")
async def service(response: Response, services: DeskServices) -> dict[str, Any]:
    """The numbers that a customer can call at once, and whether anybody is online for a queue."""
    board = await services.board.latest()
    response.headers["Cache-Control"] = _KEPT
    return {"phones": services.policy.emergency_phones, "staffed": any(board.online_by_queue.values())}
