"""Transactions on PostgreSQL. Each room keeps its own statements in its `store.py`.

Plain psycopg: SQLAlchemy's layers would take three times the CPU time of a turn's statements
(docs/decisions/014-plain-psycopg.md). The tables are created in migrations/.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, TypeVar

import psycopg
from psycopg import AsyncConnection, AsyncCursor

from handoff.runtime.database import Pool
from handoff.runtime.errors import Unavailable

Row = tuple[Any, ...]
_Parameters = Sequence[Any] | Mapping[str, Any]
T = TypeVar("T")


class Transaction:
    """One transaction on one connection. Locked rows stay locked until it ends; an exception rolls everything back."""

    def __init__(self, connection: AsyncConnection[Row], on_save: Callable[[Any], None] = lambda draft: None) -> None:
        """`on_save`: called with each draft of a conversation before it is stored."""
        self._connection = connection
        self.on_save = on_save
        self.topics: set[str] = set()
        self._callbacks: list[Callable[[bool], None]] = []

    def wake(self, *topics: str) -> None:
        """Wake the streams and workers that wait for these topics (`handoff.runtime.wakeups`), after the commit.

        A wake-up before the commit would let a waiter read the old state and wait again. Nothing is sent after a rollback.
        """
        self.topics.update(topics)

    def when_over(self, callback: Callable[[bool], None]) -> None:
        """Register a callback for the end of the transaction, called with whether it committed, for example to release a claim.

        A commit whose response was lost counts as not committed.
        """
        self._callbacks.append(callback)

    def over(self, *, committed: bool) -> None:
        """Run the callbacks. The store calls this once."""
        for callback in self._callbacks:
            callback(committed)

    async def execute(self, query: str, parameters: _Parameters) -> AsyncCursor[Row]:
        """Run one statement."""
        return await self._connection.execute(query, parameters)

    async def rows(self, query: str, *parameters: Any) -> list[Row]:
        """All rows of a query."""
        return await (await self.execute(query, parameters)).fetchall()

    async def value(self, query: str, *parameters: Any) -> Any:
        """The first column of the first row of a query; None without a row."""
        row = await (await self.execute(query, parameters)).fetchone()
        return row[0] if row else None


class _Reader(Transaction):
    """Reads without a transaction. A statement that met a dead connection is run again on another one."""

    def __init__(self, lease: _Lease) -> None:
        self._lease = lease
        self.on_save = lambda draft: None
        self.topics = set()
        self._callbacks = []

    async def execute(self, query: str, parameters: _Parameters) -> AsyncCursor[Row]:
        return await self._lease.run(lambda connection: connection.execute(query, parameters))


class _Lease:
    """A connection of the pool. A dead connection is returned to the pool before another is requested.

    After a restart of the database every connection in the pool is dead. A request that kept a dead connection while it waited
    for the next would prevent the pool from replacing it, and all requests would wait for each other.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._connection: AsyncConnection[Row] | None = None
        self._until = time.monotonic() + pool.timeout

    async def run(self, do: Callable[[AsyncConnection[Row]], Awaitable[T]]) -> T:
        """Run something that may be repeated: a begin or a read. Raises PoolTimeout after the pool's timeout in total."""
        # The pool can hold at most this many dead connections.
        for _ in range(self._pool.max_size):
            connection = await self._get()
            try:
                return await do(connection)
            except psycopg.OperationalError:
                if not connection.broken:
                    raise  # the database answered with an error; the connection works
                await self.give_back()
        return await do(await self._get())

    async def _get(self) -> AsyncConnection[Row]:
        if self._connection is None:
            # At least a moment: a connection that was returned late may have used up the time.
            self._connection = await self._pool.getconn(max(self._until - time.monotonic(), 0.1))
        return self._connection

    async def give_back(self) -> None:
        """Return the connection to the pool, which replaces a dead one."""
        if self._connection is not None:
            connection, self._connection = self._connection, None
            await self._pool.putconn(connection)


class Store:
    """Opens transactions on a pool of connections, which are in autocommit mode outside of `begin`.

    `wake` is called with the topics of each transaction after its commit. `on_save` sees each changed conversation before it is
    stored, and may add to it; the bootstrap sets it.
    """

    def __init__(self, pool: Pool, wake: Callable[[Iterable[str]], None] = lambda topics: None) -> None:
        self._pool, self._wake = pool, wake
        self.on_save: Callable[[Any], None] = lambda draft: None

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Transaction]:
        """A transaction. Any fault of the database becomes Unavailable."""
        tx: Transaction | None = None
        committed = False
        try:
            async with self._faults_as_unavailable(), self._lease() as lease, AsyncExitStack() as stack:

                async def begin(connection: AsyncConnection[Row]) -> Transaction:
                    await stack.enter_async_context(connection.transaction())
                    return Transaction(connection, self.on_save)

                tx = await lease.run(begin)
                yield tx
            committed = True
        finally:
            if tx is not None:
                tx.over(committed=committed)
        if tx.topics:
            self._wake(tx.topics)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Transaction]:
        """Run each statement by itself, which saves the round trips of begin and commit."""
        async with self._faults_as_unavailable(), self._lease() as lease:
            yield _Reader(lease)

    async def ping(self) -> None:
        """One round trip to the database."""
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
        """Number of connections: `size`, `available`; and the number of requests `waiting` for one."""
        stats = self._pool.get_stats()
        names = {"size": "pool_size", "available": "pool_available", "waiting": "requests_waiting"}
        return {name: stats.get(key, 0) for name, key in names.items()}

    @asynccontextmanager
    async def _faults_as_unavailable(self) -> AsyncIterator[None]:
        """Turn faults of the database into Unavailable. Programming errors (a wrong statement, a broken rule) pass through."""
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
