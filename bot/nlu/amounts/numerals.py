"""Numbers as people write them, and their values: 十二万八, 5个W, 12.3万, 10,0000, half a million, six figures.

The text must be folded (`fold`) and its joints settled (`bot.nlu.amounts.joints`): then a comma, an apostrophe or a space stands
inside a number only if it groups digits. Numerals are read by ``cn2an`` (mode ``smart``); all else here is ours.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

import cn2an

from bot.nlu.amounts.lexicon import (
    DIGIT,
    EXPONENT,
    NUMERAL,
    SCALE,
    SHORT_SCALE,
    SIMPLIFIED,
    SLANG_SCALE,
    SMALL,
    TRADITIONAL,
    UNIT,
    VAGUE_VALUE,
    WORD_VALUE,
)
from contract.characters import PLAIN

__all__ = [
    "CEILING",
    "MOST_BARE_DIGITS",
    "Reading",
    "evaluate",
    "fold",
    "number_at",
    "read",
    "runs",
]

#: 10**15: a larger number in a chat is the result of a stuck key, not money.
CEILING = Decimal(10) ** 15
#: Characters of the longest number that is read ("one hundred and twenty-three thousand ...").
_LONGEST = 120

# --- fold -----------------------------------------------------------------------------------


# `\d` matches the decimal digits of every script, which cn2an does not accept: `PLAIN` replaces them.
_FOLD = {
    **PLAIN,
    **{ord(old): new for old, new in zip(TRADITIONAL, SIMPLIFIED, strict=False)},
    **{ord(old): new for old, new in zip("￥￡￦円\u3000\u00a0", "¥£₩円  ", strict=False)},
}


def fold(text: str) -> str:
    """Return `text` with unified width, case and number words; length and offsets stay the same.

    Unlike NFKC and OpenCC this never adds or drops a character, so that a span found in the folded
    text is a span of the text itself.
    """
    return text.translate(_FOLD)


# --- the shape of a number ------------------------------------------------------------------

# Every repetition below is bounded, or cannot be followed by what it repeats: the engine never tries many ways to match one
# stretch, and the search over a message stays linear.
ARABIC = (
    r"(?:[1-9]\d{0,3}(?:[,']\d{2,8}){1,6}(?!\d)(?:\.\d{1,8})?"
    # Money has two decimals: "50.000" is the European way to write fifty thousand.
    r"|[1-9]\d{0,2}(?:\.000|(?:\.\d{3}){2,4})(?![\d.])"
    r"|\d+(?:\.\d+)?)"
)
#: 十二点五, 12点三: before a unit these are decimals (一点 alone is "a little").
_POINTED = rf"(?:[{DIGIT}十百]{{1,5}}点[{DIGIT}]{{1,4}}|\d{{1,5}}点[{DIGIT}]{{1,4}})"
_PIECE = rf"(?:{ARABIC}|[大好小]几|[{DIGIT}]{{1,3}}(?:点[{DIGIT}]{{1,4}})?|[几数半])"
_VAGUE = rf"(?:[多来余把](?![{DIGIT}]))?零?"
_COUNT = rf"(?:{_PIECE}[多余来几]?)?"
# 十分 usually means "very", even directly after a number: 转了5万十分着急.
_STEP = rf"(?:{_COUNT} ?(?:(?!十分(?!钟))[{SMALL}](?:好(?=几))?|k(?![a-z])){_VAGUE})"
_W = r"(?:万|w(?![a-z])|达不[溜遛六])"
_YI = rf"(?:{_STEP}{{0,4}}{_COUNT}(?:个?小目标|(?:个[多来]?(?=[万亿]))? ?万?亿){_VAGUE})"
_WAN = rf"(?:{_STEP}{{0,4}}{_COUNT}(?:个[多来]?(?=[万w达]))? ?{_W}{_VAGUE})"
_NUMBER = (
    rf"(?:(?:万[儿把]八千|千[儿把]八百|百[儿把]八十)万?|[四五六七八九4-9]位数"
    rf"|{_POINTED} ?个?(?:万亿|百万|千万|{_W}|亿|千|百|k(?![a-z]))"
    rf"|(?:[上近过破超逾成小](?=[十百千万亿]))?"
    rf"(?:{_YI}{_WAN}?{_STEP}{{0,4}}|{_WAN}{_STEP}{{0,4}}|{_STEP}{{1,4}})"
    rf"(?:{_PIECE}(?!\d| ?[万亿wk]))?|[{DIGIT}]{{2,16}}|{_PIECE})"
)


def _any_of(*words: str) -> str:
    return "(?:" + "|".join(sorted(words, key=len, reverse=True)) + ")"


_MAGNITUDE = rf"{_any_of(*SHORT_SCALE)}(?![a-z])"
_WORD = rf"{_any_of(*WORD_VALUE, *SCALE)}(?![a-z])"
_SCALES = rf"{_any_of(*SCALE, *SLANG_SCALE)}s?(?![a-z])"
_NEXT_WORD = rf"(?:{_any_of(*WORD_VALUE, 'half', 'point')}(?![a-z])|{_SCALES})"
_WORDS = (
    rf"(?<![a-z])(?:half an? {_SCALES}"
    rf"|(?:(?:an?|one|three) )?quarters?(?: of)?(?: an?)? {_SCALES}"
    rf"|(?:a )?(?:couple|few|several)(?: of)? {_SCALES}(?: {_SCALES})?"
    rf"|(?:tens|hundreds|thousands) of {_SCALES}"
    rf"|(?:a )?(?<!last )(?<!first ){_any_of('four', 'five', 'six', 'seven', 'eight', 'nine')}[ -]figures?(?![a-z])"
    rf"|(?:a )?{_WORD}(?:[ -](?:and )?(?:a (?=half))?{_NEXT_WORD}){{0,12}})"
)
_FIGURES = r"(?<!last )(?<!first )[4-9][ -]figures?(?![a-z])"
_NUMBER_AT = re.compile(rf"{_FIGURES}|{ARABIC} ?{_MAGNITUDE}|{_NUMBER}|{_WORDS}")

#: The places where a number may begin: numerals with their prefix and multiplier, or an English number word.
_RUN = re.compile(
    rf"[上近过破超逾成小大好]?[{NUMERAL}]+(?: ?(?:[wk]|{_any_of(*(word for word in SHORT_SCALE if len(word) > 1))})(?![a-z]))?"
    rf"|(?<![a-z])(?=[a-z])(?:(?:an? )?{_any_of(*WORD_VALUE, *VAGUE_VALUE, *SCALE, 'half', 'hundreds', 'thousands', 'quarters?')}(?![a-z]))"
)
#: The most numbers, and the most characters of numbers, that are read in one message. A bank statement of 4,000 characters has
#: fewer; reading 2,000 numbers would delay the bot for all customers. Beyond the limit the largest are read, because the largest
#: amount decides.
MOST_RUNS, MOST_CHARACTERS = 60, 240


#: Digits of the longest number below `CEILING`, and of the longest number that is money without a currency.
_DIGITS_OF_CEILING, MOST_BARE_DIGITS = 15, 9


@lru_cache(maxsize=4096)
def _order_of_magnitude(run: str) -> int:
    """The approximate number of digits of the sum in a run. It chooses the runs to read."""
    if run.isdigit():
        return len(run) if len(run) <= MOST_BARE_DIGITS else 0
    digits = sum(char.isdigit() or char in DIGIT for char in run)
    units = max((EXPONENT.get(char, 0) for char in run), default=0)
    word = run.rsplit(" ", 1)[-1].lstrip("0123456789")
    return digits + max(units, len(str(SHORT_SCALE.get(word, 1))) - 1)


def runs(text: str) -> list[tuple[int, int]]:
    """The stretches of a folded text in which a number may begin at any character, in order.

    At most `MOST_RUNS` stretches with `MOST_CHARACTERS` characters in all; beyond that, the stretches with the largest sums.
    """
    found = [match.span() for match in _RUN.finditer(text)]
    found = [
        (start, end)
        for start, end in found
        if end - start <= _DIGITS_OF_CEILING or (end - start <= _LONGEST and not text[start:end].isdigit())
    ]
    if len(found) <= MOST_RUNS and sum(end - start for start, end in found) <= MOST_CHARACTERS:
        return found
    found.sort(key=lambda span: -_order_of_magnitude(text[span[0] : span[1]]))
    chosen, characters = [], 0
    for start, end in found[:MOST_RUNS]:
        characters += end - start
        if characters > MOST_CHARACTERS:
            break
        chosen.append((start, end))
    return sorted(chosen)


def number_at(text: str, at: int) -> str | None:
    """The longest text at `at` with the shape of a number. `read` returns how much of it is a number."""
    match = _NUMBER_AT.match(text, at)
    return match.group() if match else None


# --- reading --------------------------------------------------------------------------------


def _read_words(core: str) -> Decimal | None:
    """Read an English number word ("fifty thousand", "half a million"); None for anything else."""
    total, part = Decimal(0), Decimal(0)
    decimal: Decimal | None = None
    for word in core.replace("-", " ").split():
        if decimal is not None and word in WORD_VALUE and WORD_VALUE[word] < 10:
            part += WORD_VALUE[word] * decimal
            decimal /= 10
            continue
        decimal = None
        singular = word[:-1] if word.endswith("s") and word not in VAGUE_VALUE else word
        if word == "point":
            decimal = Decimal("0.1")
        elif word == "half":
            part += Decimal("0.5")
        elif singular == "quarter":
            part = (part or Decimal(1)) * Decimal("0.25")
        elif word in WORD_VALUE:
            part += WORD_VALUE[word]
        elif word in VAGUE_VALUE:
            part += VAGUE_VALUE[word]
        elif singular == "hundred":
            part = (part or Decimal(1)) * 100
        elif singular in SHORT_SCALE:
            total += (part or Decimal(1)) * SHORT_SCALE[singular]
            part = Decimal(0)
        elif word not in {"a", "an", "and", "of"}:
            return None
    return total + part


def _later_of_pair(match: re.Match[str]) -> str:
    """三五万, 七八千: the larger end of a range that is written as two digits. Other pairs stay unchanged."""
    plain = "一二三四五六七八九"
    first, second = (plain.find("二" if digit == "两" else digit) for digit in match.groups())
    if first >= 0 and (second == first + 1 or (first, second) == (2, 4)):
        return match.group(2)
    return match.group(0)


_PAIR = re.compile(rf"(?<![{DIGIT}\d])([{DIGIT}])([{DIGIT}])(?=[{UNIT}])")
_PRODUCT = re.compile(rf"(\d+(?:\.\d+)?|[{DIGIT}十百]+点[{DIGIT}]+|\d+点[{DIGIT}]+|半)([十百千万亿拾佰仟]+)")
_BARE_UNIT = re.compile(r"([百千万亿佰仟])(?:[一二三四五六七八九]?[十百千])?([万亿]{0,2})")
_X = rf"(?:[{DIGIT}]|\d{{1,16}})"
_SECTION = rf"(?:{_X}[千仟]零?)?(?:{_X}[百佰]零?)?(?:{_X}?[十拾])?{_X}?"
#: The shape of a numeral. cn2an decides, but needs half a millisecond to reject other text.
_NUMERAL_SHAPE = re.compile(rf"(?:{_SECTION}万?亿零?)?(?:{_SECTION}万零?)?{_SECTION}|[{DIGIT}]{{1,16}}(?:点[{DIGIT}]{{1,4}})?")
_DOTTED = re.compile(r"\d{1,3}(?:\.000|(?:\.\d{3}){2,4})")
_PLAIN = re.compile(r"\d+(?:\.\d+)?")


@lru_cache(maxsize=4096)
def _cn2an(core: str) -> Decimal | None:
    if not _NUMERAL_SHAPE.fullmatch(core):
        return None
    try:
        return Decimal(str(cn2an.cn2an(core, "smart")))
    except (ValueError, KeyError, IndexError, TypeError):
        # cn2an raises each of these for a text that is not a number, depending on the place of the fault.
        return None


#: Separators that group digits and do not change the value.
_NO_JOINTS = str.maketrans("", "", " ,'")
_PLACE = str.maketrans("零〇一二两三四五六七八九壹贰叁肆伍陆柒捌玖", "001223456789123456789")


def _coefficient(words: str) -> Decimal | None:
    """The factor before the units of a product: 1.5, 半, 十二点五, 12点三."""
    if words == "半":
        return Decimal("0.5")
    if "点" not in words:
        return Decimal(words)
    whole, fraction = words.split("点")
    number = Decimal(whole) if whole.isdigit() and whole.isascii() else _cn2an(whole)
    return None if number is None else number + Decimal("0." + fraction.translate(_PLACE))


def evaluate(core: str) -> Decimal | None:
    """Read a folded number without currency; None if the numerals are not a number."""
    core = core.translate(_NO_JOINTS)
    core = re.sub("个?小目标", "亿", core).replace("个", "")
    core = re.sub("达不[溜遛六]", "万", core)
    if _DOTTED.fullmatch(core):
        return Decimal(core.replace(".", ""))
    if _PLAIN.fullmatch(core):
        return Decimal(core)
    core = core.replace("w", "万").replace("k", "千")
    core = re.sub("^[上近过破超逾成小](?=[十百千万亿])", "", core)
    core = re.sub("(?<=[百千万])[儿把](?=八)", "", core)
    core = re.sub("(?<=[十拾廿卅])好几", "几", core)
    core = core.replace("大几", "五").replace("好几", "三").replace("小几", "一")
    core = re.sub("[多来余把]", "", core)
    core = re.sub(r"(?<=[\d十拾廿卅])[几数]", "", core).replace("卅", "三十").replace("廿", "二十")
    core = re.sub(f"(?<=[{UNIT}])[几数]$", "", core)
    core = re.sub("[几数]", "一", core)
    core = re.sub(f"零(?=$|[{UNIT}])", "", core) if len(core) > 1 else core
    core = _PAIR.sub(_later_of_pair, core)
    bare = _BARE_UNIT.fullmatch(core)
    if bare:
        core = "一" + bare.group(1) + bare.group(2)
    product = _PRODUCT.fullmatch(core)
    if product:
        words, units = product.groups()
        coefficient = _coefficient(words)
        if coefficient is None:
            return None
        return coefficient * Decimal(10) ** sum(EXPONENT[unit] for unit in units)
    if core.endswith("半") and len(core) > 1 and core[-2] in EXPONENT:
        whole = evaluate(core[:-1])
        return None if whole is None else whole + Decimal(10) ** EXPONENT[core[-2]] / 2
    return _cn2an(core)


_FIGURE_COUNT = re.compile(r"(?:a )?([四五六七八九4-9]|[a-z]+)(?:位数|[ -]figures?)")


class Reading(NamedTuple):
    """A number, and how many characters of the candidate it consists of."""

    number: Decimal
    length: int


@lru_cache(maxsize=4096)
def read(core: str) -> Reading | None:
    """Read the longest beginning of `core` that is a number: of 十万八万, 100,000, without 八万."""
    if len(core) > _LONGEST:
        return None
    figures = _FIGURE_COUNT.fullmatch(core)
    if figures:  # six figures: at least 100,000
        digits = figures.group(1)
        count = WORD_VALUE[digits] if digits in WORD_VALUE else Decimal(digits.translate(_PLACE))
        return Reading(Decimal(10) ** (int(count) - 1), len(core))
    if core[0].isascii() and core[0].isalpha():
        words = _read_words(core)
        return None if words is None else Reading(words, len(core))
    scaled = re.fullmatch(rf"({ARABIC}) ?({_MAGNITUDE})", core)
    if scaled:
        coefficient = evaluate(scaled.group(1))
        if coefficient is None:
            return None
        return Reading(coefficient * SHORT_SCALE[scaled.group(2)], len(core))
    ends = [i + 1 for i, char in enumerate(core) if char in UNIT or char in "wk"]
    for end in [len(core), *reversed(ends)]:
        number = evaluate(core[:end])
        if number is not None and number < CEILING:
            return Reading(number, end)
    return None
