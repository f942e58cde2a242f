"""Which of a customer's transactions a sentence is about: by amount, payee and time, or the one that is under way.

A clue that fits nothing is not ignored: the customer is asked, because an answer about another transaction is a wrong answer.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Callable, List, Mapping, Optional, Sequence

from actions.customer_facts import masked_name
from contract.wallet import Transaction
from language.normalization import normalize

#: Buttons under the question which transaction it is.
MOST_OFFERED = 5
#: Without a clue, an older transaction is not meant.
_RECENT = dt.timedelta(days=30)

#: Of these one transaction's sentence speaks: the day of the transaction, not of the question ("it is still not here today").
_TODAY = re.compile(
    r"今[天日早晚儿](?!.{0,3}(?:还|都|仍|也|才|没|会|能|为什么))|\btoday'?s?\b(?! and)|\bthis (?:morning|afternoon|evening)\b"
)
_DAYS: Sequence[tuple[int, re.Pattern[str]]] = (
    (3, re.compile(r"大前[天日]|three days ago|3 days ago")),
    (2, re.compile(r"(?<!大)前[天日](?!后)|day before yesterday|two days ago|\b2 days ago")),
    (1, re.compile(r"昨[天日晚夜儿]|(?<!before )\byesterday\b|\blast night\b|\bone day ago\b")),
)
_DATE = re.compile(r"(?<!\d)(1[0-2]|0?[1-9])月(3[01]|[12]\d|0?[1-9])(?!\d)")
#: It may be a sum, too.
_SHORT_DATE = re.compile(r"(?<![\d./-])(1[0-2]|0?[1-9])[-/.](3[01]|[12]\d|0?[1-9])(?![\d./-])")
_DAY_OF_MONTH = re.compile(r"(?<![\d月])(3[01]|[12]\d|0?[1-9])[号日](?!码|线|楼|店)")
_WEEKDAY = re.compile(r"(上)?(?:个)?(?:周|星期|礼拜)([一二三四五六日天])")
_WEEKDAYS = {character: number for number, character in enumerate("一二三四五六日")} | {"天": 6}
_ENGLISH_DAY = re.compile(r"\b(monday|tuesday|wednesday|thursday|friday|saturday|sunday)\b")
_ENGLISH_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_CLOCK = re.compile(r"(?<![\d:])([01]?\d|2[0-3])[:：]([0-5]\d)(?![\d:])")
_HOUR = re.compile(
    r"(凌晨|早上|上午|中午|下午|傍晚|晚上|夜里)?([01]?\d|2[0-3]|十[一二]?|[一二两三四五六七八九])点(?:(半)|([0-5]?\d)分?)?"
    r"|\b(1[0-2]|[1-9])(?::([0-5]\d))? ?([ap])\.?m\b"
)
_CHINESE_HOURS = {character: number for number, character in enumerate("一二三四五六七八九十", 1)}
_CHINESE_HOURS.update({"两": 2, "十一": 11, "十二": 12})
_JUST_NOW = re.compile(r"刚刚|刚才|刚(?=转|付|汇|打|充|提)|just now|just (?:sent|made|paid|transferred)|a moment ago")
_JUST_NOW_LENGTH = dt.timedelta(hours=2)
_NEAR_CLOCK = dt.timedelta(minutes=20)
#: A number of these is no sum: time, date, order, and numbers of things.
_NUMBER = re.compile(
    r"(?<![\d.,:/月-])(\d{1,9}(?:,\d{3})*(?:\.\d{1,2})?)(?![\d:：])"
    r"(?!\s*(?:[天号日月年点秒周次岁位笔个条分刻]|小时|分钟|days?|hours?|min|weeks?|%|st\b|nd\b|rd\b|th\b))"
)
#: Words for a person whom no account names.
_PERSON = re.compile(
    r"(?:转|汇|打|付|发)(?:款|账|钱)?给了?([一-鿿]{2,4}?)(?=的|了|\d|那|这|吗|还|怎|,|。|钱|到|没|$)"
    r"|给([一-鿿]{2,4}?)(?:转|汇|打)(?=了|的|钱|过|账|款|\d)"
)
_SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩邓冯曹彭曾萧肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金"
    "韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙史贺顾毛郝龚邵万覃武钱戴严欧莫孔向常汤康易乔赖文施洪辛"
)
_TITLES = "先生|女士|小姐|老师|总|哥|姐|师傅|老板"
_TO_ME = re.compile(
    r"转给我|给我转|打给我|给我打|汇给我|收到(?:的|别人)|别人转|对方转给"
    r"|(?:sent|paid|transferred) (?:to )?me\b|\bfrom [a-z]+ to me\b"
)
_KINDS: Sequence[tuple[str, re.Pattern[str]]] = (
    ("withdrawal", re.compile(r"提现|提到银行|withdraw")),
    ("top_up", re.compile(r"充值|充到|充进|top.?up|topped")),
    ("refund", re.compile(r"退款|退给|refund")),
    ("payment", re.compile(r"付款|支付|买了|消费|扫码付|付给|\bpaid\b|\bpayment\b")),
    ("transfer", re.compile(r"转账|转给|转了|转的|汇款|汇给|\btransfer|\bsent\b")),
)


@dataclass(frozen=True)
class Choice:
    """The transactions that fit, the newest first. `is_exact`: False if something that the customer said fits none of them."""

    fitting: Sequence[Transaction]
    is_exact: bool = True


@dataclass(frozen=True)
class _Clue:
    """One thing that the customer said. `must`: it is about the transaction, so one that it does not fit is not meant."""

    fits: Callable[[Transaction], bool]
    must: bool = True


def choose(
    transactions: Sequence[Transaction],
    text: str,
    entities: Sequence[Mapping[str, Any]],
    now: dt.datetime,
    kinds: Sequence[str] = (),
) -> Choice:
    """The transactions that a sentence is about.

    `text`: normalised. `entities`: the amounts that the pipeline found. `now`: aware, in the customer's zone. `kinds`: which
    transactions the question is about in general, if the sentence names no kind.
    """
    candidates = list(_of_kind(transactions, text, kinds))
    if not candidates:
        return Choice(())
    is_exact, has_clue = True, False
    for clue in _clues(candidates, text, entities, now):
        fitting = [each for each in candidates if clue.fits(each)]
        if fitting:
            candidates, has_clue = fitting, True
        elif clue.must:
            is_exact = False
    if not is_exact or has_clue:
        return Choice(candidates, is_exact)
    recent = [each for each in candidates if now - each.at <= _RECENT] or candidates
    return Choice([each for each in recent if each.is_under_way] or recent)


def _of_kind(transactions: Sequence[Transaction], text: str, kinds: Sequence[str]) -> Sequence[Transaction]:
    """The transactions of the kinds and the direction that the sentence names, else of the usual ones, else all."""
    named = [kind for kind, pattern in _KINDS if pattern.search(text)]
    usual = [each for each in transactions if each.kind in kinds] if kinds else list(transactions)
    found = [each for each in transactions if each.kind in named and (not kinds or each.kind in kinds)] or usual or transactions
    direction = "in" if _TO_ME.search(text) else "out"
    return [each for each in found if each.direction == direction] or found


def _clues(
    transactions: Sequence[Transaction], text: str, entities: Sequence[Mapping[str, Any]], now: dt.datetime
) -> List[_Clue]:
    found = [*_people(transactions, text), *_amounts(text, entities)]
    days = _days(text, now.date())
    if days:
        found.append(_Clue(lambda each: each.at.astimezone(now.tzinfo).date() in days))
    short = [date for month, day in _SHORT_DATE.findall(text) for date in _latest(now.date(), int(month), int(day))]
    if short:
        found.append(_Clue(lambda each: each.at.astimezone(now.tzinfo).date() in short, must=False))
    if _JUST_NOW.search(text):
        found.append(_Clue(lambda each: now - each.at <= _JUST_NOW_LENGTH, must=False))
    clock = _clock(text)
    if clock is not None:
        found.append(_Clue(lambda each: _is_near(each.at.astimezone(now.tzinfo), clock), must=False))
    return found


def _people(transactions: Sequence[Transaction], text: str) -> List[_Clue]:
    """The payees that the sentence names: a whole name, a surname with a title, or a name that no transaction has."""
    names = {each.counterparty for each in transactions}
    named = {name for name in names if normalize(name) in text or normalize(masked_name(name)) in text}
    if not named:
        named = {name for name in names if _is_called(normalize(name), text)}
    if named:
        return [_Clue(lambda each: each.counterparty in named)]
    for match in _PERSON.finditer(text):
        name = match.group(1) or match.group(2)
        if name[0] in _SURNAMES and 2 <= len(name) <= 3:
            return [_Clue(lambda each: False)]  # somebody else: none of these transactions fits
    return []


def _is_called(name: str, text: str) -> bool:
    """Whether a sentence has a usual short form of a Chinese person's name: 小李, 李先生, 梅梅 for 韩梅梅."""
    if re.fullmatch(r"[一-鿿]{2,4}", name) is None:
        first = name.split(" ")[0]
        return len(first) > 2 and first.isascii() and re.search(rf"\b{re.escape(first)}\b", text) is not None
    if name[0] not in _SURNAMES:
        return False
    return re.search(rf"[小老阿]{name[0]}(?![一-鿿]?\d*号)|{name[0]}(?:{_TITLES})", text) is not None or (
        len(name) == 3 and name[1:] in text
    )


def _amounts(text: str, entities: Sequence[Mapping[str, Any]]) -> List[_Clue]:
    """The sums that the sentence names. With several of them, one that fits is enough ("of 500 only 300 came")."""
    sums = set()
    for entity in entities:
        if entity.get("entity") == "amount":
            value = entity.get("value") or {}
            sums.add((_decimal(value.get("number")), value.get("currency")))
    numbers = {(_decimal(match.group(1).replace(",", "")), None) for match in _NUMBER.finditer(text)}
    numbers = {(number, None) for number, _ in numbers if number is not None and number >= 1}
    sums = {(number, currency) for number, currency in sums if number is not None}
    if not sums and not numbers:
        return []

    def fits(each: Transaction) -> bool:
        return any(each.amount == number and currency in (None, each.currency) for number, currency in sums | numbers)

    return [_Clue(fits, must=bool(sums))]


def _decimal(number: Any) -> Optional[Decimal]:
    try:
        return Decimal(str(number)) if number is not None else None
    except InvalidOperation:
        return None


def _days(text: str, today: dt.date) -> List[dt.date]:
    """The days that the sentence names; today only if it names no other."""
    found = [today - dt.timedelta(days=back) for back, pattern in _DAYS if pattern.search(text)]
    dates = _DATE.findall(text)
    for month, day in dates:
        found += _latest(today, int(month), int(day))
    if not dates:
        found += [date for day in _DAY_OF_MONTH.findall(text) for date in _latest(today, None, int(day))]
    for last, character in _WEEKDAY.findall(text):
        day = _WEEKDAYS[character]
        back = today.weekday() + 7 - day if last else (today.weekday() - day) % 7
        found.append(today - dt.timedelta(days=back))
    for name in _ENGLISH_DAY.findall(text):
        found.append(today - dt.timedelta(days=(today.weekday() - _ENGLISH_DAYS.index(name)) % 7))
    return found or ([today] if _TODAY.search(text) else [])


def _latest(today: dt.date, month: Optional[int], day: int) -> List[dt.date]:
    """The latest day of this date that is not after today; empty for a date that does not exist."""
    for back in range(13 if month is None else 2):
        index = today.year * 12 + today.month - 1 - back if month is None else (today.year - back) * 12 + month - 1
        try:
            found = dt.date(index // 12, index % 12 + 1, day)
        except ValueError:
            continue
        if found <= today:
            return [found]
    return []


def _clock(text: str) -> Optional[dt.time]:
    """The time of day that the sentence names."""
    exact = _CLOCK.search(text)
    if exact:
        return dt.time(int(exact.group(1)), int(exact.group(2)))
    match = _HOUR.search(text)
    if match is None:
        return None
    part, hour, half, minute, english, english_minute, half_day = match.groups()
    if english:
        return dt.time(int(english) % 12 + (12 if half_day == "p" else 0), int(english_minute or 0))
    number = _CHINESE_HOURS.get(hour) or int(hour)
    if part in ("下午", "傍晚", "晚上", "夜里") and number < 12:
        number += 12
    return dt.time(number % 24, 30 if half else int(minute or 0))


def _is_near(at: dt.datetime, clock: dt.time) -> bool:
    """Whether a time of day is near a named one. Without "in the afternoon", 2 o'clock may be 14:00."""
    minutes = at.hour * 60 + at.minute
    named = clock.hour * 60 + clock.minute
    nearest = min(abs(minutes - each) for each in (named, named + 720 if clock.hour < 12 else named))
    return nearest <= _NEAR_CLOCK.total_seconds() / 60
