"""What the routes of the log work with."""

from __future__ import annotations

from typing import Annotated, Protocol

from fastapi import Depends, Request

from handoff.figures.services import FigureServices
from handoff.workshop.jobs.desk import JobDesk
from handoff.workshop.log.openings import CaseOpenings


class LogServices(FigureServices, Protocol):
    """Everything that these routes may use."""

    @property
    def jobs(self) -> JobDesk:
        """The jobs."""

    @property
    def case_openings(self) -> CaseOpenings:
        """Cases for what a look-back found."""


async def _services(request: Request) -> LogServices:
    services: LogServices = request.app.state.services
    return services


DeskServices = Annotated[LogServices, Depends(_services)]
