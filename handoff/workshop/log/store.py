"""The SQL of the log as the workshop reads it: turns in the order of time, and whole conversations in batches."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import structlog

from handoff.conversations.events import Event
from handoff.conversations.rows import BIRTH_COLUMNS, COLUMNS, UnreadableRow, conversation_of
from handoff.conversations.state import Conversation
from handoff.conversations.store import EVENT_COLUMNS, event_of
from handoff.conversations.values import Birth
from handoff.runtime.transaction import Transaction

logger = structlog.get_logger(__name__)

_LAST = """
    SELECT conversation_id, seq FROM events WHERE type = 'triage' ORDER BY at DESC, conversation_id DESC, seq DESC LIMIT %s"""
_STATES = f"SELECT {COLUMNS} FROM conversations WHERE id = ANY(%s)"
_KEYS = """
    SELECT conversation_id, key FROM unnest(%s::text[], %s::text[]) AS wanted (id, wanted_key)
    JOIN events ON conversation_id = id AND key = wanted_key"""
_IDS = "SELECT id FROM conversations WHERE id > %s ORDER BY id LIMIT %s"
_BIRTHS = f"SELECT {', '.join(BIRTH_COLUMNS)} FROM conversations WHERE id = ANY(%s)"
#: Types without which the bot's context and the story of an episode are the same.
_UNUSED = ("note", "offered", "offer_ended", "accessed", "linked", "unlinked", "feedback_recorded")
_LOGS = f"""
    SELECT {EVENT_COLUMNS} FROM events
    WHERE conversation_id = ANY(%s) AND type <> ALL(%s) AND NOT (type = 'message' AND by_kind = 'bot')
    ORDER BY conversation_id, seq"""


async def last_turns(tx: Transaction, limit: int) -> list[tuple[str, int]]:
    """Conversation and number of the newest entries with a decision, oldest first."""
    return [(row[0], row[1]) for row in reversed(await tx.rows(_LAST, limit))]


async def conversation_ids(tx: Transaction, after: str, limit: int) -> list[str]:
    """Ids of conversations after an id, in their order."""
    return [row[0] for row in await tx.rows(_IDS, after, limit)]


async def logs_for_turns(tx: Transaction, ids: Sequence[str]) -> list[tuple[Birth, list[Event]]]:
    """The logs of some conversations from their beginning, without entries that no context and no story needs."""
    births = {row[0]: Birth(*row) for row in await tx.rows(_BIRTHS, list(ids))}
    events = [event_of(row) for row in await tx.rows(_LOGS, list(ids), list(_UNUSED))]
    logs = {id_: list(log) for id_, log in groupby(events, key=lambda event: event.conversation_id)}
    return [(births[id_], logs[id_]) for id_ in ids if id_ in births and id_ in logs]


async def states_of(tx: Transaction, ids: Sequence[str]) -> dict[str, Conversation]:
    """Conversations by id. A damaged row must not hide the others."""
    found: dict[str, Conversation] = {}
    for row in await tx.rows(_STATES, list(ids)):
        try:
            found[row[0]] = conversation_of(row)
        except UnreadableRow as error:
            logger.error("queue.row_not_read", conversation_id=error.conversation_id)
    return found


async def known_keys(tx: Transaction, wanted: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
    """The pairs of conversation and key for which the log has an entry."""
    rows = await tx.rows(_KEYS, [id_ for id_, _ in wanted], [key for _, key in wanted])
    return {(row[0], row[1]) for row in rows}
