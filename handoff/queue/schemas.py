"""The bodies of the agents' requests, and of the bot's handoff request."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, PlainValidator

from contract.decision import Decision
from contract.errors import ContractError
from contract.routes import ESCALATE
from handoff.conversations.schemas import MessageId
from handoff.queue.presence import Choice
from handoff.runtime.schemas import Body, Id, Text

SeenSeq = Annotated[int, Field(ge=0, le=2**63 - 1, strict=True)]


class Note(Body):
    """`POST .../notes`. `client_note_id`: the page's id, so that a repeated request stores one note."""

    text: Text
    client_note_id: MessageId | None = None
    mentions: Annotated[list[Id], Field(max_length=20)] = []
    whisper: bool = False


class Transfer(Body):
    """`POST .../transfer`."""

    to: Id | None = None
    queue: Id | None = None
    skill: Id | None = None
    note: Text | None = None


class AssignTo(Body):
    """`POST .../assign`. `of`: the login who had the conversation on the supervisor's screen, "" if it waited."""

    to: Id
    of: Annotated[str, Field(max_length=100)] | None = None
    over_capacity: bool = False
    note: Text | None = None


class LetGo(Body):
    """`POST .../return`, `POST .../resolve`: `seen_seq` is the last sequence number that the agent has seen.

    `outcome`: of a resolution, one of `outcomes` in data/desk.yml.
    """

    seen_seq: SeenSeq
    note: Text | None = None
    outcome: Id | None = None


class Mark(Body):
    """`POST .../marks`."""

    mark: Literal["late_handoff", "needless_handoff", "wrong_article"]
    is_set: bool
    about_seq: SeenSeq | None = None


class LinkTo(Body):
    """`POST .../links`."""

    other: Id


class Looking(Body):
    """`POST .../looking`."""

    is_typing: bool = False


class SawMentions(Body):
    """`POST /api/mentions/seen`."""

    conversation_id: Id


class SeenConversation(Body):
    """One of the conversations in `ResolveWaiting`."""

    id: Id
    seen_seq: SeenSeq


class ResolveWaiting(Body):
    """`POST /api/queue/resolve`."""

    conversations: Annotated[list[SeenConversation], Field(min_length=1, max_length=100)]
    note: Text | None = None
    outcome: Id | None = None


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
