"""What the routes of incidents work with."""

from __future__ import annotations

from typing import Annotated, Protocol

from fastapi import Depends, Request

from handoff.cases.incidents.board import IncidentBoard
from handoff.cases.incidents.desk import IncidentDesk


class IncidentServices(Protocol):
    """Everything that the routes of incidents may use."""

    @property
    def incidents(self) -> IncidentDesk:
        """What supervisors do."""

    @property
    def incident_board(self) -> IncidentBoard:
        """What is announced now."""


async def _services(request: Request) -> IncidentServices:
    services: IncidentServices = request.app.state.services
    return services


DeskServices = Annotated[IncidentServices, Depends(_services)]
