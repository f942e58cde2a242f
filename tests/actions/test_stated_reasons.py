"""The floor decides before the model: stated emergencies and requests for a person, and which of two reasons wins."""

from __future__ import annotations

from typing import Dict, Optional

import pytest

from actions.decide import decide
from content.triage_policy import Policy
from tests.actions.made_messages import (
    ANSWERED,
    FRESH,
    PLAIN,
    outcome,
    said,
)

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
    """A scam together with a complaint would wait behind the bills (rule 6)."""
    assert outcome(decide(said(message, **ranking), FRESH, policy)) == ("escalate", reason, priority)


def test_the_order_of_the_rules(policy: Policy) -> None:
    """A later rule would overrule an earlier one: floor, context, risk, understood, clarify."""
    yes = {"affirm": 0.5, "scam_report": 0.5}
    assert decide(said("我被骗了", **yes), ANSWERED, policy).rule == "floor.incident"
    assert decide(said("嗯嗯", **yes), ANSWERED, policy).rule == "context.reply"
    assert decide(said(PLAIN, **yes), FRESH, policy).rule == "risk"
    assert decide(said("嗯嗯", affirm=0.9), FRESH, policy).rule == "understood"


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
