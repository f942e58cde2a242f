"""The parts of a conversation's state. All are frozen; all times are aware UTC."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from enum import StrEnum


class Status(StrEnum):
    """Who may speak: the bot, nobody yet, an agent, or the matter is closed."""

    WITH_BOT = "with_bot"
    QUEUED = "queued"
    ASSIGNED = "assigned"
    RESOLVED = "resolved"


@dataclass(frozen=True)
class Birth:
    """What a conversation is from the beginning. It stands in the row, and the fold of the log starts from it.

    `locale` is the one with which the page opened the conversation. `origin` is a keyed hash of the network address.
    """

    id: str
    token_hash: str
    locale: str
    channel: str
    created_at: dt.datetime
    origin: str | None = None


@dataclass(frozen=True)
class Case:
    """What the episode is about, and since when it waits for a person.

    `topic` (an intent) and `amount_cny` come from the bot's decisions; the other fields are empty until a handoff. `is_open`:
    the case stays open when the episode merely falls idle. `lane`: one of `LANES`.
    """

    reason: str | None = None
    priority: str | None = None
    lane: str | None = None
    topic: str | None = None
    amount_cny: float | None = None
    is_open: bool = False
    queued_at: dt.datetime | None = None
    first_response_at: dt.datetime | None = None


NO_CASE = Case()


@dataclass(frozen=True)
class Assignment:
    """The agent who has, or had last, the conversation of this episode."""

    login: str
    name: str
    at: dt.datetime


@dataclass(frozen=True)
class Unanswered:
    """The first customer message that nobody has answered."""

    seq: int
    since: dt.datetime


@dataclass(frozen=True)
class Awaiting:
    """A customer message that has not had a turn: its number, and since when it waits."""

    seq: int
    at: dt.datetime


#: Up to this many waiting messages are kept one by one. One turn reads no more.
OWED_LIMIT = 20


@dataclass(frozen=True)
class Owed:
    """The customer's messages that have not had a turn of the bot, in order. Presses of the desk's own buttons are none.

    Memory is bounded: beyond `OWED_LIMIT` messages only the last number is kept (`later_seq`). When the messages before it have
    had their turn, what follows them waits since that moment.
    """

    messages: tuple[Awaiting, ...] = ()
    later_seq: int | None = None

    def __bool__(self) -> bool:
        return bool(self.messages)

    @property
    def first(self) -> Awaiting | None:
        """The message that has waited longest."""
        return self.messages[0] if self.messages else None

    def reaches_beyond(self, seq: int) -> bool:
        """Whether a message after this number waits."""
        return bool(self.messages) and (self.later_seq or self.messages[-1].seq) > seq

    def add(self, seq: int, at: dt.datetime) -> Owed:
        """With one more message."""
        if self.later_seq is not None or len(self.messages) >= OWED_LIMIT:
            return replace(self, later_seq=seq)
        return Owed((*self.messages, Awaiting(seq, at)))

    def settle(self, through: int, at: dt.datetime) -> Owed:
        """Without the messages up to a number."""
        if not self.messages or self.messages[0].seq > through:
            return self
        left = tuple(each for each in self.messages if each.seq > through)
        later = self.later_seq if self.later_seq is not None and self.later_seq > through else None
        if later is not None and not left:
            left = (Awaiting(through + 1, at),)
        return Owed(left, later)


NOTHING_OWED = Owed()


@dataclass(frozen=True)
class EarlierEpisode:
    """How the last episode ended. `is_recent`: nothing new was understood since. `by`: the resolution."""

    by: str
    is_recent: bool
    episode: int
    reason: str | None = None
    priority: str | None = None
    intent: str | None = None
    amount_cny: float | None = None
    agent: str | None = None
    rating: int | None = None


@dataclass(frozen=True)
class CancelledWait:
    """The wait that the customer cancelled last, so that it can be restored."""

    at: dt.datetime
    case: Case
