"""`/api/workshop/draft` (docs/contracts.md, "Workshop API")."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field

from handoff.runtime.schemas import Body, Text
from handoff.workshop.editing import Workshop
from handoff.workshop.editing_schemas import Revision
from handoff.workshop.roles import Editor, Reader

router = APIRouter(prefix="/api/workshop")


class Revert(Body):
    """`POST /api/workshop/draft/revert`. `base_revision`: of the file as the editor saw it; without one, as it is now."""

    file: Annotated[Text, Field(max_length=200)]
    base_revision: Revision | None = None


@router.get("/draft")
async def draft(reader: Reader, workshop: Workshop) -> dict[str, Any]:
    """The changes of the working copy in comparison with what is live."""
    return await workshop.draft.overview()


@router.post("/draft/revert")
async def revert(body: Revert, editor: Editor, workshop: Workshop) -> dict[str, Any]:
    """Bring a file back to what is live."""
    return await workshop.draft.revert(editor, body.file, body.base_revision)
