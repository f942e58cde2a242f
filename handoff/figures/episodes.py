"""What a figure needs to know of an episode. Times are aware UTC; None means that it did not happen, or is not known."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field

#: A customer who wrote nothing for so long while waiting counts as gone.
SILENT = dt.timedelta(minutes=10)
#: A customer who comes back within this time was not helped the first time.
RECONTACT = dt.timedelta(hours=72)


@dataclass(frozen=True)
class Facts:
    """Why a person is needed, from a moment on: a graver incident or a transfer changes it.

    `queue`: the queue that a transfer chose; None: the reason decides.
    """

    at: dt.datetime
    reason: str | None
    priority: str | None
    lane: str | None = None
    queue: str | None = None


@dataclass(frozen=True)
class Taken:
    """An agent got the conversation."""

    at: dt.datetime
    login: str
    name: str
    how: str | None = None
    over_capacity_by: str | None = None


@dataclass(frozen=True)
class Moved:
    """The conversation went back to the queue. `why`: "agent" or "agent_gone"; `login` is the agent who had it."""

    at: dt.datetime
    login: str | None
    why: str | None


@dataclass(frozen=True)
class Answered:
    """An agent's answer, and since when the customer waited for it."""

    since: dt.datetime
    at: dt.datetime
    login: str | None


@dataclass(frozen=True)
class OfferEnd:
    """An offer was accepted, or ended with `why` "late", "declined" or "absent"."""

    at: dt.datetime
    login: str
    name: str
    is_accepted: bool
    why: str | None = None


@dataclass
class Handoff:
    """One case of people: from the request to its end. A wait that was cancelled and taken up again is one handoff.

    `waited_until`: when the first wait for an agent ended. `last_word_at`: the customer's last word in that wait. `silent_at`:
    when the customer had been silent for `SILENT` in it and then wrote again.
    """

    at: dt.datetime
    facts: list[Facts]
    last_word_at: dt.datetime
    waited_until: dt.datetime | None = None
    silent_at: dt.datetime | None = None
    taken: list[Taken] = field(default_factory=list)
    moved: list[Moved] = field(default_factory=list)
    offers: list[OfferEnd] = field(default_factory=list)
    first_response: Answered | None = None
    replies: list[Answered] = field(default_factory=list)
    ended_at: dt.datetime | None = None
    ended_by: str | None = None

    def facts_at(self, at: dt.datetime) -> Facts:
        """Why a person was needed at a moment."""
        return next((each for each in reversed(self.facts) if each.at <= at), self.facts[0])

    @property
    def last_facts(self) -> Facts:
        """Why a person is needed, as it was understood last."""
        return self.facts[-1]

    def waits(self) -> Iterator[tuple[dt.datetime, dt.datetime | None]]:
        """The stretches in which the case waited for an agent, half-open; None: it still waits."""
        starts = (self.at, *(each.at for each in self.moved))
        for number, start in enumerate(starts):
            yield start, self.taken[number].at if number < len(self.taken) else self.ended_at

    def waits_at(self, at: dt.datetime) -> bool:
        """Whether the case waited for an agent at a moment."""
        return any(start <= at and (end is None or at < end) for start, end in self.waits())

    def holder_at(self, at: dt.datetime) -> str | None:
        """The agent who had the case at a moment."""
        taken = [each.login for each in self.taken if each.at <= at]
        return None if not taken or self.waits_at(at) else taken[-1]

    def went_silent_at(self, as_of: dt.datetime) -> dt.datetime | None:
        """When the customer had waited for `SILENT` without a word, up to a moment."""
        if self.silent_at is not None:
            return self.silent_at
        silent_at = self.last_word_at + SILENT
        return silent_at if silent_at <= min(self.waited_until or as_of, as_of) else None


@dataclass(frozen=True)
class Resolution:
    """The end of an episode. `login`: the agent who had it; None for the bot's."""

    at: dt.datetime
    by: str
    outcome: str | None
    login: str | None
    name: str | None


@dataclass(frozen=True)
class Mark:
    """An agent's judgement of the bot."""

    at: dt.datetime
    mark: str
    login: str
    is_set: bool


@dataclass(frozen=True)
class Score:
    """A rating by the customer, 1 to 5."""

    at: dt.datetime
    score: int


@dataclass(frozen=True)
class Access:
    """An agent read a conversation that was somebody else's."""

    at: dt.datetime
    login: str
    name: str
    reason: str


@dataclass
class Episode:
    """One stretch from opening or reopening to resolution.

    `opened_at`: None where the log does not reach back so far. `has_matter`: the customer wanted something; words of thanks
    after the end open an episode, too, but bring no matter. `topic`: the intent that the bot understood last.
    """

    number: int
    opened_at: dt.datetime | None
    has_words: bool = False
    has_matter: bool = False
    topic: str | None = None
    handoffs: list[Handoff] = field(default_factory=list)
    resolution: Resolution | None = None
    marks: list[Mark] = field(default_factory=list)
    ratings: list[Score] = field(default_factory=list)
    accesses: list[Access] = field(default_factory=list)
    asked_for_supervisor_at: dt.datetime | None = None

    @property
    def agents(self) -> list[str]:
        """The logins of all agents who had the episode, in order, each once."""
        return list(dict.fromkeys(taken.login for handoff in self.handoffs for taken in handoff.taken))

    def rating_before(self, end: dt.datetime) -> Score | None:
        """The last rating before a moment."""
        return next((each for each in reversed(self.ratings) if each.at < end), None)

    def is_marked(self, mark: str, end: dt.datetime) -> bool:
        """Whether the last mark of this kind of any agent, before a moment, is set."""
        last = {each.login: each.is_set for each in self.marks if each.mark == mark and each.at < end}
        return any(last.values())


@dataclass
class Story:
    """A conversation's log as figures see it. `is_read`: False when the log holds entries that this version cannot read."""

    conversation_id: str
    episodes: list[Episode] = field(default_factory=list)
    is_read: bool = True

    def came_back_at(self, episode: Episode) -> dt.datetime | None:
        """When the customer came back with a matter within `RECONTACT` of an episode's end; None if not."""
        if episode.resolution is None:
            return None
        for later in self.episodes:
            if later.number > episode.number and later.has_matter and later.opened_at is not None:
                return later.opened_at if later.opened_at - episode.resolution.at <= RECONTACT else None
        return None
