"""A reply: what the bot says and what it decided (docs/contracts.md, "Bot channel")."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Optional

from contract.characters import is_blank
from contract.decision import Decision
from contract.errors import ContractError, SilenceError
from contract.routes import ESCALATE
from contract.values import is_name, is_storable

_MESSAGES, _BUTTONS, _TEXT_LENGTH = 20, 20, 20_000


@dataclass(frozen=True)
class Button:
    """A button under a message. `kind` "door": it leads straight to a person, and pages show it apart from the others."""

    choice: str
    label: str
    kind: Optional[str] = None

    @classmethod
    def from_json(cls, data: Any) -> Button:
        """Raises ContractError."""
        if not isinstance(data, dict):
            raise ContractError(["buttons"])
        kind = data.get("kind")
        if not is_name(data.get("choice")) or not is_name(data.get("label")) or not (kind is None or is_name(kind)):
            raise ContractError(["buttons"])
        return cls(data["choice"], data["label"], kind)

    def as_json(self) -> dict[str, str]:
        """JSON types only; `kind` only where there is one."""
        button = {"choice": self.choice, "label": self.label}
        return button if self.kind is None else {**button, "kind": self.kind}


@dataclass(frozen=True)
class ArticleReference:
    """The article whose text a message is. The revision changes with the title, the text and the labels of the doors."""

    id: str
    title: Optional[str] = None
    revision: Optional[str] = None

    @classmethod
    def from_json(cls, data: Any) -> ArticleReference:
        """Raises ContractError."""
        if not isinstance(data, dict) or not is_name(data.get("id")):
            raise ContractError(["article"])
        if not all(data.get(name) is None or is_name(data[name]) for name in ("title", "revision")):
            raise ContractError(["article"])
        return cls(data["id"], data.get("title"), data.get("revision"))

    def as_json(self) -> dict[str, str]:
        """JSON types only; only the fields that are there."""
        named = {"id": self.id, "title": self.title, "revision": self.revision}
        return {name: value for name, value in named.items() if value is not None}


@dataclass(frozen=True)
class Message:
    """One message of the bot."""

    text: str
    buttons: Sequence[Button] = ()
    article: Optional[ArticleReference] = None

    @classmethod
    def from_json(cls, data: Any) -> Message:
        """Raises ContractError, and SilenceError where the text shows nothing."""
        if not isinstance(data, dict):
            raise ContractError(["messages"])
        text, buttons, article = data.get("text"), data.get("buttons"), data.get("article")
        if buttons is None:
            buttons = []
        if not isinstance(buttons, list) or len(buttons) > _BUTTONS:
            raise ContractError(["buttons"])
        read = tuple(Button.from_json(button) for button in buttons)
        reference = None if article is None else ArticleReference.from_json(article)
        if not is_storable(text):
            raise ContractError(["text"])
        if not isinstance(text, str) or is_blank(text):
            raise SilenceError(["text"])
        if len(text) > _TEXT_LENGTH:
            raise ContractError(["text"])
        return cls(text, read, reference)

    def as_json(self) -> dict[str, Any]:
        """JSON types only; buttons and article only where there are any."""
        body: dict[str, Any] = {"text": self.text}
        if self.buttons:
            body["buttons"] = [button.as_json() for button in self.buttons]
        if self.article is not None:
            body["article"] = self.article.as_json()
        return body


@dataclass(frozen=True)
class Reply:
    """What the bot says and what it decided. An escalation has no messages: the desk tells the customer what comes next."""

    messages: Sequence[Message]
    decision: Decision

    @classmethod
    def from_json(cls, data: Any) -> Reply:
        """Read the body of the bot's answer. Raises ContractError, and SilenceError where the bot says nothing."""
        if not isinstance(data, dict):
            raise ContractError(["reply"])
        decision = Decision.from_json(data.get("decision"))
        if decision.route == ESCALATE:
            return cls((), decision)
        messages = data.get("messages")
        if not isinstance(messages, list) or len(messages) > _MESSAGES:
            raise ContractError(["messages"])
        if not messages:
            raise SilenceError(["messages"])
        return cls(tuple(Message.from_json(message) for message in messages), decision)

    def as_json(self) -> dict[str, Any]:
        """JSON types only."""
        return {"messages": [message.as_json() for message in self.messages], "decision": self.decision.as_json()}
