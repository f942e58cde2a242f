"""The figures of an evaluation, its files, and comparisons: each counts and shows what its name says."""

from __future__ import annotations

import copy
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Optional, Sequence, Tuple

import pytest

from bot.__main__ import main
from bot.evaluation import (
    LabelError,
    Labelled,
    OutputError,
    ReportError,
    compare,
    evaluate,
    prepare,
    print_comparison,
    print_report,
    read_labelled,
    read_report,
    write_comparison,
    write_report,
)
from bot.evaluation.figures import figures_of, share, short_names
from bot.evaluation.outcome import Expected, Label, Outcome, identity
from content.triage_policy import Policy

Pairs = Sequence[Tuple[Labelled, Dict[str, Any]]]


def label(
    text: str,
    intent: str,
    route: str = "answer",
    reason: Optional[str] = None,
    style: Optional[str] = None,
    file: str = "x.jsonl",
) -> Labelled:
    return Labelled(text, intent, route, reason, style, file, 1)


def decided(
    intent: str, route: str = "answer", reason: Optional[str] = None, confidence: float = 0.9, foreign: float = 0.1
) -> Dict[str, Any]:
    return {
        "intent": intent,
        "route": route,
        "reason": reason,
        "confidence": confidence,
        "rule": "understood",
        "scores": {"risk": 0.2, "out_of_scope": foreign},
        "thresholds": {"risk": 0.5},
        "model": "wallet-test",
    }


#: What was said, what it is, and what a made-up bot does with it.
SET: Pairs = [
    (label("a1", "fees", style="plain"), decided("fees")),
    (label("a2", "fees", style="plain"), decided("payment_limit")),
    (label("a3", "invoice", style="plain"), decided("invoice", "escalate", "unresolved")),
    (label("a4", "privacy", style="plain"), decided("scam_report", "escalate", "security")),
    (label("e1", "scam_report", "escalate", "security", "veiled"), decided("scam_report", "escalate", "security")),
    (label("e2", "scam_report", "escalate", "security", "veiled"), decided("complaint", "escalate", "dispute")),
    (label("e3", "account_stolen", "escalate", "security", "veiled"), decided("password_reset")),
    (label("e4", "complaint", "escalate", "dispute"), decided("complaint", "escalate", "dispute")),
    (label("e5", "human_agent", "escalate", "user_request"), decided("contact_channels")),
    (label("r1", "out_of_scope", "reject", file="y.jsonl"), decided("out_of_scope", "reject", foreign=0.8)),
    (label("r2", "out_of_scope", "reject", file="y.jsonl"), decided("greet", "chat", foreign=0.05)),
]


def bot_of(pairs: Pairs) -> Callable[[str], Dict[str, Any]]:
    answers = {line.text: decision for line, decision in pairs}
    return lambda text: answers[text]


def report_of(pairs: Pairs, policy: Policy) -> Dict[str, Any]:
    return evaluate([line for line, _ in pairs], bot_of(pairs), policy)


@pytest.fixture(scope="module")
def report(policy: Policy) -> Dict[str, Any]:
    """The report on the set above."""
    return report_of(SET, policy)


# --- figures --------------------------------------------------------------------------------------------------------

SHARES = [
    # figure, hits, lines: counted by hand in the set above
    ("intent_accuracy", 5, 11),  # a1 a3 e1 e4 r1
    ("route_accuracy", 6, 11),  # a1 a2 e1 e2 e4 r1
    ("must_escalate_recall", 3, 4),  # e1 e2 e4 of e1 e2 e3 e4: e5's reason is no risk
    ("needless_escalation_rate", 2, 6),  # a3 a4 of a1-a4 r1 r2
    ("reject_recall", 1, 2),
    ("needs_person_recall", 3, 5),  # e1 e2 e4 of e1 to e5
    ("answered_rightly", 1, 4),  # a1 of a1 to a4: a3 has the right intent and went to a person
    ("wrong_article", 1, 4),  # a2
    ("clarified", 0, 4),
    ("right_door_under_wrong_article", 0, 2),  # e3 e5 got articles, without doors
]


@pytest.mark.parametrize(("figure", "hits", "lines"), SHARES)
def test_shares_count_what_they_say(report: Dict[str, Any], figure: str, hits: int, lines: int) -> None:
    """A release would be judged by a wrong number."""
    assert (report[figure]["value"], report[figure]["hits"], report[figure]["n"]) == (round(hits / lines, 4), hits, lines)


def accepting(
    text: str, intent: str, route: str, reason: Optional[str], intents: Sequence[str], routes: Sequence[str], policy: Policy
) -> Labelled:
    reasons = dict.fromkeys(filter(None, [reason, *(policy.intents[name].reason for name in intents)]))
    return Labelled(
        text, intent, route, reason, accept_intents=tuple(intents), accept_routes=tuple(routes), accept_reasons=tuple(reasons)
    )


REFUND = (
    "merchant_dispute",
    "escalate",
    "dispute",
    ["merchant_dispute", "refund_status", "scam_report"],
    ["escalate", "answer"],
)
TOP_UP = ("transfer_delay", "answer", None, ["transfer_delay", "top_up_howto"], ["answer"])
ACCEPTED = [
    # the label with all that is accepted, the decision, and whether intent, route and reason are right
    (REFUND, decided("merchant_dispute", "escalate", "dispute"), (True, True, True)),
    (REFUND, decided("refund_status"), (True, True, True)),
    (REFUND, decided("scam_report", "escalate", "security"), (True, True, True)),
    (REFUND, decided("merchant_dispute", "escalate", "unresolved"), (True, True, False)),
    (REFUND, decided("merchant_dispute", "clarify"), (True, False, True)),
    (REFUND, decided("fees"), (False, True, True)),
    (TOP_UP, decided("top_up_howto"), (True, True, True)),
    (TOP_UP, decided("withdraw_howto"), (False, True, True)),
    (TOP_UP, decided("top_up_howto", "escalate", "large_transaction"), (True, False, True)),
]


@pytest.mark.parametrize(("expected", "decision", "right"), ACCEPTED)
def test_every_accepted_answer_is_right(
    policy: Policy, expected: Any, decision: Dict[str, Any], right: Tuple[bool, ...]
) -> None:
    """A sentence with two right answers would count as an error when the bot gives the second one."""
    line = accepting("a", *expected, policy=policy)
    report = report_of([(line, decision)], policy)
    [outcome] = [Outcome.from_json(row) for row in report["lines"]]
    assert (outcome.has_right_intent, outcome.has_right_route, outcome.has_right_reason) == right
    assert report["lines"][0]["right"] is all(right)
    assert (report["intent_accuracy"]["hits"], report["route_accuracy"]["hits"]) == right[:2]
    assert report["intent_macro_f1"] == right[0], "an accepted intent counts as the labelled one"
    assert len(report["confusions"]) == (not right[0])
    assert report["routes"][line.route][line.route] == right[1]


def tentative(intent: str, *doors: str) -> Dict[str, Any]:
    return {**decided(intent), "rule": "tentative", "tentative": True, "doors": list(doors)}


def with_doors(intent: str, *doors: str) -> Dict[str, Any]:
    return {**decided(intent), "doors": list(doors)}


def several_right(policy: Policy) -> Pairs:
    """A set with several right answers, and decisions with guesses, doors and a lane."""
    escalated = decided("merchant_dispute", "escalate", "dispute")

    def line(text: str, intent: str, routes: Sequence[str], *others: str) -> Labelled:
        label = policy.intents[intent]
        return accepting(text, intent, label.route, label.reason, [intent, *others], routes, policy)

    return [
        (line("a1", "transfer_delay", ["answer"], "top_up_howto"), decided("top_up_howto")),
        (line("a2", "transfer_delay", ["answer"]), tentative("transfer_delay")),
        (line("a3", "transfer_delay", ["answer"]), tentative("fees")),
        (line("a4", "refund_status", ["answer", "escalate"], "merchant_dispute"), escalated),
        (line("a5", "fees", ["answer", "clarify"]), {**decided("fees", "clarify"), "rule": "clarify"}),
        (line("a6", "fees", ["answer"]), escalated),
        (line("e1", "merchant_dispute", ["escalate"]), with_doors("refund_status", "merchant_dispute")),
        (line("e2", "merchant_dispute", ["escalate"]), with_doors("fees", "account_stolen", "bill_dispute")),
        (line("e3", "merchant_dispute", ["escalate"]), with_doors("security_advice", "scam_report")),
        (line("e4", "account_locked", ["escalate"]), decided("login_failed")),
        (line("e5", "account_locked", ["escalate"]), decided("account_locked", "escalate", "identity_check")),
        (line("e6", "merchant_dispute", ["escalate", "clarify"]), {**decided("refund_status", "clarify"), "rule": "clarify"}),
        (line("r1", "out_of_scope", ["reject"]), decided("out_of_scope", "reject", foreign=0.8)),
        (line("r2", "out_of_scope", ["reject", "answer"], "fees"), decided("fees")),
    ]


SEVERAL_RIGHT = [
    # figure, hits, lines: counted by hand in the set above
    ("must_escalate_recall", 0, 3),  # of e1 e2 e3: e6 may be asked back, the reason of e4 and e5 is no risk
    ("needs_person_recall", 1, 5),  # e5 of e1 to e5
    ("needless_escalation_rate", 1, 7),  # a6 of a1 a2 a3 a5 a6 r1 r2: for a4 a person is right, too
    ("answered_rightly", 2, 6),  # a1 a2 of a1 to a6
    ("answered_tentatively", 1, 6),  # a2
    ("wrong_article", 1, 6),  # a3
    ("clarified", 1, 6),  # a5
    ("right_door_under_wrong_article", 2, 4),  # e1, and e2 by an equal reason, of e1 to e4
    ("reject_recall", 1, 1),  # r1: for r2 an article is right, too
    ("route_accuracy", 9, 14),  # all but a6 e1 e2 e3 e4
    ("intent_accuracy", 7, 14),  # a1 a2 a4 a5 e5 r1 r2
]


@pytest.mark.parametrize(("figure", "hits", "lines"), SEVERAL_RIGHT)
def test_shares_count_what_is_accepted(policy: Policy, figure: str, hits: int, lines: int) -> None:
    """A bot would be judged by one of several right answers, or a guess that was right pass for a sure answer."""
    report = report_of(several_right(policy), policy)
    assert (report[figure]["hits"], report[figure]["n"]) == (hits, lines)


def test_foreign_and_ours_at_once_tells_nothing_of_the_score(policy: Policy) -> None:
    """A line that may be answered or refused would be held against the score either way."""
    assert report_of(several_right(policy), policy)["out_of_scope"]["n"] == 1


def test_scams_in_progress_are_counted_in_their_lane() -> None:
    """A scam under way that waits behind other cases would look as good as one that goes first."""

    def scam(number: int, lane: Optional[str]) -> Outcome:
        expected = Expected("scam_in_progress", "escalate", "security")
        got = Label("scam_report", "escalate", "security")
        return Outcome(str(number), None, "x", 1, "s", expected, got, 0.9, "risk", 0.9, 0.0, lane=lane)

    figures = figures_of([scam(1, "money_moving"), scam(2, None), outcome(3, True, 0.9)], ["security"])
    assert (figures["lanes"]["hits"], figures["lanes"]["n"]) == (1, 2)
    assert figures["slices"]["style"]["s"]["lanes"]["n"] == 2


INTERVALS = [
    # hits, lines, low, high: Wilson's (p + z²/2n ± z√(pq/n + z²/4n²)) / (1 + z²/n) with z = 1.96, by hand
    (3, 4, 0.3006, 0.9544),
    (0, 10, 0.0, 0.2775),
    (10, 10, 0.7225, 1.0),
    (50, 100, 0.4038, 0.5962),
]


@pytest.mark.parametrize(("hits", "lines", "low", "high"), INTERVALS)
def test_intervals_are_wilsons(hits: int, lines: int, low: float, high: float) -> None:
    """Three emergencies of four would be taken for a proof of 75%, or ten of ten for certainty."""
    found = share([True] * hits + [False] * (lines - hits))
    assert found is not None
    assert (found["low"], found["high"]) == (low, high)


def test_the_mean_of_f1_weighs_labelled_intents_alike(report: Dict[str, Any]) -> None:
    """An intent with many lines would hide a broken one with few."""
    # complaint 2/3 (one false positive), fees 2/3, invoice 1, out_of_scope 2/3, scam_report 1/2, three others 0
    assert report["intent_macro_f1"] == round((2 / 3 + 2 / 3 + 1 + 2 / 3 + 1 / 2) / 8, 4)


def test_every_intent_has_its_own_figures(report: Dict[str, Any]) -> None:
    """An editor would mend the wrong intent."""
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


def outcome(number: int, right: bool, confidence: float, foreign: bool = False, score: float = 0.0) -> Outcome:
    """One with an intent that is right or wrong, a confidence, and a score for being foreign."""
    intent = "out_of_scope" if foreign else "fees"
    expected = Expected(intent, "reject" if foreign else "answer", None)
    got = Label(intent, expected.route, None) if right else Label("invoice", "answer", None)
    return Outcome(str(number), str(number), None, None, None, expected, got, confidence, "understood", 0.0, score)


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
    """An editor could not see what to mend, and no later report could be compared with this one."""
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


# --- labelled files -------------------------------------------------------------------------------------------------


def write(path: Path, *rows: str) -> Path:
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def test_routes_and_reasons_come_from_the_policy_unless_labelled(policy: Policy, tmp_path: Path) -> None:
    """A label would be compared with something that nobody meant."""
    path = write(
        tmp_path / "x.jsonl",
        '{"text": "a", "intent": "fees"}',
        "",
        '{"text": "b", "intent": "scam_report", "route": null, "reason": null}',
        '{"text": "c", "intent": "transfer_howto", "route": "escalate", "reason": "large_transaction"}',
        '{"text": "d", "intent": "account_locked", "route": "answer", "style": "angry"}',
    )
    assert [(line.text, line.intent, line.route, line.reason, line.style) for line in read_labelled(path, policy)] == [
        ("a", "fees", "answer", None, None),
        ("b", "scam_report", "escalate", "security", None),
        ("c", "transfer_howto", "escalate", "large_transaction", None),
        ("d", "account_locked", "answer", None, "angry"),
    ]


def test_accepted_answers_stand_in_the_line_and_in_the_report(policy: Policy, tmp_path: Path) -> None:
    """Nobody could tell from a report which answers were right, and a comparison would judge by the label alone."""
    path = write(
        tmp_path / "x.jsonl",
        '{"text": "a", "intent": "refund_status", "accept_intents": ["refund_status", "merchant_dispute", "device_lost"], '
        '"accept_routes": ["answer", "escalate"]}',
        '{"text": "b", "intent": "fees", "accept_intents": ["payment_limit"], "accept_routes": ["clarify"]}',
        '{"text": "c", "intent": "fees"}',
    )
    report = evaluate(read_labelled(path, policy), lambda text: decided("fees"), policy)
    assert [row["expected"] for row in report["lines"]] == [
        {
            "intent": "refund_status",
            "route": "answer",
            "reason": None,
            "accept_intents": ["refund_status", "merchant_dispute", "device_lost"],
            "accept_routes": ["answer", "escalate"],
            "accept_reasons": ["dispute", "security"],
        },
        {
            "intent": "fees",
            "route": "answer",
            "reason": None,
            "accept_intents": ["fees", "payment_limit"],
            "accept_routes": ["answer", "clarify"],
        },
        {"intent": "fees", "route": "answer", "reason": None},
    ]
    write_report(report, tmp_path / "r.json")
    assert read_report(tmp_path / "r.json") == report
    comparison = compare(report, report)
    assert (comparison["relabelled"], comparison["figures"][0]["change"]) == (0, None)


GOOD_ROW = '{"text": "a", "intent": "fees"}'
MISTAKES = [
    # rows, what the error says
    ([GOOD_ROW, "{"], "2: not JSON"),
    ([GOOD_ROW, "", "nonsense"], "3: not JSON"),
    ([GOOD_ROW, "[]"], "2: needs a `text`"),
    ([GOOD_ROW, '{"intent": "fees"}'], "2: needs a `text`"),
    ([GOOD_ROW, '{"text": " ", "intent": "fees"}'], "2: needs a `text`"),
    ([GOOD_ROW, '{"text": 5, "intent": "fees"}'], "2: needs a `text`"),
    ([GOOD_ROW, '{"text": "b"}'], "2: unknown intent None"),
    ([GOOD_ROW, '{"text": "b", "intent": "feees"}'], "2: unknown intent 'feees'"),
    ([GOOD_ROW, '{"text": "b", "intent": ["fees"]}'], "2: unknown intent"),
    ([GOOD_ROW, '{"text": "b", "intent": "fees", "route": "answers"}'], "2: unknown route 'answers'"),
    ([GOOD_ROW, '{"text": "b", "intent": "fees", "route": "escalate", "reason": "x"}'], "2: unknown reason 'x'"),
    ([GOOD_ROW, '{"text": "b", "intent": "fees", "route": ["answer"]}'], "2: unknown route"),
    ([GOOD_ROW, '{"text": "b", "intent": "fees", "reason": ["x"]}'], "2: unknown reason"),
    ([GOOD_ROW, '{"text": "b", "intent": "fees", "accept_intents": []}'], "2: `accept_intents` must be a list"),
    ([GOOD_ROW, '{"text": "b", "intent": "fees", "accept_intents": "fees"}'], "2: `accept_intents` must be a list"),
    ([GOOD_ROW, '{"text": "b", "intent": "fees", "accept_intents": ["fees", "x"]}'], "unknown name 'x'"),
    ([GOOD_ROW, '{"text": "b", "intent": "fees", "accept_intents": [["fees"]]}'], "2: `accept_intents` has an unknown name"),
    ([GOOD_ROW, '{"text": "b", "intent": "fees", "accept_routes": []}'], "2: `accept_routes` must be a list"),
    ([GOOD_ROW, '{"text": "b", "intent": "fees", "accept_routes": {"answer": 1}}'], "2: `accept_routes` must be a list"),
    ([GOOD_ROW, '{"text": "b", "intent": "fees", "accept_routes": ["ask"]}'], "2: `accept_routes` has an unknown name 'ask'"),
    ([GOOD_ROW, GOOD_ROW], "2: the same text as in line 1"),
    (["", " "], "no lines"),
]


@pytest.mark.parametrize(("rows", "words"), MISTAKES)
def test_a_wrong_label_is_named_with_its_line(policy: Policy, tmp_path: Path, rows: List[str], words: str) -> None:
    """A label that nobody meant would count, or the command would crash without saying where."""
    path = write(tmp_path / "x.jsonl", *rows)
    with pytest.raises(LabelError) as caught:
        read_labelled(path, policy)
    assert str(path) in str(caught.value)
    assert words in str(caught.value)


def test_an_unreadable_file_is_named(policy: Policy, tmp_path: Path) -> None:
    """A wrong path or encoding would crash with a message for programmers."""
    with pytest.raises(LabelError, match="cannot be read"):
        read_labelled(tmp_path / "gone.jsonl", policy)
    (tmp_path / "gbk.jsonl").write_bytes('{"text": "转账", "intent": "fees"}'.encode("gbk"))
    with pytest.raises(LabelError, match="cannot be read"):
        read_labelled(tmp_path / "gbk.jsonl", policy)


def test_a_byte_order_mark_is_no_mistake(policy: Policy, tmp_path: Path) -> None:
    """A file saved on Windows would be refused."""
    path = tmp_path / "x.jsonl"
    path.write_text(GOOD_ROW, encoding="utf-8-sig")
    assert [line.text for line in read_labelled(path, policy)] == ["a"]


def test_line_numbers_are_those_of_an_editor(policy: Policy, tmp_path: Path) -> None:
    """A sentence with a rare line separator in it would be cut in two, and all later numbers be off."""
    rows = [json.dumps({"text": "a\u2028b\x85c", "intent": "fees"}, ensure_ascii=False), "{"]
    with pytest.raises(LabelError, match="2: not JSON"):
        read_labelled(write(tmp_path / "x.jsonl", *rows), policy)


@pytest.mark.parametrize("folder", ["development", "held_out"])
def test_the_projects_own_sets_are_sound(policy: Policy, folder: str) -> None:
    """An intent that was renamed, or a sentence in two files, would stop the evaluation that judges a release."""
    lines = read_labelled(sorted(Path("tests/evaluation", folder).glob("*.jsonl")), policy)
    assert len(lines) > 1000
    assert all(line.style and line.held_out == (folder == "held_out") for line in lines)


BAD_STYLE = '{"text": "b", "intent": "fees", "style": ["x"]}'


def test_a_style_that_is_no_text_is_named(policy: Policy, tmp_path: Path) -> None:
    """The command would break off at the slices, after minutes of measuring."""
    with pytest.raises(LabelError, match=r"2: the style \['x'\] is not a text"):
        read_labelled(write(tmp_path / "x.jsonl", GOOD_ROW, BAD_STYLE), policy)


def test_several_files_are_one_set(policy: Policy, tmp_path: Path) -> None:
    """A sentence could not be traced back to its file."""
    paths = [write(tmp_path / "x.jsonl", GOOD_ROW), write(tmp_path / "y.jsonl", "", '{"text": "b", "intent": "fees"}')]
    lines = read_labelled(paths, policy)
    assert [(line.text, line.file, line.number) for line in lines] == [("a", str(paths[0]), 1), ("b", str(paths[1]), 2)]


def test_a_sentence_in_two_files_is_refused(policy: Policy, tmp_path: Path) -> None:
    """It would count twice, and comparisons would not know which is which."""
    paths = [write(tmp_path / "x.jsonl", GOOD_ROW), write(tmp_path / "y.jsonl", GOOD_ROW)]
    with pytest.raises(LabelError, match=re.escape(f"{paths[1]}:1: the same text as in {paths[0]}:1")):
        read_labelled(paths, policy)


def test_an_empty_file_among_others_is_named(policy: Policy, tmp_path: Path) -> None:
    """A set would be left out of the figures without a word."""
    paths = [write(tmp_path / "x.jsonl", GOOD_ROW), write(tmp_path / "y.jsonl", "")]
    with pytest.raises(LabelError, match=r"y\.jsonl: no lines"):
        read_labelled(paths, policy)


def test_held_out_sentences_stay_unread(policy: Policy, tmp_path: Path) -> None:
    """Who looks at a report would learn the sentences that nobody may tune for."""
    (tmp_path / "held_out").mkdir()
    path = write(tmp_path / "held_out" / "x.jsonl", '{"text": "很少见的一句话", "intent": "fees"}')
    report = evaluate(read_labelled(path, policy), lambda text: decided("invoice"), policy)
    write_report(report, tmp_path / "out")
    for written in (tmp_path / "out").iterdir():
        assert "很少见的一句话" not in written.read_text(encoding="utf-8")
    assert report["lines"][0]["id"] == identity("很少见的一句话")  # and yet it can be compared
    assert compare(report, report)["n"]["shared"] == 1


# --- the report's files ---------------------------------------------------------------------------------------------


def test_a_report_is_written_whole(report: Dict[str, Any], tmp_path: Path) -> None:
    """The report would differ from what was measured."""
    assert write_report(report, tmp_path / "r.json") == [tmp_path / "r.json"]
    assert json.loads((tmp_path / "r.json").read_text(encoding="utf-8")) == report
    assert read_report(tmp_path / "r.json") == report
    assert [path.name for path in tmp_path.iterdir()] == ["r.json"]


OUTPUTS = [
    # what is asked for, what is written
    ("r.json", ["r.json"]),
    ("r.html", ["r.html"]),
    ("new/deep/r.html", ["new/deep/r.html"]),
    ("folder/", ["folder/comparison.html", "folder/comparison.json"]),
    ("folder", ["folder/comparison.html", "folder/comparison.json"]),
    ("there.d", ["there.d/comparison.html", "there.d/comparison.json"]),
]


@pytest.mark.parametrize(("out", "files"), OUTPUTS)
def test_what_is_written_goes_where_they_are_wanted(report: Dict[str, Any], tmp_path: Path, out: str, files: List[str]) -> None:
    """Somebody would look for a report that is elsewhere, or lose it for want of a folder."""
    (tmp_path / "there.d").mkdir()
    write_comparison(compare(report, report), tmp_path / out)
    assert sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()) == files


def test_a_place_that_cannot_be_is_refused_beforehand(tmp_path: Path) -> None:
    """Minutes of measuring would be lost for a mistyped name."""
    (tmp_path / "file").write_text("")
    (tmp_path / "file.html").mkdir()
    with pytest.raises(OutputError, match=r"ends in \.json or \.html"):
        prepare(tmp_path / "r.txt")
    with pytest.raises(OutputError, match="cannot make the folder"):
        prepare(tmp_path / "file" / "r.json")
    prepare(tmp_path / "new" / "r.json")
    assert (tmp_path / "new").is_dir()


def test_a_report_that_fails_leaves_the_old_one(report: Dict[str, Any], tmp_path: Path) -> None:
    """Half a report would be read as a whole one."""
    comparison = compare(report, report)
    write_comparison(comparison, tmp_path / "r")
    before = {path: path.read_bytes() for path in (tmp_path / "r").iterdir()}
    assert len(before) == 2
    with pytest.raises(TypeError):
        write_comparison({**comparison, "relabelled": object()}, tmp_path / "r")
    assert {path: path.read_bytes() for path in (tmp_path / "r").iterdir()} == before


def test_nothing_is_written_when_the_bot_fails(policy: Policy, tmp_path: Path) -> None:
    """A run that broke off would leave figures over some of the sentences."""

    def broken(text: str) -> Dict[str, Any]:
        if text == "e3":
            raise RuntimeError("the bot is gone")
        return bot_of(SET)(text)

    with pytest.raises(RuntimeError):
        write_report(evaluate([line for line, _ in SET], broken, policy), tmp_path / "r.json")
    assert list(tmp_path.iterdir()) == []


class Page(HTMLParser):
    """What a browser would find: opened elements with their attributes, and all text."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.elements: List[Tuple[str, Dict[str, Optional[str]]]] = []
        self.text = ""
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: List[Tuple[str, Optional[str]]]) -> None:
        """An element is opened."""
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        """Text between elements."""
        self.text += data

    def fetched(self) -> Iterator[str]:
        """Every address that the browser would ask for by itself."""
        for _, attributes in self.elements:
            for name in ("src", "href", "xlink:href"):
                address = attributes.get(name)
                if address and not address.startswith(("#", "data:")):
                    yield address


@pytest.fixture(scope="module")
def written(report: Dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the page and the JSON of the report on the set above."""
    folder = tmp_path_factory.mktemp("written")
    write_report(report, folder)
    return folder


HOSTILE = '<script>alert(1)</script><img src=x onerror="alert(2)">'


@pytest.fixture(scope="module")
def hostile_page(policy: Policy, tmp_path_factory: pytest.TempPathFactory) -> Page:
    """The page of a report on a sentence, a style and a file that would like to be HTML or formulas."""
    pairs: Pairs = [
        (label(HOSTILE, "fees", style="<b>$x$</b>", file="<i>.jsonl"), decided("invoice", "escalate", "unresolved")),
        (label("b", "fees", style="$y$", file="y.jsonl"), decided("fees")),
    ]
    path = tmp_path_factory.mktemp("hostile") / "r.html"
    write_report(report_of(pairs, policy), path)
    return Page(path)


def test_customers_words_are_only_words(hostile_page: Page) -> None:
    """A customer could run a program in the browser of who reads the report."""
    assert HOSTILE in hostile_page.text
    assert {"script", "img", "b", "i"}.isdisjoint(tag for tag, _ in hostile_page.elements)
    assert "<b>$x$</b>" in hostile_page.text


def test_a_page_fetches_nothing(written: Path, hostile_page: Page) -> None:
    """The page would be broken where it is opened without a network, or tell others who reads it."""
    for page in (hostile_page, Page(written / "report.html")):
        assert list(page.fetched()) == []
        assert "http" not in "".join(attributes.get("style") or "" for _, attributes in page.elements)


def test_a_page_shows_figures_pictures_and_errors(written: Path) -> None:
    """Something would be missing that an editor needs to see what to mend."""
    page = Page(written / "report.html")
    # matrix, reliability, risk and coverage; eight figures by style, and eight by file
    assert [tag for tag, _ in page.elements].count("svg") == 3 + 8 + 8
    for words in (
        "75.0%",
        "30.1%–95.4%",
        "3 of 4",
        "Emergencies that did not reach a person (1)",
        "Sent to a person without need",
    ):
        assert words in re.sub(r"\s+", " ", page.text)


def test_pictures_follow_the_pages_colours(written: Path) -> None:
    """Black letters would stand on a dark page."""
    pictures = "".join(re.findall(r"<svg.*?</svg>", (written / "report.html").read_text(encoding="utf-8"), re.DOTALL))
    assert "var(--text)" in pictures
    assert re.findall(r"#(?:0[1-9]){3}\b|(?:fill|stroke): #[0-9a-f]{3,6}", pictures) == []


def test_a_page_of_a_single_line_is_a_page(policy: Policy, tmp_path: Path) -> None:
    """A report without errors, emergencies or slices would end in an error of its template."""
    line, decision = Labelled("a", "fees", "answer"), decided("fees")
    write_report(evaluate([line], lambda text: decision, policy, timed=False), tmp_path / "r.html")
    assert "No intent was taken for another." in Page(tmp_path / "r.html").text


# --- comparison -----------------------------------------------------------------------------------------------------

#: What the newer bot does otherwise: e3 is found, a2 right; a1 is wrong, r1 let through.
BETTER = {
    "e3": decided("account_stolen", "escalate", "security"),
    "a2": decided("fees"),
    "a1": decided("payment_limit"),
    "r1": decided("greet", "chat", foreign=0.8),
}


@pytest.fixture
def newer(policy: Policy) -> Dict[str, Any]:
    """The report of another bot on the same set."""
    return report_of([(line, BETTER.get(line.text, decision)) for line, decision in SET], policy)


def change_of(comparison: Dict[str, Any], figure: str) -> Tuple[Any, Any, Any]:
    row = next(row for row in comparison["figures"] if row["figure"] == figure)
    return row["old"], row["new"], row["verdict"]


def test_every_figure_says_whether_it_got_better(report: Dict[str, Any], newer: Dict[str, Any]) -> None:
    """A release would be held back, or let out, by a change read the wrong way."""
    comparison = compare(report, newer)
    assert change_of(comparison, "must_escalate_recall") == (0.75, 1.0, "better")
    assert change_of(comparison, "reject_recall") == (0.5, 0.0, "worse")
    assert change_of(comparison, "intent_accuracy") == (0.4545, 0.4545, "same")
    assert change_of(compare(newer, report), "must_escalate_recall") == (1.0, 0.75, "worse")


def test_less_needless_escalation_is_better(policy: Policy) -> None:
    """A bot that sends everybody to a person would be praised."""
    calm, anxious = [(SET[0][0], decided("fees"))], [(SET[0][0], decided("fees", "escalate", "unresolved"))]
    assert change_of(compare(report_of(anxious, policy), report_of(calm, policy)), "needless_escalation_rate") == (
        1,
        0,
        "better",
    )


def test_flipped_sentences_are_listed_both_ways(report: Dict[str, Any], newer: Dict[str, Any]) -> None:
    """What a change broke would hide behind what it mended."""
    comparison = compare(report, newer)
    assert [row["text"] for row in comparison["flips"]["worse"]] == ["r1", "a1"]  # r1 has another route now
    assert [row["text"] for row in comparison["flips"]["better"]] == ["e3", "a2"]
    # Two against two is what chance does: p is 1. The routes of e3 and r1 flipped.
    assert comparison["tests"] == {
        "all": {"worse": 2, "better": 2, "p": 1.0},
        "intent": {"worse": 2, "better": 2, "p": 1.0},
        "route": {"worse": 1, "better": 1, "p": 1.0},
    }


def test_an_uneven_split_is_unlikely_to_be_chance(policy: Policy) -> None:
    """Noise would be taken for progress, or progress for noise."""
    lines = [label(str(n), "fees") for n in range(6)]
    old = report_of([(line, decided("invoice")) for line in lines], policy)
    new = report_of([(line, decided("fees")) for line in lines], policy)
    assert compare(old, new)["tests"]["intent"] == {"worse": 0, "better": 6, "p": round(2 / 2**6, 4)}


def test_intents_and_slices_are_compared(report: Dict[str, Any], newer: Dict[str, Any]) -> None:
    """An intent or a style that got worse would be lost in a whole that did not."""
    comparison = compare(report, newer)
    by_intent = {row["name"]: row["changes"][0] for row in comparison["by_intent"]}
    assert comparison["by_intent"][0]["name"] == "out_of_scope"
    assert (by_intent["out_of_scope"]["old"], by_intent["out_of_scope"]["new"]) == (0.6667, 0.0)
    assert (by_intent["account_stolen"]["old"], by_intent["account_stolen"]["new"]) == (0.0, 1.0)
    styles = {row["name"]: row["changes"] for row in comparison["slices"]["style"]}
    assert {change["figure"]: change["verdict"] for change in styles["veiled"]} == {
        **dict.fromkeys(("intent_accuracy", "route_accuracy", "must_escalate_recall", "needs_person_recall"), "better"),
        **dict.fromkeys(("needless_escalation_rate", "answered_rightly", "wrong_article", "clarified"), None),
    }
    assert [row["name"] for row in comparison["slices"]["file"]] == ["y.jsonl", "x.jsonl"]


def test_reports_over_different_sentences_share_some(
    report: Dict[str, Any], policy: Policy, capsys: pytest.CaptureFixture[str]
) -> None:
    """Figures over different sentences would be compared as if they were over the same."""
    other = report_of([*SET[:4], (label("new", "fees"), decided("fees"))], policy)
    comparison = compare(report, other)
    assert comparison["n"] == {"old": 11, "new": 5, "shared": 4}
    assert change_of(comparison, "intent_accuracy") == (0.5, 0.5, "same")
    print_comparison(comparison)
    assert "over different sentences (11 and 5)" in re.sub(r"\s+", " ", capsys.readouterr().out)


def test_reports_that_share_nothing_are_refused(report: Dict[str, Any], policy: Policy) -> None:
    """A comparison of nothing would look like one without changes."""
    with pytest.raises(ReportError, match="different sentences: 11 and 1, of which none are shared"):
        compare(report, report_of([(label("new", "fees"), decided("fees"))], policy))


def test_the_new_labels_count_for_both(report: Dict[str, Any], policy: Policy) -> None:
    """A label that was mended would pass for a bot that got better."""
    relabelled = [
        (label("a2", "payment_limit", style="plain"), SET[1][1]) if line.text == "a2" else (line, d) for line, d in SET
    ]
    comparison = compare(report, report_of(relabelled, policy))
    assert comparison["relabelled"] == 1
    assert change_of(comparison, "intent_accuracy") == (0.5455, 0.5455, "same")
    assert comparison["flips"] == {"worse": [], "better": []}


def test_a_comparison_is_written_and_printed(
    report: Dict[str, Any], newer: Dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command would end in an error, or leave something out."""
    comparison = compare(report, newer)
    print_comparison(comparison)
    assert re.search(r"Must-escalate recall .* 75\.0% .* 100\.0% .* \+25\.0 .* better", capsys.readouterr().out)
    write_comparison(comparison, tmp_path / "both")
    assert json.loads((tmp_path / "both" / "comparison.json").read_text(encoding="utf-8")) == comparison
    page = Page(tmp_path / "both" / "comparison.html")
    assert list(page.fetched()) == []
    assert "Right → wrong (2)" in page.text


def test_a_report_of_an_earlier_version_can_be_compared(policy: Policy, tmp_path: Path) -> None:
    """Nobody could see what the new version gained: the older report has no doors, lanes, guesses and accepted answers."""
    pairs = several_right(policy)
    report = report_of(pairs, policy)
    older = copy.deepcopy(report)
    older.pop("reason_of")
    for row in older["lines"]:
        row["expected"] = {name: row["expected"][name] for name in ("intent", "route", "reason")}
        for name in ("tentative", "doors", "lane", "language"):
            del row["got"][name]
    (tmp_path / "old.json").write_text(json.dumps(older), encoding="utf-8")
    comparison = compare(read_report(tmp_path / "old.json"), report)
    changes = {row["figure"]: (row["old"], row["new"]) for row in comparison["figures"]}
    assert changes["right_door_under_wrong_article"] == (0.0, 0.5)
    assert changes["answered_rightly"] == (0.3333, 0.3333), "the new report's accepted answers count for both"
    assert comparison["relabelled"] == len(pairs)
    verdicts = {row["figure"]: row["verdict"] for row in comparison["figures"]}
    assert changes["answered_tentatively"] == (0.0, 0.1667)
    assert verdicts["answered_tentatively"] is None, "more guesses are neither better nor worse"
    print_comparison(comparison)
    write_comparison(comparison, tmp_path / "c.html")
    backwards = compare(report, read_report(tmp_path / "old.json"))
    assert backwards["n"]["shared"] == len(pairs)


def test_a_page_shows_what_else_is_right_and_what_was_guessed(policy: Policy, tmp_path: Path) -> None:
    """An editor would take an accepted answer for a mistake, or a guess for an understanding."""
    write_report(report_of(several_right(policy), policy), tmp_path / "r.html")
    text = re.sub(r"\s+", " ", Page(tmp_path / "r.html").text)
    for words in (
        "answer, tentative",
        "doors: account_stolen, bill_dispute",
        "Emergencies that did not reach a person (3)",
        "Others who needed a person and did not reach one (1)",
    ):
        assert words in text


def damaged(report: Dict[str, Any], **changes: Any) -> str:
    changed = copy.deepcopy(report)
    changed["lines"][2].update(changes)
    return json.dumps(changed)


NO_REPORTS: List[Tuple[Callable[[Dict[str, Any]], str], str]] = [
    # what stands in the file, what the error says
    (lambda report: "{", "not JSON"),
    (lambda report: "[]", "not a report"),
    (lambda report: '{"n": 5}', "not a report"),
    (lambda report: json.dumps({**report, "format": "wallet-triage evaluation 0"}), "not a report of this version"),
    (lambda report: json.dumps({**report, "lines": []}), "without `lines`"),
    (lambda report: json.dumps({**report, "risk_reasons": None}), "without `risk_reasons`"),
    (lambda report: damaged(report, got=None), "line 3 of `lines` is damaged"),
    (lambda report: damaged(report, text=5), "line 3 of `lines` is damaged"),
    (lambda report: damaged(report, scores={"risk": 0.1}), "line 3 of `lines` is damaged"),
    (lambda report: damaged(report, scores={"risk": "much", "out_of_scope": 0}), "line 3 of `lines` is damaged"),
    (lambda report: damaged(report, got={**report["lines"][2]["got"], "doors": "x"}), "line 3 of `lines` is damaged"),
    (lambda report: damaged(report, got={**report["lines"][2]["got"], "lane": 5}), "line 3 of `lines` is damaged"),
    (
        lambda report: damaged(report, expected={**report["lines"][2]["expected"], "accept_intents": [5]}),
        "line 3 of `lines` is damaged",
    ),
    (lambda report: damaged(report, id=report["lines"][0]["id"]), "line 3 of `lines` stands there twice"),
]


@pytest.mark.parametrize(("content", "words"), NO_REPORTS)
def test_what_is_no_report_is_refused(
    report: Dict[str, Any], tmp_path: Path, content: Callable[[Dict[str, Any]], str], words: str
) -> None:
    """A labelled file in the place of a report would crash with a message for programmers."""
    path = tmp_path / "r.json"
    path.write_text(content(report), encoding="utf-8")
    with pytest.raises(ReportError) as caught:
        read_report(path)
    assert str(path) in str(caught.value)
    assert words in str(caught.value)


def test_a_missing_report_is_named(tmp_path: Path) -> None:
    """A mistyped name would crash with a message for programmers."""
    with pytest.raises(ReportError, match=r"gone\.json: cannot be read"):
        read_report(tmp_path / "gone.json")


# --- commands -------------------------------------------------------------------------------------------------------


def test_compare_is_a_command(report: Dict[str, Any], newer: Dict[str, Any], tmp_path: Path) -> None:
    """The parts would work, and the command not."""
    write_report(report, tmp_path / "old.json")
    write_report(newer, tmp_path / "new.json")
    assert main(["compare", str(tmp_path / "old.json"), str(tmp_path / "new.json"), "--out", str(tmp_path / "c.html")]) == 0
    assert (tmp_path / "c.html").exists()


FAULTS = [
    (["compare", "{folder}/gone.json", "{folder}/gone.json"], "cannot be read"),
    (["compare", "{folder}/bad.jsonl", "{folder}/bad.jsonl", "--out", "{folder}/r.html"], "not a report"),
    (["evaluate", "{folder}/bad.jsonl", "--out", "{folder}/r.html"], "bad.jsonl:1: unknown intent"),
    (["evaluate", "{folder}/bad.jsonl", "--out", "{folder}/r.txt"], "ends in .json or .html"),
]


@pytest.mark.parametrize(("arguments", "words"), FAULTS)
def test_commands_name_what_is_wrong_and_leave_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: List[str], words: str
) -> None:
    """A script would take a failure for a success, or a person not know what to mend."""
    write(tmp_path / "bad.jsonl", '{"text": "a", "intent": "feees"}')
    assert main([argument.format(folder=tmp_path) for argument in arguments]) == 1
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert words in error
    assert [path.name for path in tmp_path.iterdir()] == ["bad.jsonl"]
