"""Part `versus`: one turn of this checkout against one turn of another, alternating in one run.

The machine's speed changes within minutes, so two runs cannot be compared. Both systems run here at the same time, with ports
and folders of their own. Each block sends the same messages to both, new ones to either; the order alternates.
"""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.benchmarks.load.customers import Answer, Customer, NoAnswerError, connect, questions
from tests.benchmarks.load.figures import Json, per_turn, ratio, spread, summary, table
from tests.benchmarks.load.meter import CLIENT, POSTGRES, Meter
from tests.benchmarks.load.sizes import Sizes
from tests.benchmarks.load.system import BenchError, running_system
from tests.drill.system import ROOT

#: A turn of this checkout may take at most this many times the other checkout's median.
BAR = 1.05
THIS, OTHER = "this checkout", "the other"


async def measure(sizes: Sizes, against: Path | None = None) -> Json:
    """Blocks of turns, one customer at a time. Raises BenchError when there is no other runnable checkout."""
    root = _checked(against)
    texts = questions()
    async with running_system(bots=1) as this, running_system(bots=1, root=root) as other:
        running = {THIS: this, OTHER: other}
        async with connect(this[0].url) as this_http, connect(other[0].url) as other_http:
            https = {THIS: this_http, OTHER: other_http}

            async def block(name: str, messages: list[str]) -> list[Answer]:
                return [await _turn(https[name], running[name][0].url, message) for message in messages]

            warm = list(itertools.islice(texts, sizes.warm_up))
            for name in running:
                await block(name, warm)
            times: dict[str, list[list[float]]] = {THIS: [], OTHER: []}
            cpu: dict[str, dict[str, float]] = {THIS: {}, OTHER: {}}
            reasons = {THIS: 0, OTHER: 0}
            for number, messages in enumerate(_blocks(texts, sizes)):
                for name in (THIS, OTHER) if number % 2 == 0 else (OTHER, THIS):
                    before = running[name][1].cpu()
                    answers = await block(name, messages)
                    _add(cpu[name], before, running[name][1])
                    times[name].append([answer.seconds for answer in answers])
                    reasons[name] += sum(answer.reason is not None for answer in answers)
            memory = {name: running[name][1].memory() for name in running}
    compared = _compared(times, cpu)
    return {**compared, "handed_over": reasons, "blocks": times, "against": str(root.name), "memory_mb": memory}


def _checked(against: Path | None) -> Path:
    if against is None:
        raise BenchError("name the checkout to compare with: make bench ONLY=versus AGAINST=folder")
    root = against.resolve()
    for needed in ("scripts/supervise.py", ".venv", "models/published.json"):
        if not (root / needed).exists():
            raise BenchError(f"{root} cannot run: {needed} is missing there (link .venv, run `make train` or copy models)")
    if root == ROOT.resolve():
        raise BenchError("AGAINST is this checkout itself")
    return root


def _blocks(texts: Iterator[str], sizes: Sizes) -> Iterator[list[str]]:
    for _ in range(sizes.blocks):
        yield list(itertools.islice(texts, sizes.block_turns))


async def _turn(http: Any, url: str, message: str) -> Answer:
    customer = await Customer.open(http, url)
    try:
        return await customer.ask(message)
    except NoAnswerError as error:
        raise BenchError(f"a turn had no answer: {error}") from error
    finally:
        customer.close()


def _add(total: dict[str, float], before: Mapping[str, float], meter: Meter) -> None:
    for name, seconds in meter.cpu().items():
        if name != CLIENT:  # the client serves both
            total[name] = total.get(name, 0.0) + seconds - before[name]


def _compared(times: Mapping[str, list[list[float]]], cpu: Mapping[str, Mapping[str, float]]) -> Json:
    pooled = {name: [seconds for block in blocks for seconds in block] for name, blocks in times.items()}
    medians = {name: statistics.median(values) for name, values in pooled.items()}
    costs = {name: per_turn(cpu[name], len(pooled[name])) for name in pooled}
    totals = {name: sum(seconds for seconds in cpu[name].values()) for name in pooled}
    return {
        "latency": {name: summary(values) for name, values in pooled.items()},
        "ratio": ratio(medians[OTHER], medians[THIS]),
        "interval": spread(times[THIS], times[OTHER]),
        "cpu_ms_per_turn": costs,
        "cpu_ratio": ratio(totals[OTHER], totals[THIS]),
    }


def report(result: Json) -> list[str]:
    """The part's tables in Markdown."""
    low, high = result["interval"]
    title = f"One turn, {result['ratio']:.3f} times the other's median (95% of resampled blocks: {low:.3f} to {high:.3f})"
    names = ("n", "median_ms", "p90_ms", "p99_ms")
    rows = [
        [name, *(result["latency"][name][figure] for figure in names), result["handed_over"][name]] for name in (THIS, OTHER)
    ]
    costs = result["cpu_ms_per_turn"]
    groups = [[group, costs[THIS].get(group), costs[OTHER].get(group)] for group in {**costs[THIS], **costs[OTHER]}]
    memory = result["memory_mb"]
    kind = "rss" if None in (each["pss"] for side in memory.values() for each in side.values()) else "pss"
    held = [[group, *(memory[name].get(group, {}).get(kind) for name in (THIS, OTHER))] for group, *_ in groups]
    sums = [math.fsum(line[side] or 0 for line in held if line[0] != POSTGRES) for side in (1, 2)]
    return [
        table(title, ["checkout", "turns", "median ms", "p90 ms", "p99 ms", "handed over"], rows),
        table(
            f"CPU of a turn, {result['cpu_ratio']:.3f} times the other's", ["process", f"{THIS}, ms", f"{OTHER}, ms"], groups
        ),
        table(
            f"Memory ({kind.upper()})",
            ["process", f"{THIS}, MB", f"{OTHER}, MB"],
            [*held, ["all without PostgreSQL", *sums]],
        ),
    ]


def broken(result: Json) -> list[str]:
    """The ratio of the medians."""
    if result["ratio"] <= BAR:
        return []
    low, high = result["interval"]
    return [f"a turn takes {result['ratio']:.3f} times as long as there, {low:.3f} to {high:.3f} (at most {BAR})"]
