"""Replay of real turns: customers talk to a running system, then every logged decision is made again.

.venv/desk/bin/python -m tests.benchmarks.workshop.replay [--quick] [--json FILE]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.benchmarks.load.system import running_system
from tests.benchmarks.workshop.measures import Measure, report
from tests.benchmarks.workshop.real_log import sentences, talk
from tests.drill.system import ROOT, System

TURNS, QUICK_TURNS = 1000, 100
BOT = ROOT / ".venv/bot/bin/python"


def bot_command(system: System, *arguments: str) -> tuple[dict[str, Any], float]:
    """Run a command of the bot that writes JSON, on this system's database; its result, and the seconds that it took."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "result.json"
        started = time.monotonic()
        done = subprocess.run(
            [str(BOT), "-W", "ignore", "-m", "bot", *arguments, "--json", str(path)],
            cwd=ROOT,
            env={name: value for name, value in system.environment.items() if name not in ("DESK_URL", "SERVICE_TOKEN")},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise SystemExit(f"{' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")
        return json.loads(path.read_text(encoding="utf-8")), time.monotonic() - started


async def measure(turns: int, seed: int) -> list[Measure]:
    """Fill a log and replay it."""
    async with running_system(1) as (system, _):
        started = time.monotonic()
        sent = await talk(system.url, sentences(ROOT / "data"), turns, seed)
        print(f"{sent} messages in {time.monotonic() - started:.0f} s", file=sys.stderr)
        result, seconds = await asyncio.to_thread(bot_command, system, "replay", "--last", str(turns))
    for difference in result["differences"][:10]:
        print(difference, file=sys.stderr)
    for missing in result["missing"]:
        print(missing["en"], file=sys.stderr)
    same, n = result["n_identical"], result["n"]
    value = f"{same} of {n} identical, {seconds:.0f} s"
    bar = f"{turns} of {turns} identical"
    return [Measure("replay of logged turns", value, bar, result["identical"] and n == turns and not result["inferred"])]


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=TURNS)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_TURNS} turns")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    turns = QUICK_TURNS if options.quick else options.turns
    return report(asyncio.run(measure(turns, options.seed)), options.json)


if __name__ == "__main__":
    sys.exit(main())
