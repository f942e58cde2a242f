"""Search over all conversations."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import psycopg

from handoff.accounts.agents import Agent
from handoff.conversations.reading import readable
from handoff.queue.search.indexer import SearchIndexer
from handoff.queue.search.indexing import text_of
from handoff.queue.search.query import Query, cut
from handoff.queue.search.store import (
    Candidate,
    Filters,
    Place,
    find_episodes,
    find_texts,
    find_texts_of_episodes,
    has_few_episodes,
)
from handoff.queue.search.terms import day_number
from handoff.runtime.errors import BadInput, TooMany, Unavailable
from handoff.runtime.transaction import Store, Transaction

PAGE_SIZE = 20
#: Texts that one statement reads. Bigrams without their order, and words of the index without their signs, leave some of them
#: over that do not have the whole phrase.
_CANDIDATES = 100
#: After this time the page is answered with what was found; the agent can ask for more.
_PATIENCE_SECONDS = 0.7
_STATEMENT_MILLISECONDS = 3000
#: Searches that run at the same time on one desk: they must not take the connections of customers' turns.
_AT_ONCE = 2
_LINE_SECONDS = 3.0
#: The newest days are searched first, in growing parts: a frequent word then costs what a page needs, not all its texts.
_PARTS_IN_DAYS = (2, 7, 56)

_NAMED = re.compile(r"(?:访客|訪客|visitor)\s*(?P<end>[0-9a-f]{4})|(?P<id>[0-9a-f]{32})", re.IGNORECASE)


@dataclass(frozen=True)
class _Part:
    """A part of the texts, by their time: the days as terms (None: all days), and the times from `since` until `until`."""

    days: range | None
    since: dt.datetime | None
    until: dt.datetime | None


class ConversationSearch:
    """Finds texts by words, numbers, reason, outcome, agent and time, the newest first."""

    def __init__(self, store: Store, indexer: SearchIndexer, now: Callable[[], dt.datetime]) -> None:
        self._store, self._indexer, self._now = store, indexer, now
        self._places = asyncio.Semaphore(_AT_ONCE)

    async def find(self, agent: Agent, text: str, filters: Filters, after: str | None = None) -> dict[str, Any]:
        """A page of results, `next` for the page after it, and whether everything is indexed (`is_complete`).

        A result of a conversation that the agent may not read without a reason has no text. Raises BadInput for a cursor that
        no page gave and for a search for nothing, TooMany, and Unavailable for a search that takes too long.
        """
        started = time.monotonic()
        named = _NAMED.fullmatch(text.strip())
        if named:  # a conversation by its id, or by the name that the console gives a visitor
            text, filters = "", replace(filters, id_end=(named["id"] or named["end"]).lower())
        query, place = Query.read(text), _place(after)
        if not query.phrases and (text.strip() or filters == Filters()):
            raise BadInput(
                "nothing_to_find",
                "请输入要查的字、词或数字，或选择原因、结果、客服、日期。",
                "Type words or numbers to find, or choose a reason, an outcome, an agent or dates.",
            )
        try:
            async with asyncio.timeout(_LINE_SECONDS):
                await self._places.acquire()
        except TimeoutError:
            zh, en = "同时查找的人太多，请稍后再试。", "Too many people are searching; please try again in a moment."
            raise TooMany("too_many", zh, en, seconds=_LINE_SECONDS) from None
        try:
            found, next_place = await self._find(query, filters, place, started)
            async with self._store.read() as tx:
                allowed = await readable(tx, agent, {each.place.conversation_id for each in found})
        finally:
            self._places.release()
        return {
            "results": [_result(each, query, may_read=each.place.conversation_id in allowed) for each in found],
            "next": next_place.as_cursor() if next_place else None,
            "is_complete": self._indexer.is_complete,
            "took_ms": round((time.monotonic() - started) * 1000),
        }

    async def _find(
        self, query: Query, filters: Filters, after: Place | None, started: float
    ) -> tuple[list[Candidate], Place | None]:
        async with self._store.begin() as tx:
            await tx.execute(f"SET LOCAL statement_timeout = {_STATEMENT_MILLISECONDS}", [])
            with _too_slow():
                if query.phrases:
                    return await self._find_texts(tx, query, filters, after, started)
                found = await find_episodes(tx, filters, after, PAGE_SIZE + 1)
            return found[:PAGE_SIZE], found[PAGE_SIZE - 1].place if len(found) > PAGE_SIZE else None

    async def _find_texts(
        self, tx: Transaction, query: Query, filters: Filters, after: Place | None, started: float
    ) -> tuple[list[Candidate], Place | None]:
        found: list[Candidate] = []
        are_few = filters.of_episode and await has_few_episodes(tx, filters)
        find = find_texts_of_episodes if are_few else find_texts
        for part in [_Part(None, filters.since, filters.until)] if are_few else self._parts(filters, after):
            limited = replace(filters, since=part.since, until=part.until)
            while True:
                candidates = await find(tx, query.as_tsquery(part.days), limited, after, _CANDIDATES)
                for candidate in candidates:
                    after = candidate.place
                    text = text_of(candidate.event) if candidate.event else None
                    if text and query.matches(text):
                        found.append(candidate)
                        if len(found) == PAGE_SIZE:
                            return found, after
                if len(candidates) < _CANDIDATES:
                    break
                if time.monotonic() - started > _PATIENCE_SECONDS:
                    return found, after
        return found, None

    def _parts(self, filters: Filters, after: Place | None) -> Iterator[_Part]:
        """The time from the newest on, cut into parts."""
        newest = min(moment for moment in (self._now(), after.at if after else None, filters.until) if moment)
        # A clock may have been late, so the first part has tomorrow, too.
        last = day_number(newest) + 1
        until = filters.until
        for days in _PARTS_IN_DAYS:
            first = last - days + 1
            since = dt.datetime.fromordinal(dt.date(1970, 1, 1).toordinal() + first).replace(tzinfo=dt.UTC)
            if filters.since and filters.since >= since:
                break
            yield _Part(range(first, last + 1), since, until)
            last, until = first - 1, since
        yield _Part(None, filters.since, until)


@contextlib.contextmanager
def _too_slow() -> Iterator[None]:
    """A statement that the database stopped becomes an error that the agent can act on."""
    try:
        yield
    except psycopg.errors.QueryCanceled:
        raise Unavailable(
            "search_too_slow",
            "这次查找太慢，已停止。请多写几个字，或缩小日期范围。",
            "This search took too long and was stopped. Type more words, or choose fewer days.",
        ) from None


def _place(after: str | None) -> Place | None:
    try:
        return Place.from_cursor(after) if after else None
    except (ValueError, OverflowError):
        raise BadInput("bad_cursor", "翻页位置不正确。", "This is no cursor of the search.") from None


def _result(candidate: Candidate, query: Query, *, may_read: bool) -> dict[str, Any]:
    text = text_of(candidate.event) if candidate.event else None
    snippet = None
    if may_read and text:
        snippet = query.snippet(text) if query.phrases else cut(text)
    place = candidate.place
    return {
        "conversation_id": place.conversation_id,
        "seq": candidate.event.seq if candidate.event else place.seq,
        "at": place.at.isoformat(),
        "episode": candidate.episode,
        "status": candidate.status,
        "reason": candidate.reason,
        "outcome": candidate.outcome,
        "agent_name": candidate.agent_name,
        "snippet": snippet,
        "may_read": may_read,
    }
