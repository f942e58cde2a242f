"""The bot's messages for a decision: an article, a short reply or a question, with their buttons."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from typing import Any, Dict, List, Optional, Tuple

from actions.choices import (
    CHOICE_CANCEL_WAIT,
    CHOICE_HUMAN,
    CHOICE_KEEP_WAITING,
    CHOICE_SOLVED,
    CHOICE_TOPIC,
    CHOICE_UNSOLVED,
)
from actions.lookup_words import LookupWords, anonymous_hint
from actions.ordinals import LAST_STEP
from content.articles import Article
from content.bundle import Content
from content.replies import Replies
from contract.decision import Decision
from contract.locales import SIMPLIFIED, TRADITIONAL
from contract.lookup import SEVERAL
from contract.turn import Context
from language.recognition import written_as
from language.traditional import Traditional

Reply = Dict[str, Any]
Button = Dict[str, str]

#: The texts of `replies.yml` for the reactions to a short reply (actions/reaction.py), by the decision's rule.
_WORDS = {"context.in_progress": "in_progress", "context.fragment": "fragment", "context.question": "question"}
#: Placeholders of `replies.yml`, in single braces; facts have double braces.
_TOPIC, _NUMBER = "{topic}", "{number}"
_STEP = re.compile(r"^(\d{1,2})\. +(.*(?:\n(?!\d{1,2}\. |\n).*)*)", re.MULTILINE)


def compose(decision: Decision, context: Context, content: Content, day: dt.date) -> Tuple[List[Reply], Decision]:
    """The messages `{text, buttons?, article?}` for a decision, and the decision with the article that it used.

    The messages have the language of `context.locale`. Traditional Chinese is converted from the editors' simplified texts; an
    article keeps the revision of its text. An escalation has no messages: the desk, which knows the queue, announces what
    follows.
    """
    messages, decision = _compose(decision, context, file_locale(context.locale), content, day)
    if context.locale == TRADITIONAL:
        messages = [_traditional(message, content.traditional) for message in messages]
    return messages, decision


def file_locale(language: str) -> str:
    """The language of the editors' files, "zh" or "en", for a customer's language."""
    written = written_as(language)
    return SIMPLIFIED if written == TRADITIONAL else written


def _traditional(message: Reply, traditional: Traditional) -> Reply:
    changed = {**message, "text": traditional.convert(message["text"])}
    if "buttons" in message:
        changed["buttons"] = [{**button, "label": traditional.convert(button["label"])} for button in message["buttons"]]
    if "article" in message:
        changed["article"] = {**message["article"], "title": traditional.convert(message["article"]["title"])}
    return changed


def _compose(decision: Decision, context: Context, locale: str, content: Content, day: dt.date) -> Tuple[List[Reply], Decision]:
    words = content.replies[locale]
    if decision.route == "escalate":
        return [], decision
    if decision.route == "answer":
        return _answer(decision, context, locale, content, day)
    if decision.route == "clarify":
        return [_clarify(decision, locale, content)], decision
    if decision.route == "reject":
        return [{"text": words.reject, "buttons": [_human(words)]}], decision
    if decision.route == "feedback":
        return [{"text": words.feedback}], decision
    if decision.asks == "cancel_wait":
        leave = {"choice": CHOICE_CANCEL_WAIT, "label": words.button_cancel_wait}
        stay = {"choice": CHOICE_KEEP_WAITING, "label": words.button_keep_waiting}
        return [{"text": words.confirm_cancel, "buttons": [leave, stay]}], decision
    if decision.outcome is not None:
        return [{"text": getattr(words, decision.outcome)}], decision
    if decision.rule in _WORDS:
        # The question stays open, so its buttons are repeated: a new message disables the buttons of the last one.
        doors = _open_doors(context, locale, content, day)
        buttons = [*_open_buttons(decision, context, locale, content), *doors]
        message = {"text": getattr(words, _WORDS[decision.rule]), "buttons": buttons}
        return [message if buttons else {"text": message["text"]}], replace(decision, doors=_intents(doors))
    return [{"text": words.chat[decision.intent or "greet"]}], decision


def _human(words: Replies) -> Button:
    return {"choice": CHOICE_HUMAN, "label": words.button_human}


def _solved(words: Replies) -> List[Button]:
    return [
        {"choice": CHOICE_SOLVED, "label": words.button_solved},
        {"choice": CHOICE_UNSOLVED, "label": words.button_unsolved},
    ]


def _name(topic: str, locale: str, content: Content) -> str:
    policy = content.policy.intents[topic]
    return policy.zh if locale == "zh" else policy.en


def _topic(topic: str, locale: str, content: Content) -> Button:
    return {"choice": CHOICE_TOPIC + topic, "label": _name(topic, locale, content)}


def _doors(article: Article) -> List[Button]:
    # The widget shows buttons of this kind separately from the answers to the bot's question.
    return [{"choice": CHOICE_TOPIC + door.intent, "label": door.label, "kind": "door"} for door in article.header.doors]


def _intents(doors: List[Button]) -> Tuple[str, ...]:
    return tuple(button["choice"][len(CHOICE_TOPIC) :] for button in doors)


def _open_doors(context: Context, locale: str, content: Content, day: dt.date) -> List[Button]:
    """The doors of the last article, while the question "did this solve it?" is open."""
    topic = content.policy.intents.get(context.topic or "")
    if context.asked != "solved" or topic is None or topic.article is None:
        return []
    article = content.articles.find(topic.article, locale, day)
    return _doors(article) if article else []


def _open_buttons(decision: Decision, context: Context, locale: str, content: Content) -> List[Button]:
    words = content.replies[locale]
    topics = [_topic(topic, locale, content) for topic in decision.topics if topic in content.policy.intents]
    if context.asked == "solved":
        return [*topics, *_solved(words), _human(words)]
    if context.asked == "topic" or context.asked == "offer_person" or context.closed:
        return [*topics, _human(words)]
    return []


def _clarify(decision: Decision, locale: str, content: Content) -> Reply:
    words = content.replies[locale]
    if not decision.topics:
        return {"text": words.clarify_open, "buttons": [_human(words)]}
    topics = [_topic(topic, locale, content) for topic in decision.topics]
    if decision.rule == "context.open_topic":
        text = words.open_topic.replace(_TOPIC, _name(decision.topics[0], locale, content))
        return {"text": text, "buttons": [*topics, *_solved(words)[:1]]}
    return {"text": words.clarify, "buttons": [*topics, _human(words)]}


def _which_transaction(decision: Decision, locale: str, content: Content) -> Tuple[List[Reply], Decision]:
    """The question which transaction it is. It is no article, so the decision has none."""
    words = content.replies[locale]
    asked = LookupWords(content.lookups, decision.lookup, locale) if decision.lookup else None
    if asked is None:
        raise LookupError("nothing was looked up")
    none_of_these = {"choice": CHOICE_UNSOLVED, "label": asked.none_of_these() or words.button_unsolved}
    return [{"text": asked.question(), "buttons": [*asked.buttons(), none_of_these, _human(words)]}], decision


def _with_facts(text: str, article: Article, decision: Decision, context: Context, content: Content) -> str:
    """An article's text with the customer's own facts above it; for an anonymous customer, how to get them below it."""
    locale = article.header.locale
    if decision.lookup is not None:
        facts = LookupWords(content.lookups, decision.lookup, locale).above_the_article()
        return f"{facts}\n\n{text}" if facts else text
    name = article.header.lookup
    if name is None or context.customer is not None:
        return text
    hint = anonymous_hint(content.lookups, name, locale)
    return f"{text}\n\n{hint}" if hint else text


def _answer(decision: Decision, context: Context, locale: str, content: Content, day: dt.date) -> Tuple[List[Reply], Decision]:
    if decision.lookup is not None and decision.lookup.state == SEVERAL:
        return _which_transaction(decision, locale, content)
    intent = content.policy.intents[decision.intent or ""]
    words = content.replies[locale]
    article = content.articles.find(intent.article or "", locale, day)
    if article is None:  # decide() calls has_article(), so it never chooses an answer without an article
        raise LookupError(f"no valid article {intent.article} on {day}")
    again = decision.rule == "context.article"
    buttons = _solved(words)
    if intent.offer_person or again:
        buttons.append(_human(words))
    text, step = _again(article, decision.step, words) if again else (article.text, None)
    if not again:
        text = _with_facts(text, article, decision, context, content)
    reference = {"id": article.header.id, "title": article.header.title, "revision": article.revision}
    messages: List[Reply] = [{"text": text, "article": reference}]
    if decision.rule == "parts" and decision.open_topics:
        # Only the last message has buttons.
        names = [_name(topic, locale, content) for topic in decision.open_topics]
        messages.append({"text": words.also.replace(_TOPIC, names[0])})
        buttons = [_topic(decision.open_topics[0], locale, content), *buttons]
    if decision.tentative:
        messages.append({"text": words.not_this})
        buttons = [*(_topic(topic, locale, content) for topic in decision.topics), *_solved(words), _human(words)]
    doors = _doors(article)
    behind = {door["choice"] for door in doors}
    # An alternative that is also a door gets one button: the door, whose label states what happened.
    messages[-1]["buttons"] = [*(button for button in buttons if button["choice"] not in behind), *doors]
    topics = tuple(topic for topic in decision.topics if CHOICE_TOPIC + topic not in behind)
    reference_of = {"id": article.header.id, "revision": article.revision}
    return messages, replace(decision, article=reference_of, step=step, doors=_intents(doors), topics=topics)


def _again(article: Article, step: Optional[int], words: Replies) -> Tuple[str, Optional[int]]:
    """The requested step and its number, or all steps and None if the article has no such step."""
    steps = {int(number): text for number, text in _STEP.findall(article.text)}
    number = max(steps, default=None) if step == LAST_STEP else step
    if number in steps:
        return f"{words.step.replace(_NUMBER, str(number))}\n{steps[number]}", number
    return f"{words.steps}\n\n{article.text}", None
