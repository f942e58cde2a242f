"""What the routes of cases and promises work with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Protocol

from fastapi import Depends, Request

from handoff.cases.case_desk import CaseDesk
from handoff.cases.case_links import CaseLinks
from handoff.cases.case_lists import CaseLists


@dataclass(frozen=True)
class Cases:
    """The use cases of cases and promises."""

    desk: CaseDesk
    lists: CaseLists
    links: CaseLinks


class CaseServices(Protocol):
    """Everything that the routes of cases may use."""

    @property
    def cases(self) -> Cases:
        """The use cases of cases and promises."""


async def _services(request: Request) -> CaseServices:
    services: CaseServices = request.app.state.services
    return services


DeskServices = Annotated[CaseServices, Depends(_services)]
