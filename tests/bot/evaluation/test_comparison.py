"""A comparison of two reports, and the commands that make both."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any, Callable, Dict, List, Tuple

import pytest

from bot.__main__ import main
from bot.evaluation import (
    ReportError,
    compare,
    print_comparison,
    read_report,
    write_comparison,
    write_report,
)
from content.triage_policy import Policy
from tests.bot.evaluation.made_reports import (
    SET,
    Page,
    decided,
    label,
    report_of,
    several_right,
    write,
)

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
    """The sentences that a change broke would hide behind the sentences that it fixed."""
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
    """A corrected label would look like a better bot."""
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
    """A script would take a failure for a success, or a person would not know what to fix."""
    write(tmp_path / "bad.jsonl", '{"text": "a", "intent": "feees"}')
    assert main([argument.format(folder=tmp_path) for argument in arguments]) == 1
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert words in error
    assert [path.name for path in tmp_path.iterdir()] == ["bad.jsonl"]
