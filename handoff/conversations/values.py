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
class IncidentNamed:
    """A version of an incident that a supervisor announced."""

    id: str
    version: int


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
class Offer:
    """The desk offers a waiting conversation to one agent, who should accept before `until`. Others may still claim it."""

    login: str
    name: str
    until: dt.datetime


@dataclass(frozen=True)
class Pause:
    """A stretch in which the customer owed an answer."""

    start: dt.datetime
    end: dt.datetime


#: Beyond this number of pauses the clock no longer pauses, so that the state stays small.
PAUSE_LIMIT = 100


@dataclass(frozen=True)
class Clock:
    """What the service levels count from. The clock survives transfers, and the reopening of an open case.

    `started_at`: the handoff. `paused_at`: since when the customer owes an answer, or the open case is closed. `answered_at`:
    when an agent first wrote since the handoff, also in an earlier episode of an open case.
    """

    started_at: dt.datetime
    paused_at: dt.datetime | None = None
    pauses: tuple[Pause, ...] = ()
    answered_at: dt.datetime | None = None

    def answer(self, at: dt.datetime) -> Clock:
        """An agent wrote, so the customer owes the answer."""
        return replace(self, answered_at=self.answered_at or at).pause(at)

    def pause(self, at: dt.datetime) -> Clock:
        """The customer owes an answer from now on."""
        if self.paused_at is not None or len(self.pauses) >= PAUSE_LIMIT:
            return self
        return replace(self, paused_at=at)

    def resume(self, at: dt.datetime) -> Clock:
        """The desk owes the answer again."""
        if self.paused_at is None:
            return self
        return replace(self, paused_at=None, pauses=(*self.pauses, Pause(self.paused_at, at)))


@dataclass(frozen=True)
class CancelledWait:
    """The wait that the customer cancelled last, so that it can be restored; with the clock that ran until then."""

    at: dt.datetime
    case: Case
    clock: Clock | None = None


@dataclass(frozen=True)
class WaitTold:
    """What one message said about the wait.

    `ahead`: how many were before the customer. `online`: how many agents were there for the case. `low_seconds` and
    `high_seconds`: the expected wait, None without a figure. `opens_at`: when people work again, if the queue was closed.
    `is_apology`: an earlier promise was broken.
    """

    ahead: int
    online: int
    low_seconds: int | None = None
    high_seconds: int | None = None
    opens_at: dt.datetime | None = None
    is_apology: bool = False

    @property
    def is_staffed(self) -> bool:
        """Whether anybody was online for the case."""
        return self.online > 0


@dataclass(frozen=True)
class Told:
    """What a waiting customer was told about the wait.

    `since`: when this wait began. `lines`: how many lines about the wait followed the first message. `promised_until`: by when
    the desk said that somebody takes over; None if it gave no time. `additions`: messages of the customer during this wait.
    `wait`: what the last message about the wait said, at `said_at`. `apologies`: lines that said sorry, the last one at
    `sorry_at`. `noted_at`: the customer knows that the desk has what they wrote until then; `added_at`: when an addition was
    acknowledged last.
    """

    since: dt.datetime
    lines: int = 0
    promised_until: dt.datetime | None = None
    additions: int = 0
    wait: WaitTold | None = None
    said_at: dt.datetime | None = None
    apologies: int = 0
    sorry_at: dt.datetime | None = None
    noted_at: dt.datetime | None = None
    added_at: dt.datetime | None = None


@dataclass(frozen=True)
class KnownBy:
    """The agent who had the conversation last, over all episodes."""

    login: str
    name: str
    at: dt.datetime


@dataclass(frozen=True)
class Passed:
    """An agent let an offer of the waiting conversation go: declined it, missed it, or left."""

    login: str
    at: dt.datetime


#: So many of the agents who let a conversation go are remembered, the last ones.
PASSED_LIMIT = 20


@dataclass(frozen=True)
class Handling:
    """What people's work on the conversation needs.

    `passed`: who let an offer of this wait go. `queue` and `skill`: where a transfer sent the case; None: the reason decides.
    `links`: other conversations of the same customer, as agents linked them.
    """

    offer: Offer | None = None
    passed: tuple[Passed, ...] = ()
    clock: Clock | None = None
    told: Told | None = None
    known_by: KnownBy | None = None
    queue: str | None = None
    skill: str | None = None
    links: tuple[str, ...] = ()
    closed: ClosedByAgent | None = None


@dataclass(frozen=True)
class ClosedByAgent:
    """What an agent's resolution ended, so that it can be undone. `login`: the agent who resolved."""

    at: dt.datetime
    login: str
    case: Case
    assignment: Assignment | None = None
    unanswered: Unanswered | None = None
    earlier: EarlierEpisode | None = None
    clock: Clock | None = None
    owed: Owed = NOTHING_OWED


NO_HANDLING = Handling()
