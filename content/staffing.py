"""The shapes of what `data/desk.yml` says about people: queues, hours, service levels, skills, routing, outcomes.

`content.staffing_check` has the checks between these shapes, and with other files.
"""

from __future__ import annotations

import re
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


#: "HH:MM-HH:MM", from "00:00" to "24:00".
_INTERVAL = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-(?:([01]\d|2[0-3]):([0-5]\d)|(24):(00))")


def parse_interval(text: str) -> Tuple[int, int]:
    """Start and end of an interval of opening hours, in minutes since midnight on the wall clock: 0 <= start < end <= 1440.

    Raises ValueError with the fix.
    """
    match = _INTERVAL.fullmatch(text)
    if match is None:
        raise ValueError(f'"{text}" is no interval: write it as "09:00-18:00", with two digits each, at most until "24:00"')
    start_hour, start_minute, *end = (int(group) for group in match.groups() if group is not None)
    start, end_minutes = start_hour * 60 + start_minute, end[0] * 60 + end[1]
    if start == end_minutes:
        raise ValueError(f'"{text}" is empty: remove it, or write "00:00-24:00" for the whole day')
    if start > end_minutes:
        raise ValueError(
            f'"{text}" ends before it begins: if it goes past midnight, write "{text[:5]}-24:00" here '
            f'and "00:00-{text[6:]}" on the next day'
        )
    return start, end_minutes


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
    """`queues`: the reasons and lanes whose cases wait here, what an agent must know, and when people work.

    A lane comes before the reason. `level`: instead of the level of the case's priority. `languages`: languages that an agent
    of this queue must write, in addition to the customer's. Exactly one queue has `is_default`; it takes every reason that no
    other queue names.
    """

    zh: _Words
    en: _Words
    hours: str
    reasons: Tuple[str, ...] = ()
    skills: Tuple[str, ...] = ()
    languages: Tuple[str, ...] = ()
    is_default: bool = False
    lanes: Tuple[str, ...] = ()
    level: Optional[Level] = None


class Level(Strict, frozen=True):
    """`levels`: within how many minutes of opening hours a case of a priority gets its first and next answer, and its end.

    `pauses`: the clocks that stand still while the customer owes an answer.
    """

    first_response_minutes: _Figure
    next_response_minutes: _Figure
    resolution_minutes: _Figure
    pauses: Tuple[ClockName, ...] = ("resolution",)


class Person(Strict, frozen=True):
    """`people`: what one account can do. `languages` are codes as on a card ("zh", "en").

    Without `capacity` the account's own counts.
    """

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
    waits so long for the agent who knew it. `away_after_minutes`: an agent without a key for so long is away.
    `widen_after_minutes`: a case waits so long for an agent who has its skills and languages, then it goes to another one.
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
