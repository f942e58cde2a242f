"""Counters and timers of a desk for `GET /metrics` (docs/operations.md, "Metrics").

No label holds an id, a name or a text: each has a small fixed set of values.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import AbstractContextManager

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

_LAG_LOOK_SECONDS = 0.25
_TURN_BUCKETS = (0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 12, 30)
_REQUEST_BUCKETS = (0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
_LAG_BUCKETS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)


class Metrics:
    """The metrics of one desk, in a registry of their own: several desks may run in one process."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self.desk = Gauge("desk_info", "1; the desk's version.", ["version"], registry=registry)
        self.request_seconds = Histogram(
            "desk_request_seconds",
            "Time of calls that change something, by method, route and status.",
            ["method", "route", "status"],
            buckets=_REQUEST_BUCKETS,
            registry=registry,
        )
        self.messages = Counter(
            "desk_messages_acknowledged",
            "Customers' and agents' messages that were answered with a sequence number; again: it was stored before.",
            ["again"],
            registry=registry,
        )
        self.turn_seconds = Histogram(
            "desk_turn_seconds",
            "From a customer's message to the end of its turn in the log, by route, or tentative (an answer that is a guess), "
            "or bot_failed, or late (no longer wanted).",
            ["outcome"],
            buckets=_TURN_BUCKETS,
            registry=registry,
        )
        self.bot_seconds = Histogram(
            "desk_bot_request_seconds",
            "Time of requests to a bot, failed ones included.",
            ["bot"],
            buckets=_TURN_BUCKETS,
            registry=registry,
        )
        self.bot_failures = Counter(
            "desk_bot_failures", "Requests that a bot did not answer as it should.", ["bot", "code"], registry=registry
        )
        self.bot_up = Gauge("desk_bot_up", "1 if the bot answered its last health check.", ["bot"], registry=registry)
        self.handoffs = Counter(
            "desk_handoffs",
            "Handoffs and raised priorities; one that the database then refused is counted, too.",
            ["reason", "priority"],
            registry=registry,
        )
        self.limited = Counter(
            "desk_limited", "Requests that were refused because a limit was reached.", ["limit"], registry=registry
        )
        self.open_streams = Gauge("desk_open_streams", "Open streams and long polls.", ["kind"], registry=registry)
        self.loop_lag = Histogram(
            "desk_loop_lag_seconds", "How late the event loop is.", buckets=_LAG_BUCKETS, registry=registry
        )
        self.worker_faults = Counter(
            "desk_worker_faults", "Faults that stopped a worker of the desk; it begins again each time.", registry=registry
        )
        self.pool = Gauge(
            "desk_database_pool",
            "Connections: size, available; requests that wait for one: waiting.",
            ["what"],
            registry=registry,
        )
        self.database_up = Gauge("desk_database_up", "1 if the queue could be read for this answer.", registry=registry)
        self.queue_length = Gauge("desk_queue_length", "Conversations that wait for a person.", ["priority"], registry=registry)
        self.queue_oldest = Gauge(
            "desk_queue_oldest_seconds", "How long the one that waits longest has waited.", ["priority"], registry=registry
        )

    def stream_open(self, kind: str) -> AbstractContextManager[None]:
        """Count a stream for the duration of the block."""
        return self.open_streams.labels(kind).track_inprogress()

    def set_queue(self, queue: Mapping[str, tuple[int, float]] | None) -> None:
        """Length and longest wait in seconds by priority; None when the database could not be queried."""
        self.database_up.set(queue is not None)
        self.queue_length.clear()
        self.queue_oldest.clear()
        for priority, (length, oldest) in (queue or {}).items():
            self.queue_length.labels(priority).set(length)
            self.queue_oldest.labels(priority).set(oldest)

    def as_text(self) -> bytes:
        """All metrics in Prometheus's text format."""
        return generate_latest(self.registry)

    async def watch_loop(self) -> None:
        """Measure the delay of the event loop at intervals, until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + _LAG_LOOK_SECONDS
            await asyncio.sleep(_LAG_LOOK_SECONDS)
            self.loop_lag.observe(max(0.0, loop.time() - due))
