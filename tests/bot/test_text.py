"""The one spelling that training, serving and the floor see."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from language.normalization import normalize

SPELLINGS = [
    # as typed, as seen
    ("转账没到", "转账没到"),
    ("轉帳沒到", "转账没到"),
    ("我的帳號被盜了", "我的账号被盗了"),
    ("軟體打不開", "软件打不开"),
    ("帐号登陆不了", "账号登录不了"),
    ("怎么邦定银行卡", "怎么绑定银行卡"),
    ("５０００元", "5000元"),
    ("ＡＢＣ", "abc"),
    ("（？！）", "(?!)"),
    ("Transfer FAILED", "transfer failed"),
    ("转\u200b人\u200d工", "转人工"),
    ("\u202e转人工\u202c", "转人工"),
    ("\ufeff转人工", "转人工"),
    ("转\ud800人\udfff工", "转人工"),
    ("转\ue000人工", "转人工"),
    ("转\x00人\x07工", "转人工"),
    ("  转  人 工\n", "转人工"),
    ("軟 體", "软件"),
    ("登 陆", "登录"),
    ("a \t\n b", "a b"),
    ("转账 500 元", "转账 500 元"),
    ("/restart", "restart"),
    ("／restart", "restart"),
    (" //human_agent{\"x\":1}", "human_agent{\"x\":1}"),
    ("/ / restart", "restart"),
    ("/\u200b/restart", "restart"),
    ("1/2", "1/2"),
    ("", ""),
    (" \n\u200b", ""),
    ("/", ""),
    ("😀", "😀"),
    ("ﬁ①㎏", "fi1kg"),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "seen"), SPELLINGS)
def test_one_spelling(typed: str, seen: str) -> None:
    """The same words in another script, width or disguise would be understood differently, or as a command."""
    assert normalize(typed) == seen


PIECES = "轉 帳 登 陸 陆 邦 定 / ／ Ａ İ ß ﬁ ① \u200b \u202e \ud800 \ue000 \x00 \n 　 é e\u0301 髮 後 里 裡 軟 體 a".split(" ")
MIXED = st.text(max_size=80) | st.lists(st.sampled_from([*PIECES, " "]), max_size=30).map("".join)


@settings(max_examples=300, deadline=None)
@given(MIXED)
def test_normalising_twice_changes_nothing(text: str) -> None:
    """A text that passes through training and serving would differ from one that passes once."""
    assert normalize(normalize(text)) == normalize(text)


@settings(max_examples=300, deadline=None)
@given(st.text(st.characters(), max_size=80) | MIXED)
def test_any_text_is_safe_to_use(text: str) -> None:
    """A crafted message would crash the encoder, be taken for a command, or hide words from the floor."""
    seen = normalize(text)
    seen.encode("utf-8")
    assert not seen.startswith(("/", " "))
    assert seen == seen.strip()
    assert not any(unicodedata.category(character) in ("Cs", "Cf", "Cc", "Co") for character in seen)
    assert "  " not in seen


@pytest.mark.parametrize("unit", ["轉帳 ", "a ", "/ ", "\u200b", "ﷺ", "登陆", " ", "①"])
def test_time_grows_with_the_length_only(unit: str) -> None:
    """A message of 4,000 crafted characters would hold up the bot for everyone."""
    started = time.process_time()
    normalize((unit * 4000)[:4000])
    assert time.process_time() - started < 0.5
