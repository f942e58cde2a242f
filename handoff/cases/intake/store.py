"""SQL of the intake."""

from __future__ import annotations

import datetime as dt

from handoff.conversations.values import Status
from handoff.runtime.transaction import Transaction


async def due_closings(tx: Transaction, now: dt.datetime, limit: int) -> list[str]:
    """Waiting conversations whose closing words are due although a question is still open, the longest overdue first."""
    query = """
        SELECT id FROM conversations
        WHERE status = %s AND (care -> 'intake' ->> 'closing_due_at')::timestamptz <= %s
        ORDER BY (care -> 'intake' ->> 'closing_due_at')::timestamptz LIMIT %s"""
    return [row[0] for row in await tx.rows(query, Status.QUEUED.value, now, limit)]
