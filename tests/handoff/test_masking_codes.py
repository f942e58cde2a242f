"""Masking of one-time codes, security codes and passwords, in the forms of text messages and of people who copy them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handoff.conversations.masking import mask

CODES = [
    # Chinese text messages
    "验证码：582047，5分钟内有效",
    "验证码582047,5分钟内有效",
    "验证码:582047.5分钟内有效",
    "582047为您的验证码",
    "582047为您的登录验证码，请于5分钟内填写。如非本人操作，请忽略本短信。",
    "【某某】您的验证码582047，请勿泄露",
    "【某某】验证码：582047，您正在登录，请勿告诉他人。",
    "582047（微信验证码）",
    "582047（动态验证码），请在页面中输入",
    "582047，您的验证码，5分钟内有效",
    "582047 是你的微信登录验证码",
    "G-582047 是您的 Google 验证码",
    "【某某银行】您的动态密码是582047",
    "您的验证码为 582047, 请在10分钟内使用",
    "验证码为：582047（5分钟内有效）",
    "您的验证码有效期5分钟：582047",
    "您的登录验证码（5分钟内有效）582047",
    "尾号的卡正在支付，验证码582047",
    # other keywords
    "动态码 582047",
    "校验码：582047。",
    "登录码582047",
    "登陆码：582047",
    "授权码：582047",
    "激活码 582047",
    "短信验证码:582047",
    "短信密码 582047",
    "安全码582047",
    "令牌码：582047",
    "yzm582047",
    "yanzhengma 582047",
    "woyanzhengma 582047",
    # brackets, spaces, lengths, letters, lines
    "验证码(582047)",
    "验证码【582047】",
    "验证码[582047]",
    "验证码「582047」",
    "【验证码】582047",
    "验证码是 5 8 2 0 4 7",
    "验证码582-047",
    "验证码 582 047",
    "验证码：5.8.2.0.4.7",
    "验证码：５８２０４７",
    "验证码：⑤⑧②⓪④⑦",
    "验证码 4829",
    "验证码48291",
    "验证码 4829137",
    "验证码 48291375",
    "验证码：A3F9K2",
    "验证码：a3f9",
    "验证码 AB3-9KQ",
    "A3F9K2为您的验证码",
    "验证码五八二零四七",
    "验证码是五八二零四七，你们查下",
    "验证码\n582047",
    "验证码：\n\n582047",
    "582047\n是验证码",
    "验证码\u200b582\u202e047",
    "验\u200b证码582047",
    # as people say it
    "验证码收到了。582047",
    "他问我要验证码，我说582047",
    "验证码我发给他了，是582047",
    # English
    "582047 is your verification code",
    "Your verification code is 582047",
    "Your WhatsApp code: 582-047",
    "Use 582047 as your login code",
    "Use code 582047 to verify your account",
    "582047 is your Amazon OTP. Don't share it",
    "Your PayPal security code is: 582047. Your code expires in 10 minutes.",
    "Code: 582047. Valid for 5 minutes",
    "Enter 582047 to verify your account",
    "Your one-time passcode is 582047",
    "OTP for a payment is 582047",
    "Verification code - 582047",
    "<#> 582047 is your code",
    "Your Uber code is 5820. Never share",
    "5820 is your Lyft code",
    "G-582047 is your Google verification code.",
    "verification code\n582047",
    "Telegram code 58204",
    "[Wallet] 582047 is your one-time password",
    # payment codes
    "付款码 134512345678901234",
    "付款码：2834 5678 9012 3456 78",
]


@pytest.mark.parametrize("typed", CODES)
def test_a_code_is_masked(typed: str) -> None:
    """A reader of the log could use the code that a customer copied into the chat."""
    masked = mask(typed)
    assert masked.found == ("code",)
    left = re.sub(r"(?:5分钟|10分钟|\d+ minutes|\[验证码\])", "", masked.text)
    assert not re.search(r"[0-9５８零五⑤]", left), masked.text


@given(
    st.from_regex(r"[0-9]{4,8}", fullmatch=True).filter(lambda code: not re.match(r"(19|20)\d\d(0[1-9]|1[0-2])", code)),
    st.sampled_from(["验证码", "动态码", "校验码", "短信验证码", "登录码", "verification code", "OTP"]),
    st.sampled_from(["：{}，5分钟内有效", ": {}. Valid for 5 minutes", "是{}", "\n{}", "（{}）", " {}", "为 {}，请勿泄露"]),
)
def test_every_code_of_four_to_eight_digits(code: str, word: str, form: str) -> None:
    """Codes of some length, or with some digits, would be stored."""
    text = mask(word + form.format(code)).text
    assert text == word + form.format("[验证码]")


NO_CODES = [
    "验证码 2026-11-28 收不到",
    "验证码 2026/11/28 收不到",
    "验证码2026年11月28日收不到",
    "验证码20261128那天收不到",
    "验证码 30min 了没收到",
    "验证码 ios17收不到",
    "验证码5分钟有效吗",
    "验证码60秒",
    "验证码要等120秒",
    "500000为什么要验证码",
    "13800138000收不到验证码",
    "验证码发到13800138000收不到",
    "转账500000验证码收不到",
    "验证码收不到，工号600123",
    "验证码收不到。5000元还没到",
    "验证码不对 错误码600123",
    "验证码收不到，试了1、2、3遍",
    "验证码一直收不到，一二十遍了",
    "5003 is the error code I get",
    "error code: 600123",
    "zip code 100080",
    "code 500",
    "my code is not working",
    "i never got the code, 5000 usd",
    "use 5000 to pay",
    "enter 500000 as amount",
    "取件码 1-2-3004",
    "群号 582047123",
    "转了10,0000元",
    "订单582047什么时候到",
    "没收到验证码，5000也没到账",
    "收不到验证码，50000还没退",
    "您的验证码会在60秒内发送到尾号1234的手机",
    "验证码有效期5分钟，请在2026年12月1日前完成",
    "客服电话 95588",
]


@pytest.mark.parametrize("text", NO_CODES)
def test_a_number_that_is_no_code_stays(text: str) -> None:
    """Amounts, dates, error codes and phone numbers would be lost because codes are mentioned."""
    assert mask(text).text == text


SECURITY_CODES = [
    ("cvv 482，09/29", "cvv [安全码]，09/29"),
    ("cvv 482,09/29", "cvv [安全码],09/29"),
    ("cvv：4 8 2", "cvv：[安全码]"),
    ("CVV2 482/09/29", "CVV2 [安全码]/09/29"),
    ("cvc\n482", "cvc\n[安全码]"),
    ("背面三位数482", "背面三位数[安全码]"),
    ("卡背面后三位是482", "卡背面后三位是[安全码]"),
    ("482是安全码", "[安全码]是安全码"),
    ("security code 482", "security code [安全码]"),
    ("有效期09/29，安全码：482。", "有效期09/29，安全码：[安全码]。"),
    ("cvv 2029/09", "cvv 2029/09"),
    ("cvv是3位吗", "cvv是3位吗"),
    ("cvv 500元", "cvv 500元"),
]


@pytest.mark.parametrize(("typed", "stored"), SECURITY_CODES)
def test_security_codes(typed: str, stored: str) -> None:
    """The three digits on the back would be stored next to the rest of the card."""
    assert mask(typed).text == stored


PASSWORDS = [
    ("密码\n123456", "密码\n[密码]"),
    ("密码：\nabc123", "密码：\n[密码]"),
    ("密码 1 2 3 4 5 6", "密码 [密码]"),
    ("密码：582047，别告诉别人", "密码：[密码]，别告诉别人"),
    ("密\u3164码是abc123", "密\u3164码是[密码]"),
    ("密码是a\u0301b\u0301c123\u0301", "密码是[密码]"),
    ("pin 4829", "pin [密码]"),
    ("wodemima abc123", "wodemima [密码]"),
    ("密码 2026-11-28 改过", "密码 2026-11-28 改过"),
    ("密码\n13800138000", "密码\n13800138000"),
    ("忘记密码\n怎么办", "忘记密码\n怎么办"),
]


@pytest.mark.parametrize(("typed", "stored"), PASSWORDS)
def test_passwords_over_lines_and_with_spaces(typed: str, stored: str) -> None:
    """A password would be stored because it is on its own line or contains invisible characters."""
    assert mask(typed).text == stored
