"""The arithmetic of the load benchmark and its tables: pure functions of the measurements."""

from __future__ import annotations

import math
import random
import statistics
from collections.abc import Mapping, Sequence
from typing import Any

Json = dict[str, Any]

#: The capacity is at the fewest clients that reach this share of the highest throughput; more clients only wait longer.
BEND_SHARE = 0.95


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share (0 to 1) of the values does not exceed: the nearest rank."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def summary(seconds: Sequence[float]) -> Json:
    """Durations in milliseconds; all None if there are none."""
    if not seconds:
        return {"n": 0, "median_ms": None, "p90_ms": None, "p99_ms": None, "longest_ms": None}
    return {
        "n": len(seconds),
        "median_ms": 1000 * statistics.median(seconds),
        "p90_ms": 1000 * percentile(seconds, 0.9),
        "p99_ms": 1000 * percentile(seconds, 0.99),
        "longest_ms": 1000 * max(seconds),
    }


def per_turn(cpu: Mapping[str, float], turns: int) -> dict[str, float | None]:
    """CPU milliseconds per turn of each group of processes, from CPU seconds of all turns; None if there was no turn."""
    return {name: 1000 * seconds / turns if turns else None for name, seconds in cpu.items()}


def bend(levels: Sequence[Json]) -> Json:
    """The level of a throughput curve from which more clients add (almost) no throughput."""
    best = max(level["turns_per_second"] for level in levels)
    return next(level for level in levels if level["turns_per_second"] >= BEND_SHARE * best)


def ratio(small: float, large: float) -> float:
    """The large log's figure divided by the small log's."""
    return large / small if small else math.inf


def spread(new: Sequence[Sequence[float]], old: Sequence[Sequence[float]], share: float = 0.95) -> tuple[float, float]:
    """An interval for `ratio(median(old), median(new))`: a percentile bootstrap over blocks.

    `new[i]` and `old[i]` are the times of one block, measured side by side. The same blocks give the same interval.
    """
    draw = random.Random(1)
    ratios = []
    for _ in range(2000):
        blocks = draw.choices(range(len(new)), k=len(new))
        before = statistics.median([seconds for block in blocks for seconds in old[block]])
        after = statistics.median([seconds for block in blocks for seconds in new[block]])
        ratios.append(ratio(before, after))
    return percentile(ratios, (1 - share) / 2), percentile(ratios, (1 + share) / 2)


def total(memory: Mapping[str, Mapping[str, float | None]], names: Sequence[str], kind: str) -> float | None:
    """The memory of several groups together; None if it is unknown for one of them."""
    found = [memory[name][kind] for name in names]
    return None if None in found else math.fsum(value for value in found if value is not None)


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """A table in Markdown under its title."""
    lines = [columns, ["---"] * len(columns), *([show(value) for value in row] for row in rows)]
    return "\n".join([f"**{title}**", "", *(f"| {' | '.join(line)} |" for line in lines)])


def show(value: Any) -> str:
    """A figure with three significant digits, a text unchanged, None as a dash."""
    if value is None:
        return "-"
    if not isinstance(value, float):
        return f"{value:,}" if isinstance(value, int) else str(value)
    if not math.isfinite(value):
        return str(value)
    decimals = max(0, 2 - math.floor(math.log10(abs(value)))) if value else 1
    return f"{value:,.{min(decimals, 3)}f}"
