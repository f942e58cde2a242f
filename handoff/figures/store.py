"""The SQL of figures: the log in the order of conversations, without what no figure needs."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Iterable, Sequence

from handoff.conversations.events import Event
from handoff.conversations.store import event_of
from handoff.figures.episodes import RECONTACT
from handoff.runtime.transaction import Transaction

#: Conversations of one batch, and entries of their logs that are in memory at once.
CONVERSATIONS_AT_ONCE, EVENTS_AT_ONCE = 200, 1000

#: Types without which every story is the same.
_UNUSED = ("note", "language_changed", "feedback_recorded", "linked", "unlinked")
#: No figure reads what was said. The board reads the customers' words, to see who asks for a supervisor.
_DATA = """
    CASE type
        WHEN 'message' THEN jsonb_build_object('text', {text})
        WHEN 'triage' THEN jsonb_build_object('turn_id', '', 'message_seq', 0, 'silent', data -> 'silent',
            'decision', jsonb_build_object('route', data #> '{{decision,route}}', 'intent', data #> '{{decision,intent}}',
                'policy', data #> '{{decision,policy}}'))
        ELSE data END"""
_EVENTS = """
    SELECT conversation_id, seq, type, version, at, by_kind, by_name, {data}, NULL FROM events
    WHERE conversation_id = ANY(%(ids)s) AND (conversation_id, seq) > (%(id)s, %(seq)s) AND at < %(before)s
        AND type <> ALL(%(unused)s) AND (type <> 'message' OR by_kind IN ('customer', 'agent'))
    ORDER BY conversation_id, seq LIMIT %(limit)s"""
_FOR_FIGURES = _EVENTS.format(data=_DATA.format(text="''"))
_FOR_BOARD = _EVENTS.format(data=_DATA.format(text="CASE by_kind WHEN 'customer' THEN data -> 'text' ELSE '\"\"' END"))
#: A conversation without an event in the window counts only if it still waits, or is still with an agent.
_CONVERSATIONS = """
    SELECT id FROM conversations
    WHERE id > %s AND created_at < %s AND (updated_at >= %s OR status IN ('queued', 'assigned'))
    ORDER BY id LIMIT %s"""


async def one_snapshot(tx: Transaction) -> None:
    """Make a new transaction read one moment of the database, and nothing but read."""
    await tx.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY", ())


async def conversations_between(tx: Transaction, start: dt.datetime, end: dt.datetime, after: str = "") -> list[str]:
    """Ids, in order, of conversations that may have something to count in a window; after an id, one batch."""
    return [row[0] for row in await tx.rows(_CONVERSATIONS, after, end, start, CONVERSATIONS_AT_ONCE)]


async def logs_of(
    tx: Transaction, ids: Sequence[str], before: dt.datetime, *, with_words: bool = False
) -> AsyncIterator[list[Event]]:
    """The logs of some conversations before a moment, conversation by conversation, in batches of `EVENTS_AT_ONCE`."""
    place: tuple[str, int] = ("", 0)
    while True:
        values = {
            "ids": list(ids),
            "id": place[0],
            "seq": place[1],
            "before": before,
            "unused": list(_UNUSED),
            "limit": EVENTS_AT_ONCE,
        }
        rows = await (await tx.execute(_FOR_BOARD if with_words else _FOR_FIGURES, values)).fetchall()
        events = [event_of(row) for row in rows]
        if events:
            yield events
            place = events[-1].conversation_id, events[-1].seq
        if len(events) < EVENTS_AT_ONCE:
            return


def horizon(end: dt.datetime) -> dt.datetime:
    """Up to when the log is read for a window: customers come back after its end."""
    return end + RECONTACT + dt.timedelta(seconds=1)


def split(events: Iterable[Event]) -> dict[str, list[Event]]:
    """Events by conversation, in their order."""
    logs: dict[str, list[Event]] = {}
    for event in events:
        logs.setdefault(event.conversation_id, []).append(event)
    return logs
