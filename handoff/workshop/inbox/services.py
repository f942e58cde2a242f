"""What the inbox's routes work with."""

from __future__ import annotations

from typing import Annotated, Protocol

from fastapi import Depends, Request

from handoff.accounts.security import SecurityServices
from handoff.workshop.inbox.desk import InboxDesk
from handoff.workshop.inbox.importing import LogImport
from handoff.workshop.inbox.worker import InboxWorker


class InboxServices(SecurityServices, Protocol):
    """Everything that these routes may use."""

    @property
    def inbox(self) -> InboxDesk:
        """The groups and decisions."""

    @property
    def inbox_worker(self) -> InboxWorker:
        """Queues the jobs."""

    @property
    def log_import(self) -> LogImport:
        """Imports past logs."""


async def _services(request: Request) -> InboxServices:
    services: InboxServices = request.app.state.services
    return services


DeskServices = Annotated[InboxServices, Depends(_services)]
