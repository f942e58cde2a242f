"""The bodies of the customer's requests."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from handoff.conversations.masking import mask
from handoff.runtime.schemas import Body, Text, as_storable

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


#: A button can name something of the wallet's, whose ids are long.
Choice = Annotated[str, BeforeValidator(as_storable), Field(min_length=1, max_length=150)]


class OpenConversation(Body):
    """`POST /api/conversations`. `identity`: a proof, if it is not in the Authorization header."""

    locale: Literal["zh", "zh-Hant", "en"] | None = None
    channel: Channel | None = None
    identity: str | None = None


class ProveIdentity(Body):
    """`POST .../identity`: a proof of the wallet's app."""

    identity: str


class ComeBack(Body):
    """`POST /api/conversations/return`."""

    code: Annotated[Text, Field(max_length=100)]


class PostMessage(Body):
    """`POST /api/conversations/{id}/messages`: a text, or a choice that was offered.

    `suggested`: the text is the page's (a suggestion that was pressed), and does not tell the customer's language.
    `seen_seq`: of an agent, the last sequence number on the screen.
    """

    client_message_id: MessageId
    text: Text | None = None
    choice: Choice | None = None
    suggested: bool = False
    seen_seq: Annotated[int, Field(ge=0, le=2**63 - 1, strict=True)] | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> PostMessage:
        if (self.text is None) == (self.choice is None):
            raise ValueError("give either `text` or `choice`")
        return self


class Rate(Body):
    """`POST .../rating`."""

    score: Annotated[int, Field(ge=1, le=5, strict=True)]
    comment: Text | None = None


class Typing(Body):
    """`POST .../typing`."""

    is_typing: bool


class HasRead(Body):
    """`POST .../read`: the last sequence number on the customer's screen."""

    seq: Annotated[int, Field(ge=0, le=2**63 - 1, strict=True)]


class ChooseLanguage(Body):
    """`PUT .../locale`."""

    locale: Literal["zh", "zh-Hant", "en"]


class Cancel(Body):
    """`POST .../cancel`: `confirm` after the question that a grave case gets."""

    confirm: bool = False
