"""Which numbers of a message are money: a currency, 万 or w beside them, or words of money near them.

Phone numbers, codes, dates, counts, measures, points, names of things and the many idioms that are made of numerals (万一, 千万别,
双十一) are left out. What counts something else stands in `bot.nlu.amounts.counted`.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from types import MappingProxyType
from typing import NamedTuple

from bot.nlu.amounts.counted import CLOCK, COUNTER, NOT_TAIL, POINTS, is_measured, selects_records
from bot.nlu.amounts.currencies import currency_of, sign_before, unit_after
from bot.nlu.amounts.joints import date_spans, settle
from bot.nlu.amounts.numerals import CEILING, DIGIT, MOST_BARE_DIGITS, NUMERAL, UNIT, evaluate, fold, number_at, read, runs

__all__ = ["Amount", "find_amounts", "largest_cny", "read_number"]

#: Used when the caller has no rate table: CNY is known, everything else is not.
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


#: The five of 两万五.
_TAIL = re.compile(rf"(?<=[{UNIT}wk])(?:[{DIGIT}]|\d)$")
#: Between a currency and a number: 美元汇了8000.
_PAID_IN = re.compile("(?:转账?|付款?|支付|提现?|充值?|汇款?|打款?|买|卖)[了过]?$")
_UNITS = frozenset(UNIT)
#: 万 and more, 六位数, 小目标, 达不溜; and all English words and letters.
_GRAND = frozenset("万亿位目达abcdefghijklmnopqrstuvwxyz")
_SIGNS = frozenset("$£€₩฿₽₫₹¥₺₱₪₦₿₴₸₮₭৳៛")
_SMALL_COIN = re.compile(r"(?P<unit>[毛角]|分(?=钱))钱?")
# The small change of 两块五, 3块5毛, 12元5角3分; checked further in `_small_change`.
_CHANGE = re.compile(rf"(?P<tens>[\d{DIGIT}])(?:[角毛](?:(?P<ones>[\d{DIGIT}])分?)?)?|(?P<cents>\d\d)")

_NO_IDIOM_BEFORE = rf"(?<![{NUMERAL}])"
_IDIOM = re.compile(
    _NO_IDIOM_BEFORE + r"(?:万一|万分|万万|万事|万能|万无一失|万达|万科|千问|千千万|千方百计|千辛万苦"
    r"|千万(?=别|不|要|注意|小心|得|勿|莫|甭|记|保|拜|请|帮)|百分之?|千分之|万分之|百度|百般"
    r"|十万火急|十有八九|七上八下|乱七八糟|五花八门|九牛一毛|一毛不拔|三言两语|一千零一夜|三百六十行"
    r"|十一(?=假|国庆|黄金|长假|期间|活动)|五一|六一|三八|五四|二百五(?![十块元])|万元户|千元机|百元机|百万医疗|百万保)"
    r"|双 ?(?:十[一二]|1[12])|成千上万|一元复始|(?<![\d.,])(?:404|618|711|818|985|211|996|1688|12306)(?![\d.,])(?! ?[元块万])|百分之.{1,5}|一百八十度|[以晚早网线马路街身手世]上[百千万]"
    r"|(?<![a-z])(?:a |one in a )(?:hundred|thousand|million|billion) (?:thanks|times|apologies|questions|reasons)|thanks a million|one in an? (?:hundred|thousand|million|billion)"
    r"|(?<![a-z])(?:hundreds|thousands|millions) of (?:people|users|customers|times|thanks)"
)
#: What introduces a number that names something instead of counting money.
_LABEL = re.compile(
    r"(?:第|学号|验证码|校验码|动态码|短信码|激活码|邀请码|兑换码|授权码|提取码|取件码|付款码|密码|口令|尾号|尾数|[后末前]四位|订单|单号|流水号?"
    r"|读数|表底|抄表数?|交易号|编号|工号|卡号|账号|户号|号码|电话|手机号?|手机尾号|热线|客服|拨打?|致电|来电|短号|微信号?|版本|代码|错误码?|报错?|页面|状态码|错误|邮编|房间|型号|公交"
    r"|地铁|邮箱|端口|公元|身份证号?|安卓|鸿蒙|尾|栋|幢|单元|#"
    # A word of its own: "paid 50,000" does not end in an id, nor "over 50,000" in a version.
    r"|(?<![a-z])(?:qq|sku|serial|(?<!the )student|(?<!the )product|error|err|errcode|code|otp|pin|version|ver|v|no\.?|number|order|orderid|id|ios|android|invoice|meter|account"
    r"|iphone|ipad|mate|redmi|rtx|gtx|win|windows|step|room|ext|flight|train|bus|gate|seat|platform|ending(?: in| with)?))(?:号|码|提示|显示|是|为|[ :#=,(]){0,4}$"
)
#: Any other number that is called one: 学号, 电表号, 座位号; not 28号 (a date), 这个号 (an account) or 挂号 (a fee).
_NAMED_NUMBER = re.compile(r"(?<![\d一二三四五六七八九十个的我这那挂大小])号码?(?:是|为|[ :#=,(]){0,3}$")
#: 六位数密码, 6位数字: not a sum of six figures.
_NAMES_DIGITS = re.compile("(?:字|的?(?:支付|登录|短信|数字)?(?:密码|验证码|码|口令|编号|号))")
_FIGURES = re.compile("位数$|figures?$")
_SECRET = re.compile("输入?|填|抄|收到的|短信|编号|密码|验证码|校验码|口令|password|code|(?<![a-z])pin(?![a-z])|card")
_CODE_TALK = re.compile(r"验证码|校验码|动态码|短信码|(?<![a-z])(?:otp|verification code)(?![a-z])")
_PHONE = re.compile(
    r"(?<![\d.])(?:\+?(?:00)?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)|(?<!\d)0\d{2,3}[ -]\d{7,8}(?!\d)"
    r"|(?<!\d)[48]00[ -]\d{3,4}[ -]\d{3,4}(?!\d)|\+\d{1,3}[ -]?\d{2,5}(?:[ -]?\d{3,5}){1,3}(?!\d)"
)
_HOTLINE = re.compile(r"1(?:10|1[0249]|2[02])|100\d\d|12[0-9]{3}|95\d{3,4}|96\d{3,4}|[48]00\d{7}")

# --- what makes it money --------------------------------------------------------------------

_N = r"[\d一二两三四五六七八九十几半¥$壹贰叁肆伍陆柒捌玖]"
_VERB = (
    rf"转(?!人工|接|换|告|发|圈|向)|付(?!出努力)|支付|扣|充(?!电|分|满|足)|提(?=现|取|款|出|了|走|{_N})|花(?=了|费|掉|钱|出|{_N})"
    rf"|收(?=款|钱|到|了|费|取|我|您|你|过|{_N})|汇(?!总|报)|打(?=款|钱|了|给|过|到|入|进|{_N})|借(?!口)|贷|退(?!出|货|休)"
    r"|(?<!没|有|是)还(?=款|钱|了|给|掉|清|信|花|贷|{_N})|存(?!在)|买|卖|刷|骗|盗|罚|赔|亏|赚|押|输(?!入|错)|欠|捐|投(?!诉|票|稿|递|影|屏)|缴|交(?!易号|流)|给(?=了|他|她|我|{_N})"
)
_NOUN = (
    r"钱|款|账(?!号|户号)|费|金额|额度|限额|余额|大额|工资|首付|订金|定金|押金|货款|房租|租金|资金|价|贵|损失|少了|多了|没了|不见了"
    r"|红包|到帐|转帐|帐|消费|充值|提现|理财|投资|巨款|单子|钱包|银行卡|信用卡|买单|账单|元|手续费|[没未]到(?![期时点])|[没未]收到|收入|支出|试[了过]"
)
_ENGLISH = (
    r"(?<![a-z])(?:transfer(?:red|ring|s)?|pay(?:ing|ment|s)?|paid|sen[dt]|sending|deposit(?:ed)?|withdr[ae]w(?:al|n)?|withdrawing"
    r"|charged?|top(?:ped|ping)?[ -]?up|refund(?:ed)?|sp[e]n[dt]|received?|balance|amount|cost|price|owed?|borrow(?:ed)?|lent|lend"
    r"|buy|bought|worth|remit(?:ted)?|wired?|debit(?:ed)?|deducted|money|cash|stolen|stole|lost|scammed|limit|fee|salary|rent|loan|mov(?:e|ed|ing))(?![a-z])"
)
_CONTEXT = re.compile(rf"{_VERB}|{_NOUN}|{_ENGLISH}")
_SENTENCE_END = re.compile(r"[。！？!?；;\n]")
#: From a money verb to the number without anything in between that could make it a count.
_DIRECT = re.compile(
    rf"(?:{_VERB}|{_ENGLISH})[现款账帐值费出入进回走掉给到过了去我他她你您们对方人家朋友妈爸老婆儿子的是得以取钱额共约差不多大概将近快超 :为]{{0,8}}"
    r"(?:me |him |her |them |you |of |about |nearly |over |out |is |was |the |a |amount |[ :])*$"
)
# Far enough for "给我妈转账，她急着用，20万", near enough that another sentence does not lend its verb.
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
class _Candidate(NamedTuple):
    """A number in the text, before it is decided whether it is money."""

    number: Decimal
    currency: str
    start: int
    end: int
    number_start: int
    core: str
    #: A currency stands beside it.
    explicit: bool


def _digit(char: str) -> int:
    return int(char) if char.isdigit() else int(evaluate(char) or 0)


def _small_change(text: str, end: int, unit: str) -> tuple[Decimal, int]:
    """The 毛 and 分 after 块 or 元 at `end`: their value in 元, and where they end."""
    match = _CHANGE.match(text, end)
    if not match:
        return Decimal(0), end
    tail = text[match.end() : match.end() + 1]
    named = match.end() - end > 1 and not match.group("cents")
    if not named:
        # 3块5 is three fifty, but 3块5张 are five sheets, 3元5 may be anything, 50元50元 is a list.
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


def _candidate_at(text: str, at: int) -> _Candidate | None:
    """The number that begins at `at`, with the currency beside it."""
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
        # 2万3天 is twenty thousand and three days, 五万一直 is fifty thousand, all the time.
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
        # ¥50000日元 is yen: the word is more precise than the sign.
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
    return _Candidate(number, currency, begin, end, start, core[: reading.length], explicit)


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
    # A sign (¥) may stand before the number.
    starts = [0, *(start for start, _ in runs(folded)[:1])]
    found = next((found for start in starts if (found := _candidate_at(folded, start))), None)
    return found.number if found and (found.start, found.end) == (0, len(folded)) else None


# --- deciding -------------------------------------------------------------------------------


class _Surroundings:
    """Where the money words, sentence ends, idioms, dates and phones of a settled text are; each kind is found once, when asked for."""

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
        return [match.span() for match in _IDIOM.finditer(self.text)]

    @cached_property
    def _phones(self) -> list[tuple[int, int]]:
        return [match.span() for match in _PHONE.finditer(self.text)]

    @cached_property
    def _dates(self) -> list[tuple[int, int]]:
        return date_spans(self.text)

    @cached_property
    def about_codes(self) -> bool:
        """Does the text speak of verification codes?"""
        return bool(_CODE_TALK.search(self.text))

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
        """Is a money word within `before` characters ahead or `after` behind, in this sentence?"""
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
    """Does one of some ordered spans overlap ``start:end``?"""
    at = bisect_left(spans, (end, 0)) - 1
    return at >= 0 and spans[at][1] > start


def _is_whole_message(text: str, found: _Candidate) -> bool:
    """Is the number all that the message says, and one that a person gives as "how much"?

    Four or six digits that are not round look like a code and an eight-digit number like a date, so
    these count only when round; "200,000", 20万 and 五万多 are beyond doubt.
    """
    before = _WHOLE_BEFORE.match(text)
    after = _WHOLE_AFTER.match(text, found.end)
    # The pattern may have eaten a word that belongs to the number (近十万): reaching it is enough.
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


def _is_glued(text: str, found: _Candidate) -> bool:
    """Is the number a part of a longer token: a word, date, time, version, decimal or phone number?"""
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


def _is_money(text: str, found: _Candidate, around: _Surroundings, after_sum: int = -1) -> bool:
    start, end, core = found.start, found.end, found.core
    # With a currency, 404 and 618 are sums like any other; 五一块 and 双11元 are still not.
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
    if _FIGURES.search(core) and (_NAMES_DIGITS.match(text, end) or _SECRET.search(text, max(0, start - 16), end + 12)):
        return False
    grand = not _GRAND.isdisjoint(core)
    if grand and found.number >= 1000:
        if POINTS.match(text, end):
            return False
        if core in ("万", "千万", "百万", "亿", "百", "千"):
            return bool(_DIRECT.search(ahead))
        return around.is_near_money(start, end, _NEAR_UNIT, _NEAR_UNIT) or _is_whole_message(text, found)
    return _is_bare_money(text, found, around, ahead, after_sum)


#: Between the sums of a list: 30、50、100 (also what `settle` makes of 30,50,100), 30, 50 and 100.
_LISTED = re.compile("、| ?, ?| ?(?:和|或|or|and) ?| ")


def _is_bare_money(text: str, found: _Candidate, around: _Surroundings, ahead: str, after_sum: int) -> bool:
    """Decide about a number with neither currency nor 万, w, k: 转200000, 充五百, 3-digit answers.

    `after_sum` is the end of the sum before it, which a list continues; -1 if there is none.
    """
    start, end, core = found.start, found.end, found.core
    if core[0].isdigit() and core.isdigit() and (len(core) > MOST_BARE_DIGITS or (core[0] == "0" and len(core) > 1)):
        return False
    if not core[0].isdigit():
        # Without a unit these are digits said aloud, or words: 五一, 三方, 一二三.
        if (_UNITS.isdisjoint(core) and "hundred" not in core) or core in ("十", "百", "千", "万"):
            return False
        if core[0] in "几数" and found.number < 100:
            return False
    if found.number <= 60 and CLOCK.match(text, end):
        return False
    if _LABEL.search(ahead) or (core.isdigit() and _NAMED_NUMBER.search(ahead)) or around.is_phone(start, end):
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
    # English words are longer: "my 50000 payment".
    english = bool(_ENGLISH_FOLLOWS.match(text, end))
    return around.is_near_money(start, end, _NEAR_BARE_BEFORE, _NEAR_BARE_BEFORE if english else _NEAR_BARE_AFTER)


_RANGE = re.compile(r" ?(?:[-~—–～至到]|——|to|、) ?")


def _is_range(text: str, first: _Candidate, second: _Candidate) -> bool:
    """Are the two the ends of one range: 3-5万, 三到五万, 5万至8万元?"""
    joint = _RANGE.fullmatch(text[first.end : second.start])
    if not joint:
        return False
    if text[first.start - 1 : first.start] in tuple("-/.:第") or (text[first.start - 1 : first.start].isdigit()):
        return False
    # 三、五万 is a range, "5、3万" is point five of a list.
    return joint.group() != "、" or not first.core[0].isdigit()


def _candidates(text: str) -> Iterator[_Candidate]:
    """The numbers of a folded and settled text, in order and without overlap."""
    position = 0
    for start, end in runs(text):
        at = max(start, position)
        while at < end:
            found = _candidate_at(text, at)
            if found is None or found.start < position:
                at += 1
                continue
            yield found
            position = at = max(found.end, at + 1)


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
    previous: _Candidate | None = None
    for found in _candidates(folded):
        if previous and found.start - previous.end <= 4 and _is_range(folded, previous, found):
            # One thing, judged as one: 3到5天 is no money although 退款3 alone would be.
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


def _amount(text: str, found: _Candidate, rates: Mapping[str, Decimal]) -> Amount:
    rate = Decimal(1) if found.currency == "CNY" else rates.get(found.currency)
    return Amount(
        number=found.number,
        currency=found.currency,
        cny=None if rate is None else found.number * rate,
        start=found.start,
        end=found.end,
        text=text[found.start : found.end],
    )


def largest_cny(amounts: Iterable[Amount]) -> Decimal | None:
    """The largest single amount in CNY (rule 5: not added up); None if no amount converts."""
    return max((amount.cny for amount in amounts if amount.cny is not None), default=None)
