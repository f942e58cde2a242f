"""What a drill notes down while it runs: plain data. Times are seconds since the epoch."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Send:
    """One message and its way to the desk; the same POST is repeated until it is acknowledged or refused.

    `repeats`: the message id was used before, on purpose, and must be answered with the first one's `seq`.
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
    """One event as it reached a customer's client."""

    at: float
    seq: int
    type: str
    by: str


@dataclass
class Client:
    """What one customer sent and saw. `left_at`: when the client stopped watching; the rest was read after the drill."""

    conversation: str
    watches_by: str
    sends: list[Send] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)
    left_at: float | None = None
    reconnects: int = 0
    refusals: list[str] = field(default_factory=list)


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
    """One fault; `over_at` is when what it hit worked again."""

    kind: str
    target: str
    at: float
    over_at: float | None = None
