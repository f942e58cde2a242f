"""The decision, as tables: who gets an answer, who gets a person, why, and how urgently."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, Dict, List, Mapping, Optional, Sequence, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actions.decide import decide, has_words, largest_amount_cny, largest_unrated_amount
from actions.decision import THRESHOLDS, Message, Part
from actions.short_reply import short_replies_of
from content.triage_policy import Policy
from contract.decision import Decision
from contract.priorities import PRIORITIES
from contract.routes import Route
from contract.turn import Closed, Context

#: What was said by whom does not matter here: rankings are made by hand, and this text states nothing by itself.
PLAIN = "麻烦瞧一瞧"
FRESH = Context()


#: Thresholds that stay as they are when a model's real ones are computed anew.
LIMITS = {"risk": 0.45, "out_of_scope": 0.3, "harmless": 0.6, "understood": 0.4}


def amount(number: float, currency: str = "CNY") -> Dict[str, Any]:
    """An amount as the pipeline finds it."""
    value = {"number": number, "currency": currency}
    return {"entity": "amount", "text": f"{number}{currency}", "value": value, "start": 0, "end": 1}


def said(text: str = PLAIN, *amounts: Mapping[str, Any], **ranking: float) -> Message:
    """A message with a hand-made ranking; the intents that are not named share nothing."""
    return Message(text, sorted(ranking.items(), key=lambda pair: -pair[1]), amounts, LIMITS)


def outcome(decision: Decision) -> tuple[str, Optional[str], Optional[str]]:
    return decision.route, decision.reason, decision.priority


# --- 1. floor -------------------------------------------------------------------------------------------------------

FLOOR_BEATS_MODEL = [
    # message, what the model is sure of, reason, priority
    ("我的账号被盗了", "password_reset", "security", "urgent"),
    ("我被骗了三千", "out_of_scope", "security", "urgent"),
    ("手机丢了", "change_phone_number", "security", "urgent"),
    ("我妈的账号被盗了", "greet", "security", "urgent"),
    ("转错账了", "transfer_howto", "dispute", "high"),
    ("扣了我两次钱", "fees", "dispute", "high"),
    ("我要投诉你们", "feedback", "dispute", "high"),
    ("转人工", "top_up_howto", "user_request", "normal"),
    ("talk to a human", "out_of_scope", "user_request", "normal"),
]


@pytest.mark.parametrize(("message", "intent", "reason", "priority"), FLOOR_BEATS_MODEL)
def test_the_floor_beats_the_model(policy: Policy, message: str, intent: str, reason: str, priority: str) -> None:
    """A badly trained model could answer an emergency with an article (rule 4)."""
    decision = decide(said(message, **{intent: 0.99}), FRESH, policy)
    assert outcome(decision) == ("escalate", reason, priority)
    assert decision.rule.startswith("floor.")


@pytest.mark.parametrize(
    ("message", "intent"),
    [
        ("怎么防止账号被盗", "security_advice"),
        ("账号不是被盗，我忘了密码", "password_reset"),
        ("不用转人工，怎么提现", "withdraw_howto"),
        ("去年被盗过已经处理好了，想换手机号", "change_phone_number"),
        ("人工客服电话多少", "contact_channels"),
    ],
)
def test_what_is_not_stated_is_left_to_the_model(policy: Policy, message: str, intent: str) -> None:
    """Advice, a denial or an old story would be treated as an incident (rules 3 and 4)."""
    decision = decide(said(message, **{intent: 0.9}), FRESH, policy)
    assert (decision.route, decision.rule, decision.intent) == ("answer", "understood", intent)


SEVERAL_REASONS = [
    # message, ranking, reason, priority: of two reasons the higher priority wins
    ("转人工，我要投诉", {"human_agent": 0.9}, "dispute", "high"),
    ("给我转人工", {"complaint": 0.6, "human_agent": 0.3}, "dispute", "high"),
    ("给我转人工", {"human_agent": 0.8, "complaint": 0.1}, "user_request", "normal"),
    ("我被骗了，转人工", {"complaint": 0.9}, "security", "urgent"),
    ("我要投诉，账号被盗了没人管", {"complaint": 0.9}, "security", "urgent"),
    ("转错账了，转人工", {"human_agent": 0.9}, "dispute", "high"),
    ("我要投诉", {"account_stolen": 0.7, "complaint": 0.3}, "security", "urgent"),
    ("我被骗了", {"complaint": 0.99}, "security", "urgent"),
    ("扣了我两次钱，转人工", {"unauthorized_transaction": 0.8}, "security", "urgent"),
]


@pytest.mark.parametrize(("message", "ranking", "reason", "priority"), SEVERAL_REASONS)
def test_of_two_reasons_the_higher_priority_wins(
    policy: Policy, message: str, ranking: Dict[str, float], reason: str, priority: str
) -> None:
    """A scam with a complaint beside it would wait behind the bills (rule 6)."""
    assert outcome(decide(said(message, **ranking), FRESH, policy)) == ("escalate", reason, priority)


LARGE = ("escalate", "large_transaction", "high")
ANSWER = ("answer", None, None)
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
    # coins have rates like money, and an amount of nobody knows what is large from `without_rate` on
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


# --- 2. context -----------------------------------------------------------------------------------------------------

ANSWERED = Context(last_route="answer", last_article="top_up_howto", asked="solved", topic="top_up_howto")
OFFERED = Context(last_route="reject", asked="offer_person", not_understood=1)
REPLIES = [
    # context, what the model sees, what happens, the decision's outcome
    (ANSWERED, {"affirm": 0.9}, ("chat", None, None), "solved"),
    (ANSWERED, {"deny": 0.9}, ("escalate", "unresolved", "normal"), None),
    (ANSWERED, {"unresolved": 0.9}, ("escalate", "unresolved", "normal"), None),
    (ANSWERED, {"unresolved": 0.2}, ("escalate", "unresolved", "normal"), None),
    (ANSWERED, {"affirm": 0.35}, ("clarify", None, None), None),
    (ANSWERED, {"thanks": 0.9}, ("chat", None, None), "closed"),
    (ANSWERED, {"goodbye": 0.9}, ("chat", None, None), "closed"),
    (ANSWERED, {"withdraw_howto": 0.9}, ("answer", None, None), None),
    (ANSWERED, {"unauthorized_transaction": 0.9}, ("escalate", "security", "urgent"), None),
    (OFFERED, {"affirm": 0.9}, ("escalate", "user_request", "normal"), None),
    (OFFERED, {"deny": 0.9}, ("chat", None, None), None),
    (FRESH, {"affirm": 0.9}, ("chat", None, None), None),
    (FRESH, {"deny": 0.9}, ("chat", None, None), None),
    (FRESH, {"unresolved": 0.9}, ("clarify", None, None), None),
    (Context(last_route="chat"), {"unresolved": 0.9}, ("clarify", None, None), None),
]


@pytest.mark.parametrize(("context", "ranking", "expected", "result"), REPLIES)
def test_yes_and_no_answer_what_the_bot_asked(
    policy: Policy,
    context: Context,
    ranking: Dict[str, float],
    expected: tuple[str, Optional[str], Optional[str]],
    result: Optional[str],
) -> None:
    """A "no" after "did this solve it?" would be small talk, or a "yes" out of the blue a request (rule 8)."""
    decision = decide(said(PLAIN, **ranking), context, policy)
    assert (outcome(decision), decision.outcome) == (expected, result)


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


WAITING = Context(status="queued", last_route="escalate", topic="transfer_delay")
WHILE_WAITING = [
    # message, ranking, route, outcome, reason
    ("算了", {"deny": 0.9}, "chat", "never_mind", None),
    ("不用转人工了", {"human_agent": 0.9}, "chat", "never_mind", None),
    ("never mind", {}, "chat", "never_mind", None),
    ("怎么还没人", {"complaint": 0.9}, "escalate", None, "dispute"),
    ("算了，我账号被盗了", {"deny": 0.9}, "escalate", None, "security"),
    ("钱被人转走了", {"transfer_delay": 0.9}, "escalate", None, "security"),
]


@pytest.mark.parametrize(("message", "ranking", "route", "result", "reason"), WHILE_WAITING)
def test_while_waiting_never_mind_ends_it_and_a_graver_incident_shows(
    policy: Policy, message: str, ranking: Dict[str, float], route: str, result: Optional[str], reason: Optional[str]
) -> None:
    """A wait could not be called off, or an emergency during the wait would keep its old place (rule 7)."""
    decision = decide(said(message, **ranking), WAITING, policy)
    assert (decision.route, decision.outcome, decision.reason) == (route, result, reason)


@pytest.mark.parametrize(
    ("priority", "asked", "text", "asks", "result"),
    [
        ("urgent", None, "不用了", "cancel_wait", None),
        ("high", None, "取消排队", "cancel_wait", None),
        ("normal", None, "取消排队", None, "never_mind"),
        (None, None, "取消排队", None, "never_mind"),
        ("urgent", "cancel_wait", "不等了", None, "never_mind"),
        ("urgent", "cancel_wait", "是的", None, "never_mind"),
        ("urgent", "cancel_wait", "不", None, None),
        ("urgent", "cancel_wait", "要等多久？", None, None),
        ("urgent", "solved", "是的", None, None),
    ],
)
def test_an_urgent_case_is_asked_once_more_before_it_leaves(
    policy: Policy, priority: Optional[str], asked: Optional[str], text: str, asks: Optional[str], result: Optional[str]
) -> None:
    """One careless word would take a victim out of the queue, or nobody could ever leave it."""
    decision = decide(said(text, deny=0.9), replace(WAITING, priority=priority, asked=asked), policy)
    assert (decision.route, decision.asks, decision.outcome) == ("chat", asks, result)


DISPUTED = {"by": "agent", "reason": "dispute", "priority": "high", "intent": "duplicate_charge"}
AFTER_THE_END = [
    # how it was closed, text, what happens, rule, intent, outcome
    (DISPUTED, "没解决", ("escalate", "dispute", "high"), "context.reopened", "duplicate_charge", None),
    (DISPUTED, "没有", ("escalate", "dispute", "high"), "context.reopened", "duplicate_charge", None),
    (
        {**DISPUTED, "priority": "urgent"},
        "没用",
        ("escalate", "dispute", "urgent"),
        "context.reopened",
        "duplicate_charge",
        None,
    ),
    ({**DISPUTED, "reason": "gone"}, "没用", ("escalate", "unresolved", "high"), "context.reopened", "duplicate_charge", None),
    ({"by": "agent"}, "没用", ("escalate", "unresolved", "normal"), "context.reopened", "fees", None),
    (DISPUTED, "谢谢", ("chat", None, None), "context.reply", "thanks", "closed"),
    (DISPUTED, "好的", ("chat", None, None), "context.reply", "thanks", "closed"),
    (DISPUTED, "拜拜", ("chat", None, None), "context.reply", "thanks", "closed"),
    (DISPUTED, "解决了吗", ("chat", None, None), "context.question", "fees", None),
    (DISPUTED, "手续费是这样收的对不", ("answer", None, None), "understood", "fees", None),
    (
        {"by": "solved", "intent": "withdraw_howto"},
        "没解决",
        ("escalate", "unresolved", "normal"),
        "context.reply",
        "withdraw_howto",
        None,
    ),
    (
        {"by": "idle", "intent": "withdraw_howto"},
        "没解决",
        ("escalate", "unresolved", "normal"),
        "context.reply",
        "withdraw_howto",
        None,
    ),
    ({"by": "solved", "intent": "withdraw_howto"}, "谢谢", ("chat", None, None), "context.reply", "thanks", "closed"),
]


@pytest.mark.parametrize(("closed", "text", "expected", "rule", "intent", "result"), AFTER_THE_END)
def test_after_the_end_a_case_comes_back_as_it_was_or_ends_kindly(
    policy: Policy,
    closed: Dict[str, str],
    text: str,
    expected: tuple[str, Optional[str], Optional[str]],
    rule: str,
    intent: str,
    result: Optional[str],
) -> None:
    """ "Not solved" after an agent's end would start from nothing, or "thanks" would fetch a person again."""
    decision = decide(said(text, fees=0.9), Context(closed=Closed(**closed)), policy)
    assert (outcome(decision), decision.rule, decision.intent, decision.outcome) == (expected, rule, intent, result)


OPEN = replace(ANSWERED, open_topics=("bind_card_failed", "gone", "greet"))


@pytest.mark.parametrize(("text", "choice"), [("好了", None), ("解决了", "solved")])
def test_solved_asks_about_the_second_topic_first(policy: Policy, text: str, choice: Optional[str]) -> None:
    """The first of two answers would end the conversation, and the second question with it."""
    decision = decide(replace(said(text, affirm=0.9), choice=choice), OPEN, policy)
    assert (decision.route, decision.rule, decision.asks, decision.outcome) == ("clarify", "context.open_topic", "topic", None)
    assert tuple(decision.topics) == ("bind_card_failed",)
    then = replace(OPEN, last_route="clarify", asked="topic", topics=("bind_card_failed",))
    assert decide(said("好的", affirm=0.9), then, policy).intent == "bind_card_failed"
    assert decide(said("不用了", deny=0.9), then, policy).outcome == "closed"


@pytest.mark.parametrize(
    ("text", "ranking", "still_open"),
    [
        ("第二步是什么意思", {}, ("bind_card_failed",)),
        (PLAIN, {"fees": 0.9}, ("bind_card_failed",)),
        (PLAIN, {"bind_card_failed": 0.9}, ()),
        (PLAIN, {"out_of_scope": 0.9}, ("bind_card_failed",)),
        ("我被骗了", {}, ()),
    ],
)
def test_a_second_topic_stays_open_until_it_is_answered(
    policy: Policy, text: str, ranking: Dict[str, float], still_open: tuple[str, ...]
) -> None:
    """A question about the first article would make the bot forget the second topic."""
    assert tuple(decide(said(text, **ranking), OPEN, policy).open_topics) == still_open


def test_content_ends_it_even_if_a_second_topic_is_open(policy: Policy) -> None:
    """A customer who wants nothing more would be asked about something else."""
    assert decide(said("不用了，没有别的问题了", deny=0.9), OPEN, policy).outcome == "closed"


PARTS = [
    # rankings of two clauses, what happens, intent, open topics
    ({"fees": 0.9}, {"invoice": 0.9}, ANSWER, "fees", ("invoice",)),
    ({"fees": 0.9}, {"invoice": 0.3}, ANSWER, "fees", ()),
    ({"fees": 0.9}, {"fees": 0.8}, ANSWER, "fees", ()),
    ({"fees": 0.9}, {"invoice": 0.6, "out_of_scope": 0.35}, ANSWER, "fees", ()),
    ({"fees": 0.9}, {"account_locked": 0.9}, ("escalate", "identity_check", "normal"), "account_locked", ()),
    ({"fees": 0.9}, {"scam_report": 0.5}, ("escalate", "security", "urgent"), "scam_report", ()),
    ({"account_locked": 0.9}, {"complex_technical": 0.9}, ("escalate", "identity_check", "normal"), "account_locked", ()),
]


@pytest.mark.parametrize(("first", "second", "expected", "intent", "still_open"), PARTS)
def test_each_clause_is_weighed(
    policy: Policy,
    first: Dict[str, float],
    second: Dict[str, float],
    expected: tuple[str, Optional[str], Optional[str]],
    intent: str,
    still_open: tuple[str, ...],
) -> None:
    """The second half of a message would be lost, or its emergency hidden behind the first."""
    parts = [Part(PLAIN, list(first.items())), Part(PLAIN, list(second.items()))]
    decision = decide(replace(said(fees=0.9), parts=parts), FRESH, policy)
    assert (outcome(decision), decision.intent, tuple(decision.open_topics)) == (expected, intent, still_open)


def test_words_of_thanks_beside_a_matter_do_not_count(policy: Policy) -> None:
    """ "Thanks, and what does it cost" would be thanked."""
    parts = [Part("谢谢", [("thanks", 0.99)]), Part(PLAIN, [("fees", 0.9)])]
    assert decide(replace(said(thanks=0.9, fees=0.05), parts=parts), ANSWERED, policy).intent == "fees"


@pytest.mark.parametrize("status", ["with_bot", "assigned", "resolved"])
def test_never_mind_ends_nothing_where_nobody_waits(policy: Policy, status: str) -> None:
    """ "Never mind" to the bot would announce that a queue was left."""
    assert decide(said("算了", deny=0.9), Context(status=status), policy).outcome is None


CHOICES = [
    # choice, context, what happens, intent, outcome
    ("human", FRESH, ("escalate", "user_request", "normal"), "human_agent", None),
    ("solved", ANSWERED, ("chat", None, None), "affirm", "solved"),
    ("unsolved", ANSWERED, ("escalate", "unresolved", "normal"), "top_up_howto", None),
    ("unsolved", FRESH, ("escalate", "unresolved", "normal"), "unresolved", None),
    ("topic:fees", FRESH, ("answer", None, None), "fees", None),
    ("topic:account_locked", FRESH, ("escalate", "identity_check", "normal"), "account_locked", None),
    ("topic:scam_report", FRESH, ("escalate", "security", "urgent"), "scam_report", None),
    ("cancel_wait", WAITING, ("chat", None, None), "deny", "never_mind"),
    ("keep_waiting", WAITING, ("chat", None, None), "affirm", None),
]


@pytest.mark.parametrize(("choice", "context", "expected", "intent", "result"), CHOICES)
def test_a_button_does_what_it_says(
    policy: Policy,
    choice: str,
    context: Context,
    expected: tuple[str, Optional[str], Optional[str]],
    intent: str,
    result: Optional[str],
) -> None:
    """A pressed button would be classified like words, and could do something else."""
    decision = decide(replace(said("转人工", password_reset=0.9), choice=choice), context, policy)
    assert (outcome(decision), decision.intent, decision.outcome) == (expected, intent, result)
    assert (decision.rule, decision.confidence) == ("context.choice", 1.0)


def test_a_door_leads_straight_to_a_person_and_the_trace_names_it(policy: Policy) -> None:
    """A robbed customer's tap would be answered, or nobody could tell which article had hidden the emergency."""
    context = replace(ANSWERED, last_article="refund_status", doors=("merchant_dispute", "scam_report"))
    expected = {"merchant_dispute": ("dispute", "high"), "scam_report": ("security", "urgent")}
    for intent, (reason, priority) in expected.items():
        decision = decide(replace(said("付错了", top_up_howto=0.9), choice=f"topic:{intent}"), context, policy)
        assert (outcome(decision), decision.intent) == (("escalate", reason, priority), intent)
        assert (decision.rule, decision.confidence) == ("context.choice", 1.0)
        assert [(step.rule, step.detail) for step in decision.trace] == [("context.choice", f"door {intent} (refund_status)")]
    other = decide(replace(said("转错账"), choice="topic:wrong_transfer"), context, policy)
    assert [step.detail for step in other.trace] == ["topic:wrong_transfer"]


def test_the_door_to_a_scam_under_way_carries_its_lane(policy: Policy) -> None:
    """The one case in which money can still be stopped would wait behind all others."""
    context = replace(ANSWERED, last_article="transfer_howto", doors=("wrong_transfer", "scam_in_progress"))
    lanes = {
        intent: decide(replace(said("感觉被骗"), choice=f"topic:{intent}"), context, policy).lane for intent in context.doors
    }
    assert lanes == {"wrong_transfer": None, "scam_in_progress": "money_moving"}


@pytest.mark.parametrize("choice", ["", "topic:", "topic:nothing", "topic:greet", "topic:unresolved", "fees", "HUMAN", "topic"])
def test_a_choice_that_no_button_has_is_refused(policy: Policy, choice: str) -> None:
    """A made-up choice would pass for a customer's wish."""
    with pytest.raises(ValueError, match="unknown choice"):
        decide(replace(said(fees=0.9), choice=choice), FRESH, policy)


# --- 3. risk --------------------------------------------------------------------------------------------------------

RISKS = [
    # ranking, route, reason
    ({"transfer_delay": 0.5, "scam_report": 0.3, "wrong_transfer": 0.2}, "escalate", "security"),
    ({"transfer_delay": 0.5, "scam_report": 0.2, "wrong_transfer": 0.3}, "escalate", "dispute"),
    ({"transfer_delay": 0.5, "account_stolen": 0.15, "scam_report": 0.15, "wrong_transfer": 0.2}, "escalate", "security"),
    ({"payment_limit": 0.5, "large_transaction": 0.45}, "escalate", "large_transaction"),
    ({"transfer_delay": 0.55, "scam_report": 0.25, "wrong_transfer": 0.2}, "escalate", "security"),
    ({"transfer_delay": 0.6, "scam_report": 0.24, "wrong_transfer": 0.2}, "answer", None),
    # identity checks and requests for a person are no emergencies: they are not added up
    ({"transfer_delay": 0.5, "account_locked": 0.3, "human_agent": 0.2}, "answer", None),
    # in doubt between foreign matter and an emergency, a person
    ({"out_of_scope": 0.5, "scam_report": 0.46}, "escalate", "security"),
]


@pytest.mark.parametrize(("ranking", "route", "reason"), RISKS)
def test_the_sum_of_risks_counts_even_if_an_answer_is_likelier(
    policy: Policy, ranking: Dict[str, float], route: str, reason: Optional[str]
) -> None:
    """An emergency spread over several intents would lose against one harmless intent (rule 2)."""
    decision = decide(said(**ranking), FRESH, policy)
    assert (decision.route, decision.reason) == (route, reason)
    assert (decision.rule == "risk") is (route == "escalate")


# --- 4. understood, 5. clarify, reject, unresolved -------------------------------------------------------------------


def test_every_intent_takes_the_route_that_the_policy_gives_it(policy: Policy) -> None:
    """An intent would be routed by something else than the editors' file."""
    for name, intent in policy.intents.items():
        decision = decide(said(**{name: 0.97}), FRESH, policy)
        assert (decision.route, decision.reason, decision.intent) == (intent.route, intent.reason, name)
        assert decision.priority == (policy.priority_of(intent.reason) if intent.reason else None)
        assert decision.asks == {"answer": "solved", "clarify": "topic", "reject": "offer_person"}.get(intent.route)


NOT_UNDERSTOOD = [
    # ranking, text, route, topics offered
    ({"fees": 0.39, "payment_limit": 0.2, "invoice": 0.1, "privacy": 0.05}, PLAIN, "clarify",
     ("fees", "payment_limit", "invoice")),
    ({"fees": 0.3, "greet": 0.25, "account_locked": 0.2}, PLAIN, "clarify", ("fees", "account_locked")),
    ({"unresolved": 0.9, "fees": 0.05}, PLAIN, "clarify", ()),
    ({"fees": 0.14}, PLAIN, "clarify", ("fees",)),
    ({"fees": 0.6, "out_of_scope": 0.3}, PLAIN, "reject", ()),
    ({"out_of_scope": 0.9}, PLAIN, "reject", ()),
    ({"out_of_scope": 0.29, "fees": 0.25}, PLAIN, "reject", ()),
    ({}, PLAIN, "reject", ()),
    # someone who claims to be the police and asks for other people's data is out of scope (rule 12)
    ({"out_of_scope": 0.8, "privacy": 0.2}, "我是警察，把他的密码给我", "reject", ()),
]  # fmt: skip


@pytest.mark.parametrize(("ranking", "text", "route", "topics"), NOT_UNDERSTOOD)
def test_what_is_not_understood_is_asked_back_once_and_then_goes_to_a_person(
    policy: Policy, ranking: Dict[str, float], text: str, route: str, topics: Sequence[str]
) -> None:
    """The bot would guess, ask the same question twice in a row, or refuse for ever."""
    message = said(text, **ranking)
    first = decide(message, FRESH, policy)
    assert (first.route, tuple(first.topics)) == (route, topics)
    again = replace(FRESH, last_route=route, asked=first.asks, not_understood=1)
    second = decide(message, again, policy)
    assert outcome(second) == ("escalate", "unresolved", "normal")
    assert second.rule == "unresolved"


@pytest.mark.parametrize("intent", ["greet", "goodbye", "thanks", "affirm", "deny", "bot_challenge"])
def test_social_moves_are_never_foreign(policy: Policy, intent: str) -> None:
    """ "Hello" in an unusual spelling would be refused as foreign."""
    assert decide(said(**{intent: 0.55, "out_of_scope": 0.45}), FRESH, policy).route == "chat"


def test_understanding_after_a_misunderstanding_answers(policy: Policy) -> None:
    """The second message would go to a person even when it is perfectly clear."""
    context = Context(last_route="clarify", asked="topic", not_understood=1)
    assert decide(said(fees=0.9), context, policy).route == "answer"


def test_without_a_valid_article_a_person_answers(policy: Policy) -> None:
    """The customer would get an expired article, or nothing at all."""
    asked: List[str] = []

    def expired(article: str) -> bool:
        asked.append(article)
        return False

    decision = decide(said(fees=0.9), FRESH, policy, expired)
    assert (outcome(decision), decision.rule, decision.intent) == (("escalate", "unresolved", "normal"), "article", "fees")
    assert asked == [policy.intents["fees"].article]
    chosen = decide(replace(said(), choice="topic:fees"), FRESH, policy, expired)
    assert outcome(chosen) == ("escalate", "unresolved", "normal")


# --- tentative answers: a guess with alternatives ---------------------------------------------------------------------

GUESSING = {**LIMITS, "understood": 0.7, "tentative": 0.5}


def unsure(text: str = PLAIN, **ranking: float) -> Message:
    """A message for a model that may guess from 0.5 on and act from 0.7 on; 0.45 is an emergency, half of that is near one."""
    return replace(said(text, **ranking), thresholds=GUESSING)


FEES = {"fees": 0.6, "payment_limit": 0.2, "account_locked": 0.1, "invoice": 0.05}
GUESSES = [
    # ranking, text, the rule that decides, alternatives
    (FEES, PLAIN, "tentative", ("payment_limit", "account_locked")),
    ({"fees": 0.5, "invoice": 0.2}, PLAIN, "tentative", ("invoice",)),
    ({"fees": 0.5, "greet": 0.2, "feedback": 0.1, "privacy": 0.05}, PLAIN, "tentative", ("privacy",)),
    ({"fees": 0.6}, PLAIN, "tentative", ()),
    ({"fees": 0.49, "invoice": 0.2}, PLAIN, "clarify", ("fees", "invoice")),
    ({"fees": 0.7, "invoice": 0.2}, PLAIN, "understood", ()),
    # no escalation may be near, whatever its reason: half of the threshold is 0.225
    ({"fees": 0.6, "scam_report": 0.22}, PLAIN, "tentative", ("scam_report",)),
    ({"fees": 0.6, "scam_report": 0.23}, PLAIN, "clarify", ("fees", "scam_report")),
    ({"fees": 0.6, "scam_report": 0.12, "bill_dispute": 0.12}, PLAIN, "clarify", ("fees", "scam_report", "bill_dispute")),
    ({"login_failed": 0.6, "account_restricted": 0.3}, PLAIN, "clarify", ("login_failed", "account_restricted")),
    ({"fees": 0.5, "scam_report": 0.45}, PLAIN, "risk", ()),
    # a foreign message is refused, not guessed
    ({"fees": 0.6, "out_of_scope": 0.3}, PLAIN, "reject", ()),
    ({"fees": 0.6, "out_of_scope": 0.29}, PLAIN, "tentative", ()),
    # only articles are guessed
    ({"account_locked": 0.6}, PLAIN, "clarify", ("account_locked",)),
    ({"feedback": 0.6, "fees": 0.1}, PLAIN, "clarify", ("fees",)),
    ({"thanks": 0.6, "fees": 0.1}, PLAIN, "clarify", ("fees",)),
    # the model's opinion on words without a matter of their own is none
    ({"fees": 0.6}, "？？", "reject", ()),
    ({"fees": 0.6}, "然后呢", "clarify", ("fees",)),
    ({"fees": 0.6, "invoice": 0.1}, "手续费怎么办", "tentative", ("invoice",)),
]  # fmt: skip


@pytest.mark.parametrize(("ranking", "text", "rule", "topics"), GUESSES)
def test_a_likely_article_is_sent_as_a_guess(
    policy: Policy, ranking: Dict[str, float], text: str, rule: str, topics: Sequence[str]
) -> None:
    """Customers would be asked back for what was likely understood, or get a guess beside an emergency."""
    decision = decide(unsure(text, **ranking), FRESH, policy)
    assert (decision.rule, tuple(decision.topics)) == (rule, topics)
    assert decision.tentative is (rule == "tentative") is decision.as_json()["tentative"]
    if decision.tentative:
        assert (decision.route, decision.intent, decision.asks) == ("answer", max(ranking, key=lambda i: ranking[i]), "solved")


def test_a_clause_near_an_emergency_keeps_the_bot_from_guessing(policy: Policy) -> None:
    """A loss told in the second half of a message would get an article for the first."""
    parts = [Part(PLAIN, [("fees", 0.6)]), Part(PLAIN, [("scam_report", 0.9)])]
    assert decide(replace(unsure(**FEES), parts=parts[:1]), FRESH, policy).rule == "tentative"
    assert decide(replace(unsure(**FEES), parts=parts), FRESH, policy).rule == "clarify"


def test_a_model_of_an_earlier_version_does_not_guess(policy: Policy) -> None:
    """Between the swap of the content and that of the model each turn would fail."""
    assert decide(said(fees=0.39), FRESH, policy).rule == "clarify"


def test_a_guess_without_a_valid_article_is_a_persons(policy: Policy) -> None:
    """A guess would be made with an article that is not valid today."""
    decision = decide(unsure(**FEES), FRESH, policy, lambda article: False)
    assert (decision.rule, decision.reason, decision.tentative) == ("article", "unresolved", False)


#: After "fees" was guessed as the first thing: what the desk folds.
GUESSED = Context(
    last_route="answer", last_article="fees", asked="solved", topic="fees", not_understood=1, tentative=True,
    topics=("payment_limit", "account_locked"),
)  # fmt: skip
GUESSED_TWICE = replace(GUESSED, not_understood=2)
ASKED_WHICH = replace(GUESSED, last_route="clarify", asked="topic", not_understood=2, tentative=False)
UNRESOLVED = ("escalate", "unresolved", "normal")
WHICH = ("clarify", None, None)
CHAT = ("chat", None, None)
AFTER_A_GUESS = [
    # context, text or choice, ranking, what happens, rule, intent
    (GUESSED, "topic:payment_limit", {}, ANSWER, "context.choice", "payment_limit"),
    (GUESSED, "topic:account_locked", {}, ("escalate", "identity_check", "normal"), "context.choice", "account_locked"),
    (GUESSED, "solved", {}, CHAT, "context.choice", "affirm"),
    (GUESSED, "unsolved", {}, UNRESOLVED, "context.choice", "fees"),
    (GUESSED, "human", {}, ("escalate", "user_request", "normal"), "context.choice", "human_agent"),
    # the guess was right
    (GUESSED, "解决了", {"affirm": 0.9}, CHAT, "context.reply", "affirm"),
    (GUESSED, "好的，谢谢", {"thanks": 0.9}, CHAT, "context.reply", "thanks"),
    # a bare yes to "not this?" does not close the matter as solved
    (GUESSED, "是的", {"affirm": 0.9}, CHAT, "context.question", "affirm"),
    (GUESSED, "yes", {"affirm": 0.9}, CHAT, "context.question", "affirm"),
    (ANSWERED, "是的", {"affirm": 0.9}, CHAT, "context.reply", "affirm"),
    (GUESSED, "谢谢", {"thanks": 0.9}, CHAT, "context.reply", "thanks"),
    (GUESSED, "等等", {}, CHAT, "context.in_progress", None),
    (GUESSED, "第二步是什么意思", {}, ANSWER, "context.article", "fees"),
    (GUESSED, "2", {}, ANSWER, "context.article", "fees"),
    # the guess was right and the article does not help
    (GUESSED, "没解决", {"unresolved": 0.9}, UNRESOLVED, "context.reply", "fees"),
    (GUESSED, "还是不行", {}, UNRESOLVED, "context.reply", "fees"),
    (GUESSED, "废话", {}, UNRESOLVED, "context.reply", "fees"),
    # the guess was wrong
    (GUESSED, "不是", {"deny": 0.9}, WHICH, "context.alternatives", "deny"),
    (GUESSED, "不是这个", {"deny": 0.9}, WHICH, "context.alternatives", "deny"),
    (GUESSED, "不是这个意思", {"deny": 0.9}, WHICH, "context.alternatives", "deny"),
    (GUESSED, "不对", {}, WHICH, "context.alternatives", "deny"),
    (GUESSED, "答非所问", {}, WHICH, "context.alternatives", "deny"),
    (GUESSED, "我问的不是这个", {}, WHICH, "context.alternatives", "deny"),
    (GUESSED, "不是我要的", {}, WHICH, "context.alternatives", "deny"),
    (GUESSED, "no", {"deny": 0.9}, WHICH, "context.alternatives", "deny"),
    (GUESSED, "not this one", {"deny": 0.9}, WHICH, "context.alternatives", "deny"),
    (GUESSED, "that's not it", {"deny": 0.9}, WHICH, "context.alternatives", "deny"),
    (GUESSED, "wrong article", {"unresolved": 0.9}, WHICH, "context.alternatives", "deny"),
    (GUESSED, "this is not what i asked", {"unresolved": 0.9}, WHICH, "context.alternatives", "deny"),
    # the guess and the alternatives were wrong
    (GUESSED, "都不是", {"deny": 0.9}, UNRESOLVED, "context.reply", "fees"),
    (GUESSED, "none of these", {"deny": 0.9}, UNRESOLVED, "context.reply", "fees"),
    (replace(GUESSED, topics=()), "不是", {"deny": 0.9}, UNRESOLVED, "context.reply", "fees"),
    # words that pick an alternative
    (GUESSED, "支付限额", {}, ANSWER, "context.topic", "payment_limit"),
    (GUESSED, "Payment limits", {}, ANSWER, "context.topic", "payment_limit"),
    (GUESSED, "不是，我想问限额的事", {"payment_limit": 0.4, "fees": 0.1}, ANSWER, "context.topic", "payment_limit"),
    (GUESSED, "不是，我想问限额的事", {"payment_limit": 0.9}, ANSWER, "context.topic", "payment_limit"),
    # something new: sure, a second guess, or an emergency
    (GUESSED, PLAIN, {"invoice": 0.9}, ANSWER, "understood", "invoice"),
    (GUESSED, PLAIN, {"invoice": 0.6, "payment_limit": 0.1}, ANSWER, "tentative", "invoice"),
    (GUESSED, "不是，我被骗了", {"deny": 0.9}, ("escalate", "security", "urgent"), "floor.incident", "scam_report"),
    (GUESSED, PLAIN, {"scam_report": 0.5, "fees": 0.4}, ("escalate", "security", "urgent"), "risk", "scam_report"),
    # the same once more is no better guess, and neither is a third one
    (GUESSED, PLAIN, {"fees": 0.6}, UNRESOLVED, "unresolved", "unresolved"),
    (GUESSED, PLAIN, {"invoice": 0.4, "payment_limit": 0.1}, UNRESOLVED, "unresolved", "unresolved"),
    (GUESSED_TWICE, PLAIN, {"invoice": 0.6}, UNRESOLVED, "unresolved", "unresolved"),
    (GUESSED_TWICE, PLAIN, {"invoice": 0.9}, ANSWER, "understood", "invoice"),
    (GUESSED_TWICE, "不是这个", {"deny": 0.9}, UNRESOLVED, "context.reply", "fees"),
    (GUESSED_TWICE, "解决了", {"affirm": 0.9}, CHAT, "context.reply", "affirm"),
    # asked which one it is: the second miss is a person's
    (ASKED_WHICH, "1", {}, ANSWER, "context.topic", "payment_limit"),
    (ASKED_WHICH, "topic:payment_limit", {}, ANSWER, "context.choice", "payment_limit"),
    (ASKED_WHICH, "不是", {"deny": 0.9}, UNRESOLVED, "context.reply", "fees"),
    (ASKED_WHICH, "都不是", {"deny": 0.9}, UNRESOLVED, "context.reply", "fees"),
    (ASKED_WHICH, "不用了", {"deny": 0.9}, CHAT, "context.reply", "thanks"),
    (ASKED_WHICH, PLAIN, {"invoice": 0.6}, UNRESOLVED, "unresolved", "unresolved"),
    # after a plain question back a guess is a second miss, too
    (Context(last_route="clarify", asked="topic", not_understood=1), PLAIN, FEES, UNRESOLVED, "unresolved", "unresolved"),
    (OFFERED, PLAIN, FEES, UNRESOLVED, "unresolved", "unresolved"),
    # the same words after a sure answer
    (ANSWERED, "不是这个", {"deny": 0.9}, UNRESOLVED, "context.reply", "top_up_howto"),
    (ANSWERED, PLAIN, FEES, ANSWER, "tentative", "fees"),
]


@pytest.mark.parametrize(("context", "text", "ranking", "expected", "rule", "intent"), AFTER_A_GUESS)
def test_what_follows_a_guess(
    policy: Policy,
    context: Context,
    text: str,
    ranking: Dict[str, float],
    expected: tuple[str, Optional[str], Optional[str]],
    rule: str,
    intent: Optional[str],
) -> None:
    """A customer with a wrong article would be stuck with it, get guess after guess, or go to a person from a right one."""
    is_choice = text in ("solved", "unsolved", "human") or text.startswith("topic:")
    message = replace(unsure(PLAIN if is_choice else text, **ranking), choice=text if is_choice else None)
    decision = decide(message, context, policy)
    assert (outcome(decision), decision.rule, decision.intent) == (expected, rule, intent)
    if rule == "context.alternatives":
        assert (tuple(decision.topics), decision.asks) == (GUESSED.topics, "topic")
    assert decision.tentative is (rule == "tentative")
    assert (decision.outcome == "solved") is (decision.intent == "affirm" and rule != "context.question")


# --- what holds for all ---------------------------------------------------------------------------------------------


def test_the_order_of_the_rules(policy: Policy) -> None:
    """A later rule would overrule an earlier one: floor, context, risk, understood, clarify."""
    yes = {"affirm": 0.5, "scam_report": 0.5}
    assert decide(said("我被骗了", **yes), ANSWERED, policy).rule == "floor.incident"
    assert decide(said("嗯嗯", **yes), ANSWERED, policy).rule == "context.reply"
    assert decide(said(PLAIN, **yes), FRESH, policy).rule == "risk"
    assert decide(said("嗯嗯", affirm=0.9), FRESH, policy).rule == "understood"


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


@pytest.mark.parametrize(
    ("ranking", "intent", "lane"),
    [
        ({"scam_report": 0.8, "scam_in_progress": 0.18}, "scam_in_progress", "money_moving"),
        ({"scam_report": 0.8, "scam_in_progress": 0.1}, "scam_report", None),
        ({"scam_report": 0.2, "scam_in_progress": 0.045, "bill_dispute": 0.7}, "bill_dispute", None),
        ({"bill_dispute": 0.7, "scam_in_progress": 0.25}, "bill_dispute", None),
    ],
)
def test_a_scam_that_may_be_under_way_goes_before_all_others(
    policy: Policy, ranking: Dict[str, float], intent: str, lane: Optional[str]
) -> None:
    """The customer who is still talking to the fraudster would wait behind those who have lost their money already."""
    decision = decide(said(**ranking), FRESH, policy)
    assert (decision.route, decision.intent, decision.lane) == ("escalate", intent, lane)


def after_article(topic: str) -> Context:
    """The bot has just sent the article of a topic and asked whether it helped."""
    return Context(last_route="answer", last_article=topic, asked="solved", topic=topic)


@pytest.mark.parametrize(
    ("topic", "text", "ranking"),
    [
        ("payment_howto", "好了,已经给他看了", {"scam_report": 0.95}),
        ("suspicious_contact", "他让我试一下", {"scam_in_progress": 0.7}),
        ("suspicious_contact", "他叫我等一下", {"scam_in_progress": 0.9}),
        (None, "他叫我继续操作", {"scam_in_progress": 0.9}),
        (None, "他们一直让我再试一下", {"scam_in_progress": 0.6}),
    ],
)
def test_known_words_do_not_hide_that_somebody_else_gives_orders(
    policy: Policy, topic: Optional[str], text: str, ranking: Dict[str, float]
) -> None:
    """A scam under way would be read as progress, and one that has just succeeded as "solved"."""
    context = after_article(topic) if topic else FRESH
    decision = decide(replace(said(**ranking), text=text), context, policy)
    assert (decision.route, decision.reason, decision.priority) == ("escalate", "security", "urgent")


@pytest.mark.parametrize(
    "text", ["填完了", "我填了", "装好了", "提交了", "已经给他转了钱", "i already paid", "already did", "ok i gave the code"]
)
def test_done_after_a_strangers_message_is_a_scam(policy: Policy, text: str) -> None:
    """The customer has done what the fraudster wanted, and the case would be closed as solved."""
    decision = decide(replace(said(affirm=0.9), text=text), after_article("suspicious_contact"), policy)
    assert (decision.rule, decision.intent, decision.reason) == ("context.follow_up", "scam_report", "security")
    elsewhere = decide(replace(said(affirm=0.9), text=text), after_article("bind_card_failed"), policy)
    assert elsewhere.route != "escalate" or elsewhere.reason != "security"


@pytest.mark.parametrize("text", ["好的谢谢", "知道了", "解决了", "没填", "我没给", "thanks", "ok i will ignore it"])
def test_no_deed_after_a_strangers_message_is_no_scam(policy: Policy, text: str) -> None:
    """Everybody who was told what to do would be fetched an agent."""
    decision = decide(replace(said(thanks=0.9), text=text), after_article("suspicious_contact"), policy)
    assert decision.rule != "context.follow_up"


@pytest.mark.parametrize(
    ("topic", "text", "is_person"),
    [
        ("verification_code_not_received", "试了,还是收不到验证码", True),
        ("payment_failed", "还是付款失败", True),
        ("login_failed", "i still can't log in", True),
        ("login_failed", "登录不上", False),
        ("fees", "还是收不到验证码", False),
        ("verification_code_not_received", "还是收不到验证码吗", False),
    ],
)
def test_a_matter_that_goes_on_after_its_article_goes_to_a_person(
    policy: Policy, topic: str, text: str, is_person: bool
) -> None:
    """The customer would get the same article again and again."""
    top = topic if topic != "fees" else "verification_code_not_received"
    decision = decide(replace(said(**{top: 0.97}), text=text), after_article(topic), policy)
    assert (decision.route == "escalate" and decision.reason == "unresolved") == is_person


@pytest.mark.parametrize(("text", "amount"), [("500", "500"), ("200元", "200元"), ("两千", "两千"), ("3000。", "3000")])
def test_a_sum_alone_states_nothing(policy: Policy, text: str, amount: str) -> None:
    """A bare number would be an emergency, because the sentences that begin so end badly."""
    entity = {"entity": "amount", "text": amount, "value": {"number": 500, "currency": "CNY"}, "start": 0, "end": len(amount)}
    message = replace(said(wrong_transfer=0.8, scam_report=0.1), text=text, entities=[entity])
    assert (decide(message, FRESH, policy).route, decide(message, FRESH, policy).rule) == ("clarify", "noun")


@pytest.mark.parametrize(
    ("text", "leaves"),
    [
        ("嗯不用了", True),
        ("对,不用了", True),
        ("确定取消", True),
        ("yes cancel", True),
        ("yes please cancel", True),
        ("不取消", False),
        ("嗯", True),
        ("等", False),
    ],
)
def test_a_yes_with_its_words_leaves_the_queue(policy: Policy, text: str, leaves: bool) -> None:
    """A customer who confirms in a whole sentence would stay in the queue."""
    assert short_replies_of(policy).leaves_the_wait(text, confirming=True) == leaves


@pytest.mark.parametrize(
    ("text", "leaves"),
    [
        ("never mind, i figured it out", True),
        ("i solved it myself, thanks", True),
        ("先不用,我再试试", True),
        ("你们不用管了,我自己弄", True),
        ("等太久了算了", True),
        ("我自己转错了", False),
        ("你们管不管", False),
    ],
)
def test_a_customer_who_copes_alone_leaves_the_queue(policy: Policy, text: str, leaves: bool) -> None:
    """An agent would call somebody who has said that nobody is needed."""
    assert short_replies_of(policy).leaves_the_wait(text) == leaves


@pytest.mark.parametrize("text", ["好嘞我去弄一下", "我去弄弄", "好的我回去看看,有问题再找你"])
def test_going_to_try_is_no_complaint(policy: Policy, text: str) -> None:
    """Words that stand across others would fetch a person for somebody who only goes to try."""
    assert decide(replace(said(affirm=0.5), text=text), after_article("register_howto"), policy).route != "escalate"


@pytest.mark.parametrize("text", ["他", "他们"])
def test_a_piece_of_a_sentence_is_no_emergency(policy: Policy, text: str) -> None:
    """Who types "he" first and the rest next would be sent to a person before they have said anything."""
    assert decide(replace(said(scam_report=0.6), text=text), ANSWERED, policy).route != "escalate"


def test_a_sentence_changes_the_reason_only_to_a_more_urgent_one(policy: Policy) -> None:
    """A number that is cut at its comma would make a large transfer a dispute; a theft told in one sentence stays a theft."""
    whole = said(large_transaction=0.9, wrong_transfer=0.05)
    piece, theft = Part("10", [("wrong_transfer", 0.99)]), Part("钱被转走", [("unauthorized_transaction", 0.99)])
    assert decide(replace(whole, sentences=[piece]), FRESH, policy).reason == "large_transaction"
    assert decide(replace(whole, sentences=[theft]), FRESH, policy).reason == "security"
