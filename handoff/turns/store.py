"""The SQL of turns: which conversation is due, and what the bot decided before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from handoff.conversations.conversation import Conversation
from handoff.conversations.events import Event
from handoff.conversations.store import COLUMNS, EVENTS, conversation_of, event_of
from handoff.runtime.database import DESK_LOCKS
from handoff.runtime.transaction import Transaction

#: A turn is free to take when nobody runs it, its lease is over, or the desk that ran it has let go of its lock: it died.
_DUE = f"""
    SELECT {COLUMNS} FROM conversations
    WHERE due_at IS NOT NULL AND id <> ALL(%s) AND (
        turn_id IS NULL OR turn_expires_at < %s OR %s AND turn_desk NOT IN (
            SELECT objid::bigint FROM pg_locks
            WHERE locktype = 'advisory' AND classid::bigint = {DESK_LOCKS:d} AND objsubid = 2 AND granted
              AND database = (SELECT oid FROM pg_database WHERE datname = current_database())))
    ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED"""


async def triage_after(tx: Transaction, conversation_id: str, seq: int) -> list[Event]:
    """Triage events with a larger sequence number, in order."""
    rows = await tx.rows(f"{EVENTS} AND seq > %s AND type = 'triage' ORDER BY seq", conversation_id, seq)
    return [event_of(row) for row in rows]


async def lock_due_turn(
    tx: Transaction, now: dt.datetime, *, of_dead_desks: bool, but: Collection[str] = ()
) -> Conversation | None:
    """The conversation that has waited longest for a turn nobody runs, locked; locked ones are passed over.

    `of_dead_desks`: turns that a desk began which no longer lives count as run by nobody, even before their lease is over.
    `but`: ids of conversations that are passed over.
    """
    rows = await tx.rows(_DUE, list(but), now, of_dead_desks)
    return conversation_of(rows[0]) if rows else None
