"""One-time codes and the security codes of cards, in the forms that people and text messages use."""

from __future__ import annotations

import re
from collections.abc import Iterator

from handoff.conversations.masking.placeholders import Secret, named
from handoff.conversations.masking.words import any_of

# After the value: signs that it is a count, an amount or a time instead.
NOT_A_VALUE = (
    r"(?! ?(?:位|次|个|天|日|分钟|分|秒|小时|年|月|号|元|块|圆|万|w(?![a-z])|亿|遍|条|笔|步|岁|点|%|美|港|欧"
    r"|rmb|yuan|usd|dollars?|digits?|times?|minutes?|mins?|seconds?|hours?|days?|characters?))"
)
#: Between a keyword and six digits: no sentence end, and no word that introduces money or another kind of number.
GAP = r"[^0-9。！？!?;；\n\[\]转付扣充提款钱额单误错尾¥$余卡机话号元]{0,10}"

_CODE_WORD = any_of(
    (
        *(
            f"{kind}(?:安全)?码"
            for kind in "验证 校验 效验 验正 动态 短信 确认 登录 登陆 登入 注册 授权 激活 认证 鉴权 随机 令牌 口令".split()
        ),
        *(f"{kind}(?:口令|密码)" for kind in ("动态", "短信", "一次性")),
        "验证吗",  # a typing error
        *(
            f"{word}(?![a-z])"
            for word in ("[y]zm", "[y]anzhengma", "otp", "passcode", "one[- ]?time[- ](?:code|password|passcode|pin)")
        ),
        *(
            f"{kind} codes?(?![a-z])"
            for kind in "verification verify security sms text access confirmation activation unlock reset recovery backup".split()
        ),
        *(
            f"{kind} codes?(?![a-z])"
            for kind in (
                "log[- ]?in",
                "sign[- ]?(?:in|up)",
                "auth(?:entication|ori[sz]ation|enticator)?",
                "mfa",
                "two[- ]factor",
            )
        ),
        "2fa codes?(?![a-z])",
    )
)
_IS = (
    r"(?:号码|数字|就|应该|好像|收到|发来|发|填|输入|输|写|显示|如下|给|我|他|她|你|您|们|的|了|是|为|is|was|are|g-"
    r"|[\s:=,，、.\"()<>{}*#~|→-]|\[(?=\d)){0,10}"
)
#: "valid for 5 minutes" between the word and the code.
_VALIDITY = (
    r"(?:(?:在|请于|,|，|\(| )?(?:\d{1,2} ?(?:分钟|分|小时|秒|min(?:ute)?s?)(?:内|之内)?(?:有效|输入|填写|使用)?"
    r"|有效期?(?:为|是)?|\)|，|,|:| ){0,6})"
)
# Four to eight digits, with single spaces or dashes, or each digit separated.
_DIGITS = r"(?!(?:19|20)\d\d[-/.]\d{1,2}(?!\d))(?:\d(?:[ -]?\d){3,7}|\d(?:[ .,·、，_/|-]{1,3}\d){3,7})"
_END = r"(?![ -]?\d|[a-z_]|[/:]\d|\.\d{1,2}(?!\d| ?(?:分|min|秒))|,\d{4}(?!\d))"
_SHORT_CODE = rf"(?P<value>(?<!\d)(?<!\d[.,]){_DIGITS}{_END})"
_SIX_END = r"(?![0-9a-z_]|[/:-]\d|\.\d{1,2}(?!\d| ?(?:分|min|秒))|,\d{3}(?!\d))"
SIX = rf"(?P<value>(?<![0-9a-z.¥$_])(?:\d{{6}}|\d{{3}}[ -]\d{{3}}){_SIX_END})"
_MIXED = (
    r"(?P<value>(?<![0-9a-z])(?:(?=[a-z]{0,7}\d)(?=\d{0,7}[a-z])[0-9a-z]{4,8}"
    r"|(?=[a-z-]{0,5}\d)(?=[\d-]{0,5}[a-z])[0-9a-z]{3,4}-[0-9a-z]{3,4})(?![0-9a-z]))"
)
#: A value before its keyword.
_FIRST = r"(?P<value>(?:(?<![0-9a-z.,:/¥$-])(?<!\d )|(?<=(?<![a-z])g-))(?:\d{4,8}|\d{3}[ -]\d{3}|\d(?: \d){3,7})(?![0-9]))"
_YOURS = r"(?:我们?|你们?|您|他|她|本次|这次)?的?"
_WHICH = r"(?:(?:账号|手机号?|银行卡|信用卡|支付宝|微信)|[^0-9。！？!?;；,，\n()转付扣充提款钱额单误错尾卡话号元收没不]){0,12}"
_SAID = "[零〇一二三四五六七八九幺两]"
_OF_WHAT = r"(?:[^\s\d]{1,20} ){0,4}"


def _group(name: str, pattern: str) -> str:
    """The pattern with its value under another group name, for one of several alternatives."""
    return pattern.replace("?P<value>", f"?P<{name}>")


_ANY_CODE_WORD = re.compile(_CODE_WORD)
# Patterns that need one of these keywords, and patterns that do not.
_BESIDE_WORD = (
    # One scan for everything that may follow the keyword. 验证码收到了。482913: six digits are a whole statement. The
    # numerals are the ones spoken on the phone.
    re.compile(
        _CODE_WORD
        + rf"(?:{_IS}(?:{_SHORT_CODE}{NOT_A_VALUE}|{_group('mixed', _MIXED)}|(?P<said>{_SAID}{{4,8}})"
        + rf"(?!{_SAID}|[十百千万亿位次个条分天]))"
        + rf"|(?:{GAP}|{_VALIDITY}){_group('six', SIX)}{NOT_A_VALUE}"
        + r"|[^0-9\n\[\]]{0,12}[\s。！]{1,3}(?P<statement>(?<![0-9])(?!\d{3}000)\d{6})(?=[\s。，！]|$))"
    ),
    # 482913是验证码, 482913为您的登录验证码; 482913（微信验证码）; 482913，您的验证码
    re.compile(
        rf"(?:{_FIRST}|{_group('mixed', _MIXED)})(?:[\s,，\")]{{0,3}}(?:这个|就|才|应该)?(?:是|为)"
        rf"(?!什么|啥|何|哪|否|不是){_YOURS}"
        rf"| ?[(\"<] ?{_YOURS}|[,，、 ]{{1,2}}(?:这是|(?:我|你|您|本次)的)){_WHICH}{_CODE_WORD}"
    ),
    # 482913验证码不对
    re.compile(r"(?P<value>(?<![0-9a-z.:/-])\d{6})(?:这个|的)? ?" + _CODE_WORD),
)
_WITHOUT_WORD = (
    # 482913 is your Amazon verification code; use 482913 to verify; your Uber code: 4829; Code: 4829
    re.compile(_FIRST + r" (?:is|was|as) " + _OF_WHAT + r"(?:code|pin|" + _CODE_WORD + r")(?![a-z])"),
    re.compile(
        r"(?<![a-z])(?:use|enter|type|input)(?: the)?(?: code)?[ :\"]{1,2}(?P<value>\d{4,8}|\d{3}[ -]\d{3}|\d(?: \d){3,7})"
        r"(?![0-9a-z])[\" ]{0,2}(?:(?:to|as|for|on|in|when|at|within) )[^.\n]{0,40}?"
        r"(?:verif|log|sign|confirm|authenticat|access|code|otp)"
    ),
    re.compile(
        r"(?<![a-z])(?:my|the|your|our) " + _OF_WHAT + r"code(?: is| was)?[ :-]{1,3}(?:g-)?" + _SHORT_CODE + NOT_A_VALUE
    ),
    re.compile(r"(?:^|[\n.!,，。)>] ?)code ?[:=] ?" + _SHORT_CODE + NOT_A_VALUE),
    # 收到的是482913: six digits that are not a round sum; "code 482913", but not "error code 600123".
    re.compile(r"(?:收到|发来|短信|发)(?:的|里)?是?[ :]{0,2}(?P<value>(?<!\d)(?!\d{4}00)\d{6}" + _SIX_END + ")" + NOT_A_VALUE),
    re.compile(r"(?<![a-z])code[ :#=\"]{1,3}(?:g-)?" + SIX + NOT_A_VALUE),
    re.compile(
        r"(?<![a-z])(?:telegram|whatsapp|wechat|alipay|paypal|google|apple|microsoft|amazon) code[ :]{1,3}" + _SHORT_CODE
    ),
    # OTP for a payment of CNY 5000 is 482913
    re.compile(r"(?<![a-z])(?:otp|passcode|code) (?:for|to) [^\n]{1,60}?(?: is |: ?)" + SIX + NOT_A_VALUE),
    re.compile(r"安全码" + _IS + SIX + NOT_A_VALUE),
    # A payment code lets anybody who has it take money.
    re.compile(r"(?:付款|支付|付钱|收付款)(?:条)?码" + _IS + r"(?P<value>(?<!\d)\d(?:[ -]?\d){15,23}(?!\d))"),
)
_OTHER_CODE = re.compile(
    r"(?:error|err|status|http|response|exit|promo|coupon|zip|post(?:al)?|qr|bar|area|country|currency"
    r"|错误|报错|状态|返回)[ :_-]{0,2}$"
)
_OTHER_CODE_WITHIN = re.compile(
    r"(?:error|status|http|response|exit|promo|coupon|zip|postal|qr|bar|area|country|currency) ?code"
)
#: Sums, not codes: 转账500000验证码收不到.
_SUM_BEFORE = re.compile(r"(?:转|付|充|提|扣|款|额|账|现|值|尾号|卡号)(?:了|给)?[ :]?$")
# 没收到验证码，5000也没到账: after a comma a round sum belongs to another statement.
_ROUND = re.compile(r"\d{2,3}00|\d+000")
_COMMA_BEFORE = re.compile(r"[，,、] ?$")
_DATE = re.compile(r"(?:19|20)\d\d(?:[-/.]?(?:0?[1-9]|1[0-2])(?:[-/.]?(?:0?[1-9]|[12]\d|3[01]))?)")
_SHORT_DATE = re.compile(r"(?:19|20)\d\d")
#: A letter and digits that name a device, a network, a count or an error.
_NO_CODE = re.compile(
    r"(?:[a-z]\d{3,5}|err(?:or)?[-_]?\d{2,8}|[a-z]{2,8}_\d{3,6}|0x[0-9a-f]+"
    r"|(?:ios|android|iphone|ipad|win(?:dows)?|macos|mate|redmi|vivo|oppo|note|reno|nova|wifi|http|sha|md)\d{1,4}[a-z]{0,3}"
    r"|\d{1,4}(?:mins?|minutes?|secs?|seconds?|hours?|hrs?|days?|times?|digits?|rmb|yuan|usd|cny|th|st|nd|rd|am|pm|px|ok|kb?|mb|gb?))"
)

_CVV_IS = r"(?:码|号码|数字|我|填|输入|给|他|她|了|的|是|为|就|is|was|[\s:=,，\"(#-]){0,8}"
_THREE = r"(?P<value>(?<!\d)(?!20\d\d/)\d(?: ?\d){2,3}(?![ -]?\d{2}(?!\d| ?/)|[0-9a-z_]|[:-]\d|\.\d))"
_SECURITY_CODES = (
    re.compile(
        r"(?:(?<![a-z])(?:cvv2?|cvc2?|cvn2?|security code)(?![a-z])|安全码"
        r"|(?:背面|背后|反面|后面)的?(?:末尾|最后|后|末)?(?:三|3|四|4)[位个](?:数字?|码)?)" + _CVV_IS + _THREE + NOT_A_VALUE
    ),
    re.compile(r"(?:^|[^0-9])(?P<value>\d{3,4}) ?(?:是|为|is (?:the|my) )(?:卡的?|我的?)?(?:cv[vcn]2?|安全码)"),
    # A card, its expiry date, three digits: the fields of every payment form.
    re.compile(
        r"\[卡号 \*{4}\d{4}\][ ,，/|;\n]{0,3}(?:exp(?:iry|ires)?|有效期|valid)?(?:至|到|thru|date|[ :]){0,3}"
        r"\d\d ?[/-] ?(?:20)?\d\d"
        r"[ ,，/|;\n]{1,3}(?P<value>\d{3,4})(?![0-9a-z_/:.-])" + NOT_A_VALUE
    ),
)


def _is_date(value: str) -> bool:
    return bool(_DATE.fullmatch(value)) and not _SHORT_DATE.fullmatch(value) and not (value.isdigit() and len(value) < 8)


def find_codes(text: str) -> Iterator[Secret]:
    """One-time codes, then security codes, of a folded text."""
    patterns = (*_BESIDE_WORD, *_WITHOUT_WORD) if _ANY_CODE_WORD.search(text) else _WITHOUT_WORD
    for pattern in patterns:
        for match in pattern.finditer(text):
            group = next(name for name, value in match.groupdict().items() if value is not None)
            value, start = match[group], match.start()
            before = text[max(0, start - 12) : start]
            if _OTHER_CODE.search(before) or _OTHER_CODE_WITHIN.search(match[0]):
                continue
            if _NO_CODE.fullmatch(value) or _is_date(value):
                continue
            if start == match.start(group) and _SUM_BEFORE.search(before):
                continue
            if _ROUND.fullmatch(value) and _COMMA_BEFORE.search(text[start : match.start(group)]):
                continue
            yield named(*match.span(group), "code")
    for pattern in _SECURITY_CODES:
        for match in pattern.finditer(text):
            yield named(*match.span("value"), "security_code")
