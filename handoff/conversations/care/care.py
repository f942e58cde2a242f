"""The state of all subjects of care, and their folds together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from handoff.conversations.care import attachments, identity, incidents, intake
from handoff.conversations.care.attachments import Attachment
from handoff.conversations.care.identity import Identity
from handoff.conversations.care.incidents import ToldIncident
from handoff.conversations.care.intake import NO_INTAKE, IntakeState
from handoff.conversations.care.steps import CareRule, CareStep

if TYPE_CHECKING:
    from handoff.conversations.events import Event
    from handoff.conversations.state import Conversation


@dataclass(frozen=True)
class Care:
    """What is known of the customer and owed to them.

    `identity`: None for an anonymous customer. `intake`: the questions of the present case and their answers.
    """

    identity: Identity | None = None
    attachments: tuple[Attachment, ...] = ()
    incidents: tuple[ToldIncident, ...] = ()
    intake: IntakeState = NO_INTAKE


NO_CARE = Care()

_SUBJECTS = (
    attachments,
    identity,
    incidents,
    intake,
)
_STEPS: Mapping[type, tuple[CareStep, ...]] = {
    body: tuple(subject.STEPS[body] for subject in _SUBJECTS if body in subject.STEPS)
    for body in {body for subject in _SUBJECTS for body in subject.STEPS}
}
#: The rules of all commands about care.
RULES: Mapping[type, CareRule] = {command: rule for subject in _SUBJECTS for command, rule in subject.RULES.items()}


def evolve_care(state: Conversation, event: Event) -> Care:
    """The care after one more event; `state` is the state before it."""
    changes: dict[str, Any] = {}
    for step in _STEPS.get(type(event.body), ()):
        changes |= step(state, event, event.body)
    return replace(state.care, **changes) if changes else state.care
