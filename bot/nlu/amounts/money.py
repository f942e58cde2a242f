"""Which numbers of a message are money: those with a currency, 万 or w, or with money words nearby.

Phone numbers, codes, dates, counts, measures, points, names of things and the many idioms that are made of numerals (万一, 千万别,
双十一) are left out. What counts something else stands in `bot.nlu.amounts.counted`.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from types import MappingProxyType

from bot.nlu.amounts.candidates import Candidate, candidate_at, candidates, is_range
from bot.nlu.amounts.counted import CLOCK, POINTS, is_measured, selects_records
from bot.nlu.amounts.joints import date_spans, settle
from bot.nlu.amounts.lexicon import (
    CODE_TALK,
    ENGLISH_MONEY_WORD,
    FIGURES,
    IDIOM,
    LABEL,
    MONEY_NOUN,
    MONEY_VERB,
    NAMED_NUMBER,
    NAMES_DIGITS,
    SECRET,
    UNIT,
)
from bot.nlu.amounts.numerals import MOST_BARE_DIGITS, fold, runs

__all__ = ["Amount", "find_amounts", "read_number"]

#: The rate table of a caller without one: only CNY is known.
_CNY_ONLY: Mapping[str, Decimal] = MappingProxyType({"CNY": Decimal(1)})


@dataclass(frozen=True)
class Amount:
    """An amount of money that a text states.

    Attributes:
        number: the amount in units of `currency`, never negative.
        currency: ISO 4217 code (``"USDT"`` for the coin of that name); ``"CNY"`` if none is named.
        cny: the amount in CNY, or None if the rate table has no such currency.
        start, end: character offsets in the text given to `find_amounts`, end exclusive.
        text: ``given[start:end]``, as typed.
    """

    number: Decimal
    currency: str
    cny: Decimal | None
    start: int
    end: int
    text: str


_UNITS = frozenset(UNIT)
#: Characters of large numbers: 万 and more, 六位数, 小目标, 达不溜; and all English words and letters.
_GRAND = frozenset("万亿位目达abcdefghijklmnopqrstuvwxyz")
_PHONE = re.compile(
    r"(?<![\d.])(?:\+?(?:00)?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)|(?<!\d)0\d{2,3}[ -]\d{7,8}(?!\d)"
    r"|(?<!\d)[48]00[ -]\d{3,4}[ -]\d{3,4}(?!\d)|\+\d{1,3}[ -]?\d{2,5}(?:[ -]?\d{3,5}){1,3}(?!\d)"
)
_HOTLINE = re.compile(r"1(?:10|1[0249]|2[02])|100\d\d|12[0-9]{3}|95\d{3,4}|96\d{3,4}|[48]00\d{7}")

# --- what makes it money --------------------------------------------------------------------

_CONTEXT = re.compile(rf"{MONEY_VERB}|{MONEY_NOUN}|{ENGLISH_MONEY_WORD}")
_SENTENCE_END = re.compile(r"[。！？!?；;\n]")
#: A money verb, followed up to the number by nothing that could make the number a count.
_DIRECT = re.compile(
    rf"(?:{MONEY_VERB}|{ENGLISH_MONEY_WORD})[现款账帐值费出入进回走掉给到过了去我他她你您们对方人家朋友妈爸老婆儿子的是得以取钱额共约差不多大概将近快超 :为]{{0,8}}"
    r"(?:me |him |her |them |you |of |about |nearly |over |out |is |was |the |a |amount |[ :])*$"
)
# Long enough for "给我妈转账，她急着用，20万", short enough that the verb of another sentence does not count.
_NEAR_UNIT = 40
_NEAR_BARE_BEFORE = 14
_NEAR_BARE_AFTER = 6
_ENGLISH_FOLLOWS = re.compile(" [a-z]")

_WHOLE_BEFORE = re.compile(
    r"[\s,.。，!~:¥、…]*(?:(?:大概|大约|大致|差不多|约|就|是|一共|总共|共|有|嗯|啊|那|应该|可能|对|我要|要|将近|近|快|不到|超过|about|around|nearly"
    r"|it's|it is|yes|ok|maybe|roughly|over)[\s,，、]*){0,4}"
)
_WHOLE_AFTER = re.compile(
    r"[\s]*(?:(?:左右|上下|吧|多|的样子|样子|呢|啊|哦|呀|了|的|整|以上|以内|不到|please|pls|or so)[\s,，]*){0,3}[\s,.。，!！?？~…]*"
)


# --- reading --------------------------------------------------------------------------------
_ABOUT = re.compile("(?:大约|大概|差不多|将近|接近|超过|不到|近|约|快)(?=.)")


def read_number(text: str) -> Decimal | None:
    """Read a text that is one number, with or without a currency; None if it is not one.

    >>> read_number("十二万八"), read_number("5w"), read_number("1.5万"), read_number("没有")
    (Decimal('128000'), Decimal('50000'), Decimal('15000'), None)

    Args:
        text: the number as typed; surrounding space is ignored.

    Returns:
        The number in units of its currency (万 and k are multiplied out), never negative, below
        10**15. See the module docstring for how vague numbers are read.
    """
    folded = settle(fold(text).strip())
    about = _ABOUT.match(folded)
    folded = folded[about.end() :] if about else folded
    # A sign (¥) may precede the number.
    starts = [0, *(start for start, _ in runs(folded)[:1])]
    found = next((found for start in starts if (found := candidate_at(folded, start))), None)
    return found.number if found and (found.start, found.end) == (0, len(folded)) else None


# --- deciding -------------------------------------------------------------------------------


class _Surroundings:
    """The places of money words, sentence ends, idioms, dates and phones in a settled text; each kind is searched once, on demand."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def _money_words(self) -> tuple[list[int], list[int]]:
        hits = [match.span() for match in _CONTEXT.finditer(self.text)]
        return [start for start, _ in hits], [end for _, end in hits]

    @cached_property
    def _breaks(self) -> list[int]:
        return [match.start() for match in _SENTENCE_END.finditer(self.text)]

    @cached_property
    def _idioms(self) -> list[tuple[int, int]]:
        return [match.span() for match in IDIOM.finditer(self.text)]

    @cached_property
    def _phones(self) -> list[tuple[int, int]]:
        return [match.span() for match in _PHONE.finditer(self.text)]

    @cached_property
    def _dates(self) -> list[tuple[int, int]]:
        return date_spans(self.text)

    @cached_property
    def about_codes(self) -> bool:
        """Does the text mention verification codes?"""
        return bool(CODE_TALK.search(self.text))

    def is_idiom(self, start: int, end: int) -> bool:
        """Does an idiom touch ``text[start:end]``?"""
        return _touches(self._idioms, start, end)

    def is_phone(self, start: int, end: int) -> bool:
        """Does a phone number touch ``text[start:end]``?"""
        return _touches(self._phones, start, end)

    def is_date(self, start: int, end: int) -> bool:
        """Does a date touch ``text[start:end]``?"""
        return _touches(self._dates, start, end)

    def is_near_money(self, start: int, end: int, before: int, after: int) -> bool:
        """Does this sentence have a money word at most `before` characters before the number, or `after` characters after it?"""
        at = bisect_right(self._breaks, start)
        low = max(start - before, self._breaks[at - 1] if at else 0)
        high = min(end + after, self._breaks[at] if at < len(self._breaks) else len(self.text))
        starts, ends = self._money_words
        at = bisect_right(ends, start) - 1
        if at >= 0 and starts[at] >= low:
            return True
        at = bisect_left(starts, end)
        return at < len(starts) and ends[at] <= high


def _touches(spans: list[tuple[int, int]], start: int, end: int) -> bool:
    """Does one of the ordered spans overlap ``start:end``?"""
    at = bisect_left(spans, (end, 0)) - 1
    return at >= 0 and spans[at][1] > start


def _is_whole_message(text: str, found: Candidate) -> bool:
    """Is the number the complete message, and does it have the form of an answer to "how much"?

    Four or six digits that are not round look like a code and an eight-digit number like a date, so
    these count only when round; "200,000", 20万 and 五万多 are beyond doubt.
    """
    before = _WHOLE_BEFORE.match(text)
    after = _WHOLE_AFTER.match(text, found.end)
    # The pattern may have consumed a word that belongs to the number (近十万): it is enough that it reaches the number.
    if not before or before.end() < found.start or not after or after.end() != len(text):
        return False
    core = found.core
    if not core.isdigit():
        return found.number >= 100
    if core[0] == "0" or _HOTLINE.fullmatch(core):
        return False
    size = len(core)
    if size <= 3:
        return size == 3
    if size in (4, 6):
        return core.endswith("0" if size == 4 else "00")
    return size == 5 or (size <= 9 and core.endswith("000"))


def _is_glued(text: str, found: Candidate) -> bool:
    """Is the number part of a longer token: a word, date, time, version, decimal or phone number?"""
    start, end = found.number_start, found.end
    before, before2 = text[start - 1 : start], text[max(0, start - 2) : start - 1]
    after, after2 = text[end : end + 1], text[end + 1 : end + 2]
    if (
        found.start == found.number_start
        and before
        and ((before.isascii() and before.isalpha()) or before in "_@*")
        and found.core[0].isdigit()
    ):
        return True
    if before and before in "-/.:" and before2.isdigit() and found.core[0].isdigit():
        return True
    if found.explicit:
        return False
    if after and (after in "_@" or (after.isascii() and after.isalpha())) and found.core[-1] not in UNIT:
        return True
    return bool(after and after in "-/.:" and after2.isdigit()) and found.core.isdigit()


def _is_money(text: str, found: Candidate, around: _Surroundings, after_sum: int = -1) -> bool:
    start, end, core = found.start, found.end, found.core
    # With a currency, 404 and 618 are sums; 五一块 and 双11元 are not.
    in_figures = core.isdigit() and core.isascii() and len(core) >= 3
    if around.is_idiom(start, end) and not (found.explicit and (found.number >= 1000 or in_figures)):
        return False
    if text[start - 1 : start] == "第" or _is_glued(text, found):
        return False
    ahead = text[max(0, found.start - 24) : found.start]
    if selects_records(text, start, end):
        return False
    if found.explicit:
        if core in ("一", "1") and text[end - 1] == "块" and not text[found.number_start].isdigit():
            return bool(_DIRECT.search(ahead))  # 一块 is "together" unless something was paid
        return True
    if is_measured(text, start, end, core) or around.is_date(start, end):
        return False
    if FIGURES.search(core) and (NAMES_DIGITS.match(text, end) or SECRET.search(text, max(0, start - 16), end + 12)):
        return False
    grand = not _GRAND.isdisjoint(core)
    if grand and found.number >= 1000:
        if POINTS.match(text, end):
            return False
        if core in ("万", "千万", "百万", "亿", "百", "千"):
            return bool(_DIRECT.search(ahead))
        return around.is_near_money(start, end, _NEAR_UNIT, _NEAR_UNIT) or _is_whole_message(text, found)
    return _is_bare_money(text, found, around, ahead, after_sum)


#: The separators of a list of sums: 30、50、100 (also `settle`'s result for 30,50,100), 30, 50 and 100.
_LISTED = re.compile("、| ?, ?| ?(?:和|或|or|and) ?| ")


def _is_bare_money(text: str, found: Candidate, around: _Surroundings, ahead: str, after_sum: int) -> bool:
    """Whether a number without currency and without 万, w, k is money: 转200000, 充五百, 3-digit answers.

    `after_sum` is the end of the previous sum, which a list continues; -1 without one.
    """
    start, end, core = found.start, found.end, found.core
    if core[0].isdigit() and core.isdigit() and (len(core) > MOST_BARE_DIGITS or (core[0] == "0" and len(core) > 1)):
        return False
    if not core[0].isdigit():
        # Without a unit these are spoken digits, or words: 五一, 三方, 一二三.
        if (_UNITS.isdisjoint(core) and "hundred" not in core) or core in ("十", "百", "千", "万"):
            return False
        if core[0] in "几数" and found.number < 100:
            return False
    if found.number <= 60 and CLOCK.match(text, end):
        return False
    if LABEL.search(ahead) or (core.isdigit() and NAMED_NUMBER.search(ahead)) or around.is_phone(start, end):
        return False
    if found.number < 10 and re.match(" ?送", text[end : end + 2]):
        return False
    if around.about_codes and core.isdigit() and 4 <= len(core) <= 8:
        return False
    if _is_whole_message(text, found):
        return True
    if _HOTLINE.fullmatch(core) and re.search("打(?:了|过)?(?:客服)? ?$", ahead):
        return False
    if after_sum >= 0 and found.number >= 10 and len(core) <= 6 and _LISTED.fullmatch(text, after_sum, start):
        return True
    year_like = core.isdigit() and len(core) == 4 and 1990 <= int(core) <= 2039
    if found.number < 100 or year_like:
        return bool(_DIRECT.search(ahead))
    # English words are longer, so the window is wider: "my 50000 payment".
    english = bool(_ENGLISH_FOLLOWS.match(text, end))
    return around.is_near_money(start, end, _NEAR_BARE_BEFORE, _NEAR_BARE_BEFORE if english else _NEAR_BARE_AFTER)


def find_amounts(text: str, rates: Mapping[str, Decimal] = _CNY_ONLY) -> list[Amount]:
    """Find the amounts of money in a message, in order, without overlap.

    Args:
        text: the message, raw or normalised, of any length and content. Time is linear in it.
        rates: CNY per unit of each currency, by ISO code; CNY itself need not be listed.

    Returns:
        The amounts; a range (3-5万, 三到五万) is one amount with the larger number. Empty if the
        numbers of the text are not money.
    """
    folded = settle(fold(text))
    around = _Surroundings(folded)
    amounts: list[Amount] = []
    previous: Candidate | None = None
    for found in candidates(folded):
        if previous and found.start - previous.end <= 4 and is_range(folded, previous, found):
            # A range is judged as one number: 3到5天 is not money, although 退款3 alone is.
            if amounts and amounts[-1].start == previous.start and not previous.explicit:
                amounts.pop()
            joined = found._replace(
                start=previous.start,
                number_start=previous.number_start,
                number=max(previous.number, found.number),
            )
            if _is_money(folded, joined, around):
                if amounts and amounts[-1].start == previous.start:
                    amounts.pop()
                amounts.append(_amount(text, joined, rates))
            previous = None
            continue
        if _is_money(folded, found, around, amounts[-1].end if amounts else -1):
            amounts.append(_amount(text, found, rates))
        previous = found
    return amounts


def _amount(text: str, found: Candidate, rates: Mapping[str, Decimal]) -> Amount:
    rate = Decimal(1) if found.currency == "CNY" else rates.get(found.currency)
    return Amount(
        number=found.number,
        currency=found.currency,
        cny=None if rate is None else found.number * rate,
        start=found.start,
        end=found.end,
        text=text[found.start : found.end],
    )
