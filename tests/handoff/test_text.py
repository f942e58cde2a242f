"""Which input counts as a text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.characters import INVISIBLE, is_blank
from handoff.conversations.text import check_message
from handoff.runtime.errors import BadInput

NOTHING = sorted(INVISIBLE) + list(" \t\r\n\u3000\u00a0\u2028\u2800")


@given(st.text(st.sampled_from(NOTHING)))
def test_what_nobody_sees_is_no_text(text: str) -> None:
    """An empty bubble would wait for an answer."""
    assert is_blank(text)


@pytest.mark.parametrize(
    "character", list("\u202a\u202e\u2066\u2069\u2061\u2063\ufe0f\u180e\u3164\u2800\u034f\U000e0031\U000e0100\u20dd\u0301")
)
def test_the_reported_characters_are_no_text(character: str) -> None:
    """A character seen in real messages would still make an empty message count as a text."""
    with pytest.raises(BadInput):
        check_message(character * 3)


@pytest.mark.parametrize(
    "text",
    [
        "1️⃣",
        "👍🏽",
        "👩‍👩‍👧",
        "❤️",
        "é",
        "e\u0301",
        "？",
        "\u202eلماذا",
        "हिन्दी",
        "ㅋ",
        "\ufffd",
        "🏴\U000e0067\U000e0062\U000e007f",
    ],
)
def test_what_somebody_sees_is_a_text_and_stays(text: str) -> None:
    """Emoji would be refused as empty, or stored without their joiners."""
    assert check_message(text) == text
