"""The gate as a job of the workshop, and as a command."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Dict, Mapping, Optional

from bot.workshop.gate.gate import GateError, Log, baseline, check
from bot.workshop.jobs import JobError, Progress
from bot.workshop.logged_turns import logged_turns

#: Turns of the log whose emergencies are decided again.
_TURNS = 10_000


def run(parameters: Mapping[str, Any], progress: Progress) -> Dict[str, Any]:
    """Check a data folder, `parameters["data"]`. The report as JSON. Raises JobError."""
    return judge(Path(parameters["data"]), progress=progress)


def judge(data: Path, log: Optional[Log] = None, progress: Optional[Progress] = None) -> Dict[str, Any]:
    """The report about a data folder as JSON (docs/workshop.md, "Gate"). `log` gives turns; by default the newest of the log.

    Raises JobError if what is live cannot be read any more.
    """
    read = log if log is not None else (lambda: logged_turns(last=_TURNS))
    try:
        with baseline() as live:
            return check(data, live, log=read, progress=progress or (lambda share, zh, en: None)).as_json()
    except GateError as error:
        raise JobError(error.zh, error.en) from error


def command(data: Path, json_file: Optional[Path]) -> int:
    """`python -m bot gate`: print the verdict with its reasons. 0: the draft may be published; 1: it may not."""
    try:
        report = judge(data, progress=_say)
        # Written before it is printed: a pipe that is closed early must not lose the report.
        if json_file is not None:
            json_file.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    except (JobError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    for kind, reasons in (("refused", report["reasons"]), ("warning", report["warnings"])):
        for reason in reasons:
            print(f"{kind}: {reason['kind']}: {reason['detail']}")
            for sentence in reason["sentences"]:
                print(f"    {sentence}")
    print(f"verdict: {report['verdict']}")
    return 0 if report["verdict"] == "pass" else 1


def _say(share: float, zh: str, en: str) -> None:
    print(f"{share:4.0%} {en}", file=sys.stderr, flush=True)
