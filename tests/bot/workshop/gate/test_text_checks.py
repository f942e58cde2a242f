"""Texts that harm customers are refused: secrets, links, contradicting figures, advice turned into its opposite."""

from __future__ import annotations

import datetime as dt
from typing import Any, Dict, Optional

import pytest

from bot.workshop.gate.article_checks import article_refusals
from bot.workshop.gate.desk_checks import desk_refusals
from bot.workshop.gate.edition import Edition, TextId
from bot.workshop.gate.figures import figure_refusals
from bot.workshop.gate.text_checks import text_refusals
from tests.bot.workshop.gate.conftest import with_texts


def _article(name: str, locale: str = "zh") -> TextId:
    return TextId("article", name, locale)


def _kinds(live: Edition, texts: Dict[TextId, Optional[str]], facts: Optional[Dict[str, Any]] = None) -> set[str]:
    draft = with_texts(live, texts, facts)
    return {refusal.kind for check in (text_refusals, figure_refusals, desk_refusals) for refusal in check(live, draft)}


MOVING = TextId("desk", "lanes.money_moving", "zh")
REFUND, SUSPICIOUS = _article("refund_status"), _article("suspicious_contact")


def _changed(live: Edition, text: TextId, old: str, new: str) -> Dict[TextId, Optional[str]]:
    assert old in live.texts[text]
    return {text: live.texts[text].replace(old, new)}


@pytest.mark.parametrize(
    ("kind", "text", "old", "new"),
    [
        ("asks_for_a_secret", REFUND, "1. 在", "请把您的支付密码发给我们核实。\n\n1. 在"),
        ("asks_for_a_secret", TextId("canned", "greeting", "en"), "with you.", "with you. Please tell me your PIN."),
        ("asks_for_a_secret", TextId("title", "refund_status", "zh"), "退款", "请把密码告诉客服"),
        ("foreign_link", REFUND, "1. 在", "查询：http://refund-wallet.top\n\n1. 在"),
        ("foreign_contact", REFUND, "1. 在", "退款热线 0755-88886666。\n\n1. 在"),
        ("markup_in_text", REFUND, "1. 在", "<script>x()</script>\n1. 在"),
        ("meaning_reversed", SUSPICIOUS, "**别说验证码**", "**要说验证码**"),
        ("meaning_reversed", _article("suspicious_contact", "en"), "Do not call back", "Call back"),
        ("meaning_reversed", _article("app_download"), "余额、银行卡和账单都不会丢", "余额、银行卡和账单都会丢"),
        ("figure_beside_a_fact", REFUND, "{{ refund_card_arrival }}", "99 天"),
        ("figure_beside_a_fact", _article("refund_status", "en"), "{{ refund_card_arrival }}", "99 days"),
        ("figure_beside_a_fact", REFUND, "1. 在", "退款一般 99 天到账。\n\n1. 在"),
        ("figure_beside_a_fact", _article("bind_card_howto"), "{{ cards_max }} 张", "50 张"),
        ("fact_in_one_language", REFUND, "银行卡付的 {{ refund_card_arrival }}到", "银行卡付的很快到"),
        ("fact_in_one_language", _article("transfer_delay"), "{{ transfer_card_arrival }}", "{{ bill_arrival }}"),
        ("emergency_number_removed", TextId("desk", "urgent", "zh"), "{{ service_phone }}", "客服"),
        ("emergency_number_removed", TextId("language", "stop", "ja"), "{{ police_phone }}", "110"),
        ("emergency_number_removed", SUSPICIOUS, "{{ police_phone }}", "警方"),
        ("meaning_reversed", MOVING, "不要再输入密码或验证码", "可以放心输入密码或验证码"),
        ("advice_removed", MOVING, "1. 停止一切付款和转账，不要再输入密码或验证码。\n", ""),
        ("asks_for_a_secret", REFUND, "1. 在", "请先支付一笔解冻保证金。\n\n1. 在"),
        ("asks_for_a_secret", REFUND, "1. 在", "请先把余额转到客服指定的银行卡。\n\n1. 在"),
        ("asks_for_a_secret", REFUND, "1. 在", "请把付款二维码截图发给我。\n\n1. 在"),
    ],
)
def test_a_harmful_text_is_refused(live: Edition, kind: str, text: TextId, old: str, new: str) -> None:
    """Customers would read it."""
    assert kind in _kinds(live, _changed(live, text, old, new))


@pytest.mark.parametrize(
    ("kind", "facts"),
    [
        ("fact_differs_between_languages", {"refund_card_arrival": {"zh": "1-15 个工作日", "en": "1-7 business days"}}),
        ("fact_differs_between_languages", {"code_valid": {"zh": "5 小时", "en": "5 minutes"}}),
        ("public_number_changed", {"police_phone": "119"}),
        ("foreign_link", {"download_site": "www.wallet-app.top"}),
    ],
)
def test_a_harmful_fact_is_refused(live: Edition, kind: str, facts: Dict[str, Any]) -> None:
    """Every text with the fact would mislead customers."""
    assert kind in _kinds(live, {}, facts)


def test_a_text_with_the_old_value_of_a_changed_fact_is_refused(live: Edition) -> None:
    """One text would go on naming the old value."""
    text = _article("refund_status")
    typed = with_texts(live, {text: live.texts[text] + "\n一般 1-7 个工作日。"})
    draft = with_texts(typed, {}, {"refund_card_arrival": {"zh": "3 个工作日", "en": "3 business days"}})
    assert "old_value_left" in {refusal.kind for refusal in figure_refusals(typed, draft)}


@pytest.mark.parametrize(
    ("texts", "facts"),
    [
        ({}, {"refund_card_arrival": {"zh": "1-10 个工作日", "en": "1-10 business days"}}),
        ({}, {"cards_max": 20}),
        ({}, {"service_phone": "400-000-9999"}),
        ({("refund_status", "zh"): ("钱会原路退回", "钱会按原路退回")}, {}),
        ({("refund_status", "zh"): ("请先向商家申请或催一下", "请先找商家申请，催一下也可以")}, {}),
        ({("login_failed", "zh"): ("换 Wi-Fi", "等 10 分钟再试；换 Wi-Fi")}, {}),
        ({("refund_status", "zh"): ("1. 在", "请勿向任何人提供密码和验证码。\n\n1. 在")}, {}),
        ({("refund_status", "en"): ("1. Open", "Nobody needs your password for this.\n\n1. Open")}, {}),
        ({("delete_records", "zh"): ("不能恢复", "无法恢复")}, {}),
        ({("app_download", "zh"): ("官网 {{ download_site }}", "官网 {{ download_site }}（www.wallet.example）")}, {}),
    ],
)
def test_a_harmless_change_is_not_refused(live: Edition, texts: Dict[Any, Any], facts: Dict[str, Any]) -> None:
    """Editors could not do their work."""
    changed: Dict[TextId, Optional[str]] = {}
    for (name, locale), (old, new) in texts.items():
        changed.update(_changed(live, _article(name, locale), old, new))
    assert _kinds(live, changed, facts) == set()


@pytest.mark.parametrize(
    "sentence",
    [
        "2027 年 2 月 5 日至 11 日系统维护，到账可能稍慢。",
        "填写大约需要 2 分钟。",
        "例如退款 100 元，会原路退回 100 元。",
        "请告诉我们银行卡号的后四位，方便核对。",
        "凡是让您先交保证金、解冻费的，都是诈骗。",
    ],
)
def test_an_ordinary_sentence_beside_facts_passes(live: Edition, sentence: str) -> None:
    """An editor could write no date, no example and no duration of another kind beside a fact."""
    assert _kinds(live, {REFUND: f"{live.texts[REFUND]}\n\n{sentence}"}) == set()


def test_two_labels_that_changed_places_are_refused(live: Edition) -> None:
    """A customer who presses "solved" would be told that a person comes, and the other way round."""
    solved, unsolved = TextId("replies", "button_solved", "zh"), TextId("replies", "button_unsolved", "zh")
    draft = with_texts(live, {solved: live.texts[unsolved], unsolved: live.texts[solved]})
    today = dt.date(2026, 11, 30)
    assert [refusal.kind for refusal in article_refusals(live, draft, today)] == ["texts_exchanged"]
