"""What the routes of figures and of the board work with."""

from __future__ import annotations

from typing import Annotated, Protocol

from fastapi import Depends, Request

from handoff.accounts.agents import Agent
from handoff.accounts.security import SignedIn
from handoff.figures.live import LiveBoard
from handoff.figures.reports import Reports
from handoff.queue.services import QueueServices
from handoff.runtime.errors import NotAllowed


class FigureServices(QueueServices, Protocol):
    """Everything that these routes may use."""

    @property
    def reports(self) -> Reports:
        """Figures of a window."""

    @property
    def live_board(self) -> LiveBoard:
        """The supervisors' board."""


async def _services(request: Request) -> FigureServices:
    # Asynchronous, because FastAPI runs other dependencies in a thread, at a millisecond each.
    services: FigureServices = request.app.state.services
    return services


def check_supervises(agent: Agent) -> None:
    """Raise NotAllowed for an account that does not supervise."""
    if agent.role != "supervisor" or agent.is_disabled:
        raise NotAllowed("not_permitted", "只有主管可以查看。", "Only supervisors may see this.", status=403)


async def _supervisor(agent: SignedIn) -> Agent:
    check_supervises(agent)
    return agent


DeskServices = Annotated[FigureServices, Depends(_services)]
Supervisor = Annotated[Agent, Depends(_supervisor)]
