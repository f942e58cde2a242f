"""Handing over to a person."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from contract.priorities import PRIORITY_RANK, queue_rank
from contract.reasons import VAGUE_REASONS
from handoff.conversations.decide.episodes import Matter, reopen, undo_cancel
from handoff.conversations.decide.writing import Rule, Writing
from handoff.conversations.events import BOT, SYSTEM, HandoffRequested, Participant, PriorityRaised
from handoff.conversations.state import Conversation
from handoff.conversations.values import Status

#: Intents that name no matter of their own.
_VAGUE_INTENTS = ("human_agent", "unresolved", "affirm", "deny", None)


@dataclass(frozen=True)
class RequestHandoff:
    """Hand the conversation over to a person.

    While the customer waits for one, only a higher priority or a lane changes anything; while an agent is there, nothing does.
    A customer who called the wait off a moment ago gets the old place back. A case that a person closed keeps its reason.
    `intent` and `amount_cny` are what the bot understood; they count only if `by` is the bot, or the desk on the bot's word
    (a look-back). `lasting`: the reasons whose
    cases stay open when nobody writes (`stays_open` in data/triage.yml).
    """

    reason: str
    priority: str
    by: Participant = BOT
    key: str | None = None
    lane: str | None = None
    intent: str | None = None
    amount_cny: float | None = None
    lasting: Collection[str] = ()


def returning_matter(state: Conversation, intent: str | None, amount_cny: float | None) -> Matter | None:
    """The matter of the case that a person closed, if the customer comes back with it or with none of their own; else None."""
    if state.earlier is None or not state.was_closed_by_person():
        return None
    if intent in _VAGUE_INTENTS or (intent == state.earlier.intent and amount_cny is None):
        return state.earlier.intent, state.earlier.amount_cny
    return None


def _request(writing: Writing, command: RequestHandoff) -> None:
    if writing.state.status is Status.ASSIGNED:
        return
    matter = returning_matter(writing.state, command.intent, command.amount_cny)
    is_bots = command.by == BOT or (command.by == SYSTEM and command.intent is not None)
    if matter is None and is_bots:  # what agents see on the card is what made the conversation wait, or move up
        matter = command.intent, command.amount_cny
    if writing.state.status is Status.RESOLVED:
        reopen(writing)
    elif writing.state.can_undo_cancel(writing.now):
        undo_cancel(writing, command.by, command.key, matter)
    if writing.state.status is Status.QUEUED:
        _raise_priority(writing, command, matter)
        return
    reason, priority = _of_closed_case(writing.state, command)
    writing.check_move(Status.QUEUED)
    topic, amount_cny = matter or (writing.state.case.topic, writing.state.case.amount_cny)
    wanted = HandoffRequested(
        reason=reason,
        priority=priority,
        lane=command.lane,
        topic=topic,
        amount_cny=amount_cny,
        stays_open=reason in command.lasting,
    )
    writing.add(wanted, command.by, command.key)


def _of_closed_case(state: Conversation, command: RequestHandoff) -> tuple[str, str]:
    """Reason and priority of the case that a person closed, if the customer comes back without a matter of their own."""
    case = state.earlier
    if case is None or not state.was_closed_by_person() or command.reason not in VAGUE_REASONS or not case.reason:
        return command.reason, command.priority
    return case.reason, _graver(case.priority, command.priority)


def _graver(one: str | None, other: str) -> str:
    return min(one or "normal", other, key=lambda name: PRIORITY_RANK[name])


def _raise_priority(writing: Writing, command: RequestHandoff, matter: Matter | None) -> None:
    """Raise the priority of a waiting conversation after a more serious incident; never lower it."""
    case = writing.state.case
    if queue_rank(command.priority, command.lane) >= queue_rank(case.priority, case.lane):
        return
    topic, amount_cny = matter or (case.topic, case.amount_cny)
    # The lane moves the conversation up even if its incident has a lower priority; the higher priority stays.
    priority = _graver(case.priority, command.priority)
    raised = PriorityRaised(
        reason=command.reason,
        priority=priority,
        lane=command.lane,
        topic=topic,
        amount_cny=amount_cny,
        stays_open=case.is_open or command.reason in command.lasting,
    )
    writing.add(raised, BOT)


RULES: dict[type, Rule] = {RequestHandoff: _request}
