"""The file of safety cases: errors name the line, and the project's own cases are sound."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.learning.content_check import letters
from bot.workshop.gate.edition import Edition
from bot.workshop.gate.files import test_sentences as sentences_of_tests
from content.cases import Case, check_names, load_cases, with_case
from content.sources import ContentError
from contract.turn import TEXT_LIMIT
from language.normalization import normalize

GOOD = '{"text": "钱被转走了", "must": "person", "reason": "security"}\n'


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "not JSON"),
        ("[]", "cases.jsonl:2"),
        ('{"text": "a"}', "must"),
        ('{"text": "", "must": "person"}', "empty"),
        ('{"text": "a", "must": "answer"}', "must"),
        ('{"text": "a", "must": "article"}', "article"),
        ('{"text": "a", "must": "person", "article": "fees"}', "article"),
        ('{"text": "a", "must": "article", "article": "fees", "reason": "security"}', "reason"),
        ('{"text": "a", "must": "person", "resaon": "security"}', "resaon"),
        ('{"text": "a", "must": "person", "context": {"asked": 3}}', "context"),
        ('{"text": 3, "must": "person"}', "str"),
        (GOOD.strip(), "line 1"),
        pytest.param('{"text": "' + "a" * (TEXT_LIMIT + 1) + '", "must": "person"}', "characters", id="too long"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, line: str, said: str) -> None:
    """An editor would not find the fault, or a misspelt field would count for nothing."""
    path = tmp_path / "cases.jsonl"
    path.write_text(f"{GOOD}{line}\n", encoding="utf-8")
    with pytest.raises(ContentError) as error:
        load_cases(path)
    assert error.value.line == 2
    assert said in str(error.value)


def test_blank_lines_and_a_missing_file_are_no_faults(tmp_path: Path) -> None:
    """A data folder from before the cases could not be read."""
    assert load_cases(tmp_path / "cases.jsonl") == []
    (tmp_path / "cases.jsonl").write_text(f"\ufeff{GOOD}\n\n", encoding="utf-8")
    assert [case.text for case in load_cases(tmp_path / "cases.jsonl")] == ["钱被转走了"]


def test_a_case_is_added_as_a_line(tmp_path: Path) -> None:
    """The key "keep as a case" would damage the file."""
    path = tmp_path / "cases.jsonl"
    text = with_case("", Case("a\nb", "person", reason="security", by="xiaolin"))
    path.write_text(with_case(text, Case("怎么开户", "article", article="register_howto")), encoding="utf-8")
    assert [(case.text, case.by) for case in load_cases(path)] == [("a\nb", "xiaolin"), ("怎么开户", None)]


def test_a_case_of_an_unknown_intent_is_named() -> None:
    """A case about a renamed intent would cover nothing."""
    with pytest.raises(ContentError, match="no intent `stolen`"):
        check_names([Case("a", "person", intent="stolen")], ["account_stolen"], ["security"], [], Path("cases.jsonl"))


def test_every_intent_that_goes_to_a_person_has_a_case(live: Edition) -> None:
    """An intent could stop reaching people, and the gate would see nothing."""
    covered = {case.intent for case in live.cases if case.must == "person"}
    assert set(live.bundle.policy.intents_of_route("escalate")) - covered == set()


def test_no_case_is_a_test_sentence(live: Edition) -> None:
    """Cases that come from a test set would tell nothing new, and tempt editors to train on it."""
    tests = {letters(normalize(test.text)) for test in sentences_of_tests(Path())}
    assert [case.text for case in live.cases if letters(normalize(case.text)) in tests] == []
