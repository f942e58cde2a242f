"""The limits' tables on PostgreSQL: `limits` (requests charged) and `open_streams` (streams open at each desk).

Both are UNLOGGED: a crash of the database empties them, which only permits extra requests. Each statement commits by itself,
outside of the transactions of messages: a row that a whole office shares is locked for a fraction of a millisecond.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import psycopg
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from handoff.runtime.database import DESK_LOCKS
from handoff.runtime.errors import Unavailable
from handoff.runtime.limits.rules import BackOff, Failures

_Row = tuple[Any, ...]

#: Seconds for a query of the limits. After that the request goes on without it and meets the database's fault itself.
_POOL_SECONDS = 0.5
_CLEAN_AT_ONCE = 10_000

#: Keys are locked in a fixed order, so that two desks that charge the same keys cannot deadlock.
_CHARGE = """
    INSERT INTO limits AS kept (key, until)
    SELECT key, %(now)s + seconds FROM unnest(%(keys)s::text[], %(seconds)s::float8[]) AS asked (key, seconds) ORDER BY key
    ON CONFLICT (key) DO UPDATE SET until = greatest(kept.until, %(now)s) + excluded.until - %(now)s
    RETURNING key, until"""
#: The row is inserted or found; either way it is locked.
_LOCK_FAILURES = """
    INSERT INTO limits AS kept (key, until, failures) VALUES (%s, 0, 0)
    ON CONFLICT (key) DO UPDATE SET until = kept.until RETURNING failures, until"""
_LIVING = f"""
    SELECT objid::bigint FROM pg_locks
    WHERE locktype = 'advisory' AND classid::bigint = {DESK_LOCKS:d} AND objsubid = 2 AND granted
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""
_PUBLISH = """
    INSERT INTO open_streams (key, desk, streams)
    SELECT key, %(desk)s, streams FROM unnest(%(keys)s::text[], %(counts)s::int[]) AS mine (key, streams) ORDER BY key
    ON CONFLICT (key, desk) DO UPDATE SET streams = excluded.streams"""
_ELSEWHERE = f"""
    WITH published AS ({_PUBLISH})
    SELECT key, sum(streams) FROM open_streams
    WHERE key = ANY(%(keys)s) AND desk <> %(desk)s AND desk IN ({_LIVING}) GROUP BY key"""


class PostgresLimits:
    """`handoff.runtime.limits.rules.LimitStore` on the desk's pool of connections."""

    def __init__(self, pool: AsyncConnectionPool[AsyncConnection[_Row]]) -> None:
        self._pool = pool

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[AsyncConnection[_Row]]:
        try:
            async with self._pool.connection(_POOL_SECONDS) as connection:
                yield connection
        except (psycopg.IntegrityError, psycopg.ProgrammingError, psycopg.DataError):
            raise
        except (psycopg.Error, PoolTimeout, OSError) as error:
            raise Unavailable(
                "database_unavailable",
                "系统暂时无法保存，请稍后再试。您的内容还没有发出。",
                "The service cannot store anything right now; nothing was sent. Please try again.",
                cause=type(error).__name__,
            ) from error

    async def charge(self, seconds: dict[str, float], now: float) -> dict[str, float]:
        """Add seconds to each key's `until`. Returns the new values."""
        parameters = {"now": now, "keys": list(seconds), "seconds": list(seconds.values())}
        async with self._connection() as connection:
            return dict(await (await connection.execute(_CHARGE, parameters)).fetchall())

    async def attempt(self, key: str, back_off: BackOff, now: float) -> float:
        """Begin a sign-in."""
        async with self._connection() as connection, connection.transaction():
            row = await (await connection.execute(_LOCK_FAILURES, (key,))).fetchone()
            wait, failures = Failures(*(row or ())).attempt(back_off, now)
            if not wait:
                query = "UPDATE limits SET failures = %s, until = %s WHERE key = %s"
                await connection.execute(query, (failures.count, failures.until, key))
            return wait

    async def forget_failures(self, key: str) -> None:
        """A sign-in succeeded."""
        async with self._connection() as connection:
            await connection.execute("DELETE FROM limits WHERE key = %s", (key,))

    async def publish_streams(self, desk: int, counts: dict[str, int]) -> None:
        """Store how many streams are open at a desk."""
        async with self._connection() as connection, connection.transaction():
            await connection.execute(_PUBLISH, _streams(desk, counts))
            gone = [key for key, count in counts.items() if not count]
            await connection.execute("DELETE FROM open_streams WHERE desk = %s AND key = ANY(%s)", (desk, gone))

    async def streams_elsewhere(self, desk: int, counts: dict[str, int]) -> dict[str, int]:
        """Publish streams, and read how many are open at other running desks."""
        async with self._connection() as connection:
            rows = await (await connection.execute(_ELSEWHERE, _streams(desk, counts))).fetchall()
        return {key: int(streams) for key, streams in rows}

    async def clean(self, now: float, desk: int) -> None:
        """Delete rows that limit nothing any more."""
        forgotten = now - BackOff.forgotten_after_seconds
        async with self._connection() as connection:
            await connection.execute(
                """
                DELETE FROM limits WHERE key IN (
                    SELECT key FROM limits WHERE until < %s AND (failures IS NULL OR until < %s)
                    LIMIT %s FOR UPDATE SKIP LOCKED)""",
                (now, forgotten, _CLEAN_AT_ONCE),
            )
            # A running desk that lost its lock for a moment publishes its streams again.
            query = f"DELETE FROM open_streams WHERE desk <> %s AND desk NOT IN ({_LIVING})"
            await connection.execute(query, (desk,))


def _streams(desk: int, counts: dict[str, int]) -> dict[str, Any]:
    return {"desk": desk, "keys": list(counts), "counts": list(counts.values())}
