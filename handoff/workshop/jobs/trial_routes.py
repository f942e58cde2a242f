"""Try a sentence (docs/contracts.md, "Workshop: jobs"): what would the draft or the live bot decide about it?"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import Field

from handoff.runtime.schemas import Body, Text
from handoff.workshop.jobs.services import DeskServices
from handoff.workshop.roles import Reader

router = APIRouter(prefix="/api/workshop")


class Trial(Body):
    """`POST /api/workshop/tries`."""

    text: Annotated[Text, Field(min_length=1, max_length=2000)]
    locale: Literal["zh", "zh-Hant", "en"] = "zh"
    of: Literal["live", "draft"] = "draft"


@router.post("/tries")
async def try_sentence(body: Trial, reader: Reader, services: DeskServices) -> dict[str, Any]:
    """Queue a job of kind `try`; its result is `{decision, nearest, model_is_live}`."""
    job = await services.jobs.queue("try", body.model_dump(), reader)
    return {"job": job.id}
