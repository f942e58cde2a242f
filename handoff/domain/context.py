"""What the bot must know of the past for its next turn, folded from the log, so that the bot itself keeps nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from handoff.domain.conversation import Conversation
from handoff.domain.events import Event, EventType

_NOT_UNDERSTOOD = ("reject", "clarify")


def fold_context(conversation: Conversation, events: Iterable[Event]) -> dict[str, Any]:
    """The bot channel's `context` (docs/contracts.md) from the triage events of the bot's present stretch, oldest first.

    Social moves change nothing: "thanks" between an answer and "still not working" is not a new topic, and does not reset the
    count of messages that were not understood.
    """
    context: dict[str, Any] = {
        "status": conversation.status.value,
        "locale": conversation.locale,
        "last_route": None,
        "last_article": None,
        "asked": None,
        "not_understood": 0,
        "topic": None,
    }
    for event in events:
        if event.type is not EventType.TRIAGE or event.seq <= conversation.stretch_seq or event.data.get("silent"):
            continue
        decision = event.data["decision"]
        if decision["route"] == "chat":
            continue
        context["last_route"] = decision["route"]
        context["asked"] = decision.get("asks")
        context["last_article"] = (decision.get("article") or {}).get("id")
        context["not_understood"] = context["not_understood"] + 1 if decision["route"] in _NOT_UNDERSTOOD else 0
        if decision["route"] == "answer":
            context["topic"] = decision.get("intent")
    return context
