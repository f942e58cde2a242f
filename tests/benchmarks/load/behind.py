"""Part `behind`: pages that reconnect after ten thousand events, and whether they get all of them without a pause."""

from __future__ import annotations

import asyncio
import time
from itertools import pairwise

import aiohttp

from tests.benchmarks.load.customers import Customer, NoAnswerError, connect
from tests.benchmarks.load.figures import Json, table
from tests.benchmarks.load.sizes import Sizes
from tests.benchmarks.load.system import running_desk
from tests.drill.system import System

#: The longest allowed pause between frames in seconds. A sweep would restart a stopped stream only after several seconds.
PAUSE_SECONDS = 1.0
_PATIENCE_SECONDS = 30.0
#: The bot's messages in the long log, in turn.
_FILL = """
    INSERT INTO events (conversation_id, seq, type, at, by_kind, by_name, data)
    SELECT %(id)s, seq, 'message', now() - interval '1 hour' + seq * interval '10 milliseconds', 'bot', '',
        jsonb_build_object('text', 'transfer number ' || seq || ': it usually arrives within two hours.')
    FROM generate_series(1, %(events)s) seq"""
_MOVE = "UPDATE conversations SET last_seq = %(events)s WHERE id = %(id)s"


async def measure(sizes: Sizes) -> Json:
    """Several pages, by stream and by poll, from the beginning of a long log without new events; one after the other.

    In parallel they would measure how fast one desk writes out events, and not whether it pauses.
    """
    async with running_desk() as (system, _), connect(system.url) as http:
        opened = [await Customer.open(http, system.url, stream=False) for _ in range(2 * sizes.behind_streams)]
        await _fill(system, opened, sizes.long_log)
        streaming, polling = opened[: sizes.behind_streams], opened[sizes.behind_streams :]
        streams = [await _by_stream(customer, sizes.long_log) for customer in streaming]
        polls = [await _by_poll(customer, sizes.long_log) for customer in polling]
    return {"events": sizes.long_log, "stream": streams, "poll": polls}


async def _fill(system: System, customers: list[Customer], events: int) -> None:
    async with await system.connect() as connection:
        for customer in customers:
            await connection.execute(_FILL, {"id": customer.id, "events": events})
            await connection.execute(_MOVE, {"id": customer.id, "events": events})


async def _by_stream(customer: Customer, events: int) -> Json:
    """Open the stream at the beginning of the log and read to its end."""
    came: list[float] = []
    started = time.perf_counter()
    headers = {**customer.headers, "Accept": "text/event-stream"}
    address = f"/api/conversations/{customer.id}/events"
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            async with customer.http.get(address, headers=headers, timeout=aiohttp.ClientTimeout(total=None)) as answer:
                answer.raise_for_status()
                async for line in answer.content:
                    if line.startswith(b"event: event"):
                        came.append(time.perf_counter())
                    if len(came) == events:
                        break
    except (TimeoutError, aiohttp.ClientError):
        came.append(time.perf_counter())  # the pause that was too long counts too
        return _progress(started, came, len(came) - 1)
    return _progress(started, came, events)


async def _by_poll(customer: Customer, events: int) -> Json:
    """Poll for events until none is missing."""
    came: list[float] = []
    seq, started = 0, time.perf_counter()
    while seq < events and time.perf_counter() - started < _PATIENCE_SECONDS:
        address = f"/api/conversations/{customer.id}/events"
        async with customer.http.get(address, params={"after": seq, "wait": 10}, headers=customer.headers) as answer:
            if answer.status != 200:
                raise NoAnswerError(f"status {answer.status}")
            found = (await answer.json())["events"]
        came.append(time.perf_counter())
        seq = found[-1]["seq"] if found else seq
    return _progress(started, came, seq)


def _progress(started: float, came: list[float], arrived: int) -> Json:
    gaps = [later - earlier for earlier, later in pairwise([started, *came])]
    return {"arrived": arrived, "seconds": came[-1] - started, "longest_pause": max(gaps)}


def report(result: Json) -> list[str]:
    """The part's table in Markdown."""
    rows = []
    for kind in ("stream", "poll"):
        pages = result[kind]
        rows.append(
            [
                kind,
                len(pages),
                min(page["arrived"] for page in pages),
                max(page["seconds"] for page in pages),
                1000 * max(page["longest_pause"] for page in pages),
            ]
        )
    columns = ["by", "pages", "events that arrived, fewest", "slowest, s", "longest pause, ms"]
    return [table(f"Pages that are {result['events']:,} events behind", columns, rows)]


def broken(result: Json) -> list[str]:
    """Pages that did not get all events, or paused."""
    found = []
    for kind in ("stream", "poll"):
        short = sum(page["arrived"] < result["events"] for page in result[kind])
        if short:
            found.append(f"{short} pages by {kind} did not reach the end of the log")
        pause = max(page["longest_pause"] for page in result[kind])
        if pause > PAUSE_SECONDS:
            found.append(f"a page by {kind} stood still for {pause:.1f} s (at most {PAUSE_SECONDS:.0f})")
    return found
