"""The load benchmark: `make bench`. Starts the systems on free ports, prints the tables, writes them as Markdown and JSON.

Described in docs/benchmarks-load.md. Exit code: 0 when every bar is met, 1 when one is not, 2 when it could not run.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import functools
import json
import os
import platform
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import psutil

from handoff.bootstrap import version
from tests.benchmarks.load import behind, board, database, fair, hostile, log, search, stock, streams, throughput, turn, versus
from tests.benchmarks.load.sizes import QUICK, Sizes
from tests.benchmarks.load.system import BenchError
from tests.drill.system import ROOT

PARTS: dict[str, ModuleType] = {
    "turn": turn,
    "throughput": throughput,
    "fair": fair,
    "streams": streams,
    "behind": behind,
    "database": database,
    "log": log,
    "search": search,
    "board": board,
    "hostile": hostile,
    "stock": stock,
    "versus": versus,
}


def say(text: str) -> None:
    """Print a message for the operator."""
    print(text, flush=True)


def machine() -> dict[str, Any]:
    """The machine, and its load just before the measurement."""
    return {
        "at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "version": version(),
        "model": json.loads((ROOT / "models" / "published.json").read_text(encoding="utf-8"))["model"],
        "cores": psutil.cpu_count(),
        "memory_mb": psutil.virtual_memory().total / 1e6,
        "python": platform.python_version(),
        "load_before": os.getloadavg()[0],
    }


async def run(name: str, measure: Callable[[Sizes], Any], sizes: Sizes, out: Path) -> tuple[list[str], list[str]]:
    """Measure one part. Returns its tables, and the bars that are not met."""
    on, started = machine(), time.monotonic()
    result = await measure(sizes)
    seconds = time.monotonic() - started
    content = {"part": name, "machine": on, "seconds": seconds, "is_quick": sizes is QUICK, "result": result}
    (out / f"{name}.json").write_text(json.dumps(content, indent=1, ensure_ascii=False), encoding="utf-8")
    part = PARTS[name]
    tables = [f"## {name}\n\nIn {seconds:.0f} s; the machine's load was {on['load_before']:.1f} before.", *part.report(result)]
    say("\n" + "\n\n".join(tables))
    return tables, [f"{name}: {bar}" for bar in part.broken(result)]


async def main(options: argparse.Namespace) -> int:
    """Run all parts, one after the other. Returns the exit code."""
    # A stopped benchmark leaves no process running, as after Ctrl-C.
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, cast("asyncio.Task[Any]", asyncio.current_task()).cancel)
    sizes = QUICK if options.quick else Sizes()
    options.out.mkdir(parents=True, exist_ok=True)
    on = machine()
    head = f"{on['at']}, {on['cores']} cores, {on['memory_mb'] / 1000:.0f} GB, Python {on['python']}, model `{on['model']}`."
    if sizes is QUICK:
        head += " A short run, which only shows that the benchmark works."
    report, broken = [head], []
    given = {"stock": {"ready_built": options.stock}, "versus": {"against": options.against}}
    for name in options.only or [name for name in PARTS if name != "versus" or options.against]:
        say(f"\n{name} ...")
        measure = functools.partial(PARTS[name].measure, **given.get(name, {}))
        tables, bars = await run(name, measure, sizes, options.out)
        report += tables
        broken += bars
        (options.out / "report.md").write_text("\n\n".join(report) + "\n", encoding="utf-8")
    draw(options.out)
    for bar in broken:
        say(f"BROKEN: {bar}")
    say(f"\n{'FAILED' if broken else 'every bar is met'}; the results are in {options.out}: report.md and the JSON files")
    return 1 if broken else 0


def draw(out: Path) -> None:
    """Draw the pictures with the bot's environment, which has matplotlib. Raises BenchError."""
    python = str(ROOT / ".venv" / "bot" / "bin" / "python")
    done = subprocess.run([python, "-m", "tests.benchmarks.load.pictures", str(out.resolve())], cwd=ROOT, check=False)
    if done.returncode != 0:
        raise BenchError("the pictures could not be drawn; see the messages above")


def read_options() -> argparse.Namespace:
    """The command line."""

    def parts(text: str) -> list[str]:
        names = text.split(",")
        if not set(names) <= set(PARTS):
            raise argparse.ArgumentTypeError(f"one or more of {','.join(PARTS)}")
        return names

    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.load", description=__doc__)
    parser.add_argument("--only", type=parts, help=f"some parts of {','.join(PARTS)}; all, and versus only with --against")
    parser.add_argument("--out", type=Path, default=Path("var/bench/load"))
    parser.add_argument("--quick", action="store_true", help="small counts: shows only that it works")
    parser.add_argument("--against", type=Path, help="another runnable checkout, for the part versus")
    parser.add_argument("--stock", type=Path, help="an existing build of the stock project")
    return parser.parse_args()


if __name__ == "__main__":
    try:
        sys.exit(asyncio.run(main(read_options())))
    except BenchError as problem:
        say(f"error: {problem}")
        sys.exit(2)
    except (asyncio.CancelledError, KeyboardInterrupt):
        say("stopped")
        sys.exit(2)
