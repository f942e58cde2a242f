"""Labelled files are read exactly, and a fault is named with its line."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import List

import pytest

from bot.evaluation import (
    LabelError,
    compare,
    evaluate,
    read_labelled,
    read_report,
    write_report,
)
from bot.evaluation.outcome import identity
from content.triage_policy import Policy
from tests.bot.evaluation.made_reports import (
    decided,
    write,
)


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
    """A reader of a report would learn sentences that must stay unknown."""
    (tmp_path / "held_out").mkdir()
    path = write(tmp_path / "held_out" / "x.jsonl", '{"text": "很少见的一句话", "intent": "fees"}')
    report = evaluate(read_labelled(path, policy), lambda text: decided("invoice"), policy)
    write_report(report, tmp_path / "out")
    for written in (tmp_path / "out").iterdir():
        assert "很少见的一句话" not in written.read_text(encoding="utf-8")
    assert report["lines"][0]["id"] == identity("很少见的一句话")  # and yet it can be compared
    assert compare(report, report)["n"]["shared"] == 1
