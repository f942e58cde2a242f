"""The API of waves (docs/contracts.md, "Waves")."""

from __future__ import annotations

from typing import Annotated, Any, Protocol

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse

from handoff.accounts.security import SecurityServices
from handoff.workshop.roles import Reader
from handoff.workshop.waves.desk import WaveDesk

router = APIRouter(prefix="/api/workshop/waves")
_NO_STORE = {"Cache-Control": "no-store"}


class WaveServices(SecurityServices, Protocol):
    """The services that these routes use."""

    @property
    def waves(self) -> WaveDesk:
        """Waves of alike messages."""


async def _services(request: Request) -> WaveServices:
    services: WaveServices = request.app.state.services
    return services


Services = Annotated[WaveServices, Depends(_services)]


@router.get("")
async def list_waves(reader: Reader, services: Services) -> JSONResponse:
    """The waves of the last days, the latest first."""
    return JSONResponse(await services.waves.listed(), headers=_NO_STORE)


@router.post("/{wave_id}/dismiss")
async def dismiss(wave_id: str, reader: Reader, services: Services) -> dict[str, Any]:
    """It is no wave."""
    return await services.waves.dismiss(reader, wave_id)
