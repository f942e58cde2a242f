"""Which language a customer writes in."""

from __future__ import annotations

import pytest

from handoff.domain.language import language_of

TABLE = {
    "en": [
        "i think someone hacked my account",
        "My card was charged twice",
        "where is my money",
        "I sent it to the wrong person!!",
        "payment failed but money gone",
        "how do i reset the password",
        "PLEASE HELP I WAS SCAMMED",
        "I don’t recognise this charge",
    ],
    "zh": [
        "我的账号被盗了",
        "app打不开",
        "提示 payment failed 怎么办",
        "wechat里的钱 how",
        "轉帳未到",
    ],
    None: [
        "",
        "ok",
        "thanks",
        "iPhone 15 Pro Max",
        "12345",
        "???",
        "👍",
        "zenme kaitong qianbao a wo meiyou yongguo",
        "wo de qian bei pian le",
        "ni hao zai ma",
        "qing wen zen me ti xian",
        "wo yao zhao ren gong",
        "嗯",
        "error code E1234",
        "ERR_CONNECTION_TIMED_OUT",
        "bu shi wo zhuan de",
        "hola necesito ayuda con mi cuenta",
    ],
}


@pytest.mark.parametrize(("language", "text"), [(language, text) for language, texts in TABLE.items() for text in texts])
def test_the_language_of_a_message(language: str | None, text: str) -> None:
    """Advice in an emergency would come in a language that the customer does not read."""
    assert language_of(text) == language
