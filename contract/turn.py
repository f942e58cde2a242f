"""A turn: what the desk asks the bot (docs/contracts.md, "Bot channel")."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from contract.errors import ContractError, TextError
from contract.incident import Incident, is_incident
from contract.values import Check, is_flag, is_list_of, is_name, is_none_or, is_object, is_text, is_whole_number

#: Characters of one message to the bot. The desk's own limit is lower.
TEXT_LIMIT = 8000
_MOST_NOT_UNDERSTOOD = 1_000_000
_MOST_ASSURANCE = 3


@dataclass(frozen=True)
class Closed:
    """How the last episode ended. `by`: agent, solved, closed or idle; the rest is of its case."""

    by: str
    reason: str | None = None
    priority: str | None = None
    intent: str | None = None

    @classmethod
    def from_json(cls, data: Any) -> Closed:
        """Raises ContractError."""
        fields = _checked(data, _CLOSED, "closed")
        if "by" not in fields:
            raise ContractError(["closed"])
        return cls(**fields)

    def as_json(self) -> dict[str, Any]:
        """JSON types only."""
        return {"by": self.by, "reason": self.reason, "priority": self.priority, "intent": self.intent}


@dataclass(frozen=True)
class SignedIn:
    """The customer as the wallet's app signed it. `assurance`: 0 to 3, as it counts now."""

    subject: str
    assurance: int

    @classmethod
    def from_json(cls, data: Any) -> SignedIn:
        """Raises ContractError."""
        fields = _checked(data, _CUSTOMER, "customer")
        if len(fields) != len(_CUSTOMER):
            raise ContractError(["customer"])
        return cls(**fields)

    def as_json(self) -> dict[str, Any]:
        """JSON types only."""
        return {"subject": self.subject, "assurance": self.assurance}


@dataclass(frozen=True)
class Context:
    """What the desk folded from the conversation's log: everything that a turn may know of the past.

    `status`: who has the conversation. `locale`: the customer's language so far: "zh" (simplified), "zh-Hant", "en", or the
    code of another one. `priority`: of the case that waits for a person.

    `asked`: what the bot's last message asked: "solved", "offer_person", "topic", "cancel_wait", or None. `not_understood`:
    messages in a row that were not understood, social moves aside. `topic`: the last topic's intent. `topics`: intents offered
    last, in their order. `open_topics`: second topics that the bot named and that are not dealt with. `doors`: escalating
    intents offered under the last answer. `closed`: how the last episode ended, until something new is understood.
    `tentative`: whether the last answer was a guess; `topics` are then its alternatives, and `not_understood` counts it.
    `incidents`: what supervisors announced and is not over, the oldest first.
    `customer`: who signed in; None for an anonymous customer. It comes from a signed statement only, never from words.
    `transactions`: ids of the transactions offered last, in their order.
    """

    status: str = "with_bot"
    locale: str = "zh"
    last_route: str | None = None
    last_article: str | None = None
    asked: str | None = None
    not_understood: int = 0
    topic: str | None = None
    priority: str | None = None
    topics: Sequence[str] = ()
    open_topics: Sequence[str] = ()
    doors: Sequence[str] = ()
    closed: Closed | None = None
    tentative: bool = False
    incidents: Sequence[Incident] = ()
    customer: SignedIn | None = None
    transactions: Sequence[str] = ()

    @classmethod
    def from_json(cls, data: Any) -> Context:
        """Read a context. Unknown keys are ignored, so that a newer desk can talk to an older bot. Raises ContractError."""
        fields = _checked(data, _CONTEXT, "context")
        for name in ("topics", "open_topics", "doors", "transactions"):
            fields[name] = tuple(fields.get(name, ()))
        fields["incidents"] = tuple(Incident.from_json(each) for each in fields.get("incidents", ()))
        if "customer" in fields:
            fields["customer"] = SignedIn.from_json(fields["customer"])
        if "closed" in fields:
            fields["closed"] = Closed.from_json(fields["closed"])
        return cls(**fields)

    def as_json(self) -> dict[str, Any]:
        """JSON types only; every field, but `customer`, `transactions` and `incidents` only where there are any."""
        return {
            "status": self.status,
            "locale": self.locale,
            "priority": self.priority,
            "last_route": self.last_route,
            "last_article": self.last_article,
            "asked": self.asked,
            "not_understood": self.not_understood,
            "topic": self.topic,
            "topics": list(self.topics),
            "open_topics": list(self.open_topics),
            "doors": list(self.doors),
            "closed": self.closed.as_json() if self.closed else None,
            "tentative": self.tentative,
            **({"customer": self.customer.as_json()} if self.customer else {}),
            **({"transactions": list(self.transactions)} if self.transactions else {}),
            **({"incidents": [each.as_json() for each in self.incidents]} if self.incidents else {}),
        }


@dataclass(frozen=True)
class TurnRequest:
    """One customer message, and what the bot must know to react to it.

    `text` is words, never a command. `choice`: the id of a button that was pressed; `text` is then its label. `suggested`: the
    text, or a piece of it, is the page's, and does not tell the customer's language.
    """

    conversation_id: str
    turn_id: str
    text: str
    choice: str | None = None
    context: Context = field(default_factory=Context)
    channel: str | None = None
    suggested: bool = False

    @classmethod
    def from_json(cls, data: Any) -> TurnRequest:
        """Read a request's body; unknown keys are ignored. Raises ContractError, and TextError for its text."""
        if not isinstance(data, dict):
            raise ContractError(["turn"])
        wrong = [name for name in ("conversation_id", "turn_id") if not isinstance(data.get(name), str) or not data[name]]
        if wrong:
            raise ContractError(wrong)
        text = data.get("text")
        if not isinstance(text, str) or not text.strip():
            raise TextError("empty_text")
        if len(text) > TEXT_LIMIT:
            raise TextError("text_too_long")
        fields = _checked(data, _OPTIONAL, "turn")
        context = Context.from_json(fields.pop("context", {}))
        return cls(data["conversation_id"], data["turn_id"], text, context=context, **fields)

    def as_json(self) -> dict[str, Any]:
        """JSON types only; optional fields that say nothing are left out."""
        body: dict[str, Any] = {
            "conversation_id": self.conversation_id,
            "turn_id": self.turn_id,
            "text": self.text,
            "choice": self.choice,
            "context": self.context.as_json(),
        }
        if self.channel is not None:
            body["channel"] = self.channel
        if self.suggested:
            body["suggested"] = True
        return body


_CLOSED: dict[str, Check] = dict.fromkeys(("by", "reason", "priority", "intent"), is_text)
_CUSTOMER: dict[str, Check] = {"subject": is_name, "assurance": lambda value: is_whole_number(value, _MOST_ASSURANCE)}
_CONTEXT: dict[str, Check] = {
    **dict.fromkeys(("status", "locale", "last_route", "last_article", "asked", "topic", "priority"), is_text),
    "not_understood": lambda value: is_whole_number(value, _MOST_NOT_UNDERSTOOD),
    **dict.fromkeys(("topics", "open_topics", "doors", "transactions"), is_list_of(is_name)),
    "customer": is_object,
    "closed": is_object,
    "tentative": is_flag,
    "incidents": is_list_of(is_incident),
}
_OPTIONAL: dict[str, Check] = {
    "choice": is_text,
    "context": is_object,
    "channel": is_text,
    "suggested": is_flag,
}


def _checked(data: Any, checks: Mapping[str, Check], what: str) -> dict[str, Any]:
    """The known fields of an object that are not null. Raises ContractError."""
    if not isinstance(data, dict):
        raise ContractError([what])
    wrong = [name for name, check in checks.items() if not is_none_or(check)(data.get(name))]
    if wrong:
        raise ContractError(wrong)
    return {name: data[name] for name in checks if data.get(name) is not None}
