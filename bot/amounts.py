"""Money as people write it: 五万, 5w, ¥50,000, 十二万八, 8千美金, 1.2 million yuan, 大几万.

Two questions are answered here, in this order: *which number is it* and *is it money at all*.
The first is `read_number`; the second is `find_amounts`, which leaves out phone numbers, codes,
dates, counts, points and the many idioms that are made of numerals (万一, 千万别, 双十一).

The readings follow rule 5 of the intents contract: "about", "nearly" and "over" do not change the
number, the larger end of a range counts, no currency means CNY. Where the words leave the number
open, the lower sensible bound is taken:

========  =======  ==========================================================
words     read as  why
========  =======  ==========================================================
几 数     1        "a few": 几千 1,000, 数万 10,000, 几十万 100,000
好几      3        "quite a few": 好几万 30,000
大几      5        the upper half of the decade: 大几万 50,000
十几      10       十几万 100,000
上万      1 unit   上万 10,000, 上百万 1,000,000
三五 七八 second   a range in two digits, so its larger end: 七八万 80,000
半        0.5      半百万 500,000, 一万半 15,000
========  =======  ==========================================================

Numerals are read by ``cn2an`` (mode ``smart``); decimals, letters (w, k), slang, currencies and the
decision about money are ours. All of it works on the text as typed: a fold of one character to one
character (full width, case, traditional) is made inside, so offsets refer to the text given.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

import cn2an

__all__ = ["Amount", "find_amounts", "fold", "largest_cny", "read_number"]

#: One thousand million million: a longer number in a chat is not money but a key that got stuck.
_CEILING = Decimal(10) ** 15
#: Characters of the longest number worth reading ("one hundred and twenty-three thousand ...").
_LONGEST = 120

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


# --- fold -----------------------------------------------------------------------------------

# Only characters that occur in the words of this module: a complete converter (OpenCC) may change
# the length of a text, and offsets would be lost.
_TRADITIONAL = "萬億圓塊錢兩點貳參陸幾數餘來個轉帳賬匯儲還買賣費額貨償賠訂單號碼驗證電話機熱線錯誤編"
_SIMPLIFIED = "万亿圆块钱两点贰叁陆几数余来个转账账汇储还买卖费额货偿赔订单号码验证电话机热线错误编"
_TRADITIONAL += "幣歐鎊韓臺盧馬銖現餐騙虧損貸購給紅條張筆證積歲級樓層題選類價發計號時間鐘週區約"
_SIMPLIFIED += "币欧镑韩台卢马铢现餐骗亏损贷购给红条张笔证积岁级楼层题选类价发计号时间钟周区约"


def _fold_table() -> dict[int, int]:
    table = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
    table.update({ord(old): ord(new) for old, new in zip(_TRADITIONAL, _SIMPLIFIED, strict=False)})
    table.update({ord(old): ord(new) for old, new in zip("￥￡￦円\u3000\u00a0", "¥£₩円  ", strict=False)})
    # Decimal digits of every script: `\d` matches them, cn2an does not know them.
    for code in range(0x80, 0x20000):
        if chr(code).isdecimal():
            table[code] = ord("0") + unicodedata.decimal(chr(code))
    for upper in range(ord("A"), ord("Z") + 1):
        table[upper] = upper + 32
        table[upper + 0xFEE0] = upper + 32
    return table


_FOLD = _fold_table()


def fold(text: str) -> str:
    """Return `text` with width, case and number words unified; same length, same offsets.

    Unlike NFKC and OpenCC this never adds or drops a character, so that a span found in the folded
    text is a span of the text itself.
    """
    return text.translate(_FOLD)


# --- the shape of a number ------------------------------------------------------------------

_DIGIT = "零〇一二两三四五六七八九壹贰叁肆伍陆柒捌玖"
_SMALL = "十百千拾佰仟廿卅"
_UNIT = _SMALL + "万亿"
_EXPONENT = {"十": 1, "拾": 1, "百": 2, "佰": 2, "千": 3, "仟": 3, "k": 3, "万": 4, "w": 4, "亿": 8}

_NUMERAL = _DIGIT + _UNIT + "0123456789几数半"

_CURRENCY_START = r"(?:元|圆|块|人民币|rmb|cny|yuan|usd|eur|gbp|jpy|hkd|美|欧|英镑|日元|港|dollar|euro|pound)"
# Every repetition below is bounded, or cannot be followed by what it repeats: no text makes the
# engine try one stretch in many ways, and the search over a message stays linear.
_ARABIC = (
    r"(?:[1-9]\d{0,2}(?:,\d{3}){1,5}(?!\d)(?:\.\d{1,8})?"
    rf"|[1-9]\d{{0,2}}(?: \d{{3}}){{1,4}}(?!\d)(?= ?{_CURRENCY_START})"
    # Money has two decimals: "50.000" is the European way to write fifty thousand.
    r"|[1-9]\d{0,2}(?:\.000|(?:\.\d{3}){2,4})(?![\d.])"
    r"|\d+(?:\.\d+)?)"
)
_PIECE = rf"(?:{_ARABIC}|[大好小]几|[{_DIGIT}]{{1,3}}(?:点[{_DIGIT}]{{1,4}})?|[几数半])"
_VAGUE = rf"(?:[多来余把](?![{_DIGIT}]))?零?"
_COUNT = rf"(?:{_PIECE}[多余来几]?)?"
# 十分 is "very" as a rule, also right after a number: 转了5万十分着急.
_STEP = rf"(?:{_COUNT} ?(?:(?!十分(?!钟))[{_SMALL}]|k(?![a-z])){_VAGUE})"
_YI = rf"(?:{_STEP}{{0,4}}{_COUNT}(?:个(?=[万亿]))? ?万?亿{_VAGUE})"
_WAN = rf"(?:{_STEP}{{0,4}}{_COUNT}(?:个(?=[万w]))? ?(?:万|w(?![a-z])){_VAGUE})"
_NUMBER = (
    rf"(?:(?:[上近过破超逾成小](?=[百千万亿]))?"
    rf"(?:{_YI}{_WAN}?{_STEP}{{0,4}}|{_WAN}{_STEP}{{0,4}}|{_STEP}{{1,4}})"
    rf"(?:{_PIECE}(?!\d| ?[万亿wk]))?|[{_DIGIT}]{{2,16}}|{_PIECE})"
)

_WORD_VALUE = {
    word: value
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
        "fifteen sixteen seventeen eighteen nineteen".split()
    )
}
_WORD_VALUE.update(
    {word: value * 10 for value, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), start=2)}
)
_SCALE = {"hundred": 10**2, "thousand": 10**3, "million": 10**6, "billion": 10**9}
_SHORT_SCALE = {**_SCALE, "grand": 10**3, "mil": 10**6, "mn": 10**6, "m": 10**6, "bn": 10**9}
_MAGNITUDE = "(?:" + "|".join(sorted(_SHORT_SCALE, key=len, reverse=True)) + ")(?![a-z])"
_WORD = "(?:" + "|".join(sorted([*_WORD_VALUE, *_SCALE], key=len, reverse=True)) + ")(?![a-z])"
_WORDS = (
    rf"(?<![a-z])(?:half an? (?:hundred|thousand|million|billion)(?![a-z])"
    rf"|(?:a )?{_WORD}(?:[ -](?:and )?{_WORD}){{0,12}})"
)

# --- currencies -----------------------------------------------------------------------------

#: Words and signs of each currency, folded. `_ONLY_AFTER` names those that follow a number only.
_CURRENCIES: Mapping[str, str] = MappingProxyType(
    {
        "CNY": "人民币 软妹币 大洋 rmb cny chinese_yuan yuan 元人民币 块人民币 元 圆 块 ¥",
        "USD": "美元 美金 美刀 刀 usd us$ us_dollars us_dollar dollars dollar bucks buck $",
        "EUR": "欧元 欧 euros euro eur €",
        "GBP": "英镑 镑 gbp pounds_sterling pounds pound quid £",
        "JPY": "日元 日圆 日币 円 jpy yen",
        "HKD": "港币 港元 港纸 蚊 hkd hk$ hong_kong_dollars",
        "TWD": "新台币 台币 twd ntd nt$ taiwan_dollars",
        "KRW": "韩元 韩币 韩圆 krw won ₩",
        "SGD": "新加坡元 新加坡币 新币 坡币 sgd s$ singapore_dollars",
        "AUD": "澳大利亚元 澳元 澳币 澳刀 aud a$ australian_dollars",
        "CAD": "加拿大元 加元 加币 加刀 cad c$ canadian_dollars",
        "NZD": "新西兰元 纽币 纽元 nzd new_zealand_dollars",
        "THB": "泰铢 铢 thb baht ฿",
        "MOP": "澳门币 澳门元 葡币 mop patacas pataca",
        "CHF": "瑞士法郎 瑞郎 chf swiss_francs swiss_franc",
        "RUB": "俄罗斯卢布 卢布 rub rubles ruble roubles ₽",
        "MYR": "令吉 马币 林吉特 myr ringgit",
        "VND": "越南盾 vnd ₫",
        "IDR": "印尼盾 idr",
        "PHP": "比索 pesos",
        "INR": "印度卢比 卢比 inr rupees ₹",
        "AED": "迪拉姆 aed dirhams",
        "USDT": "泰达币 usdt",
    }
)
_ONLY_AFTER = frozenset("元 圆 块 元人民币 块人民币 大洋 刀 欧 镑 铢 蚊 won quid buck bucks pounds".split())
# What a unit is not: 欧洲, 3元旦, 一块儿, 两块屏幕.
_UNLESS = {
    "元": "(?![旦宵月素件气老首祖])",
    "圆": "(?![形满通珠])",
    "块": "(?![儿屏板手地石砖肉布牌表链骨])",
    "欧": "(?![洲盟美])",
    "刀": "(?![具片叉子])",
    "大洋": "(?!洲)",
}
_CURRENCY_OF = {word.replace("_", " "): code for code, words in _CURRENCIES.items() for word in words.split()}


def _currency_pattern(words: Iterable[str]) -> str:
    parts = []
    for word in sorted(words, key=len, reverse=True):
        pattern = re.escape(word) + _UNLESS.get(word, "")
        if word[0].isascii() and word[0].isalpha():
            pattern = "(?<![a-z])" + pattern
        if word[-1].isascii() and word[-1].isalpha():
            pattern += "(?![a-z])"
        parts.append(pattern)
    return "(?:" + "|".join(parts) + ")"


_SIGN = _currency_pattern(word for word in _CURRENCY_OF if word not in _ONLY_AFTER)
_CANDIDATE = re.compile(rf"(?:(?P<sign>{_SIGN})[ :]{{0,2}})?(?P<number>{_ARABIC} ?{_MAGNITUDE}|{_NUMBER}|{_WORDS})")
_AFTER = re.compile(
    rf"(?P<more>[多余来几]?) {{0,2}}(?:的(?=人民币|美|港|欧))?(?P<unit>{_currency_pattern(_CURRENCY_OF)})"
    r"(?:钱|整|正)?"
)
_SMALL_COIN = re.compile(r"(?P<unit>[毛角]|分(?=钱))钱?")
# The small change of 两块五, 3块5毛, 12元5角3分; checked further in `_small_change`.
_CHANGE = re.compile(rf"(?P<tens>[\d{_DIGIT}])(?:[角毛](?:(?P<ones>[\d{_DIGIT}])分?)?)?|(?P<cents>\d\d)")

# --- what is not money ----------------------------------------------------------------------

#: Words that count something else, right after a number (or a space after it).
_COUNTER = re.compile(
    r" ?(?:个(?!人(?:转|账|户)|[wW万亿])|次|人(?!民|家|工)|位(?!置)|步|天(?!天)|日(?!元|圆|币|期)|号(?!称)"
    r"|月(?!底|初|末)|年(?!底|初|末|前|后)|周(?!转|[一二三四五六日末])|星期|小时|分钟|分之|秒(?!到|退|没|扣)"
    r"|张|券|条|笔|单(?!笔|次|位|日)|件|台(?!币)|部(?!分)|家(?!里|人)|种|级|岁|版|楼|层|路|线(?!上|下)|站"
    r"|积分|倍|折|%|‰|度|公里|米|厘米|毫米|平|遍|下(?!午|周|个|次|来|去|载)|句|页(?!面)|份|把(?!我|钱|他|你|它)"
    r"|只(?!到|有|能|退|收|是|剩|扣|转|要|给)|双(?!倍|方)|套(?!路|现)|组|期|届|名(?!义|下)|户|辆|场|斤|克|吨"
    r"|瓶|杯|盒|箱|颗|朵|顿|餐|样|世纪|季度|集|章|节|课|粉丝|股|强|字|词|回(?!来|去|到|款|我|给|不)|项|篇"
    r"|(?:km|kg|cm|mm|mb|gb|tb|mah|ml|hz|px|fps|am|pm|st|nd|rd|th|points?|pts?|steps?|times?|days?|hours?"
    r"|hrs?|minutes?|mins?|seconds?|secs?|weeks?|months?|years?|people|persons?|users?|items?|coupons?"
    r"|cards?|orders?|transactions?|payments?|transfers?|attempts?|tries|percent|followers?|devices?"
    r"|accounts?|digits?|g|s|x|d|p|c)(?![a-z]))"
)
#: Counters only after small numbers: 12点 is a time, 5000点错了 is not.
_CLOCK = re.compile(
    r" ?(?:点(?!了|击|开|进|错)|时(?!候|间)|分(?![两几开成批次别]|\d)|成(?!功|为|了|交|本)|款(?!项|已|到|退|没))"
)
#: After 万 and 亿, 点 and 分 count points.
_POINTS = re.compile(r" ?(?:点(?!了|击|开|进|错)|分(?![两几三四五六开成批次别多]|\d))")
#: After the tail of 两万五 these show that the tail is a word of its own: 5万一直没到.
_NOT_TAIL = re.compile(r" ?[直起下些样定般共旦点边会方旁切律再同]|者")

_NO_IDIOM_BEFORE = rf"(?<![{_NUMERAL}])"
_IDIOM = re.compile(
    _NO_IDIOM_BEFORE + r"(?:万一|万分|万万|万事|万能|万无一失|万达|万科|千问|千千万|千方百计|千辛万苦"
    r"|千万(?=别|不|要|注意|小心|得|勿|莫|甭|记|保|拜|请|帮)|百分之?|千分之|万分之|百度|百般"
    r"|十万火急|十有八九|七上八下|乱七八糟|五花八门|九牛一毛|一毛不拔|三言两语|一千零一夜|三百六十行"
    r"|十一(?=假|国庆|黄金|长假|期间|活动)|五一|六一|三八|五四|二百五(?![十块元])|万元户|千元机|百元机|百万医疗|百万保)"
    r"|双 ?(?:十[一二]|1[12])|成千上万|一元复始|(?<![\d.,])(?:404|618|711|818)(?![\d.,])(?! ?[元块万])|百分之.{1,5}|一百八十度|[以晚早网线马路街身手世]上[百千万]"
)
#: What introduces a number that names something instead of counting money.
_LABEL = re.compile(
    r"(?:第|验证码|校验码|动态码|短信码|激活码|邀请码|兑换码|授权码|提取码|取件码|付款码|密码|口令|尾号|尾数|[后末前]四位|订单|单号|流水号?"
    r"|交易号|编号|工号|卡号|账号|户号|号码|电话|手机号?|手机尾号|热线|客服|拨打?|致电|来电|短号|微信号?|qq|版本|代码|错误码?|报错?|页面|状态码|错误|邮编|房间|型号|公交"
    r"|地铁|邮箱|端口|公元|身份证号?|error|err|code|otp|pin|version|ver|v|no\.?|number|order|id|ios|android"
    r"|安卓|鸿蒙|iphone|ipad|mate|redmi|win|windows|step|room|ext|#|尾)(?:号|码|提示|显示|是|为|[ :#=,(]){0,4}$"
)
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
    r"|(?<!没|有|是)还(?=款|钱|了|给|掉|清|信|花|贷|{_N})|存(?!在)|买|卖|刷|骗|盗|罚|赔|亏|赚|押|输(?!入|错)|欠|捐|缴|交(?!易号|流)|给(?=了|他|她|我|{_N})"
)
_NOUN = (
    r"钱|款|账(?!号|户号)|费|金额|额度|限额|余额|大额|工资|首付|订金|定金|押金|货款|房租|租金|资金|价|贵|损失|少了|多了|没了|不见了"
    r"|红包|到帐|转帐|帐|消费|充值|提现|理财|投资|巨款|单子|钱包|银行卡|信用卡|买单|账单|元|手续费"
)
_ENGLISH = (
    r"(?<![a-z])(?:transfer(?:red|ring|s)?|pay(?:ing|ment|s)?|paid|sen[dt]|sending|deposit(?:ed)?|withdr[ae]w(?:al|n)?|withdrawing"
    r"|charged?|top(?:ped)?[ -]?up|refund(?:ed)?|sp[e]n[dt]|received?|balance|amount|cost|price|owed?|borrow(?:ed)?|lent|lend"
    r"|buy|bought|worth|remit(?:ted)?|wired?|debit(?:ed)?|deducted|money|cash|stolen|stole|lost|scammed|limit|fee|salary|rent|loan)(?![a-z])"
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

_WHOLE_BEFORE = re.compile(
    r"[\s,.。，!~:¥、…]*(?:(?:大概|大约|大致|差不多|约|就|是|一共|总共|共|有|嗯|啊|那|应该|可能|对|我要|要|将近|近|快|不到|超过|about|around|nearly"
    r"|it's|it is|yes|ok|maybe|roughly|over)[\s,，、]*){0,4}"
)
_WHOLE_AFTER = re.compile(
    r"[\s]*(?:(?:左右|上下|吧|多|的样子|样子|呢|啊|哦|呀|了|的|整|以上|以内|不到|please|pls|or so)[\s,，]*){0,3}[\s,.。，!！?？~…]*"
)


# --- reading --------------------------------------------------------------------------------


def _read_words(core: str) -> Decimal | None:
    """Read an English number in words ("fifty thousand", "half a million"); None if it is none."""
    total = Decimal(0)
    part = Decimal(0)
    for word in core.replace("-", " ").split():
        if word == "half":
            part = Decimal("0.5")
        elif word in _WORD_VALUE:
            part += _WORD_VALUE[word]
        elif word == "hundred":
            part = (part or Decimal(1)) * 100
        elif word in _SCALE:
            total += (part or Decimal(1)) * _SCALE[word]
            part = Decimal(0)
        elif word not in {"a", "an", "and"}:
            return None
    return total + part


def _later_of_pair(match: re.Match[str]) -> str:
    """三五万, 七八千: a range written in two digits; the larger end counts. Others stay as they are."""
    plain = "一二三四五六七八九"
    first, second = (plain.find("二" if digit == "两" else digit) for digit in match.groups())
    if first >= 0 and (second == first + 1 or (first, second) == (2, 4)):
        return match.group(2)
    return match.group(0)


_PAIR = re.compile(rf"(?<![{_DIGIT}\d])([{_DIGIT}])([{_DIGIT}])(?=[{_UNIT}])")
_PRODUCT = re.compile(rf"(\d+(?:\.\d+)?|[{_DIGIT}]+点[{_DIGIT}]+|半)([十百千万亿拾佰仟]+)")
_BARE_UNIT = re.compile(r"([百千万亿佰仟])(?:[一二三四五六七八九]?[十百千])?([万亿]{0,2})")
_X = rf"(?:[{_DIGIT}]|\d{{1,16}})"
_SECTION = rf"(?:{_X}[千仟]零?)?(?:{_X}[百佰]零?)?(?:{_X}?[十拾])?{_X}?"
#: What may be a numeral at all. cn2an decides, but takes half a millisecond to turn nonsense down.
_NUMERAL_SHAPE = re.compile(
    rf"(?:{_SECTION}万?亿零?)?(?:{_SECTION}万零?)?{_SECTION}|[{_DIGIT}]{{1,16}}(?:点[{_DIGIT}]{{1,4}})?"
)
_DOTTED = re.compile(r"\d{1,3}(?:\.000|(?:\.\d{3}){2,4})")
_PLAIN = re.compile(r"\d+(?:\.\d+)?")


@lru_cache(maxsize=4096)
def _cn2an(core: str) -> Decimal | None:
    if not _NUMERAL_SHAPE.fullmatch(core):
        return None
    try:
        return Decimal(str(cn2an.cn2an(core, "smart")))
    except (ValueError, KeyError, IndexError, TypeError):
        # cn2an says "not a number" in each of these ways, depending on where it stumbles.
        return None


def _evaluate(core: str) -> Decimal | None:
    """Read a folded number without currency; None if the numerals do not make a number."""
    core = core.replace(" ", "").replace(",", "").replace("个", "")
    if _DOTTED.fullmatch(core):
        return Decimal(core.replace(".", ""))
    if _PLAIN.fullmatch(core):
        return Decimal(core)
    core = core.replace("w", "万").replace("k", "千")
    core = re.sub("^[上近过破超逾成小](?=[百千万亿])", "", core)
    core = core.replace("大几", "五").replace("好几", "三").replace("小几", "一")
    core = re.sub("[多来余把]", "", core)
    core = re.sub(r"(?<=[\d十拾廿卅])[几数]", "", core).replace("卅", "三十").replace("廿", "二十")
    core = re.sub(f"(?<=[{_UNIT}])[几数]$", "", core)
    core = re.sub("[几数]", "一", core)
    core = re.sub(f"零(?=$|[{_UNIT}])", "", core) if len(core) > 1 else core
    core = _PAIR.sub(_later_of_pair, core)
    bare = _BARE_UNIT.fullmatch(core)
    if bare:
        core = "一" + bare.group(1) + bare.group(2)
    product = _PRODUCT.fullmatch(core)
    if product:
        words, units = product.groups()
        coefficient = (
            Decimal("0.5") if words == "半" else Decimal(words) if words[0].isdigit() and words.isascii() else _cn2an(words)
        )
        if coefficient is None:
            return None
        return coefficient * Decimal(10) ** sum(_EXPONENT[unit] for unit in units)
    if core.endswith("半") and len(core) > 1 and core[-2] in _EXPONENT:
        whole = _evaluate(core[:-1])
        return None if whole is None else whole + Decimal(10) ** _EXPONENT[core[-2]] / 2
    return _cn2an(core)


class _Reading(NamedTuple):
    """A number and how many characters of the candidate it took."""

    number: Decimal
    length: int


@lru_cache(maxsize=4096)
def _read_candidate(core: str) -> _Reading | None:
    """Read as much of `core` as makes a number: 十万八万 gives 100,000 and leaves 八万."""
    if len(core) > _LONGEST:
        return None
    if core[0].isascii() and core[0].isalpha():
        words = _read_words(core)
        return None if words is None else _Reading(words, len(core))
    scaled = re.fullmatch(rf"({_ARABIC}) ?({_MAGNITUDE})", core)
    if scaled:
        coefficient = _evaluate(scaled.group(1))
        if coefficient is None:
            return None
        return _Reading(coefficient * _SHORT_SCALE[scaled.group(2)], len(core))
    ends = [i + 1 for i, char in enumerate(core) if char in _UNIT or char in "wk"]
    for end in [len(core), *reversed(ends)]:
        number = _evaluate(core[:end])
        if number is not None and number < _CEILING:
            return _Reading(number, end)
    return None


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
    return int(char) if char.isdigit() else int(_cn2an(char) or 0)


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
        glued = tail in _NUMERAL + "元块%" or (tail.isascii() and tail.isalpha())
        if unit != "块" or (tail and (joined or glued)):
            return Decimal(0), end
        if _COUNTER.match(text, match.end()) or _CLOCK.match(text, match.end()) or _NOT_TAIL.match(text, match.end()):
            return Decimal(0), end
    if match.group("cents"):
        return Decimal(match.group("cents")) / 100, match.end()
    value = Decimal(_digit(match.group("tens"))) / 10
    if match.group("ones"):
        value += Decimal(_digit(match.group("ones"))) / 100
    return value, match.end()


def _candidate_at(text: str, match: re.Match[str]) -> _Candidate | None:
    core = match.group("number").lstrip()  # a bare unit (元 万) brings the space before it along
    reading = _read_candidate(core)
    if reading is None:
        return None
    number, start = reading.number, match.end("number") - len(core)
    end = start + reading.length
    tail = re.search(rf"(?<=[{_UNIT}wk])(?:[{_DIGIT}]|\d)$", core[: reading.length])
    if tail and (_COUNTER.match(text, end) or _CLOCK.match(text, end) or _NOT_TAIL.match(text, end)):
        # 2万3天 is twenty thousand and three days, 五万一直 is fifty thousand, all the time.
        shorter = _evaluate(core[: tail.start()])
        if shorter is not None and text[end - 2] not in "十拾廿卅":
            number, end = shorter, end - 1
    currency, explicit = "CNY", False
    if match.group("sign"):
        currency, explicit = _CURRENCY_OF[match.group("sign")], True
    coin = None if explicit else _SMALL_COIN.match(text, end)
    after = _AFTER.match(text, end)
    if after and after.group("unit")[0] in "$£€₩฿₽₫₹¥" and text[after.end() : after.end() + 1].isdigit():
        after = None  # "9000 $5": the sign belongs to what follows
    if after:
        unit = after.group("unit")
        # ¥50000日元 is yen: the word is more precise than the sign.
        currency = _CURRENCY_OF[unit] if not (explicit and unit in {"元", "块", "圆", "dollars"}) else currency
        explicit, end = True, after.end()
        if unit[0] in "元块圆" and not after.group("more"):
            change, end = _small_change(text, end, "块" if after.group().strip() == "块" else unit[0])
            number += change
    elif coin and number < 100:
        number *= Decimal("0.01") if coin.group("unit") == "分" else Decimal("0.1")
        explicit, end = True, coin.end()
    if number >= _CEILING:
        return None
    begin = match.start() if match.group("sign") else start
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
    folded = fold(text).strip()
    about = _ABOUT.match(folded)
    folded = folded[about.end() :] if about else folded
    match = _CANDIDATE.match(folded)
    found = _candidate_at(folded, match) if match else None
    return found.number if found and found.end == len(folded) else None


# --- deciding -------------------------------------------------------------------------------


class _Surroundings:
    """Where the money words, sentence ends and idioms of a folded text are, found once."""

    def __init__(self, text: str) -> None:
        self.text = text
        hits = [match.span() for match in _CONTEXT.finditer(text)]
        self._starts = [start for start, _ in hits]
        self._ends = [end for _, end in hits]
        self._breaks = [match.start() for match in _SENTENCE_END.finditer(text)]
        self._idioms = [match.span() for match in _IDIOM.finditer(text)]
        self._idiom_starts = [start for start, _ in self._idioms]
        self._phones = [match.span() for match in _PHONE.finditer(text)]
        self._phone_starts = [start for start, _ in self._phones]
        self.about_codes = bool(_CODE_TALK.search(text))

    def is_idiom(self, start: int, end: int) -> bool:
        """Does an idiom touch ``text[start:end]``?"""
        at = bisect_left(self._idiom_starts, end) - 1
        return at >= 0 and self._idioms[at][1] > start

    def is_phone(self, start: int, end: int) -> bool:
        """Does a phone number touch ``text[start:end]``?"""
        at = bisect_left(self._phone_starts, end) - 1
        return at >= 0 and self._phones[at][1] > start

    def is_near_money(self, start: int, end: int, before: int, after: int) -> bool:
        """Is a money word within `before` characters ahead or `after` behind, in this sentence?"""
        at = bisect_right(self._breaks, start)
        low = max(start - before, self._breaks[at - 1] if at else 0)
        high = min(end + after, self._breaks[at] if at < len(self._breaks) else len(self.text))
        at = bisect_right(self._ends, start) - 1
        if at >= 0 and self._starts[at] >= low:
            return True
        at = bisect_left(self._starts, end)
        return at < len(self._starts) and self._ends[at] <= high


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
        and ((before.isascii() and before.isalpha()) or before in "_@")
        and found.core[0].isdigit()
    ):
        return True
    if before and before in "-/.:" and before2.isdigit() and found.core[0].isdigit():
        return True
    if found.explicit:
        return False
    if after and (after in "_@" or (after.isascii() and after.isalpha())) and found.core[-1] not in _UNIT:
        return True
    return bool(after and after in "-/.:" and after2.isdigit()) and found.core.isdigit()


def _is_money(text: str, found: _Candidate, around: _Surroundings) -> bool:
    start, end, core = found.start, found.end, found.core
    # With a currency, 404 and 618 are sums like any other; 五一块 and 双11元 are still not.
    in_figures = core.isdigit() and core.isascii() and len(core) >= 3
    if around.is_idiom(start, end) and not (found.explicit and (found.number >= 1000 or in_figures)):
        return False
    if text[start - 1 : start] == "第" or _is_glued(text, found):
        return False
    ahead = text[max(0, found.start - 24) : found.start]
    if found.explicit:
        if core in ("一", "1") and text[end - 1] == "块" and not text[found.number_start].isdigit():
            return bool(_DIRECT.search(ahead))  # 一块 is "together" unless something was paid
        return True
    if re.match(r" ?[%‰]", text[end : end + 2]) or _COUNTER.match(text, end):
        return False
    grand = any(unit in core for unit in "万亿wk") or bool(re.search("[a-z]", core))
    if core[0].isdigit() and core.endswith("w") and re.match(" ?(?:快充|充电|功率|闪充|的充)", text[end : end + 5]):
        return False
    if grand and found.number >= 1000:
        if _POINTS.match(text, end) or re.match(" ?的?(?:积分|步|粉丝)", text[end : end + 4]):
            return False
        if core in ("万", "千万", "百万", "亿", "百", "千"):
            return bool(_DIRECT.search(ahead))
        return around.is_near_money(start, end, _NEAR_UNIT, _NEAR_UNIT) or _is_whole_message(text, found)
    return _is_bare_money(text, found, around, ahead)


def _is_bare_money(text: str, found: _Candidate, around: _Surroundings, ahead: str) -> bool:
    """Decide about a number with neither currency nor 万, w, k: 转200000, 充五百, 3-digit answers."""
    start, end, core = found.start, found.end, found.core
    if core[0].isdigit() and core.isdigit() and (len(core) > 9 or (core[0] == "0" and len(core) > 1)):
        return False
    if not core[0].isdigit():
        # Without a unit these are digits said aloud, or words: 五一, 三方, 一二三.
        if not any(unit in core for unit in _SMALL + "万亿") or core in ("十", "百", "千", "万"):
            return False
        if core[0] in "几数" and found.number < 100:
            return False
    if found.number <= 60 and _CLOCK.match(text, end):
        return False
    if _LABEL.search(ahead) or around.is_phone(start, end):
        return False
    if found.number < 10 and re.match(" ?送", text[end : end + 2]):
        return False
    if around.about_codes and core.isdigit() and 4 <= len(core) <= 8:
        return False
    if _is_whole_message(text, found):
        return True
    if _HOTLINE.fullmatch(core) and re.search("打(?:了|过)?(?:客服)? ?$", ahead):
        return False
    year_like = core.isdigit() and len(core) == 4 and 1990 <= int(core) <= 2039
    if found.number < 100 or year_like:
        return bool(_DIRECT.search(ahead))
    return around.is_near_money(start, end, _NEAR_BARE_BEFORE, _NEAR_BARE_AFTER)


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


def find_amounts(text: str, rates: Mapping[str, Decimal] = _CNY_ONLY) -> list[Amount]:
    """Find the amounts of money in a message, in order, without overlap.

    Args:
        text: the message, raw or normalised, of any length and content. Time is linear in it.
        rates: CNY per unit of each currency, by ISO code; CNY itself need not be listed.

    Returns:
        The amounts; a range (3-5万, 三到五万) is one amount with the larger number. Empty if the
        numbers of the text are not money.
    """
    folded = fold(text)
    around = _Surroundings(folded)
    amounts: list[Amount] = []
    previous: _Candidate | None = None
    position = 0
    while match := _CANDIDATE.search(folded, position):
        found = _candidate_at(folded, match)
        if found is None:
            position = match.end()
            previous = None
            continue
        position = max(found.end, match.start() + 1)
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
        if _is_money(folded, found, around):
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
