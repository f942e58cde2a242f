"""What the routes of cases and promises work with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Protocol

from fastapi import Depends, Request

from content.desk_policy import DeskPolicy
from handoff.cases.case_desk import CaseDesk
from handoff.cases.case_links import CaseLinks
from handoff.cases.case_lists import CaseLists
from handoff.cases.promise_desk import PromiseDesk
from handoff.runtime.transaction import Store


@dataclass(frozen=True)
class Cases:
    """The use cases of cases and promises."""

    desk: CaseDesk
    lists: CaseLists
    links: CaseLinks
    promises: PromiseDesk

    @classmethod
    def of(cls, store: Store, policy: DeskPolicy, now: Callable[[], dt.datetime]) -> Cases:
        """All of them on one store."""
        return cls(
            CaseDesk(store, policy, now),
            CaseLists(store, policy, now),
            CaseLinks(store, policy, now),
            PromiseDesk(store, policy, now),
        )


class CaseServices(Protocol):
    """Everything that the routes of cases may use."""

    @property
    def cases(self) -> Cases:
        """The use cases of cases and promises."""


async def _services(request: Request) -> CaseServices:
    services: CaseServices = request.app.state.services
    return services


DeskServices = Annotated[CaseServices, Depends(_services)]
