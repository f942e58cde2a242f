"""Candidates for an amount: the numbers of a text with their currencies. `bot.nlu.amounts.money` decides which are money."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from bot.nlu.amounts.counted import CLOCK, COUNTER, NOT_TAIL
from bot.nlu.amounts.lexicon import DIGIT, NUMERAL, UNIT, currency_of, sign_before, unit_after
from bot.nlu.amounts.numerals import CEILING, evaluate, number_at, read, runs

__all__ = ["Candidate", "candidate_at", "candidates", "is_range"]

#: The last digit of 两万五.
_TAIL = re.compile(rf"(?<=[{UNIT}wk])(?:[{DIGIT}]|\d)$")
#: Words between a currency and a number: 美元汇了8000.
_PAID_IN = re.compile("(?:转账?|付款?|支付|提现?|充值?|汇款?|打款?|买|卖)[了过]?$")
_SIGNS = frozenset("$£€₩฿₽₫₹¥₺₱₪₦₿₴₸₮₭৳៛")
_SMALL_COIN = re.compile(r"(?P<unit>[毛角]|分(?=钱))钱?")
# The small change of 两块五, 3块5毛, 12元5角3分; checked further in `_small_change`.
_CHANGE = re.compile(rf"(?P<tens>[\d{DIGIT}])(?:[角毛](?:(?P<ones>[\d{DIGIT}])分?)?)?|(?P<cents>\d\d)")


class Candidate(NamedTuple):
    """A number in the text that may be money."""

    number: Decimal
    currency: str
    start: int
    end: int
    number_start: int
    core: str
    #: Whether a currency is next to the number.
    explicit: bool


def _digit(char: str) -> int:
    return int(char) if char.isdigit() else int(evaluate(char) or 0)


def _small_change(text: str, end: int, unit: str) -> tuple[Decimal, int]:
    """The value of 毛 and 分 after 块 or 元 at `end`, in 元, and the end of these words."""
    match = _CHANGE.match(text, end)
    if not match:
        return Decimal(0), end
    tail = text[match.end() : match.end() + 1]
    named = match.end() - end > 1 and not match.group("cents")
    if not named:
        # 3块5 is 3.50, but 3块5张 is five sheets, 3元5 is ambiguous, and 50元50元 is a list.
        joined = tail in ".,:/-" and text[match.end() + 1 : match.end() + 2].isdigit()
        glued = tail in NUMERAL + "元块%" or (tail.isascii() and tail.isalpha())
        if unit != "块" or (tail and (joined or glued)):
            return Decimal(0), end
        if COUNTER.match(text, match.end()) or CLOCK.match(text, match.end()) or NOT_TAIL.match(text, match.end()):
            return Decimal(0), end
    if match.group("cents"):
        return Decimal(match.group("cents")) / 100, match.end()
    value = Decimal(_digit(match.group("tens"))) / 10
    if match.group("ones"):
        value += Decimal(_digit(match.group("ones"))) / 100
    return value, match.end()


def candidate_at(text: str, at: int) -> Candidate | None:
    """The number that begins at `at`, with its currency; None without a number."""
    core = number_at(text, at)
    if core is None:
        return None
    start, core = at + len(core) - len(core.lstrip()), core.lstrip()  # a bare unit (元 万) brings the space before it along
    reading = read(core)
    if reading is None:
        return None
    number, end = reading.number, start + reading.length
    tail = _TAIL.search(core[: reading.length])
    if tail and (COUNTER.match(text, end) or CLOCK.match(text, end) or NOT_TAIL.match(text, end)):
        # 2万3天 is 20,000 and three days; 五万一直 is 50,000 and "all the time".
        shorter = evaluate(core[: tail.start()])
        if shorter is not None and text[end - 2] not in "十拾廿卅":
            number, end = shorter, end - 1
    currency, explicit, begin = "CNY", False, start
    sign = sign_before(text, start)
    paid = None if sign else _PAID_IN.search(text, max(0, start - 4), start)
    if sign:
        currency, explicit, begin = currency_of(sign[0]), True, sign[1]
    elif paid and (means := sign_before(text, paid.start())):
        currency = currency_of(means[0])  # USDT转了5000
    coin = None if explicit else _SMALL_COIN.match(text, end)
    after = unit_after(text, end, number)
    if after and (after.group("unit") or "")[:1] in _SIGNS and text[after.end() : after.end() + 1].isdigit():
        after = None  # "9000 $5": the sign belongs to what follows
    if after:
        unit = after.group("unit") or after.group("piece") or after.group("other")
        # ¥50000日元 is yen: the word is more exact than the sign.
        currency = currency_of(unit) if not (explicit and unit in {"元", "块", "圆", "dollars"}) else currency
        explicit, end = True, after.end()
        if unit[0] in "元块圆" and not after.group("more"):
            change, end = _small_change(text, end, "块" if after.group().strip() == "块" else unit[0])
            number += change
    elif coin and number < 100:
        number *= Decimal("0.01") if coin.group("unit") == "分" else Decimal("0.1")
        explicit, end = True, coin.end()
    if number >= CEILING:
        return None
    return Candidate(number, currency, begin, end, start, core[: reading.length], explicit)


_RANGE = re.compile(r" ?(?:[-~—–～至到]|——|to|、) ?")


def is_range(text: str, first: Candidate, second: Candidate) -> bool:
    """Are the two candidates the ends of one range: 3-5万, 三到五万, 5万至8万元?"""
    joint = _RANGE.fullmatch(text[first.end : second.start])
    if not joint:
        return False
    if text[first.start - 1 : first.start] in tuple("-/.:第") or (text[first.start - 1 : first.start].isdigit()):
        return False
    # 三、五万 is a range; "5、3万" is the fifth item of a list.
    return joint.group() != "、" or not first.core[0].isdigit()


def candidates(text: str) -> Iterator[Candidate]:
    """The numbers of a folded and settled text, in order and without overlap."""
    position = 0
    for start, end in runs(text):
        at = max(start, position)
        while at < end:
            found = candidate_at(text, at)
            if found is None or found.start < position:
                at += 1
                continue
            yield found
            position = at = max(found.end, at + 1)
