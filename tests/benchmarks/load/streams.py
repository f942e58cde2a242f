"""Part `streams`: thousands of idle customers on one desk process, their cost, and the latency of messages to them."""

from __future__ import annotations

import asyncio
import random
import resource
import time

import aiohttp

from tests.benchmarks.load.customers import Customer, connect
from tests.benchmarks.load.figures import Json, summary, table
from tests.benchmarks.load.meter import POSTGRES, Meter
from tests.benchmarks.load.sizes import Sizes
from tests.benchmarks.load.system import DESK, BenchError, running_desk

#: Seconds within which a message must be on its customer's screen while all streams are open.
ARRIVAL_SECONDS = 1.0
_AT_ONCE = 16

#: MB: a desk process with all streams open must use less.
BAR_MB = 500


async def measure(sizes: Sizes) -> Json:
    """Memory at each step, CPU while nothing happens, and the latency of messages to some of the streams."""
    _allow_files(sizes.streams[-1] + 500)
    async with running_desk() as (system, meter), connect(system.url) as http:
        warm = await Customer.open(http, system.url)
        await warm.ask("one turn, so that everything is loaded")
        warm.close()
        customers: list[Customer] = []
        steps = []
        for count in sizes.streams:
            started = time.perf_counter()
            await _open(http, system.url, customers, count)
            opening = time.perf_counter() - started
            await asyncio.sleep(2)
            steps.append({"streams": count, "opening_seconds": opening, "memory_mb": meter.memory()})
        # A sweep still finds conversations opened within the last seconds, and wakes their streams.
        await asyncio.sleep(sizes.settle_seconds)
        idle = await _idle(meter, sizes.idle_seconds)
        arrivals = await _arrivals(random.Random(1).sample(customers, sizes.messages))
        broken_off = sum(customer.stream is None or customer.stream.is_lost for customer in customers)
        for customer in customers:
            customer.close()
        return {"steps": steps, "idle_cpu_percent": idle, **arrivals, "broken_off": broken_off}


def _allow_files(count: int) -> None:
    """Raise the limit of open files, which the desk inherits. Raises BenchError where that is not allowed."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < count:
        raise BenchError(f"{count} open files are needed and {hard} are allowed: raise `ulimit -Hn`")
    if soft != resource.RLIM_INFINITY and soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (count, hard))


async def _open(http: aiohttp.ClientSession, url: str, customers: list[Customer], count: int) -> None:
    free = asyncio.Semaphore(_AT_ONCE)

    async def one() -> None:
        async with free:
            customers.append(await Customer.open(http, url))

    await asyncio.gather(*(one() for _ in range(count - len(customers))))


async def _idle(meter: Meter, seconds: float) -> dict[str, float]:
    """Percent of one core that each group of processes uses while all customers are idle."""
    before, started = meter.cpu(), time.perf_counter()
    await asyncio.sleep(seconds)
    after, passed = meter.cpu(), time.perf_counter() - started
    return {name: 100 * (after[name] - before[name]) / passed for name in before}


async def _arrivals(customers: list[Customer]) -> Json:
    """One message after the other: the time until it is on its own stream, and until its answer is."""
    answers = [await customer.ask("到账要多久") for customer in customers]
    shown = [answer.shown for answer in answers if answer.shown is not None]
    late = sum(seconds > ARRIVAL_SECONDS for seconds in shown)
    return {"message": summary(shown), "answer": summary([answer.seconds for answer in answers]), "late": late}


def report(result: Json) -> list[str]:
    """The part's tables in Markdown."""
    desks = [step["memory_mb"][DESK] for step in result["steps"]]
    rows = [
        [
            step["streams"],
            desk["rss"],
            desk["pss"],
            _each(step["streams"], desk["rss"] - desks[0]["rss"]),
            step["memory_mb"][POSTGRES]["rss"],
        ]
        for step, desk in zip(result["steps"], desks)
    ]
    streams = result["steps"][-1]["streams"]
    arrivals = [
        [name, *(result[key][figure] for figure in ("n", "median_ms", "p99_ms", "longest_ms"))]
        for key, name in (("message", "the message itself"), ("answer", "the answer of a bot that takes no time"))
    ]
    return [
        table("One desk process with idle streams", ["streams", "RSS MB", "PSS MB", "kB a stream", "PostgreSQL RSS MB"], rows),
        table(f"CPU with {streams:,} idle streams", ["process", "% of a core"], list(result["idle_cpu_percent"].items())),
        table(f"On its stream, with {streams:,} open", ["what", "n", "median ms", "p99 ms", "longest ms"], arrivals),
    ]


def _each(streams: int, megabytes: float) -> float | None:
    return 1000 * megabytes / streams if streams else None


def broken(result: Json) -> list[str]:
    """Late messages, broken streams, and the desk's memory with all streams open."""
    found = []
    memory = result["steps"][-1]["memory_mb"][DESK]["rss"]
    if memory >= BAR_MB:
        found.append(f"the desk takes {memory:.0f} MB with idle streams (less than {BAR_MB})")
    if result["late"]:
        found.append(f"{result['late']} messages took longer than {ARRIVAL_SECONDS:.0f} s to their stream")
    if result["broken_off"]:
        found.append(f"{result['broken_off']} idle streams broke off")
    return found
