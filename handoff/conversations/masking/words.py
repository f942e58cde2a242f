"""Words as patterns that a search finds fast.

`re` looks only at places with the right first character, but only when every alternative begins with a literal one: a look-behind
in front, or a group, makes it try every place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = ["any_of"]

_LATIN = re.compile(r"[a-z]")


def any_of(words: Iterable[str]) -> str:
    """A pattern for any of these; what begins with a Latin letter must not continue a word.

    Pinyin is written together (wodemima): ``[m]ima`` may continue one.

    Args:
        words: patterns of folded text, each of which begins with a literal character.
    """
    return "(?:" + "|".join(_whole(word) for word in words) + ")"


def _whole(word: str) -> str:
    first, rest = word[0], word[1:]
    return f"{first}(?<![a-z]{first}){rest}" if _LATIN.match(first) else word
