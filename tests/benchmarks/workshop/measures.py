"""The lines that a benchmark of the workshop writes: what was measured, and whether it reaches its bar."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Measure:
    """One line of the table."""

    measure: str
    value: str
    bar: str
    passed: bool


def report(measures: list[Measure], path: Path | None) -> int:
    """Print the lines, and write them as JSON. The exit code: 0 if every bar is reached."""
    for each in measures:
        print(f"{each.measure:<60} {each.value:<36} bar: {each.bar:<24} {'ok' if each.passed else 'MISSED'}")
    if path is not None:
        path.write_text(json.dumps([asdict(each) for each in measures], ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return 0 if all(each.passed for each in measures) else 1
