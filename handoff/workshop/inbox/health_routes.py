"""`/api/workshop/intents`: the health of the examples (docs/contracts.md, "Workshop: the inbox")."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from handoff.runtime.errors import NotFound
from handoff.workshop.jobs.services import DeskServices
from handoff.workshop.roles import Editor, Reader

router = APIRouter(prefix="/api/workshop/intents")

KIND: Final = "health"


@router.post("/health")
async def measure(editor: Editor, services: DeskServices) -> dict[str, Any]:
    """Measure the health of all examples: about two minutes. A job that waits or runs is not queued twice."""
    return {"job": (await services.jobs.queue(KIND, {}, editor, key=KIND)).id}


@router.get("/{intent}/health")
async def read_health(intent: str, reader: Reader, services: DeskServices) -> JSONResponse:
    """The health of an intent's examples when it was measured last. Raises NotFound before."""
    job = await services.jobs.last_done(KIND)
    found = None if job is None or job.result is None else job.result["intents"].get(intent)
    if job is None or job.result is None or found is None:
        raise NotFound(
            "not_measured", "这个意图的例句还没有体检过。", "The examples of this intent have not been measured yet."
        )
    whole = {name: job.result[name] for name in ("sentences", "accuracy", "shares")}
    made_at = job.ended_at.isoformat() if job.ended_at else None
    return JSONResponse({"intent": intent, "made_at": made_at, "all": whole, **found}, headers={"Cache-Control": "no-store"})
