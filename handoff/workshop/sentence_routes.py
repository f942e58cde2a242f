"""`/api/workshop/sentences` and `/api/workshop/cases` (docs/contracts.md, "Workshop API")."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import Field

from handoff.runtime.schemas import Body, Text
from handoff.workshop.editing import Workshop
from handoff.workshop.roles import Editor, Reader

router = APIRouter(prefix="/api/workshop")

_Name = Annotated[Text, Field(max_length=100)]
_Sentence = Annotated[Text, Field(max_length=4000)]


class Sentence(Body):
    """A sentence of an intent. `base_revision` is not needed: the sentence itself says what the editor saw."""

    base_revision: Annotated[str, Field(max_length=40)] = ""
    intent: _Name
    text: _Sentence


class Move(Body):
    """`POST /api/workshop/sentences/move`."""

    base_revision: Annotated[str, Field(max_length=40)] = ""
    text: _Sentence
    source: Annotated[_Name, Field(alias="from")]
    target: Annotated[_Name, Field(alias="to")]


class SafetyCase(Body):
    """`POST /api/workshop/cases`."""

    text: _Sentence
    must: Literal["person", "article"]
    intent: _Name | None = None
    article: _Name | None = None
    reason: _Name | None = None
    note: Annotated[Text, Field(max_length=1000)] | None = None
    context: dict[str, Any] | None = None


@router.get("/sentences")
async def sentences(
    reader: Reader,
    workshop: Workshop,
    intent: Annotated[str, Query(max_length=100)] = "",
    q: Annotated[str, Query(max_length=200)] = "",
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    limit: Annotated[int, Query(ge=1, le=5000)] = 200,
) -> dict[str, Any]:
    """The intents, and sentences of one of them or with some words."""
    return await workshop.sentences.sentences(intent, q, offset, limit)


@router.post("/sentences", status_code=201)
async def add(body: Sentence, editor: Editor, workshop: Workshop) -> dict[str, Any]:
    """Add a sentence."""
    return await workshop.sentences.add(editor, body.intent, body.text)


@router.delete("/sentences")
async def remove(body: Sentence, editor: Editor, workshop: Workshop) -> dict[str, Any]:
    """Take a sentence out."""
    return await workshop.sentences.remove(editor, body.intent, body.text)


@router.post("/sentences/move")
async def move(body: Move, editor: Editor, workshop: Workshop) -> dict[str, Any]:
    """Move a sentence to another intent."""
    return await workshop.sentences.move(editor, body.text, body.source, body.target)


@router.get("/cases")
async def cases(reader: Reader, workshop: Workshop) -> dict[str, Any]:
    """All safety cases."""
    return await workshop.sentences.cases()


@router.post("/cases", status_code=201)
async def add_case(body: SafetyCase, editor: Editor, workshop: Workshop) -> dict[str, Any]:
    """Keep a sentence as a safety case."""
    return await workshop.sentences.add_case(editor, body.model_dump())
