"""Everything that can stand in a conversation's log, on one page.

A new event type is a class here and a line in the page that shows it. A changed field needs a new version and an upcast; never
change what an older version means, because logs keep it.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from contract.reply import Button
from handoff.conversations.events.registry import Body, event, internal, public
from handoff.conversations.values import (
    CancelledWait,
    Case,
    EarlierEpisode,
    Handling,
    IncidentNamed,
    Owed,
    Status,
    Unanswered,
    WaitTold,
)


def _unchanged(data: dict[str, Any]) -> dict[str, Any]:
    """The new version added optional fields only."""
    return data


def _case_2(data: dict[str, Any]) -> dict[str, Any]:
    """The older desk's rule: these two reasons stay open."""
    return {**data, "stays_open": data["reason"] in ("security", "dispute")}


@event("message", version=2, is_public=True, upcasts={1: _unchanged})
class Message(Body):
    """Somebody said something, or the customer pressed a button."""

    text: str = public()
    client_message_id: str | None = public("of customers and agents", default=None)
    choice: str | None = public("a pressed button", default=None)
    suggested: bool | None = public("the page's words", default=None)
    buttons: tuple[Button, ...] | None = public("of bot and system", default=None)
    locale: str | None = public("the language of a bot's buttons", default=None)
    article: dict[str, Any] | None = public("of the bot", default=None)
    kind: str | None = public("of the system", default=None)
    promised_until: dt.datetime | None = internal("of the system: when somebody takes over", default=None)
    wait: WaitTold | None = internal("of the system: what it says about the wait", default=None)


@event("handoff_requested", version=2, is_public=True, upcasts={1: _case_2})
class HandoffRequested(Body):
    """A person is wanted. After `reopened` it says that an open case went back to its queue."""

    reason: str = public()
    priority: str = public()
    lane: str | None = public("in a lane", default=None)
    topic: str | None = internal(default=None)
    amount_cny: float | None = internal(default=None)
    stays_open: bool = internal("when the episode falls idle")


@event("priority_raised", version=2, is_public=True, upcasts={1: _case_2})
class PriorityRaised(Body):
    """A graver incident moved a waiting conversation up."""

    reason: str = public()
    priority: str = public()
    lane: str | None = public("in a lane", default=None)
    topic: str | None = internal(default=None)
    amount_cny: float | None = internal(default=None)
    stays_open: bool = internal("when the episode falls idle")


@event("assigned", version=3, is_public=True, upcasts={1: _unchanged, 2: _unchanged})
class Assigned(Body):
    """An agent has the conversation; a turn that still runs is over."""

    agent: str = public("the name")
    login: str | None = internal(default=None)
    how: str | None = internal("`claimed`, `accepted`, `transferred`, `taken_over`, `given`", default=None)
    over_capacity_by: str | None = internal("the supervisor who allowed it", default=None)


@event("transferred", version=2, is_public=True, upcasts={1: _unchanged})
class Transferred(Body):
    """The conversation went back to the queue, to its old place."""

    note: str | None = internal(default=None)
    to: str | None = internal(default=None)
    why: str | None = internal("`agent` or `agent_gone`", default=None)
    queue: str | None = internal("the queue that it was sent to", default=None)
    skill: str | None = internal("the skill that it needs now", default=None)


@event("returned", is_public=True)
class Returned(Body):
    """The bot has the conversation again, and starts afresh."""

    note: str | None = internal(default=None)


@event("cancelled", is_public=True)
class Cancelled(Body):
    """The customer no longer wants to wait."""


@event("cancel_undone", version=2, is_public=True, upcasts={1: _unchanged})
class CancelUndone(Body):
    """The customer waits again, at the old place."""

    reason: str = public()
    priority: str = public()
    lane: str | None = public("in a lane", default=None)
    topic: str | None = internal(default=None)
    amount_cny: float | None = internal(default=None)


@event("resolved", version=2, is_public=True, upcasts={1: _unchanged})
class Resolved(Body):
    """The episode is over."""

    resolution: str = public("`solved`, `closed`, `agent`, `idle`")
    note: str | None = internal(default=None)
    outcome: str | None = internal("of an agent: one of `outcomes` in data/desk.yml", default=None)
    login: str | None = internal("of an agent", default=None)
    seen_seq: int | None = internal("of an agent: what they had read", default=None)


@event("resolution_undone", is_public=True)
class ResolutionUndone(Body):
    """The agent who resolved took it back within seconds; everything is as before."""


@event("offered")
class Offered(Body):
    """The desk offers the waiting conversation to an agent; anybody may still claim it."""

    login: str
    agent: str
    until: dt.datetime


@event("offer_ended")
class OfferEnded(Body):
    """The agent did not accept."""

    login: str
    agent: str
    why: str = internal("`late`, `declined`, `absent`")


@event("marked")
class Marked(Body):
    """An agent judges the bot: what the figures count. A later mark of the same kind and agent replaces an earlier one."""

    mark: str = internal("`late_handoff`, `needless_handoff`, `wrong_article`")
    login: str
    is_set: bool
    about_seq: int | None = internal("the message or decision that it is about", default=None)


@event("linked")
class Linked(Body):
    """An agent says that another conversation is of the same customer. Both logs hold it."""

    other: str
    login: str


@event("unlinked")
class Unlinked(Body):
    """A link is taken back. Both logs hold it."""

    other: str
    login: str


@event("reopened", is_public=True)
class Reopened(Body):
    """The customer came back: a new episode."""

    episode: int = public()


@event("rated", is_public=True)
class Rated(Body):
    """The customer rated the episode; the last rating counts."""

    score: int = public()
    comment: str | None = public(default=None)


@event("triage", version=3, upcasts={1: _unchanged, 2: _unchanged})
class Triage(Body):
    """The bot decided about the messages up to `message_seq`; they have had their turn.

    `silent`: the bot did not have the conversation, so nothing was said.
    """

    turn_id: str
    decision: dict[str, Any]
    silent: bool
    message_seq: int
    first_seq: int | None = internal("of several pieces", default=None)
    begun_seq: int | None = internal("the last entry of the log that the bot's context knew", default=None)
    incidents: tuple[IncidentNamed, ...] | None = internal("the open incidents that the bot was told of", default=None)


@event("note", version=2, upcasts={1: _unchanged})
class Note(Body):
    """An agent wrote something for other agents."""

    text: str
    login: str | None = None
    mentions: tuple[str, ...] | None = internal("logins", default=None)
    whisper_to: str | None = internal("a supervisor's hint: the login whose reply box shows it", default=None)


def _bot_failed_2(data: dict[str, Any]) -> dict[str, Any]:
    return {**data, "settled_seq": int(data["turn_id"].rpartition(".")[2])}


@event("bot_failed", version=2, upcasts={1: _bot_failed_2})
class BotFailed(Body):
    """The bot could not react to the messages up to `settled_seq`; it is not asked about them again."""

    turn_id: str
    code: str
    settled_seq: int


@event("feedback_recorded")
class FeedbackRecorded(Body):
    """A customer's opinion was understood as one."""

    message_seq: int


@event("language_changed")
class LanguageChanged(Body):
    """The customer writes in another language; values as `locale` on a card."""

    language: str
    was: str


@event("accessed")
class Accessed(Body):
    """An agent reads a conversation that is somebody else's, for a reason; once an episode."""

    reason: str
    login: str


@event("state_imported", version=2, upcasts={1: _unchanged})
class StateImported(Body):
    """An update of the desk wrote the state down, because the log before this event does not determine it."""

    status: Status
    episode: int
    locale: str
    case: Case
    agent: str | None = None
    agent_name: str | None = None
    assigned_at: dt.datetime | None = None
    resolved_at: dt.datetime | None = None
    rating: int | None = None
    preview: str
    offered: tuple[Button, ...]
    unanswered: Unanswered | None = None
    owed: Owed
    stretch_seq: int
    triaged_turn: str | None = None
    earlier: EarlierEpisode | None = None
    cancelled: CancelledWait | None = None
    handling: Handling | None = None
