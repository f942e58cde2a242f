"""A reply is understood as a reply to the bot's last message, or to the end of the last episode."""

from __future__ import annotations

from dataclasses import replace
from typing import Dict, Optional

import pytest

from actions.decide import decide
from content.triage_policy import Policy
from contract.turn import Closed, Context
from tests.actions.made_messages import (
    ANSWERED,
    FRESH,
    OFFERED,
    PLAIN,
    outcome,
    said,
)

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


@pytest.mark.parametrize("text", ["好嘞我去弄一下", "我去弄弄", "好的我回去看看,有问题再找你"])
def test_going_to_try_is_no_complaint(policy: Policy, text: str) -> None:
    """Words that stand across others would fetch a person for somebody who only goes to try."""
    assert decide(replace(said(affirm=0.5), text=text), after_article("register_howto"), policy).route != "escalate"


@pytest.mark.parametrize("text", ["他", "他们"])
def test_a_piece_of_a_sentence_is_no_emergency(policy: Policy, text: str) -> None:
    """A customer who types "he" first and the rest later would be handed over before the matter is stated."""
    assert decide(replace(said(scam_report=0.6), text=text), ANSWERED, policy).route != "escalate"
