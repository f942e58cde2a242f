"""Word lists as patterns that `re` searches fast.

`re` skips to places with the right first character only if every alternative begins with a literal. A look-behind or a group
at the start makes it try every place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = ["any_of"]

_LATIN = re.compile(r"[a-z]")


def any_of(words: Iterable[str]) -> str:
    """A pattern that matches any of these words. A word that begins with a Latin letter must not start inside another word.

    Pinyin is written together (wodemima): ``[m]ima`` may start inside a word.

    Args:
        words: patterns of folded text, each of which begins with a literal character.
    """
    return "(?:" + "|".join(_whole(word) for word in words) + ")"


def _whole(word: str) -> str:
    first, rest = word[0], word[1:]
    return f"{first}(?<![a-z]{first}){rest}" if _LATIN.match(first) else word
