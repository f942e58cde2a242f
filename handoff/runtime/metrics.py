"""The metrics of one desk for `GET /metrics` (docs/operations.md, "Metrics").

No label holds an id, a name or a text. Each label has a small fixed set of values for any input.
"""

from __future__ import annotations

import asyncio
from collections import Counter as Counts
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

from content.staffing_warnings import CODES as STAFFING_WARNINGS

_LAG_LOOK_SECONDS = 0.25
_TURN_BUCKETS = (0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 12, 30)
_REQUEST_BUCKETS = (0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
_LAG_BUCKETS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)


class Metrics:
    """The metrics of one desk, in a registry of its own, because tests run several desks in one process."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self.desk = Gauge("desk_info", "1; the desk's version.", ["version"], registry=registry)
        self.request_seconds = Histogram(
            "desk_request_seconds",
            "Duration of requests that change something, by method, route and status.",
            ["method", "route", "status"],
            buckets=_REQUEST_BUCKETS,
            registry=registry,
        )
        self.messages = Counter(
            "desk_messages_acknowledged",
            "Messages of customers and agents that were answered with a sequence number; again: yes if it was stored before.",
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
            "Duration of requests to a bot, including failed ones.",
            ["bot"],
            buckets=_TURN_BUCKETS,
            registry=registry,
        )
        self.bot_failures = Counter(
            "desk_bot_failures", "Requests to a bot that failed, by code.", ["bot", "code"], registry=registry
        )
        self.bot_up = Gauge("desk_bot_up", "1 if the bot answered its last health check.", ["bot"], registry=registry)
        self.handoffs = Counter(
            "desk_handoffs",
            "Handoffs and raised priorities, including those that the database then rejected.",
            ["reason", "priority"],
            registry=registry,
        )
        self.offers = Counter(
            "desk_offers",
            "Offers of waiting conversations to agents: made, and ended without an acceptance (late, declined, absent).",
            ["what"],
            registry=registry,
        )
        self.limited = Counter("desk_limited", "Requests that were rejected because of a limit.", ["limit"], registry=registry)
        self.open_streams = Gauge("desk_open_streams", "Open streams and long polls.", ["kind"], registry=registry)
        self.loop_lag = Histogram("desk_loop_lag_seconds", "Delay of the event loop.", buckets=_LAG_BUCKETS, registry=registry)
        self.staffing_warnings = Gauge(
            "desk_staffing_warnings",
            "Faults of the staffing in data/desk.yml and data/calendars that publishing cannot see.",
            ["code"],
            registry=registry,
        )
        self.worker_faults = Counter(
            "desk_worker_faults",
            "Unexpected exceptions of the workers of the desk; each restarts its worker.",
            registry=registry,
        )
        self.pool = Gauge(
            "desk_database_pool",
            "Database connections (size, available) and requests that wait for one (waiting).",
            ["what"],
            registry=registry,
        )
        self.database_up = Gauge("desk_database_up", "1 if the queue could be read for this scrape.", registry=registry)
        self.queue_length = Gauge("desk_queue_length", "Conversations that wait for an agent.", ["priority"], registry=registry)
        self.queue_oldest = Gauge(
            "desk_queue_oldest_seconds",
            "Waiting time of the conversation that has waited longest.",
            ["priority"],
            registry=registry,
        )

    def stream_open(self, kind: str) -> AbstractContextManager[None]:
        """Count an open stream until the block ends."""
        return self.open_streams.labels(kind).track_inprogress()

    def set_staffing_warnings(self, codes: Iterable[str]) -> None:
        """Set how many warnings of each code hold now."""
        counts = Counts(codes)
        for code in STAFFING_WARNINGS:
            self.staffing_warnings.labels(code).set(counts[code])

    def set_queue(self, queue: Mapping[str, tuple[int, float]] | None) -> None:
        """Set length and longest wait in seconds by priority; None if the database did not answer."""
        self.database_up.set(queue is not None)
        self.queue_length.clear()
        self.queue_oldest.clear()
        for priority, (length, oldest) in (queue or {}).items():
            self.queue_length.labels(priority).set(length)
            self.queue_oldest.labels(priority).set(oldest)

    def as_text(self) -> bytes:
        """All metrics in the text format of Prometheus."""
        return generate_latest(self.registry)

    async def watch_loop(self) -> None:
        """Measure the delay of the event loop every 0.25 s until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + _LAG_LOOK_SECONDS
            await asyncio.sleep(_LAG_LOOK_SECONDS)
            self.loop_lag.observe(max(0.0, loop.time() - due))
