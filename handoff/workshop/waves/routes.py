"""The API of waves (docs/contracts.md, "Waves")."""

from __future__ import annotations

from typing import Annotated, Any, Protocol

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse
from pydantic import Field

from handoff.accounts.security import SecurityServices
from handoff.runtime.schemas import Body, Text
from handoff.workshop.roles import Reader
from handoff.workshop.waves.proposals import WaveProposals

router = APIRouter(prefix="/api/workshop/waves")
_NO_STORE = {"Cache-Control": "no-store"}


class WaveServices(SecurityServices, Protocol):
    """The services that these routes use."""

    @property
    def wave_proposals(self) -> WaveProposals:
        """Waves of alike messages, and patterns against them."""


async def _services(request: Request) -> WaveServices:
    services: WaveServices = request.app.state.services
    return services


Services = Annotated[WaveServices, Depends(_services)]


@router.get("")
async def list_waves(reader: Reader, services: Services) -> JSONResponse:
    """The waves of the last days, the latest first."""
    return JSONResponse(await services.wave_proposals.listed(), headers=_NO_STORE)


class Proposal(Body):
    """A pattern against a wave; `intent`: the incident that it names."""

    pattern: Annotated[Text, Field(min_length=1, max_length=1000)]
    intent: Annotated[Text, Field(max_length=100)] | None = None


@router.post("/{wave_id}/proposals")
async def propose(wave_id: str, body: Proposal, reader: Reader, services: Services) -> dict[str, Any]:
    """Propose a pattern: it is checked on top of what is live."""
    return await services.wave_proposals.propose(reader, wave_id, body.pattern, body.intent)


@router.post("/{wave_id}/approve")
async def approve(wave_id: str, reader: Reader, services: Services) -> dict[str, Any]:
    """Put the proposed pattern live, as a second person."""
    return await services.wave_proposals.approve(reader, wave_id)


@router.post("/{wave_id}/dismiss")
async def dismiss(wave_id: str, reader: Reader, services: Services) -> dict[str, Any]:
    """It is no wave."""
    return await services.wave_proposals.dismiss(reader, wave_id)
