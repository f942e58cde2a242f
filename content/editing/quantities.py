"""Figures in texts: numbers with their units, in Chinese and English, comparable across the two languages."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Dict, Iterator, List, Mapping, Optional, Tuple

#: Unit -> the words that follow a number. The longest word wins.
_UNITS: Mapping[str, Tuple[str, ...]] = {
    "second": ("秒钟", "秒", "seconds", "second"),
    "minute": ("分钟", "minutes", "minute", "mins", "min"),
    "hour": ("个小时", "小时", "个钟头", "钟头", "hours", "hour"),
    "business day": ("个工作日", "工作日", "business days", "business day", "working days", "working day"),
    "day": ("个自然日", "自然日", "天", "日", "calendar days", "calendar day", "days", "day"),
    "week": ("个星期", "星期", "周", "weeks", "week"),
    "month": ("个月", "月", "months", "month"),
    "year": ("年", "years", "year"),
    "CNY": ("元人民币", "人民币", "元", "块钱", "块", "cny", "rmb", "yuan"),
    "10000 CNY": ("万元", "万块"),
    "USD": ("美元", "美金", "usd", "us dollars", "dollars"),
    "%": ("%", "％", "percent"),
    "per mille": ("‰",),
}
_UNIT_OF: Dict[str, str] = {word: unit for unit, words in _UNITS.items() for word in words}
_TIME = frozenset({"second", "minute", "hour", "business day", "day", "week", "month", "year"})
_MONEY = frozenset({"CNY", "10000 CNY", "USD"})
_CURRENCY_BEFORE = {"¥": "CNY", "￥": "CNY", "cny": "CNY", "rmb": "CNY", "usd": "USD", "us$": "USD", "$": "USD"}

_CHINESE_DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")} | {"两": 2}
_ENGLISH = {
    word: value for value, word in enumerate("zero one two three four five six seven eight nine ten eleven twelve".split())
} | {"fifteen": 15, "twenty": 20, "thirty": 30, "sixty": 60, "ninety": 90, "hundred": 100}

_PLAIN = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_CHINESE = r"(?<!第)(?<!下)[一二两三四五六七八九]?十[一二三四五六七八九]?|(?<!第)(?<!下)[二两三四五六七八九](?![一二三四五六七八九十百千万])"
_UNIT_WORDS = "|".join(re.escape(word) for word in sorted(_UNIT_OF, key=len, reverse=True))
_LETTER = r"(?![a-z])"
_PHONE = re.compile(r"(?<![\d.])\+?\d{2,4}(?:[-\s]\d{3,5}){1,3}(?!\d)|(?<![\d,.])\+?\d{7,15}(?![\d,.]*\d)")
_CLOCK = re.compile(r"(?<!\d)(\d{1,2}):(\d{2})(?!\d)")
_STEP = re.compile(r"^[ \t]*\d{1,2}[.、)）](?=\s|\D)", re.MULTILINE)
_NUMBER = re.compile(
    rf"(?P<currency>¥|￥|cny ?|rmb ?|usd ?|us\$|\$)?"
    rf"(?P<low>{_PLAIN}|{_CHINESE}|\b(?:{'|'.join(_ENGLISH)})\b)"
    rf"(?:\s?(?:-|–|—|~|～|到|至|to)\s?(?P<high>{_PLAIN}|{_CHINESE}|\b(?:{'|'.join(_ENGLISH)})\b))?"
    rf"(?:\s?(?:多|余|来|几)?\s?(?P<unit>(?:{_UNIT_WORDS})))?"
)


@dataclass(frozen=True)
class Quantity:
    """A figure of a text. `values`: one number, or the two ends of a range. `unit`: see `_UNITS`; "phone", "clock" or "".

    `start`, `end`: its place in the text.
    """

    values: Tuple[float, ...]
    unit: str
    start: int
    end: int
    words: str

    @property
    def dimension(self) -> str:
        """What is measured: "time", "money", "rate", "phone", "clock" or "number"."""
        if self.unit in _TIME:
            return "time"
        if self.unit in _MONEY:
            return "money"
        if self.unit in ("%", "per mille"):
            return "rate"
        return self.unit or "number"

    @property
    def key(self) -> Tuple[Tuple[float, ...], str]:
        """What makes two figures the same."""
        return self.values, self.unit


def quantities(text: str, written_counts: bool = False) -> List[Quantity]:
    """The figures of a text in their order, without the numbers of steps. "a day" and "一个" are none.

    `written_counts`: an English number word without a unit ("one account") is a figure, too.
    """
    # The same length as the text, so that places fit.
    folded = "".join(_fold(character) for character in text)
    taken = [(match.start(), match.end()) for match in _STEP.finditer(folded)]
    found: List[Quantity] = []
    for match in _CLOCK.finditer(folded):
        values = (int(match.group(1)) + int(match.group(2)) / 60,)
        found.append(Quantity(values, "clock", match.start(), match.end(), text[match.start() : match.end()]))
    for match in _PHONE.finditer(folded):
        digits = re.sub(r"\D", "", match.group())
        if len(digits) >= 7:
            found.append(Quantity((float(digits),), "phone", match.start(), match.end(), text[match.start() : match.end()]))
    taken += [(each.start, each.end) for each in found]
    found += _numbers(text, folded, taken, written_counts)
    return sorted(found, key=lambda each: each.start)


def _fold(character: str) -> str:
    folded = unicodedata.normalize("NFKC", character).lower()
    return folded if len(folded) == 1 else character


def _numbers(text: str, folded: str, taken: List[Tuple[int, int]], written_counts: bool) -> Iterator[Quantity]:
    for match in _NUMBER.finditer(folded):
        start, end = match.span()
        if any(start < other_end and other_start < end for other_start, other_end in taken):
            continue
        low, unit_word = match.group("low"), match.group("unit")
        is_written = not low[0].isdigit()
        following = folded[end : end + 1]
        if unit_word and unit_word[-1].isalpha() and unit_word.isascii() and following.isascii() and following.isalpha():
            unit_word, end = None, match.end("high") if match.group("high") else match.end("low")  # "5 minimum"
        if not is_written and start > 0 and folded[start - 1].isascii() and folded[start - 1].isalpha():
            continue  # a code such as A4
        unit = _UNIT_OF[unit_word] if unit_word else _CURRENCY_BEFORE.get((match.group("currency") or "").strip(), "")
        if is_written and not unit_word and not (written_counts and low.isascii()):
            continue
        if not unit_word and folded[:start].rstrip().endswith(("第", "step")):
            continue
        values = [_value(low)]
        if match.group("high"):
            values.append(_value(match.group("high")))
        if unit == "10000 CNY":
            values, unit = [value * 10_000 for value in values], "CNY"
        yield Quantity(tuple(values), unit, start, end, text[start:end])


def _value(word: str) -> float:
    if word[0].isdigit():
        return float(word.replace(",", ""))
    if word in _ENGLISH:
        return float(_ENGLISH[word])
    tens, ten, ones = word.partition("十")
    if not ten:
        return float(_CHINESE_DIGITS[word])
    return float(10 * (_CHINESE_DIGITS[tens] if tens else 1) + (_CHINESE_DIGITS[ones] if ones else 0))


#: Numbers that `quantities` does not read.
_IN_WORDS = re.compile(
    r"[一二两三四五六七八九十半]|\b(?:an?|one|two|three|four|five|six|seven|eight|nine|ten|half)\b", re.IGNORECASE
)


def same_figures(zh: str, en: str) -> Optional[str]:
    """Whether a Chinese and an English text hold the same figures: None, or the figures of one that the other lacks.

    A text whose only figure is in words, such as "half a year", is not compared. Units must agree where both languages have them; "1 个" and "one account" are the same figure without a unit.
    """
    ours, theirs = (quantities(text, written_counts=True) for text in (zh, en))
    if (not ours and _IN_WORDS.search(zh)) or (not theirs and _IN_WORDS.search(en)):
        return None
    missing = [each.words for each in ours if not _among(each, theirs)] + [
        each.words for each in theirs if not _among(each, ours)
    ]
    return ", ".join(word.strip() for word in missing) or None


def _among(figure: Quantity, others: List[Quantity]) -> bool:
    return any(figure.key == other.key for other in others)
