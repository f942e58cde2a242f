"""The SQL of figures: the log in the order of conversations, without what no figure needs."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

import structlog

from handoff.conversations.events import Event
from handoff.conversations.rows import COLUMNS, UnreadableRow, conversation_of
from handoff.conversations.state import Conversation
from handoff.conversations.store import event_of
from handoff.conversations.values import Status
from handoff.figures.episodes import RECONTACT
from handoff.runtime.transaction import Transaction

#: Conversations of one batch, and entries of their logs that are in memory at once.
CONVERSATIONS_AT_ONCE, EVENTS_AT_ONCE = 50, 1000

#: Types without which every story is the same.
_UNUSED = ("note", "language_changed", "feedback_recorded", "linked", "unlinked")
#: No figure reads what was said. The board reads the customers' words, to see who asks for a supervisor.
_DATA = """
    CASE type
        WHEN 'message' THEN jsonb_build_object('text', {text})
        WHEN 'triage' THEN jsonb_build_object('turn_id', '', 'message_seq', 0, 'silent', data -> 'silent',
            'decision', jsonb_build_object('route', data #> '{{decision,route}}', 'intent', data #> '{{decision,intent}}',
                'versions', jsonb_build_object('content', data #> '{{decision,versions,content}}')))
        ELSE data END"""
_EVENTS = """
    SELECT conversation_id, seq, type, version, at, by_kind, by_name, {data}, NULL
    FROM unnest(%(ids)s::text[], %(read)s::bigint[]) AS known (id, read) JOIN events ON conversation_id = id AND seq > read
    WHERE at < %(before)s AND type <> ALL(%(unused)s) AND (type <> 'message' OR by_kind IN ('customer', 'agent'))
    ORDER BY conversation_id, seq LIMIT %(limit)s"""
_FOR_FIGURES = _EVENTS.format(data=_DATA.format(text="''"))
_FOR_BOARD = _EVENTS.format(data=_DATA.format(text="CASE by_kind WHEN 'customer' THEN data -> 'text' ELSE '\"\"' END"))
#: A conversation without an event in the window counts only if it still waits, or is still with an agent.
_CONVERSATIONS = """
    SELECT id FROM conversations
    WHERE id > %s AND created_at < %s AND (updated_at >= %s OR status IN ('queued', 'assigned'))
    ORDER BY id LIMIT %s"""

_OPEN_CASES = f"""
    SELECT {COLUMNS} FROM conversations WHERE status IN ('queued', 'assigned') AND id > %s ORDER BY id LIMIT %s"""
_TOUCHED = """
    SELECT id, last_seq, created_at, updated_at FROM conversations
    WHERE (status = ANY(%s) AND updated_at >= %s AND last_seq > 0) OR status IN ('queued', 'assigned')"""

logger = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Touched:
    """A conversation in which something happened lately."""

    conversation_id: str
    last_seq: int
    created_at: dt.datetime
    updated_at: dt.datetime


async def one_snapshot(tx: Transaction) -> None:
    """Make a new transaction read one moment of the database, and nothing but read."""
    await tx.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY", ())


async def conversations_between(tx: Transaction, start: dt.datetime, end: dt.datetime, after: str = "") -> list[str]:
    """Ids, in order, of conversations that may have something to count in a window; after an id, one batch."""
    return [row[0] for row in await tx.rows(_CONVERSATIONS, after, end, start, CONVERSATIONS_AT_ONCE)]


async def touched_since(tx: Transaction, since: dt.datetime) -> list[Touched]:
    """Conversations in which something happened after a time, and all that wait or are with an agent."""
    # The statuses are named because the index begins with them.
    statuses = [status.value for status in Status]
    return [Touched(*row) for row in await tx.rows(_TOUCHED, statuses, since)]


async def open_cases(tx: Transaction) -> list[Conversation]:
    """All conversations that wait or are with an agent. A damaged row must not hide the others."""
    found: list[Conversation] = []
    after = ""
    while rows := await tx.rows(_OPEN_CASES, after, CONVERSATIONS_AT_ONCE):
        after = rows[-1][0]
        for row in rows:
            try:
                found.append(conversation_of(row))
            except UnreadableRow as error:
                logger.error("queue.row_not_read", conversation_id=error.conversation_id)
    return found


async def logs_of(
    tx: Transaction, known: Mapping[str, int], before: dt.datetime, *, with_words: bool = False
) -> AsyncIterator[list[Event]]:
    """The logs of some conversations before a moment, conversation by conversation, in batches of `EVENTS_AT_ONCE`.

    `known`: up to which number each log has been read already.
    """
    query = _FOR_BOARD if with_words else _FOR_FIGURES
    entries = list(known.items())
    for start in range(0, len(entries), CONVERSATIONS_AT_ONCE):
        left = dict(entries[start : start + CONVERSATIONS_AT_ONCE])
        while left:
            values = {
                "ids": list(left),
                "read": list(left.values()),
                "before": before,
                "unused": list(_UNUSED),
                "limit": EVENTS_AT_ONCE,
            }
            rows = await (await tx.execute(query, values)).fetchall()
            events = [event_of(row) for row in rows]
            if events:
                yield events
            if len(events) < EVENTS_AT_ONCE:
                break
            # All but the last log are read to their ends. Which come after it is the database's order, not Python's.
            for event in events:
                left.pop(event.conversation_id, None)
            left[events[-1].conversation_id] = events[-1].seq


def horizon(end: dt.datetime) -> dt.datetime:
    """Up to when the log is read for a window: customers come back after its end."""
    return end + RECONTACT + dt.timedelta(seconds=1)
