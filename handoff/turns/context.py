"""What the bot must know of the past for its next turn, folded from the log, so that the bot itself keeps nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from contract.decision import known_fields
from handoff.conversations.conversation import Conversation, Status
from handoff.conversations.events import Event, EventType

_NOT_UNDERSTOOD = ("reject", "clarify")
#: What is read of each logged decision.
_FOLDED = ("route", "rule", "asks", "article", "topics", "open_topics", "doors", "intent", "tentative")
#: The bot's rule for a piece of a sentence: it changes nothing of the context, and the next message is read together with it.
FRAGMENT_RULE = "context.fragment"
#: The bot's rule for asking about the second topic of a message: the route of a question, although all was understood.
OPEN_TOPIC_RULE = "context.open_topic"
#: Pieces that are further apart than this are two messages.
FRAGMENT_TIME = dt.timedelta(seconds=60)
#: What the bot asks a waiting customer who wants to wait no longer.
ASKS_CANCEL_WAIT = "cancel_wait"


def fold_context(conversation: Conversation, events: Iterable[Event]) -> dict[str, Any]:
    """The bot channel's `context` (docs/contracts.md) from the triage events of the bot's present stretch, oldest first.

    Social moves change nothing: "thanks" between an answer and "still not working" is not a new topic, and does not reset the
    count of messages that were not understood. Neither do pieces of a sentence.
    """
    is_waiting = conversation.status is Status.QUEUED
    context: dict[str, Any] = {
        "status": conversation.status.value,
        "locale": conversation.locale,
        "priority": conversation.priority if is_waiting else None,
        "last_route": None,
        "last_article": None,
        "asked": None,
        "not_understood": 0,
        "topic": None,
        "topics": [],
        "open_topics": [],
        "doors": [],
        "closed": _closed_case(conversation),
        "tentative": False,
    }
    for event in events:
        if event.type is not EventType.TRIAGE or event.seq <= conversation.stretch_seq:
            continue
        decision = known_fields(event.data.get("decision"), *_FOLDED)
        if event.data.get("silent"):
            if is_waiting:
                context["asked"] = ASKS_CANCEL_WAIT if decision["asks"] == ASKS_CANCEL_WAIT else None
            continue
        if decision["route"] in ("chat", None) or decision["rule"] == FRAGMENT_RULE:
            continue
        context["last_route"] = decision["route"]
        context["asked"] = decision["asks"]
        context["last_article"] = decision["article"]["id"] if decision["article"] else None
        context["topics"] = decision["topics"] or []
        context["open_topics"] = decision["open_topics"] or []
        context["doors"] = decision["doors"] or []
        context["tentative"] = bool(decision["tentative"])
        is_riddle = decision["route"] in _NOT_UNDERSTOOD and decision["rule"] != OPEN_TOPIC_RULE
        # A guess counts, too: after two of them, or a guess and a question, the third must be a person.
        is_riddle = is_riddle or context["tentative"]
        context["not_understood"] = context["not_understood"] + 1 if is_riddle else 0
        if decision["route"] == "answer":
            context["topic"] = decision["intent"]
    return context


def _closed_case(conversation: Conversation) -> dict[str, Any] | None:
    earlier = conversation.earlier
    if earlier is None or not earlier["is_recent"] or conversation.status is not Status.WITH_BOT:
        return None
    return {name: earlier[name] for name in ("by", "reason", "priority", "intent")}


def first_piece(events: Sequence[Event], now: dt.datetime) -> int | None:
    """Where the sentence begins of which the last messages were pieces; None when the last decision was no piece.

    `events`: the triage events of the bot's present stretch, oldest first.
    """
    first: int | None = None
    later = now
    for event in reversed(events):
        rule = known_fields(event.data.get("decision"), "rule")["rule"]
        if rule != FRAGMENT_RULE or later - event.at > FRAGMENT_TIME:
            break
        first, later = event.data.get("first_seq", event.data.get("message_seq")), event.at
    return first
