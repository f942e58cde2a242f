"""What the rules say of typed numbers, phones, links and menus, and how changes are put into sentences."""

from __future__ import annotations

from pathlib import Path

import pytest

from content.editing.differences import differences
from content.editing.reading import Reading
from content.editing.rules import Rules, menu_problems, menus_in
from content.snapshots import read_folder

DATA = Path(__file__).parents[3] / "data"


@pytest.fixture(scope="module")
def rules() -> Rules:
    """The rules with the project's own facts and texts."""
    reading = Reading(DATA)
    texts = reading.texts()
    return Rules.of(reading.facts(), texts, menus_in(text.text for text in texts if text.kind == "article"))


@pytest.mark.parametrize(
    ("text", "code", "fix"),
    [
        ("等 60 秒再点", "typed_fact", "{{ code_resend_seconds }}"),
        ("5 分钟内有效", "typed_fact", "{{ code_valid }}"),
        ("银行卡 99 天到账", "typed_number", "{{ refund_card_arrival }}"),
        ("拨打 400-000-1234", "typed_fact", "{{ service_phone }}"),
        ("拨打 12345", "foreign_phone", None),
        ("请打 13812345678", "foreign_phone", None),
        ("见 https://evil.top/a", "foreign_link", None),
        ("加客服微信处理", "foreign_link", None),
        ("报一下六位数字", "asks_for_secret", None),
        ("把密码发给我们核实", "asks_for_secret", None),
        ("[点这里](https://pay.wallet.example)", "markup", None),
        ("不要告诉任何人验证码", None, None),
        ("在应用里输入支付密码", None, None),
        ("共 3 步，第 2 步最快", None, None),
        ("官网 www.wallet.example", "typed_fact", "{{ download_site }}"),
    ],
)
def test_one_text(rules: Rules, text: str, code: str | None, fix: str | None) -> None:
    """A forbidden text would pass, a sound one would be blocked, or a typed fact would not be offered."""
    found = rules.text_problems(text, "zh", near=["refund_card_arrival"])
    assert [(problem.code, problem.fix) for problem in found] == ([(code, fix)] if code else [])


def test_menus(rules: Rules) -> None:
    """A misspelt menu would send customers looking for it."""
    assert [problem.code for problem in menu_problems("「我的 > 设定 > 账户与安全」", rules.menus)] == ["unknown_menu"]
    assert menu_problems("「我的 > 设置 > 账户与安全」", rules.menus) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "zh"),
    [
        (
            "articles/refund_status.zh.md",
            "最迟 {{ deposit_release }}自",
            "最迟 99 天自",
            "文章“退款、押金多久到账”（中文）第 5 步：“{{ deposit_release }}” → “99 天”",
        ),
        (
            "articles/fees.zh.md",
            "until: 2027-12-31",
            "until: 2028-12-31",
            "文章“有哪些手续费”（中文）失效日期：“2027-12-31” → “2028-12-31”",
        ),
        ("facts.yml", "code_length: 6", "code_length: 8", "事实 code_length：“6” → “8”，牵涉 4 处"),
        ("triage.yml", "wrong_answer: 0.006", "wrong_answer: 0.06", "答错的比例：“0.006” → “0.06”"),
        (
            "triage.yml",
            "fees: {route: answer, article: fees",
            "fees: {route: escalate, reason: dispute",
            "手续费：去向：“用文章 fees 回答” → “转人工：交易争议与投诉”",
        ),
        ("desk.yml", "first_response_minutes: 2", "first_response_minutes: 5", "紧急：首次回复：“2” → “5”"),
    ],
)
def test_changes_as_sentences(file: str, old: str, new: str, zh: str) -> None:
    """An editor would approve a change without seeing what it is."""
    before = read_folder(DATA)
    text = before[file].decode("utf-8")
    assert old in text
    after = {**before, file: text.replace(old, new, 1).encode("utf-8")}
    assert [change.zh for change in differences(before, after)] == [zh]
    assert differences(before, before) == []
