"""Part `turn`: one customer, one turn at a time; its latency and its cost."""

from __future__ import annotations

from collections.abc import Iterator

from tests.benchmarks.load.customers import Customer, connect, questions
from tests.benchmarks.load.figures import Json, per_turn, summary, table
from tests.benchmarks.load.meter import Meter
from tests.benchmarks.load.sizes import Sizes
from tests.benchmarks.load.system import running_system

#: The longest allowed median of a turn in seconds, on an otherwise idle machine with two cores.
BAR_MS = 25.0


async def measure(sizes: Sizes) -> Json:
    """Latency on an open stream and by long poll, CPU per turn of each process, memory before and after."""
    async with running_system(bots=1) as (system, meter), connect(system.url) as http:
        texts = questions()
        opened = [await Customer.open(http, system.url) for _ in range(sizes.warm_up)]
        await _ask_all(opened, texts)
        memory = meter.memory()
        # All conversations are opened before the first message, so that only turns are measured.
        result: Json = {}
        for kind in ("stream", "poll"):
            opened = [await Customer.open(http, system.url, stream=kind == "stream") for _ in range(sizes.turns)]
            result[kind] = await _metered(opened, texts, meter)
        return {**result, "memory_mb": {"after warm-up": memory, "at the end": meter.memory()}}


async def _metered(customers: list[Customer], texts: Iterator[str], meter: Meter) -> Json:
    before = meter.cpu()
    answers = await _ask_all(customers, texts)
    cpu = {name: after - before[name] for name, after in meter.cpu().items()}
    handed_over = sum(reason is not None for _, reason in answers)
    latency = summary([seconds for seconds, _ in answers])
    return {"latency": latency, "handed_over": handed_over, "cpu_ms_per_turn": per_turn(cpu, len(answers))}


async def _ask_all(customers: list[Customer], texts: Iterator[str]) -> list[tuple[float, str | None]]:
    answers = []
    for customer in customers:
        answer = await (customer.ask(next(texts)) if customer.stream else customer.ask_by_poll(next(texts)))
        answers.append((answer.seconds, answer.reason))
    for customer in customers:
        customer.close()
    return answers


def report(result: Json) -> list[str]:
    """The part's tables in Markdown."""
    kinds = {"stream": "open event stream", "poll": "long poll"}
    rows = []
    for kind, name in kinds.items():
        latency = result[kind]["latency"]
        rows.append(
            [name, *(latency[k] for k in ("n", "median_ms", "p90_ms", "p99_ms", "longest_ms")), result[kind]["handed_over"]]
        )
    cpu, memory = {kind: result[kind]["cpu_ms_per_turn"] for kind in kinds}, result["memory_mb"]["at the end"]
    costs = [
        [name, cpu["stream"][name], cpu["poll"][name], *(memory.get(name, {}).get(kind) for kind in ("rss", "pss", "uss"))]
        for name in cpu["stream"]
    ]
    return [
        table(
            "One turn, one customer",
            ["reply seen by", "turns", "median ms", "p90 ms", "p99 ms", "longest ms", "handed over"],
            rows,
        ),
        table("What a turn costs", ["process", "CPU ms, stream", "CPU ms, poll", "RSS MB", "PSS MB", "USS MB"], costs),
    ]


def broken(result: Json) -> list[str]:
    """The bar: the median as a page sees it."""
    median = result["stream"]["latency"]["median_ms"]
    return [] if median <= BAR_MS else [f"a turn takes {median:.1f} ms, median (at most {BAR_MS:.0f})"]
