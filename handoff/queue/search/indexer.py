"""Fills the search index in the background, so that a customer's turn costs nothing more."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable
from itertools import groupby

import structlog

from handoff.conversations.events import Event
from handoff.queue.search.indexing import IndexedEpisode, IndexedText, index_log
from handoff.queue.search.store import (
    Behind,
    behind_between,
    entries_to_index,
    forget,
    ids_after,
    last_episodes,
    may_index,
    recently_behind,
    store_index,
)
from handoff.runtime.errors import Unavailable
from handoff.runtime.transaction import Store, Transaction

logger = structlog.get_logger(__name__)

#: Seconds between two looks for new entries, and between two parts of the walk over everything.
_LOOK_SECONDS = 2.0
_PAUSE_SECONDS = 0.02
#: After this time all conversations are compared again with the index: a commit that took longer than `_COMMIT_TIME` would
#: otherwise be missing until the next start.
_WALK_SECONDS = 3600.0
#: The time of a change is taken before its commit, by another desk's clock.
_COMMIT_TIME = dt.timedelta(seconds=60)
#: Entries and conversations of one transaction: it takes some tens of milliseconds.
_ENTRIES_AT_ONCE = 600
_CONVERSATIONS_AT_ONCE = 200
_IDS_AT_ONCE = 1000


class SearchIndexer:
    """Runs on every desk. One transaction of one desk at a time adds entries and stores how far it came.

    So a desk that dies leaves nothing half done, and nothing is indexed twice.
    """

    def __init__(self, store: Store, now: Callable[[], dt.datetime]) -> None:
        self._store, self._now = store, now
        self._seen_at = now() - _COMMIT_TIME
        #: The walk over all conversations has come to this id; None when it is over.
        self._walked_to: str | None = ""

    @property
    def is_complete(self) -> bool:
        """Whether this desk has seen everything in the index that was in the logs when it started."""
        return self._walked_to is None

    async def run(self) -> None:
        """Index until cancelled."""
        loop = asyncio.get_running_loop()
        walked_at = loop.time()
        while True:
            try:
                await self.catch_up()
            except Unavailable as error:
                logger.warning("search.not_indexed", code=error.code)
            await asyncio.sleep(_LOOK_SECONDS)
            if self.is_complete and loop.time() - walked_at > _WALK_SECONDS:
                self._walked_to, walked_at = "", loop.time()

    async def catch_up(self) -> None:
        """Index what is new, then the rest of the walk. Returns early while another desk is at it. Raises Unavailable."""
        if not await self._index_recent():
            return
        added = 0
        while self._walked_to is not None:
            step = await self._walk_on()
            if step is None:
                return
            added += step
            if not await self._index_recent():
                return
            await asyncio.sleep(_PAUSE_SECONDS)
            if self._walked_to is None and added:
                logger.info("search.caught_up", entries=added)

    async def _index_recent(self) -> bool:
        """Index what changed lately. Whether all of it is indexed now; False while another desk is at it."""
        started = self._now()
        while True:
            async with self._store.begin() as tx:
                if not await may_index(tx):
                    return False
                behind = await recently_behind(tx, self._seen_at - _COMMIT_TIME, _CONVERSATIONS_AT_ONCE)
                await self._index(tx, behind)
            if not behind:
                self._seen_at = started
                return True
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _walk_on(self) -> int | None:
        """The next part of the walk: how many entries it read; None while another desk is at it."""
        assert self._walked_to is not None  # noqa: S101 - the caller checks
        async with self._store.begin() as tx:
            if not await may_index(tx):
                return None
            ids = await ids_after(tx, self._walked_to, _IDS_AT_ONCE)
            if not ids:
                self._walked_to = None
                return 0
            behind = await behind_between(tx, self._walked_to, ids[-1], _CONVERSATIONS_AT_ONCE)
            done, entries = await self._index(tx, behind)
        if len(behind) < _CONVERSATIONS_AT_ONCE and done == len(behind):
            self._walked_to = ids[-1]
        elif done:
            self._walked_to = behind[done - 1].conversation_id
        return entries

    async def _index(self, tx: Transaction, behind: list[Behind]) -> tuple[int, int]:
        """Index the first of these conversations. How many of them are wholly indexed now, and how many entries were read."""
        chosen: list[tuple[str, int, int]] = []
        left, done = _ENTRIES_AT_ONCE, 0
        for each in behind:
            if not left:
                break
            last = min(each.last_seq, each.indexed_seq + left)
            chosen.append((each.conversation_id, each.indexed_seq + 1, last))
            left -= last - each.indexed_seq
            done += last == each.last_seq
        if not chosen:
            return 0, 0
        stale = [each.conversation_id for each in behind[: len(chosen)] if each.is_stale]
        if stale:
            await forget(tx, stale)
        ids = [id_ for id_, _, _ in chosen]
        known = await last_episodes(tx, ids)
        entries = await entries_to_index(tx, chosen)
        # In a thread: converting and cutting some hundred texts takes tens of milliseconds, in which no customer must wait.
        texts, episodes = await asyncio.to_thread(_index_all, known, entries)
        await store_index(tx, texts, episodes, [(id_, last) for id_, _, last in chosen])
        return done, sum(last - first + 1 for _, first, last in chosen)


def _index_all(known: dict[str, IndexedEpisode], entries: list[Event]) -> tuple[list[IndexedText], list[IndexedEpisode]]:
    texts: list[IndexedText] = []
    episodes: list[IndexedEpisode] = []
    for id_, log in groupby(entries, key=lambda event: event.conversation_id):
        more_texts, more_episodes = index_log(known.get(id_), log)
        texts += more_texts
        episodes += more_episodes
    return texts, episodes
