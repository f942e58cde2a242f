"""Endpoints for operators and Prometheus: liveness, readiness, metrics (docs/operations.md)."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from contract.priorities import PRIORITY_RANK
from handoff.accounts.security import check_service_token
from handoff.queue.store import queue_lengths
from handoff.runtime.errors import Unavailable
from handoff.runtime.transaction import Store
from handoff.services import Services

router = APIRouter()

#: Prometheus gives up after ten seconds, a load balancer earlier. Both need an answer when the database does not respond.
_DATABASE_SECONDS = 2.0


async def _services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


AppServices = Annotated[Services, Depends(_services)]


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """This process is alive."""
    return {"status": "ok"}


@router.get("/readyz")
async def readyz(services: AppServices) -> JSONResponse:
    """Whether the database and at least one bot can be reached."""
    bot, database = await asyncio.gather(services.bots.ping(), _answers(services.store))
    checks = {"bot": bot, "database": database}
    ready = all(checks.values())
    return JSONResponse({"status": "ready" if ready else "not_ready", "checks": checks}, 200 if ready else 503)


async def _answers(store: Store) -> bool:
    try:
        async with asyncio.timeout(_DATABASE_SECONDS):
            await store.ping()
    except (Unavailable, TimeoutError):
        return False
    return True


@router.get("/metrics")
async def metrics(request: Request, services: AppServices) -> Response:
    """This desk's counters and the present queue. Requires the service token."""
    check_service_token(request)
    figures = services.metrics
    figures.set_queue(await _queue(services))
    for what, number in services.store.pool_stats().items():
        figures.pool.labels(what).set(number)
    for bot in services.bots.bots:
        figures.bot_up.labels(bot.url).set(bot.is_healthy)
    return Response(figures.as_text(), headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4, "Cache-Control": "no-store"})


async def _queue(services: Services) -> dict[str, tuple[int, float]] | None:
    """Length and longest wait of each priority; None when the database does not answer in time."""
    try:
        async with asyncio.timeout(_DATABASE_SECONDS), services.store.read() as tx:
            waiting = await queue_lengths(tx)
    except (Unavailable, TimeoutError):
        return None
    now = services.now()
    queue = {priority: (length, max(0.0, (now - since).total_seconds())) for priority, length, since in waiting}
    return {priority: queue.get(priority, (0, 0.0)) for priority in PRIORITY_RANK}
