"""Where the customer first said what a case is about: t0, from which its clocks count. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from contract.decision import known_fields
from contract.routes import CLARIFY
from handoff.conversations.events import BotFailed, Event, Message, Triage
from handoff.conversations.state import is_desk_choice

#: Characters of the first words that the case keeps.
_WORDS_LENGTH = 2000


@dataclass(frozen=True)
class Claim:
    """The customer's first sentence about the matter: its number in the log, when it came, and its words."""

    seq: int
    at: dt.datetime
    words: str


@dataclass(frozen=True)
class _Turn:
    """One turn of the bot: the messages that it read, and what it decided; no decision if it failed."""

    first_seq: int
    last_seq: int
    decision: dict[str, Any]
    is_failed: bool = False


def find_claim(events: Sequence[Event], reason: str, stretch_seq: int) -> Claim | None:
    """The claim of a handoff with this reason, from the end of a log in order; None without a message of the customer.

    It begins with the messages of the turn that asked for a person. It goes back over turns that belong to the same matter: the
    bot asked what was meant, failed, understood the same intent or the same reason, or the customer pressed a button under its
    answer. Nothing before `stretch_seq` counts: that was another matter.
    """
    said = [event for event in events if _is_said(event) and event.seq > stretch_seq]
    if not said:
        return None
    turns = _turns(events, said, stretch_seq)
    present = next((turn for turn in reversed(turns) if turn.decision.get("reason") == reason), turns[-1] if turns else None)
    if present is None:
        return _claim(said[-1:])
    first = present
    for turn in reversed(turns[: turns.index(present)]):
        if not (turn.is_failed or _is_same_matter(turn, present, reason) or _begins_with_press(first, said)):
            break
        first = turn
    claimed = [event for event in said if first.first_seq <= event.seq <= max(first.last_seq, first.first_seq)]
    return _claim(claimed or said[-1:])


def first_words(events: Sequence[Event], stretch_seq: int) -> Claim | None:
    """The first message of the customer after a number in the log; None without one."""
    said = [event for event in events if _is_said(event) and event.seq > stretch_seq]
    return _claim(said[:1]) if said else None


def _is_said(event: Event) -> bool:
    return isinstance(event.body, Message) and event.by.kind == "customer" and not is_desk_choice(event.body.choice)


def _turns(events: Sequence[Event], said: Sequence[Event], stretch_seq: int) -> list[_Turn]:
    turns: list[_Turn] = []
    settled = stretch_seq
    for event in events:
        body = event.body
        if isinstance(body, Triage) and body.message_seq > stretch_seq:
            decision = known_fields(body.decision, "route", "intent", "reason")
            turns.append(_Turn(body.first_seq or body.message_seq, body.message_seq, decision))
            settled = max(settled, body.message_seq)
        elif isinstance(body, BotFailed) and body.settled_seq > settled:
            first = next((each.seq for each in said if each.seq > settled), None)
            if first is not None and first <= body.settled_seq:
                turns.append(_Turn(first, body.settled_seq, {}, is_failed=True))
            settled = body.settled_seq
    return turns


def _is_same_matter(turn: _Turn, present: _Turn, reason: str) -> bool:
    decision = turn.decision
    if decision.get("route") == CLARIFY or decision.get("reason") == reason:
        return True
    return decision.get("intent") is not None and decision.get("intent") == present.decision.get("intent")


def _begins_with_press(turn: _Turn, said: Sequence[Event]) -> bool:
    first = next((event for event in said if event.seq >= turn.first_seq), None)
    return first is not None and isinstance(first.body, Message) and first.body.choice is not None


def _claim(said: Sequence[Event]) -> Claim:
    words = "\n".join(event.body.text for event in said if isinstance(event.body, Message))
    return Claim(said[0].seq, said[0].at, words[:_WORDS_LENGTH])
