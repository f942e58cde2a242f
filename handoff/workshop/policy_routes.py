"""`/api/workshop/policy` (docs/contracts.md, "Workshop API")."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field

from handoff.runtime.schemas import Body, Text
from handoff.workshop.editing import Workshop
from handoff.workshop.roles import Editor, Reader

router = APIRouter(prefix="/api/workshop")


class PolicyValue(Body):
    """`PUT /api/workshop/policy`."""

    base_revision: Annotated[Text, Field(max_length=400)] = ""
    path: Annotated[Text, Field(max_length=300)]
    value: Any


@router.get("/policy")
async def policy(reader: Reader, workshop: Workshop) -> dict[str, Any]:
    """All sections with their fields."""
    return await workshop.policy.overview()


@router.put("/policy")
async def save(body: PolicyValue, editor: Editor, workshop: Workshop) -> dict[str, Any]:
    """Change one field."""
    return await workshop.policy.save(editor, body.path, body.value, body.base_revision)
