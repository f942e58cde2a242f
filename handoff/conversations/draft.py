"""A conversation that a transaction changes, and the lease of its turn."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from handoff.conversations.decide import Command, decide
from handoff.conversations.events import Assigned, Event, Resolved, Returned
from handoff.conversations.evolve import evolve
from handoff.conversations.state import Conversation

#: After these the bot no longer has the turn: a late answer is dropped.
_ENDS_TURN = (Assigned, Returned, Resolved)


@dataclass(frozen=True)
class Lease:
    """A turn that a desk process runs. It is about processes, not about the conversation, so it is in no log.

    The turn reads the customer's messages from `first_seq` to `last_seq`. `desk`: the number of the desk process.
    `attempts`: how often desks have begun this turn. After `expires_at` (aware UTC) any desk may take it.
    """

    turn_id: str
    first_seq: int
    last_seq: int
    desk: int
    expires_at: dt.datetime
    attempts: int = 1

    @classmethod
    def begin(
        cls,
        conversation_id: str,
        first_seq: int,
        last_seq: int,
        desk: int,
        expires_at: dt.datetime,
        earlier: Lease | None = None,
    ) -> Lease:
        """Begin the turn for these messages; `earlier` is a lease that was not ended.

        The id names the last message, so a turn that is tried again has the same id.
        """
        turn_id = f"{conversation_id}.{last_seq}"
        attempts = earlier.attempts + 1 if earlier is not None and earlier.turn_id == turn_id else 1
        return cls(turn_id, first_seq, last_seq, desk, expires_at, attempts)


@dataclass
class Draft:
    """The state of a locked conversation, and what is not stored yet: new events, and a change of the lease.

    `lease` is stored if it is set; `ends_turn` removes the stored lease.
    """

    state: Conversation
    events: list[Event] = field(default_factory=list)
    lease: Lease | None = None
    ends_turn: bool = False

    def do(self, command: Command, now: dt.datetime) -> list[Event]:
        """The new events of a command, folded into the state. Raises DeskError, and changes nothing then."""
        made = decide(self.state, command, now)
        for event in made:
            self.state = evolve(self.state, event)
            if isinstance(event.body, _ENDS_TURN):
                self.end_turn()
        self.events += made
        return made

    def begin_turn(self, lease: Lease) -> None:
        """A desk process runs this turn now."""
        self.lease, self.ends_turn = lease, False

    def end_turn(self) -> None:
        """No turn runs any more."""
        self.lease, self.ends_turn = None, True
