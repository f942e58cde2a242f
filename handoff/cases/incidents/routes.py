"""`/api/incidents` (docs/contracts.md)."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse
from pydantic import AfterValidator, AwareDatetime, Field

from contract.characters import is_blank
from handoff.accounts.security import ConversationAgent
from handoff.cases.incidents.desk import Announcement, Change
from handoff.cases.incidents.services import DeskServices
from handoff.runtime.http_errors import locale_of
from handoff.runtime.schemas import Body, Id, Text

router = APIRouter(prefix="/api/incidents")

_TITLE, _TEXT, _BANK = 100, 500, 30


def _not_blank(text: str) -> str:
    if is_blank(text):
        raise ValueError("must not be blank")
    return text.strip()


Title = Annotated[Text, Field(max_length=_TITLE), AfterValidator(_not_blank)]
Words = Annotated[Text, Field(max_length=_TEXT), AfterValidator(_not_blank)]
Intents = Annotated[list[Id], Field(max_length=50)]
Banks = Annotated[list[Annotated[Text, Field(max_length=_BANK), AfterValidator(_not_blank)]], Field(max_length=20)]


class BothLanguages(Body):
    """A text in both languages of the editors' files."""

    zh: Words
    en: Words


class Announce(Body):
    """`POST /api/incidents`."""

    title: Title
    text: BothLanguages
    intents: Intents = []
    banks: Banks = []
    until: AwareDatetime | None = None


class ChangeIncident(Body):
    """`PATCH /api/incidents/{id}`: only the fields that are there change."""

    title: Title | None = None
    text: BothLanguages | None = None
    intents: Intents | None = None
    banks: Banks | None = None
    until: AwareDatetime | None = None
    state: Literal["open", "closed"] | None = None
    closing_text: BothLanguages | None = None
    version: Annotated[int, Field(ge=1, le=2**31, strict=True)] | None = None


@router.get("")
async def read_open(
    request: Request,
    services: DeskServices,
    locale: Annotated[Literal["zh", "zh-Hant", "en"] | None, Query()] = None,
) -> JSONResponse:
    """What is announced now, for everybody."""
    shown = services.incident_board.shown(locale or locale_of(request))
    return JSONResponse({"incidents": shown}, headers={"Cache-Control": "no-cache", "Vary": "Accept-Language"})


@router.get("/all")
async def read_all(agent: ConversationAgent, services: DeskServices) -> JSONResponse:
    """Open incidents and those of the last 30 days, for agents and supervisors."""
    return JSONResponse({"incidents": await services.incidents.listed()}, headers={"Cache-Control": "no-store"})


@router.post("", status_code=201)
async def announce(body: Announce, agent: ConversationAgent, services: DeskServices) -> dict[str, Any]:
    """A supervisor announces an incident."""
    said = Announcement(body.title, body.text.model_dump(), tuple(body.intents), tuple(body.banks), _utc(body.until))
    return await services.incidents.announce(agent, said)


@router.patch("/{incident_id}")
async def change(incident_id: str, body: ChangeIncident, agent: ConversationAgent, services: DeskServices) -> dict[str, Any]:
    """A supervisor changes an incident, or closes it."""
    wanted = Change(
        title=body.title,
        text=body.text.model_dump() if body.text else None,
        intents=tuple(body.intents) if body.intents is not None else None,
        banks=tuple(body.banks) if body.banks is not None else None,
        until=_utc(body.until),
        has_until="until" in body.model_fields_set,
        closes=body.state == "closed",
        closing_text=body.closing_text.model_dump() if body.closing_text else None,
        version=body.version,
    )
    return await services.incidents.change(agent, incident_id, wanted)


def _utc(time: dt.datetime | None) -> dt.datetime | None:
    return time.astimezone(dt.UTC) if time is not None else None
