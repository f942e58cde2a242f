"""The gate as a job of the workshop, and on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, Mapping, Optional, Sequence

from bot.workshop.gate.gate import GateError, Progress, baseline, check
from bot.workshop.jobs import JobError


def run(parameters: Mapping[str, Any], progress: Progress) -> Dict[str, Any]:
    """Check a data folder. `parameters`: `data`, the folder; `turns`, lines of the log (optional). The report as JSON."""
    return judge(Path(parameters["data"]), parameters.get("turns") or (), progress)


def judge(data: Path, turns: Sequence[Mapping[str, Any]] = (), progress: Optional[Progress] = None) -> Dict[str, Any]:
    """The report about a data folder. Raises JobError if what is live cannot be read any more."""
    try:
        with baseline() as live:
            return check(data, live, turns=turns, progress=progress or (lambda share, zh, en: None)).as_json()
    except GateError as error:
        raise JobError(error.zh, error.en) from error
