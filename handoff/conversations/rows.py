"""The row of a conversation: the fold of its log as columns, so that indexes and queries can reach it.

The columns of `Birth` are written once and are the input of the fold; all others are a cache, which `rebuild` can make anew.
"""

from __future__ import annotations

from typing import Any

import msgspec
from psycopg.types.json import Jsonb

from contract.priorities import queue_rank
from contract.reply import Button
from handoff.conversations.care.care import NO_CARE, Care
from handoff.conversations.events.registry import as_json
from handoff.conversations.state import Conversation
from handoff.conversations.values import (
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
from handoff.runtime.transaction import Row

BIRTH_COLUMNS = ("id", "token_hash", "opening_locale", "channel", "created_at", "origin")
STATE_COLUMNS = (
    "locale",
    "updated_at",
    "last_seq",
    "status",
    "episode",
    "reason",
    "priority",
    "lane",
    "topic",
    "amount_cny",
    "is_case_open",
    "queued_at",
    "first_response_at",
    "agent",
    "agent_name",
    "assigned_at",
    "resolved_at",
    "rating",
    "preview",
    "offered",
    "customer_waits_seq",
    "customer_waits_since",
    "owed",
    "stretch_seq",
    "triaged_turn",
    "earlier",
    "cancelled",
    "handling",
    "care",
)
#: Columns that follow from the state and are never read back.
DERIVED_COLUMNS = (
    "due_at",
    "priority_rank",
    "offered_to",
    "customer",
    "case_ids",
    "case_is_open",
    "case_due_at",
    "promise_due_at",
)
WRITTEN_COLUMNS = (*STATE_COLUMNS, *DERIVED_COLUMNS)
COLUMNS = ", ".join((*BIRTH_COLUMNS, *STATE_COLUMNS))
ALL_COLUMNS = ", ".join((*BIRTH_COLUMNS, *WRITTEN_COLUMNS))
#: The same columns in a query that calls the table `c`.
COLUMNS_OF_C = ", ".join(f"c.{name}" for name in (*BIRTH_COLUMNS, *STATE_COLUMNS))
_BIRTH_WIDTH = len(BIRTH_COLUMNS)


def birth_of(row: Row) -> Birth:
    """The birth of a conversation from the first columns of `COLUMNS`."""
    return Birth(*row[:_BIRTH_WIDTH])


class UnreadableRow(Exception):
    """A row is damaged: no state can be made of it until `python -m handoff rebuild` has made it anew from its log."""

    def __init__(self, conversation_id: str) -> None:
        super().__init__(conversation_id)
        self.conversation_id = conversation_id


def conversation_of(row: Row) -> Conversation:
    """The state from a row of `COLUMNS`. Raises UnreadableRow."""
    try:
        return _conversation_of(row)
    except (ValueError, msgspec.ValidationError) as error:
        raise UnreadableRow(birth_of(row).id) from error


def _conversation_of(row: Row) -> Conversation:
    (
        locale,
        updated_at,
        last_seq,
        status,
        episode,
        reason,
        priority,
        lane,
        topic,
        amount_cny,
        is_open,
        queued_at,
        first_response_at,
        agent,
        agent_name,
        assigned_at,
        resolved_at,
        rating,
        preview,
        offered,
        unanswered_seq,
        unanswered_since,
        owed,
        stretch_seq,
        triaged_turn,
        earlier,
        cancelled,
        handling,
        care,
    ) = row[_BIRTH_WIDTH:]
    return Conversation(
        birth_of(row),
        locale,
        updated_at,
        last_seq,
        Status(status),
        episode,
        Case(reason, priority, lane, topic, amount_cny, is_open, queued_at, first_response_at),
        Assignment(agent, agent_name, assigned_at) if agent is not None else None,
        resolved_at,
        rating,
        preview,
        msgspec.convert(offered, tuple[Button, ...]) if offered else (),
        Unanswered(unanswered_seq, unanswered_since) if unanswered_seq is not None else None,
        msgspec.convert(owed, Owed) if owed else NOTHING_OWED,
        stretch_seq,
        triaged_turn,
        msgspec.convert(earlier, EarlierEpisode) if earlier else None,
        msgspec.convert(cancelled, CancelledWait) if cancelled else None,
        msgspec.convert(handling, Handling) if handling else NO_HANDLING,
        msgspec.convert(care, Care) if care else NO_CARE,
    )


def birth_values(birth: Birth) -> list[Any]:
    """The values of `BIRTH_COLUMNS`."""
    return [birth.id, birth.token_hash, birth.locale, birth.channel, birth.created_at, birth.origin]


def state_values(state: Conversation) -> list[Any]:
    """The values of `WRITTEN_COLUMNS`, ready for PostgreSQL."""
    case, assignment, unanswered = state.case, state.assignment, state.unanswered
    return [
        state.locale,
        state.updated_at,
        state.last_seq,
        state.status.value,
        state.episode,
        case.reason,
        case.priority,
        case.lane,
        case.topic,
        case.amount_cny,
        case.is_open,
        case.queued_at,
        case.first_response_at,
        assignment.login if assignment else None,
        assignment.name if assignment else None,
        assignment.at if assignment else None,
        state.resolved_at,
        state.rating,
        state.preview,
        Jsonb(as_json(state.offered)),
        unanswered.seq if unanswered else None,
        unanswered.since if unanswered else None,
        Jsonb(as_json(state.owed)) if state.owed else None,
        state.stretch_seq,
        state.triaged_turn,
        Jsonb(as_json(state.earlier)) if state.earlier else None,
        Jsonb(as_json(state.cancelled)) if state.cancelled else None,
        Jsonb(as_json(state.handling)) if state.handling != NO_HANDLING else None,
        Jsonb(as_json(state.care)) if state.care != NO_CARE else None,
        state.due_at,
        queue_rank(case.priority, case.lane) if case.priority else None,
        state.handling.offer.login if state.handling.offer else None,
        state.care.identity.subject if state.care.identity else None,
        [case.id for case in state.care.cases] or None,
        any(case.is_open for case in state.care.cases) if state.care.cases else None,
        state.care.case_due_at,
        state.care.promise_due_at,
    ]


def differences(row: Row, state: Conversation) -> list[str]:
    """The columns in which a row of `ALL_COLUMNS` differs from a state."""
    stored = row[: -len(DERIVED_COLUMNS)]
    # JSON is compared as this version reads it: an older version may have written the same values in another form.
    try:
        as_read = state_values(conversation_of(stored))
    except UnreadableRow:
        as_read = list(row[_BIRTH_WIDTH:])
    found = []
    for name, raw, read, of_state in zip(WRITTEN_COLUMNS, row[_BIRTH_WIDTH:], as_read, state_values(state), strict=True):
        is_json = isinstance(read, Jsonb) or isinstance(of_state, Jsonb)
        if (_plain(read) if is_json else raw) != _plain(of_state):
            found.append(name)
    return found


def _plain(value: Any) -> Any:
    return value.obj if isinstance(value, Jsonb) else value
