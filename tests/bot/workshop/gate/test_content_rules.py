"""Requests for secrets, foreign links and figures are found in texts, and ordinary texts are left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.workshop.gate.edition import load_edition
from content.editing.links import foreign_links, hosts_of, markup
from content.editing.quantities import quantities, same_figures
from content.editing.secrets import secret_requests
from content.facts import load_facts

OWN = hosts_of(load_facts(Path("data/facts.yml"))["zh"].values())

REQUESTS = [
    "请把您的支付密码发给我们核实",
    "请提供您的登录密码",
    "请告诉客服您收到的验证码",
    "麻烦报一下验证码",
    "请将验证码告知客服，以便核实身份",
    "把密 码发我们",
    "请把短信里的6位数字发给我们",
    "收到验证码后请回复",
    "请在这里输入您的支付密码",
    "在聊天框填写银行卡号和密码",
    "客服会向您要验证码，请配合",
    "我们需要您的支付密码来核实身份",
    "您的支付密码是多少？",
    "请准备好验证码，发给我们",
    "不要忘记把验证码发给我们",
    "没有收到回复请把密码发给我们",
    "请提供完整卡号",
    "请提供银行卡号和有效期",
    "请把卡背面三位数字拍照发给客服",
    "请打开屏幕共享让客服操作",
    "请上传身份证正反面照片",
    "要告诉任何人验证码",
    "请把验证碼發給我們",
    "为了核实，请回复您的支付密码。",
    "核实身份：请私信支付密码",
    "如需解冻，请发送验证码到本对话",
    "请您提供一下mima",
    "告诉我们验证码即可解冻。",
    "把钱转到安全账户",
    "我们会向您要密码和验证码。",
    "只有把付款码截图发给客服，才能退款",
    "Please send us your payment password.",
    "Please tell our agent the code you received.",
    "Reply with your verification code.",
    "What is your PIN?",
    "We need your password to verify your identity.",
    "Enter your password here in the chat.",
    "Our staff will ask for your code.",
    "Have your code ready, and send it to us.",
    "Do not hesitate to send us your password.",
    "If nothing works, give us the six-digit code.",
    "Kindly provide the full card number and CVV.",
    "Your password is required to continue this chat.",
    "share your screen with us",
    "Please type the code below",
    "Tell us the code.",
    "We always ask for passwords or codes.",
    "Please provide your p@ssword",
    "Could you tell me the verification code?",
    "Don't forget to send us the code",
    "Just text the code back to us",
]
WARNINGS = [
    "请勿向任何人提供验证码，客服也不会向您要。",
    "我们不会向您要密码和验证码。",
    "不要把验证码告诉任何人",
    "切勿向他人透露密码",
    "验证码会发到您的手机",
    "输入支付密码确认",
    "请在应用里输入密码，客服不会问您要。",
    "请输入银行发来的验证码",
    "任何人向您要验证码都是骗子",
    "Never give your password to anyone.",
    "We never ask for passwords or codes.",
    "The code is sent to your phone.",
    "Enter the code the bank sends you.",
    "Do not tell anyone a code",
    "Please do not share your password with anyone, not even with us.",
    "忘记密码请点「忘记密码」重设",
    "如果密码泄露了请马上告诉我们",
    "密码被人知道了，请马上改密码并告诉我们",
    "收不到验证码请告诉我",
    "请提供卡号后四位",
    "Tell me if the code does not arrive.",
    "If you gave someone your code, tell us at once.",
    "请把订单号发给我们，不要发验证码",
    "把验证码告诉别人很危险",
    "告诉别人验证码等于把钱给他",
    "Please tell us the order number. We do not need your password.",
    "若有人问您要密码，请马上报警",
    "If someone asks for your code, hang up.",
    "Change your password and tell us.",
    "When the code arrives, enter it in the app.",
    "验证码收到后，填在应用里",
]


@pytest.mark.parametrize("text", REQUESTS)
def test_a_request_for_a_secret_is_found(text: str) -> None:
    """A text that asks for a password, a code or a card number would reach customers."""
    assert secret_requests(text)


@pytest.mark.parametrize("text", WARNINGS)
def test_a_warning_is_no_request(text: str) -> None:
    """Editors could not publish a warning about secrets."""
    assert secret_requests(text) == []


def test_the_place_of_a_request_is_that_of_its_words() -> None:
    """The editor's page would mark other words."""
    text = "您好。**请把**您的 支付 密码发给我们核实！谢谢"
    (found,) = secret_requests(text)
    assert text[found.start : found.end] == found.words
    assert "支付 密码发给我们" in found.words


def test_no_text_of_the_project_asks_for_a_secret_or_leads_elsewhere() -> None:
    """The rules would refuse texts that people have reviewed."""
    texts = load_edition(Path("data")).texts
    assert len(texts) > 300
    assert {name: found for name, text in texts.items() if (found := secret_requests(text))} == {}
    assert {name: found for name, text in texts.items() if (found := [*foreign_links(text, OWN), *markup(text)])} == {}


@pytest.mark.parametrize(
    "text",
    [
        "请访问 http://wallet-help.top 领取",
        "打开 www.qianbao.com",
        "见 pay-wallet.xyz",
        "加客服微信 abc123",
        "[点这里](https://evil.com/x)",
        "写信到 help@wallet-example.com",
        "open.wallet.example.evil.com",
        "http://www.wallet.example@evil.com/",
        "打开 1.2.3.4",
        "javascript:alert(1)",
        "add us on Telegram",
    ],
)
def test_a_foreign_link_is_found(text: str) -> None:
    """Customers would be led to somebody else's page."""
    assert foreign_links(text, OWN)


@pytest.mark.parametrize(
    "text",
    [
        "www.wallet.example",
        "https://open.wallet.example/docs",
        "help@wallet.example",
        "iOS 14.2, e.g. this",
        "不要加陌生人微信",
    ],
)
def test_the_wallets_own_addresses_are_no_foreign_links(text: str) -> None:
    """Editors could not name the wallet's own site."""
    assert foreign_links(text, OWN) == []


def test_a_tag_is_found() -> None:
    """A script in an article would stand in customers' pages."""
    assert markup("看 <script>alert(1)</script>")
    assert markup("看 <img src=x onerror=alert(1)>")
    assert not markup("「我的 > 设置 > 账户与安全」, a < b")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("99 天", [((99.0,), "day")]),
        ("1-7 个工作日", [((1.0, 7.0), "business day")]),
        ("两个工作日", [((2.0,), "business day")]),
        ("within 30 minutes", [((30.0,), "minute")]),
        ("¥1,000.5", [((1000.5,), "CNY")]),
        ("5 万元", [((50000.0,), "CNY")]),
        ("USD 5,000", [((5000.0,), "USD")]),
        ("0.1%", [((0.1,), "%")]),
        ("拨打 400-000-1234", [((4000001234.0,), "phone")]),
        ("1. 点「更换」\n2. 等一天，第 3 步", []),
        ("a day, one more thing, 下一个工作日", []),
    ],
)
def test_figures_are_read_with_their_units(text: str, expected: object) -> None:
    """Two texts with different figures would seem to agree."""
    assert [each.key for each in quantities(text)] == expected


def test_every_fact_says_the_same_in_both_languages() -> None:
    """A fact of the project would be refused although both languages agree."""
    facts = load_facts(Path("data/facts.yml"))
    assert {name: found for name, zh in facts["zh"].items() if (found := same_figures(str(zh), str(facts["en"][name])))} == {}


@pytest.mark.parametrize(
    ("zh", "en"),
    [
        ("99 天", "1-7 days"),
        ("2 小时", "2 days"),
        ("5 个工作日", "5 days"),
        ("20,000 元", "2,000 CNY"),
        ("3 天", "the same day"),
    ],
)
def test_a_fact_that_differs_between_languages_is_found(zh: str, en: str) -> None:
    """Customers of one language would be told another figure."""
    assert same_figures(zh, en)
