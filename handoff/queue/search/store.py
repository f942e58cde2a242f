"""The SQL of the search: filling the index, finding texts and episodes in it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from psycopg.types.json import Jsonb

from handoff.conversations.events import Event
from handoff.conversations.events.registry import as_json
from handoff.conversations.store import event_of
from handoff.conversations.values import Status
from handoff.queue.search.indexing import TYPES, IndexedEpisode, IndexedText
from handoff.queue.search.terms import VERSION
from handoff.runtime.transaction import Row, Transaction

#: Of several desks one fills the index at a time: an advisory lock for a transaction; any unused number does.
INDEXING_LOCK = 7_250_419_010

_EVENT_OF_E = "e.conversation_id, e.seq, e.type, e.version, e.at, e.by_kind, e.by_name, e.data, e.key"
#: Conversations with entries that are not indexed yet, with how far they are (0 for an older version of the terms). What a
#: newer desk has indexed is left to it: two versions would otherwise index the same again and again.
_BEHIND = f"""
    SELECT c.id, c.last_seq, CASE WHEN p.version = {VERSION} THEN p.seq ELSE 0 END, coalesce(p.version < {VERSION}, false)
    FROM conversations c LEFT JOIN search_progress p ON p.conversation_id = c.id
    WHERE {{where}} AND (p.seq IS NULL OR p.version < {VERSION} OR (p.version = {VERSION} AND p.seq < c.last_seq))
    ORDER BY {{order}} LIMIT %s"""
_EPISODE = "conversation_id, episode, first_seq, last_seq, started_at, at, reason, outcome, agents, agent_name"


@dataclass(frozen=True)
class Behind:
    """A conversation whose log goes on after what is indexed. `is_stale`: what is indexed was made by an older version."""

    conversation_id: str
    last_seq: int
    indexed_seq: int
    is_stale: bool


@dataclass(frozen=True)
class Place:
    """A place in the results, newest first: what comes after it is the next page."""

    at: dt.datetime
    conversation_id: str
    seq: int

    def as_cursor(self) -> str:
        """The place as the API hands it out."""
        return f"{self.at.isoformat()}~{self.conversation_id}~{self.seq}"

    @classmethod
    def from_cursor(cls, cursor: str) -> Place:
        """Read what `as_cursor` wrote. Raises ValueError."""
        at, conversation_id, seq = cursor.split("~")
        place = cls(dt.datetime.fromisoformat(at), conversation_id, int(seq))
        if (
            place.at.tzinfo is None
            or not 2000 <= place.at.year < 2200
            or "\x00" in conversation_id
            or not 0 <= place.seq < 2**63
        ):
            raise ValueError(cursor)
        return place


@dataclass(frozen=True)
class Filters:
    """What results are limited to. `since`, `until`: aware times, from the first until just before the second.

    `id_end`: a conversation's id, or the end of it.
    """

    reason: str | None = None
    outcome: str | None = None
    agent: str | None = None
    since: dt.datetime | None = None
    until: dt.datetime | None = None
    id_end: str | None = None

    @property
    def of_episode(self) -> bool:
        """Whether a text's episode decides."""
        return bool(self.reason or self.outcome or self.agent)

    def conditions(self) -> tuple[list[str], dict[str, Any]]:
        """Conditions on an episode `p`, and their values."""
        values = {"reason": self.reason, "outcome": self.outcome, "agent": self.agent, "id_end": self.id_end}
        tests = {
            "reason": "p.reason = %(reason)s",
            "outcome": "p.outcome = %(outcome)s",
            "agent": "p.agents @> ARRAY[%(agent)s]",
            "id_end": "right(p.conversation_id, length(%(id_end)s)) = %(id_end)s",
        }
        used = {name: value for name, value in values.items() if value}
        return [tests[name] for name in used], used


@dataclass(frozen=True)
class Candidate:
    """A text or an episode that may be a result. `event`: the entry of the log with the text, None if there is none."""

    place: Place
    episode: int
    status: str
    reason: str | None
    outcome: str | None
    agent_name: str | None
    event: Event | None


# --- filling ---------------------------------------------------------------------------------------------------------------


async def may_index(tx: Transaction) -> bool:
    """Whether no other desk fills the index now; until the transaction ends none begins."""
    return bool(await tx.value("SELECT pg_try_advisory_xact_lock(%s)", INDEXING_LOCK))


async def recently_behind(tx: Transaction, since: dt.datetime, limit: int) -> list[Behind]:
    """Conversations that changed after a time and are not wholly indexed, the oldest change first."""
    query = _BEHIND.format(where="c.status = ANY(%s) AND c.updated_at > %s", order="c.updated_at")
    return [Behind(*row) for row in await tx.rows(query, [status.value for status in Status], since, limit)]


async def ids_after(tx: Transaction, conversation_id: str, limit: int) -> list[str]:
    """The ids of conversations in their order, after one of them."""
    return [
        row[0]
        for row in await tx.rows("SELECT id FROM conversations WHERE id > %s ORDER BY id LIMIT %s", conversation_id, limit)
    ]


async def behind_between(tx: Transaction, after: str, last: str, limit: int) -> list[Behind]:
    """Conversations after one id up to another that are not wholly indexed, in the order of their ids."""
    query = _BEHIND.format(where="c.id > %s AND c.id <= %s", order="c.id")
    return [Behind(*row) for row in await tx.rows(query, after, last, limit)]


async def entries_to_index(tx: Transaction, chosen: Sequence[tuple[str, int, int]]) -> list[Event]:
    """The entries that change the index, of logs given as id, first and last number; by log and number."""
    query = f"""
        SELECT {_EVENT_OF_E} FROM unnest(%s::text[], %s::bigint[], %s::bigint[]) AS w (id, first, last)
        JOIN events e ON e.conversation_id = w.id AND e.seq BETWEEN w.first AND w.last
        WHERE e.type = ANY(%s) ORDER BY e.conversation_id, e.seq"""
    ids, firsts, lasts = ([each[n] for each in chosen] for n in range(3))
    return [event_of(row) for row in await tx.rows(query, ids, firsts, lasts, list(TYPES))]


async def last_episodes(tx: Transaction, ids: Sequence[str]) -> dict[str, IndexedEpisode]:
    """The episode that was indexed last, by conversation."""
    query = f"""
        SELECT DISTINCT ON (conversation_id) {_EPISODE} FROM search_episodes WHERE conversation_id = ANY(%s)
        ORDER BY conversation_id, episode DESC"""
    return {row[0]: _episode(row) for row in await tx.rows(query, list(ids))}


def _episode(row: Row) -> IndexedEpisode:
    id_, number, first_seq, last_seq, started_at, at, reason, outcome, agents, agent_name = row
    return IndexedEpisode(id_, number, first_seq, last_seq, started_at, at, reason, outcome, tuple(agents), agent_name)


async def forget(tx: Transaction, ids: Sequence[str]) -> None:
    """Remove conversations from the index."""
    for table in ("search_texts", "search_episodes", "search_progress"):
        await tx.execute(f"DELETE FROM {table} WHERE conversation_id = ANY(%s)", [list(ids)])


async def store_index(
    tx: Transaction, texts: Sequence[IndexedText], episodes: Sequence[IndexedEpisode], progress: Sequence[tuple[str, int]]
) -> None:
    """Store texts and episodes, and how far each conversation is indexed. A second time changes nothing."""
    if texts:
        query = """
            INSERT INTO search_texts (conversation_id, seq, episode, at, words)
            SELECT id, seq, episode, at, words::tsvector
            FROM unnest(%s::text[], %s::bigint[], %s::int[], %s::timestamptz[], %s::text[]) AS t (id, seq, episode, at, words)
            ON CONFLICT DO NOTHING"""
        columns = zip(*((each.conversation_id, each.seq, each.episode, each.at, each.words) for each in texts), strict=True)
        await tx.execute(query, [list(column) for column in columns])
    if episodes:
        query = f"""
            INSERT INTO search_episodes ({_EPISODE})
            SELECT {_EPISODE} FROM jsonb_to_recordset(%s) AS e (conversation_id text, episode int, first_seq bigint,
                last_seq bigint, started_at timestamptz, at timestamptz, reason text, outcome text, agents text[],
                agent_name text)
            ON CONFLICT (conversation_id, episode) DO UPDATE SET last_seq = excluded.last_seq, at = excluded.at,
                reason = excluded.reason, outcome = excluded.outcome, agents = excluded.agents,
                agent_name = excluded.agent_name"""
        await tx.execute(query, [Jsonb([{**as_json(each), "episode": each.number} for each in episodes])])
    query = f"""
        INSERT INTO search_progress (conversation_id, seq, version)
        SELECT id, seq, {VERSION} FROM unnest(%s::text[], %s::bigint[]) AS p (id, seq)
        ON CONFLICT (conversation_id) DO UPDATE SET seq = excluded.seq, version = excluded.version
        WHERE search_progress.version < excluded.version
            OR (search_progress.version = excluded.version AND search_progress.seq < excluded.seq)"""
    await tx.execute(query, [[id_ for id_, _ in progress], [seq for _, seq in progress]])


# --- finding ---------------------------------------------------------------------------------------------------------------

_RESULT = "s.status, p.reason, p.outcome, p.agent_name"

_NEWEST_AS_RESULTS = f"""
        SELECT n.at, n.episode, {_RESULT}, {_EVENT_OF_E}
        FROM newest n JOIN conversations s ON s.id = n.conversation_id
        JOIN search_episodes p ON p.conversation_id = n.conversation_id AND p.episode = n.episode
        JOIN events e ON e.conversation_id = n.conversation_id AND e.seq = n.seq
        ORDER BY n.at DESC, n.conversation_id DESC, n.seq DESC"""


def _episode_conditions(filters: Filters) -> tuple[list[str], dict[str, Any]]:
    """Conditions on an episode `p` that has texts in the time of the filters, and their values."""
    conditions, values = filters.conditions()
    if filters.since:
        conditions.append("p.at >= %(since)s")
    if filters.until:
        conditions.append("p.started_at < %(until)s")
    return conditions, {**values, "since": filters.since, "until": filters.until}


def texts_statement(filters: Filters, *, has_place: bool) -> str:
    """The statement of `find_texts`. The index is read first in any case: the planner's guess of how many texts have all the
    terms is often wrong, because it takes them for independent of each other."""
    conditions, _ = filters.conditions()
    if filters.since:
        conditions.append("t.at >= %(since)s")
    if filters.until:
        conditions.append("t.at < %(until)s")
    if has_place:
        conditions.append("(t.at, t.conversation_id, t.seq) < (%(at)s, %(id)s, %(seq)s)")
    episodes = "JOIN search_episodes p USING (conversation_id, episode)" if filters.of_episode else ""
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    return f"""
        WITH t AS MATERIALIZED (
            SELECT conversation_id, seq, episode, at FROM search_texts WHERE words @@ %(query)s::tsquery),
        newest AS (
            SELECT t.* FROM t {episodes} {where} ORDER BY t.at DESC, t.conversation_id DESC, t.seq DESC LIMIT %(limit)s)
        {_NEWEST_AS_RESULTS}"""


#: So many episodes are read through one by one more quickly than the texts of a frequent word.
FEW_EPISODES = 2000


async def has_few_episodes(tx: Transaction, filters: Filters) -> bool:
    """Whether at most `FEW_EPISODES` episodes pass the filters."""
    conditions, values = _episode_conditions(filters)
    query = f"SELECT count(*) FROM (SELECT 1 FROM search_episodes p WHERE {' AND '.join(conditions)} LIMIT %(most)s) AS first"
    row = await (await tx.execute(query, {**values, "most": FEW_EPISODES + 1})).fetchone()
    return row is not None and row[0] <= FEW_EPISODES


async def find_texts_of_episodes(
    tx: Transaction, query: str, filters: Filters, after: Place | None, limit: int
) -> list[Candidate]:
    """`find_texts` for filters that few episodes pass: their texts are read, and not the index of words."""
    conditions, values = _episode_conditions(filters)
    values |= {"query": query, "limit": limit}
    times = ["t.at >= %(since)s"] if filters.since else []
    times += ["t.at < %(until)s"] if filters.until else []
    if after:
        times.append("(t.at, t.conversation_id, t.seq) < (%(at)s, %(id)s, %(seq)s)")
        values |= {"at": after.at, "id": after.conversation_id, "seq": after.seq}
    # OFFSET 0 keeps the planner from joining the other way round.
    newest = f"""
        SELECT t.* FROM search_episodes p CROSS JOIN LATERAL (
            SELECT conversation_id, seq, episode, at FROM search_texts
            WHERE conversation_id = p.conversation_id AND episode = p.episode AND words @@ %(query)s::tsquery OFFSET 0) AS t
        WHERE {" AND ".join([*conditions, *times])}
        ORDER BY t.at DESC, t.conversation_id DESC, t.seq DESC LIMIT %(limit)s"""
    cursor = await tx.execute(f"WITH newest AS ({newest}) {_NEWEST_AS_RESULTS}", values)
    return _candidates(await cursor.fetchall())


async def find_texts(tx: Transaction, query: str, filters: Filters, after: Place | None, limit: int) -> list[Candidate]:
    """Texts that have the terms of a tsquery, the newest first, after a place."""
    values = {**filters.conditions()[1], "query": query, "since": filters.since, "until": filters.until, "limit": limit}
    if after:
        values |= {"at": after.at, "id": after.conversation_id, "seq": after.seq}
    cursor = await tx.execute(texts_statement(filters, has_place=after is not None), values)
    return _candidates(await cursor.fetchall())


def _candidates(rows: Sequence[Row]) -> list[Candidate]:
    found = []
    for row in rows:
        event = event_of(row[6:])
        found.append(_candidate(row, Place(event.at, event.conversation_id, event.seq), event))
    return found


async def find_episodes(tx: Transaction, filters: Filters, after: Place | None, limit: int) -> list[Candidate]:
    """Episodes, the one that ended or changed last first, after a place; each with the last text in it."""
    conditions, values = _episode_conditions(filters)
    if after:
        conditions.append("(p.at, p.conversation_id, p.last_seq) < (%(at)s, %(id)s, %(seq)s)")
        values |= {"at": after.at, "id": after.conversation_id, "seq": after.seq}
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    query = f"""
        SELECT p.at, p.episode, {_RESULT}, p.conversation_id, p.last_seq, e.type, e.version, e.at, e.by_kind, e.by_name, e.data,
            e.key, e.seq
        FROM (SELECT * FROM search_episodes p {where}
              ORDER BY p.at DESC, p.conversation_id DESC, p.last_seq DESC LIMIT %(limit)s) AS p
        JOIN conversations s ON s.id = p.conversation_id
        LEFT JOIN LATERAL (
            SELECT seq FROM search_texts WHERE conversation_id = p.conversation_id AND seq BETWEEN p.first_seq AND p.last_seq
            ORDER BY seq DESC LIMIT 1) AS t ON true
        LEFT JOIN events e ON e.conversation_id = p.conversation_id AND e.seq = t.seq
        ORDER BY p.at DESC, p.conversation_id DESC, p.last_seq DESC"""
    rows = await (await tx.execute(query, {**values, "limit": limit})).fetchall()
    found = []
    for row in rows:
        id_, last_seq, *rest, text_seq = row[6:]
        event = event_of((id_, text_seq, *rest)) if text_seq is not None else None
        found.append(_candidate(row, Place(row[0], id_, last_seq), event))
    return found


def _candidate(row: Row, place: Place, event: Event | None) -> Candidate:
    episode, status, reason, outcome, agent_name = row[1:6]
    return Candidate(place, episode, status, reason, outcome, agent_name, event)
