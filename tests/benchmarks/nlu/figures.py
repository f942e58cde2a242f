"""Figures from answers, shown as a table and a picture. docs/benchmarks-nlu.md defines each figure."""

from __future__ import annotations

import statistics
from pathlib import Path
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Sequence

from rich.markup import escape
from rich.table import Table
from sklearn.metrics import f1_score

from bot.evaluation.figures import share
from content.triage_policy import Policy
from tests.benchmarks.nlu.job import Answer
from tests.benchmarks.nlu.sentences import Sentence, out_of_scope_label


class UnknownIntent(Exception):
    """A system answered with an intent for which the triage policy has no route."""


class Decision(NamedTuple):
    """The outcome for a sentence; `route` is None without the triage policy."""

    intent: str
    route: Optional[str]


#: Figures that are shares, with their labels. For the last one, less is better.
SHARES = {
    "accuracy": "accuracy",
    "out_of_scope_recall": "out of scope refused",
    "must_escalate_recall": "must-escalate recall",
    "needless_escalation": "needless escalation",
}


def decision_of(answer: Answer, foreign: Optional[str], policy: Optional[Policy]) -> Decision:
    """The outcome of a system's answer.

    `foreign` is the label of foreign sentences. A fallback means that label, if there is one; otherwise the likeliest intent
    counts. Without a route from the system, the policy's route of the intent counts. Raises UnknownIntent.
    """
    intent = foreign if answer.fallback and foreign is not None else answer.intent
    if policy is None or answer.route is not None:
        return Decision(intent, answer.route)
    if intent not in policy.intents:
        raise UnknownIntent(f"an answer has the intent {intent!r}, which data/triage.yml does not know")
    return Decision(intent, policy.intents[intent].route)


def figures_of(sentences: Sequence[Sentence], decisions: Sequence[Decision], policy: Optional[Policy]) -> Dict[str, Any]:
    """The quality of decisions. Shares are `{value, hits, n, low, high}` (Wilson's 95% interval), or None without lines."""
    pairs = list(zip(sentences, decisions, strict=True))
    foreign = out_of_scope_label([sentence.intent for sentence in sentences])
    figures: Dict[str, Any] = {
        "n": len(pairs),
        "accuracy": share(s.intent == d.intent for s, d in pairs),
        "macro_f1": macro_f1([s.intent for s in sentences], [d.intent for d in decisions]),
        "out_of_scope_recall": share(d.intent == foreign for s, d in pairs if s.intent == foreign),
        "must_escalate_recall": None,
        "needless_escalation": None,
    }
    if policy is not None:
        must = [d for s, d in pairs if s.route == "escalate" and s.reason in policy.risk_reasons]
        figures["must_escalate_recall"] = share(d.route == "escalate" for d in must)
        figures["needless_escalation"] = share(d.route == "escalate" for s, d in pairs if s.route != "escalate")
    return figures


def macro_f1(expected: Sequence[str], got: Sequence[str]) -> float:
    """The mean F1 of the labelled intents, each with the same weight, 0 where undefined; four places."""
    labels = sorted(set(expected))
    return round(float(f1_score(expected, got, labels=labels, average="macro", zero_division=0)), 4)


def score(
    sentences: Sequence[Sentence], answers: Sequence[Answer], cpu_ms: Sequence[float], policy: Optional[Policy]
) -> Dict[str, Any]:
    """All figures of one system, over all sentences and for each file."""
    # A fallback is a refusal by the policy even if no sentence of the test deserves one.
    foreign = out_of_scope_label(policy.intents if policy else [sentence.intent for sentence in sentences])
    decisions = [decision_of(answer, foreign, policy) for answer in answers]
    by_file: Dict[str, List[int]] = {}
    for place, sentence in enumerate(sentences):
        by_file.setdefault(sentence.file, []).append(place)
    return {
        **figures_of(sentences, decisions, policy),
        "fallbacks": sum(answer.fallback for answer in answers),
        "cpu_ms": round(statistics.median(cpu_ms), 2),
        "by_file": {
            file: figures_of([sentences[i] for i in places], [decisions[i] for i in places], policy)
            for file, places in by_file.items()
        },
    }


def _percent(value: Optional[Mapping[str, Any]]) -> str:
    return "-" if value is None else f"{value['value']:.1%}"


def _number(value: Optional[float], form: str) -> str:
    return "-" if value is None else f"{value:{form}}"


def table_of(report: Mapping[str, Any]) -> Table:
    """The report as a table; a system that failed is a row with its error."""
    epochs = f", DIET with {report['epochs']} epochs" if report["epochs"] else ""
    title = (
        f"{report['test']['n']} sentences; trained on {report['train']['n']} of {report['train']['intents']} intents{epochs}"
    )
    errors = [f"{name}: {row['phase']}: {row['error']}" for name, row in report["systems"].items() if "error" in row]
    table = Table(title=title, caption=escape("\n".join(map(_one_line, errors))) or None, caption_justify="left")
    table.add_column("system")
    names = ("accuracy", "macro-F1", *list(SHARES.values())[1:], "train s", "CPU ms", "train MB", "parse MB")
    for name in names:
        table.add_column(name, justify="right")
    for system, row in report["systems"].items():
        if "error" in row:
            table.add_row(system, "[red]failed[/]", *[""] * (len(names) - 1))
            continue
        table.add_row(
            system,
            _percent(row["accuracy"]),
            _number(row["macro_f1"], ".3f"),
            *[_percent(row[name]) for name in list(SHARES)[1:]],
            _number(row["train_seconds"], ".1f"),
            _number(row["cpu_ms"], ".1f"),
            _number(row["train_peak_mb"], ".0f"),
            _number(row["parse_peak_mb"], ".0f"),
        )
    return table


def _one_line(text: str) -> str:
    return " ".join(text.split())[:300]


def draw(report: Mapping[str, Any], path: Path) -> None:
    """A picture of the shares with their intervals, one panel each, as SVG or PNG by the file name's ending."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    systems = {name: row for name, row in report["systems"].items() if "error" not in row}
    panels = [name for name in SHARES if any(row[name] for row in systems.values())]
    if not panels:
        return
    figure, axes = pyplot.subplots(
        1, len(panels), figsize=(3 * len(panels), 0.5 + 0.4 * len(systems)), sharey=True, squeeze=False
    )
    for axis, panel in zip(axes[0], panels):
        for place, (_, row) in enumerate(systems.items()):
            value = row[panel]
            if value is None:
                continue
            error = [[value["value"] - value["low"]], [value["high"] - value["value"]]]
            axis.barh(place, value["value"], xerr=error, color="#4477aa", ecolor="#333333", capsize=2)
        axis.set_title(SHARES[panel], fontsize=9)
        axis.set_xlim(0, 1)
    axes[0][0].set_yticks(range(len(systems)), list(systems))
    axes[0][0].invert_yaxis()
    figure.tight_layout()
    figure.savefig(path)
    pyplot.close(figure)
