"""The SQL of conversations, their logs, and the leases of their turns."""

from __future__ import annotations

import datetime as dt
from typing import Any, cast

from psycopg.types.json import Jsonb

from handoff.conversations.draft import Draft, Lease
from handoff.conversations.events import Event, Message, Participant
from handoff.conversations.events.registry import data_of, read_body
from handoff.conversations.rows import (
    ALL_COLUMNS,
    BIRTH_COLUMNS,
    COLUMNS,
    COLUMNS_OF_C,
    WRITTEN_COLUMNS,
    birth_values,
    conversation_of,
    state_values,
)
from handoff.conversations.state import Conversation, born
from handoff.conversations.values import Birth, Status
from handoff.runtime.transaction import Row, Transaction

EVENT_COLUMNS = "conversation_id, seq, type, version, at, by_kind, by_name, data, key"
_EVENT_WIDTH = 9
_LEASE_NAMES = ("turn_id", "first_seq", "last_seq", "desk", "expires_at", "attempts")
_LEASE_COLUMNS = ", ".join(_LEASE_NAMES)
_LEASE_COLUMNS_OF_T = ", ".join(f"t.{name}" for name in _LEASE_NAMES)

_CONVERSATION = f"SELECT {COLUMNS} FROM conversations WHERE id = %s"
_WIDTH = len(BIRTH_COLUMNS) + len(WRITTEN_COLUMNS)
_INSERT = f"INSERT INTO conversations ({ALL_COLUMNS}) VALUES ({', '.join(['%s'] * _WIDTH)})"
_UPDATE = f"UPDATE conversations SET {', '.join(f'{name} = %s' for name in WRITTEN_COLUMNS)} WHERE id = %s"
_EVENT_ROW = f"({', '.join(['%s'] * _EVENT_WIDTH)})"
EVENTS = f"SELECT {EVENT_COLUMNS} FROM events WHERE conversation_id = %s"
_LEASE = f"SELECT {_LEASE_COLUMNS} FROM turns WHERE conversation_id = %s"
_TAKE_LEASE = f"""
    INSERT INTO turns (conversation_id, {_LEASE_COLUMNS}) VALUES (%s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (conversation_id) DO UPDATE SET turn_id = excluded.turn_id, first_seq = excluded.first_seq,
        last_seq = excluded.last_seq, desk = excluded.desk, expires_at = excluded.expires_at, attempts = excluded.attempts"""
_END_LEASE = "DELETE FROM turns WHERE conversation_id = %s"
#: The conversation's row is locked before the lease's, as everywhere: a lease is changed only under the conversation's lock.
_RUNNING = f"""
    SELECT {COLUMNS_OF_C}, {_LEASE_COLUMNS_OF_T}
    FROM conversations c JOIN turns t ON t.conversation_id = c.id
    WHERE c.id = %s AND t.turn_id = %s FOR UPDATE"""
_KEY_AND_LEASE = f"""
    SELECT (SELECT seq FROM events WHERE conversation_id = %s AND key = %s),
        {_LEASE_COLUMNS_OF_T}
    FROM (SELECT 1) AS one LEFT JOIN turns t ON t.conversation_id = %s"""


def event_of(row: Row) -> Event:
    """An entry of the log from its row; what this desk cannot read has the body `Unknown`."""
    conversation_id, seq, type_, version, at, by_kind, by_name, data, key = row
    return Event(conversation_id, seq, at, Participant(by_kind, by_name), read_body(type_, version, data), key)


def _event_values(event: Event) -> tuple[Any, ...]:
    by, body, data = event.by, event.body, Jsonb(data_of(event.body))
    return event.conversation_id, event.seq, body.type, body.version, event.at, by.kind, by.name, data, event.key


async def find_conversation(tx: Transaction, conversation_id: str) -> Conversation | None:
    """The conversation as it is now."""
    if "\x00" in conversation_id:  # an address can carry it, PostgreSQL's text cannot
        return None
    rows = await tx.rows(_CONVERSATION, conversation_id)
    return conversation_of(rows[0]) if rows else None


async def lock_conversation(tx: Transaction, conversation_id: str) -> Draft | None:
    """The conversation, locked against other transactions, to be changed."""
    if "\x00" in conversation_id:
        return None
    rows = await tx.rows(f"{_CONVERSATION} FOR UPDATE", conversation_id)
    return Draft(conversation_of(rows[0])) if rows else None


async def lock_running_turn(tx: Transaction, conversation_id: str, turn_id: str) -> tuple[Draft, Lease] | None:
    """The conversation, locked, if this turn is the one that runs in it; with the turn's lease."""
    if "\x00" in conversation_id or "\x00" in turn_id:
        return None
    rows = await tx.rows(_RUNNING, conversation_id, turn_id)
    return (Draft(conversation_of(rows[0][: -len(_LEASE_NAMES)])), Lease(*rows[0][-len(_LEASE_NAMES) :])) if rows else None


async def find_lease(tx: Transaction, conversation_id: str) -> Lease | None:
    """The lease of the turn that runs. Reliable only after the conversation was locked by an earlier statement."""
    rows = await tx.rows(_LEASE, conversation_id)
    return Lease(*rows[0]) if rows else None


async def seq_and_lease(tx: Transaction, conversation_id: str, key: str) -> tuple[int | None, Lease | None]:
    """The number of the event that an earlier request with this key made, and the lease of the turn that runs."""
    ((seq, *lease),) = await tx.rows(_KEY_AND_LEASE, conversation_id, key, conversation_id)
    return seq, Lease(*lease) if lease[0] is not None else None


async def add_conversation(tx: Transaction, birth: Birth) -> None:
    """Store a new conversation with an empty log."""
    await tx.execute(_INSERT, [*birth_values(birth), *state_values(born(birth))])


async def save_conversation(tx: Transaction, draft: Draft) -> None:
    """Store what is new in a draft in one round trip: events, the row, the lease. `Store.on_save` sees it first."""
    tx.on_save(draft)
    id_ = draft.state.id
    statements: list[str] = []
    values: list[Any] = []
    if draft.events:
        statements.append(_UPDATE)
        values += [*state_values(draft.state), id_]
    if draft.lease is not None:
        lease = draft.lease
        statements.append(_TAKE_LEASE)
        values += [id_, lease.turn_id, lease.first_seq, lease.last_seq, lease.desk, lease.expires_at, lease.attempts]
    elif draft.ends_turn:
        statements.append(_END_LEASE)
        values.append(id_)
    if draft.events:
        rows = ", ".join([_EVENT_ROW] * len(draft.events))
        statements.append(f"INSERT INTO events ({EVENT_COLUMNS}) VALUES {rows}")
        values += [value for event in draft.events for value in _event_values(event)]
    if statements:
        *others, last = statements
        parts = ", ".join(f"part_{n} AS ({statement})" for n, statement in enumerate(others))
        await tx.execute(f"WITH {parts} {last}" if parts else last, values)
    draft.events, draft.lease, draft.ends_turn = [], None, False


async def rewrite_row(tx: Transaction, state: Conversation) -> None:
    """Store the state of a locked conversation without new events."""
    await tx.execute(_UPDATE, [*state_values(state), state.id])


async def rows_after(tx: Transaction, conversation_id: str, limit: int) -> list[Row]:
    """Rows of `ALL_COLUMNS` in the order of their ids, after an id."""
    query = f"SELECT {ALL_COLUMNS} FROM conversations WHERE id > %s ORDER BY id LIMIT %s"
    return await tx.rows(query, conversation_id, limit)


async def lock_row(tx: Transaction, conversation_id: str) -> Row:
    """One row of `ALL_COLUMNS`, locked."""
    (row,) = await tx.rows(f"SELECT {ALL_COLUMNS} FROM conversations WHERE id = %s FOR UPDATE", conversation_id)
    return row


async def logs_after(tx: Transaction, first: str, last: str, after: tuple[str, int], limit: int) -> list[Event]:
    """Events of the conversations from one id to another, after a conversation and number, in this order."""
    query = f"""
        SELECT {EVENT_COLUMNS} FROM events
        WHERE conversation_id BETWEEN %s AND %s AND (conversation_id, seq) > (%s, %s)
        ORDER BY conversation_id, seq LIMIT %s"""
    return [event_of(row) for row in await tx.rows(query, first, last, *after, limit)]


async def event_by_key(tx: Transaction, conversation_id: str, key: str) -> Event | None:
    """The event that an earlier request with this key made."""
    rows = await tx.rows(f"{EVENTS} AND key = %s", conversation_id, key)
    return event_of(rows[0]) if rows else None


async def events_after(tx: Transaction, conversation_id: str, seq: int, *, limit: int | None = None) -> list[Event]:
    """Events with a larger sequence number, in order."""
    rows = await tx.rows(f"{EVENTS} AND seq > %s ORDER BY seq LIMIT %s", conversation_id, seq, limit)
    return [event_of(row) for row in rows]


async def customer_messages_after(tx: Transaction, conversation_id: str, seq: int, limit: int) -> list[Event]:
    """The customer's messages with a larger sequence number, in order; without those that this desk cannot read."""
    query = f"{EVENTS} AND seq > %s AND type = 'message' AND by_kind = 'customer' ORDER BY seq LIMIT %s"
    found = [event_of(row) for row in await tx.rows(query, conversation_id, seq, limit)]
    return [event for event in found if isinstance(event.body, Message)]


async def customer_entries_after(tx: Transaction, conversation_id: str, seq: int, limit: int) -> list[Event]:
    """The customer's messages and pictures with a larger sequence number, in order."""
    query = f"{EVENTS} AND seq > %s AND type IN ('message', 'attached') AND by_kind = 'customer' ORDER BY seq LIMIT %s"
    return [event_of(row) for row in await tx.rows(query, conversation_id, seq, limit)]


async def colleagues_messages_after(tx: Transaction, conversation_id: str, seq: int, login: str, limit: int) -> list[Event]:
    """The messages of agents other than this one with a larger sequence number, in order."""
    query = f"""{EVENTS} AND seq > %s AND type = 'message' AND by_kind = 'agent'
        AND NOT starts_with(coalesce(key, ''), %s) ORDER BY seq LIMIT %s"""
    return [event_of(row) for row in await tx.rows(query, conversation_id, seq, f"agent:{login}:", limit)]


async def door_label(tx: Transaction, conversation_id: str, choice: str) -> str | None:
    """The words on the button that was offered last with this choice and stays open, however long ago; None if there is none.

    These are the bot's doors, and the desk's buttons of first aid.
    """
    query = """
        SELECT button ->> 'label' FROM events, jsonb_array_elements(data -> 'buttons') AS button
        WHERE conversation_id = %s AND type = 'message' AND data ? 'buttons' AND button ->> 'choice' = %s
            AND (by_kind = 'bot' AND button ->> 'kind' = 'door' OR by_kind = 'system' AND data ->> 'kind' = 'first_aid')
        ORDER BY seq DESC LIMIT 1"""
    return cast("str | None", await tx.value(query, conversation_id, choice))


async def changed_conversations(tx: Transaction, since: dt.datetime) -> list[tuple[str, int]]:
    """Conversations to which something happened after a time: their ids and last sequence numbers."""
    # The statuses are named because the index begins with them.
    query = "SELECT id, last_seq FROM conversations WHERE status = ANY(%s) AND updated_at > %s"
    return [(row[0], row[1]) for row in await tx.rows(query, [status.value for status in Status], since)]
