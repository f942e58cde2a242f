"""The SQL of turns: which conversation is due, and what the bot decided before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from handoff.conversations.draft import Draft, Lease
from handoff.conversations.events import Event
from handoff.conversations.rows import COLUMNS_OF_C, conversation_of
from handoff.conversations.store import EVENTS, event_of, find_lease
from handoff.runtime.database import DESK_LOCKS
from handoff.runtime.transaction import Transaction

#: A turn can be taken when no desk runs it, its lease has expired, or the desk that ran it no longer holds its lock (it died).
_DUE = f"""
    SELECT {COLUMNS_OF_C}, t.turn_id, t.expires_at
    FROM conversations c LEFT JOIN turns t ON t.conversation_id = c.id
    WHERE c.due_at IS NOT NULL AND c.id <> ALL(%s) AND (
        t.turn_id IS NULL OR t.expires_at < %s OR %s AND t.desk NOT IN (
            SELECT objid::bigint FROM pg_locks
            WHERE locktype = 'advisory' AND classid::bigint = {DESK_LOCKS:d} AND objsubid = 2 AND granted
              AND database = (SELECT oid FROM pg_database WHERE datname = current_database())))
    ORDER BY c.due_at LIMIT 1 FOR UPDATE OF c SKIP LOCKED"""


async def triage_after(tx: Transaction, conversation_id: str, seq: int) -> list[Event]:
    """Triage events with a larger sequence number, in order."""
    rows = await tx.rows(f"{EVENTS} AND seq > %s AND type = 'triage' ORDER BY seq", conversation_id, seq)
    return [event_of(row) for row in rows]


async def lock_due_turn(
    tx: Transaction, now: dt.datetime, *, of_dead_desks: bool, but: Collection[str] = ()
) -> tuple[Draft, Lease | None] | None:
    """The conversation that has waited longest for a turn nobody runs, locked; locked ones are passed over.

    The lease is that of a turn that was begun and not ended. `of_dead_desks`: turns of desks that no longer live are run by
    nobody, even before their lease is over. `but`: ids of conversations that are passed over.
    """
    passed_over = list(but)
    while rows := await tx.rows(_DUE, passed_over, now, of_dead_desks):
        *row, turn_id, expires_at = rows[0]
        state = conversation_of(tuple(row))
        # The search saw leases as they were before the lock was held; another desk may have begun the turn meanwhile.
        lease = await find_lease(tx, state.id)
        if lease is None or (lease.turn_id, lease.expires_at) == (turn_id, expires_at):
            return Draft(state), lease
        passed_over.append(state.id)
    return None
