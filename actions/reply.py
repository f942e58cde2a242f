"""What the customer reads for a decision: the article, a short reply, a question, with their buttons."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any, Dict, List, Tuple

from actions.content import Content
from actions.decide import CHOICE_HUMAN, CHOICE_SOLVED, CHOICE_TOPIC, CHOICE_UNSOLVED
from actions.decision import Context, Decision

Reply = Dict[str, Any]


def compose(decision: Decision, context: Context, content: Content, day: dt.date) -> Tuple[List[Reply], Decision]:
    """The messages `{text, buttons?, article?}` for a decision, and the decision with the article it used.

    An escalation has no messages: the desk, which knows the queue, tells the customer what happens next.
    """
    locale = context.locale if context.locale in content.replies else "zh"
    words = content.replies[locale]
    human = {"choice": CHOICE_HUMAN, "label": words.button_human}
    if decision.route == "escalate":
        return [], decision
    if decision.route == "answer":
        return _answer(decision, locale, content, day)
    if decision.route == "clarify":
        if not decision.topics:
            return [{"text": words.clarify_open, "buttons": [human]}], decision
        names = content.policy.intents
        topics = [
            {"choice": CHOICE_TOPIC + topic, "label": names[topic].zh if locale == "zh" else names[topic].en}
            for topic in decision.topics
        ]
        return [{"text": words.clarify, "buttons": [*topics, human]}], decision
    if decision.route == "reject":
        return [{"text": words.reject, "buttons": [human]}], decision
    if decision.route == "feedback":
        return [{"text": words.feedback}], decision
    if decision.outcome == "solved":
        return [{"text": words.solved}], decision
    if decision.outcome == "never_mind":
        return [{"text": words.never_mind}], decision
    return [{"text": words.chat[decision.intent or "greet"]}], decision


def _answer(decision: Decision, locale: str, content: Content, day: dt.date) -> Tuple[List[Reply], Decision]:
    intent = content.policy.intents[decision.intent or ""]
    words = content.replies[locale]
    article = content.articles.find(intent.article or "", locale, day)
    if article is None:  # decide() was given has_article(); it never chooses an answer without one
        raise LookupError(f"no valid article {intent.article} on {day}")
    buttons = [
        {"choice": CHOICE_SOLVED, "label": words.button_solved},
        {"choice": CHOICE_UNSOLVED, "label": words.button_unsolved},
    ]
    if intent.offer_person:
        buttons.append({"choice": CHOICE_HUMAN, "label": words.button_human})
    reference = {"id": article.header.id, "title": article.header.title, "revision": article.revision}
    message = {"text": article.text, "buttons": buttons, "article": reference}
    return [message], replace(decision, article={"id": article.header.id, "revision": article.revision})
