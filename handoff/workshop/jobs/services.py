"""What the routes of jobs work with."""

from __future__ import annotations

from typing import Annotated, Protocol

from fastapi import Depends, Request

from handoff.workshop.jobs.desk import JobDesk


class JobServices(Protocol):
    """Everything that these routes may use."""

    @property
    def jobs(self) -> JobDesk:
        """The jobs."""


async def _services(request: Request) -> JobServices:
    services: JobServices = request.app.state.services
    return services


DeskServices = Annotated[JobServices, Depends(_services)]
