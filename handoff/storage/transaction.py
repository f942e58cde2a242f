"""The store on PostgreSQL: every query of the desk, on one page."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from handoff.domain.agents import Agent
from handoff.domain.conversation import PRIORITY_RANK, Conversation, Status
from handoff.domain.errors import Unavailable
from handoff.domain.events import Event, EventType, Participant
from handoff.storage.tables import agents, conversations, events, sessions

_FIELDS = tuple(f.name for f in dataclasses.fields(Conversation) if f.name != "new_events")
_QUEUE_ORDER = (conversations.c.priority_rank, conversations.c.queued_at, conversations.c.id)


# The statements of every turn, built once: building one anew costs as much as PostgreSQL's answer.
_CONVERSATION = sa.select(conversations).where(conversations.c.id == sa.bindparam("id"))
_CONVERSATION_LOCKED = _CONVERSATION.with_for_update()
_EVENTS = sa.select(events).where(events.c.conversation_id == sa.bindparam("id"))
_EVENT_BY_KEY = _EVENTS.where(events.c.key == sa.bindparam("key"))
_EVENTS_AFTER = _EVENTS.where(events.c.seq > sa.bindparam("after")).order_by(events.c.seq)
_TRIAGE_AFTER = _EVENTS_AFTER.where(events.c.type == EventType.TRIAGE.value)
_MESSAGES_AFTER = _EVENTS_AFTER.where(events.c.type == EventType.MESSAGE.value, events.c.by_kind == "customer")
_INSERT_EVENTS = sa.insert(events)
_UPDATE_CONVERSATION = (
    sa.update(conversations)
    .where(conversations.c.id == sa.bindparam("of_id"))
    .values({name: sa.bindparam(name) for name in (*_FIELDS, "priority_rank") if name != "id"})
)


def _conversation(row: sa.RowMapping) -> Conversation:
    values = {name: row[name] for name in _FIELDS}
    values["status"] = Status(values["status"])
    values["offered"] = list(values["offered"])
    return Conversation(**values)


def _values(conversation: Conversation) -> dict[str, Any]:
    values = {name: getattr(conversation, name) for name in _FIELDS}
    values["status"] = conversation.status.value
    values["priority_rank"] = PRIORITY_RANK[conversation.priority] if conversation.priority else None
    return values


def _event(row: sa.RowMapping) -> Event:
    by = Participant(row["by_kind"], row["by_name"])
    return Event(row["conversation_id"], row["seq"], EventType(row["type"]), row["at"], by, row["data"], row["key"])


def _event_values(event: Event) -> dict[str, Any]:
    return {
        "conversation_id": event.conversation_id,
        "seq": event.seq,
        "type": event.type.value,
        "at": event.at,
        "by_kind": event.by.kind,
        "by_name": event.by.name,
        "data": event.data,
        "key": event.key,
    }


def _agent(row: sa.RowMapping, load: int = 0) -> Agent:
    names = ("login", "name", "role", "capacity", "is_demo", "last_seen_at")
    return Agent(**{name: row[name] for name in names}, load=load)


class PostgresTransaction:
    """`handoff.domain.store.Transaction` on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def _rows(self, statement: sa.Executable, **parameters: Any) -> list[sa.RowMapping]:
        return list((await self._connection.execute(statement, parameters)).mappings())

    # --- conversations and their logs ------------------------------------------------------------------------------------

    async def find_conversation(self, conversation_id: str, *, lock: bool = False) -> Conversation | None:
        if "\x00" in conversation_id:  # an address can carry it, PostgreSQL's text cannot
            return None
        rows = await self._rows(_CONVERSATION_LOCKED if lock else _CONVERSATION, id=conversation_id)
        return _conversation(rows[0]) if rows else None

    async def add_conversation(self, conversation: Conversation) -> None:
        await self._connection.execute(sa.insert(conversations).values(**_values(conversation)))
        await self._insert_events(conversation)

    async def save(self, conversation: Conversation) -> None:
        values = _values(conversation)
        values["of_id"] = values.pop("id")
        await self._connection.execute(_UPDATE_CONVERSATION, values)
        await self._insert_events(conversation)

    async def _insert_events(self, conversation: Conversation) -> None:
        if conversation.new_events:
            await self._connection.execute(_INSERT_EVENTS, [_event_values(event) for event in conversation.new_events])
            conversation.new_events = []

    async def event_by_key(self, conversation_id: str, key: str) -> Event | None:
        rows = await self._rows(_EVENT_BY_KEY, id=conversation_id, key=key)
        return _event(rows[0]) if rows else None

    async def events_after(self, conversation_id: str, seq: int, *, limit: int | None = None) -> list[Event]:
        return [_event(row) for row in await self._rows(_EVENTS_AFTER.limit(limit), id=conversation_id, after=seq)]

    async def triage_after(self, conversation_id: str, seq: int) -> list[Event]:
        return [_event(row) for row in await self._rows(_TRIAGE_AFTER, id=conversation_id, after=seq)]

    async def customer_messages_after(self, conversation_id: str, seq: int, limit: int) -> list[Event]:
        return [_event(row) for row in await self._rows(_MESSAGES_AFTER.limit(limit), id=conversation_id, after=seq)]

    # --- turns, the queue, what idles ----------------------------------------------------------------------------------------

    async def lock_due_turn(self, now: dt.datetime) -> Conversation | None:
        c = conversations.c
        free = sa.or_(c.turn_id.is_(None), c.turn_expires_at < now)
        query = sa.select(conversations).where(c.due_at.isnot(None), free).order_by(c.due_at).limit(1)
        rows = await self._rows(query.with_for_update(skip_locked=True))
        return _conversation(rows[0]) if rows else None

    async def queued(self) -> list[Conversation]:
        query = sa.select(conversations).where(conversations.c.status == Status.QUEUED.value).order_by(*_QUEUE_ORDER)
        return [_conversation(row) for row in await self._rows(query)]

    async def queued_before(self, conversation: Conversation) -> int:
        place = sa.tuple_(
            sa.literal(PRIORITY_RANK[conversation.priority or "normal"], sa.SmallInteger),
            sa.literal(conversation.queued_at, sa.DateTime(timezone=True)),
            sa.literal(conversation.id, sa.Text),
        )
        query = sa.select(sa.func.count()).where(
            conversations.c.status == Status.QUEUED.value,
            conversations.c.id != conversation.id,
            sa.tuple_(*_QUEUE_ORDER) < place,
        )
        return int((await self._connection.execute(query)).scalar_one())

    async def assigned(self) -> list[Conversation]:
        query = sa.select(conversations).where(conversations.c.status == Status.ASSIGNED.value)
        return [_conversation(row) for row in await self._rows(query.order_by(conversations.c.assigned_at))]

    async def assigned_to(self, login: str) -> int:
        c = conversations.c
        query = sa.select(sa.func.count()).where(c.status == Status.ASSIGNED.value, c.agent == login)
        return int((await self._connection.execute(query)).scalar_one())

    async def idle_since(self, before: dt.datetime, status: str, limit: int) -> list[Conversation]:
        query = sa.select(conversations).where(conversations.c.status == status, conversations.c.updated_at < before)
        rows = await self._rows(query.order_by(conversations.c.updated_at).limit(limit).with_for_update(skip_locked=True))
        return [_conversation(row) for row in rows]

    # --- agents and their sessions -------------------------------------------------------------------------------------

    async def find_agent(self, login: str, *, lock: bool = False) -> Agent | None:
        query = sa.select(agents).where(agents.c.login == login)
        rows = await self._rows(query.with_for_update() if lock else query)
        return _agent(rows[0], await self.assigned_to(login)) if rows else None

    async def password_hash(self, login: str) -> str | None:
        query = sa.select(agents.c.password_hash).where(agents.c.login == login)
        return (await self._connection.execute(query)).scalar_one_or_none()

    async def agents(self) -> list[Agent]:
        c = conversations.c
        loads_query = sa.select(c.agent, sa.func.count()).where(c.status == Status.ASSIGNED.value).group_by(c.agent)
        loads = {login: int(count) for login, count in await self._connection.execute(loads_query)}
        rows = await self._rows(sa.select(agents).order_by(agents.c.login))
        return [_agent(row, loads.get(row["login"], 0)) for row in rows]

    async def save_agent(self, agent: Agent, password_hash: str) -> None:
        values = {name: getattr(agent, name) for name in ("login", "name", "role", "capacity", "is_demo")}
        statement = insert(agents).values(**values, password_hash=password_hash)
        changed = {**values, "password_hash": password_hash}
        await self._connection.execute(statement.on_conflict_do_update(index_elements=["login"], set_=changed))

    async def delete_demo_agents(self) -> None:
        await self._connection.execute(sa.delete(agents).where(agents.c.is_demo))

    async def saw_agent(self, login: str, now: dt.datetime) -> None:
        await self._connection.execute(sa.update(agents).where(agents.c.login == login).values(last_seen_at=now))

    async def add_session(self, token_hash: str, login: str, expires_at: dt.datetime) -> None:
        values = {"token_hash": token_hash, "login": login, "expires_at": expires_at}
        await self._connection.execute(sa.insert(sessions).values(**values))

    async def session_login(self, token_hash: str, now: dt.datetime) -> str | None:
        query = sa.select(sessions.c.login).where(sessions.c.token_hash == token_hash, sessions.c.expires_at > now)
        return (await self._connection.execute(query)).scalar_one_or_none()

    async def delete_session(self, token_hash: str) -> None:
        await self._connection.execute(sa.delete(sessions).where(sessions.c.token_hash == token_hash))


class PostgresStore:
    """`handoff.domain.store.Store` on an engine."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._reader = engine.execution_options(isolation_level="AUTOCOMMIT")

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[PostgresTransaction]:
        """A transaction; whatever keeps the database from taking it becomes Unavailable."""
        with _unavailable_for_faults():
            async with self._engine.begin() as connection:
                yield PostgresTransaction(connection)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[PostgresTransaction]:
        """Each statement for itself: no round trips for a transaction's begin and end."""
        with _unavailable_for_faults():
            async with self._reader.connect() as connection:
                yield PostgresTransaction(connection)

    async def ping(self) -> None:
        """One round trip."""
        try:
            async with self._engine.connect() as connection:
                await connection.execute(sa.text("SELECT 1"))
        except (SQLAlchemyError, OSError) as error:
            raise _unavailable(error) from error


@contextmanager
def _unavailable_for_faults() -> Iterator[None]:
    """The database's faults become Unavailable; our own mistakes (a wrong statement, a broken rule) stay what they are."""
    try:
        yield
    except (sa.exc.IntegrityError, sa.exc.ProgrammingError, sa.exc.DataError):
        raise
    except (DBAPIError, PoolTimeout, OSError) as error:
        raise _unavailable(error) from error


def _unavailable(error: BaseException) -> Unavailable:
    return Unavailable(
        "database_unavailable",
        "系统暂时无法保存，请稍后再试。您的内容还没有发出。",
        "The service cannot store anything right now; nothing was sent. Please try again.",
        cause=type(error).__name__,
    )
