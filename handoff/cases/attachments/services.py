"""What the routes of attachments work with."""

from __future__ import annotations

from typing import Annotated, Protocol

from fastapi import Depends, Request

from content.desk_policy import DeskPolicy
from handoff.cases.attachments.desk import AttachmentDesk
from handoff.runtime.limits.limits import Limits


class AttachmentServices(Protocol):
    """Everything that the routes of attachments may use."""

    @property
    def attachments(self) -> AttachmentDesk:
        """The use cases of pictures."""

    @property
    def policy(self) -> DeskPolicy:
        """How the desk behaves and what it says."""

    @property
    def limits(self) -> Limits:
        """Rate limits."""


async def _services(request: Request) -> AttachmentServices:
    services: AttachmentServices = request.app.state.services
    return services


DeskServices = Annotated[AttachmentServices, Depends(_services)]
