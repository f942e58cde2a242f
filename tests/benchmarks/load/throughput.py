"""Part `throughput`: more and more customers at once, with one bot and with two; and a crowd at one moment."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterator

import aiohttp

from tests.benchmarks.load.customers import Answer, Customer, NoAnswerError, closed_loop, connect, questions
from tests.benchmarks.load.figures import Json, bend, per_turn, summary, table
from tests.benchmarks.load.sizes import Sizes
from tests.benchmarks.load.system import running_system

UNAVAILABLE = "bot_unavailable"


async def measure(sizes: Sizes) -> Json:
    """A throughput curve and a crowd for each number of bots, on one system after the other."""
    result: Json = {}
    for bots in sizes.bots:
        async with running_system(bots) as (system, meter), connect(system.url) as http:
            texts = questions()

            async def arrive(http: aiohttp.ClientSession = http, url: str = system.url) -> Customer:
                return await Customer.open(http, url)

            await closed_loop(arrive, texts, 2 * bots, meter, 0, sizes.level_seconds)  # warm-up
            levels = []
            for clients in sizes.clients:
                crowd = await closed_loop(arrive, texts, clients, meter, sizes.lead_in_seconds, sizes.level_seconds)
                levels.append(
                    {
                        "clients": clients,
                        "turns_per_second": len(crowd.answers) / crowd.seconds,
                        **summary([answer.seconds for answer in crowd.answers]),
                        "unavailable": sum(answer.reason == UNAVAILABLE for answer in crowd.answers),
                        "errors": dict(Counter(crowd.errors)),
                        "cpu_ms_per_turn": per_turn(crowd.cpu, len(crowd.answers)),
                    }
                )
            result[str(bots)] = {"levels": levels, "crowd": await _crowd(http, system.url, texts, sizes.crowd)}
    return result


async def _crowd(http: aiohttp.ClientSession, url: str, texts: Iterator[str], count: int) -> Json:
    """All customers send one message at the same moment; how long until each has an answer or a person."""
    customers = [await Customer.open(http, url) for _ in range(count)]
    started = time.perf_counter()
    ended = await asyncio.gather(*(customer.ask(next(texts)) for customer in customers), return_exceptions=True)
    seconds = time.perf_counter() - started
    for customer in customers:
        customer.close()
    for error in ended:
        if isinstance(error, BaseException) and not isinstance(error, NoAnswerError):
            raise error
    answers = [each for each in ended if isinstance(each, Answer)]
    reasons = Counter(answer.reason or "answered by the bot" for answer in answers)
    return {
        "customers": count,
        "seconds": seconds,
        **summary([answer.seconds for answer in answers]),
        "by_reason": dict(reasons),
        "unavailable": reasons[UNAVAILABLE],
        "without_answer": count - len(answers),
    }


def report(result: Json) -> list[str]:
    """The part's tables in Markdown."""
    columns = ["clients", "turns/s", "median ms", "p99 ms", UNAVAILABLE, "errors"]
    tables = []
    for bots, found in result.items():
        rows = [
            [
                *(level[name] for name in ("clients", "turns_per_second", "median_ms", "p99_ms", "unavailable")),
                sum(level["errors"].values()),
            ]
            for level in found["levels"]
        ]
        bends = bend(found["levels"])
        title = f"Throughput, BOTS={bots}: bends at {bends['clients']} clients, {bends['turns_per_second']:.1f} turns/s"
        tables.append(table(title, columns, rows))
    names = ("customers", "seconds", "median_ms", "p99_ms", "unavailable", "without_answer")
    rows = [[bots, *(found["crowd"][name] for name in names)] for bots, found in result.items()]
    columns = [
        "bots",
        "customers at once",
        "all had an answer or a person after s",
        "median ms",
        "p99 ms",
        UNAVAILABLE,
        "nothing",
    ]
    return [*tables, table("A crowd in one moment", columns, rows)]


def broken(result: Json) -> list[str]:
    """Customers who got neither an answer nor a person."""
    silent = sum(found["crowd"]["without_answer"] for found in result.values())
    return [f"{silent} customers of a crowd had neither an answer nor a person"] if silent else []
