"""The records of a drill: plain data. Times are seconds since the epoch."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Send:
    """One message and its delivery to the desk; the same POST is repeated until it is acknowledged or rejected.

    `repeats`: the message id was used before, on purpose, and the response must have the first one's `seq`.
    """

    message_id: str
    text: str | None
    choice: str | None
    sent_at: float
    tries: int = 0
    acknowledged_at: float | None = None
    status: int | None = None
    seq: int | None = None
    refused: str | None = None
    repeats: bool = False


@dataclass(frozen=True)
class Seen:
    """One event as a customer's client received it."""

    at: float
    seq: int
    type: str
    by: str


@dataclass
class AidRequest:
    """A customer's request for first aid. `state`: what was answered; `refused`: the code of an error."""

    action: str
    key: str
    asked_at: float
    tries: int = 0
    state: str | None = None
    refused: str | None = None


@dataclass(frozen=True)
class Deed:
    """One action in the wallet's books."""

    subject: str
    key: str
    action: str
    state: str
    target: str | None = None


@dataclass
class Client:
    """Everything that one customer sent and saw. `left_at`: when the client left; later events were read at the end.

    `subject`: the wallet's customer whom they proved to be.
    """

    conversation: str
    watches_by: str
    sends: list[Send] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)
    left_at: float | None = None
    reconnects: int = 0
    refusals: list[str] = field(default_factory=list)
    subject: str | None = None
    aid: list[AidRequest] = field(default_factory=list)


@dataclass(frozen=True)
class Entry:
    """One event of the log in the database."""

    seq: int
    type: str
    at: float
    by: str
    name: str
    data: dict[str, Any]


@dataclass(frozen=True)
class Claim:
    """A claim that was answered with 200."""

    conversation: str
    name: str
    asked_at: float
    answered_at: float


@dataclass
class AgentSend:
    """An agent's message that was acknowledged."""

    conversation: str
    name: str
    send: Send


@dataclass
class Fault:
    """One fault; `over_at` is when the affected part worked again."""

    kind: str
    target: str
    at: float
    over_at: float | None = None


@dataclass
class Act:
    """One request of a person that moves a conversation, from its first try to its response.

    `name`: the agent's, or "" for the customer. `status` and `answered_at` are None without a response; the request may have
    been executed all the same. `seen_seq`: of a resolve or return. `is_confirmed`: of a cancel.
    """

    conversation: str
    name: str
    action: str
    asked_at: float
    answered_at: float | None = None
    status: int | None = None
    code: str | None = None
    seen_seq: int | None = None
    is_confirmed: bool = False


@dataclass(frozen=True)
class Vanished:
    """An account that can no longer take conversations, and since when."""

    login: str
    name: str
    how: str
    at: float


@dataclass(frozen=True)
class Place:
    """The final state of a conversation: its status, and its agent's login."""

    status: str
    agent: str | None


@dataclass(frozen=True)
class Race:
    """One race between people. `gap_ms`: between the first and the last request of the moment.

    `together`: whether all were in flight at once. `answers`: the responses, in order of arrival.
    """

    kind: str
    conversation: str
    at: float
    gap_ms: float
    together: bool
    answers: tuple[str, ...]
