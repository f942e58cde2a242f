"""Proof packs that were made of a case: who has one, and its root."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from handoff.conversations.care.steps import CareRule, CareStep
from handoff.conversations.events.envelope import SYSTEM, Participant
from handoff.conversations.events.registry import Body, event, internal

if TYPE_CHECKING:
    from handoff.conversations.decide.writing import Writing


@event("proof_made")
class ProofMade(Body):
    """A proof pack of the case was made. With its root, a pack that was exchanged as a whole is found, too."""

    case_id: str
    root: str = internal("of the hash tree, SHA-256")
    files: int
    login: str | None = internal("none: made on the command line", default=None)


@dataclass(frozen=True)
class NoteProof:
    """Log that a pack was handed out; `name`: of the agent."""

    made: ProofMade
    name: str | None = None


def _note(writing: Writing, command: NoteProof) -> None:
    writing.add(command.made, Participant("agent", command.name) if command.name is not None else SYSTEM)


STEPS: dict[type, CareStep] = {}
RULES: dict[type, CareRule] = {NoteProof: _note}
