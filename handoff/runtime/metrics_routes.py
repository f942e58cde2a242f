"""The desk's figures for Prometheus (docs/operations.md, "Metrics")."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from contract.priorities import PRIORITY_RANK
from handoff.accounts.security import AppServices, check_service_token
from handoff.queue.store import queue_lengths
from handoff.runtime.errors import Unavailable
from handoff.runtime.services import Services

router = APIRouter()

#: Prometheus gives up after ten seconds; the figures of a desk whose database is away are wanted most.
_DATABASE_SECONDS = 2.0


@router.get("/metrics")
async def metrics(request: Request, services: AppServices) -> Response:
    """This desk's counters, and the queue as it is now; for those who have the service token."""
    check_service_token(request, services)
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
