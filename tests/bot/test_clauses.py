"""A message is cut where it goes on to another matter."""

from __future__ import annotations

import time
from typing import List

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from actions.triage import message_from_parse
from bot.learning.intent_training import train_intents
from bot.nlu.clauses import LONGEST, MOST_SENTENCES, asks_twice, clauses, has_connector, sentences
from bot.nlu.intent_classifier import NetworkIntentClassifier
from bot.nlu.network import Training
from language.normalization import MODEL_TEXT_LIMIT, normalize

CONNECTED = [
    ("验证码收不到，另外银行卡也绑不上", ["验证码收不到", "银行卡也绑不上"]),
    ("验证码收不到另外银行卡也绑不上", ["验证码收不到", "银行卡也绑不上"]),
    ("怎么提现，还有手续费多少", ["怎么提现", "手续费多少"]),
    ("怎么提现 顺便问下手续费多少", ["怎么提现", "手续费多少"]),
    ("怎么提现；怎么充值", ["怎么提现", "怎么充值"]),
    ("how do i withdraw, also what are the fees", ["how do i withdraw", "what are the fees"]),
    ("how do i withdraw. by the way, what are the fees", ["how do i withdraw", "what are the fees"]),
]
NOT_CONNECTED = [
    "还有别的办法吗",
    "怎么提现，还有多久到",
    "另外的卡怎么绑",
    "我还有200元",
    "验证码收不到，短信也没有",
    "also",
    "另外",
    "",
    "，，，",
]


@pytest.mark.parametrize(("text", "parts"), CONNECTED)
def test_a_connector_opens_another_matter(text: str, parts: List[str]) -> None:
    """The second question of a message would be swallowed by the first."""
    assert has_connector(normalize(text))
    assert clauses(normalize(text)) == parts


@pytest.mark.parametrize("text", NOT_CONNECTED)
def test_other_words_open_nothing(text: str) -> None:
    """One question would be torn into two halves that mean nothing."""
    assert not has_connector(normalize(text))


def test_without_a_connector_stops_cut() -> None:
    """ "Thanks, and how long does it take" would be thanks."""
    assert clauses("谢谢,那提现要多久") == ["谢谢", "那提现要多久"]
    assert clauses("提现要多久") == []
    assert clauses("一句话,两句话,三句话,四句话,五句话") == []


@given(st.text(max_size=200))
def test_any_text_is_cut_or_left(text: str) -> None:
    """Some message would crash the pipeline."""
    parts = clauses(normalize(text))
    assert len(parts) != 1
    assert all(part.strip() for part in parts)


@pytest.mark.parametrize("unit", ["另外", "，", "还有，", " also ", ";", ". and also"])
def test_cutting_takes_no_time(unit: str) -> None:
    """A crafted message would hold up the bot for everyone."""
    for length in (LONGEST, 8000):
        text = (unit * 8000)[:length]
        started = time.process_time()
        clauses(text)
        has_connector(text)
        assert time.process_time() - started < 0.02


WORDS = {
    "verification_code_not_received": [
        "验证码收不到",
        "没有收到短信验证码",
        "验证码一直不来",
        "等了半天没有验证码",
        "短信码收不到",
    ],
    "bind_card_failed": ["银行卡绑不上", "绑卡失败了", "添加银行卡失败", "卡绑定不了", "绑定银行卡不成功"],
    "thanks": ["谢谢", "多谢", "谢谢你", "非常感谢", "感谢"],
}


@pytest.fixture(scope="module")
def classifier() -> NetworkIntentClassifier:
    """The pipeline's component with a small model."""
    texts = [text for sentences in WORDS.values() for text in sentences]
    labels = [label for label, sentences in WORDS.items() for _ in sentences]
    model = train_intents(texts, labels, Training(epochs=60))
    return NetworkIntentClassifier({}, None, None, model)


@pytest.mark.parametrize(
    ("text", "intents"),
    [
        ("验证码收不到,另外银行卡绑不上", ["verification_code_not_received", "bind_card_failed"]),
        ("谢谢,谢谢你", ["thanks", "thanks"]),
        ("验证码收不到", []),
        ("验证码收不到,等了半天", []),
    ],
)
def test_the_pipeline_ranks_each_clause(classifier: NetworkIntentClassifier, text: str, intents: List[str]) -> None:
    """The decision could not see that a message is about two things; or each comma would cost a ranking."""
    (message,) = classifier.process([Message(data={TEXT: text})])
    parse = {name: message.get(name) for name in ("intent_ranking", "thresholds", "parts")}
    read = message_from_parse({"text": text, **parse})
    assert [part.ranking[0][0] for part in read.parts] == intents
    assert all(sum(share for _, share in part.ranking) == pytest.approx(1) for part in read.parts)
    assert message.as_dict_nlu().get("parts", message.get("parts")) == message.get("parts")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("昨天买了手机,卖家不发货,也不退钱", ["昨天买了手机", "卖家不发货", "也不退钱"]),
        ("验证码收不到", []),
        ("你好,验证码收不到", []),
        ("i bought a phone. the seller is gone. what now?", ["i bought a phone", "the seller is gone", "what now"]),
        ("", []),
        ("。。。,,,", []),
    ],
)
def test_a_message_is_cut_into_its_sentences(text: str, expected: List[str]) -> None:
    """The gravest sentence of a story would not be seen, or a greeting would count as one."""
    assert sentences(text) == expected


def test_a_message_of_many_sentences_has_a_bounded_number_of_parts() -> None:
    """200 sentences would cost 200 predictions; and the last one, where the wish stands, would be lost."""
    text = "我的转账还没有到账。" * 199 + "钱被骗子转走了。"
    found = sentences(text)
    assert len(found) == MOST_SENTENCES
    assert "钱被骗子转走了" in found[-1]
    assert sum(map(len, found)) <= MODEL_TEXT_LIMIT + 1


@pytest.mark.parametrize(
    ("text", "twice"),
    [
        ("怎么提现?手续费多少?", True),
        ("提现要多久吗,手续费收吗", True),
        ("怎么提现?", False),
        ("怎么提现,手续费多少", False),
    ],
)
def test_two_questions_are_told_from_one(text: str, twice: bool) -> None:
    """The second question of a message would be dropped, or a story would be answered in pieces."""
    assert asks_twice(text) == twice
