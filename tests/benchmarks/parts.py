"""Runs the parts of a benchmark and prints one table.

Each part is a program of its own, in the environment that it needs; it writes its figures as JSON: `measure`, `value`, `bar`,
`passed`. The exit code is 1 if a bar is missed or a part could not be measured.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
BOT, DESK = ".venv/bot/bin/python", ".venv/desk/bin/python"
#: Part -> interpreter, module; in the order of the table.
Parts = Mapping[str, tuple[str, str]]


def run_parts(parts: Parts, description: str | None) -> int:
    """Run the chosen parts one after the other: each needs the machine for itself. The exit code."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--only", default=",".join(parts), help=f"parts, separated by commas: {', '.join(parts)}")
    parser.add_argument("--quick", action="store_true", help="smaller runs; the bars are then not proven")
    parser.add_argument("--json", type=Path, help="also write the table to this file")
    options = parser.parse_args()
    chosen = [name.strip() for name in options.only.split(",")]
    unknown = [name for name in chosen if name not in parts]
    if unknown:
        parser.error(f"no such part: {', '.join(unknown)}")
    rows: list[dict[str, Any]] = []
    for name in chosen:
        rows += _measure(name, *parts[name], quick=options.quick)
    _print_table(rows)
    if options.json:
        options.json.write_text(json.dumps(rows, ensure_ascii=False, indent=1), encoding="utf-8")
    return 0 if all(row["passed"] for row in rows) else 1


def _measure(name: str, interpreter: str, module: str, *, quick: bool) -> list[dict[str, Any]]:
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
