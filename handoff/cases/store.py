"""The SQL of cases and promises."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import structlog

from handoff.conversations.care.promises import CALLBACK, FOLLOW_UP
from handoff.conversations.draft import Draft
from handoff.conversations.events import Event
from handoff.conversations.rows import COLUMNS, UnreadableRow, conversation_of
from handoff.conversations.state import Conversation
from handoff.conversations.store import EVENTS, event_of
from handoff.runtime.transaction import Row, Transaction

logger = structlog.get_logger(__name__)

#: Nothing due comes after everything that is.
_DUE = "coalesce(case_due_at, 'infinity'::timestamptz)"


def _state(row: Row) -> Conversation | None:
    try:
        return conversation_of(row)
    except UnreadableRow as error:
        logger.error("cases.row_not_read", conversation_id=error.conversation_id)
        return None


def _states(rows: list[Row]) -> list[Conversation]:
    return [state for row in rows if (state := _state(row)) is not None]


async def find_case(tx: Transaction, case_id: str) -> Conversation | None:
    """The conversation that a case belongs to."""
    if "\x00" in case_id:
        return None
    rows = await tx.rows(f"SELECT {COLUMNS} FROM conversations WHERE case_ids @> ARRAY[%s] AND case_ids IS NOT NULL", case_id)
    found = _states(rows)
    return found[0] if found else None


async def lock_by_case(tx: Transaction, case_id: str) -> Draft | None:
    """The conversation that a case belongs to, locked."""
    if "\x00" in case_id:
        return None
    query = f"SELECT {COLUMNS} FROM conversations WHERE case_ids @> ARRAY[%s] AND case_ids IS NOT NULL FOR UPDATE"
    found = _states(await tx.rows(query, case_id))
    return Draft(found[0]) if found else None


async def latest_turns(tx: Transaction, conversation_id: str, after_seq: int, limit: int) -> list[Event]:
    """The customer's last messages, the bot's decisions and failures, new episodes, after a number in the log, in order."""
    query = f"""
        SELECT * FROM ({EVENTS} AND seq > %s
            AND (type IN ('triage', 'bot_failed', 'reopened') OR (type = 'message' AND by_kind = 'customer'))
            ORDER BY seq DESC LIMIT %s) AS latest ORDER BY seq"""
    return [event_of(row) for row in await tx.rows(query, conversation_id, after_seq, limit)]


@dataclass(frozen=True)
class Place:
    """A place in the list of cases: the due time of the last row (None: nothing is due) and its conversation."""

    due_at: dt.datetime | None
    conversation_id: str

    def as_cursor(self) -> str:
        """The place as clients hand it back."""
        return f"{self.due_at.isoformat() if self.due_at else ''}|{self.conversation_id}"

    @classmethod
    def from_cursor(cls, text: str) -> Place:
        """The place of a cursor. Raises ValueError."""
        due_at, _, conversation_id = text.partition("|")
        if not conversation_id or "\x00" in conversation_id:
            raise ValueError(text)
        moment = dt.datetime.fromisoformat(due_at) if due_at else None
        if moment is not None and moment.tzinfo is None:
            raise ValueError(text)
        return cls(moment, conversation_id)


@dataclass(frozen=True)
class CaseFilter:
    """What the list shows. `is_open`: conversations with an open case, or without one. `agent`: whose conversations."""

    is_open: bool | None = None
    reason: str | None = None
    agent: str | None = None
    due_before: dt.datetime | None = None


async def list_cases(tx: Transaction, wanted: CaseFilter, after: Place | None, limit: int) -> list[Conversation]:
    """Conversations that have a case, the earliest due time first, then those that owe nothing."""
    query = f"""
        SELECT {COLUMNS} FROM conversations
        WHERE case_ids IS NOT NULL
            AND (%(is_open)s::boolean IS NULL OR case_is_open = %(is_open)s)
            AND (%(agent)s::text IS NULL OR agent = %(agent)s)
            AND (%(before)s::timestamptz IS NULL OR case_due_at < %(before)s)
            AND (%(reason)s::text IS NULL OR care->'cases' @> jsonb_build_array(jsonb_build_object('reason', %(reason)s::text)))
            AND ({_DUE}, id) > (%(due)s::timestamptz, %(id)s)
        ORDER BY {_DUE}, id LIMIT %(limit)s"""
    values = {
        "is_open": wanted.is_open,
        "agent": wanted.agent,
        "before": wanted.due_before,
        "reason": wanted.reason,
        "due": "-infinity" if after is None else after.due_at or "infinity",
        "id": after.conversation_id if after is not None else "",
        "limit": limit,
    }
    return _states(await (await tx.execute(query, values)).fetchall())


async def cases_due(tx: Transaction, before: dt.datetime, limit: int) -> list[Conversation]:
    """Conversations of which a case is due before a time, the earliest first."""
    query = f"SELECT {COLUMNS} FROM conversations WHERE case_due_at < %s ORDER BY case_due_at, id LIMIT %s"
    return _states(await tx.rows(query, before, limit))


async def promises_due(tx: Transaction, before: dt.datetime, limit: int) -> list[Conversation]:
    """Conversations with a promise that is not settled and due before a time, the earliest first."""
    query = f"SELECT {COLUMNS} FROM conversations WHERE promise_due_at < %s ORDER BY promise_due_at, id LIMIT %s"
    return _states(await tx.rows(query, before, limit))


async def cases_after(tx: Transaction, conversation_id: str, limit: int) -> list[Conversation]:
    """Conversations with an open case, in the order of their ids, after an id."""
    query = f"SELECT {COLUMNS} FROM conversations WHERE case_is_open AND id > %s ORDER BY id LIMIT %s"
    return _states(await tx.rows(query, conversation_id, limit))


async def list_promises(
    tx: Transaction, agent: str | None, promise: str | None, after: Place | None, limit: int
) -> list[Conversation]:
    """Conversations with a promise that is not settled, the earliest due time first."""
    query = f"""
        SELECT {COLUMNS} FROM conversations
        WHERE promise_due_at IS NOT NULL
            AND (%(agent)s::text IS NULL OR agent = %(agent)s)
            AND (%(promise)s::text IS NULL
                OR care->'obligations' @> jsonb_build_array(jsonb_build_object('promise', %(promise)s::text)))
            AND (promise_due_at, id) > (%(due)s::timestamptz, %(id)s)
        ORDER BY promise_due_at, id LIMIT %(limit)s"""
    values = {
        "agent": agent,
        "promise": promise,
        "due": "-infinity" if after is None or after.due_at is None else after.due_at,
        "id": after.conversation_id if after is not None else "",
        "limit": limit,
    }
    return _states(await (await tx.execute(query, values)).fetchall())


async def promises_to_settle(tx: Transaction, now: dt.datetime, remind_until: dt.datetime, limit: int) -> list[str]:
    """Conversations with a promise that is over and not marked as broken, or due so soon that agents are to be reminded."""
    query = """
        SELECT id FROM conversations
        WHERE promise_due_at <= %s AND EXISTS (
            SELECT 1 FROM jsonb_array_elements(care->'obligations') AS obligation
            WHERE obligation->>'state' = 'open' AND (
                (obligation->>'due_at')::timestamptz < %s
                OR (obligation->>'promise' = ANY(%s) AND NOT obligation ? 'reminded_at'
                    AND (obligation->>'due_at')::timestamptz <= %s)))
        ORDER BY promise_due_at LIMIT %s"""
    return [row[0] for row in await tx.rows(query, remind_until, now, [FOLLOW_UP, CALLBACK], remind_until, limit)]


async def lock_unlocked(tx: Transaction, conversation_id: str, *, waits: bool = False) -> Draft | None:
    """Lock a conversation; None if another transaction has it locked, which changes it now, unless `waits`."""
    skip = "" if waits else "SKIP LOCKED"
    found = _states(await tx.rows(f"SELECT {COLUMNS} FROM conversations WHERE id = %s FOR UPDATE {skip}", conversation_id))
    return Draft(found[0]) if found else None
