"""The clocks of a case: which run, when they are due, and how that time comes about. Pure.

- `first_response` runs from the handoff until an agent's first message, also if that was before an open case came back;
- `next_response` runs from the first customer message that nobody answered, once there was a first response, or from the
  transfer of a case whose customer had an answer;
- `resolution` runs from the handoff until the case is resolved.

Each counts opening hours of the case's queue. `pauses` of the level names the clocks that stand still while the customer owes
an answer.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from content.bundle import DeskContent
from content.staffing import ClockName, Level
from contract.priorities import NORMAL
from handoff.conversations.state import Conversation
from handoff.conversations.values import PAUSE_LIMIT, Pause, Status
from handoff.queue.clocks import OpeningHours, opening_hours
from handoff.queue.due_words import explanation
from handoff.queue.work_queues import queue_of

#: Due times and explanations that are kept.
_KEPT = 20_000
_WITH_PEOPLE = (Status.QUEUED, Status.ASSIGNED)


@dataclass(frozen=True)
class Due:
    """One running clock of a case.

    `due_at`: when `allowed` opening hours will have passed since `since`; of a paused clock: if the customer answered in this
    minute. `is_breached`: `due_at` is over, also while nobody works. `ran_until`: now, or when the clock was paused.
    """

    clock: ClockName
    since: dt.datetime
    allowed: dt.timedelta
    pauses: tuple[Pause, ...]
    due_at: dt.datetime
    is_paused: bool
    is_breached: bool
    hours: OpeningHours
    ran_until: dt.datetime

    @property
    def remaining(self) -> dt.timedelta:
        """Opening hours that are left; less than 0 when more than `allowed` have passed."""
        return self.allowed - self.hours.working_time(self.since, self.ran_until, self.pauses)

    @property
    def explanation(self) -> dict[str, str]:
        """How `due_at` comes about, for people: `{zh, en}`."""
        return {**_explanation(self.hours, self.since, self.due_at, self.allowed, is_paused=self.is_paused)}

    def as_json(self) -> dict[str, Any]:
        """What a card shows."""
        return {
            "clock": self.clock,
            "at": self.due_at.isoformat(),
            "is_paused": self.is_paused,
            "is_breached": self.is_breached,
            "explanation": self.explanation,
        }


def running_clocks(state: Conversation, content: DeskContent, now: dt.datetime) -> list[Due]:
    """The clocks of a case that people have, in the order of `first_response`, `next_response`, `resolution`.

    A clock that would be due in more than ten years, or in hours that never come, is left out.
    """
    clock, case = state.handling.clock, state.case
    if state.status not in _WITH_PEOPLE or clock is None:
        return []
    queue = queue_of(state, content)
    level, hours = level_of(case.priority, content, queue), opening_hours(content)[queue]
    starts: list[tuple[ClockName, dt.datetime, float]] = []
    if case.first_response_at is None and clock.answered_at is None:
        starts.append(("first_response", clock.started_at, level.first_response_minutes))
    elif (owed_since := _owed_since(state)) is not None:
        starts.append(("next_response", owed_since, level.next_response_minutes))
    starts.append(("resolution", clock.started_at, level.resolution_minutes))
    dues: list[Due] = []
    for name, since, minutes in starts:
        pausing = name in level.pauses
        due = _due(
            name,
            hours,
            since,
            dt.timedelta(minutes=minutes),
            clock.pauses if pausing else (),
            clock.paused_at if pausing else None,
            now,
        )
        if due is not None:
            dues.append(due)
    return dues


def _owed_since(state: Conversation) -> dt.datetime | None:
    """Since when people owe the next words: the first message that nobody answered, or the transfer after an answer.

    Without the second a transferred case would have no deadline but the resolution's, and be taken after all newer ones.
    """
    if state.unanswered is not None:
        return state.unanswered.since
    clock = state.handling.clock
    if clock is None or clock.paused_at is not None or not clock.pauses or len(clock.pauses) >= PAUSE_LIMIT:
        return None
    return clock.pauses[-1].end


def nearest_due(state: Conversation, content: DeskContent, now: dt.datetime) -> Due | None:
    """The clock of a case that is due first. None: no clock runs."""
    return min(running_clocks(state, content, now), key=lambda due: due.due_at, default=None)


def level_of(priority: str | None, content: DeskContent, queue: str) -> Level:
    """The service level of a queue, if it has one of its own, else of a priority. A case without a priority is normal."""
    own = content.desk.queues[queue].level
    if own is not None:
        return own
    levels: Mapping[Any, Level] = content.desk.levels
    return levels.get(priority) or levels[NORMAL]


def _due(
    name: ClockName,
    hours: OpeningHours,
    since: dt.datetime,
    allowed: dt.timedelta,
    pauses: tuple[Pause, ...],
    paused_at: dt.datetime | None,
    now: dt.datetime,
) -> Due | None:
    if paused_at is not None:
        # Whole minutes, so that all cards of a minute share one computation.
        this_minute = now.replace(second=0, microsecond=0)
        pauses = (*pauses, Pause(paused_at, max(this_minute, paused_at)))
    due_at = _due_at(hours, since, allowed, pauses)
    if due_at is None:
        return None
    ran_until = now if paused_at is None else min(now, paused_at)
    return Due(name, since, allowed, pauses, due_at, paused_at is not None, ran_until > due_at, hours, ran_until)


# Every change of the queue makes the cards anew for each agent, and few of the cards have changed.
@functools.lru_cache(maxsize=_KEPT)
def _due_at(hours: OpeningHours, since: dt.datetime, allowed: dt.timedelta, pauses: tuple[Pause, ...]) -> dt.datetime | None:
    return hours.add_working_time(since, allowed, pauses)


_explanation = functools.lru_cache(maxsize=_KEPT)(explanation)
