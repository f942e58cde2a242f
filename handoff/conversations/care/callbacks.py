"""A call-back that the customer booked. The log has the end of the number only, the table `callbacks` has the number."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from handoff.conversations.care.steps import CareRule, CareStep
from handoff.conversations.events.envelope import Participant
from handoff.conversations.events.registry import Body, event, internal, public

if TYPE_CHECKING:
    from handoff.conversations.decide.writing import Writing
    from handoff.conversations.events import Event
    from handoff.conversations.state import Conversation

#: How a call-back ends: the customer was reached, was not reached, or took it back.
DONE, MISSED, CANCELLED = "done", "missed", "cancelled"


@dataclass(frozen=True)
class Callback:
    """A call-back that is owed, between two moments (aware UTC). `phone_last`: the last digits of the confirmed number."""

    id: str
    slot_from: dt.datetime
    slot_to: dt.datetime
    phone_last: str

    def as_json(self) -> dict[str, Any]:
        """The shape for pages."""
        return {
            "id": self.id,
            "slot_from": self.slot_from.isoformat(),
            "slot_to": self.slot_to.isoformat(),
            "phone_last": self.phone_last,
        }


@event("callback_booked", is_public=True)
class CallbackBooked(Body):
    """The customer confirmed a number and booked a call-back."""

    callback_id: str = public()
    slot_from: dt.datetime = public()
    slot_to: dt.datetime = public()
    phone_last: str = public("the last four digits")


@event("callback_ended", is_public=True)
class CallbackEnded(Body):
    """A call-back is not owed any more."""

    callback_id: str = public()
    how: str = public("`done`, `missed` or `cancelled`")
    login: str | None = internal("the agent who called", default=None)


@event("phone_shown")
class PhoneShown(Body):
    """An agent looked at the whole number of a call-back."""

    callback_id: str
    login: str
    reason: str


@dataclass(frozen=True)
class NoteCallback:
    """Write down what happened with a call-back."""

    body: CallbackBooked | CallbackEnded | PhoneShown
    by: Participant


def _note(writing: Writing, command: NoteCallback) -> None:
    writing.add(command.body, command.by)


def _booked(state: Conversation, event: Event, body: CallbackBooked) -> dict[str, Any]:
    return {"callback": Callback(body.callback_id, body.slot_from, body.slot_to, body.phone_last)}


def _ended(state: Conversation, event: Event, body: CallbackEnded) -> dict[str, Any]:
    return {"callback": None}


STEPS: dict[type, CareStep] = {CallbackBooked: _booked, CallbackEnded: _ended}
RULES: dict[type, CareRule] = {NoteCallback: _note}
