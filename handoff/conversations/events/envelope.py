"""One entry of a conversation's log: who did it, when, and under which number."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from handoff.conversations.events.registry import Body, Unknown, data_of, public_data_of


@dataclass(frozen=True)
class Participant:
    """Who did it: `kind` is customer, bot, agent or system; `name` is for people."""

    kind: str
    name: str


SYSTEM = Participant("system", "")
BOT = Participant("bot", "")
CUSTOMER = Participant("customer", "")


@dataclass(frozen=True)
class Event:
    """One entry of the log; `(conversation_id, seq)` identifies it. `key` makes a repeated request find it again.

    `at` is aware UTC.
    """

    conversation_id: str
    seq: int
    at: dt.datetime
    by: Participant
    body: Body
    key: str | None = None

    @property
    def type(self) -> str:
        """The name of the event type."""
        return self.body.type

    @property
    def is_public(self) -> bool:
        """Whether customers may see the event."""
        return self.body.is_public

    def as_json(self, for_customer: bool) -> dict[str, Any]:
        """The event as the contracts show it, flat; for customers the public fields only.

        Raises ValueError for an internal event that is asked for a customer.
        """
        if for_customer:
            data = public_data_of(self.body)
            if data is None:
                raise ValueError(f"{self.type} is internal")
            name = self.type
        elif isinstance(self.body, Unknown):
            name, data = "unknown", {"name": self.body.name, "version": self.body.data_version}
        else:
            name, data = self.type, data_of(self.body)
        return {
            **data,
            "seq": self.seq,
            "type": name,
            "at": self.at.isoformat(),
            "by": {"kind": self.by.kind, "name": self.by.name},
        }
