"""Which customer of the wallet writes, as the wallet's app signed it. What nobody signed is no identity."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from handoff.conversations.care.steps import CareRule, CareStep
from handoff.conversations.events.envelope import CUSTOMER
from handoff.conversations.events.registry import Body, event, internal
from handoff.runtime.errors import Conflict

if TYPE_CHECKING:
    from handoff.conversations.decide.writing import Writing
    from handoff.conversations.events import Event
    from handoff.conversations.state import Conversation


@dataclass(frozen=True)
class Identity:
    """A customer of the wallet.

    `subject`: the wallet's id of the customer. `assurance`: how well the app knows that it is them, 0 (a device) to 3 (face or
    document, just now). `proven_until`: aware UTC; later the assurance counts as 0 until the app signs again. `name`: for
    display. `phone_last`: the last digits of the phone number.
    """

    subject: str
    assurance: int
    proven_until: dt.datetime
    name: str | None = None
    phone_last: str | None = None

    def assurance_at(self, now: dt.datetime) -> int:
        """The assurance that counts now."""
        return self.assurance if now < self.proven_until else 0


@event("identified")
class Identified(Body):
    """The wallet's app said who the customer is, or said it again with another assurance."""

    subject: str
    assurance: int = internal("0 to 3")
    proven_until: dt.datetime = internal("when the signed statement expires")
    name: str | None = internal(default=None)
    phone_last: str | None = internal("the last digits of the phone number", default=None)
    key_id: str | None = internal("the key that signed", default=None)


@dataclass(frozen=True)
class Identify:
    """Bind the conversation to a customer of the wallet, or renew the proof. Another customer is refused."""

    identity: Identity
    key_id: str | None = None


def _identify(writing: Writing, command: Identify) -> None:
    known, said = writing.state.care.identity, command.identity
    if known is not None and known.subject != said.subject:
        zh, en = "这个会话属于另一位客户。", "This conversation belongs to another customer."
        raise Conflict("identity_mismatch", zh, en)
    if known == said:
        return
    body = Identified(
        subject=said.subject,
        assurance=said.assurance,
        proven_until=said.proven_until,
        name=said.name,
        phone_last=said.phone_last,
        key_id=command.key_id,
    )
    writing.add(body, CUSTOMER)


def _identified(state: Conversation, event: Event, body: Identified) -> dict[str, Any]:
    return {"identity": Identity(body.subject, body.assurance, body.proven_until, body.name, body.phone_last)}


STEPS: dict[type, CareStep] = {Identified: _identified}
RULES: dict[type, CareRule] = {Identify: _identify}
