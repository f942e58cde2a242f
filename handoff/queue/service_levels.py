"""The clocks of a case: which run, when they are due, and how that time comes about. Pure.

- `first_response` runs from the handoff until an agent's first message, also if that was before an open case came back;
- `next_response` runs from the first customer message that nobody answered, once there was a first response;
- `resolution` runs from the handoff until the case is resolved.

Each counts opening hours of the case's queue. `pauses` of the level names the clocks that stand still while the customer owes
an answer.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from content.bundle import DeskContent
from content.staffing import ClockName, Level
from contract.priorities import NORMAL
from handoff.conversations.state import Conversation
from handoff.conversations.values import Pause, Status
from handoff.queue.clocks import OpeningHours, opening_hours
from handoff.queue.due_words import explanation
from handoff.queue.work_queues import queue_of

_WITH_PEOPLE = (Status.QUEUED, Status.ASSIGNED)


@dataclass(frozen=True)
class Due:
    """One running clock of a case.

    `due_at`: when `allowed` opening hours will have passed since `since`; of a paused clock: if the customer answered now.
    `remaining`: opening hours that are left, less than 0 when more than `allowed` have passed. `is_breached`: `due_at` is over,
    also while nobody works.
    """

    clock: ClockName
    since: dt.datetime
    allowed: dt.timedelta
    due_at: dt.datetime
    remaining: dt.timedelta
    is_paused: bool
    is_breached: bool
    hours: OpeningHours

    @property
    def explanation(self) -> dict[str, str]:
        """How `due_at` comes about, for people: `{zh, en}`."""
        return explanation(self.hours, self.since, self.due_at, self.allowed, is_paused=self.is_paused)

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
    level = level_of(case.priority, content)
    hours = opening_hours(content)[queue_of(state, content)]
    starts: list[tuple[ClockName, dt.datetime, float]] = []
    if case.first_response_at is None and clock.answered_at is None:
        starts.append(("first_response", clock.started_at, level.first_response_minutes))
    elif state.unanswered is not None:
        starts.append(("next_response", state.unanswered.since, level.next_response_minutes))
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


def nearest_due(state: Conversation, content: DeskContent, now: dt.datetime) -> Due | None:
    """The running clock that is due first; a paused one only if all are paused. None: no clock runs."""
    return min(running_clocks(state, content, now), key=lambda due: (due.is_paused, due.due_at), default=None)


def level_of(priority: str | None, content: DeskContent) -> Level:
    """The service level of a priority. A case without one is normal."""
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
        pauses = (*pauses, Pause(paused_at, max(now, paused_at)))
    due_at = hours.add_working_time(since, allowed, pauses)
    if due_at is None:
        return None
    remaining = allowed - hours.working_time(since, now, pauses)
    is_paused = paused_at is not None
    return Due(name, since, allowed, due_at, remaining, is_paused, now > due_at, hours)
