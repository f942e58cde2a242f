"""The words of money: numerals, units, currencies, and the words next to a number that make it money or something else.

A currency of `CURRENCIES` has its rate in ``data/triage.yml`` (``python -m bot check`` fails without one). A word for some other
money (火星币, 塞舌尔卢比, ₾) gives `UNKNOWN`: the policy states from which number such an amount goes to a person. Words that count
or measure something else are in `bot.nlu.amounts.counted`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from decimal import Decimal
from types import MappingProxyType

# --- numerals and units ---------------------------------------------------------------------

# Only characters that occur in the words of this module. A complete converter (OpenCC) may change the length of a text, and
# offsets would be wrong.
TRADITIONAL = "萬億圓塊錢兩點貳參陸幾數餘來個轉帳賬匯儲還買賣費額貨償賠訂單號碼驗證電話機熱線錯誤編"
SIMPLIFIED = "万亿圆块钱两点贰叁陆几数余来个转账账汇储还买卖费额货偿赔订单号码验证电话机热线错误编"
TRADITIONAL += "幣歐鎊韓臺盧馬銖現餐騙虧損貸購給紅條張筆證積歲級樓層題選類價發計號時間鐘週區約"
SIMPLIFIED += "币欧镑韩台卢马铢现餐骗亏损贷购给红条张笔证积岁级楼层题选类价发计号时间钟周区约"

DIGIT = "零〇一二两三四五六七八九壹贰叁肆伍陆柒捌玖"
SMALL = "十百千拾佰仟廿卅"
UNIT = SMALL + "万亿"
EXPONENT = {"十": 1, "拾": 1, "百": 2, "佰": 2, "千": 3, "仟": 3, "k": 3, "万": 4, "w": 4, "亿": 8}

NUMERAL = DIGIT + UNIT + "0123456789几数半"

WORD_VALUE = {
    word: Decimal(value)
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
        "fifteen sixteen seventeen eighteen nineteen".split()
    )
}
WORD_VALUE.update(
    {
        word: Decimal(value * 10)
        for value, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), start=2)
    }
)
#: "A few" is read as one, like 几. Vague numbers are read as their lower sensible bound.
VAGUE_VALUE = {"couple": Decimal(2), "few": Decimal(1), "several": Decimal(1), "tens": Decimal(10)}
SCALE = {"hundred": 10**2, "thousand": 10**3, "million": 10**6, "billion": 10**9}
SLANG_SCALE = {"grand": 10**3, "mil": 10**6, "mill": 10**6, "lakh": 10**5, "lac": 10**5, "crore": 10**7, "k": 10**3}
SHORT_SCALE = {**SCALE, **SLANG_SCALE, "mn": 10**6, "m": 10**6, "bn": 10**9}


# --- words beside a number ------------------------------------------------------------------

_N = r"[\d一二两三四五六七八九十几半¥$壹贰叁肆伍陆柒捌玖]"
MONEY_VERB = (
    rf"转(?!人工|接|换|告|发|圈|向)|付(?!出努力)|支付|扣|充(?!电|分|满|足)|提(?=现|取|款|出|了|走|{_N})|花(?=了|费|掉|钱|出|{_N})"
    rf"|收(?=款|钱|到|了|费|取|我|您|你|过|{_N})|汇(?!总|报)|打(?=款|钱|了|给|过|到|入|进|{_N})|借(?!口)|贷|退(?!出|货|休)"
    r"|(?<!没|有|是)还(?=款|钱|了|给|掉|清|信|花|贷|{_N})|存(?!在)|买|卖|刷|骗|盗|罚|赔|亏|赚|押|输(?!入|错)|欠|捐|投(?!诉|票|稿|递|影|屏)|缴|交(?!易号|流)|给(?=了|他|她|我|{_N})"
)
MONEY_NOUN = (
    r"钱|款|账(?!号|户号)|费|金额|额度|限额|余额|大额|工资|首付|订金|定金|押金|货款|房租|租金|资金|价|贵|损失|少了|多了|没了|不见了"
    r"|红包|到帐|转帐|帐|消费|充值|提现|理财|投资|巨款|单子|钱包|银行卡|信用卡|买单|账单|元|手续费|[没未]到(?![期时点])|[没未]收到|收入|支出|试[了过]"
)
ENGLISH_MONEY_WORD = (
    r"(?<![a-z])(?:transfer(?:red|ring|s)?|pay(?:ing|ment|s)?|paid|sen[dt]|sending|deposit(?:ed)?|withdr[ae]w(?:al|n)?|withdrawing"
    r"|charged?|top(?:ped|ping)?[ -]?up|refund(?:ed)?|sp[e]n[dt]|received?|balance|amount|cost|price|owed?|borrow(?:ed)?|lent|lend"
    r"|buy|bought|worth|remit(?:ted)?|wired?|debit(?:ed)?|deducted|money|cash|stolen|stole|lost|scammed|limit|fee|salary|rent|loan|mov(?:e|ed|ing))(?![a-z])"
)
_NO_IDIOM_BEFORE = rf"(?<![{NUMERAL}])"
IDIOM = re.compile(
    _NO_IDIOM_BEFORE + r"(?:万一|万分|万万|万事|万能|万无一失|万达|万科|千问|千千万|千方百计|千辛万苦"
    r"|千万(?=别|不|要|注意|小心|得|勿|莫|甭|记|保|拜|请|帮)|百分之?|千分之|万分之|百度|百般"
    r"|十万火急|十有八九|七上八下|乱七八糟|五花八门|九牛一毛|一毛不拔|三言两语|一千零一夜|三百六十行"
    r"|十一(?=假|国庆|黄金|长假|期间|活动)|五一|六一|三八|五四|二百五(?![十块元])|万元户|千元机|百元机|百万医疗|百万保)"
    r"|双 ?(?:十[一二]|1[12])|成千上万|一元复始|(?<![\d.,])(?:404|618|711|818|985|211|996|1688|12306)(?![\d.,])(?! ?[元块万])|百分之.{1,5}|一百八十度|[以晚早网线马路街身手世]上[百千万]"
    r"|(?<![a-z])(?:a |one in a )(?:hundred|thousand|million|billion) (?:thanks|times|apologies|questions|reasons)|thanks a million|one in an? (?:hundred|thousand|million|billion)"
    r"|(?<![a-z])(?:hundreds|thousands|millions) of (?:people|users|customers|times|thanks)"
)
#: Words before a number that names something and is not money.
LABEL = re.compile(
    r"(?:第|学号|验证码|校验码|动态码|短信码|激活码|邀请码|兑换码|授权码|提取码|取件码|付款码|密码|口令|尾号|尾数|[后末前]四位|订单|单号|流水号?"
    r"|读数|表底|抄表数?|交易号|编号|工号|卡号|账号|户号|号码|电话|手机号?|手机尾号|热线|客服|拨打?|致电|来电|短号|微信号?|版本|代码|错误码?|报错?|页面|状态码|错误|邮编|房间|型号|公交"
    r"|地铁|邮箱|端口|公元|身份证号?|安卓|鸿蒙|尾|栋|幢|单元|#"
    # Complete words only: "paid 50,000" does not end with the word id, and "over 50,000" not with the word ver.
    r"|(?<![a-z])(?:qq|sku|serial|(?<!the )student|(?<!the )product|error|err|errcode|code|otp|pin|version|ver|v|no\.?|number|order|orderid|id|ios|android|invoice|meter|account"
    r"|iphone|ipad|mate|redmi|rtx|gtx|win|windows|step|room|ext|flight|train|bus|gate|seat|platform|ending(?: in| with)?))(?:号|码|提示|显示|是|为|[ :#=,(]){0,4}$"
)
#: Any other word for a number that names something: 学号, 电表号, 座位号; not 28号 (a date), 这个号 (an account) or 挂号 (a fee).
NAMED_NUMBER = re.compile(r"(?<![\d一二三四五六七八九十个的我这那挂大小])号码?(?:是|为|[ :#=,(]){0,3}$")
#: 六位数密码, 6位数字: six digits, not a sum of six figures.
NAMES_DIGITS = re.compile("(?:字|的?(?:支付|登录|短信|数字)?(?:密码|验证码|码|口令|编号|号))")
FIGURES = re.compile("位数$|figures?$")
SECRET = re.compile("输入?|填|抄|收到的|短信|编号|密码|验证码|校验码|口令|password|code|(?<![a-z])pin(?![a-z])|card")
CODE_TALK = re.compile(r"验证码|校验码|动态码|短信码|(?<![a-z])(?:otp|verification code)(?![a-z])")
# --- currencies -----------------------------------------------------------------------------

#: ISO 4217's code for "no currency": money of an unknown currency.
UNKNOWN = "XXX"

#: Words and signs of each currency, folded; "_" is a space. `_ONLY_AFTER` lists the words that only follow a number.
_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "CNY": "人民币 软妹币 大洋 数字人民币 rmb cny cnh chinese_yuan yuan 元人民币 块人民币 元 圆 块 ¥",
        "USD": "美元 美金 美刀 刀 usd us$ us_dollars us_dollar dollars dollar bucks buck $",
        "EUR": "欧元 欧 euros euro eur €",
        "GBP": "英镑 镑 gbp pounds_sterling pounds pound quid £",
        "JPY": "日元 日圆 日币 円 jpy yen",
        "HKD": "港币 港元 港纸 蚊 hkd hk$ hong_kong_dollars",
        "TWD": "新台币 台币 台湾元 twd ntd nt$ taiwan_dollars",
        "KRW": "韩元 韩币 韩圆 krw won ₩",
        "SGD": "新加坡元 新加坡币 新加坡刀 新币 坡币 sgd s$ singapore_dollars",
        "AUD": "澳大利亚元 澳元 澳币 澳刀 aud a$ australian_dollars",
        "CAD": "加拿大元 加元 加币 加刀 cad c$ canadian_dollars",
        "NZD": "新西兰元 纽币 纽元 纽刀 nzd new_zealand_dollars",
        "THB": "泰铢 铢 泰币 thb baht ฿",
        "MOP": "澳门币 澳门元 葡币 mop patacas pataca",
        "CHF": "瑞士法郎 瑞郎 chf swiss_francs swiss_franc",
        "RUB": "俄罗斯卢布 卢布 rub rubles ruble roubles ₽",
        "MYR": "令吉 马币 马来币 林吉特 马来西亚币 myr ringgit",
        "VND": "越南盾 越南币 vnd dong ₫",
        "IDR": "印尼盾 印度尼西亚盾 印尼卢比 idr rupiah",
        "PHP": "菲律宾比索 比索 菲币 php pesos ₱",
        "INR": "印度卢比 卢比 inr rupees rupee rs rs. ₹",
        "AED": "迪拉姆 阿联酋迪拉姆 aed dirhams dirham",
        "SEK": "瑞典克朗 sek swedish_kronor",
        "NOK": "挪威克朗 nok norwegian_kroner",
        "DKK": "丹麦克朗 dkk danish_kroner",
        "PLN": "兹罗提 波兰兹罗提 pln zloty zlotys",
        "CZK": "捷克克朗 czk",
        "HUF": "福林 匈牙利福林 huf forint forints",
        "TRY": "土耳其里拉 里拉 try lira liras ₺",
        "UAH": "格里夫纳 乌克兰格里夫纳 uah hryvnia ₴",
        "KZT": "坚戈 哈萨克斯坦坚戈 kzt tenge ₸",
        "MNT": "图格里克 蒙古币 mnt tugrik ₮",
        "MMK": "缅币 缅元 缅甸币 mmk kyat kyats",
        "LAK": "基普 老挝币 老挝基普 lak ₭",
        "KHR": "瑞尔 柬埔寨瑞尔 柬币 khr ៛",
        "BND": "文莱元 文莱币 bnd",
        "PKR": "巴基斯坦卢比 pkr",
        "BDT": "塔卡 孟加拉塔卡 bdt taka ৳",
        "LKR": "斯里兰卡卢比 lkr",
        "NPR": "尼泊尔卢比 npr",
        "ILS": "谢克尔 以色列谢克尔 新谢克尔 ils shekel shekels ₪",
        "SAR": "沙特里亚尔 里亚尔 沙特币 sar riyal riyals",
        "QAR": "卡塔尔里亚尔 qar",
        "KWD": "科威特第纳尔 kwd",
        "ZAR": "南非兰特 兰特 zar rand",
        "EGP": "埃及镑 egp",
        "NGN": "奈拉 尼日利亚奈拉 ngn naira ₦",
        "KES": "肯尼亚先令 kes",
        "BRL": "雷亚尔 巴西雷亚尔 brl reais",
        "MXN": "墨西哥比索 mxn mexican_pesos",
        "ARS": "阿根廷比索 ars",
        "CLP": "智利比索 clp",
        "COP": "哥伦比亚比索 cop",
        "USDT": "泰达币 usdt tether u",
        "USDC": "usdc",
        "BTC": "比特币 btc bitcoins bitcoin ₿",
        "ETH": "以太坊 以太币 eth ether ethereum",
        "BNB": "币安币 bnb",
        "SOL": "索拉纳 sol",
        "XRP": "xrp",
        "TRX": "波场币 trx",
        "DOGE": "狗狗币 doge dogecoin dogecoins",
        "LTC": "莱特币 ltc litecoin",
    }
)
CURRENCIES = frozenset(_WORDS)

_ONLY_AFTER = frozenset(
    "元 圆 块 元人民币 块人民币 大洋 刀 欧 镑 铢 蚊 won quid buck bucks pounds pound dong try rand sol php u".split()
)
#: Money that is counted in pieces: 两个比特币, 5000个u.
_IN_PIECES = "USDT USDC BTC ETH BNB SOL XRP TRX DOGE LTC".split()
# What must not follow a unit: 欧洲, 3元旦, 一块儿, 两块屏幕, 2u盘.
_UNLESS = {
    "元": "(?![旦宵月素件气老首祖])",
    "圆": "(?![形满通珠])",
    "块": "(?![儿屏板手地石砖肉布牌表链骨])",
    "欧": "(?![洲盟美])",
    "刀": "(?![具片叉子])",
    "大洋": "(?!洲)",
    "u": "(?![盘型\\d])",
    "try": "(?! (?:to|it|again|and|this|that)(?![a-z]))",
    "php": "(?! (?:code|error|page|script))",
}
_CURRENCY_OF = {word.replace("_", " "): code for code, words in _WORDS.items() for word in words.split()}

#: Money with another name (火星币, 塞舌尔卢比). Game money and points are counted things, not currencies. Words between a number
#: and coins that are bought or used (5000买币, 一笔货币) are not part of a name.
_NAME = r"[\u4e00-\u9fff](?<![买换充卖炒投存付用的了转收给在和没不到一挖个枚颗块元提打送发每说鉴笔条张里套角项第公辆古残硬纸旧老货外本钱真假这那些种人])"
_SOME_MONEY = (
    r"(?!(?:[金银铜硬豆书点学音红星快抖微阅读]|游戏|纪念|积分|代金|虚拟|数字|加密|平台|[qb])币)"
    rf"(?:(?:{_NAME}){{1,4}}(?:币|镑|(?<!矛)(?<!后)盾)|(?:{_NAME}){{0,4}}(?:卢布|卢比|克朗|法郎|比索|第纳尔|里亚尔|先令|里拉))"
    r"|(?<![a-z])(?!(?:in|of|the|and|or|for|to|my|us|a) )(?:[a-z]{2,12} )?"
    r"(?:coins?|tokens?|francs?|dinars?|kron[aoe]r?|rials?|shillings?|(?<=[a-z] )(?:dollars|pounds|pesos|rupees))(?![a-z])"
)
#: A smaller number before such a word is a coin, a kind or an idiom (五角硬币, 自相矛盾), not a sum that a person must see.
_LEAST_OF_SOME_MONEY = 100


def _pattern(words: Iterable[str]) -> str:
    parts = []
    for word in sorted(words, key=len, reverse=True):
        pattern = re.escape(word) + _UNLESS.get(word, "")
        if word[0].isascii() and word[0].isalpha():
            pattern = "(?<![a-z])" + pattern
        if word[-1].isascii() and word[-1].isalpha():
            pattern += "(?![a-z])"
        parts.append(pattern)
    return "(?:" + "|".join(parts) + ")"


#: All other currency symbols of Unicode.
_OTHER_SIGNS = "".join(
    chr(code) for code in range(0xA2, 0xFF00) if unicodedata.category(chr(code)) == "Sc" and chr(code) not in _CURRENCY_OF
)
#: The words and signs that may precede a number, by their last character, longer ones first.
_SIGNS_BY_END: dict[str, list[str]] = {}
for _sign in sorted([*(word for word in _CURRENCY_OF if word not in _ONLY_AFTER), *_OTHER_SIGNS], key=len, reverse=True):
    _SIGNS_BY_END.setdefault(_sign[-1], []).append(_sign)

_PIECES = _pattern(word for word, code in _CURRENCY_OF.items() if code in _IN_PIECES)
#: The pattern of a currency after a number; it also marks where a group of digits may end.
unit_pattern = rf"(?:{_pattern(_CURRENCY_OF)}|[{_OTHER_SIGNS}])"
_AFTER = re.compile(
    rf"(?P<more>[多余来几]?) {{0,2}}(?:的(?=人民币|美|港|欧))?"
    rf"(?:(?:[个枚颗] ?)(?P<piece>{_PIECES})|(?:[个枚颗] ?)?(?P<other>{_SOME_MONEY})|(?P<unit>{unit_pattern}))(?:钱|整|正)?"
)
#: First characters of a match of `_AFTER`: for most numbers the search over all words is not needed.
_AFTER_STARTS = frozenset("多余来几 的个枚颗") | frozenset(word[0] for word in _CURRENCY_OF) | frozenset(_OTHER_SIGNS)


def currency_of(word: str) -> str:
    """The code of a folded word or sign of money; `UNKNOWN` for money that is not in `CURRENCIES`."""
    return _CURRENCY_OF.get(word, UNKNOWN)


def sign_before(text: str, at: int) -> tuple[str, int] | None:
    """The word of the currency before a number at `at` of a folded text (¥50, USD 50), and the word's start; None without one."""
    end = at
    while end > at - 2 and text[end - 1 : end] in (" ", ":", "-", "+"):
        end -= 1
    for word in _SIGNS_BY_END.get(text[end - 1 : end], ()):
        start = end - len(word)
        if start >= 0 and text.startswith(word, start):
            before = text[start - 1 : start]
            if not (word[0].isalpha() and before.isascii() and before.isalpha()):
                return word, start
    return None


def unit_after(text: str, end: int, number: Decimal | None = None) -> re.Match[str] | None:
    """The currency after a number that ends at `end` of a folded text; groups `more`, and `unit`, `piece` or `other`."""
    after = text[end : end + 1]
    if after not in _AFTER_STARTS and not "\u4e00" <= after <= "\u9fff":
        return None
    match = _AFTER.match(text, end)
    if match and match.group("other") and currency_of(match.group("other")) == UNKNOWN:
        return match if number is not None and number >= _LEAST_OF_SOME_MONEY else None
    return match
