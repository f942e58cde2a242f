"""The figures of an evaluation: each counts what its name says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional

import pytest

from actions.policy import Policy
from bot.evaluation import LabelError, Labelled, evaluate, print_report, read_labelled, write_report


def label(text: str, intent: str, route: str = "answer", reason: Optional[str] = None) -> Labelled:
    return Labelled(text, intent, route, reason)


def decided(intent: str, route: str = "answer", reason: Optional[str] = None) -> Dict[str, Any]:
    return {"intent": intent, "route": route, "reason": reason, "confidence": 0.9, "rule": "understood"}


#: What was said, what it is, and what a made-up bot does with it.
SET = [
    (label("a1", "fees"), decided("fees")),
    (label("a2", "fees"), decided("payment_limit")),
    (label("a3", "invoice"), decided("invoice", "escalate", "unresolved")),
    (label("a4", "privacy"), decided("scam_report", "escalate", "security")),
    (label("e1", "scam_report", "escalate", "security"), decided("scam_report", "escalate", "security")),
    (label("e2", "scam_report", "escalate", "security"), decided("complaint", "escalate", "dispute")),
    (label("e3", "account_stolen", "escalate", "security"), decided("password_reset")),
    (label("e4", "complaint", "escalate", "dispute"), decided("complaint", "escalate", "dispute")),
    (label("e5", "human_agent", "escalate", "user_request"), decided("contact_channels")),
    (label("r1", "out_of_scope", "reject"), decided("out_of_scope", "reject")),
    (label("r2", "out_of_scope", "reject"), decided("greet", "chat")),
]


def bot_of(pairs: List[tuple[Labelled, Dict[str, Any]]]) -> Callable[[str], Dict[str, Any]]:
    answers = {line.text: decision for line, decision in pairs}
    return lambda text: answers[text]


@pytest.fixture
def report(policy: Policy) -> Dict[str, Any]:
    """The report on the set above."""
    return evaluate([line for line, _ in SET], bot_of(SET), policy)


FIGURES = [
    # figure, value: counted by hand in the set above
    ("n", 11),
    ("intent_accuracy", round(5 / 11, 4)),
    ("route_accuracy", round(6 / 11, 4)),
    ("must_escalate_recall", 0.75),  # e1 e2 e4 of e1 e2 e3 e4: e5's reason is no risk
    ("needless_escalation_rate", round(2 / 6, 4)),  # a3 a4 of a1-a4 r1 r2
    ("reject_recall", 0.5),
    # complaint 2/3 (one false positive), fees 2/3, invoice 1, out_of_scope 2/3, scam_report 1/2, three others 0
    ("intent_macro_f1", round((2 / 3 + 2 / 3 + 1 + 2 / 3 + 1 / 2) / 8, 4)),
]


@pytest.mark.parametrize(("figure", "value"), FIGURES)
def test_figures_count_what_they_say(report: Dict[str, Any], figure: str, value: float) -> None:
    """A release would be judged by a wrong number."""
    assert report[figure] == value


def test_recall_is_counted_for_each_reason(report: Dict[str, Any]) -> None:
    """A security case that is escalated as a dispute would count as found."""
    assert report["by_reason"] == {
        "dispute": {"n": 1, "recall": 1.0},
        "security": {"n": 3, "recall": 0.3333},
        "user_request": {"n": 1, "recall": 0.0},
    }


def test_every_difference_is_listed_and_nothing_else(report: Dict[str, Any]) -> None:
    """An editor could not see what to mend."""
    assert [error["text"] for error in report["errors"]] == ["a2", "a3", "a4", "e2", "e3", "e5", "r2"]
    assert report["errors"][0] == {
        "text": "a2",
        "expected": {"intent": "fees", "route": "answer", "reason": None},
        "got": {"intent": "payment_limit", "route": "answer", "reason": None, "confidence": 0.9, "rule": "understood"},
    }


def test_figures_without_any_line_are_null(policy: Policy) -> None:
    """A set without emergencies would report a perfect, or a terrible, recall of them."""
    report = evaluate([SET[0][0]], bot_of(SET), policy)
    assert report["must_escalate_recall"] is None
    assert report["reject_recall"] is None
    assert report["by_reason"] == {}
    assert report["errors"] == []
    assert report["needless_escalation_rate"] == 0.0


def test_latency_is_measured_and_ordered(report: Dict[str, Any]) -> None:
    """The slowest answers would be hidden, or nothing measured."""
    assert 0 <= report["latency_ms"]["p50"] <= report["latency_ms"]["p99"]


def test_a_report_can_be_read_by_people(report: Dict[str, Any], policy: Policy, capsys: pytest.CaptureFixture[str]) -> None:
    """The command would end in an error after minutes of measuring."""
    print_report(report)
    print_report(evaluate([SET[0][0]], bot_of(SET), policy))
    printed = capsys.readouterr().out
    assert "must_escalate_recall" in printed
    assert "0.7500" in printed
    assert "7 sentences differ from their labels" in printed


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
        '{"text": "d", "intent": "account_locked", "route": "answer"}',
    )
    assert read_labelled(path, policy) == [
        label("a", "fees"),
        label("b", "scam_report", "escalate", "security"),
        label("c", "transfer_howto", "escalate", "large_transaction"),
        label("d", "account_locked", "answer"),
    ]


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
    assert read_labelled(path, policy) == [label("a", "fees")]


def test_line_numbers_are_those_of_an_editor(policy: Policy, tmp_path: Path) -> None:
    """A sentence with a rare line separator in it would be cut in two, and all later numbers be off."""
    rows = [json.dumps({"text": "a\u2028b\x85c", "intent": "fees"}, ensure_ascii=False), "{"]
    with pytest.raises(LabelError, match="2: not JSON"):
        read_labelled(write(tmp_path / "x.jsonl", *rows), policy)


@pytest.mark.parametrize("name", ["standard", "real", "noisy", "near_misses", "emergencies"])
def test_the_projects_own_sets_are_sound(policy: Policy, name: str) -> None:
    """An intent that was renamed would be missing in the sets that judge a release."""
    assert len(read_labelled(Path(f"tests/evaluation/development/{name}.jsonl"), policy)) > 100


# --- the report's file ----------------------------------------------------------------------------------------------


def test_a_report_is_written_whole(report: Dict[str, Any], tmp_path: Path) -> None:
    """The report would differ from what was measured."""
    write_report(report, tmp_path / "r.json")
    assert json.loads((tmp_path / "r.json").read_text(encoding="utf-8")) == report
    assert [path.name for path in tmp_path.iterdir()] == ["r.json"]


def test_a_report_that_fails_leaves_the_old_one(report: Dict[str, Any], tmp_path: Path) -> None:
    """Half a report would be read as a whole one."""
    path = tmp_path / "r.json"
    write_report(report, path)
    before = path.read_bytes()
    with pytest.raises(TypeError):
        write_report({**report, "errors": [object()]}, path)
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["r.json"]


def test_nothing_is_written_when_the_bot_fails(policy: Policy, tmp_path: Path) -> None:
    """A run that broke off would leave figures over some of the sentences."""

    def broken(text: str) -> Dict[str, Any]:
        if text == "e3":
            raise RuntimeError("the bot is gone")
        return bot_of(SET)(text)

    with pytest.raises(RuntimeError):
        write_report(evaluate([line for line, _ in SET], broken, policy), tmp_path / "r.json")
    assert list(tmp_path.iterdir()) == []
