"""The shapes of what `data/desk.yml` says about people: queues, hours, service levels, skills, routing, outcomes.

Checks that need only one of these shapes stand here; checks between them, and with other files, are in `content.staffing_check`.
"""

from __future__ import annotations

from typing import Annotated, Dict, Literal, Optional, Tuple

import msgspec

from content.sources import Strict

_Count = Annotated[int, msgspec.Meta(gt=0)]
_Figure = Annotated[float, msgspec.Meta(gt=0)]
_Words = Annotated[str, msgspec.Meta(min_length=1)]

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: Tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
#: The clocks of a service level.
ClockName = Literal["first_response", "next_response", "resolution"]


class Name(Strict, frozen=True):
    """A name for agents, in both languages of the editors."""

    zh: _Words
    en: _Words


class Hours(Strict, frozen=True):
    """`hours`: when people work. Intervals are "HH:MM-HH:MM" in the time zone; "24:00" is the end of the day.

    `calendar`: a file in `data/calendars/`, without its ending. On its holidays the intervals are those of `holidays`; a
    make-up working day at a weekend has those of `workdays` (default: Monday's).
    """

    zone: str
    week: Dict[Day, Tuple[str, ...]]
    calendar: Optional[str] = None
    holidays: Tuple[str, ...] = ()
    workdays: Optional[Tuple[str, ...]] = None


class WorkQueue(Strict, frozen=True):
    """`queues`: the reasons whose cases wait here, what an agent must know, and when people work.

    `languages`: languages that an agent of this queue must write, in addition to the customer's. Exactly one queue has
    `is_default`; it takes every reason that no other queue names.
    """

    zh: _Words
    en: _Words
    hours: str
    reasons: Tuple[str, ...] = ()
    skills: Tuple[str, ...] = ()
    languages: Tuple[str, ...] = ()
    is_default: bool = False


class Level(Strict, frozen=True):
    """`levels`: within how many minutes of opening hours a case of a priority gets its first and next answer, and its end.

    `pauses`: the clocks that stand still while the customer owes an answer.
    """

    first_response_minutes: _Figure
    next_response_minutes: _Figure
    resolution_minutes: _Figure
    pauses: Tuple[ClockName, ...] = ("resolution",)


class Person(Strict, frozen=True):
    """`people`: what one account can do. `languages` are codes as on a card ("zh", "en"); without capacity the account's counts."""

    skills: Tuple[str, ...]
    languages: Tuple[str, ...]
    capacity: Optional[_Count] = None


class Weights(Strict, frozen=True):
    """How much of an agent's capacity a conversation takes, by its state; more than 0, at most 1."""

    owes_answer: Annotated[float, msgspec.Meta(gt=0, le=1)]
    waits_for_customer: Annotated[float, msgspec.Meta(gt=0, le=1)]
    silent: Annotated[float, msgspec.Meta(gt=0, le=1)]


class Routing(Strict, frozen=True):
    """`routing`: how waiting conversations are offered to agents.

    `silent_after_minutes`: a conversation in which nobody wrote for so long counts as silent. `ageing_minutes`: a conversation
    that has waited so long past its deadline moves up by one priority. `known_within_minutes`: a conversation that comes back
    waits so long for the agent who knew it. `away_after_minutes`: an agent without a key for so long is away. `widen_after_minutes`: a
    case waits so long for an agent who has its skills and languages, then it goes to another one.
    """

    push: bool
    accept_within_seconds: _Count
    weights: Weights
    silent_after_minutes: _Figure
    ageing_minutes: _Figure
    known_within_minutes: _Figure
    away_after_minutes: _Figure
    widen_after_minutes: _Figure = 5


class Outcome(Strict, frozen=True):
    """`outcomes`: the word with which an agent resolves a case; without `reasons` it fits every case."""

    zh: _Words
    en: _Words
    reasons: Tuple[str, ...] = ()


class Waiting(Strict, frozen=True):
    """`waiting`: what waiting customers are told. `said_after_minutes`: when a line says what changed.

    `recent_hours`: the expected wait comes from the conversations of so many hours.
    """

    said_after_minutes: Tuple[_Figure, ...]
    recent_hours: _Figure
