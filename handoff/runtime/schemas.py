"""The bodies that requests may have."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator, model_validator

from contract.characters import storable
from contract.decision import Decision
from contract.errors import ContractError
from contract.routes import ESCALATE
from handoff.conversations.masking import mask


def _storable(value: Any) -> Any:
    # Before pydantic looks at it: a lone surrogate, which JSON can carry, is no string to pydantic, but a customer's text.
    return storable(value) if isinstance(value, str) else value


Text = Annotated[str, BeforeValidator(_storable)]
Id = Annotated[str, BeforeValidator(_storable), Field(min_length=1, max_length=100)]


Channel = Literal["web", "app", "miniprogram"]
#: Ids that pages make: a UUID, with or without hyphens, can hold any digits.
_UUID = re.compile(r"[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}")


def _without_secret(value: str) -> str:
    """The id is stored and shown to both sides as it came, so it must not be a way past the masking of numbers."""
    digits = re.sub(r"[._:-]+", " ", re.sub(r"[A-WYZa-wyz]+", "字", value))
    if not _UUID.fullmatch(value) and (mask(digits).text != digits or mask(value).text != value):
        raise ValueError("must not contain a card number, an identity number or a code")
    return value


MessageId = Annotated[str, Field(pattern=r"^[A-Za-z0-9._:-]{1,100}$"), AfterValidator(_without_secret)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="ignore")


class OpenConversation(_Body):
    """`POST /api/conversations`."""

    locale: Literal["zh", "zh-Hant", "en"] | None = None
    channel: Channel | None = None


class PostMessage(_Body):
    """`POST /api/conversations/{id}/messages`: a text, or a choice that was offered.

    `suggested`: the text is the page's (a suggestion that was pressed), and does not tell the customer's language.
    """

    client_message_id: MessageId
    text: Text | None = None
    choice: Id | None = None
    suggested: bool = False

    @model_validator(mode="after")
    def _one_of_them(self) -> PostMessage:
        if (self.text is None) == (self.choice is None):
            raise ValueError("give either `text` or `choice`")
        return self


class Rate(_Body):
    """`POST .../rating`."""

    score: Annotated[int, Field(ge=1, le=5, strict=True)]
    comment: Text | None = None


class Login(_Body):
    """`POST /api/session`."""

    login: Annotated[str, BeforeValidator(_storable), Field(max_length=100)]
    password: Annotated[str, BeforeValidator(_storable), Field(max_length=200)]


class Note(_Body):
    """`POST .../notes`."""

    text: Text


class Transfer(_Body):
    """`POST .../transfer`."""

    to: Id | None = None
    note: Text | None = None


SeenSeq = Annotated[int, Field(ge=0, le=2**63 - 1, strict=True)]


class LetGo(_Body):
    """`POST .../return`, `POST .../resolve`: `seen_seq` is the last sequence number that the agent has seen."""

    seen_seq: SeenSeq
    note: Text | None = None


class SeenConversation(_Body):
    """One of the conversations in `ResolveWaiting`."""

    id: Id
    seen_seq: SeenSeq


class ResolveWaiting(_Body):
    """`POST /api/queue/resolve`."""

    conversations: Annotated[list[SeenConversation], Field(min_length=1, max_length=100)]
    note: Text | None = None


class Access(_Body):
    """`POST .../access`: why an agent reads somebody else's conversation."""

    reason: Text


class Cancel(_Body):
    """`POST .../cancel`: `confirm` after the question that a grave case gets."""

    confirm: bool = False


def _escalation(value: Any) -> Decision:
    try:
        decision = Decision.from_json(value)
    except ContractError as error:
        raise ValueError(f"the decision is wrong in: {error}") from error
    if decision.route != ESCALATE:
        raise ValueError("only a decision with route escalate asks for a handoff")
    return decision


class RequestHandoff(_Body):
    """`POST /api/handoffs`, by the bot."""

    conversation_id: Id
    turn_id: Id
    decision: Annotated[Decision, PlainValidator(_escalation, json_schema_input_type=dict[str, Any])]
