"""The SQL of the suggestions."""

from __future__ import annotations

from handoff.conversations.events import Event
from handoff.conversations.store import EVENTS, event_of
from handoff.runtime.transaction import Transaction


async def recent_events(tx: Transaction, conversation_id: str, limit: int) -> list[Event]:
    """The last messages, decisions and reopenings of a log, in its order."""
    query = f"{EVENTS} AND type IN ('message', 'triage', 'reopened') ORDER BY seq DESC LIMIT %s"
    return [event_of(row) for row in reversed(await tx.rows(query, conversation_id, limit))]
