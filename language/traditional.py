"""Converts the editors' simplified texts to traditional Chinese: OpenCC converts characters, a reviewed list converts words."""

from __future__ import annotations

import functools
import re
from typing import Any, Dict, Mapping

import opencc

#: The reviewed list, in a content folder.
FILE = "traditional.yml"


def check_words(document: Any) -> Dict[str, str]:
    """The words of `traditional.yml`, simplified -> traditional. Raises ValueError with the fault and the fix."""
    words = document.get("words") if isinstance(document, Mapping) else None
    if not isinstance(words, Mapping):
        raise ValueError("expected `words:` with lines `simplified: traditional`")
    for simplified, traditional in words.items():
        if not (isinstance(simplified, str) and isinstance(traditional, str) and simplified.strip() and traditional.strip()):
            raise ValueError(f"`{simplified}`: write a simplified word, a colon and the traditional word")
    return {str(simplified): str(traditional) for simplified, traditional in words.items()}


@functools.lru_cache(maxsize=1)
def _character_converter() -> Any:
    # Shared: its tables take 0.1 s to load, and each new version of the content makes another `Traditional`.
    # Characters only ("s2tw"): its word lists ("s2twp") turn 注销 (closing an account) into 登出 and 绑定 into 繫結.
    return opencc.OpenCC("s2tw")


class Traditional:
    """Converts simplified texts to traditional ones. Numbers, Latin letters and traditional characters stay unchanged."""

    def __init__(self, words: Mapping[str, str]) -> None:
        # Longest first: 小程序 is one word, not 小 and 程序.
        self._words = dict(words)
        self._pattern = re.compile("|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)) or r"(?!)")
        self._characters = _character_converter()
        self._convert = functools.lru_cache(maxsize=4096)(self._converted)

    def convert(self, text: str) -> str:
        """The text in traditional Chinese. The same text gives the same result."""
        return text if text.isascii() else self._convert(text)

    def _converted(self, text: str) -> str:
        parts, at = [], 0
        for match in self._pattern.finditer(text):
            parts += [self._characters.convert(text[at : match.start()]), self._words[match.group()]]
            at = match.end()
        return "".join([*parts, self._characters.convert(text[at:])])
