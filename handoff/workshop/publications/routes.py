"""Checks, publications and proposals over HTTP (docs/contracts.md, "Workshop: publications")."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Protocol

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse
from pydantic import Field

from handoff.runtime.schemas import Body, Text
from handoff.workshop.publications.desk import PublicationDesk
from handoff.workshop.roles import Editor, Reader

router = APIRouter(prefix="/api/workshop")

_NO_STORE = {"Cache-Control": "no-store"}
_Why = Annotated[Text, Field(max_length=500)]


class PublicationServices(Protocol):
    """Everything that these routes may use."""

    @property
    def publications(self) -> PublicationDesk:
        """Publications and proposals."""


async def _services(request: Request) -> PublicationServices:
    services: PublicationServices = request.app.state.services
    return services


DeskServices = Annotated[PublicationServices, Depends(_services)]


class Publish(Body):
    """What to publish: a check that has passed. `at`: when, with a time zone; without it at once."""

    check_job: int
    why: _Why
    at: dt.datetime | None = None


class Why(Body):
    """A reason."""

    why: _Why = ""


@router.post("/checks")
async def check(editor: Editor, services: DeskServices) -> dict[str, Any]:
    """Check the working copy as it is now."""
    return {"job": (await services.publications.check(editor)).id}


@router.get("/publications")
async def publications(reader: Reader, services: DeskServices) -> JSONResponse:
    """What was published, the newest first."""
    return JSONResponse(await services.publications.publications(), headers=_NO_STORE)


@router.post("/publications")
async def publish(body: Publish, editor: Editor, services: DeskServices) -> dict[str, Any]:
    """Publish a checked snapshot, or propose it."""
    return await services.publications.publish(editor, body.check_job, body.why, body.at)


@router.post("/publications/{number}/roll-back")
async def roll_back(number: int, body: Why, reader: Reader, services: DeskServices) -> dict[str, Any]:
    """Publish an earlier publication again."""
    return {"job": (await services.publications.roll_back(reader, number, body.why)).id}


@router.get("/proposals")
async def list_proposals(reader: Reader, services: DeskServices) -> JSONResponse:
    """What somebody wants to publish."""
    return JSONResponse(await services.publications.proposals(reader), headers=_NO_STORE)


@router.post("/proposals/{proposal_id}/approve")
async def approve(proposal_id: int, body: Why, reader: Reader, services: DeskServices) -> dict[str, Any]:
    """Agree as the second person."""
    return {"job": (await services.publications.approve(reader, proposal_id, body.why)).id}


@router.post("/proposals/{proposal_id}/reject")
async def reject(proposal_id: int, body: Why, reader: Reader, services: DeskServices) -> dict[str, Any]:
    """Reject, or withdraw one's own."""
    await services.publications.reject(reader, proposal_id, body.why)
    return {}
