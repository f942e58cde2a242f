"""Planted edits and the gate: does it refuse every bad one, and let every harmless one pass?

    .venv/bot/bin/python -m tests.benchmarks.workshop.gate_edits [--quick] [--only WORDS] [--json FILE]

Each edit is made on a copy of `data/`, which is then judged against the project's own `data/`. `--quick` leaves out the edits
that need a training (about a minute each).
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
import warnings
from collections.abc import Sequence
from pathlib import Path

from bot.workshop.gate.gate import Baseline, check
from tests.benchmarks.workshop.bad_edits import BAD_EDITS
from tests.benchmarks.workshop.edits import Edit
from tests.benchmarks.workshop.good_edits import GOOD_EDITS

DATA = Path("data")


def judged(edit: Edit, live: Baseline) -> tuple[str, list[str], float]:
    """The verdict about an edit, its reasons, and the seconds."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(shutil.copytree(live.folder, Path(scratch) / "data"))
        edit.change(folder)
        started = time.monotonic()
        report = check(folder, live)
        return report.verdict, [f"{reason.kind}: {reason.detail}" for reason in report.reasons], time.monotonic() - started


def _row(edits: Sequence[Edit], expected: str, what: str, live: Baseline) -> dict[str, object]:
    right, slowest = 0, 0.0
    for edit in edits:
        try:
            verdict, reasons, seconds = judged(edit, live)
        except (AssertionError, ValueError, OSError) as error:
            verdict, reasons, seconds = f"not made: {error}", [], 0.0
        right += verdict == expected
        slowest = max(slowest, seconds)
        mark = "ok   " if verdict == expected else "WRONG"
        print(f"{mark} {seconds:5.1f} s  {what}: {edit.name}: {verdict}", flush=True)
        for reason in reasons:
            print(f"                 {reason[:150]}", flush=True)
    return {
        "measure": f"{what} edits that the gate judges rightly (slowest {slowest:.0f} s)",
        "value": f"{right} of {len(edits)}",
        "bar": f"{len(edits)} of {len(edits)}",
        "passed": right == len(edits),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="leave out the edits that need a training")
    parser.add_argument("--only", default="", help="only edits whose name holds these words")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    warnings.simplefilter("ignore")

    def chosen(edits: Sequence[Edit]) -> list[Edit]:
        return [edit for edit in edits if options.only in edit.name and not (options.quick and edit.trains)]

    with tempfile.TemporaryDirectory() as scratch:
        # A copy, so that nobody who works on `data/` meanwhile changes what is measured. It is read once for all edits.
        live = Baseline(Path(shutil.copytree(DATA, Path(scratch) / "data")), None, "data")
        rows = [
            _row(chosen(BAD_EDITS), "refuse", "bad", live),
            _row(chosen(GOOD_EDITS), "pass", "harmless", live),
        ]
    for row in rows:
        print(f"{row['measure']}: {row['value']} (bar: {row['bar']})")
    if options.json is not None:
        options.json.write_text(json.dumps(rows, indent=1), encoding="utf-8")
    return 0 if all(row["passed"] for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
