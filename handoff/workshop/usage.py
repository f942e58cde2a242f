"""How articles do: how often each was sent, how often it solved the matter, how often a person was needed after it."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import dataclass

from handoff.runtime.transaction import Store, Transaction

#: The window, and how long the figures are kept.
_WINDOW = dt.timedelta(days=28)
_KEPT_SECONDS = 300.0
_WEEK = dt.timedelta(days=7)


@dataclass(frozen=True)
class Usage:
    """An article in the last 28 days. `solved`: of `sent`, the customer then said so. `person`: then a person was needed.

    Both count what came first in the rest of the episode; other answers were followed by silence or by another episode.
    """

    sent: int
    solved: int
    person: int

    @property
    def asked_week(self) -> float:
        """How often it was sent in a week, on average."""
        return round(self.sent * (_WEEK / _WINDOW), 1)

    def share(self, count: int) -> float | None:
        """A share of the times that it was sent; None if it never was."""
        return round(count / self.sent, 4) if self.sent else None


NEVER = Usage(0, 0, 0)


async def count_usage(tx: Transaction, since: dt.datetime) -> dict[str, Usage]:
    """The usage of articles that the bot sent since a moment, by id."""
    query = """
        SELECT sent.article, count(*), count(*) FILTER (WHERE later.type = 'resolved' AND later.resolution = 'solved'),
            count(*) FILTER (WHERE later.type = 'handoff_requested')
        FROM (
            SELECT conversation_id, seq, data->'decision'->'article'->>'id' AS article FROM events
            WHERE type = 'triage' AND at > %s AND NOT coalesce((data->>'silent')::boolean, false)
        ) sent LEFT JOIN LATERAL (
            SELECT type, data->>'resolution' AS resolution FROM events e
            WHERE e.conversation_id = sent.conversation_id AND e.seq > sent.seq
                AND e.type IN ('resolved', 'handoff_requested', 'reopened')
            ORDER BY e.seq LIMIT 1
        ) later ON true
        WHERE sent.article IS NOT NULL GROUP BY sent.article"""
    return {article: Usage(sent, solved, person) for article, sent, solved, person in await tx.rows(query, since)}


class ArticleUsage:
    """The usage of all articles, counted anew every few minutes."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: tuple[float, dict[str, Usage]] | None = None

    async def of_articles(self, now: dt.datetime) -> dict[str, Usage]:
        """Article -> usage; an article that was never sent is missing."""
        if self._kept is None or time.monotonic() - self._kept[0] > _KEPT_SECONDS:
            async with self._store.read() as tx:
                self._kept = time.monotonic(), await count_usage(tx, now - _WINDOW)
        return self._kept[1]
