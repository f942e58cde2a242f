"""Normalises the searched text: half-width, simplified, lower case, ASCII digits, no invisible characters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from contract.characters import BLANK_CELL, INVISIBLE, PLAIN

# Each character maps to one character, so that a position in the folded text is a position in the text.
_TRADITIONAL = "驗證碼號訂單帳賬戶設為錄輸動態轉給話機額錢塊圓萬億錯誤後誰説說發這舊個們過儲銀隨權註認鑰籤"
_SIMPLIFIED = "验证码号订单账账户设为录输动态转给话机额钱块圆万亿错误后谁说说发这旧个们过储银随权注认钥签"
# U+FFFD is half of a character that stood between two digits; private characters have no defined glyph.
_MEANINGLESS = re.compile("[\ufffd\ue000-\uf8ff\U000f0000-\U0010ffff]")
#: A full-width comma separates two statements; an ASCII comma may group the digits of one number.
_COMMA = "，"


def _one(code: int) -> str | None:
    """The folded form of a non-ASCII character that `PLAIN` does not map, or None when it stays."""
    char = chr(code)
    value = unicodedata.digit(char, None)  # circled digits and similar, which a check digit would miss
    if value is not None:
        return str(value)
    if char.isspace():
        return "\n" if char in "\x85\u2028\u2029" else " "
    if not unicodedata.decomposition(char).startswith("<"):
        return None
    plain = unicodedata.normalize("NFKC", char)
    if plain == ",":  # small and vertical commas
        return _COMMA
    return plain.lower() if len(plain) == len(plain.lower()) == 1 else None


_FOLD: dict[int, str] = {code: folded for code in range(0x80, 0x20000) if (folded := _one(code)) is not None}
_FOLD.update(PLAIN)
_FOLD[ord(_COMMA)] = _COMMA
_FOLD.update({ord(old): new for old, new in zip(_TRADITIONAL, _SIMPLIFIED, strict=True)})
_FOLD.update({ord(space): " " for space in f"\t{BLANK_CELL}"})
_FOLD.update({ord(line): "\n" for line in "\r\x0b\x0c"})
_FOLD.update({ord(dash): "-" for dash in "‐‑‒–—―−"})
_FOLD.update({ord(mark): '"' for mark in "“”‘’「」『』'"})
_FOLD.update({ord(old): new for old, new in zip("【〔〖《〈】〕〗》〉", "(((((" + ")))))", strict=True)})

# Thirteen numerals without 十 or 百 are a spoken number. Shorter runs need a keyword before them: 一一 is also a name.
_SAID = re.compile(r"[零〇一二两三四五六七八九幺]{13,}")
_NUMERALS = str.maketrans("零〇一二两三四五六七八九幺", "0012234567891")


class Folded(NamedTuple):
    """The searched form of a text.

    Attributes:
        text: the folded text without invisible characters.
        places: for each character of `text`, its position in the original text.
    """

    text: str
    places: Sequence[int]

    def end_of(self, original: str, at: int) -> int:
        """Where the character at `at` of the folded text ends in the original, after its combining marks."""
        end = self.places[at] + 1
        while end < len(original) and unicodedata.category(original[end])[0] == "M":
            end += 1
        return end


def fold(text: str) -> Folded:
    """The folded text and the position of each character. Linear in the length."""
    hidden = INVISIBLE.union(_MEANINGLESS.findall(text)) if _MEANINGLESS.search(text) else INVISIBLE
    if hidden.isdisjoint(text):
        return Folded(_plain(text), range(len(text)))
    places = [place for place, char in enumerate(text) if char not in hidden]
    return Folded(_plain("".join([text[place] for place in places])), places)


def _plain(text: str) -> str:
    return _SAID.sub(lambda said: said[0].translate(_NUMERALS), text.translate(_FOLD))
