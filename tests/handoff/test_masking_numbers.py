"""Masking of cards and identity numbers: by issuer, length, check digit and keywords, in any grouping of the digits."""

from __future__ import annotations

import re
from datetime import date, datetime

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from stdnum import luhn
from stdnum.cn import ric

from contract.characters import INVISIBLE
from handoff.conversations.masking import mask

VISA = "4111111111111111"  # the networks' numbers for tests
MISTYPED = "6222021234567895"  # fails Luhn

# --- groupings of cards --------------------------------------------------------------------------------------------------

SEPARATORS = [
    " ",
    "-",
    "   ",
    "\t",
    "\n",
    "\r\n",
    "\n\n",
    "\u2028",
    "\u3000",
    "\u2800",
    ".",
    "/",
    "·",
    "•",
    "，",
    ",",
    "、",
    "|",
    "_",
]
SEPARATORS += [" - ", "。", "……", "~", "+", "*", ":", ";", "\\", "—", "——", "😀", "一", " " * 100, "\u200b \u200b"]


@pytest.mark.parametrize("separator", SEPARATORS)
@pytest.mark.parametrize("card", [VISA, "6222021234567890128"])
def test_a_card_in_groups_of_four(card: str, separator: str) -> None:
    """A card would be stored because of separators that its owner typed between the groups."""
    groups = [card[at : at + 4] for at in range(0, len(card), 4)]
    assert mask(separator.join(groups)).text == f"[卡号 ****{card[-4:]}]"
    assert mask(f"我的卡是{separator.join(groups)}，丢了").text == f"我的卡是[卡号 ****{card[-4:]}]，丢了"


GROUPED = [
    "4111 1111\n1111 1111",
    "41111\ufffd11111\ue00011\U000f0000\U000f00001111",
    "41111111\n11111111",
    "4111111111111\n111",
    "4111   1111 1111 1111",
    "411 111 111 111 111 1",
    "41 11 11 11 11 11 11 11",
    "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
    "4.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1",
    "4\n1\n1\n1\n1\n1\n1\n1\n1\n1\n1\n1\n1\n1\n1\n1",
    "④①①①①①①①①①①①①①①①",
    "4️⃣1️⃣1️⃣1️⃣1️⃣1️⃣1️⃣1️⃣1️⃣1️⃣1️⃣1️⃣1️⃣1️⃣1️⃣1️⃣",
    "𝟒𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏",
    "四一一一一一一一一一一一一一一一",
    "四幺幺幺幺幺幺幺幺幺幺幺幺幺幺幺",
]


@pytest.mark.parametrize("typed", GROUPED)
def test_a_card_in_other_groups(typed: str) -> None:
    """A card broken over lines, dictated digit by digit or typed with unusual digits would be stored."""
    assert mask(typed).text == "[卡号 ****1111]" or mask(typed).text.startswith("[卡号 ****")
    assert mask(typed).found == ("card",)
    assert re.sub(r"\[.*?\]", "", mask(typed).text) == ""


BESIDE = [
    # as typed, as stored
    (f"您好，{VISA}被盗刷", "您好，[卡号 ****1111]被盗刷"),
    (f"卡号：{VISA}，有效期09/29，cvv 482", "卡号：[卡号 ****1111]，有效期09/29，cvv [安全码]"),
    (f"{VISA} 12/27", "[卡号 ****1111] 12/27"),
    ("4111 1111 1111 1111 12/27", "[卡号 ****1111] 12/27"),
    (f"{VISA} 09/29 482", "[卡号 ****1111] 09/29 [安全码]"),
    (f"{VISA}\n09/29\n482", "[卡号 ****1111]\n09/29\n[安全码]"),
    (f"{VISA}cvv482", "[卡号 ****1111]cvv[安全码]"),
    (f"card{VISA}", "card[卡号 ****1111]"),
    (f"1.{VISA}\n2.6222021234567894", "1.[卡号 ****1111]\n2.[卡号 ****7894]"),
    (f"卡一{VISA}卡二6222021234567894", "卡一[卡号 ****1111]卡二[卡号 ****7894]"),
    (f"{VISA} 转了 5000 5000 5000 5000", "[卡号 ****1111] 转了 5000 5000 5000 5000"),
    (f"订单号123456\n{VISA}", "订单号123456\n[卡号 ****1111]"),
    (f"received {VISA} from", "received [卡号 ****1111] from"),
    (f"交易卡号{MISTYPED}", "交易卡号[卡号 ****7895]"),
    (f"{VISA}这笔交易不是我", "[卡号 ****1111]这笔交易不是我"),
]


@pytest.mark.parametrize(("typed", "stored"), BESIDE)
def test_a_card_beside_other_things(typed: str, stored: str) -> None:
    """Text before or after a card would hide it, or be removed with it."""
    assert mask(typed).text == stored


# Prefixes and lengths, as the networks and banks publish them.
ISSUERS: list[tuple[str, list[int]]] = [
    ("4", [13, 16, 19]),
    *[(str(prefix), [16]) for prefix in (51, 52, 53, 54, 55, 2221, 2300, 2720)],
    *[
        (prefix, [16, 17, 18, 19])
        for prefix in ("62", "60", "8171", "3528", "3589", "6011", "644", "649", "65", "2200", "2204")
    ],
    *[(prefix, [15]) for prefix in ("34", "37")],
    *[(prefix, [14, 16, 19]) for prefix in ("30", "36", "38", "39")],
    *[(prefix, [16, 19]) for prefix in ("50", "56", "57", "58", "61", "63", "67", "6304", "6759")],
    *[(prefix, [19]) for prefix in ("95588", "95599", "955100", "103", "436742", "456351", "9111")],
    *[(prefix, [16]) for prefix in ("95555", "984301", "998801", "968807", "940021", "84301", "90030")],
]


@given(st.sampled_from(ISSUERS), st.data(), st.sampled_from(["", *SEPARATORS]))
def test_every_issuers_cards_are_masked(issuer: tuple[str, list[int]], data: st.DataObject, separator: str) -> None:
    """Cards of some network or bank would be stored when they are alone in a message without a keyword."""
    prefix, lengths = issuer
    size = data.draw(st.sampled_from(lengths))
    rest = data.draw(st.from_regex(rf"[0-9]{{{size - len(prefix) - 1}}}", fullmatch=True))
    card = prefix + rest + luhn.calc_check_digit(prefix + rest)
    groups = [card[at : at + 4] for at in range(0, size, 4)]
    # 5000，6000，7000，8000 is a list of amounts.
    assume(separator == "" or any(not group.endswith("0") for group in groups))
    text = mask(separator.join(groups)).text
    assert re.fullmatch(rf"\[(?:卡号|身份证号) \*{{4}}{card[-4:]}\]", text)


@given(st.sampled_from(sorted(INVISIBLE)), st.sampled_from([VISA, "6222021234567894", "110101199003071233"]))
def test_nothing_invisible_hides_a_number(character: str, number: str) -> None:
    """A control, format, variation or combining character between the digits would defeat masking."""
    masked = mask(f"看 {character.join(number)}{character} 😀")
    assert len(masked.found) == 1
    assert not re.search(r"\d", masked.text.replace(f"****{number[-4:]}", ""))


@pytest.mark.parametrize(
    "character", list("\u202a\u202e\u2066\u2069\u2061\u2063\ufe0f\u180e\u3164\u2800\u034f\U000e0031\U000e0100\u20dd\u0301")
)
def test_the_reported_characters_hide_nothing(character: str) -> None:
    """A character seen in real messages would still hide a card or a code."""
    assert mask(character.join(VISA)).found == ("card",)
    assert mask("验证码" + character.join("582047")).found == ("code",)


def test_real_emoji_keep_their_joiners() -> None:
    """A family emoji would be split into three people, because its joiners are invisible."""
    family = "👩‍👩‍👧 ❤️ 1️⃣"
    assert mask(f"{family} {VISA} {family}").text == f"{family} [卡号 ****1111] {family}"


# --- a wrong check digit --------------------------------------------------------------------------------------------------

MISTYPED_BESIDE = [
    f"卡号{MISTYPED}",
    f"卡号：{MISTYPED}",
    f"卡號 {MISTYPED}",
    f"我的银行卡{MISTYPED}",
    f"工行卡 {MISTYPED}",
    f"信用卡号 {MISTYPED}",
    f"卡号 中国银行 {MISTYPED}",
    f"card number {MISTYPED}",
    f"card: {MISTYPED}",
    "card: 6222 0212 3456 7895",
    "卡号\n6222\n0212\n3456\n7895",
    f"{MISTYPED}是我的卡号",
    "卡号622202123456789",  # a digit too few
    "卡号62220212345678901288",  # one too many
    "卡号2026112822016613",  # the keyword calls it a card
    "卡号3141592653589793",
]


@pytest.mark.parametrize("typed", MISTYPED_BESIDE)
def test_a_mistyped_card_is_a_card(typed: str) -> None:
    """With one wrong digit the other fifteen would be stored."""
    assert mask(typed).found == ("card",)


# --- numbers that are not cards ---------------------------------------------------------------------------------------------

NO_CARDS = [
    "2026112822016613",
    "2026 1128 2201 6613",
    "20261128167612220299",
    "银行卡 2026112822016613 付的",
    "IMEI 490154203237518",
    "IMEI1: 490154203237518\nIMEI2: 490154203237526",
    "imei 4901 5420 3237 518",
    "490154203237518",
    "手机卡 490154203237518",
    f"sn {VISA}",
    "iccid 89860012345678901234",
    "退款编号202611281676122202",
    f"退款编号{VISA}",
    f"退款单 {VISA}",
    f"编号 {VISA}",
    f"{VISA}是订单号",
    f"{VISA}（订单号）",
    "订单号：\n6222021234567894\n6217001234567894",
    f"订单号{VISA}、{VISA}和{VISA}",
    "4200001234202611281234567890",
    "1764300000000",
    "5000,5000,6000,7000",
    "5000\n5000\n6000\n7000",
    "6,222,021,234,567,894",
    f"{VISA}.00",
    f"¥{VISA}",
    f"{VISA}元",
    "411,111,111,111,111",
    "0.6222021234567894",
    "13800138000 13900139000",
    "+86 138 0013 8000 +86 139 0013 9000",
    "2024,2025,2026,2027",
    "2026-11-28 22:01:55 2026-11-29 10:20:30",
    "39.9042,116.4074",
    "192.168.100.100 255.255.255.000",
    "550e8400-e29b-41d4-a716-446655440000",
    "a4111111111111111b",
    MISTYPED,
    f"页面卡 {MISTYPED}",
    "收款人：张**，卡号**1234",
    "卡号 6222 **** **** 7895",
    "卡号在哪里看，会议号 582 047 123",
]


@pytest.mark.parametrize("text", NO_CARDS)
def test_a_number_that_is_no_card_stays(text: str) -> None:
    """The agent would ask for an order number and get four digits of it."""
    assert mask(text).text == text


CARRIERS = ["{}", "我的{}怎么还没到", "退款 {}，谢谢", "see {} please", "付款\n{}\n没到"]


@given(
    st.dates(min_value=date(2000, 1, 1), max_value=date(2040, 1, 1)),
    st.from_regex(r"[0-9]{4,24}", fullmatch=True),
    st.sampled_from(CARRIERS),
    st.booleans(),
)
def test_a_number_that_begins_with_a_date_stays(day: date, rest: str, carrier: str, grouped: bool) -> None:
    """One order number in ten would be taken for a card, and some for identity numbers."""
    number = f"{day:%Y%m%d}{rest}"
    if grouped:
        number = " ".join(number[at : at + 4] for at in range(0, len(number), 4))
    text = carrier.format(number)
    assert mask(text).text == text


@given(
    st.sampled_from("01 35 44 45 49 50 51 52 53 54 86 91 98 99".split()),
    st.from_regex(r"[0-9]{12}", fullmatch=True),
    st.sampled_from([*CARRIERS, "IMEI：{}", "imei {}"]),
)
def test_an_imei_stays(reporting_body: str, rest: str, carrier: str) -> None:
    """Every IMEI would be taken for a card: both have the same check digit."""
    body = reporting_body + rest
    text = carrier.format(body + luhn.calc_check_digit(body))
    assert mask(text).text == text


@given(
    st.lists(st.integers(1, 9_999_999), min_size=1, max_size=4),
    st.sampled_from(["{:,}", "{}元", "{}块", "¥{}", "{}.00", "{:,}元"]),
    st.sampled_from(["，", "、", " 和 ", "；", "\n转了"]),
)
def test_sums_stay(sums: list[int], form: str, between: str) -> None:
    """Amounts would be joined to a card."""
    text = "转了" + between.join(form.format(money) for money in sums)
    assert mask(text).text == text


@given(
    st.lists(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), min_size=1, max_size=3), st.sampled_from([" ", "，", "\n", "/"])
)
def test_phone_numbers_stay(phones: list[str], between: str) -> None:
    """Two adjacent phone numbers would be taken for a card."""
    for text in (between.join(phones), f"电话{between.join(phones)}", f"+86 {phones[0][:3]} {phones[0][3:7]} {phones[0][7:]}"):
        assert mask(text).text == text


@given(
    st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2040, 1, 1)),
    st.sampled_from(["%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y年%m月%d日 %H:%M", "%Y%m%d%H%M%S", "%m-%d %H:%M"]),
)
def test_dates_and_times_stay(moment: datetime, form: str) -> None:
    """The time of a payment would be lost."""
    text = f"{moment:{form}}付的款"
    assert mask(text).text == text


# --- identity numbers ---------------------------------------------------------------------------------------------------

IDENTITIES = [
    ("110101\n19900307\n1233", "[身份证号 ****1233]"),
    ("110101.19900307.1233", "[身份证号 ****1233]"),
    ("1101 0119 9003 0712 33", "[身份证号 ****1233]"),
    ("1 1 0 1 0 1 1 9 9 0 0 3 0 7 1 2 3 3", "[身份证号 ****1233]"),
    ("身份证 110101199003071234", "身份证 [身份证号 ****1234]"),
    ("身份证号：11010119900307002x", "身份证号：[身份证号 ****002X]"),
]


@pytest.mark.parametrize(("typed", "stored"), IDENTITIES)
def test_identity_numbers_in_groups_and_mistyped(typed: str, stored: str) -> None:
    """An identity number would be stored because of its grouping or one wrong digit."""
    assert mask(typed).text == stored


@given(
    st.dates(min_value=date(1920, 1, 1), max_value=date(2020, 1, 1)),
    st.integers(0, 999),
    st.sampled_from([" ", "-", "\n", "   "]),
)
def test_identity_numbers_in_three_groups(born: date, order: int, between: str) -> None:
    """Some identity number would pass when grouped."""
    body = f"440305{born:%Y%m%d}{order:03d}"
    number = body + ric.calc_check_digit(body + "0")
    typed = between.join([number[:6], number[6:14], number[14:]])
    assert mask(typed).text == f"[身份证号 ****{number[-4:]}]"
