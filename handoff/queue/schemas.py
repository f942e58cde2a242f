"""The bodies of the agents' requests, and of the bot's handoff request."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, PlainValidator

from contract.decision import Decision
from contract.errors import ContractError
from contract.routes import ESCALATE
from handoff.queue.presence import Choice
from handoff.runtime.schemas import Body, Id, Text

SeenSeq = Annotated[int, Field(ge=0, le=2**63 - 1, strict=True)]


class Note(Body):
    """`POST .../notes`."""

    text: Text


class Transfer(Body):
    """`POST .../transfer`."""

    to: Id | None = None
    note: Text | None = None


class LetGo(Body):
    """`POST .../return`, `POST .../resolve`: `seen_seq` is the last sequence number that the agent has seen."""

    seen_seq: SeenSeq
    note: Text | None = None


class SeenConversation(Body):
    """One of the conversations in `ResolveWaiting`."""

    id: Id
    seen_seq: SeenSeq


class ResolveWaiting(Body):
    """`POST /api/queue/resolve`."""

    conversations: Annotated[list[SeenConversation], Field(min_length=1, max_length=100)]
    note: Text | None = None


class Access(Body):
    """`POST .../access`: why an agent reads somebody else's conversation."""

    reason: Text


def _escalation(value: Any) -> Decision:
    try:
        decision = Decision.from_json(value)
    except ContractError as error:
        raise ValueError(f"the decision is wrong in: {error}") from error
    if decision.route != ESCALATE:
        raise ValueError("only a decision with route escalate asks for a handoff")
    return decision


class RequestHandoff(Body):
    """`POST /api/handoffs`, by the bot."""

    conversation_id: Id
    turn_id: Id
    decision: Annotated[Decision, PlainValidator(_escalation, json_schema_input_type=dict[str, Any])]


class SetPresence(Body):
    """`PUT /api/presence`, `PUT /api/agents/{login}/presence`."""

    state: Choice
