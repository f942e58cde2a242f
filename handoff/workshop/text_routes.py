"""`/api/workshop/texts` and `/api/workshop/canned` (docs/contracts.md, "Workshop API")."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from handoff.workshop.editing import Workshop
from handoff.workshop.roles import Editor, Reader
from handoff.workshop.text_schemas import BaseRevision, NewReply, Reply, SavedText, TriedReply, TriedText

router = APIRouter(prefix="/api/workshop")


@router.get("/texts")
async def texts(reader: Reader, workshop: Workshop) -> dict[str, Any]:
    """The desk's texts."""
    return await workshop.texts.texts()


@router.post("/texts/preview")
async def preview(body: TriedText, reader: Reader, workshop: Workshop) -> dict[str, Any]:
    """A desk text with facts and numbers filled in."""
    return await workshop.texts.preview_text(body.name, body.values())


@router.put("/texts/{name}")
async def save(name: str, body: SavedText, editor: Editor, workshop: Workshop) -> dict[str, Any]:
    """Change a desk text."""
    return await workshop.texts.save_text(editor, name, body.values(), body.base_revision)


@router.get("/canned")
async def canned(reader: Reader, workshop: Workshop) -> dict[str, Any]:
    """The canned replies."""
    return await workshop.texts.canned()


@router.post("/canned/preview")
async def preview_reply(body: TriedReply, reader: Reader, workshop: Workshop) -> dict[str, Any]:
    """A canned reply as customers would read it."""
    return await workshop.texts.preview_reply(body.text.model_dump())


@router.post("/canned", status_code=201)
async def add_reply(body: NewReply, editor: Editor, workshop: Workshop) -> dict[str, Any]:
    """Add a canned reply."""
    return await workshop.texts.save_reply(editor, body.form(body.id), "", is_new=True)


@router.put("/canned/{reply_id}")
async def save_reply(reply_id: str, body: Reply, editor: Editor, workshop: Workshop) -> dict[str, Any]:
    """Change a canned reply."""
    return await workshop.texts.save_reply(editor, body.form(reply_id), body.base_revision)


@router.delete("/canned/{reply_id}")
async def remove_reply(reply_id: str, body: BaseRevision, editor: Editor, workshop: Workshop) -> dict[str, Any]:
    """Remove a canned reply."""
    return await workshop.texts.remove_reply(editor, reply_id, body.base_revision)
