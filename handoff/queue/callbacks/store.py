"""The SQL of call-backs. A row holds the customer's number until the call-back has ended."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from handoff.runtime.transaction import Transaction

_COLUMNS = "conversation_id, callback_id, phone, slot_from, slot_to, is_confirmed, code_hash, tries, code_until"


@dataclass(frozen=True)
class StoredCallback:
    """A call-back. Until it is confirmed, `code_hash` counts until `code_until`, for a few `tries`."""

    conversation_id: str
    callback_id: str
    phone: str
    slot_from: dt.datetime
    slot_to: dt.datetime
    is_confirmed: bool = False
    code_hash: str | None = None
    tries: int = 0
    code_until: dt.datetime | None = None


async def callback_of(tx: Transaction, conversation_id: str) -> StoredCallback | None:
    """The call-back of a locked conversation."""
    rows = await tx.rows(f"SELECT {_COLUMNS} FROM callbacks WHERE conversation_id = %s FOR UPDATE", conversation_id)
    return StoredCallback(*rows[0]) if rows else None


async def find_callback(tx: Transaction, callback_id: str) -> StoredCallback | None:
    """A confirmed call-back by its id."""
    rows = await tx.rows(f"SELECT {_COLUMNS} FROM callbacks WHERE callback_id = %s AND is_confirmed", callback_id)
    return StoredCallback(*rows[0]) if rows else None


async def callbacks_owed(tx: Transaction, limit: int) -> list[StoredCallback]:
    """The confirmed call-backs, the earliest slot first."""
    query = f"SELECT {_COLUMNS} FROM callbacks WHERE is_confirmed ORDER BY slot_from, callback_id LIMIT %s"
    return [StoredCallback(*row) for row in await tx.rows(query, limit)]


async def forget_unconfirmed(tx: Transaction, now: dt.datetime, limit: int) -> None:
    """Delete numbers whose code nobody confirmed in time, at most this many. Locked rows are skipped."""
    await tx.execute(
        """
        DELETE FROM callbacks WHERE conversation_id IN (
            SELECT conversation_id FROM callbacks WHERE NOT is_confirmed AND code_until <= %s
            LIMIT %s FOR UPDATE SKIP LOCKED)""",
        (now, limit),
    )


async def save_callback(tx: Transaction, stored: StoredCallback) -> None:
    """Store a call-back in place of the conversation's earlier one."""
    names = _COLUMNS.split(", ")
    changes = ", ".join(f"{name} = excluded.{name}" for name in names[1:])
    await tx.execute(
        f"INSERT INTO callbacks ({_COLUMNS}) VALUES ({', '.join(['%s'] * len(names))}) "
        f"ON CONFLICT (conversation_id) DO UPDATE SET {changes}",
        [getattr(stored, name) for name in names],
    )


async def delete_callback(tx: Transaction, conversation_id: str) -> None:
    """Forget a call-back and its number."""
    await tx.execute("DELETE FROM callbacks WHERE conversation_id = %s", (conversation_id,))
