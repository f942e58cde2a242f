"""Who looks at a conversation, and who types in it. This is about people at their screens, so it is in no log."""

from __future__ import annotations

import datetime as dt
from typing import Any

from handoff.runtime.transaction import Transaction

#: A console reports every 10 seconds; an agent who was not heard of for this long no longer looks.
SEEN_WITHIN = dt.timedelta(seconds=20)
_KEPT_FOR = dt.timedelta(hours=1)


async def note_looker(tx: Transaction, conversation_id: str, login: str, is_typing: bool, now: dt.datetime) -> bool:
    """Store that an agent looks at a conversation. Whether colleagues see something new."""
    query = "SELECT is_typing, at FROM lookers WHERE conversation_id = %s AND login = %s FOR UPDATE"
    rows = await tx.rows(query, conversation_id, login)
    await tx.execute(
        """
        INSERT INTO lookers (conversation_id, login, is_typing, at) VALUES (%s, %s, %s, %s)
        ON CONFLICT (conversation_id, login) DO UPDATE SET is_typing = excluded.is_typing, at = excluded.at""",
        (conversation_id, login, is_typing, now),
    )
    return not rows or rows[0][0] != is_typing or now - rows[0][1] > SEEN_WITHIN


async def lookers_at(tx: Transaction, conversation_id: str, but: str, now: dt.datetime) -> list[dict[str, Any]]:
    """The other agents who look at a conversation now: login, name, whether they type."""
    query = """
        SELECT login, name, is_typing FROM lookers JOIN agents USING (login)
        WHERE conversation_id = %s AND login <> %s AND at > %s ORDER BY login"""
    rows = await tx.rows(query, conversation_id, but, now - SEEN_WITHIN)
    return [{"login": login, "name": name, "is_typing": is_typing} for login, name, is_typing in rows]


async def types_at(tx: Transaction, conversation_id: str, login: str, now: dt.datetime) -> bool:
    """Whether an agent types in a conversation now."""
    query = "SELECT is_typing FROM lookers WHERE conversation_id = %s AND login = %s AND at > %s"
    rows = await tx.rows(query, conversation_id, login, now - SEEN_WITHIN)
    return bool(rows and rows[0][0])


async def delete_old_lookers(tx: Transaction, now: dt.datetime) -> None:
    """Delete what nobody is shown any more."""
    await tx.execute("DELETE FROM lookers WHERE at <= %s", (now - _KEPT_FOR,))
