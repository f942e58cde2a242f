"""Each button does what its label promises."""

from __future__ import annotations

from dataclasses import replace
from typing import Optional

import pytest

from actions.decide import decide
from content.triage_policy import Policy
from contract.turn import Context
from tests.actions.made_messages import (
    ANSWERED,
    FRESH,
    WAITING,
    outcome,
    said,
)

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
