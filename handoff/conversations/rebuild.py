"""Folds every log anew and compares the result with the rows, which are caches of it (`python -m handoff rebuild`)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

from handoff.conversations.events import Event, StateImported, Unknown
from handoff.conversations.evolve import evolve
from handoff.conversations.rows import birth_of, differences
from handoff.conversations.state import born
from handoff.conversations.store import lock_row, logs_after, rewrite_row, rows_after
from handoff.runtime.transaction import Row, Store, Transaction
from handoff.runtime.wakeups import QUEUE

#: Conversations that one transaction compares, and entries of their logs that are in memory at once.
_CONVERSATIONS_AT_ONCE, _EVENTS_AT_ONCE = 200, 2000
#: Not a column: the numbers of the log are not 1, 2, 3 and so on, so entries are missing.
LOG_HAS_GAPS = "log_has_gaps"
#: Not a column: the row differs, and the log holds an entry that this version cannot read, so the row may be right.
LOG_IS_NOT_READ = "log_is_not_read"
_LEFT_ALONE = frozenset({LOG_HAS_GAPS, LOG_IS_NOT_READ})


@dataclass(frozen=True)
class Difference:
    """A conversation whose row is not the fold of its log, and the columns that differ."""

    conversation_id: str
    columns: tuple[str, ...]


class _Fold:
    """One log, folded entry by entry."""

    def __init__(self, row: Row) -> None:
        self.row, self.state, self.count = row, born(birth_of(row)), 0
        self._is_read = True

    def add(self, event: Event) -> None:
        self.state, self.count = evolve(self.state, event), self.count + 1
        if isinstance(event.body, Unknown):
            self._is_read = False
        elif isinstance(event.body, StateImported):  # the whole state: what stands before it no longer matters
            self._is_read = True

    @property
    def differing(self) -> tuple[str, ...]:
        gaps = (LOG_HAS_GAPS,) if self.count != self.state.last_seq else ()
        found = differences(self.row, self.state)
        unread = (LOG_IS_NOT_READ,) if found and not self._is_read else ()
        return (*found, *gaps, *unread)


async def find_differences(store: Store) -> AsyncIterator[Difference]:
    """Compare all rows with their logs, in batches; each batch is one snapshot, and no row is locked."""
    after = ""
    while True:
        async with store.begin() as tx:
            await tx.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY", ())
            rows = await rows_after(tx, after, _CONVERSATIONS_AT_ONCE)
            folds = await _fold(tx, rows)
        for fold in folds:
            if fold.differing:
                yield Difference(fold.state.id, fold.differing)
        if len(rows) < _CONVERSATIONS_AT_ONCE:
            return
        after = birth_of(rows[-1]).id


async def rewrite(store: Store, conversation_id: str) -> tuple[str, ...]:
    """Make the row of one conversation from its log; the columns that were changed.

    The row is locked meanwhile, so desks may run. The row of a log with gaps, or with an entry that this version cannot read,
    is left as it is: a state made of such a log would be wrong.
    """
    async with store.begin() as tx:
        (fold,) = await _fold(tx, [await lock_row(tx, conversation_id)])
        if not fold.differing or _LEFT_ALONE.intersection(fold.differing):
            return ()
        await rewrite_row(tx, fold.state)
        tx.wake(conversation_id, QUEUE)
        return fold.differing


async def _fold(tx: Transaction, rows: list[Row]) -> list[_Fold]:
    folds = {birth_of(row).id: _Fold(row) for row in rows}
    if not folds:
        return []
    first, last = birth_of(rows[0]).id, birth_of(rows[-1]).id
    place = ("", 0)
    while True:
        events = await logs_after(tx, first, last, place, _EVENTS_AT_ONCE)
        for event in events:
            folds[event.conversation_id].add(event)
        if len(events) < _EVENTS_AT_ONCE:
            return list(folds.values())
        place = events[-1].conversation_id, events[-1].seq
