"""Shadow of 10,000 turns: how long it takes with a change of the policy, and with another model.

.venv/desk/bin/python -m tests.benchmarks.workshop.shadow [--quick] [--json FILE]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from handoff.runtime.database import migrate
from tests.benchmarks.workshop.filled_log import database_url, fill_log
from tests.benchmarks.workshop.measures import Measure, report
from tests.benchmarks.workshop.replay import BOT, bot_command
from tests.drill.system import ROOT, System

TURNS, QUICK_TURNS = 10_000, 500
#: Of the three minutes from an edit to it being live; training and gate need the rest.
BAR_SECONDS = 60.0


def measure(turns: int) -> list[Measure]:
    """Fill a log, then decide it again in the two ways."""
    system = System()  # only its folder and environment: the desk need not run
    try:
        migrate(database_url(system))
        written = asyncio.run(fill_log(system, turns))
        with tempfile.TemporaryDirectory() as scratch:
            data = Path(shutil.copytree(ROOT / "data", Path(scratch) / "data"))
            triage = data / "triage.yml"
            text = triage.read_text(encoding="utf-8")
            changed = text.replace("threshold_cny: 50000", "threshold_cny: 60000", 1)
            if changed == text:
                raise SystemExit("data/triage.yml has another threshold now: change this benchmark")
            triage.write_text(changed, encoding="utf-8")
            result, seconds = bot_command(system, "shadow", "--data", str(data), "--turns", str(turns))
        if result["n"] != written:
            raise SystemExit(f"the shadow read {result['n']} of {written} turns")
        started = time.monotonic()
        child = [str(BOT), "-W", "ignore", "-m", "tests.benchmarks.workshop.two_models", str(turns)]
        subprocess.run(child, cwd=ROOT, env=_without_desk(system), check=True, stdout=subprocess.DEVNULL)
        two = time.monotonic() - started
    finally:
        shutil.rmtree(system.folder, ignore_errors=True)
    print(json.dumps({"changed": result["changed"], "flips": result["flips"]}), file=sys.stderr)
    bar = f"at most {BAR_SECONDS:.0f} s"
    return [
        Measure(f"shadow of {written:,} turns, policy changed", f"{seconds:.0f} s", bar, seconds <= BAR_SECONDS),
        Measure(f"shadow of {written:,} turns, another model", f"{two:.0f} s", bar, two <= BAR_SECONDS),
    ]


def _without_desk(system: System) -> dict[str, str]:
    return {name: value for name, value in system.environment.items() if name not in ("DESK_URL", "SERVICE_TOKEN")}


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_TURNS} turns")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    return report(measure(QUICK_TURNS if options.quick else TURNS), options.json)


if __name__ == "__main__":
    sys.exit(main())
