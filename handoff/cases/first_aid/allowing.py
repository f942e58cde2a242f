"""Whether the desk may act for the customer of a conversation now. Pure."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from content.first_aid import FirstAidPolicy
from handoff.conversations.state import Conversation


@dataclass(frozen=True)
class Allowance:
    """What the customer is known by now. `subject` None: anonymous, or no wallet is connected. `assurance`: 0 to 3."""

    subject: str | None
    assurance: int

    def allows(self, action: str, policy: FirstAidPolicy) -> bool:
        """Whether the customer may order this action now."""
        return self.subject is not None and action in policy.actions and self.assurance >= policy.actions[action].assurance


def allowance(conversation: Conversation, now: dt.datetime, *, is_connected: bool) -> Allowance:
    """Of a conversation, with the assurance that counts at this moment."""
    identity = conversation.care.identity
    if identity is None or not is_connected:
        return Allowance(None, 0)
    return Allowance(identity.subject, identity.assurance_at(now))
