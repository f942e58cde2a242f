"""The SQL of conversations and their logs."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from typing import Any, cast

from psycopg.types.json import Jsonb

from contract.priorities import queue_rank
from handoff.conversations.conversation import Conversation, Status
from handoff.conversations.events import Event, EventType, Participant
from handoff.runtime.transaction import Row, Transaction

_FIELDS = tuple(f.name for f in dataclasses.fields(Conversation) if f.name != "new_events")
COLUMNS = ", ".join(_FIELDS)
_STATUS = _FIELDS.index("status")
_JSON_FIELDS = [_FIELDS.index(name) for name in ("offered", "earlier", "cancelled")]
_EVENT_COLUMNS = "conversation_id, seq, type, at, by_kind, by_name, data, key"

_CONVERSATION = f"SELECT {COLUMNS} FROM conversations WHERE id = %s"
_INSERT = f"INSERT INTO conversations ({COLUMNS}, priority_rank) VALUES ({', '.join(['%s'] * (len(_FIELDS) + 1))})"
_UPDATE = f"UPDATE conversations SET {', '.join(f'{name} = %s' for name in (*_FIELDS, 'priority_rank'))} WHERE id = %s"
_EVENT_ROW = "(%s, %s, %s, %s, %s, %s, %s, %s)"
EVENTS = f"SELECT {_EVENT_COLUMNS} FROM events WHERE conversation_id = %s"


def conversation_of(row: Row) -> Conversation:
    values = list(row)
    values[_STATUS] = Status(values[_STATUS])
    return Conversation(*values)


def _values(conversation: Conversation) -> list[Any]:
    values = [getattr(conversation, name) for name in _FIELDS]
    values[_STATUS] = conversation.status.value
    for field in _JSON_FIELDS:
        values[field] = None if values[field] is None else Jsonb(values[field])
    rank = queue_rank(conversation.priority, conversation.lane) if conversation.priority else None
    return [*values, rank]


def event_of(row: Row) -> Event:
    conversation_id, seq, type_, at, by_kind, by_name, data, key = row
    return Event(conversation_id, seq, EventType(type_), at, Participant(by_kind, by_name), data, key)


def _event_values(event: Event) -> tuple[Any, ...]:
    by = event.by
    return event.conversation_id, event.seq, event.type.value, event.at, by.kind, by.name, Jsonb(event.data), event.key


async def find_conversation(tx: Transaction, conversation_id: str, *, lock: bool = False) -> Conversation | None:
    """The conversation, locked against other transactions if asked for."""
    if "\x00" in conversation_id:  # an address can carry it, PostgreSQL's text cannot
        return None
    rows = await tx.rows(_CONVERSATION + (" FOR UPDATE" if lock else ""), conversation_id)
    return conversation_of(rows[0]) if rows else None


async def add_conversation(tx: Transaction, conversation: Conversation) -> None:
    """Store a new conversation with its new events."""
    await _with_events(tx, _INSERT, _values(conversation), conversation)


async def save_conversation(tx: Transaction, conversation: Conversation) -> None:
    """Store a locked conversation's row and its new events."""
    await _with_events(tx, _UPDATE, [*_values(conversation), conversation.id], conversation)


async def _with_events(tx: Transaction, write: str, values: Sequence[Any], conversation: Conversation) -> None:
    """Row and new events in one statement: one round trip."""
    events = conversation.new_events
    if events:
        rows = ", ".join([_EVENT_ROW] * len(events))
        write = f"WITH written AS ({write}) INSERT INTO events ({_EVENT_COLUMNS}) VALUES {rows}"
        values = [*values, *(value for event in events for value in _event_values(event))]
    await tx.execute(write, values)
    conversation.new_events = []


async def event_by_key(tx: Transaction, conversation_id: str, key: str) -> Event | None:
    """The event that an earlier request with this key made."""
    rows = await tx.rows(f"{EVENTS} AND key = %s", conversation_id, key)
    return event_of(rows[0]) if rows else None


async def events_after(tx: Transaction, conversation_id: str, seq: int, *, limit: int | None = None) -> list[Event]:
    """Events with a larger sequence number, in order."""
    rows = await tx.rows(f"{EVENTS} AND seq > %s ORDER BY seq LIMIT %s", conversation_id, seq, limit)
    return [event_of(row) for row in rows]


async def customer_messages_after(tx: Transaction, conversation_id: str, seq: int, limit: int) -> list[Event]:
    """The customer's messages with a larger sequence number, in order."""
    query = f"{EVENTS} AND seq > %s AND type = 'message' AND by_kind = 'customer' ORDER BY seq LIMIT %s"
    return [event_of(row) for row in await tx.rows(query, conversation_id, seq, limit)]


async def door_label(tx: Transaction, conversation_id: str, choice: str) -> str | None:
    """The words on the door that the bot offered last with this choice, however long ago; None if it never did."""
    query = """
        SELECT button ->> 'label' FROM events, jsonb_array_elements(data -> 'buttons') AS button
        WHERE conversation_id = %s AND type = 'message' AND by_kind = 'bot' AND data ? 'buttons'
            AND button ->> 'kind' = 'door' AND button ->> 'choice' = %s
        ORDER BY seq DESC LIMIT 1"""
    return cast("str | None", await tx.value(query, conversation_id, choice))


async def changed_conversations(tx: Transaction, since: dt.datetime) -> list[tuple[str, int]]:
    """Conversations to which something happened after a time: their ids and last sequence numbers."""
    # The statuses are named because the index begins with them.
    query = "SELECT id, last_seq FROM conversations WHERE status = ANY(%s) AND updated_at > %s"
    return [(row[0], row[1]) for row in await tx.rows(query, [status.value for status in Status], since)]
