"""Everything that can stand in a conversation's log, on one page."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class EventType(StrEnum):
    """What happened. The comment names the event's own data."""

    MESSAGE = "message"  # text, buttons?, locale?, article?, choice?, suggested?, client_message_id?, kind? (system messages)
    HANDOFF_REQUESTED = "handoff_requested"  # reason, priority
    PRIORITY_RAISED = "priority_raised"  # reason, priority
    ASSIGNED = "assigned"  # agent (name for people)
    TRANSFERRED = "transferred"  # to?, why (agent | agent_gone)
    RETURNED = "returned"  # to the bot
    CANCELLED = "cancelled"  # the customer no longer wants to wait
    CANCEL_UNDONE = "cancel_undone"  # the customer waits again, at the old place: reason, priority
    RESOLVED = "resolved"  # resolution: solved | closed (content, or thanks after a person's end) | agent | idle
    REOPENED = "reopened"  # episode
    RATED = "rated"  # score, comment?
    TRIAGE = "triage"  # turn_id, decision, silent, message_seq
    NOTE = "note"  # text
    BOT_FAILED = "bot_failed"  # turn_id, code
    FEEDBACK_RECORDED = "feedback_recorded"  # message_seq
    LANGUAGE_CHANGED = "language_changed"  # language, was: the customer writes in another one
    ACCESSED = "accessed"  # reason, login: an agent reads a conversation that is not theirs


#: What customers never see.
INTERNAL = frozenset(
    {
        EventType.TRIAGE,
        EventType.NOTE,
        EventType.BOT_FAILED,
        EventType.FEEDBACK_RECORDED,
        EventType.LANGUAGE_CHANGED,
        EventType.ACCESSED,
    }
)

#: Data that agents write for each other inside events that customers do see.
INTERNAL_DATA = frozenset({"note", "key", "to", "why", "idempotency_key"})


@dataclass(frozen=True)
class Participant:
    """Who did it: kind is customer, bot, agent or system; name is for people."""

    kind: str
    name: str


SYSTEM = Participant("system", "")
BOT = Participant("bot", "")
CUSTOMER = Participant("customer", "")


@dataclass(frozen=True)
class Event:
    """One entry of the log; `(conversation_id, seq)` is its name. `key` makes a repeated request find it again."""

    conversation_id: str
    seq: int
    type: EventType
    at: dt.datetime
    by: Participant
    data: dict[str, Any] = field(default_factory=dict)
    key: str | None = None

    def as_json(self, for_customer: bool) -> dict[str, Any]:
        """The event as the contracts show it, flat; internal data left out for customers."""
        data = {k: v for k, v in self.data.items() if not (for_customer and k in INTERNAL_DATA)}
        return {
            **data,
            "seq": self.seq,
            "type": self.type.value,
            "at": self.at.isoformat(),
            "by": {"kind": self.by.kind, "name": self.by.name},
        }
