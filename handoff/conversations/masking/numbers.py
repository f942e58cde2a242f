"""Cards and identity numbers, in any grouping of their digits."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from enum import IntEnum
from itertools import accumulate, pairwise

from stdnum.cn import ric
from stdnum.exceptions import ValidationError

from handoff.conversations.masking.issuers import lengths
from handoff.conversations.masking.placeholders import Secret, card, identity
from handoff.conversations.masking.words import any_of

_SHORTEST, _LONGEST = 13, 19
#: A number called a card number may have a digit too many or too few.
_SHORTEST_NAMED, _LONGEST_NAMED = 12, 21

# --- keywords -------------------------------------------------------------------------------

#: Text between a keyword and the number that it introduces. Bounded like all patterns here, so that time stays linear.
_LINK = r"(?:号码?|编号|尾号|number|num\b|no\.?|id|is|are|是|为|就是|如下|[\s:#=,，.\"(、-]){0,8}"
_BANK = r"(?:[\u4e00-\u9fff]{2,8}(?:银行|信用社|农商行)[\s:,，)\"-]{0,3})?"
_ORDER = re.compile(
    any_of(
        (
            *"订单 单号 流水 交易 凭证 批次 商户 合同 受理 案件 工单 保单 发票 序列 设备 机身 参考号 检索号 追踪号 跟踪号 串号 串码 税号 信用代码".split(),
            *(f"{what}单" for what in "退款 支付 付款 转账 充值 提现 缴费 运 快递".split()),
            "编号(?<!卡编号)(?<!卡片编号)",
            *"order transaction txn trade reference ref tracking invoice receipt ticket serial sn imei(?:sv)? meid iccid eid".split(),
        )
    )
    + r"(?:[12一二])?(?:单号|号码|编号|流水|号|no\.?|number|num|id|is|是|为|就是|[\s:#=,，.\"(/-]){0,8}(?=\d)"
)
_AFTER_IS_ORDER = re.compile(
    r"[ \")，,]{0,3}(?:这个|就)?(?:(?:是|为)(?:我|你|您|他)?们?的?|is (?:my|the|your) )?[ (]?"
    r"(?:(?:退款|支付|付款|商户|交易)?(?:订单|单号|流水|交易号|编号|序列号|串号)|order|transaction|imei|tracking)"
)
_AFTER_IS = re.compile(r"[ \")，,]{0,3}(?:这个|就)?(?:[是为(]|is )")
_AND = re.compile(r"(?:[ ,，、和与及/\n]|还有|以及|and){1,4}")
#: 卡号 and "card number": a card follows, in any shape.
_CARD_NUMBER = re.compile(any_of(("卡号", "[k]ahao", r"card ?(?:number|num|no)\b")) + _LINK + _BANK + r"(?=\d)")
#: A keyword for a bank card. A number that begins with a date may still be an order paid with the card.
_CARD = re.compile(
    any_of(
        (
            *(
                f"{kind}卡片?"
                for kind in "银行 信用 储蓄 借记 贷记 工资 工行 农行 中行 建行 交行 招行 邮行 民行 广行 副 主".split()
            ),
            *("银联", "万事达", "visa", "master ?card", "unionpay", "card(?<!sim card)"),
        )
    )
    + _LINK
    + _BANK
    + r"(?=\d)"
)
#: A keyword about a card or an account. 卡 alone may also mean that a page hangs.
_NEAR_CARD = re.compile(
    any_of(
        (
            "卡(?<!手机卡)(?<!电话卡)(?<!流量卡)(?<!sim卡)(?![住死顿壳了得])",
            *("银行", "账[号户]", "card", "bank", "account"),
        )
    )
    + r"[^0-9]{0,8}(?=\d)"
)
_IDENTITY = re.compile(
    any_of(("身份证", "证件", "identity", "id card")) + r"(?:号码?|件|是|为|就是|card|number|no\.?|is|[\s:#=,，\"(]){0,8}(?=\d)"
)
_AFTER_IS_CARD = re.compile(
    r"(?<=\d)[ \"]{0,2}(?:(?:这个|这|就)?(?:是|为)[^0-9，。,\n]{0,6}卡号|is (?:my|the|his|her) card|\(卡号)"
)
_UNIT_AFTER = re.compile(r" ?(?:元|块|圆|万|亿|rmb|yuan|usd|cny|dollars?)")
_SIGN_BEFORE = re.compile(r"[¥$€£₩] ?$")
_WORD_AFTER = re.compile(r"(?:cv[vcn]|exp|(?=[a-z]*[g-z])[a-z]{2,20}(?![a-z0-9_]))")
_DECIMALS = re.compile(r"\.\d{1,2}(?!\d)")
_EXPIRY = re.compile(r" ?[/-] ?(?:20)?\d\d(?!\d)")
_BULLET = re.compile(r"(?:^|\n)[ (]*[1-9]\d?[.,]$")
_FRACTION = re.compile(r"\d[.,]$")
_CHECK_X = re.compile(r"-? ?x(?![0-9a-z])")
_DATE_FIRST = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")


# --- digits ---------------------------------------------------------------------------------


class _Gap(IntEnum):
    """The separator between two groups of digits, from the strongest connection to the weakest."""

    TIGHT = 0  # up to two spaces or dashes
    WIDE = 1  # more of them, tabs, line breaks
    MARK = 2  # up to three other signs: . / · , 、 。 | and so on
    BREAK = 3  # words, money, percent


_TIGHT = re.compile(r"[ -]{1,2}")
_WIDE = re.compile(r"[\s-]+")
_DASH_LIKE = "一ー丨"  # offered by input methods as dashes
_GROUP = re.compile(r"\d+")


def _gap(between: str) -> _Gap:
    if _TIGHT.fullmatch(between):
        return _Gap.TIGHT
    if _WIDE.fullmatch(between):
        return _Gap.WIDE
    signs = [char for char in between if not char.isspace() and char != "-"]
    if len(signs) > 3:
        return _Gap.BREAK
    for char in signs:
        if char in "%[]" or (char.isalnum() and char not in _DASH_LIKE) or unicodedata.category(char) == "Sc":
            return _Gap.BREAK
    return _Gap.MARK


class _Digits:
    """All digits of a text in groups, with tables that answer a question about any range of groups in constant time.

    Attributes:
        all: the digits, without separators.
        spans: the position of each group in the text; `sizes` its length; `gaps` and `between` the separator after it.
        offset: for each group the number of digits before it; one more entry at the end.
        group_at: for a number of digits that ends a group, that group; 0 digits end group -1.
        uniform: for each group the last group up to which all groups have its size.
        wide, mark, barred: for each group the first group from it on that is followed by such a gap or a wider one.
        short, phone, odd: for each group the first group from it on with fewer than four digits, with eleven digits in the
            form of a mobile number, and not ending in 0.
    """

    def __init__(self, text: str) -> None:
        self.spans = [match.span() for match in _GROUP.finditer(text)]
        self.sizes = [end - start for start, end in self.spans]
        self.all = "".join([text[start:end] for start, end in self.spans])
        self.offset = [0, *accumulate(self.sizes)]
        self.group_at = {total: group - 1 for group, total in enumerate(self.offset)}
        self.between = [text[end:start] for (_, end), (start, _) in pairwise(self.spans)]
        known = {between: _gap(between) for between in set(self.between)}
        self.gaps = [*(known[between] for between in self.between), _Gap.BREAK]
        count = len(self.spans)
        self.uniform = list(range(count))
        for group in range(count - 2, -1, -1):
            if self.sizes[group] == self.sizes[group + 1]:
                self.uniform[group] = self.uniform[group + 1]
        self.wide = _next([gap >= _Gap.WIDE for gap in self.gaps])
        self.mark = _next([gap >= _Gap.MARK for gap in self.gaps])
        self.barred = _next([gap is _Gap.BREAK for gap in self.gaps])
        self.short = _next([size < 4 for size in self.sizes])
        self.phone = _next([size == 11 and text[start] == "1" for size, (start, _) in zip(self.sizes, self.spans, strict=True)])
        self.odd = _next([text[end - 1] != "0" for _, end in self.spans])
        values = [int(digit) for digit in self.all]
        doubled = [value * 2 - 9 * (value > 4) for value in values]
        even = [*values]
        even[::2] = doubled[::2]
        doubled[::2] = values[::2]
        self._sums = ([0, *accumulate(even)], [0, *accumulate(doubled)])

    def passes_luhn(self, start: int, end: int) -> bool:
        # Luhn: the last digit is not doubled, the one before it is. Doubled positions have the parity of `end`.
        sums = self._sums[end % 2]
        return (sums[end] - sums[start]) % 10 == 0

    def level(self, first: int, last: int) -> _Gap:
        """The widest gap within this range of groups."""
        if self.wide[first] >= last:
            return _Gap.TIGHT
        if self.mark[first] >= last:
            return _Gap.WIDE
        return _Gap.MARK if self.barred[first] >= last else _Gap.BREAK


def _next(flags: list[bool]) -> list[int]:
    """For each position the first true position from it on; the length when there is none."""
    following = [len(flags)] * len(flags)
    nearest = len(flags)
    for at in range(len(flags) - 1, -1, -1):
        if flags[at]:
            nearest = at
        following[at] = nearest
    return following


_CENTURIES = frozenset({"18", "19", "20"})
# GB/T 2260: provinces, Taiwan, Hong Kong, Macao, and 91 for foreigners with permanent residence (until 2023). None is 19
# or 20, with which order numbers begin.
_PROVINCES = frozenset(
    "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83 91".split()
)


def _has_birth_date(digits: str) -> bool:
    """Whether these digits begin like an identity number: a province, a district, a date."""
    return (
        digits[:2] in _PROVINCES
        and digits[6:8] in _CENTURIES
        and "01" <= digits[10:12] <= "12"
        and "01" <= digits[12:14] <= "31"
    )


def _is_identity(number: str) -> bool:
    """Whether this is a resident identity number by GB 11643: check character and birth date.

    Only the province of the place is checked: districts change over time, and a leaked number costs more than a number
    masked without need.
    """
    if len(number) != 18 or not _has_birth_date(number):
        return False
    try:
        ric.get_birth_date(number)
    except (ValidationError, ValueError):
        return False
    return bool(ric.calc_check_digit(number) == number[-1].upper())


# --- windows --------------------------------------------------------------------------------


class _Numbers:
    """The search in one text: each group of digits is tried as the start of a card or an identity number."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.digits = digits = _Digits(text)
        self.candidates = [
            first
            for first, barred in enumerate(digits.barred)
            if digits.offset[barred + 1] - digits.offset[first] >= _SHORTEST_NAMED
        ]
        if not self.candidates:
            return
        self.order = {match.end() for match in _ORDER.finditer(text)}
        self.card_number = {match.end() for match in _CARD_NUMBER.finditer(text)}
        self.card = {match.end() for match in _CARD.finditer(text)}
        self.near_card = {match.end() for match in _NEAR_CARD.finditer(text)}
        self.identity = {match.end() for match in _IDENTITY.finditer(text)}
        self.called_after = {match.start() for match in _AFTER_IS_CARD.finditer(text)}
        self.words = self.card_number | self.card | self.near_card | self.identity

    def __iter__(self) -> Iterator[Secret]:
        digits = self.digits
        after, order_end = 0, -1
        for first in self.candidates:
            if first < after:
                continue
            if digits.spans[first][0] in self.order or (order_end == first - 1 and self._continues_orders(first)):
                order_end = digits.wide[first]
                after = order_end + 1
            elif self._may_begin(first):
                secret, used = self._at(first)
                after = first + used
                if secret is not None:
                    yield secret

    def _may_begin(self, first: int) -> bool:
        """Whether this group needs a closer look. Rejects quickly in texts of thousands of single digits."""
        digits = self.digits
        offset = digits.offset[first]
        return (
            bool(lengths(digits.all[offset : offset + 4]))
            or digits.sizes[first] >= _SHORTEST_NAMED
            or digits.all[offset : offset + 2] in ("19", "20")
            or digits.all[offset + 6 : offset + 8] in _CENTURIES
            or digits.spans[first][0] in self.words
        )

    def _continues_orders(self, first: int) -> bool:
        """Whether this is the second number of 订单号 A 和 B. Across a line break only if it has the length of the first."""
        if first == 0 or not _AND.fullmatch(self.digits.between[first - 1]):
            return False
        return "\n" not in self.digits.between[first - 1] or self.digits.sizes[first - 1] == self.digits.sizes[first]

    def _at(self, first: int) -> tuple[Secret | None, int]:
        """The secret that begins with this group, and its number of groups (1 if none)."""
        text, digits = self.text, self.digits
        start, offset = digits.spans[first][0], digits.offset[first]
        called = start in self.card_number
        worded = called or start in self.card
        before = text[start - 1 : start]
        if not worded and before and (before == "_" or (before.isascii() and before.isalpha())):
            return None, 1
        is_identity = start in self.identity
        if is_identity or _has_birth_date(digits.all[offset : offset + 14]):
            for size in (18, 17, 15):
                found = self._identity(first, size, is_identity)
                if found is not None:
                    return found
        dated = _DATE_FIRST.match(digits.all, offset) is not None
        if dated and not called and digits.sizes[first] >= 4 and (first == 0 or digits.gaps[first - 1] is not _Gap.TIGHT):
            return None, digits.wide[first] - first + 1  # 2026 1128 2201 6613: an order number in groups
        last = self._card(first, worded, start in self.near_card)
        if last is None and (worded or self._size_is_long(first)):
            last = self._mistyped(first, called, dated)
        if last is None:
            return None, 1
        used = last - first + 1
        if not worded and self._is_order_after(last):
            return None, used
        return card(start, digits.spans[last][1], digits.all[offset : digits.offset[last + 1]]), used

    def _card(self, first: int, worded: bool, near_card: bool) -> int | None:
        """The last group of the card that begins here: valid check digit and, without a strong keyword, a known issuer."""
        digits = self.digits
        offset = digits.offset[first]
        if worded or near_card:
            sizes: Iterable[int] = range(_SHORTEST, _LONGEST + 1)
        else:
            sizes = lengths(digits.all[offset : offset + 4])
        best: tuple[tuple[int, bool, int], int] | None = None
        for size in sizes:
            end = offset + size
            last = digits.group_at.get(end)
            if last is None or not digits.passes_luhn(offset, end):
                continue
            level = digits.level(first, last)
            if not self._is_shape(first, last, level) or not self._may_end(first, last, level):
                continue
            if not worded and self._is_sum(first, last, near_card):
                continue
            rank = -int(level), self._is_canonical(first, last), size
            if best is None or rank > best[0]:
                best = rank, last
        return best[1] if best else None

    def _size_is_long(self, first: int) -> bool:
        return self.digits.sizes[first] >= _SHORTEST or self._is_canonical(first, self.digits.uniform[first])

    def _mistyped(self, first: int, called: bool, dated: bool) -> int | None:
        """The last group of a number called a card number with a wrong check digit, or with a digit too few or too many."""
        digits = self.digits
        offset = digits.offset[first]
        worded = called or digits.spans[first][0] in self.card
        for size in range(_LONGEST_NAMED, _SHORTEST_NAMED - 1, -1):
            last = digits.group_at.get(offset + size)
            if last is None:
                continue
            if not called and (dated or not _SHORTEST <= size <= _LONGEST):
                continue
            if not worded and digits.spans[last][1] not in self.called_after:
                continue
            level = digits.level(first, last)
            if level is _Gap.BREAK or not self._is_canonical(first, last) or not self._may_end(first, last, level):
                continue
            if first < last and size > _LONGEST:
                continue
            return last
        return None

    def _identity(self, first: int, size: int, named: bool) -> tuple[Secret, int] | None:
        digits, text = self.digits, self.text
        offset = digits.offset[first]
        last = digits.group_at.get(offset + size)
        if last is None:
            return None
        level = digits.level(first, last)
        if level is _Gap.BREAK or (level is _Gap.MARK and not self._is_canonical(first, last)):
            return None
        number = digits.all[offset : offset + size]
        start, end = digits.spans[first][0], digits.spans[last][1]
        used = last - first + 1
        if size == 17:
            check = _CHECK_X.match(text, end)
            if check is not None and (named or _is_identity(number + "X")):
                return identity(start, check.end(), number + "X"), used
            return None
        follows = text[end : end + 1]
        if follows.isascii() and (follows.isalpha() or follows == "_"):
            return None
        if _is_identity(number) or (named and (first == last or (size == 18 and _has_birth_date(number)))):
            return identity(start, end, number), used
        return None

    def _may_end(self, first: int, last: int, level: _Gap) -> bool:
        """Whether a card can end here, judged by the following text."""
        text, end = self.text, self.digits.spans[last][1]
        follows = text[end : end + 1]
        if not follows:
            return True
        if follows == "_" or (follows.isascii() and follows.isalpha()):
            return _WORD_AFTER.match(text, end) is not None
        if follows == "." and level is not _Gap.MARK and _DECIMALS.match(text, end):
            return False
        if _UNIT_AFTER.match(text, end):
            return False
        # A group of two before "/27" is the month of an expiry date.
        return not (self.digits.sizes[first] >= 4 and self.digits.sizes[last] == 2 and _EXPIRY.match(text, end))

    def _is_shape(self, first: int, last: int, level: _Gap) -> bool:
        """Whether these groups have the shape of a card number, and not of, say, a phone number next to an amount."""
        digits = self.digits
        if level is _Gap.BREAK:
            return False
        if first == last:
            return True
        if digits.phone[first] <= last:
            return False
        size = digits.sizes[first]
        small = size <= 3 and digits.uniform[first] >= last - 1 and digits.sizes[last] <= size
        if level is _Gap.MARK:
            # 1.2.3.4 and so on: a single separator throughout. 411,111,111,111,111 is an amount.
            marks = set(digits.between[first:last]) if small else set()
            return self._is_canonical(first, last) or (len(marks) == 1 and not (size == 3 and "," in marks))
        # 4-4-4-4-3, 6-13, 4-6-5, or the same size throughout; 138 0013 8000 and 2025-11-22 are neither.
        return small or digits.short[first] >= last

    def _is_canonical(self, first: int, last: int) -> bool:
        """Whether it is one group, or grouped as printed on a card."""
        if first == last:
            return True
        digits = self.digits
        if last - first > 5:
            return False
        sizes = digits.sizes[first : last + 1]
        if last - first >= 3 and digits.uniform[first] >= last - 1 and sizes[0] == 4 and sizes[-1] <= 4:
            return True
        return sizes in ([4, 6, 5], [4, 6, 4], [6, 13], [6, 10], [6, 8, 4], [6, 4, 4, 4])

    def _is_sum(self, first: int, last: int, near_card: bool) -> bool:
        """Whether this is money: a currency sign, a list of round sums, or the fraction of a number."""
        text, start = self.text, self.digits.spans[first][0]
        if _SIGN_BEFORE.search(text[max(0, start - 2) : start]):
            return True
        if first < last:
            return self.digits.odd[first] > last and not near_card
        # Except when "1." numbers a line.
        return bool(_FRACTION.search(text[max(0, start - 2) : start]) and not _BULLET.search(text[max(0, start - 8) : start]))

    def _is_order_after(self, last: int) -> bool:
        """Whether 是订单号 or the like follows. 6222...这笔交易 does not count: it names a card and a payment made with it."""
        end = self.digits.spans[last][1]
        return bool(_AFTER_IS.match(self.text, end) and _AFTER_IS_ORDER.match(self.text, end))


def find_numbers(text: str) -> Iterator[Secret]:
    """Cards and identity numbers of a folded text. Each group of digits is tried as the first of up to 21 groups."""
    if sum(map(text.count, "0123456789")) < _SHORTEST_NAMED:
        return iter(())
    return iter(_Numbers(text))
