"""The SQL of the help centre: votes, what is asked most, and how soon people answer."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from handoff.runtime.transaction import Transaction


@dataclass(frozen=True)
class Vote:
    """A reader's opinion of an article. `reason`: one of `REASONS`, only of a reader who was not helped."""

    article_id: str
    locale: str
    revision: str
    is_helpful: bool
    reason: str | None = None


@dataclass(frozen=True)
class FirstAnswers:
    """Median seconds from the handoff to a person's first words, and how many conversations were counted."""

    is_urgent: bool
    median_seconds: float
    count: int


async def add_vote(tx: Transaction, vote: Vote, at: dt.datetime) -> None:
    """Store a vote. Nothing of the reader is stored."""
    await tx.execute(
        "INSERT INTO article_votes (at, article_id, locale, revision, is_helpful, reason) VALUES (%s, %s, %s, %s, %s, %s)",
        [at, vote.article_id, vote.locale, vote.revision, vote.is_helpful, vote.reason],
    )


async def most_asked(tx: Transaction, since: dt.datetime) -> list[str]:
    """The ids of the articles that the bot sent since a time, the most frequent first."""
    query = """
        SELECT data -> 'decision' -> 'article' ->> 'id' AS article_id FROM events
        WHERE type = 'triage' AND at >= %s AND data -> 'decision' -> 'article' ->> 'id' IS NOT NULL
        GROUP BY article_id ORDER BY count(*) DESC, article_id
    """
    return [str(row[0]) for row in await tx.rows(query, since)]


async def first_answers(tx: Transaction, since: dt.datetime) -> list[FirstAnswers]:
    """How soon people answered since a time, for urgent cases and for the others."""
    query = """
        SELECT priority = 'urgent' OR lane IS NOT NULL AS is_urgent,
               percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM first_response_at - queued_at)), count(*)
        FROM conversations WHERE first_response_at >= %s AND queued_at IS NOT NULL AND priority IS NOT NULL
        GROUP BY is_urgent
    """
    return [FirstAnswers(bool(row[0]), float(row[1]), int(row[2])) for row in await tx.rows(query, since)]
