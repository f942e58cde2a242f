"""Part `fair`: many customers at once, and whether customers without a slot at first wait much longer than others."""

from __future__ import annotations

from collections import Counter

from tests.benchmarks.load.customers import Customer, closed_loop, connect, questions
from tests.benchmarks.load.figures import Json, ratio, summary, table
from tests.benchmarks.load.sizes import Sizes
from tests.benchmarks.load.system import running_system
from tests.benchmarks.load.throughput import UNAVAILABLE

#: The p99 may be at most this many times the median: first come, first served.
BAR = 3.0


async def measure(sizes: Sizes) -> Json:
    """A closed loop of customers against one bot: the time from a message to the first reply."""
    async with running_system(bots=1) as (system, meter), connect(system.url) as http:
        texts = questions()

        async def arrive() -> Customer:
            return await Customer.open(http, system.url)

        await closed_loop(arrive, texts, 2, meter, 0, sizes.level_seconds)  # warm-up
        crowd = await closed_loop(arrive, texts, sizes.fair_clients, meter, sizes.lead_in_seconds, sizes.fair_seconds)
    return {
        "clients": sizes.fair_clients,
        "turns_per_second": len(crowd.answers) / crowd.seconds,
        **summary([answer.seconds for answer in crowd.answers]),
        "unavailable": sum(answer.reason == UNAVAILABLE for answer in crowd.answers),
        "errors": dict(Counter(crowd.errors)),
    }


def slowest(result: Json) -> float:
    """The p99 divided by the median; infinite if nobody had an answer."""
    return ratio(result["median_ms"], result["p99_ms"]) if result["n"] else float("inf")


def report(result: Json) -> list[str]:
    """The part's table in Markdown."""
    names = ("clients", "turns_per_second", "median_ms", "p90_ms", "p99_ms", "longest_ms", "unavailable")
    row = [*(result[name] for name in names), sum(result["errors"].values()), slowest(result)]
    columns = ["clients", "turns/s", "median ms", "p90 ms", "p99 ms", "longest ms", UNAVAILABLE, "errors", "p99 / median"]
    return [table("Customers at once, first come, first served", columns, [row])]


def broken(result: Json) -> list[str]:
    """The ratio of p99 and median; turns without an answer."""
    found = []
    if slowest(result) > BAR:
        found.append(f"the slowest in a hundred waits {slowest(result):.1f} times the median (at most {BAR:.0f})")
    if result["errors"]:
        found.append(f"{sum(result['errors'].values())} turns had no answer")
    return found
