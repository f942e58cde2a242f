"""The announced incidents that the bot told this customer of, and whether the customer knows that they are over."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from contract.decision import known_fields
from handoff.conversations.care.steps import CareRule, CareStep
from handoff.conversations.events.bodies import Message, Triage
from handoff.conversations.events.envelope import SYSTEM
from handoff.conversations.events.registry import Body, event, internal

if TYPE_CHECKING:
    from handoff.conversations.decide.writing import Writing
    from handoff.conversations.events import Event
    from handoff.conversations.state import Conversation


@dataclass(frozen=True)
class ToldIncident:
    """An incident of which the customer read; `version`: the one that was told last. `seq`: the decision's number."""

    incident_id: str
    version: int
    seq: int
    is_over: bool = False


@event("incident_over")
class IncidentOver(Body):
    """The customer was told that an incident is over of which the bot had told them."""

    incident_id: str
    closed_version: int = internal("of the incident")


@dataclass(frozen=True)
class TellIncidentOver:
    """Tell the customer once that the incident is over; nothing changes if they were never told of it."""

    incident_id: str
    version: int
    text: str


def _tell_over(writing: Writing, command: TellIncidentOver) -> None:
    if not any(each.incident_id == command.incident_id and not each.is_over for each in writing.state.care.incidents):
        return
    writing.add(Message(text=command.text, kind="incident"), SYSTEM)
    over = IncidentOver(incident_id=command.incident_id, closed_version=command.version)
    writing.add(over, SYSTEM, f"incident_over:{command.incident_id}")


def _triaged(state: Conversation, event: Event, body: Triage) -> dict[str, Any]:
    named = known_fields(body.decision, "incident")["incident"]
    if named is None or body.silent:
        return {}
    others = tuple(each for each in state.care.incidents if each.incident_id != named["id"])
    return {"incidents": (*others, ToldIncident(named["id"], named["version"], event.seq))}


def _over(state: Conversation, event: Event, body: IncidentOver) -> dict[str, Any]:
    told = state.care.incidents
    return {"incidents": tuple(replace(each, is_over=True) if each.incident_id == body.incident_id else each for each in told)}


STEPS: dict[type, CareStep] = {Triage: _triaged, IncidentOver: _over}
RULES: dict[type, CareRule] = {TellIncidentOver: _tell_over}
