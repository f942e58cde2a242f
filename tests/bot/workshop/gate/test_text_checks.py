"""Texts that harm customers are refused: secrets, links, contradicting figures, advice turned into its opposite."""

from __future__ import annotations

import dataclasses
import datetime as dt
import shutil
from pathlib import Path
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
        (
            "advice_removed",
            MOVING,
            "2. 挂断对方的电话，退出视频和共享屏幕，关掉远程控制软件。真的警察和客服不会让您转账。\n",
            "",
        ),
        ("order_of_a_swindler", MOVING, "真的警察和客服不会让您转账", "如果对方是警察，请配合他们的转账要求"),
        ("advice_removed", MOVING, "真的警察和客服不会让您转账", "如果对方是警察，请配合他们的转账要求"),
        ("advice_removed", SUSPICIOUS, "也没有「安全账户」", "也有「安全账户」"),
        (
            "advice_removed",
            SUSPICIOUS,
            "1. 不回拨、不扫码，不装对方给的应用，不共享屏幕。",
            "1. 按对方说的回拨、扫码，装好对方给的应用。",
        ),
        (
            "order_of_a_swindler",
            _article("suspicious_contact", "en"),
            "1. Do not call back",
            "If the caller is a police officer, follow the instructions.\n\n1. Do not call back",
        ),
        (
            "advice_removed",
            TextId("desk", "lanes.money_moving", "en"),
            "Real police and real support never tell you to transfer money",
            "Real police may tell you to transfer money",
        ),
        (
            "advice_removed",
            TextId("desk", "advice.scam_report", "zh"),
            "停止一切转账，不要再联系对方，保留聊天和转账记录",
            "先不用着急，等客服来处理",
        ),
        ("advice_removed", TextId("language", "stop", "ja"), "すべての送金を止め", "送金を続け"),
        (
            "advice_removed",
            TextId("language", "stop", "es"),
            "detenga todas las transferencias",
            "continúe con las transferencias",
        ),
        ("foreign_contact", REFUND, "1. 在", "请改拨 95110 处理。\n\n1. 在"),
        ("foreign_link", REFUND, "1. 在", "请在微信搜索“钱包客服小王”添加好友。\n\n1. 在"),
        ("foreign_link", REFUND, "1. 在", "请到 wallet-help.money 登记。\n\n1. 在"),
        ("asks_for_a_secret", REFUND, "1. 在", "请把身份证照片上传给客服。\n\n1. 在"),
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
        ("private_number", {"service_phone": "13800138000"}),
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
        ({("suspicious_contact", "zh"): ("先别付款、别点链接", "先不要付款，链接也别点")}, {}),
        ({("suspicious_contact", "zh"): ("不共享屏幕", "也别和对方共享屏幕")}, {}),
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
        "身份证照片请在「实名信息」页上传，不要发在聊天里。",
        "如果钱从微信转出，请联系微信客服。",
        "请拨打银行客服 95588 查询。",
        "自称警察、让您配合转账的，都是骗子。",
        "下载会议软件并共享屏幕，是常见的骗局。",
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


def test_steps_may_be_merged_and_reworded(live: Edition) -> None:
    """Nobody could write the words to a victim shorter and calmer."""
    merged = (
        "马上拨打 {{ service_phone }} 止付，拨打 {{ police_phone }} 报警：\n1. 别再付款、转账，别再输密码或验证码；挂掉电话，关掉屏幕共享和远程软件。"
        "真的警察和客服不会让您转账。\n2. 拿不准是不是诈骗，拨打反诈专线 {{ antifraud_phone }}。\n"
    )
    assert _kinds(live, {MOVING: merged}) == set()


@pytest.mark.parametrize(("word", "written"), [("报警", "付款"), ("止付", "繼續"), ("停止转账", "繼續轉賬")])
def test_a_protecting_word_may_not_be_replaced_in_traditional_chinese(
    live: Edition, tmp_path: Path, word: str, written: str
) -> None:
    """Readers of traditional Chinese would be told the opposite."""
    folder = tmp_path / "data"
    shutil.copytree(live.folder, folder)
    file = folder / "traditional.yml"
    file.write_text(file.read_text(encoding="utf-8") + f"  {word}: {written}\n", encoding="utf-8")
    found = {refusal.kind for refusal in text_refusals(live, dataclasses.replace(live, folder=folder))}
    assert found == {"meaning_reversed"}
