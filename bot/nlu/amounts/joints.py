"""Separators between digits: they group one number, separate a list, or mark a decimal, a time or a date.

`10,0000` is one number, `30,50,100` are three; `12点3万` is 123,000, `下午3点5万` is 50,000 at three o'clock. `settle` decides once
and rewrites the text with the same number of characters, so that offsets stay valid: a comma, an apostrophe or a space between
digits stays only where it groups, a list gets ``、``, a decimal ``.``, a time ``时``.

A group is one number when in doubt: this is the larger reading, and a missed large transaction costs more than an unnecessary
handoff.
"""

from __future__ import annotations

import re

from bot.nlu.amounts.lexicon import DIGIT, sign_before, unit_after, unit_pattern

__all__ = ["date_spans", "settle"]

_GROUPED = re.compile(r"(?<![\d.])\d+(?:[,'’、]\d+)+")
_SPACED = re.compile(r"(?<![\d.,])[1-9]\d{0,2}(?:(?: \d{3}){1,5}|(?: \d{4}){1,4})(?![\d,])")
_SLASHED = re.compile(r"(?<![\d./])\d+(?:\.\d+)?(?:/\d+(?:\.\d+)?)+(?![\d/])")
_POINT = re.compile(
    rf"(?P<before>(?:(?![{DIGIT}十])[\u4e00-\u9fff]){{0,3}})(?<!\d)(?P<hour>\d{{1,4}}|[{DIGIT}十]{{1,3}}) ?点 ?(?P<fraction>\d{{1,4}}|[{DIGIT}]{{1,4}})"
    rf"(?=(?P<unit> ?个?[万亿w千k]| ?{unit_pattern})?)"
)
_PART_OF_DAY = re.compile(
    "(?:[上下中]午|早上|早晨|清晨|凌晨|晚上|傍晚|夜里|半夜|深夜|[今明昨前]?[早晚]|[今明昨前后]天|[日号]|周[一二三四五六日天]|星期[一二三四五六日天])$"
)

_LIST_BEFORE = re.compile(r"(?:试(?:了|过)?|分别|面额|每次|各|选择?了?|档位?|依次|先后)[^,。;]{0,6}$")
_LIST_AFTER = re.compile(
    r" ?(?:元|块钱?)? ?(?:[都均全](?!被|没[了有]|不见|丢|骗|转(?!不)|给|是|在|已|打|汇|到|借|花|[款额部])"
    r"|[这那]?[几三四五六两]个?[种档个笔次](?!月|小时|工作)|(?:all|both|each)(?![a-z])(?! (?:gone|lost|stolen|my|of|the)))"
)


def _is_one_number(text: str, match: re.Match[str]) -> bool:
    """Do the separators of a run of digits group one number (10,0000)? If not, they separate a list (30,50,100)."""
    first, *later = re.split("[,'’、]", match.group())
    sizes = {len(group) for group in later}
    if len(first) > 4 or first[0] == "0":
        return False
    even = sizes == {4} or (sizes == {3} and len(first) <= 3)
    if any(group[0] == "0" for group in later):
        # A sum in a list does not begin with a zero. This covers 10,00,000 as in India, and the typing error 10,00000.
        return even or len(later[-1]) >= 3
    if not even or "、" in match.group():
        return False
    sums = [int(group) for group in (first, *later)]
    if "," not in match.group() or any(number % 5 for number in sums) or text[match.end() : match.end() + 1] == ".":
        return True
    if sign_before(text, match.start()):
        return True
    if _LIST_AFTER.match(text, match.end()) or _LIST_BEFORE.search(text, max(0, match.start() - 12), match.start()):
        return False
    if len(later) == 1 or unit_after(text, match.end()):
        return True
    return not (sums == sorted(set(sums)) and all(number % 10 == 0 for number in sums))


#: The European way to write 50.00.
_EUROPEAN = re.compile(r"\d+,(?:00|\d\d(?= ?(?:欧|€|eur)))")


#: Fast check for most grouped numbers: a number of a list would be a multiple of five.
_PLAINLY_GROUPED = re.compile(r"[1-9]\d{0,2}(?:,\d{3})*,(?:0\d\d|\d\d[1-46-9])")


def _settle_grouped(match: re.Match[str]) -> str:
    if _PLAINLY_GROUPED.fullmatch(match.group()):
        return match.group()
    european = _EUROPEAN.match(match.string, match.start())
    if european and european.end() == match.end():
        return match.group().replace(",", ".")
    if _is_one_number(match.string, match):
        return re.sub("[’、]", "'", match.group())
    return re.sub("[,'’]", "、", match.group())


def _settle_spaced(match: re.Match[str]) -> str:
    text, end = match.string, match.end()
    has_unit = bool(unit_after(text, end + (text[end : end + 1] == " ")))
    is_phone = bool(re.fullmatch(r"1[3-9]\d \d{4} \d{4}", match.group()))
    round_groups = all(not group.strip("0") for group in match.group().split(" ")[1:])
    return match.group().replace(" ", "'") if has_unit or (round_groups and not is_phone) else match.group()


def _settle_slashed(match: re.Match[str]) -> str:
    parts = match.group().split("/")
    sums = [float(part) for part in parts]
    is_year = any(1900 <= number <= 2099 for number in sums)
    if any("." in part for part in parts) or len(parts) > 3:
        listed = max(sums) > 1
    elif len(parts) == 2:
        listed = min(sums) >= 100
    else:
        listed = max(sums) > 31 and not (is_year and sorted(sums)[1] <= 31)
    return match.group().replace("/", "、") if listed else match.group()


def _settle_point(match: re.Match[str]) -> str:
    before, hour, fraction = match.group("before"), match.group("hour"), match.group("fraction")
    text = match.group()
    digits = hour[-1].isascii()
    is_hour = int(hour) <= 24 if digits else hour not in ("零", "〇")
    # 12点30万 is 300,000 at noon: a decimal is not written with a zero at its end.
    round_minutes = len(fraction) > 1 and fraction[-1] in "0十" and is_hour
    at_that_time = is_hour and (bool(_PART_OF_DAY.search(before)) or round_minutes)
    little = hour == "一" and (fraction[0].isascii() or before[-1:] in ("差", "早", "晚", "快"))
    if match.group("unit") is None:
        return text
    if at_that_time or little:
        return text.replace("点", "时")
    return text.replace("点", ".") if digits and fraction[0].isascii() else text


def settle(folded: str) -> str:
    """Return a folded text in which each separator between digits has one meaning; length and offsets stay the same."""
    text = re.sub(r"(?<=\d)·(?=\d)", ".", folded)
    text = _GROUPED.sub(_settle_grouped, text)
    text = _SPACED.sub(_settle_spaced, text)
    text = _SLASHED.sub(_settle_slashed, text)
    return _POINT.sub(_settle_point, text) if "点" in text else text


# --- dates ----------------------------------------------------------------------------------

_MONTH, _DAY = r"(?:0?[1-9]|1[0-2])", r"(?:3[01]|[12]\d|0?[1-9])"
_MM, _DD = r"(?:0[1-9]|1[0-2])", r"(?:0[1-9]|[12]\d|3[01])"
_MONTH_NAME = r"(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]{0,6}\.?"
_THAT_ONE = r"[那这](?:一?笔|一?单|次|天)|当[天日]"
_RECORD = rf" ?(?:{_THAT_ONE}|的?(?:{_THAT_ONE}|账单|转账|交易|付款|支付|扣款|充值|提现|订单|记录|流水|消费|工资))"
_NOT_PAID = r"(?<![\d.])(?<![转付扣充汇还花借欠缴交存给])(?<![转付扣充汇还花借欠缴交存收给][了我])"
_DATE = re.compile(
    rf"(?<!\d)(?:19|20)\d\d{_MM}{_DD}(?!\d)"
    rf"|(?<!\d)(?:19|20)\d\d(?P<joint>[-./' 年]){_MONTH}(?P=joint){_DAY}(?!\d)"
    rf"|(?<!\d){_DAY}[-./]{_MONTH}[-./](?:19|20)\d\d(?!\d)"
    rf"|{_NOT_PAID}(?:\d\d{_MM}{_DD}|20\d\d{_MM})(?={_RECORD})"
    rf"|{_NOT_PAID}{_MM}{_DD}(?= ?(?:{_THAT_ONE}))"
    rf"|{_NOT_PAID}{_MONTH}\.{_DAY}(?![\d.])(?= ?(?:{_RECORD}|[日号]|[上下中]午|晚上|凌晨|早上|我|转|付|充|提|扣|买|下单|[至到~-] ?\d))"
    rf"|(?<![\d.]){_MONTH}[-/]{_DAY}(?![\d./-])(?= ?(?:{_RECORD}|[日号]|[上下中]午|晚上|凌晨|早上|我|转|付|充|提|扣|买|下单))"
    rf"|(?<![a-z]){_MONTH_NAME} {_DAY}(?:st|nd|rd|th)?,? (?:19|20)\d\d(?!\d)"
    rf"|(?<!\d){_DAY}(?:st|nd|rd|th)? (?:of )?{_MONTH_NAME},? (?:19|20)\d\d(?!\d)"
)


def date_spans(settled: str) -> list[tuple[int, int]]:
    """The places of the dates in a settled text: (start, end) in order."""
    return [match.span() for match in _DATE.finditer(settled)]
