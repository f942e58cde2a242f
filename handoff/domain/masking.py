"""Take secrets out of a customer's words before anything is stored: cards, identity numbers, codes,
passwords.

A chat log is read by many people and kept for long; none of them needs these. What the agent does
need stays: order and transaction numbers, amounts, phone numbers, dates, error codes.

==================  ========================================================  ==================
found               evidence                                                  becomes
==================  ========================================================  ==================
card                13-19 digits, alone or in groups, that pass Luhn          [卡号 ****6789]
identity            18 characters with a right check character and a real     [身份证号 ****123X]
                    date; 15 digits only when they are called 身份证
code                4-8 digits beside 验证码, otp, verification code           [验证码]
password            what stands after 密码, pwd, password                      [密码]
security_code       3-4 digits after CVV, 安全码                               [安全码]
==================  ========================================================  ==================

Check digits: ISO/IEC 7812-1 (Luhn) and GB 11643-1999, both by python-stdnum. The words in brackets are
Chinese in every language: agents are, and a placeholder must not change with the reader.

What is introduced as an order or transaction number is never a card: such numbers have 16 to 32
digits and one in ten passes Luhn by chance.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from stdnum import luhn
from stdnum.cn import ric
from stdnum.exceptions import ValidationError

__all__ = ["Masked", "mask"]

#: A value that a pass uncovers is masked by the next. Two passes are the rule; the bound is a guard.
_PASSES = 8


@dataclass(frozen=True)
class Masked:
    """A text without secrets.

    Attributes:
        text: the text with each secret replaced by its placeholder.
        found: one of ``card``, ``identity``, ``code``, ``password``, ``security_code`` for each
            replacement, in the order of the text. Never the secret itself.
    """

    text: str
    found: tuple[str, ...]


class _Secret(NamedTuple):
    start: int
    end: int
    kind: str
    placeholder: str


_NAMES = {"code": "[验证码]", "password": "[密码]", "security_code": "[安全码]"}
_PLACEHOLDER = re.compile(r"\[(?:卡号 \*{4}\d{4}|身份证号 \*{4}\d{3}[\dX]|验证码|密码|安全码)\]")

# --- fold -----------------------------------------------------------------------------------

# One character to one character, so that a place in the folded text is a place in the text.
_TRADITIONAL = "驗證碼號訂單帳賬戶設為錄輸動態轉給話機額錢塊圓萬億錯誤後誰説說發這舊個們過"
_SIMPLIFIED = "验证码号订单账账户设为录输动态转给话机额钱块圆万亿错误后谁说说发这旧个们过"
_FOLD: dict[int, int] = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
# Decimal digits of every script, for which `\d` would match and a check digit would not.
_FOLD.update({code: ord("0") + unicodedata.decimal(chr(code)) for code in range(0x80, 0x20000) if chr(code).isdecimal()})
_FOLD.update({ord(old): ord(new) for old, new in zip(_TRADITIONAL, _SIMPLIFIED, strict=True)})
_FOLD.update({code: code + 32 for code in range(ord("A"), ord("Z") + 1)})
_FOLD.update({code: code - 0xFEE0 + 32 for code in range(0xFF21, 0xFF3B)})
_FOLD.update({ord(space): ord(" ") for space in "\u3000\u00a0\u2002\u2003\u2009\t"})
_FOLD.update({ord(dash): ord("-") for dash in "‐‑–—−"})
_FOLD.update({ord(mark): ord('"') for mark in "“”‘’「」『』'"})

#: Characters that nobody sees: they must not hide a number.
_INVISIBLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2060\ufeff\ud800-\udfff]")


def _visible(text: str) -> tuple[str, list[int]]:
    """The folded text without invisible characters, and the place of each of its characters."""
    places = [place for place, char in enumerate(text) if not _INVISIBLE.match(char)]
    return "".join(text[place] for place in places).translate(_FOLD), places


# --- numbers --------------------------------------------------------------------------------

_RUN = re.compile(r"(?<![0-9a-z_.,])\d(?:[ -]{0,2}\d){12,}(?:-? ?x(?![0-9a-z]))?")
_CARD_WORD_BEFORE = re.compile(r"(?:card|visa|mastercard|unionpay|kahao|no)$")
_GROUP = re.compile(r"\d+")
_UNIT_AFTER = re.compile(r" ?(?:元|块|圆|万|亿|rmb|yuan|usd|dollars?)")
#: What stands between a word and the value it introduces.
_LINK = r"(?:号码?|编号|是|为|就是|[ :#=,\"(.。，、]){0,5}"
_ORDER_BEFORE = re.compile(
    r"(?:订单|单号|流水|交易|参考号|凭证号|批次号|商户号|order|transaction|txn|trade|reference|ref|tracking)"
    r"(?:单号|号码|编号|流水|号|no\.?|number|num|id|is|是|为|就是|[ :#=,\"(.]){0,6}$"
)
_AND = re.compile(r"(?:[ ,、和与及/]|还有|以及|and){1,4}")
_IDENTITY_BEFORE = re.compile(
    r"(?:身份证|证件|identity|id card|identity card)(?:号码?|件|是|为|就是|number|no\.?|is|[ :#=,\"(]){0,6}$"
)


def _is_identity(number: str) -> bool:
    """Is this a resident identity number by GB 11643: check character and birth date?

    The place is not checked against the register: districts are made and renamed, and a number
    that leaks costs more than one that is masked in vain.
    """
    if len(number) != 18:
        return False
    try:
        ric.get_birth_date(number)
    except (ValidationError, ValueError):
        return False
    return bool(ric.calc_check_digit(number) == number[-1].upper())


def _is_card_shape(sizes: list[int], groups: list[str]) -> bool:
    """Are groups of these sizes a card number and not, say, a phone number beside an amount?"""
    if len(sizes) == 1:
        return True
    if any(size == 11 and group[0] == "1" for size, group in zip(sizes, groups, strict=True)):
        return False
    # 4-4-4-4-3, 6-13, 4-6-5, or the same size throughout; 138 0013 8000 and 2025-11-22 are neither.
    return all(size >= 4 for size in sizes[:-1]) or (len(set(sizes[:-1])) == 1 and sizes[-1] <= sizes[0] <= 2)


def _numbers(text: str) -> Iterator[_Secret]:
    """Cards and identity numbers. Each run of digit groups is tried in windows of up to 19 digits."""
    order_end = -1
    for run in _RUN.finditer(text):
        ahead = text[max(0, run.start() - 24) : run.start()]
        follows_order = 0 <= order_end <= run.start() and _AND.fullmatch(text[order_end : run.start()])
        if _ORDER_BEFORE.search(ahead) or follows_order:
            order_end = run.end()
            continue
        after = text[run.end() : run.end() + 2]
        if (after[:1] and (after[0] in "_" or (after[0].isascii() and after[0].isalpha()))) or re.match(r"\.\d", after):
            continue
        groups = [match.span() for match in _GROUP.finditer(text, run.start(), run.end())]
        named = bool(_IDENTITY_BEFORE.search(ahead))
        first = 0
        while first < len(groups):
            secret, used = _window(text, groups, first, run.end(), named and first == 0)
            if secret:
                yield secret
            first += used


def _window(text: str, groups: list[tuple[int, int]], first: int, run_end: int, named: bool) -> tuple[_Secret | None, int]:
    """The secret that begins with the group `first`, and how many groups it has (1 if none)."""
    digits, sizes, words = "", [], []
    best: tuple[_Secret, int] | None = None
    for last in range(first, len(groups)):
        start, end = groups[last]
        digits += text[start:end]
        sizes.append(end - start)
        words.append(text[start:end])
        if len(digits) > 19:
            break
        begin, count = groups[first][0], last - first + 1
        final = last == len(groups) - 1
        check = final and text[run_end - 1] == "x"
        if len(digits) == 17 and check and _is_identity(digits + "X"):
            return _identity(begin, run_end, digits + "X"), count
        if check and final:
            continue  # digits and an x that are no identity number: not a card either
        shaped = len(sizes) == 1 or sizes in ([6, 8, 4], [6, 4, 4, 4], [3, 3, 4, 4, 4])
        if shaped and _is_identity(digits):
            return _identity(begin, end, digits), count
        if named and len(digits) == 15 and count == 1:
            return _identity(begin, end, digits), count
        is_sum = final and _UNIT_AFTER.match(text, end)
        if len(digits) >= 13 and luhn.is_valid(digits) and _is_card_shape(sizes, words) and not is_sum:
            best = _Secret(begin, end, "card", f"[卡号 ****{digits[-4:]}]"), count
    return best if best else (None, 1)


def _identity(start: int, end: int, number: str) -> _Secret:
    return _Secret(start, end, "identity", f"[身份证号 ****{number[-4:]}]")


# --- words ----------------------------------------------------------------------------------

# After the value: what makes it a count, an amount or a time instead.
_NOT_A_VALUE = (
    r"(?! ?(?:位|次|个|天|日|分钟|分|秒|小时|年|月|号|元|块|圆|万|w(?![a-z])|亿|遍|条|笔|步|岁|点|%|美|港|欧|rmb|yuan|usd|dollars?"
    r"|digits?|times?|minutes?|mins?|seconds?|hours?|days?|characters?))"
)
_CODE_WORD = (
    r"(?:验证码|校验码|动态码|短信码|确认码|动态口令|一次性密码|动态密码|yzm|(?<![a-z])(?:otp|one[- ]time (?:code|password|passcode)"
    r"|(?:verification|security|sms|login|auth(?:entication)?) code|passcode))"
)
_IS = r"(?:号码|数字|就|应该|好像|收到|发来|发|填|输入|输|写|显示|给|我|他|她|你|你们|的|了|是|为|is|was|[ :=,\"(#-]){0,8}"
_SHORT_CODE = r"(?P<value>(?<!\d)\d(?:[ -]?\d){3,7}(?![ -]?\d)(?![.,/:]\d)(?![a-z_]))"
_SIX = r"(?P<value>(?<![0-9a-z.¥$_])\d{6}(?![0-9a-z_]|[.,/:-]\d))"
#: Between the word and six digits: anything but another sentence, or a word that names a number of
#: its own or money.
_GAP = r"[^0-9。！？!?;；\n\[\]转付扣充提款钱额单误错尾¥$余卡机话号元]{0,10}"
_CODES = (
    re.compile(_CODE_WORD + _IS + _SHORT_CODE + _NOT_A_VALUE),
    re.compile(_CODE_WORD + _IS + r"(?P<value>(?<![0-9a-z])(?=[a-z]{0,6}\d)(?=\d{0,6}[a-z])[0-9a-z]{5,8}(?![0-9a-z]))"),
    re.compile(_CODE_WORD + _GAP + _SIX + _NOT_A_VALUE),
    # 482913是验证码, 482913 is my code, 482913验证码不对
    re.compile(
        r"(?P<value>(?<![0-9a-z.:/-])\d{4,8}) ?(?:这个|就|才|应该)?(?:是|为)(?:我|你们|他)?的?(?:短信|手机)?" + _CODE_WORD
    ),
    re.compile(r"(?P<value>(?<![0-9a-z.:/-])\d{6})(?:这个|的)? ?" + _CODE_WORD),
    re.compile(r"(?P<value>(?<![0-9a-z.:/-])\d{4,8}) (?:is|was) (?:my|the|your) (?:[a-z]{1,12} )?code(?![a-z])"),
    re.compile(r"(?:my|the|your) code (?:is|was)[ :]{1,3}" + _SHORT_CODE + _NOT_A_VALUE),
    # 收到的是482913: six digits that are not a round sum; "code 482913", but not "error code 600123".
    re.compile(
        r"(?:收到|发来|短信|发)(?:的|里)?是?[ :]{0,2}(?P<value>(?<!\d)(?!\d{4}00)\d{6}(?![0-9a-z_]|[.,/:-]\d))" + _NOT_A_VALUE
    ),
    re.compile(r"(?<![a-z])code[ :#=\"]{1,3}" + _SIX + _NOT_A_VALUE),
)
_OTHER_CODE = re.compile(
    r"(?:error|err|status|http|response|exit|promo|zip|post(?:al)?|qr|bar|错误|报错|状态|返回)[ :_-]{0,2}$"
)

_CVV = re.compile(
    r"(?:(?<![a-z])(?:cvv2?|cvc2?|cvn2?|security code)(?![a-z])|安全码)(?:码|号码|数字|我|填|输入|给|他|她|了|的|是|为|就|is|was|[ :=,\"(#]){0,8}"
    r"(?P<value>(?<!\d)\d{3,4}(?![0-9a-z_]|[.,/:-]\d))" + _NOT_A_VALUE
)

_PASSWORD_WORD = r"(?:密码|口令|mima|(?<![a-z])(?:pwd|passwd|password|passphrase|pin(?: code)?)(?![a-z]))"
_SIGNS = r"(?!\[)[!-+\--/:-@\\^-`{-~0-9a-z]"  # printable ASCII but comma, brackets, space
# Possessive: a value that is followed by a counter (密码：12位) must not give up its last digit and pass.
_VALUE = rf"(?P<value>{_SIGNS}++)"
_STATED = re.compile(
    _PASSWORD_WORD
    + r"(?:我|他|她|刚|的|已经|现在|应该|一直|都|才){0,3}"
    + r"(?P<link> ?(?:就是|是|为|设(?:置)?(?:成|为|的是)?了?|改(?:成|为|的是)了?|填的?是?|输(?:入)?(?:的是)?了?|用的?是?|告诉他(?:了)?是?|给了?他|[:=]|(?:is|was)(?![a-z]))(?:了)?[ :=\"]{0,3})"
    + _VALUE
    + _NOT_A_VALUE
)
_BESIDE = re.compile(
    _PASSWORD_WORD + r"[ \"(]{0,2}(?P<value>(?<![0-9a-z])[0-9a-z@#$!_*&^%+~?.-]{4,64})(?![0-9a-z])" + _NOT_A_VALUE
)
_LATER = re.compile(_PASSWORD_WORD + _GAP + _SIX + _NOT_A_VALUE)
_DIGITS_SAID = re.compile(_PASSWORD_WORD + r"(?:就?是|为|[ :]){1,3}(?P<value>[零〇一二三四五六七八九幺]{4,12})(?![位次个])")
#: Words that follow "password is" or 密码是 and are not one.
_ORDINARY = frozenset(
    "wrong incorrect not invalid expired locked forgotten lost right correct required too always never being still "
    "the a an my stolen changed reset weak strong safe ok okay fine blocked rejected missing unknown needed asked gone "
    "set error failed fail app wifi face id touchid faceid pin iphone ios android sms email bad ".split()
)
_ERROR_LIKE = re.compile(r"(?:[a-z]\d{3,5}|err(?:or)?[-_]?\d{2,8}|[a-z]{2,8}_\d{3,6}|0x[0-9a-f]+)")
_PLAIN_NUMBER = re.compile(
    r"1[3-9]\d{9}|(?:19|20)\d\d[-/.]\d{1,2}(?:[-/.]\d{1,2})?|95\d{3}|1\d{4}|[48]00-?\d{3,4}-?\d{3,4}|0\d{2,3}-\d{7,8}|\d+\.\d+|\d{1,2}:\d\d(?::\d\d)?"
)


def _codes(text: str) -> Iterator[_Secret]:
    for pattern in _CODES:
        for match in pattern.finditer(text):
            if _OTHER_CODE.search(text[max(0, match.start() - 12) : match.start()]):
                continue
            if _ERROR_LIKE.fullmatch(match.group("value")):
                continue
            yield _Secret(*match.span("value"), "code", _NAMES["code"])
    for match in _CVV.finditer(text):
        yield _Secret(*match.span("value"), "security_code", _NAMES["security_code"])


def _passwords(text: str) -> Iterator[_Secret]:
    for match in _STATED.finditer(text):
        value, link = match.group("value"), match.group("link")
        start = match.start("value")
        value = value.rstrip('.!?;:)"') or value
        if not any(char.isalnum() for char in value):
            continue
        if value.isalpha():
            # "password is wrong" says no password, "密码：xx" does; after 是 a short word may be 是app的.
            said = ":" in link or "=" in link
            if value in _ORDINARY or (not said and len(value) < 4):
                continue
            after = text[start + len(value) : start + len(value) + 2]
            if ("is" in link or "was" in link) and after[:1] == " " and after[1:].isalpha():
                continue  # "password is getting rejected"
        elif len(value) < 3 and not (":" in link or "=" in link):
            continue  # 密码是6
        yield _Secret(start, start + len(value), "password", _NAMES["password"])
    for match in _BESIDE.finditer(text):
        value = match.group("value").rstrip(".!?-")
        if len(value) < 4 or not any(char.isdigit() for char in value):
            continue
        if _ERROR_LIKE.fullmatch(value) or _PLAIN_NUMBER.fullmatch(value):
            continue
        if value.isdigit() and len(value) > 16:
            continue
        yield _Secret(match.start("value"), match.start("value") + len(value), "password", _NAMES["password"])
    for pattern in (_LATER, _DIGITS_SAID):
        for match in pattern.finditer(text):
            yield _Secret(*match.span("value"), "password", _NAMES["password"])


# --- masking --------------------------------------------------------------------------------


def _mask_once(text: str) -> Masked:
    folded, places = _visible(text)
    taken = bytearray(len(folded))
    # Placeholders of an earlier pass (or typed by a joker) are no evidence and no secret.
    for match in _PLACEHOLDER.finditer(text):
        low, high = _rank(places, match.start()), _rank(places, match.end())
        taken[low:high] = b"\x01" * (high - low)
    kept: list[_Secret] = []
    # In this order: a card after 密码 is a card, a code after 动态密码 a code.
    for source in (_numbers, _codes, _passwords):
        for secret in source(folded):
            if any(taken[secret.start : secret.end]):
                continue
            taken[secret.start : secret.end] = b"\x01" * (secret.end - secret.start)
            kept.append(secret)
    kept.sort()
    pieces: list[str] = []
    position = 0
    for secret in kept:
        pieces += [text[position : places[secret.start]], secret.placeholder]
        position = places[secret.end - 1] + 1
    return Masked("".join([*pieces, text[position:]]), tuple(secret.kind for secret in kept))


def _rank(places: list[int], place: int) -> int:
    """How many visible characters stand before `place`."""
    return bisect_left(places, place)


def mask(text: str) -> Masked:
    """Replace the secrets in `text` by placeholders; see the module docstring for the table.

    Works on any text: control characters, lone surrogates and emoji stay where they are. Time is
    linear in the length. ``mask(mask(text).text).text == mask(text).text``.

    Args:
        text: the customer's words, as typed.

    Returns:
        The text without secrets and the kinds of what was found. Numbers that are introduced as
        order or transaction numbers, amounts, phone numbers, dates and error codes are untouched.
    """
    found: list[str] = []
    for _ in range(_PASSES):
        masked = _mask_once(text)
        if not masked.found:
            break
        text = masked.text
        found += masked.found
    return Masked(text, tuple(found))
