"""`make bench-workshop`: measures every bar of the workshop and prints one table.

    .venv/desk/bin/python -m tests.benchmarks.workshop [--only gate_edits,replay] [--quick] [--json FILE]

Each part is a program of its own, in the environment that it needs; it writes its figures as JSON: `measure`, `value`, `bar`,
`passed`. The exit code is 1 if a bar is missed or a part could not be measured.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
BOT, DESK = ".venv/bot/bin/python", ".venv/desk/bin/python"
#: Part -> interpreter, module. In the order of the table.
PARTS = {
    "edit_to_live": (DESK, "tests.benchmarks.workshop.edit_to_live"),
    "publish_load": (DESK, "tests.benchmarks.workshop.publish_load"),
    "gate_edits": (BOT, "tests.benchmarks.workshop.gate_edits"),
    "replay": (DESK, "tests.benchmarks.workshop.replay"),
    "waves": (DESK, "tests.simulation.waves"),
    "reviews": (DESK, "tests.simulation.reviews"),
    "two_editors": (DESK, "tests.benchmarks.workshop.two_editors"),
}


def main() -> int:
    """Run the parts one after the other: each needs the machine for itself."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default=",".join(PARTS), help=f"parts, separated by commas: {', '.join(PARTS)}")
    parser.add_argument("--quick", action="store_true", help="smaller runs; the bars are then not proven")
    parser.add_argument("--json", type=Path, help="also write the table to this file")
    options = parser.parse_args()
    chosen = [name.strip() for name in options.only.split(",")]
    unknown = [name for name in chosen if name not in PARTS]
    if unknown:
        parser.error(f"no such part: {', '.join(unknown)}")
    rows: list[dict[str, Any]] = []
    for name in chosen:
        rows += _measure(name, quick=options.quick)
    _print_table(rows)
    if options.json:
        options.json.write_text(json.dumps(rows, ensure_ascii=False, indent=1), encoding="utf-8")
    return 0 if all(row["passed"] for row in rows) else 1


def _measure(name: str, *, quick: bool) -> list[dict[str, Any]]:
    interpreter, module = PARTS[name]
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "result.json"
        command = [interpreter, "-W", "ignore", "-m", module, "--json", str(result), *(["--quick"] if quick else [])]
        print(f"--- {name}: {' '.join(command[:5])}", flush=True)
        started = time.monotonic()
        ended = subprocess.run(command, cwd=ROOT, check=False)
        seconds = round(time.monotonic() - started)
        if not result.exists():
            why = f"it ended with {ended.returncode} and no figures"
            return [{"part": name, "measure": name, "value": why, "bar": "", "passed": False, "seconds": seconds}]
        rows: list[dict[str, Any]] = json.loads(result.read_text(encoding="utf-8"))
        return [{"part": name, **row, "seconds": seconds} for row in rows]


def _print_table(rows: list[dict[str, Any]]) -> None:
    print("\n| part | measure | bar | measured | |\n| --- | --- | --- | --- | --- |")
    for row in rows:
        print(f"| {row['part']} | {row['measure']} | {row['bar']} | {row['value']} | {'ok' if row['passed'] else 'MISSED'} |")


if __name__ == "__main__":
    sys.exit(main())
