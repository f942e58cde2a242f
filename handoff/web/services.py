"""What the routes work with, put together by the bootstrap."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from fastapi import Request

from handoff.domain.store import Store
from handoff.services.agent_desk import AgentDesk
from handoff.services.bot_pool import BotPool
from handoff.services.customers import Customers
from handoff.services.desk_policy import DeskPolicy
from handoff.services.handoffs import Handoffs
from handoff.services.limits import Limits
from handoff.services.metrics import Metrics
from handoff.services.queue_board import QueueBoard
from handoff.services.sign_in import SignIn
from handoff.services.turns import TurnWorker
from handoff.services.wakeups import Wakeups


@dataclass(frozen=True)
class Services:
    """Everything that a route may need."""

    store: Store
    wakeups: Wakeups
    policy: DeskPolicy
    handoffs: Handoffs
    customers: Customers
    agent_desk: AgentDesk
    board: QueueBoard
    sign_in: SignIn
    limits: Limits
    bots: BotPool
    turns: TurnWorker
    service_token: str
    names: dict[str, Any]
    canned_replies: list[dict[str, Any]]
    now: Callable[[], dt.datetime]
    metrics: Metrics = field(default_factory=Metrics)


def services_of(request: Request) -> Services:
    """The application's services."""
    services: Services = request.app.state.services
    return services
