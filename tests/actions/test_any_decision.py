"""Every message gets a valid decision, whatever the text, the context and the thresholds are."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actions.assessment import has_words
from actions.decide import decide
from actions.decision import Message
from content.triage_policy import Policy
from contract.priorities import PRIORITIES
from contract.routes import Route
from contract.turn import Closed, Context
from contract.understanding import THRESHOLDS
from tests.actions.made_messages import (
    FRESH,
    LIMITS,
    amount,
    said,
)


def test_a_decision_carries_its_reasons_as_json(policy: Policy) -> None:
    """An agent or editor could not see why, or the decision could not be logged."""
    message = said("转5万给我妈", amount(50000), transfer_howto=0.81234567, fees=0.1)
    body = decide(message, FRESH, policy).as_json()
    assert json.loads(json.dumps(body)) == body
    assert body["amount_cny"] == 50000
    assert body["thresholds"] == LIMITS
    assert body["scores"] == {"risk": 0.0, "out_of_scope": 0.0}
    assert body["ranking"][0] == {"intent": "transfer_howto", "confidence": 0.8123}
    fired = [step for step in body["trace"] if step["fired"]]
    assert [step["rule"] for step in fired] == ["floor.amount"]
    assert "50000" in fired[0]["detail"].replace(".0", "")


@pytest.mark.parametrize(
    ("text", "words"), [("", False), ("？？。…", False), (" \n", False), ("嗯", True), ("5", True), ("😀", True)]
)
def test_punctuation_alone_has_no_words(text: str, words: bool) -> None:
    """The model's guess on "???" would be taken for an understanding."""
    assert has_words(text) is words


@pytest.mark.parametrize("limit", THRESHOLDS)
@pytest.mark.parametrize("value", [0.0, 1.0])
def test_any_threshold_decides(policy: Policy, limit: str, value: float) -> None:
    """A threshold at the end of its range would crash the bot."""
    for message in (said(), said(fees=0.5), said(fees=0.5, scam_report=0.5), said("10万", amount(100000), fees=0.5)):
        limited = replace(message, thresholds={**LIMITS, limit: value})
        assert decide(limited, FRESH, policy).route in get_args(Route)


def test_intents_that_the_policy_does_not_know_are_left_out(policy: Policy) -> None:
    """Between a model's swap and its content's, a turn would fail."""
    decision = decide(said(brand_new_intent=0.9, fees=0.5), FRESH, policy)
    assert (decision.route, decision.intent) == ("answer", "fees")
    assert decide(said(brand_new_intent=0.9), FRESH, policy).route == "reject"


TEXTS = st.text(max_size=60) | st.lists(
    st.sampled_from(
        [
            *"我 被骗了 转人工 不用 账号被盗 怎么 如果 20万 算了 ， 。 ？ 去年 处理好了 转账 投诉 你们 a /restart".split(),
            *"不是这个 好的 没解决 第二步 2 吗 等等 👍 不等了".split(),
        ]
    ),
    max_size=12,
).map("".join)  # fmt: skip


CONFIDENCES = st.floats(0, 1)


CONTEXTS = st.builds(
    Context,
    status=st.sampled_from(["with_bot", "queued", "assigned", "resolved", "something newer"]),
    locale=st.sampled_from(["zh", "en", "xx"]),
    last_route=st.none() | st.sampled_from(get_args(Route)),
    asked=st.none() | st.sampled_from(["solved", "offer_person", "topic", "cancel_wait", "else"]),
    tentative=st.booleans(),
    not_understood=st.integers(0, 5),
    topic=st.none() | st.sampled_from(["transfer_howto", "fees", "gone"]),
    priority=st.none() | st.sampled_from([*PRIORITIES, "else"]),
    topics=st.lists(st.sampled_from(["fees", "account_locked", "gone"]), max_size=3, unique=True),
    open_topics=st.lists(st.sampled_from(["fees", "account_locked", "gone"]), max_size=3, unique=True),
    closed=st.none()
    | st.builds(
        Closed,
        by=st.sampled_from(["agent", "solved", "idle", "else"]),
        reason=st.none() | st.sampled_from(["security", "gone"]),
        priority=st.none() | st.sampled_from(PRIORITIES),
        intent=st.none() | st.sampled_from(["scam_report", "gone"]),
    ),
)


AMOUNT = st.builds(amount, st.floats(0, 1e12), st.sampled_from(["CNY", "USD", "XXX"]))


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_any_message_gets_a_valid_decision_and_the_same_one_again(policy: Policy, data: st.DataObject) -> None:
    """Some message would crash the bot, leave the customer without a route, or be decided differently on replay."""
    names = st.sampled_from([*policy.intents, "unknown_intent"])
    message = Message(
        data.draw(TEXTS),
        data.draw(st.lists(st.tuples(names, CONFIDENCES), max_size=8, unique_by=lambda pair: pair[0])),
        data.draw(st.lists(AMOUNT, max_size=3)),
        {name: data.draw(st.floats(0, 1)) for name in THRESHOLDS},
        data.draw(st.none() | st.sampled_from(["solved", "unsolved", "human", "topic:fees"])),
    )
    context = data.draw(CONTEXTS)
    valid = data.draw(st.booleans())
    decision = decide(message, context, policy, lambda article: valid)
    assert decision == decide(message, context, policy, lambda article: valid)
    assert decision.route in get_args(Route)
    assert (decision.reason in policy.reasons) is (decision.route == "escalate")
    assert (decision.priority in PRIORITIES) is (decision.route == "escalate")
    told = (context.topic, context.closed and context.closed.intent)
    assert decision.intent is None or decision.intent in policy.intents or decision.intent in told
    assert decision.route != "answer" or valid
    asks_back = decision.route in ("clarify", "reject") and decision.rule != "context.open_topic"
    spared = 1 if decision.rule == "context.alternatives" else 0  # the guess was the first miss
    assert not (asks_back and context.not_understood >= 1 + spared)
    assert not (decision.tentative and context.not_understood >= 2)
    assert all(policy.intents[topic].route in ("answer", "escalate") for topic in decision.topics)
    json.dumps(decision.as_json(), allow_nan=False)
