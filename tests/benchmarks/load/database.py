"""Part `database`: many requests at the moment in which a restarted database is back.

The desk starts its embedded PostgreSQL itself, so it knows of the restart before the requests arrive. It does not know of a
quick restart of another server. The kind `back at once` simulates that: all connections are cut from outside, and the
requests leave.
"""

from __future__ import annotations

import asyncio
import signal
import time
from collections import Counter

import aiohttp
import psutil

from tests.benchmarks.load.customers import Customer, connect
from tests.benchmarks.load.figures import Json, summary, table
from tests.benchmarks.load.sizes import Sizes
from tests.benchmarks.load.system import BenchError, running_desk
from tests.drill.system import System

#: Seconds after the database's return within which every request must have succeeded.
BAR_SECONDS = 1.0
_RETURN_SECONDS = 60.0
#: For comparison, without a bar: the same requests without a restart.
UNDISTURBED = "undisturbed"
_HOW = {"restarted": signal.SIGINT, "killed": signal.SIGKILL, "back at once": None}
_CUT = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
)


async def measure(sizes: Sizes) -> Json:
    """Rounds of each kind: the database ends, and once it accepts connections again, all requests leave at once."""
    found: Json = {}
    async with running_desk() as (system, _), connect(system.url) as http:
        customers = [await Customer.open(http, system.url, stream=False) for _ in range(sizes.requests)]
        for how in (UNDISTURBED, *_HOW):
            rounds = [await _round(system, customers, how, f"{how}{i}") for i in range(sizes.restarts)]
            seconds = [each for done in rounds for each in done["seconds"]]
            failures = Counter(code for done in rounds for code in done["failures"])
            found[how] = {
                "rounds": len(rounds),
                "requests": len(customers),
                "away_seconds": max(done["away"] for done in rounds),
                **summary(seconds),
                "failures": dict(failures),
            }
    return found


async def _round(system: System, customers: list[Customer], how: str, name: str) -> Json:
    """One end of the database. Returns the seconds from its return to each response, and the failures."""
    await asyncio.gather(*(_request(customer, i, f"before-{name}") for i, customer in enumerate(customers)))
    gone = time.perf_counter()
    number = _HOW.get(how)
    if number is None and how != UNDISTURBED:
        await _cut(system)
    elif number is not None:
        await _end(system, number)
        while not await system.is_database_up():
            if time.perf_counter() - gone > _RETURN_SECONDS:
                raise BenchError(f"the database was not back after {_RETURN_SECONDS:.0f} s")
            await asyncio.sleep(0.005)
    back = time.perf_counter()
    codes = await asyncio.gather(*(_request(customer, i, name) for i, customer in enumerate(customers)))
    return {
        "away": back - gone,
        "seconds": [at - back for at, code in codes if code is None],
        "failures": [code for _, code in codes if code is not None],
    }


async def _cut(system: System) -> None:
    connection = await system.connect()
    await connection.execute(_CUT)
    await connection.close()


async def _end(system: System, number: signal.Signals) -> None:
    process = system.postmaster()
    if process is None:
        raise BenchError("PostgreSQL does not run")
    process.send_signal(number)
    while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
        await asyncio.sleep(0.005)


async def _request(customer: Customer, number: int, name: str) -> tuple[float, str | None]:
    """Send a message or read the status: when it was answered, and the error."""
    address = f"/api/conversations/{customer.id}"
    body = {"client_message_id": f"{name}-{number}", "text": "到账要多久"}
    try:
        if number % 2:
            async with customer.http.get(address, headers=customer.headers) as answer:
                status = answer.status
        else:
            async with customer.http.post(f"{address}/messages", json=body, headers=customer.headers) as answer:
                status = answer.status
    except (aiohttp.ClientError, TimeoutError) as error:
        return time.perf_counter(), type(error).__name__
    return time.perf_counter(), None if status < 400 else str(status)


def report(result: Json) -> list[str]:
    """The part's table in Markdown."""
    names = ("rounds", "requests", "away_seconds", "n", "median_ms", "p99_ms", "longest_ms")
    rows = [[how, *(found[name] for name in names), sum(found["failures"].values())] for how, found in result.items()]
    columns = [
        "PostgreSQL",
        "rounds",
        "requests at once",
        "away, s",
        "succeeded",
        "median ms",
        "p99 ms",
        "longest ms",
        "failed",
    ]
    return [table("From the database's return to the answer", columns, rows)]


def broken(result: Json) -> list[str]:
    """Requests that failed or came too late."""
    found = []
    for how, rounds in result.items():
        if how == UNDISTURBED:
            continue
        if rounds["failures"]:
            codes = ", ".join(f"{code}: {count}" for code, count in rounds["failures"].items())
            found.append(f"requests failed after PostgreSQL was {how} ({codes})")
        if rounds["n"] and rounds["longest_ms"] > 1000 * BAR_SECONDS:
            found.append(f"a request took {rounds['longest_ms']:.0f} ms after PostgreSQL was {how} (at most 1 s)")
    return found
