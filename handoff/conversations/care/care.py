"""The state of all subjects of care, and their folds together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from handoff.conversations.care import (
    attachments,
    callbacks,
    case_file,
    first_aid,
    identity,
    incidents,
    intake,
    promises,
    proofs,
)
from handoff.conversations.care.attachments import Attachment
from handoff.conversations.care.callbacks import Callback
from handoff.conversations.care.case_values import CaseFile
from handoff.conversations.care.first_aid import NO_FIRST_AID, FirstAid
from handoff.conversations.care.identity import Identity
from handoff.conversations.care.incidents import ToldIncident
from handoff.conversations.care.intake import NO_INTAKE, IntakeState
from handoff.conversations.care.promises import Obligation
from handoff.conversations.care.steps import CareRule, CareStep

if TYPE_CHECKING:
    from handoff.conversations.events import Event
    from handoff.conversations.state import Conversation


@dataclass(frozen=True)
class Care:
    """What is known of the customer and owed to them. `identity`: None for an anonymous customer.

    `cases`: the last one is the case that counts now. `obligations`: what was promised, all that is owed and the last settled
    ones. `intake`: the questions of the present case and their answers.
    """

    identity: Identity | None = None
    first_aid: FirstAid = NO_FIRST_AID
    attachments: tuple[Attachment, ...] = ()
    incidents: tuple[ToldIncident, ...] = ()
    cases: tuple[CaseFile, ...] = ()
    obligations: tuple[Obligation, ...] = ()
    intake: IntakeState = NO_INTAKE
    callback: Callback | None = None

    @property
    def case_due_at(self) -> dt.datetime | None:
        """The nearest due time of a case; None if nothing is owed."""
        return min((case.due_at for case in self.cases if case.due_at is not None), default=None)

    @property
    def promise_due_at(self) -> dt.datetime | None:
        """The earliest time of a promise that is not settled; None without one."""
        return min((each.due_at for each in self.obligations if each.is_owed), default=None)


NO_CARE = Care()

_SUBJECTS = (
    attachments,
    case_file,
    callbacks,
    identity,
    incidents,
    promises,
    proofs,
    first_aid,
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
