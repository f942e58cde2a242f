"""A tentative answer is a guess with alternatives, and a wrong guess leads to a person."""

from __future__ import annotations

from dataclasses import replace
from typing import Dict, Optional, Sequence

import pytest

from actions.decide import decide
from actions.decision import Message, Part
from content.triage_policy import Policy
from contract.turn import Context
from tests.actions.made_messages import (
    ANSWER,
    ANSWERED,
    FRESH,
    LIMITS,
    OFFERED,
    PLAIN,
    outcome,
    said,
)

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
    """Customers would be asked back for what was likely understood, or get a guess for a probable emergency."""
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
