"""Editors read errors of files in Chinese, with what to do, and never the words of a parser."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from content.editing.error_words import in_chinese, problem_of, translated
from content.editing.reading import Reading
from content.sources import ContentError, parse_yaml
from tests.handoff.workshop.collected_errors import sentences


def test_every_error_of_the_content_has_a_chinese_sentence() -> None:
    """A Chinese editor would read English, or the words of a parser."""
    assert len(sentences()) > 80
    missing = [sentence for sentence in sentences() if translated(sentence) is None and translated(f"{sentence} 1") is None]
    frames = {
        "front matter x",
        "front matter doors.x: x",
        "x; a case looks like x",
        "x: text.x: x, and agent_name is the agent's",
    }
    assert [sentence for sentence in missing if sentence not in frames] == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: b: c", "冒号"),
        ("a: 1\na: 2", "两次"),
        ('a: "b', "引号"),
        ("a: [1, 2", "括号"),
        ("a:\n  - 1\n - 2", "缩进"),
        ("a: 1\n\tb: 2", "制表符"),
        ("a: 2026-02-30", "日期"),
        ("a: *b", "星号"),
        ('a: "\\q"', "反斜杠"),
        ("a: \x07", "控制字符"),
        ("a\nb: 1", "冒号"),
        ("a: " + "[" * 3000, "括号"),
    ],
)
def test_a_broken_file_in_chinese(text: str, words: str) -> None:
    """The editor would not know what to look for in the line."""
    with pytest.raises(ContentError) as caught:
        parse_yaml(Path("facts.yml"), text)
    problem = problem_of(caught.value)
    assert words in problem.zh
    assert problem.zh.startswith("facts.yml")
    assert not re.search(r"YAML|token|scalar|mapping", problem.zh)


def test_places_and_frames() -> None:
    """The field would be lost on the way into Chinese."""
    assert (
        in_chinese("texts.zh.place: 'ahed' is undefined; facts are in data/facts.yml") == "texts.zh.place: 没有叫“ahed”的事实。"
    )
    assert in_chinese("promises.wrong_answer: must be greater than 0 and less than 1").startswith("promises.wrong_answer：数字")
    assert in_chinese("front matter valid_until: invalid date: write it as 2026-01-31").endswith("请写成 2026-01-31。")
    assert "原始说明" in in_chinese("something new")


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    """A picture that was saved under an article's name would be a traceback."""
    (tmp_path / "facts.yml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ContentError) as caught:
        Reading(tmp_path).facts()
    assert "UTF-8" in problem_of(caught.value, tmp_path).zh
