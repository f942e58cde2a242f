"""The events that one command makes, while it makes them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from handoff.conversations.events import Body, Event, Participant
from handoff.conversations.evolve import evolve
from handoff.conversations.state import MOVES, Conversation
from handoff.conversations.values import Status
from handoff.runtime.errors import Conflict

#: The rule of one command: it adds events to the writing, or raises.
Rule = Callable[["Writing", Any], None]


class Writing:
    """The log as a command continues it."""

    def __init__(self, state: Conversation, now: dt.datetime) -> None:
        # Clocks of desks differ, and a time is taken before the row is locked; the times of the log must not go back.
        self.now = max(now, state.updated_at)
        self.events: list[Event] = []
        self._state, self._folded = state, 0

    @property
    def state(self) -> Conversation:
        """The state after the events so far."""
        while self._folded < len(self.events):
            self._state = evolve(self._state, self.events[self._folded])
            self._folded += 1
        return self._state

    def add(self, body: Body, by: Participant, key: str | None = None) -> Event:
        """One more event."""
        seq = self.events[-1].seq + 1 if self.events else self._state.last_seq + 1
        event = Event(self._state.id, seq, self.now, by, body, key)
        self.events.append(event)
        return event

    def check_move(self, to: Status) -> None:
        """Raises Conflict unless the conversation may go from its state to this one."""
        if (self.state.status, to) not in MOVES:
            raise wrong_state(self.state)


def wrong_state(state: Conversation) -> Conflict:
    """The refusal of what the status does not allow."""
    return Conflict(
        "wrong_state",
        "会话当前状态不允许此操作。",
        f"Not possible while the conversation is {state.status}.",
        state=state.status.value,
    )
