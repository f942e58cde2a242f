"""A report is written completely or not at all, and its page shows customers' words only as text."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Dict, List

import pytest

from bot.evaluation import (
    Labelled,
    OutputError,
    compare,
    evaluate,
    prepare,
    read_report,
    write_comparison,
    write_report,
)
from content.triage_policy import Policy
from tests.bot.evaluation.made_reports import (
    SET,
    Page,
    Pairs,
    bot_of,
    decided,
    label,
    report_of,
    several_right,
)


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
    """A report would be written to another place, or lost because its folder is missing."""
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


HOSTILE = '<script>alert(1)</script><img src=x onerror="alert(2)">'


@pytest.fixture(scope="module")
def hostile_page(policy: Policy, tmp_path_factory: pytest.TempPathFactory) -> Page:
    """The page of a report on a sentence, a style and a file name that contain HTML or formulas."""
    pairs: Pairs = [
        (label(HOSTILE, "fees", style="<b>$x$</b>", file="<i>.jsonl"), decided("invoice", "escalate", "unresolved")),
        (label("b", "fees", style="$y$", file="y.jsonl"), decided("fees")),
    ]
    path = tmp_path_factory.mktemp("hostile") / "r.html"
    write_report(report_of(pairs, policy), path)
    return Page(path)


def test_customers_words_are_only_words(hostile_page: Page) -> None:
    """A customer could run a program in the browser of a reader of the report."""
    assert HOSTILE in hostile_page.text
    assert {"script", "img", "b", "i"}.isdisjoint(tag for tag, _ in hostile_page.elements)
    assert "<b>$x$</b>" in hostile_page.text


def test_a_page_fetches_nothing(written: Path, hostile_page: Page) -> None:
    """The page would be broken where it is opened without a network, or tell others who reads it."""
    for page in (hostile_page, Page(written / "report.html")):
        assert list(page.fetched()) == []
        assert "http" not in "".join(attributes.get("style") or "" for _, attributes in page.elements)


def test_a_page_shows_figures_pictures_and_errors(written: Path) -> None:
    """The page would lack something that an editor needs to see what to fix."""
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
