"""Replays a log by the design: the owner of the conversation at each event. Independent of the product's code."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from tests.drill.records import Entry, Seen

Event = TypeVar("Event", Entry, Seen)

#: Events that customers never see (docs/conversation.md).
INTERNAL = frozenset(
    """
    triage note bot_failed feedback_recorded language_changed accessed state_imported offered offer_ended marked
    linked unlinked case_opened case_widened case_reopened case_fact case_step case_paused case_extension_asked
    case_extended case_decided case_linked case_recounted case_closed first_aid_offered first_aid_wanted
    first_aid_asked first_aid_proposed first_aid_decided identified assurance_changed incident_over intake_asked
    intake_answered intake_skipped intake_paused intake_resumed intake_closed phone_shown promise_made promise_kept
    promise_withdrawn promise_broken promise_reminded proof_made
    """.split()
)
#: The owner after an event.
OWNER_AFTER = {
    "handoff_requested": "queue",
    "assigned": "agent",
    "transferred": "queue",
    "returned": "bot",
    "cancelled": "bot",
    "cancel_undone": "queue",
    "resolved": "nobody",
    "reopened": "bot",
}


@dataclass(frozen=True)
class Breach:
    """One breach, and where to find it."""

    bar: str
    conversation: str
    seq: int | None
    detail: str


def owners(log: Iterable[Event]) -> Iterator[tuple[str, Event]]:
    """Each event with the conversation's owner before it: `bot`, `queue`, `agent` or `nobody`."""
    owner = "bot"
    for event in log:
        yield owner, event
        owner = OWNER_AFTER.get(event.type, owner)


def holdings(log: Iterable[Entry], name: str) -> list[tuple[float, float]]:
    """The period in which an agent had the conversation; ends at infinity if the agent still has it."""
    found: list[tuple[float, float]] = []
    since: float | None = None
    for event in log:
        if event.type in OWNER_AFTER and since is not None:
            found.append((since, event.at))
            since = None
        if event.type == "assigned" and event.data["agent"] == name:
            since = event.at
    return [*found, (since, float("inf"))] if since is not None else found


def pieces(triage: Entry) -> range:
    """The sequence numbers that one turn's decision covers: one message, or several that were read as one."""
    last = int(triage.data["message_seq"])
    return range(int(triage.data.get("first_seq", last)), last + 1)
