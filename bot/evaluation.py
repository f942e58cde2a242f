"""Scores the whole of understanding and deciding on labelled sentences (docs/evaluation.md defines every figure)."""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence

import numpy as np
from rich.console import Console
from rich.table import Table
from sklearn.metrics import f1_score

from actions.policy import Policy

ROUTES = ("answer", "escalate", "feedback", "chat", "reject", "clarify")


class LabelError(Exception):
    """A labelled file is wrong; the message names the line and the fix."""


@dataclass(frozen=True)
class Labelled:
    """One line of a labelled file: what was said, and what should be understood and done."""

    text: str
    intent: str
    route: str
    reason: Optional[str]


def read_labelled(path: Path, policy: Policy) -> List[Labelled]:
    """Read JSON lines `{text, intent, route, reason}`; a missing route or reason is taken from the policy.

    Raises LabelError with the line number for wrong JSON, unknown names, empty or repeated texts, and an empty file.
    """
    lines: List[Labelled] = []
    seen: Dict[str, int] = {}
    try:
        rows = path.read_text(encoding="utf-8-sig").split("\n")  # splitlines() would also cut at U+2028 inside a sentence
    except (OSError, UnicodeDecodeError) as error:
        raise LabelError(f"{path}: cannot be read: {error}") from error
    for number, row in enumerate(rows, start=1):
        if not row.strip():
            continue
        where = f"{path}:{number}"
        try:
            data = json.loads(row)
        except json.JSONDecodeError as error:
            raise LabelError(f"{where}: not JSON: {error}") from error
        if not isinstance(data, dict) or not isinstance(data.get("text"), str) or not data["text"].strip():
            raise LabelError(f"{where}: needs a `text` that is not empty")
        text, intent = data["text"], data.get("intent")
        if not isinstance(intent, str) or intent not in policy.intents:
            raise LabelError(f"{where}: unknown intent {intent!r}")
        if text in seen:
            raise LabelError(f"{where}: the same text as in line {seen[text]}")
        seen[text] = number
        route = data.get("route") or policy.intents[intent].route
        reason = data.get("reason") or (policy.intents[intent].reason if route == "escalate" else None)
        if route not in ROUTES:
            raise LabelError(f"{where}: unknown route {route!r}: one of {', '.join(ROUTES)}")
        if reason is not None and (not isinstance(reason, str) or reason not in policy.reasons):
            raise LabelError(f"{where}: unknown reason {reason!r}")
        lines.append(Labelled(text, intent, route, reason))
    if not lines:
        raise LabelError(f"{path}: no lines")
    return lines


def _share(hits: Sequence[bool]) -> Optional[float]:
    return round(sum(hits) / len(hits), 4) if hits else None


def evaluate(lines: Sequence[Labelled], decide: Callable[[str], Mapping[str, Any]], policy: Policy) -> Dict[str, Any]:
    """Decide every line as the first message of a conversation and compare; the report is JSON-able.

    `by_reason` recall: escalated with that very reason. `must_escalate_recall`: escalated at all, over lines whose reason is a
    risk reason. `needless_escalation_rate`: escalated, over lines whose route is another. `reject_recall`: rejected, over
    lines whose route is reject. Figures without any line are null. Latency is wall time of pipeline and decision.
    """
    decide(lines[0].text)  # the first call loads what the others reuse
    got: List[Mapping[str, Any]] = []
    seconds: List[float] = []
    for line in lines:
        started = time.perf_counter()
        got.append(decide(line.text))
        seconds.append(time.perf_counter() - started)
    pairs = list(zip(lines, got))
    expected_intents, intents = [line.intent for line in lines], [str(d["intent"]) for d in got]
    reasons = sorted({line.reason for line in lines if line.reason})
    errors = [
        {
            "text": line.text,
            "expected": {"intent": line.intent, "route": line.route, "reason": line.reason},
            "got": {name: d[name] for name in ("intent", "route", "reason", "confidence", "rule")},
        }
        for line, d in pairs
        if (line.intent, line.route, line.reason) != (d["intent"], d["route"], d["reason"])
    ]
    return {
        "n": len(lines),
        "intent_accuracy": _share([a == b for a, b in zip(expected_intents, intents)]),
        "intent_macro_f1": round(
            float(f1_score(expected_intents, intents, labels=sorted(set(expected_intents)), average="macro", zero_division=0)),
            4,
        ),
        "route_accuracy": _share([line.route == d["route"] for line, d in pairs]),
        "by_reason": {
            reason: {
                "n": sum(line.reason == reason for line in lines),
                "recall": _share([d["reason"] == reason for line, d in pairs if line.reason == reason]),
            }
            for reason in reasons
        },
        "must_escalate_recall": _share([d["route"] == "escalate" for line, d in pairs if line.reason in policy.risk_reasons]),
        "needless_escalation_rate": _share([d["route"] == "escalate" for line, d in pairs if line.route != "escalate"]),
        "reject_recall": _share([d["route"] == "reject" for line, d in pairs if line.route == "reject"]),
        "latency_ms": {
            "p50": round(1000 * float(np.percentile(seconds, 50)), 2),
            "p99": round(1000 * float(np.percentile(seconds, 99)), 2),
        },
        "errors": errors,
    }


def print_report(report: Mapping[str, Any]) -> None:
    """The report as tables for people, the errors left to the JSON."""
    console = Console()
    table = Table("measure", "value", title=f"{report['n']} sentences")
    names = ("intent_accuracy", "intent_macro_f1", "route_accuracy", "must_escalate_recall", "needless_escalation_rate")
    for name in (*names, "reject_recall"):
        table.add_row(name, "-" if report[name] is None else f"{report[name]:.4f}")
    table.add_row("latency p50 / p99", f"{report['latency_ms']['p50']:.1f} / {report['latency_ms']['p99']:.1f} ms")
    console.print(table)
    if report["by_reason"]:
        reasons = Table("reason", "n", "recall")
        for reason, figures in report["by_reason"].items():
            reasons.add_row(reason, str(figures["n"]), f"{figures['recall']:.4f}")
        console.print(reasons)
    console.print(f"{len(report['errors'])} sentences differ from their labels")


def write_report(report: Mapping[str, Any], path: Path) -> None:
    """Write the report in one step: a file under that name is always whole."""
    partial = path.with_name(f"{path.name}.{os.getpid()}")
    partial.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    os.replace(partial, path)
