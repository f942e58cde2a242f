"""Decisions about the current topic that several rules share: close it, send its article again, or leave the question open."""

from __future__ import annotations

from typing import Optional

from actions.assessment import CLARIFYING_TOPICS, Assessment
from actions.reaction import situation_of
from contract.decision import Decision
from contract.lookup import ASKS_TRANSACTION


def topics_are_offered(assessment: Assessment) -> bool:
    """Whether the bot's last message offered topics as buttons, which a typed reply can select."""
    return assessment.context.asked == "topic" or situation_of(assessment.context) == "tentative"


def transaction_may_be_chosen(assessment: Assessment) -> bool:
    """Whether the bot's last message asked which transaction it is, and the topic's article can still be sent."""
    context, policy = assessment.context, assessment.policy.intents.get(assessment.context.topic or "")
    if context.asked != ASKS_TRANSACTION or policy is None:
        return False
    return policy.route == "answer" and assessment.has_article(policy.article or "")


def friendly(assessment: Assessment, word: Optional[str]) -> Decision:
    """A friendly word, which leaves the question open or closes the conversation."""
    if word == "closed":
        return assessment.decision("chat", "context.reply", "thanks", outcome="closed")
    if word in ("thanks", "deny", "affirm"):
        return assessment.decision("chat", "context.reply", word)
    return assessment.decision("chat", f"context.{word}", topics=assessment.topics if topics_are_offered(assessment) else ())


def solved(assessment: Assessment, rule: str, confidence: float) -> Decision:
    """The end of the conversation, or the question about a second topic that the customer named before."""
    still_open = assessment.open_topics()
    if assessment.context.asked == "solved" and still_open:
        assessment.note("context.open_topic", True, ", ".join(still_open))
        return assessment.decision(
            "clarify", "context.open_topic", still_open[0], asks="topic", topics=tuple(still_open[:CLARIFYING_TOPICS])
        )
    return assessment.decision("chat", rule, "affirm", confidence=confidence, outcome="solved")


def article_again(assessment: Assessment, step: Optional[int]) -> Decision:
    """The last article again, or one step of it."""
    topic = assessment.context.topic or ""
    policy = assessment.policy.intents.get(topic)
    if policy is None or policy.route != "answer" or not assessment.has_article(policy.article or ""):
        return friendly(assessment, "question")
    assessment.note("context.article", True, f"{policy.article} {step or ''}".strip())
    return assessment.decision("answer", "context.article", topic, asks="solved", step=step)
