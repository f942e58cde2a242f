"""The store on PostgreSQL: every query of the desk, on one page.

Plain psycopg: SQLAlchemy's layers would take three times the processor time of a turn's statements
(docs/decisions/014-plain-psycopg.md). The tables are made in migrations/.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, TypeVar, cast

import psycopg
from psycopg import AsyncConnection, AsyncCursor
from psycopg.types.json import Jsonb

from contract.priorities import LANE_RANK, queue_rank
from handoff.accounts.agents import Agent
from handoff.conversations.conversation import Conversation, Status
from handoff.conversations.events import Event, EventType, Participant
from handoff.runtime.database import DESK_LOCKS, Pool
from handoff.runtime.errors import Unavailable
from handoff.runtime.store import QueuePlace

_FIELDS = tuple(f.name for f in dataclasses.fields(Conversation) if f.name != "new_events")
_COLUMNS = ", ".join(_FIELDS)
_STATUS = _FIELDS.index("status")
_JSON_FIELDS = [_FIELDS.index(name) for name in ("offered", "earlier", "cancelled")]
_EVENT_COLUMNS = "conversation_id, seq, type, at, by_kind, by_name, data, key"
_AGENT_COLUMNS = "login, name, role, capacity, is_demo, is_disabled, last_seen_at"
_LOAD = "(SELECT count(*) FROM conversations WHERE status = 'assigned' AND agent = agents.login)"

_CONVERSATION = f"SELECT {_COLUMNS} FROM conversations WHERE id = %s"
_INSERT = f"INSERT INTO conversations ({_COLUMNS}, priority_rank) VALUES ({', '.join(['%s'] * (len(_FIELDS) + 1))})"
_UPDATE = f"UPDATE conversations SET {', '.join(f'{name} = %s' for name in (*_FIELDS, 'priority_rank'))} WHERE id = %s"
_EVENT_ROW = "(%s, %s, %s, %s, %s, %s, %s, %s)"
_EVENTS = f"SELECT {_EVENT_COLUMNS} FROM events WHERE conversation_id = %s"
_QUEUE_ORDER = "priority_rank, queued_at, id"
#: A crowd is of urgent conversations of one origin. One in a lane belongs to none: it is never hidden behind another card.
_CROWD = "CASE WHEN priority = 'urgent' AND lane IS NULL THEN coalesce(origin, id) ELSE id END"
#: Waiting conversations with `nth` among the urgent ones of their origin, and how many are `alike`.
_WAITING = f"""
    WITH waiting AS (
        SELECT {_COLUMNS}, priority_rank,
            count(*) OVER address AS alike, row_number() OVER (address ORDER BY {_QUEUE_ORDER}) AS nth
        FROM conversations WHERE status = 'queued'
        WINDOW address AS (PARTITION BY {_CROWD}))"""
#: A turn is free to take when nobody runs it, its lease is over, or the desk that ran it has let go of its lock: it died.
_DUE = f"""
    SELECT {_COLUMNS} FROM conversations
    WHERE due_at IS NOT NULL AND id <> ALL(%s) AND (
        turn_id IS NULL OR turn_expires_at < %s OR %s AND turn_desk NOT IN (
            SELECT objid::bigint FROM pg_locks
            WHERE locktype = 'advisory' AND classid::bigint = {DESK_LOCKS:d} AND objsubid = 2 AND granted
              AND database = (SELECT oid FROM pg_database WHERE datname = current_database())))
    ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED"""

#: Before any conversation.
_BEGINNING = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)

_Row = tuple[Any, ...]
_Parameters = Sequence[Any] | Mapping[str, Any]
T = TypeVar("T")


def _conversation(row: _Row) -> Conversation:
    values = list(row)
    values[_STATUS] = Status(values[_STATUS])
    return Conversation(*values)


def _values(conversation: Conversation) -> list[Any]:
    values = [getattr(conversation, name) for name in _FIELDS]
    values[_STATUS] = conversation.status.value
    for field in _JSON_FIELDS:
        values[field] = None if values[field] is None else Jsonb(values[field])
    rank = queue_rank(conversation.priority, conversation.lane) if conversation.priority else None
    return [*values, rank]


def _event(row: _Row) -> Event:
    conversation_id, seq, type_, at, by_kind, by_name, data, key = row
    return Event(conversation_id, seq, EventType(type_), at, Participant(by_kind, by_name), data, key)


def _event_values(event: Event) -> tuple[Any, ...]:
    by = event.by
    return event.conversation_id, event.seq, event.type.value, event.at, by.kind, by.name, Jsonb(event.data), event.key


class PostgresTransaction:
    """`handoff.runtime.store.Transaction` on one connection."""

    def __init__(self, connection: AsyncConnection[_Row]) -> None:
        self._connection = connection
        self.topics: set[str] = set()
        self._callbacks: list[Callable[[bool], None]] = []

    def wake(self, *topics: str) -> None:
        self.topics.update(topics)

    def when_over(self, callback: Callable[[bool], None]) -> None:
        self._callbacks.append(callback)

    def over(self, *, committed: bool) -> None:
        """The store says so, once."""
        for callback in self._callbacks:
            callback(committed)

    async def _execute(self, query: str, parameters: _Parameters) -> AsyncCursor[_Row]:
        return await self._connection.execute(query, parameters)

    async def _rows(self, query: str, *parameters: Any) -> list[_Row]:
        return await (await self._execute(query, parameters)).fetchall()

    async def _value(self, query: str, *parameters: Any) -> Any:
        row = await (await self._execute(query, parameters)).fetchone()
        return row[0] if row else None

    # --- conversations and their logs ------------------------------------------------------------------------------------

    async def find_conversation(self, conversation_id: str, *, lock: bool = False) -> Conversation | None:
        if "\x00" in conversation_id:  # an address can carry it, PostgreSQL's text cannot
            return None
        rows = await self._rows(_CONVERSATION + (" FOR UPDATE" if lock else ""), conversation_id)
        return _conversation(rows[0]) if rows else None

    async def add_conversation(self, conversation: Conversation) -> None:
        await self._with_events(_INSERT, _values(conversation), conversation)

    async def save(self, conversation: Conversation) -> None:
        await self._with_events(_UPDATE, [*_values(conversation), conversation.id], conversation)

    async def _with_events(self, write: str, values: Sequence[Any], conversation: Conversation) -> None:
        """Row and new events in one statement: one round trip."""
        events = conversation.new_events
        if events:
            rows = ", ".join([_EVENT_ROW] * len(events))
            write = f"WITH written AS ({write}) INSERT INTO events ({_EVENT_COLUMNS}) VALUES {rows}"
            values = [*values, *(value for event in events for value in _event_values(event))]
        await self._execute(write, values)
        conversation.new_events = []

    async def event_by_key(self, conversation_id: str, key: str) -> Event | None:
        rows = await self._rows(f"{_EVENTS} AND key = %s", conversation_id, key)
        return _event(rows[0]) if rows else None

    async def events_after(self, conversation_id: str, seq: int, *, limit: int | None = None) -> list[Event]:
        rows = await self._rows(f"{_EVENTS} AND seq > %s ORDER BY seq LIMIT %s", conversation_id, seq, limit)
        return [_event(row) for row in rows]

    async def triage_after(self, conversation_id: str, seq: int) -> list[Event]:
        rows = await self._rows(f"{_EVENTS} AND seq > %s AND type = 'triage' ORDER BY seq", conversation_id, seq)
        return [_event(row) for row in rows]

    async def customer_messages_after(self, conversation_id: str, seq: int, limit: int) -> list[Event]:
        query = f"{_EVENTS} AND seq > %s AND type = 'message' AND by_kind = 'customer' ORDER BY seq LIMIT %s"
        return [_event(row) for row in await self._rows(query, conversation_id, seq, limit)]

    async def door_label(self, conversation_id: str, choice: str) -> str | None:
        query = """
            SELECT button ->> 'label' FROM events, jsonb_array_elements(data -> 'buttons') AS button
            WHERE conversation_id = %s AND type = 'message' AND by_kind = 'bot' AND data ? 'buttons'
                AND button ->> 'kind' = 'door' AND button ->> 'choice' = %s
            ORDER BY seq DESC LIMIT 1"""
        return cast("str | None", await self._value(query, conversation_id, choice))

    # --- turns, the queue, what idles ----------------------------------------------------------------------------------------

    async def lock_due_turn(self, now: dt.datetime, *, of_dead_desks: bool, but: Collection[str] = ()) -> Conversation | None:
        rows = await self._rows(_DUE, list(but), now, of_dead_desks)
        return _conversation(rows[0]) if rows else None

    async def queue_page(self, same_address: int, after: QueuePlace | None, limit: int) -> list[tuple[Conversation, int]]:
        query = f"""{_WAITING}
            SELECT {_COLUMNS}, CASE WHEN alike > %s THEN alike ELSE 1 END FROM waiting
            WHERE (alike <= %s OR nth = 1) AND ({_QUEUE_ORDER}) > (%s::smallint, %s::timestamptz, %s)
            ORDER BY {_QUEUE_ORDER} LIMIT %s"""
        place = (after.priority_rank, after.queued_at, after.conversation_id) if after else (LANE_RANK - 1, _BEGINNING, "")
        rows = await self._rows(query, same_address, same_address, *place, limit)
        return [(_conversation(row[:-1]), row[-1]) for row in rows]

    async def queued_of_origin(self, origin: str, limit: int) -> list[Conversation]:
        query = f"""
            SELECT {_COLUMNS} FROM conversations
            WHERE status = 'queued' AND priority = 'urgent' AND lane IS NULL AND origin = %s
            ORDER BY {_QUEUE_ORDER} LIMIT %s"""
        return [_conversation(row) for row in await self._rows(query, origin, limit)]

    async def queue_order(self, same_address: int) -> list[str]:
        query = f"{_WAITING} SELECT id FROM waiting ORDER BY priority_rank, nth > %s, queued_at, id"
        return [row[0] for row in await self._rows(query, same_address)]

    async def queued_before(self, conversation: Conversation, same_address: int) -> int:
        # The conversation's own row may say another thing than the conversation, which is not saved yet.
        query = f"""{_WAITING}, others AS (
                SELECT id, priority_rank, queued_at, origin,
                    row_number() OVER (PARTITION BY {_CROWD} ORDER BY {_QUEUE_ORDER}) AS nth
                FROM waiting WHERE id <> %(id)s)
            SELECT count(*) FROM others WHERE (priority_rank, nth > %(most)s, queued_at, id) < (
                %(rank)s::smallint,
                %(rank)s = 0 AND (SELECT count(*) FROM others WHERE priority_rank = 0 AND origin = %(origin)s
                                  AND ({_QUEUE_ORDER}) < (%(rank)s::smallint, %(at)s::timestamptz, %(id)s)) >= %(most)s,
                %(at)s::timestamptz, %(id)s)"""
        values = {
            "id": conversation.id,
            "rank": queue_rank(conversation.priority, conversation.lane),
            "at": conversation.queued_at,
            "origin": conversation.origin,
            "most": same_address,
        }
        row = await (await self._execute(query, values)).fetchone()
        return int(row[0]) if row else 0

    async def queue_lengths(self) -> list[tuple[str, int, dt.datetime]]:
        query = "SELECT priority, count(*), min(queued_at) FROM conversations WHERE status = 'queued' GROUP BY priority"
        return [(priority, length, since) for priority, length, since in await self._rows(query)]

    async def assigned(self) -> list[Conversation]:
        query = f"SELECT {_COLUMNS} FROM conversations WHERE status = 'assigned' ORDER BY assigned_at"
        return [_conversation(row) for row in await self._rows(query)]

    async def assigned_to(self, login: str) -> int:
        return int(await self._value("SELECT count(*) FROM conversations WHERE status = 'assigned' AND agent = %s", login))

    async def assigned_of(self, login: str) -> list[Conversation]:
        query = f"SELECT {_COLUMNS} FROM conversations WHERE status = 'assigned' AND agent = %s ORDER BY assigned_at"
        return [_conversation(row) for row in await self._rows(query, login)]

    async def idle_since(self, before: dt.datetime, status: str, limit: int) -> list[Conversation]:
        query = f"""
            SELECT {_COLUMNS} FROM conversations WHERE status = %s AND updated_at < %s
                AND due_at IS NULL AND (status <> 'assigned' OR customer_waits_since IS NULL)
            ORDER BY updated_at LIMIT %s FOR UPDATE SKIP LOCKED"""
        return [_conversation(row) for row in await self._rows(query, status, before, limit)]

    async def changed_since(self, since: dt.datetime) -> list[tuple[str, int]]:
        # The statuses are named because the index begins with them.
        query = "SELECT id, last_seq FROM conversations WHERE status = ANY(%s) AND updated_at > %s"
        return [(row[0], row[1]) for row in await self._rows(query, [status.value for status in Status], since)]

    # --- agents and their sessions -------------------------------------------------------------------------------------

    async def find_agent(self, login: str, *, lock: bool = False) -> Agent | None:
        query = f"SELECT {_AGENT_COLUMNS} FROM agents WHERE login = %s"
        rows = await self._rows(query + (" FOR UPDATE" if lock else ""), login)
        return Agent(*[*rows[0], await self.assigned_to(login)]) if rows else None

    async def password_hash(self, login: str) -> str | None:
        return cast("str | None", await self._value("SELECT password_hash FROM agents WHERE login = %s", login))

    async def agents(self) -> list[Agent]:
        query = f"SELECT {_AGENT_COLUMNS}, {_LOAD} FROM agents ORDER BY login"
        return [Agent(*row) for row in await self._rows(query)]

    async def save_agent(self, agent: Agent, password_hash: str) -> None:
        await self._execute(
            """
            INSERT INTO agents (login, name, role, capacity, is_demo, is_disabled, password_hash)
            VALUES (%s, %s, %s, %s, %s, %s, %s)
            ON CONFLICT (login) DO UPDATE SET name = excluded.name, role = excluded.role, capacity = excluded.capacity,
                is_demo = excluded.is_demo, is_disabled = excluded.is_disabled, password_hash = excluded.password_hash""",
            (agent.login, agent.name, agent.role, agent.capacity, agent.is_demo, agent.is_disabled, password_hash),
        )

    async def delete_agent(self, login: str) -> None:
        await self._execute("DELETE FROM agents WHERE login = %s", (login,))

    async def delete_demo_agents(self) -> None:
        await self._execute("DELETE FROM agents WHERE is_demo", ())

    async def saw_agent(self, login: str, now: dt.datetime) -> None:
        await self._execute("UPDATE agents SET last_seen_at = %s WHERE login = %s", (now, login))

    async def add_session(self, token_hash: str, login: str, expires_at: dt.datetime) -> None:
        query = "INSERT INTO sessions (token_hash, login, expires_at) VALUES (%s, %s, %s)"
        await self._execute(query, (token_hash, login, expires_at))

    async def session_agent(self, token_hash: str, now: dt.datetime) -> Agent | None:
        query = f"""
            SELECT {_AGENT_COLUMNS}, {_LOAD} FROM agents JOIN sessions USING (login)
            WHERE token_hash = %s AND expires_at > %s AND NOT is_disabled"""
        rows = await self._rows(query, token_hash, now)
        return Agent(*rows[0]) if rows else None

    async def delete_session(self, token_hash: str) -> None:
        await self._execute("DELETE FROM sessions WHERE token_hash = %s", (token_hash,))

    async def end_sessions(self, login: str) -> None:
        await self._execute("DELETE FROM sessions WHERE login = %s", (login,))
        await self._execute("UPDATE agents SET last_seen_at = NULL WHERE login = %s", (login,))

    async def delete_expired_sessions(self, now: dt.datetime, limit: int) -> None:
        query = """
            DELETE FROM sessions WHERE token_hash IN (
                SELECT token_hash FROM sessions WHERE expires_at <= %s LIMIT %s FOR UPDATE SKIP LOCKED)"""
        await self._execute(query, (now, limit))


class _Reader(PostgresTransaction):
    """Reads, each statement for itself, so a statement that met a dead connection is run again on another one."""

    def __init__(self, lease: _Lease) -> None:
        self._lease = lease
        self.topics = set()
        self._callbacks = []

    async def _execute(self, query: str, parameters: _Parameters) -> AsyncCursor[_Row]:
        return await self._lease.run(lambda connection: connection.execute(query, parameters))


class _Lease:
    """A connection of the pool. A dead one is given back before another is asked for.

    After a restart of the database every connection in the pool is dead. Who kept one while waiting for the next would keep
    the pool from replacing it, and as many requests as the pool has connections would wait for each other.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._connection: AsyncConnection[_Row] | None = None
        self._until = time.monotonic() + pool.timeout

    async def run(self, do: Callable[[AsyncConnection[_Row]], Awaitable[T]]) -> T:
        """Do what may be done again: it begins something or only reads. Raises PoolTimeout after the pool's time in all."""
        # So many dead connections can be in the pool at most.
        for _ in range(self._pool.max_size):
            connection = await self._get()
            try:
                return await do(connection)
            except psycopg.OperationalError:
                if not connection.broken:
                    raise  # an answer of the database, not the loss of it
                await self.give_back()
        return await do(await self._get())

    async def _get(self) -> AsyncConnection[_Row]:
        if self._connection is None:
            # Not less than a moment: one that was given back late may have left nothing of the time.
            self._connection = await self._pool.getconn(max(self._until - time.monotonic(), 0.1))
        return self._connection

    async def give_back(self) -> None:
        """To the pool, which replaces a dead connection."""
        if self._connection is not None:
            connection, self._connection = self._connection, None
            await self._pool.putconn(connection)


class PostgresStore:
    """`handoff.runtime.store.Store` on a pool of connections, which are in autocommit mode outside of `begin`.

    `wake` is called with the topics of each transaction after its commit.
    """

    def __init__(self, pool: Pool, wake: Callable[[Iterable[str]], None] = lambda topics: None) -> None:
        self._pool, self._wake = pool, wake

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[PostgresTransaction]:
        """A transaction; whatever keeps the database from taking it becomes Unavailable."""
        tx: PostgresTransaction | None = None
        committed = False
        try:
            async with self._faults_as_unavailable(), self._lease() as lease, AsyncExitStack() as stack:

                async def begin(connection: AsyncConnection[_Row]) -> PostgresTransaction:
                    await stack.enter_async_context(connection.transaction())
                    return PostgresTransaction(connection)

                tx = await lease.run(begin)
                yield tx
            committed = True
        finally:
            if tx is not None:
                tx.over(committed=committed)
        if tx.topics:
            self._wake(tx.topics)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[PostgresTransaction]:
        """Each statement for itself: no round trips for a transaction's begin and end."""
        async with self._faults_as_unavailable(), self._lease() as lease:
            yield _Reader(lease)

    async def ping(self) -> None:
        """One round trip."""
        async with self._faults_as_unavailable(), self._lease() as lease:
            await lease.run(lambda connection: connection.execute("SELECT 1"))

    @asynccontextmanager
    async def _lease(self) -> AsyncIterator[_Lease]:
        lease = _Lease(self._pool)
        try:
            yield lease
        finally:
            await lease.give_back()

    def pool_stats(self) -> dict[str, int]:
        """Connections: `size`, `available`; and how many requests are `waiting` for one."""
        stats = self._pool.get_stats()
        names = {"size": "pool_size", "available": "pool_available", "waiting": "requests_waiting"}
        return {name: stats.get(key, 0) for name, key in names.items()}

    @asynccontextmanager
    async def _faults_as_unavailable(self) -> AsyncIterator[None]:
        """The database's faults become Unavailable; our own mistakes (a wrong statement, a broken rule) stay what they are."""
        try:
            yield
        except (psycopg.IntegrityError, psycopg.ProgrammingError, psycopg.DataError):
            raise
        except (psycopg.Error, OSError) as error:
            raise Unavailable(
                "database_unavailable",
                "系统暂时无法保存，请稍后再试。您的内容还没有发出。",
                "The service cannot store anything right now; nothing was sent. Please try again.",
                cause=type(error).__name__,
            ) from error
