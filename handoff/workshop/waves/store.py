"""The SQL of waves: codes of customers' messages, waves, and what their messages say."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from psycopg.types.json import Jsonb

from contract.meaning_codes import BITS, VERSION
from handoff.conversations.values import Status
from handoff.runtime.transaction import Transaction
from handoff.workshop.waves.scan import CodedMessage

#: Advisory locks: one desk makes codes at a time, and one changes waves.
_CODING_LOCK, _WAVES_LOCK = 7_250_419_024, 7_250_419_025
_CODE_BYTES = BITS // 8

#: Customers' words without a code, the newest first. A pressed button has none, and the page's words are no customer's.
_UNCODED = """
    SELECT m.at, m.conversation_id, m.seq, left(m.data ->> 'text', %(length)s)
    FROM conversations c JOIN events m ON m.conversation_id = c.id AND m.type = 'message' AND m.by_kind = 'customer'
        AND m.at >= %(since)s
    WHERE c.status = ANY(%(statuses)s) AND c.updated_at >= %(since)s AND c.last_seq > 0
        AND m.data ->> 'choice' IS NULL AND NOT coalesce((m.data ->> 'suggested')::boolean, false)
        AND NOT EXISTS (SELECT 1 FROM wave_texts w WHERE w.conversation_id = m.conversation_id AND w.seq = m.seq)
    ORDER BY m.at DESC, m.conversation_id, m.seq LIMIT %(most)s"""
#: The messages, and the decisions of the turns that read them.
_MESSAGES = """
    SELECT m.conversation_id, m.seq, m.at, m.data ->> 'text', t.data -> 'decision', c.origin
    FROM unnest(%(ids)s::text[], %(seqs)s::bigint[]) AS known (id, seq)
    JOIN events m ON m.conversation_id = known.id AND m.seq = known.seq AND m.type = 'message'
    JOIN conversations c ON c.id = known.id
    LEFT JOIN LATERAL (
        SELECT data FROM events t WHERE t.conversation_id = known.id AND t.type = 'triage' AND t.seq > known.seq
            AND (t.data ->> 'message_seq')::bigint >= known.seq
        ORDER BY t.seq LIMIT 1) t ON true
    ORDER BY m.at, m.conversation_id, m.seq"""
_OTHER_TEXTS = """
    SELECT m.data ->> 'text' FROM wave_texts w
    JOIN events m ON m.conversation_id = w.conversation_id AND m.seq = w.seq
    WHERE NOT ((w.conversation_id, w.seq) IN (SELECT * FROM unnest(%(ids)s::text[], %(seqs)s::bigint[])))
    ORDER BY w.at DESC LIMIT %(most)s"""

_WAVE_COLUMNS = "id, first_at, last_at, noticed_at, state, state_by, state_at, data"


@dataclass(frozen=True)
class Text:
    """A message of a wave: what the customer wrote, what the bot decided (None: not yet), and the hash of the address."""

    conversation_id: str
    seq: int
    at: dt.datetime
    text: str
    decision: dict[str, Any] | None
    origin: str


@dataclass(frozen=True)
class Wave:
    """A wave as it is stored. `state`: "new", "proposed", "live" or "dismissed". `data`: members, pattern, proposal."""

    id: str
    first_at: dt.datetime
    last_at: dt.datetime
    noticed_at: dt.datetime
    state: str
    state_by: str | None
    state_at: dt.datetime
    data: dict[str, Any]

    @property
    def members(self) -> list[tuple[str, int]]:
        """Conversations and numbers of the messages, in the order of their times."""
        return [(each[0], each[1]) for each in self.data["members"]]


async def leads(tx: Transaction) -> bool:
    """Whether this desk makes codes now: no other does until the transaction ends."""
    return bool(await tx.value("SELECT pg_try_advisory_xact_lock(%s)", _CODING_LOCK))


async def lock_waves(tx: Transaction) -> None:
    """Let no other transaction change waves until this one ends."""
    await tx.execute("SELECT pg_advisory_xact_lock(%s)", (_WAVES_LOCK,))


async def uncoded(tx: Transaction, since: dt.datetime, most: int, length: int) -> list[tuple[dt.datetime, str, int, str]]:
    """Messages without a code: time, conversation, number, and the text's beginning; the newest first."""
    values = {"since": since, "most": most, "length": length, "statuses": [status.value for status in Status]}
    rows = await (await tx.execute(_UNCODED, values)).fetchall()
    return [(row[0], row[1], row[2], row[3]) for row in rows]


async def add_codes(tx: Transaction, messages: Sequence[CodedMessage]) -> None:
    """Store codes; known messages are skipped."""
    query = """
        INSERT INTO wave_texts (conversation_id, seq, at, code) SELECT * FROM unnest(
            %s::text[], %s::bigint[], %s::timestamptz[], %s::bytea[]) ON CONFLICT DO NOTHING"""
    codes = [bytes([VERSION]) + message.code.to_bytes(_CODE_BYTES, "big") for message in messages]
    values = [[message.conversation_id for message in messages], [message.seq for message in messages]]
    await tx.execute(query, (*values, [message.at for message in messages], codes))


async def count_codes(tx: Transaction) -> int:
    """How many messages have a code."""
    return int(await tx.value("SELECT count(*) FROM wave_texts"))


async def all_codes(tx: Transaction) -> list[CodedMessage]:
    """All messages with codes, the oldest first."""
    rows = await tx.rows("SELECT at, conversation_id, seq, code FROM wave_texts ORDER BY at")
    return [CodedMessage(at, id_, seq, int.from_bytes(bytes(code)[1:], "big")) for at, id_, seq, code in rows]


async def forget_codes(tx: Transaction, before: dt.datetime, most: int) -> None:
    """Delete codes of another version, and what is older than a moment or beyond a number."""
    query = """
        DELETE FROM wave_texts WHERE get_byte(code, 0) <> %s OR at < greatest(%s, (
            SELECT at FROM wave_texts ORDER BY at DESC OFFSET %s LIMIT 1))"""
    await tx.execute(query, (VERSION, before, most))


async def texts_of(tx: Transaction, members: Sequence[tuple[str, int]]) -> list[Text]:
    """The messages in the order of their times, with the decisions of their turns."""
    values = {"ids": [each[0] for each in members], "seqs": [each[1] for each in members]}
    return [Text(*row) for row in await (await tx.execute(_MESSAGES, values)).fetchall()]


async def other_texts(tx: Transaction, members: Sequence[tuple[str, int]], most: int) -> list[str]:
    """The latest messages that are not these."""
    values = {"ids": [each[0] for each in members], "seqs": [each[1] for each in members], "most": most}
    return [row[0] for row in await (await tx.execute(_OTHER_TEXTS, values)).fetchall()]


async def waves_since(tx: Transaction, at: dt.datetime) -> list[Wave]:
    """The waves with a message after a moment, the latest first."""
    query = f"SELECT {_WAVE_COLUMNS} FROM waves WHERE last_at > %s ORDER BY last_at DESC, id"
    return [Wave(*row) for row in await tx.rows(query, at)]


async def find_wave(tx: Transaction, wave_id: str, *, lock: bool = False) -> Wave | None:
    """A wave."""
    if "\x00" in wave_id:
        return None
    rows = await tx.rows(f"SELECT {_WAVE_COLUMNS} FROM waves WHERE id = %s{' FOR UPDATE' if lock else ''}", wave_id)
    return Wave(*rows[0]) if rows else None


async def save_wave(tx: Transaction, wave: Wave) -> None:
    """Store a wave, new or changed."""
    query = f"""
        INSERT INTO waves ({_WAVE_COLUMNS}) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
        ON CONFLICT (id) DO UPDATE SET first_at = excluded.first_at, last_at = excluded.last_at, state = excluded.state,
            state_by = excluded.state_by, state_at = excluded.state_at, data = excluded.data"""
    values = (wave.id, wave.first_at, wave.last_at, wave.noticed_at, wave.state, wave.state_by, wave.state_at)
    await tx.execute(query, (*values, Jsonb(wave.data)))
