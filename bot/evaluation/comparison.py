"""The differences between two reports over the same sentences."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Dict, List, Mapping, Optional, Sequence

from scipy.stats import binomtest

from bot.evaluation.figures import MAIN_FIGURES, SLICE_FIGURES, Figure, figures_of, value_at
from bot.evaluation.outcome import Outcome
from bot.evaluation.report import ReportError, outcomes_of

FORMAT = "wallet-triage comparison 1"
_INTENT_FIGURES = (Figure("f1", "F1", True, False), Figure("precision", "Precision", True), Figure("recall", "Recall", True))


def compare(old: Mapping[str, Any], new: Mapping[str, Any]) -> Dict[str, Any]:
    """Compare two reports (`read_report`) over the sentences that both have; JSON-able.

    If the labels of a sentence differ, the labels of the new report count for both. Raises ReportError if the reports share no
    sentence.
    """
    olds = {outcome.id: outcome for outcome in outcomes_of(old)}
    news = {outcome.id: outcome for outcome in outcomes_of(new)}
    after = [outcome for id_, outcome in news.items() if id_ in olds]
    counts = {"old": len(olds), "new": len(news), "shared": len(after)}
    if not after:
        raise ReportError(
            f"the reports are over different sentences: {len(olds)} and {len(news)}, of which none are shared; "
            "evaluate the same files with both versions"
        )
    before = [olds[outcome.id].labelled_as(outcome.expected) for outcome in after]
    judged_by = (new["risk_reasons"], new.get("reason_of", {}))
    figures = {"old": figures_of(before, *judged_by), "new": figures_of(after, *judged_by)}
    return {
        "format": FORMAT,
        "old": {name: old.get(name) for name in ("made_at", "model", "policy", "files")},
        "new": {name: new.get(name) for name in ("made_at", "model", "policy", "files")},
        "n": counts,
        "relabelled": sum(olds[outcome.id].expected != outcome.expected for outcome in after),
        "figures": _changes(figures["old"], figures["new"], MAIN_FIGURES),
        "by_intent": _rows(figures["old"]["by_intent"], figures["new"]["by_intent"], _INTENT_FIGURES),
        "slices": {
            kind: _rows(_by_new_name(before, after, kind, *judged_by), figures["new"]["slices"][kind], SLICE_FIGURES)
            for kind in ("style", "file")
        },
        **_flips(before, after),
    }


def differing_sentences(comparison: Mapping[str, Any]) -> Optional[str]:
    """A warning if the two reports are not over the same sentences, else None."""
    n = comparison["n"]
    if n["old"] == n["new"] == n["shared"]:
        return None
    return (
        f"the reports are over different sentences ({n['old']} and {n['new']}): "
        f"all that follows is over the {n['shared']} that they share"
    )


def _by_new_name(
    before: Sequence[Outcome],
    after: Sequence[Outcome],
    kind: str,
    risk_reasons: Sequence[str],
    reason_of: Mapping[str, str],
) -> Dict[str, Any]:
    """The old slices under the new report's names, because a file may have moved since the old report."""
    renamed = [replace(old, style=new.style, file=new.file) for old, new in zip(before, after)]
    return dict(figures_of(renamed, risk_reasons, reason_of)["slices"][kind])


def _changes(old: Mapping[str, Any], new: Mapping[str, Any], figures: Sequence[Figure]) -> List[Dict[str, Any]]:
    rows = []
    for figure in figures:
        before, after = value_at(old, figure.path), value_at(new, figure.path)
        # A change of a hundredth of a millisecond is noise.
        digits = 1 if figure.path.startswith("latency") else 4
        change = None if before is None or after is None else round(after - before, digits)
        verdict = None
        if change is not None and figure.more_is_better is not None:
            verdict = "same" if not change else "better" if (change > 0) == figure.more_is_better else "worse"
        rows.append({"figure": figure.path, "old": before, "new": after, "change": change, "verdict": verdict})
    return rows


def _rows(old: Mapping[str, Any], new: Mapping[str, Any], figures: Sequence[Figure]) -> List[Dict[str, Any]]:
    """The changes of each intent or slice, sorted by the first figure, worst first. An intent may be in only one report."""
    nothing: Dict[str, Any] = {figure.path: None for figure in figures}
    rows = []
    for name in [*new, *(name for name in old if name not in new)]:
        mine, its = old.get(name, nothing), new.get(name, nothing)
        n = its.get("n", its.get("support", 0)) or 0
        rows.append({"name": name, "n": n, "changes": _changes(mine, its, figures)})
    return sorted(rows, key=lambda row: (row["changes"][0]["change"] or 0.0, row["name"]))


def _flips(before: Sequence[Outcome], after: Sequence[Outcome]) -> Dict[str, Any]:
    """Sentences that changed from right to wrong or from wrong to right, and the probability of such numbers by chance.

    `p` is from McNemar's exact test (1947): the probability of a split at least this uneven if nothing changed.
    """
    pairs = list(zip(before, after))
    tests = {}
    for name, judgements in (
        ("all", [(old.is_right, new.is_right) for old, new in pairs]),
        ("intent", [(old.has_right_intent, new.has_right_intent) for old, new in pairs]),
        ("route", [(old.has_right_route, new.has_right_route) for old, new in pairs]),
    ):
        worse, better = judgements.count((True, False)), judgements.count((False, True))
        p = float(binomtest(worse, worse + better).pvalue) if worse + better else 1.0
        tests[name] = {"worse": worse, "better": better, "p": round(p, 4)}
    return {
        "tests": tests,
        "flips": {
            "worse": _listed([(old, new) for old, new in pairs if old.is_right and not new.is_right]),
            "better": _listed([(old, new) for old, new in pairs if new.is_right and not old.is_right]),
        },
    }


def _listed(pairs: Sequence[tuple[Outcome, Outcome]]) -> List[Dict[str, Any]]:
    """Flipped sentences. Sentences whose route changed come first, because customers notice a changed route."""
    rows = [
        {
            "id": new.id,
            "text": new.text if old.text is not None else None,
            "file": new.file,
            "number": new.number,
            "style": new.style,
            "expected": new.expected.as_json(),
            "old": old.got_as_json(),
            "new": new.got_as_json(),
        }
        for old, new in pairs
    ]
    return sorted(rows, key=lambda row: row["old"]["route"] == row["new"]["route"])
