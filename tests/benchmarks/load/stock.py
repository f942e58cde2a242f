"""Part `stock`: this project and a stock Rasa project made of the same data, in one run with the same messages."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from tests.benchmarks.load.customers import Customer, StockSender, closed_loop, connect, questions
from tests.benchmarks.load.figures import Json, per_turn, ratio, summary, table, total
from tests.benchmarks.load.meter import POSTGRES, Meter
from tests.benchmarks.load.sizes import Sizes
from tests.benchmarks.load.system import (
    ACTIONS,
    BOT,
    DESK,
    BenchError,
    running_process,
    running_system,
    wait_until_up,
)
from tests.drill.system import ROOT, free_ports

#: The bar: this many times the turns per second of the stock project.
BAR = 6.0
OURS, STOCK = "ours", "stock Rasa"
EXAMPLES, EPOCHS = 12, 5
_START_SECONDS = 420
_BUILD_SECONDS = 3600
#: Inputs of the stock project: if none has changed, the project built before is reused.
_MADE_OF = ("data/nlu", "data/rules", "data/triage.yml", "models/published.json", "tests/benchmarks/stock_rasa")


@dataclass
class Side:
    """One of the two systems: how a customer connects to it, and the meter of its processes."""

    arrive: Callable[[], Awaitable[Customer | StockSender]]
    meter: Meter


async def measure(sizes: Sizes, ready_built: Path | None = None) -> Json:
    """Blocks with the same number of clients, this project and stock in turn; the other system is idle meanwhile."""
    folder = ready_built or await _built(ROOT / "var" / "bench" / "stock")
    async with running_system(bots=1) as (system, meter), connect(system.url) as http, _stock(folder) as stock:

        async def arrive() -> Customer:
            return await Customer.open(http, system.url)

        sides = {OURS: Side(arrive, meter), STOCK: stock}
        texts = {name: questions() for name in sides}
        for name, side in sides.items():
            await closed_loop(side.arrive, texts[name], 2, side.meter, 0, sizes.stock_seconds / 2)  # warm-up
        blocks: dict[str, list[Json]] = {name: [] for name in sides}
        seconds: dict[str, list[float]] = {name: [] for name in sides}
        for _ in range(sizes.stock_rounds):
            for name, side in sides.items():
                crowd = await closed_loop(
                    side.arrive, texts[name], sizes.stock_clients, side.meter, sizes.stock_lead_in_seconds, sizes.stock_seconds
                )
                turns, errors = len(crowd.answers), len(crowd.errors)
                blocks[name].append({"turns": turns, "seconds": crowd.seconds, "errors": errors, "cpu_seconds": crowd.cpu})
                seconds[name] += [answer.seconds for answer in crowd.answers]
        found = {
            name: {**pool(blocks[name]), **summary(seconds[name]), "memory_mb": sides[name].meter.memory()} for name in sides
        }
        return {
            "clients": sizes.stock_clients,
            "seconds": sizes.stock_seconds,
            "blocks": blocks,
            "systems": found,
            **verdict(found),
        }


def pool(blocks: list[Json]) -> Json:
    """All blocks of one system taken together."""
    turns = sum(block["turns"] for block in blocks)
    cpu = {name: sum(block["cpu_seconds"][name] for block in blocks) for name in blocks[0]["cpu_seconds"]}
    return {
        "turns": turns,
        "turns_per_second": turns / sum(block["seconds"] for block in blocks),
        "errors": sum(block["errors"] for block in blocks),
        "cpu_ms_per_turn": per_turn(cpu, turns),
    }


def verdict(found: dict[str, Json]) -> Json:
    """Throughput and memory of this project compared with the stock project's. PSS where known: shared pages count once."""
    ours, stock = found[OURS], found[STOCK]
    kind = "rss" if None in (each["pss"] for side in found.values() for each in side["memory_mb"].values()) else "pss"
    return {
        "throughput_ratio": ratio(stock["turns_per_second"], ours["turns_per_second"]),
        "memory_kind": kind,
        "memory_mb": {
            OURS: total(ours["memory_mb"], (DESK, BOT), kind),
            f"{OURS}, with PostgreSQL": total(ours["memory_mb"], (DESK, BOT, POSTGRES), kind),
            STOCK: total(stock["memory_mb"], (BOT, ACTIONS), kind),
        },
    }


async def _built(folder: Path) -> Path:
    """The project's folder, rebuilt if its inputs have changed. Raises BenchError."""
    stamp, digest = folder / "made-of.sha256", _digest()
    if (folder / "commands.json").exists() and stamp.exists() and stamp.read_text(encoding="utf-8") == digest:
        return folder
    python = str(ROOT / ".venv" / "bot" / "bin" / "python")
    options = ["--out", str(folder), "--examples", str(EXAMPLES), "--epochs", str(EPOCHS)]
    build = await asyncio.create_subprocess_exec(python, "-m", "tests.benchmarks.stock_rasa", "build", *options, cwd=ROOT)
    async with asyncio.timeout(_BUILD_SECONDS):
        code = await build.wait()
    if code != 0:
        raise BenchError(f"the stock project could not be built (code {code}); see the messages above")
    stamp.write_text(digest, encoding="utf-8")
    return folder


def _digest() -> str:
    digest = hashlib.sha256(f"{EXAMPLES} {EPOCHS}".encode())
    for name in _MADE_OF:
        path = ROOT / name
        for file in [path] if path.is_file() else sorted(each for each in path.rglob("*.*") if each.suffix in (".yml", ".py")):
            digest.update(file.read_bytes())
    return digest.hexdigest()


@asynccontextmanager
async def _stock(folder: Path) -> AsyncIterator[Side]:
    """The stock project's two processes."""
    bot_port = free_ports(2)
    text = (folder / "commands.json").read_text(encoding="utf-8")
    content = json.loads(text.replace("$BOT_PORT", str(bot_port)).replace("$ACTIONS_PORT", str(bot_port + 1)))
    (folder / "tracker.db").unlink(missing_ok=True)
    logs = Path(tempfile.mkdtemp(prefix="bench-stock-"))
    environment = {**os.environ, **content["environment"]}
    try:
        async with AsyncExitStack() as stack:
            processes = {}
            for name in ("actions", "bot"):
                log = logs / f"{name}.log"
                processes[name] = await stack.enter_async_context(running_process(content[name], environment, log))
                await wait_until_up(content["health"][name], processes[name], _START_SECONDS, log)
            http = await stack.enter_async_context(connect(f"http://127.0.0.1:{bot_port}"))
            await _warm_up(http)

            async def arrive() -> StockSender:
                return StockSender(http)

            yield Side(arrive, Meter({BOT: [processes["bot"].pid], ACTIONS: [processes["actions"].pid]}))
    finally:
        shutil.rmtree(logs, ignore_errors=True)


async def _warm_up(http: aiohttp.ClientSession) -> None:
    """Warm up: Rasa responds before its model is loaded, and the first turn reads Jieba's dictionary. Raises BenchError."""
    for _ in range(_START_SECONDS):
        async with http.post("/webhooks/rest/webhook", json={"sender": "warm-up", "message": "到账要多久"}) as answer:
            if answer.status == 200 and await answer.json():
                return
        await asyncio.sleep(1)
    raise BenchError("the stock project does not answer")


def report(result: Json) -> list[str]:
    """The part's tables in Markdown."""
    systems = result["systems"]
    rows = [
        [name, *(found[k] for k in ("turns", "turns_per_second", "median_ms", "p90_ms", "p99_ms", "errors"))]
        for name, found in systems.items()
    ]
    processes = [
        [name, process, cpu, *(found["memory_mb"].get(process, {}).get(kind) for kind in ("rss", "pss", "uss"))]
        for name, found in systems.items()
        for process, cpu in found["cpu_ms_per_turn"].items()
    ]
    title = f"{result['clients']} clients, ours and stock by turns: {result['throughput_ratio']:.1f} times the turns"
    memory = [[name, value] for name, value in result["memory_mb"].items()]
    blocks = [
        [number + 1, *(side[number]["turns"] for side in result["blocks"].values())]
        for number in range(len(result["blocks"][OURS]))
    ]
    return [
        table(title, ["system", "turns", "turns/s", "median ms", "p90 ms", "p99 ms", "errors"], rows),
        table(f"Turns in each block of {result['seconds']:.0f} s", ["round", *result["blocks"]], blocks),
        table("What it costs", ["system", "process", "CPU ms a turn", "RSS MB", "PSS MB", "USS MB"], processes),
        table("Memory of all processes", ["system", f"{result['memory_kind'].upper()} MB"], memory),
    ]


def broken(result: Json) -> list[str]:
    """Bars: throughput and memory."""
    found, memory = [], result["memory_mb"]
    if result["throughput_ratio"] < BAR:
        found.append(f"{result['throughput_ratio']:.1f} times the turns of stock Rasa (at least {BAR:.0f})")
    if memory[OURS] >= memory[STOCK]:
        found.append(f"{memory[OURS]:.0f} MB where stock Rasa has {memory[STOCK]:.0f}")
    return found
