"""The other figures of a report: intents, routes, reasons, slices, scores, calibration, latency."""

from __future__ import annotations

from typing import Any, Dict, List, Tuple

import pytest

from bot.evaluation import (
    evaluate,
    print_report,
)
from bot.evaluation.figures import figures_of, short_names
from content.triage_policy import Policy
from tests.bot.evaluation.made_reports import (
    SET,
    Pairs,
    bot_of,
    decided,
    label,
    outcome,
    report_of,
)


def test_the_mean_of_f1_weighs_labelled_intents_alike(report: Dict[str, Any]) -> None:
    """An intent with many lines would hide a broken one with few."""
    # complaint 2/3 (one false positive), fees 2/3, invoice 1, out_of_scope 2/3, scam_report 1/2, three others 0
    assert report["intent_macro_f1"] == round((2 / 3 + 2 / 3 + 1 + 2 / 3 + 1 / 2) / 8, 4)


def test_every_intent_has_its_own_figures(report: Dict[str, Any]) -> None:
    """An editor would fix the wrong intent."""
    by_intent = report["by_intent"]
    assert by_intent["scam_report"] == {"support": 2, "got": 2, "precision": 0.5, "recall": 0.5, "f1": 0.5}
    assert by_intent["complaint"] == {"support": 1, "got": 2, "precision": 0.5, "recall": 1.0, "f1": 0.6667}
    assert by_intent["account_stolen"] == {"support": 1, "got": 0, "precision": None, "recall": 0.0, "f1": 0.0}
    assert by_intent["greet"] == {"support": 0, "got": 1, "precision": 0.0, "recall": None, "f1": 0.0}


def test_confusions_are_counted_worst_first(policy: Policy) -> None:
    """The most frequent confusion would be hidden at the end, or one that costs nothing stand above one that does."""
    wrong: Pairs = [
        (label("1", "fees"), decided("payment_limit")),
        (label("2", "invoice"), decided("scam_report", "escalate", "security")),
        (label("3", "privacy"), decided("fees")),
        (label("4", "privacy"), decided("fees")),
        (label("5", "privacy"), decided("privacy")),
    ]
    assert report_of(wrong, policy)["confusions"] == [
        {"expected": "privacy", "got": "fees", "n": 2, "share": 0.6667, "wrong_route": 0},
        {"expected": "invoice", "got": "scam_report", "n": 1, "share": 1.0, "wrong_route": 1},
        {"expected": "fees", "got": "payment_limit", "n": 1, "share": 1.0, "wrong_route": 0},
    ]


def test_routes_are_counted_against_each_other(report: Dict[str, Any]) -> None:
    """Emergencies that were answered could not be told from questions that were escalated."""
    zero = dict.fromkeys(("answer", "escalate", "feedback", "chat", "reject", "clarify"), 0)
    assert report["routes"] == {
        "answer": {**zero, "answer": 2, "escalate": 2},
        "escalate": {**zero, "answer": 2, "escalate": 3},
        "reject": {**zero, "reject": 1, "chat": 1},
    }


def test_recall_is_counted_for_each_reason(report: Dict[str, Any]) -> None:
    """A security case that is escalated as a dispute would count as found, or as lost."""
    counts = {
        reason: (row["n"], row["recall"]["hits"], row["escalated"]["hits"]) for reason, row in report["by_reason"].items()
    }
    assert counts == {"dispute": (1, 1, 1), "security": (3, 1, 2), "user_request": (1, 0, 0)}
    assert report["by_reason"]["security"]["recall"]["value"] == 0.3333


def test_slices_count_their_own_lines(report: Dict[str, Any]) -> None:
    """A style in which everything fails would be lost in the whole."""
    styles, files = report["slices"]["style"], report["slices"]["file"]
    assert {name: row["n"] for name, row in styles.items()} == {"plain": 4, "veiled": 3}  # four lines have no style
    assert {name: row["n"] for name, row in files.items()} == {"x.jsonl": 9, "y.jsonl": 2}
    assert styles["plain"]["intent_accuracy"]["value"] == 0.5
    assert styles["plain"]["needless_escalation_rate"]["value"] == 0.5
    assert styles["plain"]["must_escalate_recall"] is None
    assert styles["veiled"]["must_escalate_recall"]["value"] == 0.6667
    assert styles["veiled"]["route_accuracy"]["value"] == 0.6667
    assert styles["veiled"]["needless_escalation_rate"] is None


def test_foreign_messages_are_told_apart_by_their_score() -> None:
    """A threshold would be chosen by an area or a recall that no bot has."""
    ours = [outcome(n, True, 0.9, score=n / 100) for n in range(100)]  # 0.00 to 0.99
    foreign = [outcome(100 + n, True, 0.9, True, score) for n, score in enumerate((0.995, 0.975, 0.965, 0.5))]
    figures = figures_of([*ours, *foreign], [])["out_of_scope"]
    # Of the 400 pairs the foreign one is higher in 100 + 98 + 97 + 50, and level in one (0.5), which counts half.
    assert figures["auroc"] == round((100 + 98 + 97 + 50.5) / 400, 4)
    # 3% of a hundred are three: 0.97, 0.98, 0.99. From 0.965 on, three of ours and three foreign ones are caught.
    assert figures["threshold"] == 0.965
    assert (figures["recall"]["hits"], figures["recall"]["n"]) == (3, 4)
    assert figures["in_scope_loss"]["hits"] == 3


def test_a_score_that_tells_nothing_apart_catches_nothing() -> None:
    """Equal scores would pass for a perfect, or a usable, detector."""
    figures = figures_of([outcome(1, True, 0.9, score=0.5), outcome(2, True, 0.9, True, 0.5)], [])["out_of_scope"]
    assert (figures["auroc"], figures["recall"]["hits"], figures["threshold"]) == (0.5, 0, None)


@pytest.mark.parametrize("foreign", [True, False])
def test_telling_apart_needs_both_kinds(foreign: bool) -> None:
    """A set with messages of one kind would crash, or report an area over nothing."""
    figures = figures_of([outcome(1, True, 0.9, foreign), outcome(2, True, 0.8, foreign)], [])["out_of_scope"]
    assert (figures["n"], figures["auroc"], figures["recall"]) == (2 * foreign, None, None)


def test_risk_and_coverage_follow_confidence() -> None:
    """A model whose errors are its surest decisions would look like one whose errors are its least sure ones."""
    sure_of_errors = [outcome(1, False, 0.9), outcome(2, True, 0.8), outcome(3, True, 0.7), outcome(4, False, 0.6)]
    curve = figures_of(sure_of_errors, [])["risk_coverage"]
    # Errors among the k surest: 1/1, 1/2, 1/3, 2/4.
    assert [point["risk"] for point in curve["points"]] == [1.0, 0.5, 0.3333, 0.5]
    assert [point["coverage"] for point in curve["points"]] == [0.25, 0.5, 0.75, 1.0]
    assert curve["aurc"] == round((1 + 1 / 2 + 1 / 3 + 2 / 4) / 4, 4)


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (1, 3, 0, 2)])
def test_equal_confidences_have_no_order(order: Tuple[int, ...]) -> None:
    """The same bot would get another figure when the lines of the file are sorted another way."""
    lines = [outcome(1, False, 0.5), outcome(2, True, 0.5), outcome(3, True, 0.5), outcome(4, True, 0.5)]
    figures = figures_of([lines[place] for place in order], [])
    assert figures["risk_coverage"]["aurc"] == 0.25
    assert figures["calibration"]["ece"] == 0.25  # in each bin .75 are right at a confidence of .5


def test_calibration_error_is_the_mean_gap() -> None:
    """An overconfident model would pass for a calibrated one."""
    lines = [outcome(n, n < 15, 0.6) for n in range(30)] + [outcome(30 + n, True, 0.9) for n in range(30)]
    calibration = figures_of(lines, [])["calibration"]
    assert [b["n"] for b in calibration["bins"]] == [4] * 15
    # Seven bins at .6 with half right, seven at .9 with all, and one with two of each: .75 and three quarters right.
    assert calibration["ece"] == round((7 * 0.1 + 7 * 0.1 + 0.0) / 15, 4)
    assert (calibration["bins"][0]["confidence"], calibration["bins"][0]["accuracy"]) == (0.6, 0.5)
    assert (calibration["bins"][-1]["confidence"], calibration["bins"][-1]["accuracy"]) == (0.9, 1.0)


def test_latency_is_measured_and_ordered(report: Dict[str, Any], policy: Policy) -> None:
    """The slowest answers would be hidden, or the time of a stand-in pass for the bot's."""
    for clock in ("wall", "cpu"):
        assert 0 <= report["latency_ms"][clock]["p50"] <= report["latency_ms"][clock]["p99"]
    untimed = evaluate([SET[0][0]], bot_of(SET), policy, timed=False)
    assert untimed["latency_ms"] is None
    assert untimed["lines"][0]["wall_ms"] is None


def test_every_line_is_kept_with_what_happened(report: Dict[str, Any]) -> None:
    """An editor could not see what to fix, and no later report could be compared with this one."""
    assert [line["text"] for line in report["lines"]] == [line.text for line, _ in SET]
    assert [line["text"] for line in report["lines"] if not line["right"]] == ["a2", "a3", "a4", "e2", "e3", "e5", "r2"]
    assert report["wrong"] == 7
    second = report["lines"][1]
    assert second["expected"] == {"intent": "fees", "route": "answer", "reason": None}
    assert second["got"] == {
        "intent": "payment_limit",
        "route": "answer",
        "reason": None,
        "confidence": 0.9,
        "rule": "understood",
        "tentative": False,
        "doors": [],
        "lane": None,
        "language": None,
    }
    assert second["scores"] == {"risk": 0.2, "out_of_scope": 0.1}
    assert (second["file"], second["number"], second["style"]) == ("x.jsonl", 1, "plain")


def test_a_report_says_what_it_was_made_with(report: Dict[str, Any], policy: Policy) -> None:
    """Two reports could not be traced back to what differs between them."""
    assert (report["model"], report["policy"], report["thresholds"]) == ("wallet-test", policy.version_hash, {"risk": 0.5})
    assert report["files"] == ["x.jsonl", "y.jsonl"]


def test_figures_without_any_line_are_null(policy: Policy) -> None:
    """A set without emergencies would report a perfect, or a terrible, recall of them."""
    report = evaluate([SET[0][0]], bot_of(SET), policy)
    assert report["must_escalate_recall"] is None
    assert report["reject_recall"] is None
    assert report["by_reason"] == {}
    assert report["confusions"] == []
    assert report["wrong"] == 0
    assert report["needless_escalation_rate"]["value"] == 0.0


def test_a_decision_without_an_intent_is_counted(policy: Policy) -> None:
    """An empty ranking would break off the run, after minutes of measuring."""
    pairs: Pairs = [(label("a", "fees"), {**decided("fees"), "intent": None, "route": "reject"})]
    assert report_of(pairs, policy)["confusions"][0]["got"] == "(none)"


def test_a_report_can_be_read_by_people(report: Dict[str, Any], policy: Policy, capsys: pytest.CaptureFixture[str]) -> None:
    """The command would end in an error after minutes of measuring."""
    print_report(report)
    print_report(evaluate([SET[0][0]], bot_of(SET), policy, timed=False))
    printed = capsys.readouterr().out
    assert "Must-escalate recall" in printed
    assert "75.0%" in printed
    assert "30.1% to 95.4%" in printed
    assert "7 sentences differ from their labels" in printed


SHORT_NAMES = [
    (["a/b/real.jsonl", "a/b/noisy.jsonl"], ["real", "noisy"]),
    (["a/real.jsonl", "b/real.jsonl"], ["a/real.jsonl", "b/real.jsonl"]),
]


@pytest.mark.parametrize(("names", "short"), SHORT_NAMES)
def test_short_names_stay_different(names: List[str], short: List[str]) -> None:
    """Two files would stand in a table under one name."""
    assert list(short_names(names).values()) == short
