"""The SQL of reviews: the turns of a day, the drawn samples, claims and verdicts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from handoff.conversations.values import Status
from handoff.runtime.transaction import Transaction
from handoff.workshop.missed_rate import DaySample

#: An advisory lock: one desk draws, or hands out, at a time.
_LOCK = 7_250_419_014

#: Turns of words after which the customer was left with the bot. A piece of a sentence counts with the turn that read it whole,
#: and a pressed button has no words to misunderstand.
_POPULATION = """
    SELECT t.conversation_id, t.seq, coalesce((t.data ->> 'first_seq')::bigint, (t.data ->> 'message_seq')::bigint),
        (t.data ->> 'message_seq')::bigint
    FROM conversations c JOIN events t ON t.conversation_id = c.id AND t.type = 'triage'
        AND t.at >= %(start)s AND t.at < %(end)s
    WHERE c.status = ANY(%(statuses)s) AND c.updated_at >= %(start)s AND c.created_at < %(end)s AND c.last_seq > 0
        AND NOT coalesce((t.data ->> 'silent')::boolean, false)
        AND coalesce(t.data #>> '{decision,route}', 'escalate') <> 'escalate'
        AND EXISTS (
            SELECT 1 FROM events m WHERE m.conversation_id = c.id AND m.seq = (t.data ->> 'message_seq')::bigint
                AND m.type = 'message' AND m.by_kind = 'customer' AND m.data ->> 'choice' IS NULL)
        AND NOT EXISTS (
            SELECT 1 FROM events l WHERE l.conversation_id = c.id AND l.seq > t.seq AND l.type = 'triage'
                AND (l.data ->> 'first_seq')::bigint <= (t.data ->> 'message_seq')::bigint)
    ORDER BY t.conversation_id COLLATE "C", t.seq"""

#: The turns that an agent may still judge: with a free place, not judged by them, and not of a conversation that they know.
_OPEN = """
    SELECT s.id FROM review_samples s
    WHERE s.settled IS NULL
        AND NOT EXISTS (SELECT 1 FROM review_verdicts v WHERE v.sample_id = s.id AND v.login = %(login)s)
        AND (SELECT count(*) FROM review_verdicts v WHERE v.sample_id = s.id) + (
            SELECT count(*) FROM review_claims h WHERE h.sample_id = s.id AND h.login <> %(login)s AND h.until > %(now)s
                AND NOT EXISTS (SELECT 1 FROM review_verdicts v WHERE v.sample_id = s.id AND v.login = h.login)
        ) < s.needed
        AND NOT EXISTS (
            SELECT 1 FROM events e WHERE e.conversation_id = s.conversation_id AND e.type IN ('assigned', 'accessed')
                AND e.data ->> 'login' = %(login)s)
        AND EXISTS (SELECT 1 FROM events m WHERE m.conversation_id = s.conversation_id AND m.seq = s.message_seq)"""
_NEXT = f"""{_OPEN}
    ORDER BY EXISTS (
            SELECT 1 FROM review_claims h WHERE h.sample_id = s.id AND h.login = %(login)s AND h.until > %(now)s) DESC,
        s.day, s.place
    LIMIT 1"""
_LEFT = f"SELECT count(*) FROM ({_OPEN}) AS open"

_SAMPLE_COLUMNS = "id, day, conversation_id, turn_seq, first_seq, message_seq, needed, settled, kept_by"
_WORDS = """
    SELECT data ->> 'text' FROM events WHERE conversation_id = %s AND type = 'message' AND by_kind = 'customer'
        AND data ->> 'choice' IS NULL AND seq BETWEEN %s AND %s ORDER BY seq"""
#: The customer's words before a turn in the same episode, the latest first.
_BEFORE = """
    SELECT data ->> 'text' FROM events WHERE conversation_id = %(id)s AND type = 'message' AND by_kind = 'customer'
        AND data ->> 'choice' IS NULL AND seq < %(seq)s
        AND seq > coalesce((
            SELECT max(seq) FROM events WHERE conversation_id = %(id)s AND type = 'reopened' AND seq < %(seq)s), 0)
    ORDER BY seq DESC LIMIT %(most)s"""
_DAYS = """
    SELECT d.day, d.due_at, d.population, d.size, count(s.settled), count(*) FILTER (WHERE s.settled = 'missed')
    FROM review_days d LEFT JOIN review_samples s ON s.day = d.day
    WHERE d.day >= %s GROUP BY d.day ORDER BY d.day"""
_AGREEMENT = """
    SELECT count(*) FILTER (WHERE needed = 2), count(*) FROM review_samples
    WHERE settled IS NOT NULL AND day BETWEEN %s AND %s"""


@dataclass(frozen=True)
class DrawnTurn:
    """One drawn turn: its decision's number in the log, and the customer's messages that it answered."""

    id: str
    day: dt.date
    conversation_id: str
    turn_seq: int
    first_seq: int
    message_seq: int
    needed: int
    settled: str | None
    kept_by: str | None


@dataclass(frozen=True)
class Day:
    """One drawn day."""

    day: dt.date
    due_at: dt.datetime
    sample: DaySample

    def is_closed(self, now: dt.datetime) -> bool:
        """Whether the day counts: all is settled, or the time for it is over."""
        return self.sample.unsettled == 0 or now >= self.due_at


async def lock_reviews(tx: Transaction) -> None:
    """Let no other transaction draw or hand out until this one ends."""
    await tx.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))


async def population_between(tx: Transaction, start: dt.datetime, end: dt.datetime) -> list[tuple[str, int, int, int]]:
    """The turns of words, from one time to another, after which the customer was left with the bot.

    Each with conversation, number of the decision, first and last message; in an order that does not change.
    """
    values = {"start": start, "end": end, "statuses": [status.value for status in Status]}
    rows = await (await tx.execute(_POPULATION, values)).fetchall()
    return [(row[0], row[1], row[2], row[3]) for row in rows]


async def drawn_since(tx: Transaction, day: dt.date) -> dict[dt.date, int]:
    """The days, from one on, that were drawn, with their numbers of turns."""
    return {row[0]: row[1] for row in await tx.rows("SELECT day, population FROM review_days WHERE day >= %s", day)}


async def first_drawn(tx: Transaction) -> dt.date | None:
    """The first day that was ever drawn."""
    found: dt.date | None = await tx.value("SELECT min(day) FROM review_days")
    return found


async def add_day(
    tx: Transaction, day: dt.date, drawn_at: dt.datetime, due_at: dt.datetime, seed: int, population: int, size: int
) -> None:
    """Note a draw. Raises UniqueViolation for a day that was drawn."""
    query = "INSERT INTO review_days (day, drawn_at, due_at, seed, population, size) VALUES (%s, %s, %s, %s, %s, %s)"
    await tx.execute(query, (day, drawn_at, due_at, seed, population, size))


async def add_samples(tx: Transaction, turns: Sequence[DrawnTurn]) -> None:
    """Store the drawn turns of a day in the order of the draw."""
    for place, turn in enumerate(turns):
        await tx.execute(
            "INSERT INTO review_samples (id, day, place, conversation_id, turn_seq, first_seq, message_seq) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s)",
            (turn.id, turn.day, place, turn.conversation_id, turn.turn_seq, turn.first_seq, turn.message_seq),
        )


async def next_for(tx: Transaction, login: str, now: dt.datetime) -> str | None:
    """The sample that a person should judge now: the one that they have open, else the oldest that has a place."""
    row = await (await tx.execute(_NEXT, {"login": login, "now": now})).fetchone()
    return str(row[0]) if row else None


async def count_left(tx: Transaction, login: str, now: dt.datetime) -> int:
    """How many samples a person may judge now."""
    row = await (await tx.execute(_LEFT, {"login": login, "now": now})).fetchone()
    return int(row[0]) if row else 0


async def claim(tx: Transaction, sample_id: str, login: str, until: dt.datetime) -> None:
    """Keep a place for a person."""
    query = """
        INSERT INTO review_claims (sample_id, login, until) VALUES (%s, %s, %s)
        ON CONFLICT (sample_id, login) DO UPDATE SET until = excluded.until"""
    await tx.execute(query, (sample_id, login, until))


async def has_claimed(tx: Transaction, sample_id: str, login: str) -> bool:
    """Whether the sample was ever handed to a person."""
    return bool(await tx.value("SELECT true FROM review_claims WHERE sample_id = %s AND login = %s", sample_id, login))


async def find_sample(tx: Transaction, sample_id: str, *, lock: bool = False) -> DrawnTurn | None:
    """A drawn turn."""
    if "\x00" in sample_id:
        return None
    query = f"SELECT {_SAMPLE_COLUMNS} FROM review_samples WHERE id = %s{' FOR UPDATE' if lock else ''}"
    rows = await tx.rows(query, sample_id)
    return DrawnTurn(*rows[0]) if rows else None


async def words_of(tx: Transaction, turn: DrawnTurn) -> str:
    """What the customer wrote in the turn, masked as it is stored; the pieces of one sentence on lines of their own."""
    rows = await tx.rows(_WORDS, turn.conversation_id, turn.first_seq, turn.message_seq)
    return "\n".join(row[0] for row in rows)


async def episode_of(tx: Transaction, turn: DrawnTurn) -> int:
    """The episode of the conversation to which the turn belongs."""
    query = """
        SELECT (data ->> 'episode')::int FROM events WHERE conversation_id = %s AND type = 'reopened' AND seq < %s
        ORDER BY seq DESC LIMIT 1"""
    return int(await tx.value(query, turn.conversation_id, turn.turn_seq) or 1)


async def words_before(tx: Transaction, turn: DrawnTurn, most: int) -> list[str]:
    """What the customer wrote before the turn in the same episode: at most so many messages, in order."""
    values = {"id": turn.conversation_id, "seq": turn.first_seq, "most": most}
    rows = await (await tx.execute(_BEFORE, values)).fetchall()
    return [row[0] for row in reversed(rows)]


async def verdicts_of(tx: Transaction, sample_id: str) -> list[tuple[str, str]]:
    """Logins and verdicts in the order in which they were given."""
    query = "SELECT login, verdict FROM review_verdicts WHERE sample_id = %s ORDER BY at, login"
    return [(row[0], row[1]) for row in await tx.rows(query, sample_id)]


async def add_verdict(tx: Transaction, sample_id: str, login: str, verdict: str, at: dt.datetime) -> None:
    """Store a verdict."""
    query = "INSERT INTO review_verdicts (sample_id, login, verdict, at) VALUES (%s, %s, %s, %s)"
    await tx.execute(query, (sample_id, login, verdict, at))


async def save_outcome(tx: Transaction, sample_id: str, needed: int, settled: str | None, at: dt.datetime) -> None:
    """Store what the verdicts came to."""
    query = "UPDATE review_samples SET needed = %s, settled = %s, settled_at = %s WHERE id = %s"
    await tx.execute(query, (needed, settled, at if settled else None, sample_id))


async def note_kept(tx: Transaction, sample_id: str, login: str) -> None:
    """Note that the turn is a safety case now."""
    await tx.execute("UPDATE review_samples SET kept_by = %s WHERE id = %s", (login, sample_id))


async def days_since(tx: Transaction, day: dt.date) -> list[Day]:
    """The drawn days from one on, in order, with what was settled."""
    days = []
    for found, due_at, population, size, settled, missed in await tx.rows(_DAYS, day):
        days.append(Day(found, due_at, DaySample(population, size, missed, size - settled)))
    return days


async def agreement_between(tx: Transaction, first: dt.date, last: dt.date) -> tuple[int, int]:
    """Of the settled turns of some days: about how many the first two people agreed, and how many there are."""
    ((agreed, settled),) = await tx.rows(_AGREEMENT, first, last)
    return agreed, settled


async def missed_since(tx: Transaction, day: dt.date, most: int) -> list[DrawnTurn]:
    """The missed emergencies from a day on, the latest first."""
    query = f"""
        SELECT {_SAMPLE_COLUMNS} FROM review_samples WHERE settled = 'missed' AND day >= %s
        ORDER BY day DESC, settled_at DESC, id LIMIT %s"""
    return [DrawnTurn(*row) for row in await tx.rows(query, day, most)]
