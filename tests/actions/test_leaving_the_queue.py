"""A waiting customer leaves the queue only on their own clear word."""

from __future__ import annotations

from dataclasses import replace
from typing import Dict, Optional

import pytest

from actions.decide import decide
from actions.short_reply import short_replies_of
from content.triage_policy import Policy
from contract.turn import Context
from tests.actions.made_messages import (
    WAITING,
    said,
)

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


@pytest.mark.parametrize("status", ["with_bot", "assigned", "resolved"])
def test_never_mind_ends_nothing_where_nobody_waits(policy: Policy, status: str) -> None:
    """ "Never mind" to the bot would announce that a queue was left."""
    assert decide(said("算了", deny=0.9), Context(status=status), policy).outcome is None


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
