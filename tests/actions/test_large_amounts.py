"""A large transaction goes to a person, and an amount in a mere question does not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Dict, List, Optional

import pytest

from actions.amounts import largest_amount_cny, largest_unrated_amount
from actions.decide import decide
from content.triage_policy import Policy
from contract.turn import Context
from tests.actions.made_messages import (
    ANSWER,
    FRESH,
    amount,
    outcome,
    said,
)

LARGE = ("escalate", "large_transaction", "high")


AMOUNTS = [
    # text, intent the model sees, its probability, amounts, what happens
    ("怎么转账5万", "transfer_howto", 0.9, [amount(50000)], LARGE),
    ("怎么转账49999", "transfer_howto", 0.9, [amount(49999)], ANSWER),
    ("怎么转账49999.99", "transfer_howto", 0.9, [amount(49999.99)], ANSWER),
    ("转了20万没到", "transfer_delay", 0.9, [amount(200000)], LARGE),
    ("扫码付8万失败", "payment_failed", 0.9, [amount(80000)], LARGE),
    # the largest single amount counts, amounts are not added up (rule 5)
    ("转3万再转3万", "transfer_howto", 0.9, [amount(30000), amount(30000)], ANSWER),
    ("转3万再转6万", "transfer_howto", 0.9, [amount(30000), amount(60000)], LARGE),
    # other currencies by the policy's rates: 1 USD is 7.1 CNY, 1 JPY 0.047 CNY
    ("转8000美元", "transfer_howto", 0.9, [amount(8000, "USD")], LARGE),
    ("转7000美元", "transfer_howto", 0.9, [amount(7000, "USD")], ANSWER),
    ("转100万日元", "cross_border_delay", 0.9, [amount(1_000_000, "JPY")], ANSWER),
    ("转200万日元", "cross_border_delay", 0.9, [amount(2_000_000, "JPY")], LARGE),
    # coins have rates like money, and an amount in an unknown currency is large from `without_rate` on
    ("转8000USDT", "transfer_howto", 0.9, [amount(8000, "USDT")], LARGE),
    ("转1000USDT", "transfer_howto", 0.9, [amount(1000, "USDT")], ANSWER),
    ("转0.1个比特币", "transfer_howto", 0.9, [amount(0.1, "BTC")], LARGE),
    ("转99999火星币", "transfer_howto", 0.9, [amount(99999, "XXX")], LARGE),
    ("转1000火星币", "transfer_howto", 0.9, [amount(1000, "XXX")], LARGE),
    ("转999火星币", "transfer_howto", 0.9, [amount(999, "XXX")], ANSWER),
    ("转200元和5000火星币", "transfer_howto", 0.9, [amount(200), amount(5000, "XXX")], LARGE),
    ("5000火星币的手续费", "fees", 0.9, [amount(5000, "XXX")], ANSWER),
    # intents that only ask for information never escalate because of an amount (rule 1)
    ("单笔限额是5万吗", "payment_limit", 0.9, [amount(50000)], ANSWER),
    ("转10万手续费多少", "fees", 0.9, [amount(100000)], ANSWER),
    ("我转10万要多少手续费", "fees", 0.9, [amount(100000)], ANSWER),
    ("积分10万能换什么", "points_howto", 0.9, [amount(100000)], ANSWER),
    ("5万的发票怎么开", "invoice", 0.9, [amount(50000)], ANSWER),
    # ... but only when it is clear that they do: in doubt a person (rule 2)
    ("我要转10万，限额够吗", "payment_limit", 0.5, [amount(100000)], LARGE),
    # wishes and small talk from outside state no transaction; the customer's own, unclear, do
    ("建议限额提到10万", "feedback", 0.9, [amount(100000)], ("feedback", None, None)),
    ("借我10万", "out_of_scope", 0.9, [amount(100000)], ("reject", None, None)),
    ("我想买10万的东西", "out_of_scope", 0.9, [amount(100000)], LARGE),
    ("10万", "out_of_scope", 0.3, [amount(100000)], LARGE),
    # a message whose own route is an escalation keeps its reason and takes the higher priority
    ("账户被冻结，里面有20万", "account_restricted", 0.9, [amount(200000)], ("escalate", "identity_check", "high")),
    ("试遍了还是转不了20万", "complex_technical", 0.9, [amount(200000)], ("escalate", "complex_technical", "high")),
    ("账户被冻结，里面有2万", "account_restricted", 0.9, [amount(20000)], ("escalate", "identity_check", "normal")),
    ("20万转错账了", "wrong_transfer", 0.9, [amount(200000)], ("escalate", "dispute", "high")),
    ("20万转错账了", "transfer_howto", 0.9, [amount(200000)], ("escalate", "dispute", "high")),
    ("我被骗了20万", "transfer_howto", 0.9, [amount(200000)], ("escalate", "security", "urgent")),
    ("20万出去了", "unauthorized_transaction", 0.9, [amount(200000)], ("escalate", "security", "urgent")),
    ("转人工，我要转20万", "human_agent", 0.9, [amount(200000)], LARGE),
]


@pytest.mark.parametrize(("text", "intent", "probability", "amounts", "expected"), AMOUNTS)
def test_large_amounts_go_to_a_person(
    policy: Policy,
    text: str,
    intent: str,
    probability: float,
    amounts: List[Dict[str, Any]],
    expected: tuple[str, Optional[str], Optional[str]],
) -> None:
    """A transaction of a year's wages would get an article, or a question about limits a person (rules 1 and 5)."""
    assert outcome(decide(said(text, *amounts, **{intent: probability}), FRESH, policy)) == expected


def test_a_graver_risk_beside_a_large_amount_keeps_its_urgency(policy: Policy) -> None:
    """A large theft that the model only half recognises would be filed as an ordinary large transaction."""
    message = said("20万没了", amount(200000), account_stolen=0.3, unauthorized_transaction=0.25, transfer_delay=0.35)
    assert outcome(decide(message, FRESH, policy)) == ("escalate", "security", "urgent")


def test_every_information_only_intent_ignores_amounts(policy: Policy) -> None:
    """An intent of rule 1's list would be left out of the policy, or a later one that moves no money."""
    listed = (
        "payment_limit fees transaction_history wallet_overview security_advice privacy coupon_howto coupon_unusable "
        "points_howto points_missing payment_method auto_payment merchant_code invoice notifications "
        "delete_records overseas_use balance_inquiry profile_update app_download merchant_integration"
    ).split()
    assert sorted(policy.large_transaction.information_only) == sorted(listed)
    for intent in listed:
        assert decide(said("100万", amount(1_000_000), **{intent: 0.9}), FRESH, policy).route == "answer", intent


def test_every_answer_about_a_transaction_is_a_topic_for_an_amount(policy: Policy) -> None:
    """A bare "200,000" after an answer about moving money would mean nothing (rule 5)."""
    for intent in policy.large_transaction.topics:
        assert intent not in policy.large_transaction.information_only


def test_the_largest_amount_in_yuan(policy: Policy) -> None:
    """A foreign amount would be compared unconverted, or another entity taken for an amount."""
    rates = policy.large_transaction.rates
    phone = {"entity": "phone", "text": "13800138000", "value": "13800138000", "start": 0, "end": 11}
    assert largest_amount_cny([amount(100), amount(100, "USD"), phone], rates) == 710
    assert largest_amount_cny([phone], rates) is None
    assert largest_amount_cny([amount(100, "XXX")], rates) is None


def test_an_amount_without_a_rate_gets_no_sum_in_yuan(policy: Policy) -> None:
    """An agent would read an invented sum in CNY on the card, or not see why the conversation came."""
    decision = decide(said("转5000火星币", amount(5000, "XXX"), transfer_howto=0.9), FRESH, policy)
    assert decision.amount_cny is None
    assert [step.detail for step in decision.trace if step.rule == "floor.amount"] == ["5000 ≥ 1000 ?"]
    rates = policy.large_transaction.rates
    assert largest_unrated_amount([amount(9000), amount(3, "XXX"), amount(5, "XXZ")], rates) == 5
    assert largest_unrated_amount([amount(9000)], rates) is None


@pytest.mark.parametrize(
    ("topic", "text", "number", "escalates"),
    [
        ("transfer_howto", "200000", 200000, True),
        ("transfer_howto", "大概20万吧", 200000, True),
        ("transfer_howto", "2000", 2000, False),
        ("payment_limit", "20万", 200000, False),
        (None, "20万", 200000, False),
    ],
)
def test_an_amount_later_counts_for_the_topic_at_hand(
    policy: Policy, topic: Optional[str], text: str, number: float, escalates: bool
) -> None:
    """ "I want to transfer money" - "200,000" would be answered like two thousand (rule 5)."""
    context = Context(last_route="answer", asked="solved", topic=topic)
    decision = decide(said(text, amount(number), payment_limit=0.7), context, policy)
    assert (decision.route == "escalate") is escalates
    if escalates:
        assert (outcome(decision), decision.rule, decision.intent) == (LARGE, "context.amount", topic)


@pytest.mark.parametrize(
    ("text", "escalates"),
    [
        ("two hundred thousand dollars", True),
        ("about two hundred thousand dollars", True),
        ("two hundred thousand dollars is what i read on the poster", False),
    ],
)
def test_an_amount_in_words_is_as_short_as_one_in_digits(policy: Policy, text: str, escalates: bool) -> None:
    """An English customer who spells the sum out would get an answer where 200,000 gets a person."""
    words = "two hundred thousand dollars"
    start = text.index(words)
    spelled = {**amount(200000, "USD"), "text": words, "start": start, "end": start + len(words)}
    context = Context(last_route="answer", asked="solved", topic="transfer_howto")
    decision = decide(said(text, spelled, payment_limit=0.7), context, policy)
    assert (decision.rule == "context.amount") is escalates


@pytest.mark.parametrize(("text", "amount"), [("500", "500"), ("200元", "200元"), ("两千", "两千"), ("3000。", "3000")])
def test_a_sum_alone_states_nothing(policy: Policy, text: str, amount: str) -> None:
    """A bare number would be an emergency, because the sentences that begin so end badly."""
    entity = {"entity": "amount", "text": amount, "value": {"number": 500, "currency": "CNY"}, "start": 0, "end": len(amount)}
    message = replace(said(wrong_transfer=0.8, scam_report=0.1), text=text, entities=[entity])
    assert (decide(message, FRESH, policy).route, decide(message, FRESH, policy).rule) == ("clarify", "noun")
