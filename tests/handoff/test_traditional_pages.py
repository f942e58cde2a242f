"""The pages' words in traditional Chinese."""

from __future__ import annotations

import pytest

from content.traditional_pages import NAMES, WORDS, traditional_of


@pytest.mark.parametrize("name", NAMES)
def test_the_traditional_words_follow_the_simplified_ones(name: str) -> None:
    """A customer in Taiwan would read what the page said before its last change, or simplified characters."""
    made = (WORDS / f"{name}.zh-Hant.js").read_text(encoding="utf-8")
    assert made == traditional_of(name), "run python -m content.traditional_pages"
    assert '"locale.tag": "zh-Hant"' in made
    assert "钱" not in made
