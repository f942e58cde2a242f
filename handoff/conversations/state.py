"""The conversation: who owns it, and the only moves between its states.

    with_bot -> queued                handoff requested (bot's decision, its failure, customer's button)
    queued   -> assigned              claimed by or pushed to an agent
    queued   -> with_bot              the customer cancels
    assigned -> queued                transferred, or the agent is gone
    assigned -> with_bot              returned to the bot
    any      -> resolved              an agent resolves (a supervisor also what waits), the customer says it is solved, or idle
    resolved -> with_bot | queued     the customer writes again: a new episode
    resolved -> assigned | queued     the agent who resolved undoes it within seconds

The state is the fold of the log: `evolve` alone makes a new one. The row in the table is a cache of it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from contract.reply import Button
from handoff.conversations.care.care import NO_CARE, Care
from handoff.conversations.values import (
    NO_CASE,
    NO_HANDLING,
    NOTHING_OWED,
    Assignment,
    Birth,
    CancelledWait,
    Case,
    EarlierEpisode,
    Handling,
    Owed,
    Status,
    Unanswered,
)

MOVES: frozenset[tuple[Status, Status]] = frozenset(
    {
        (Status.WITH_BOT, Status.QUEUED),
        (Status.QUEUED, Status.ASSIGNED),
        (Status.QUEUED, Status.WITH_BOT),
        (Status.ASSIGNED, Status.QUEUED),
        (Status.ASSIGNED, Status.WITH_BOT),
        (Status.WITH_BOT, Status.RESOLVED),
        (Status.QUEUED, Status.RESOLVED),
        (Status.ASSIGNED, Status.RESOLVED),
        (Status.RESOLVED, Status.WITH_BOT),
        (Status.RESOLVED, Status.QUEUED),
        (Status.RESOLVED, Status.ASSIGNED),
    }
)

#: The button that every conversation has, whatever the bot offered.
CHOICE_HUMAN = "human"
#: The desk's own buttons under "do you really no longer want to wait?".
CHOICE_CANCEL_WAIT, CHOICE_KEEP_WAITING = "cancel_wait", "keep_waiting"
DESK_CHOICES = frozenset({CHOICE_CANCEL_WAIT, CHOICE_KEEP_WAITING})
#: The desk's buttons about care: `first_aid:<action>`, `intake:<answer>`. The bot is not asked about a press.
CARE_CHOICES = ("first_aid:", "intake:")


def is_desk_choice(choice: str | None) -> bool:
    """Whether a button is the desk's own, so that a press owes no turn of the bot."""
    return choice is not None and (choice in DESK_CHOICES or choice.startswith(CARE_CHOICES))


#: A wait with these priorities is cancelled only after a confirmation.
_GRAVE_PRIORITIES = ("urgent", "high")
#: For this long a cancelled wait can be restored at its old position, and an agent can undo a resolution.
UNDO_TIME = dt.timedelta(seconds=10)

PREVIEW_LENGTH = 80


@dataclass(frozen=True)
class Conversation:
    """Where a conversation stands.

    `locale`: the customer's language: "zh" (simplified), "zh-Hant", "en", or the code of another one (language/recognition.py).
    `offered`: the buttons that the customer may press now. `stretch_seq`: where the bot's present stretch began; older turns
    are no context. `triaged_turn`: the turn whose decision was logged last.
    """

    birth: Birth
    locale: str
    updated_at: dt.datetime
    last_seq: int = 0
    status: Status = Status.WITH_BOT
    episode: int = 1
    case: Case = NO_CASE
    assignment: Assignment | None = None
    resolved_at: dt.datetime | None = None
    rating: int | None = None
    preview: str = ""
    offered: tuple[Button, ...] = ()
    unanswered: Unanswered | None = None
    owed: Owed = NOTHING_OWED
    stretch_seq: int = 0
    triaged_turn: str | None = None
    earlier: EarlierEpisode | None = None
    cancelled: CancelledWait | None = None
    handling: Handling = NO_HANDLING
    care: Care = NO_CARE

    @property
    def id(self) -> str:
        """The conversation's id."""
        return self.birth.id

    @property
    def due_at(self) -> dt.datetime | None:
        """Since when a message waits for a turn of the bot; None while an agent has the conversation, or nothing waits."""
        if self.status in (Status.WITH_BOT, Status.QUEUED) and self.owed.first is not None:
            return self.owed.first.at
        return None

    @property
    def agent(self) -> str | None:
        """The login of the agent who has, or had last, the conversation."""
        return self.assignment.login if self.assignment else None

    @property
    def agent_name(self) -> str | None:
        """The name of that agent, for people."""
        return self.assignment.name if self.assignment else None

    def offers(self, choice: str) -> bool:
        """Whether the last message has this choice as a button."""
        return any(button.choice == choice for button in self.offered)

    def must_confirm_cancel(self) -> bool:
        """Whether the customer is asked once more before the wait ends: a scam victim's "cancel" may mean the money."""
        return self.case.priority in _GRAVE_PRIORITIES

    def can_undo_cancel(self, now: dt.datetime) -> bool:
        """Whether the wait was cancelled a moment ago, and the bot still has the conversation."""
        if self.status is not Status.WITH_BOT or self.cancelled is None:
            return False
        return now - self.cancelled.at <= UNDO_TIME

    def can_undo_resolution(self, login: str, now: dt.datetime) -> bool:
        """Whether this agent resolved the conversation a moment ago, and the customer has not written since."""
        closed = self.handling.closed
        return self.status is Status.RESOLVED and closed is not None and closed.login == login and now - closed.at <= UNDO_TIME

    def was_closed_by_person(self) -> bool:
        """Whether an agent closed the last episode, and nothing new was understood since."""
        return self.earlier is not None and self.earlier.is_recent and self.earlier.by == "agent"

    def access_key(self, login: str) -> str:
        """The key of the event that lets an agent read this episode."""
        return f"access:{login}:{self.episode}"


def born(birth: Birth) -> Conversation:
    """The state of an empty log."""
    return Conversation(birth, birth.locale, birth.created_at)
