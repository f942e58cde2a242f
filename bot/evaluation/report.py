"""Reports: the figures and outcomes of one evaluation as JSON types, and how to read them."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any, Callable, Dict, List, Mapping, Sequence

from bot.evaluation.figures import figures_of
from bot.evaluation.labelled import Labelled
from bot.evaluation.outcome import Outcome, judge
from content.triage_policy import Policy

#: The first field of every report. Files without it are not reports.
FORMAT = "wallet-triage evaluation 1"


class ReportError(Exception):
    """A file is not a report, or two reports cannot be compared; the message states why."""


def evaluate(
    lines: Sequence[Labelled], decide: Callable[[str], Mapping[str, Any]], policy: Policy, timed: bool = True
) -> Dict[str, Any]:
    """Decide every line as the first message of a conversation and compare with its labels; the report is JSON-able.

    `decide(text)` returns a decision like `Understanding.decide`. `timed=False` omits the latency, for a `decide` whose time is
    not the bot's.
    """
    outcomes, decision = judge(lines, decide, timed)
    reason_of = {name: intent.reason for name, intent in policy.intents.items() if intent.reason}
    return {
        "format": FORMAT,
        "made_at": dt.datetime.now(dt.timezone.utc).isoformat(timespec="seconds"),
        "files": list(dict.fromkeys(line.file for line in lines if line.file)),
        "model": decision.get("model"),
        "policy": policy.version_hash,
        "thresholds": dict(decision.get("thresholds") or {}),
        "risk_reasons": list(policy.risk_reasons),
        "reason_of": reason_of,
        **figures_of(outcomes, policy.risk_reasons, reason_of),
        "lines": [outcome.as_json() for outcome in outcomes],
    }


def outcomes_of(report: Mapping[str, Any]) -> List[Outcome]:
    """The outcomes of a report."""
    return [Outcome.from_json(line) for line in report["lines"]]


def read_report(path: Path) -> Dict[str, Any]:
    """Read a report of `evaluate`. Raises ReportError for any other file, and for a report with damaged lines."""
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ReportError(f"{path}: cannot be read: {error}") from error
    except (json.JSONDecodeError, RecursionError) as error:
        raise ReportError(f"{path}: not JSON: {error}; a report is what `make evaluate ... OUT=report.json` writes") from error
    if not isinstance(report, dict) or report.get("format") != FORMAT:
        raise ReportError(f"{path}: not a report of this version; make one by `make evaluate ... OUT=report.json`")
    lines, reasons = report.get("lines"), report.get("risk_reasons")
    if not isinstance(lines, list) or not lines:
        raise ReportError(f"{path}: a report without `lines`")
    if not isinstance(reasons, list) or not all(isinstance(reason, str) for reason in reasons):
        raise ReportError(f"{path}: a report without `risk_reasons`")
    seen = set()
    for number, line in enumerate(lines, start=1):
        try:
            outcome = Outcome.from_json(line)
        except (KeyError, TypeError, ValueError) as error:
            raise ReportError(f"{path}: line {number} of `lines` is damaged: {type(error).__name__}: {error}") from error
        if outcome.id in seen:
            raise ReportError(f"{path}: line {number} of `lines` stands there twice")
        seen.add(outcome.id)
    return report
