"""Traits of sentences compared with those of real queries, on sentences made up by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List

import pytest

from bot.learning.content_check import read_examples
from bot.learning.lint_report import print_traits
from bot.learning.traits import (
    TARGETS,
    Targets,
    Trait,
    clauses,
    frame,
    has_punctuation,
    load_targets,
    measure,
    new_pairs,
    problems,
    trait_table,
    wilson,
)
from content.sources import ContentError


def targets(**changes: Any) -> Targets:
    document: Dict[str, Any] = {
        "version": 1,
        "factors": {"length": 1.25, "share": 1.5, "rare_share": 2, "word": 5},
        "rare_below": 0.1,
        "least_expected": 10,
        "words_off": 0.15,
        "lengths": {50: [4, 5]},
        "shares": {"ends_with_question_mark": [0.1, 0.2]},
        "words": {"asking": {"如何": 1000}},
        "frames": {"如何~": 500},
    }
    return Targets.parse_obj({**document, **changes})


def found(texts: List[str], name: str, targets: Targets) -> Trait:
    (trait,) = (one for one in measure(texts, targets) if one.name == name)
    return trait


@pytest.mark.parametrize(
    ("text", "punctuated", "parts", "its_frame"),
    [
        ("如何提现", False, 1, "如何~"),
        ("提现要多久？", True, 1, "~要多久"),
        ("为什么我的卡绑不上", False, 1, "为什么我的~不上"),
        ("转账没到 怎么办", False, 2, "~没到怎么办"),
        ("转账没到,怎么办", True, 2, "~没到怎么办"),
        ("付了款、没货", True, 2, "~了~没~"),
        ("钱呢。？", True, 1, "~呢"),
        ("没到 ", False, 1, "没到"),
    ],
)
def test_a_sentence_is_taken_apart(text: str, punctuated: bool, parts: int, its_frame: str) -> None:
    """A space could count as punctuation, a sign as a clause, or a question word as what the sentence is about."""
    assert (has_punctuation(text), clauses(text), frame(text)) == (punctuated, parts, its_frame)


@pytest.mark.parametrize(
    ("name", "yes", "no"),
    [
        ("has_punctuation", "转账没到。", "转账没到 急"),
        ("ends_with_question_mark", "没到?", "没到?急"),
        ("begins_with_i", "我没收到", "钱我没收到"),
        ("begins_with_why", "为啥没到", "没到为什么"),
        ("begins_with_how", "如何转账", "转账如何"),
        ("contains_how", "转账咋弄", "转账没到"),
        ("contains_can", "可以转吗", "转账没到"),
        ("greets", "您好转账没到", "转母亲的账"),
        ("two_clauses", "转账没到 很急", "转账没到"),
    ],
)
def test_each_share_counts_what_it_is_named_after(name: str, yes: str, no: str) -> None:
    """A trait could measure another thing than its target did."""
    limits = targets(shares={name: [0.1, 0.2]})
    assert [found([text], name, limits).value for text in (yes, no)] == [1.0, 0.0]


def test_only_chinese_sentences_count_without_the_spaces_around() -> None:
    """English sentences could pull the lengths up, or a space behind hide a question mark."""
    assert found(["没到？ ", "where is my transfer?"], "ends_with_question_mark", targets()).value == 1
    assert measure(["where is it"], targets()) == []


@pytest.mark.parametrize(
    ("asked", "of", "off"),
    [
        (15, 100, 0),
        (0, 1000, -1),
        (60, 1000, 0),  # 6% against 10%: 1.67, but chance may have made it of 6.7%
        (40, 1000, -1),
        (0, 30, 0),  # none of 30 may be chance
        (320, 1000, 0),
        (400, 1000, 1),
    ],
)
def test_a_share_is_off_beyond_the_factor_and_beyond_chance(asked: int, of: int, off: int) -> None:
    """A small set could fail for its size, or a large one pass with half of what it needs."""
    texts = ["提现？"] * asked + ["提现"] * (of - asked)
    assert found(texts, "ends_with_question_mark", targets()).off == off


def test_rare_shares_have_a_factor_of_their_own() -> None:
    """Greetings, of which services have one percent or four, could be held to the factor of everyday words."""
    texts = ["你好 提现"] * 70 + ["提现"] * 930
    assert found(texts, "greets", targets(shares={"greets": [0.03, 0.04]})).off == 0
    assert found(texts, "greets", targets(shares={"greets": [0.03, 0.04]}, rare_below=0.01)).off == 0
    texts = ["你好 提现"] * 100 + ["提现"] * 900
    assert found(texts, "greets", targets(shares={"greets": [0.03, 0.05]})).off == 0
    assert found(texts, "greets", targets(shares={"greets": [0.03, 0.05]}, rare_below=0.01)).off == 1


@pytest.mark.parametrize(("length", "off"), [(3, -1), (4, 0), (6, 0), (7, 1)])
def test_a_length_is_off_beyond_the_factor(length: int, off: int) -> None:
    """Sentences could be twice as long as customers' unnoticed."""
    assert found(["钱" * length] * 50, "length 50%", targets()).off == off


def test_a_word_is_judged_only_where_enough_are_expected() -> None:
    """A set of fifty sentences could fail for a word of which it would hold five."""
    assert found(["提现"] * 99, "如何", targets()).off is None
    assert found(["提现"] * 1000, "如何", targets()).off == -1
    assert found(["如何"] * 3 + ["提现"] * 997, "如何", targets()).off == -1
    assert found(["如何提现"] * 30 + ["提现"] * 970, "如何", targets()).off == 0


def test_a_list_of_words_is_a_problem_when_too_many_of_it_are_off() -> None:
    """One word that another service's customers use could fail the check, or a list without any of its words pass it."""
    texts = ["怎么提现？"] * 150 + ["怎么提现"] * 850
    limits = targets(words={"asking": {"怎么": 3000, "如何": 1000}}, words_off=0.5)
    assert problems("some", texts, limits, ["asking"]) == []
    limits = targets(words={"asking": {"怎么": 3000, "如何": 1000}}, words_off=0.4)
    (problem,) = problems("some", texts, limits, ["asking"])
    assert problem == "some: 1 of 2 words of `asking` are off, per 10,000 sentences: 如何 0 of 1000"
    assert problems("some", texts, limits, []) == []


def test_a_problem_names_the_set_the_trait_and_both_figures() -> None:
    """Somebody could not tell what to write more of."""
    found = problems("some", ["如何提现"] * 1000, targets(), ["asking"])
    assert "some: `ends_with_question_mark` is 0%, in real queries 10% to 20% (docs/writing-examples.md)" in found


def test_pairs_of_characters_are_new_that_stand_nowhere_in_training() -> None:
    """What is unlike all training could look like it, or the other way round."""
    assert new_pairs(["转账没到", "english"], ["转账", "没到"]) == pytest.approx(1 / 3)


def test_the_table_has_a_column_for_each_set_that_is_not_empty(capsys: pytest.CaptureFixture[str]) -> None:
    """A column could stand under the wrong name, or an empty set break the table."""
    table = trait_table(["如何提现"] * 1000, [], {"calibration": ["提现？"] * 200, "development": []}, targets())
    assert table.sentences == {"training": 1000, "calibration": 200}
    assert table.new_pairs == {"training": None, "calibration": 0.5}
    print_traits(table)
    shown = capsys.readouterr().out
    for text in ("calibration", "ends with question mark", "10000 ▲", "0 ▼", "100% ▲", "50%"):
        assert text in shown


def test_wilsons_interval() -> None:
    """Intervals could be too narrow for small sets: 0 of 10 may be up to 28%."""
    low, high = wilson(0, 10)
    assert (round(low, 3), round(high, 3)) == (0.0, 0.278)


def test_targets_of_another_shape_are_named(tmp_path: Path) -> None:
    """A misspelt trait could go unmeasured, or a bad file end in a traceback."""
    source = TARGETS.read_text(encoding="utf-8")
    for old, new, problem in [
        ("words_off: ", "words: ", "duplicate|words"),
        ("rare_below: 0.1", "rare_below: often", "rare_below"),
        ("  greets:", "  greet:", "nothing measures greet"),
    ]:
        assert old in source
        (tmp_path / "traits.yml").write_text(source.replace(old, new), encoding="utf-8")
        with pytest.raises(ContentError, match=problem):
            load_targets(tmp_path / "traits.yml")


def test_the_sentences_kept_for_breadth_would_not_pass_as_plain() -> None:
    """The check could pass anything."""
    older = [text for texts in read_examples(Path("data/nlu")).values() for text in texts]
    plain = {text for texts in read_examples(Path("data/nlu/plain")).values() for text in texts}
    found = problems("older", [text for text in older if text not in plain], load_targets(TARGETS), ["asking", "courtesy"])
    text = "\n".join(found)
    for trait in ("has_punctuation", "ends_with_question_mark", "begins_with_why", "contains_how", "greets", "`asking`"):
        assert trait in text
