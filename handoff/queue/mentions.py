"""Notes that name an agent: the agent sees them in the console until they have opened the conversation."""

from __future__ import annotations

import datetime as dt
from typing import Any

from handoff.runtime.transaction import Transaction

#: Older mentions are no longer shown.
_SHOWN_FOR = dt.timedelta(hours=24)
_AT_ONCE = 50


async def add_mentions(
    tx: Transaction, conversation_id: str, seq: int, by: str, logins: tuple[str, ...], now: dt.datetime
) -> None:
    """Store who is named in a note."""
    query = """
        INSERT INTO mentions (login, conversation_id, seq, by_name, at) VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING"""
    for login in logins:
        await tx.execute(query, (login, conversation_id, seq, by, now))


async def open_mentions(tx: Transaction, login: str, now: dt.datetime) -> list[dict[str, Any]]:
    """What an agent has not opened yet, the newest first."""
    query = """
        SELECT conversation_id, seq, by_name, at FROM mentions WHERE login = %s AND at > %s ORDER BY at DESC LIMIT %s"""
    rows = await tx.rows(query, login, now - _SHOWN_FOR, _AT_ONCE)
    return [{"conversation_id": it, "seq": seq, "by": by, "at": at.isoformat()} for it, seq, by, at in rows]


async def saw_mentions(tx: Transaction, login: str, conversation_id: str) -> None:
    """The agent has opened the conversation."""
    await tx.execute("DELETE FROM mentions WHERE login = %s AND conversation_id = %s", (login, conversation_id))


async def delete_old_mentions(tx: Transaction, now: dt.datetime, limit: int) -> None:
    """Delete mentions that are no longer shown, at most this many."""
    query = """
        DELETE FROM mentions WHERE (login, conversation_id, seq) IN (
            SELECT login, conversation_id, seq FROM mentions WHERE at <= %s LIMIT %s FOR UPDATE SKIP LOCKED)"""
    await tx.execute(query, (now - _SHOWN_FOR, limit))
