"""All figures of an evaluation, computed from outcomes. docs/evaluation.md defines each numerator and denominator.

Figures are rounded to four places. A share is `{value, hits, n, low, high}`, with the 95% interval of Wilson (1927). A figure
without lines is None.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import PurePosixPath
from typing import Any, Callable, Dict, Iterable, List, Mapping, NamedTuple, Optional, Sequence

import numpy as np
from scipy.stats import binomtest
from sklearn.metrics import precision_recall_fscore_support, roc_auc_score, roc_curve

from bot.evaluation.outcome import Outcome
from contract.priorities import MONEY_MOVING
from contract.routes import ROUTES

OUT_OF_SCOPE = "out_of_scope"
#: The intent whose messages go into the lane of the queue that precedes all others.
SCAM_IN_PROGRESS = "scam_in_progress"
#: The share of in-scope messages that may be rejected when the recall of out-of-scope messages is measured.
IN_SCOPE_LOSS = 0.03
CALIBRATION_BINS = 15
#: The most points of a stored risk-coverage curve.
_CURVE_POINTS = 200

Share = Optional[Dict[str, Any]]


class Figure(NamedTuple):
    """A main figure of an evaluation: its path in the report, its display name, and which direction is better.

    `more_is_better` is None if neither direction is better.
    """

    path: str
    title: str
    more_is_better: Optional[bool]
    is_share: bool = True


INTENT_F1 = Figure("intent_macro_f1", "Intent macro-F1", True, False)
#: The main figures, by their importance for customers.
MAIN_FIGURES = (
    Figure("must_escalate_recall", "Must-escalate recall", True),
    Figure("needs_person_recall", "Needs a person, reached one", True),
    Figure("lanes", "Scam in progress, in its lane", True),
    Figure("right_door_under_wrong_article", "Answered wrongly, right door shown", True),
    Figure("needless_escalation_rate", "Needless escalation", False),
    Figure("answered_rightly", "Answerable, answered rightly", True),
    Figure("answered_tentatively", "Answerable, guessed rightly", None),
    Figure("wrong_article", "Answerable, wrong article", False),
    Figure("clarified", "Answerable, asked back", False),
    Figure("route_accuracy", "Route accuracy", True),
    Figure("intent_accuracy", "Intent accuracy", True),
    INTENT_F1,
    Figure("reject_recall", "Reject recall", True),
    Figure("out_of_scope.auroc", "Out-of-scope AUROC", True, False),
    Figure("out_of_scope.recall", "Out-of-scope recall at 3% in-scope loss", True),
    Figure("risk_coverage.aurc", "Area under risk-coverage (AURC)", False, False),
    Figure("calibration.ece", "Expected calibration error (ECE)", False, False),
    Figure("latency_ms.wall.p50", "Latency p50, wall, ms", False, False),
    Figure("latency_ms.wall.p99", "Latency p99, wall, ms", False, False),
    Figure("latency_ms.cpu.p50", "Latency p50, CPU, ms", False, False),
    Figure("latency_ms.cpu.p99", "Latency p99, CPU, ms", False, False),
)
#: The figures of a slice.
SLICE_FIGURES = (
    Figure("intent_accuracy", "Intent accuracy", True),
    Figure("route_accuracy", "Route accuracy", True),
    Figure("must_escalate_recall", "Must-escalate recall", True),
    Figure("needs_person_recall", "Needs a person, reached one", True),
    Figure("needless_escalation_rate", "Needless escalation", False),
    Figure("answered_rightly", "Answerable, answered rightly", True),
    Figure("wrong_article", "Answerable, wrong article", False),
    Figure("clarified", "Answerable, asked back", False),
)


def value_at(figures: Mapping[str, Any], path: str) -> Optional[float]:
    """The number at a path such as `latency_ms.wall.p50`, or the value of a share; None if it is missing."""
    node: Any = figures
    for name in path.split("."):
        if node is None:
            return None
        node = node[name]
    value: Optional[float] = node["value"] if isinstance(node, Mapping) else node
    return value


def short_names(names: Sequence[str]) -> Dict[str, str]:
    """Slices under shorter names: files without folder and suffix, if these names are still distinct."""
    stems = [PurePosixPath(name).stem or name for name in names]
    return dict(zip(names, stems if len(set(stems)) == len(stems) else names))


def share(hits: Iterable[bool]) -> Share:
    """The share of hits among the lines, with the Wilson interval."""
    flags = list(hits)
    if not flags:
        return None
    count = sum(map(bool, flags))
    interval = binomtest(count, len(flags)).proportion_ci(0.95, method="wilson")
    return {
        "value": round(count / len(flags), 4),
        "hits": count,
        "n": len(flags),
        "low": round(float(interval.low), 4),
        "high": round(float(interval.high), 4),
    }


def figures_of(
    outcomes: Sequence[Outcome], risk_reasons: Sequence[str], reason_of: Optional[Mapping[str, str]] = None
) -> Dict[str, Any]:
    """All figures of an evaluation; JSON types only.

    `reason_of`: the escalating intents of the policy with their reasons. Without it, only the intent of a door is compared.
    """
    reason_of = reason_of or {}
    return {
        "n": len(outcomes),
        "wrong": sum(not outcome.is_right for outcome in outcomes),
        **_routing(outcomes, risk_reasons, reason_of),
        "intent_macro_f1": _macro_f1(outcomes),
        "reject_recall": share(o.got.route == "reject" for o in outcomes if set(o.expected.routes) == {"reject"}),
        "by_reason": _by_reason(outcomes),
        "by_intent": _by_intent(outcomes),
        "confusions": _confusions(outcomes),
        "routes": _routes(outcomes),
        "out_of_scope": _out_of_scope(outcomes),
        "risk_coverage": _risk_coverage(outcomes),
        "calibration": _calibration(outcomes),
        "slices": {
            "style": _slices(outcomes, risk_reasons, reason_of, lambda outcome: outcome.style),
            "file": _slices(outcomes, risk_reasons, reason_of, lambda outcome: outcome.file),
        },
        "latency_ms": _latency(outcomes),
    }


def _routing(outcomes: Sequence[Outcome], risk_reasons: Sequence[str], reason_of: Mapping[str, str]) -> Dict[str, Share]:
    grave = [o for o in outcomes if o.expected.needs_person]
    answerable = [o for o in outcomes if o.expected.is_answerable]
    return {
        "intent_accuracy": share(o.has_right_intent for o in outcomes),
        "route_accuracy": share(o.has_right_route for o in outcomes),
        "must_escalate_recall": share(o.got.route == "escalate" for o in grave if o.expected.reason in risk_reasons),
        "needs_person_recall": share(o.got.route == "escalate" for o in grave),
        "right_door_under_wrong_article": share(_shows_right_door(o, reason_of) for o in grave if o.got.route == "answer"),
        "lanes": share(o.lane == MONEY_MOVING for o in outcomes if o.expected.intent == SCAM_IN_PROGRESS),
        "needless_escalation_rate": share(o.got.route == "escalate" for o in outcomes if "escalate" not in o.expected.routes),
        "answered_rightly": share(_is_answered_rightly(o) for o in answerable),
        "answered_tentatively": share(o.tentative and _is_answered_rightly(o) for o in answerable),
        "wrong_article": share(o.got.route == "answer" and not o.has_right_intent for o in answerable),
        "clarified": share(o.got.route == "clarify" for o in answerable),
    }


def _is_answered_rightly(outcome: Outcome) -> bool:
    return outcome.got.route == "answer" and outcome.has_right_intent


def _shows_right_door(outcome: Outcome, reason_of: Mapping[str, str]) -> bool:
    """Whether a door leads to a person with an accepted intent or an accepted reason."""
    expected = outcome.expected
    return any(door in expected.intents or reason_of.get(door, "") in expected.reasons for door in outcome.doors)


def _slices(
    outcomes: Sequence[Outcome],
    risk_reasons: Sequence[str],
    reason_of: Mapping[str, str],
    name: Callable[[Outcome], Optional[str]],
) -> Dict[str, Dict[str, Any]]:
    slices: Dict[str, List[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        key = name(outcome)
        if key is not None:
            slices[key].append(outcome)
    return {key: {"n": len(part), **_routing(part, risk_reasons, reason_of)} for key, part in slices.items()}


def _by_reason(outcomes: Sequence[Outcome]) -> Dict[str, Dict[str, Any]]:
    reasons: Dict[str, List[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        if outcome.expected.reason and outcome.expected.needs_person:
            reasons[outcome.expected.reason].append(outcome)
    return {
        reason: {
            "n": len(part),
            "recall": share(o.got.route == "escalate" and o.got.reason in o.expected.reasons for o in part),
            "escalated": share(o.got.route == "escalate" for o in part),
        }
        for reason, part in sorted(reasons.items())
    }


def _by_intent(outcomes: Sequence[Outcome]) -> Dict[str, Dict[str, Any]]:
    expected, got = [o.expected.intent for o in outcomes], [o.counted_intent for o in outcomes]
    names, times_got = sorted({*expected, *got}), Counter(got)
    columns = precision_recall_fscore_support(expected, got, labels=names, zero_division=0)
    return {
        name: {
            "support": int(support),
            "got": times_got[name],
            "precision": round(float(precision), 4) if times_got[name] else None,
            "recall": round(float(recall), 4) if support else None,
            "f1": round(float(f1), 4),
        }
        for name, precision, recall, f1, support in zip(names, *columns)
    }


def _macro_f1(outcomes: Sequence[Outcome]) -> float:
    expected, got = [o.expected.intent for o in outcomes], [o.counted_intent for o in outcomes]
    labelled = sorted(set(expected))
    return round(float(precision_recall_fscore_support(expected, got, labels=labelled, average="macro", zero_division=0)[2]), 4)


def _confusions(outcomes: Sequence[Outcome]) -> List[Dict[str, Any]]:
    pairs: Dict[tuple[str, str], List[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        if not outcome.has_right_intent:
            pairs[(outcome.expected.intent, outcome.got.intent)].append(outcome)
    support = Counter(o.expected.intent for o in outcomes)
    rows = [
        {
            "expected": expected,
            "got": got,
            "n": len(part),
            "share": round(len(part) / support[expected], 4),
            "wrong_route": sum(not o.has_right_route for o in part),
        }
        for (expected, got), part in pairs.items()
    ]
    return sorted(rows, key=lambda row: (-row["n"], -row["wrong_route"], -row["share"], row["expected"], row["got"]))


def _routes(outcomes: Sequence[Outcome]) -> Dict[str, Dict[str, int]]:
    counted = Counter((o.expected.route, o.counted_route) for o in outcomes)
    return {
        expected: {got: counted[(expected, got)] for got in ROUTES}
        for expected in ROUTES
        if any(counted[(expected, got)] for got in ROUTES)
    }


def _out_of_scope(outcomes: Sequence[Outcome]) -> Dict[str, Any]:
    # A line for which out of scope and in scope are both accepted says nothing about the score.
    outcomes = [o for o in outcomes if OUT_OF_SCOPE not in o.expected.intents or set(o.expected.intents) == {OUT_OF_SCOPE}]
    return separation([OUT_OF_SCOPE in o.expected.intents for o in outcomes], [o.out_of_scope for o in outcomes])


def separation(is_foreign: Sequence[bool], foreign_scores: Sequence[float]) -> Dict[str, Any]:
    """`out_of_scope` of docs/evaluation.md: how well the scores separate out-of-scope lines (higher) from the others."""
    foreign, scores = np.array(is_foreign, dtype=bool), np.array(foreign_scores, dtype=float)
    figures: Dict[str, Any] = {"n": int(foreign.sum()), "auroc": None, "recall": None, "threshold": None, "in_scope_loss": None}
    if foreign.all() or not foreign.any():
        return figures
    losses, _, thresholds = roc_curve(foreign, scores, drop_intermediate=False)
    best = int(np.flatnonzero(losses <= IN_SCOPE_LOSS)[-1])  # the curve is monotonic: the last point within the limit
    # The first point of the curve, "reject nothing", has no threshold.
    threshold = float(thresholds[best]) if best else None
    taken = scores >= threshold if threshold is not None else np.zeros(len(scores), dtype=bool)
    figures["auroc"] = round(float(roc_auc_score(foreign, scores)), 4)
    figures["recall"] = share(taken[foreign].tolist())
    figures["threshold"] = threshold
    figures["in_scope_loss"] = share(taken[~foreign].tolist())
    return figures


def _sorted_by_confidence(outcomes: Sequence[Outcome]) -> tuple[Any, Any]:
    """Confidences from high to low, each with the share of errors among all lines of exactly this confidence.

    Shares instead of single errors make the figures independent of the order of equal confidences.
    """
    confidence = np.array([o.confidence for o in outcomes])
    errors = np.array([not o.has_right_intent for o in outcomes], dtype=float)
    values, group = np.unique(confidence, return_inverse=True)
    mean_error = np.bincount(group, weights=errors) / np.bincount(group)
    return values[group][np.argsort(-confidence)], mean_error[group][np.argsort(-confidence)]


def _risk_coverage(outcomes: Sequence[Outcome]) -> Dict[str, Any]:
    """Geifman & El-Yaniv (2017): the error rate among the k most confident lines, for each k; AURC is the mean over all k."""
    confidence, errors = _sorted_by_confidence(outcomes)
    n = len(errors)
    risk = np.cumsum(errors) / np.arange(1, n + 1)
    kept = np.unique(np.linspace(0, n - 1, min(n, _CURVE_POINTS)).round().astype(int))
    return {
        "aurc": round(float(risk.mean()), 4),
        "points": [
            {
                "coverage": round((k + 1) / n, 4),
                "risk": round(float(risk[k]), 4),
                "confidence": round(float(confidence[k]), 4),
            }
            for k in kept.tolist()
        ],
    }


def _calibration(outcomes: Sequence[Outcome]) -> Dict[str, Any]:
    """Guo et al. (2017), equation 3, with bins of equal size instead of equal width."""
    confidence, errors = _sorted_by_confidence(outcomes)
    n = len(errors)
    parts = np.array_split(np.arange(n)[::-1], min(n, CALIBRATION_BINS))  # the lowest confidence first
    bins = [(len(part), float(confidence[part].mean()), 1 - float(errors[part].mean())) for part in parts]
    return {
        "ece": round(sum(size / n * abs(mean - accuracy) for size, mean, accuracy in bins), 4),
        "bins": [{"n": size, "confidence": round(mean, 4), "accuracy": round(accuracy, 4)} for size, mean, accuracy in bins],
    }


def _latency(outcomes: Sequence[Outcome]) -> Optional[Dict[str, Dict[str, float]]]:
    times = {
        "wall": [o.wall_ms for o in outcomes if o.wall_ms is not None],
        "cpu": [o.cpu_ms for o in outcomes if o.cpu_ms is not None],
    }
    if not all(times.values()):
        return None
    return {
        clock: {f"p{percent}": round(float(np.percentile(values, percent)), 2) for percent in (50, 99)}
        for clock, values in times.items()
    }
