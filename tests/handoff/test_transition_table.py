"""The moves between states are in the code, in two pictures and in a table; all must agree."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from handoff.conversations.state import MOVES

ROOT = Path(__file__).parents[2]
_PICTURE = re.compile(r"^```mermaid\nstateDiagram-v2\n(.*?)^```", re.MULTILINE | re.DOTALL)
_ARROW = re.compile(r" *(\S+) --> (\S+)(?:: .+)?")
_ROW = re.compile(r"^\| (`\w+`(?:, `\w+`)*) \| (`\w+`(?:, `\w+`)*) \| .+ \|$", re.MULTILINE)
_OF_CODE = sorted((here.value, there.value) for here, there in MOVES)


def arrows(page: str) -> list[tuple[str, str]]:
    """The moves of the one state diagram on a page; a line that is not an arrow is an error."""
    (picture,) = _PICTURE.findall((ROOT / page).read_text(encoding="utf-8"))
    found = [_ARROW.fullmatch(line) for line in picture.splitlines()]
    assert None not in found, picture
    return [(arrow[1], arrow[2]) for arrow in found if arrow]


@pytest.mark.parametrize("page", ["docs/conversation.md"])
def test_the_picture_shows_the_moves_of_the_code(page: str) -> None:
    """A reader would plan with a move that does not exist, or miss one that does."""
    moves = arrows(page)
    assert moves.count(("[*]", "with_bot")) == 1
    assert sorted(move for move in moves if move[0] != "[*]") == _OF_CODE


def test_the_table_lists_the_moves_of_the_code() -> None:
    """The table below the picture would contradict it."""
    page = (ROOT / "docs/conversation.md").read_text(encoding="utf-8")
    rows = _ROW.findall(page[page.index("## States") : page.index("## Events")])
    listed = [(here, there) for froms, tos in rows for here in re.findall(r"\w+", froms) for there in re.findall(r"\w+", tos)]
    assert sorted(listed) == _OF_CODE
