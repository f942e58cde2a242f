"""The SQL of customers' histories and of codes to return by."""

from __future__ import annotations

import datetime as dt
from typing import cast

from handoff.conversations.rows import COLUMNS_OF_C, conversation_of
from handoff.conversations.state import Conversation
from handoff.runtime.transaction import Transaction

_OF_CUSTOMER = f"""
    SELECT {COLUMNS_OF_C}, (
        SELECT count(*) FROM events e
        WHERE e.conversation_id = c.id AND e.type = 'message' AND e.by_kind <> 'customer' AND e.seq > coalesce(s.read_seq, 0))
    FROM conversations c LEFT JOIN customer_signs s ON s.conversation_id = c.id
    WHERE c.customer = %s ORDER BY c.created_at DESC LIMIT %s"""
_OLD_CODES_AT_ONCE = 100


async def conversations_of_customer(tx: Transaction, subject: str, limit: int) -> list[tuple[Conversation, int]]:
    """The newest conversations of a customer, each with how many messages to them they have not read."""
    rows = await tx.rows(_OF_CUSTOMER, subject, limit)
    return [(conversation_of(row[:-1]), row[-1]) for row in rows]


async def save_return_code(
    tx: Transaction, conversation_id: str, code_hash: str, now: dt.datetime, expires_at: dt.datetime
) -> None:
    """Store the code of a conversation in place of its earlier one. A few expired codes of all conversations go away."""
    await tx.execute(
        """
        DELETE FROM return_codes WHERE conversation_id IN (
            SELECT conversation_id FROM return_codes WHERE expires_at <= %s LIMIT %s FOR UPDATE SKIP LOCKED)""",
        (now, _OLD_CODES_AT_ONCE),
    )
    await tx.execute(
        """
        INSERT INTO return_codes (conversation_id, code_hash, expires_at) VALUES (%s, %s, %s)
        ON CONFLICT (conversation_id) DO UPDATE SET code_hash = excluded.code_hash, expires_at = excluded.expires_at""",
        (conversation_id, code_hash, expires_at),
    )


async def conversation_of_code(tx: Transaction, code_hash: str, now: dt.datetime) -> str | None:
    """The id of the conversation to which a code leads. The code stays locked: it cannot be ended meanwhile."""
    query = "SELECT conversation_id FROM return_codes WHERE code_hash = %s AND expires_at > %s FOR UPDATE"
    return cast("str | None", await tx.value(query, code_hash, now))
