"""Which customer of the wallet writes, as the wallet's app signed it. What nobody signed is no identity."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from handoff.conversations.care.steps import CareRule, CareStep
from handoff.conversations.events.envelope import CUSTOMER
from handoff.conversations.events.registry import Body, event, internal
from handoff.runtime.errors import Conflict, NotAllowed

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


@event("assurance_changed")
class AssuranceChanged(Body):
    """Another device of the customer acts, to which the app has proven more or less."""

    assurance: int = internal("0 to 3")
    proven_until: dt.datetime = internal("when the signed statement of this device expires")


@dataclass(frozen=True)
class ActOnDevice:
    """The customer acts on a device with this proof; `identity` has the conversation's subject."""

    identity: Identity


@dataclass(frozen=True)
class Identify:
    """Bind the conversation to a customer of the wallet, or renew the proof. Another customer is refused."""

    identity: Identity
    key_id: str | None = None


def check_assurance(has: int, needed: int) -> None:
    """Raise NotAllowed with how to raise it, unless the assurance is enough."""
    if has < needed:
        raise NotAllowed(
            "needs_more_assurance",
            "为了您的账户安全，请先在 App 里完成身份验证（登录、输入支付密码或刷脸），再回到这里继续。",
            "To keep your account safe, please verify yourself in the app first (sign-in, password or face), then come back.",
            status=403,
            needed=needed,
            assurance=has,
        )


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


def _act_on_device(writing: Writing, command: ActOnDevice) -> None:
    known, device = writing.state.care.identity, command.identity
    if known is not None and (known.assurance, known.proven_until) != (device.assurance, device.proven_until):
        writing.add(AssuranceChanged(assurance=device.assurance, proven_until=device.proven_until), CUSTOMER)


def _identified(state: Conversation, event: Event, body: Identified) -> dict[str, Any]:
    return {"identity": Identity(body.subject, body.assurance, body.proven_until, body.name, body.phone_last)}


def _assurance_changed(state: Conversation, event: Event, body: AssuranceChanged) -> dict[str, Any]:
    known = state.care.identity
    if known is None:  # an entry that only a newer desk can have written
        return {}
    return {"identity": replace(known, assurance=body.assurance, proven_until=body.proven_until)}


STEPS: dict[type, CareStep] = {Identified: _identified, AssuranceChanged: _assurance_changed}
RULES: dict[type, CareRule] = {Identify: _identify, ActOnDevice: _act_on_device}
