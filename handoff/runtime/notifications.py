"""Wake-ups between desks by PostgreSQL's NOTIFY, and the lock that shows that a desk runs.

Notifications are sent in batches on their own connection, after commit: a NOTIFY inside a transaction takes a lock that
serialises all commits of the database.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections.abc import Callable, Iterable

import psycopg
import structlog

from handoff.runtime.database import DESK_LOCKS

logger = structlog.get_logger(__name__)

_CHANNEL = "handoff_wakeups"
_BATCH_SECONDS = 0.01
#: The heartbeat topic. A desk sends it at intervals, and at once when it hears a new desk, so desks know of each other.
_HERE, _HERE_SECONDS, _ALONE_AFTER_SECONDS = "here", 2.0, 10.0
_RECONNECT_SECONDS = 0.25
#: Seconds for which a desk must hold its own lock before it treats other desks without a lock as dead: after a database fault
#: all desks lose their locks together and get them back one by one.
_SETTLED_SECONDS = 3.0
#: PostgreSQL's limit of a payload is 8,000 bytes; ids have 32.
_TOPICS_PER_NOTIFY = 150


async def notify_once(url: str, topics: Iterable[str]) -> None:
    """Notify all desks about topics from a process that is not a desk."""
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        await _notify(connection, sorted(topics))


async def _notify(connection: psycopg.AsyncConnection[tuple[object, ...]], topics: list[str]) -> None:
    for start in range(0, len(topics), _TOPICS_PER_NOTIFY):
        payload = ",".join(topics[start : start + _TOPICS_PER_NOTIFY])
        await connection.execute("SELECT pg_notify(%s, %s)", (_CHANNEL, payload))


class Notifications:
    """Listens for other desks' topics and sends ours when other desks run. Reconnects for ever.

    The listening connection holds an advisory lock with this desk's number. PostgreSQL releases it as soon as the process dies.
    Other desks then take over its turns. `desk`: the number, from 0 to 2**31 - 1.
    """

    def __init__(self, url: str, heard: Callable[[list[str]], None], desk: int = 0) -> None:
        self._url, self._heard, self._desk = url, heard, desk
        self._pending: set[str] = set()
        self._has_pending = asyncio.Event()
        self._own_pid: int | None = None
        self._alive_since: float | None = None
        self._heard_at = -math.inf

    def sees_the_living(self) -> bool:
        """Whether this desk may conclude that a desk without a lock is dead."""
        return self._alive_since is not None and time.monotonic() - self._alive_since >= _SETTLED_SECONDS

    def publish(self, topics: Iterable[str]) -> None:
        """Queue topics for the other desks; never blocks, never fails. Does nothing while no other desk runs."""
        if time.monotonic() - self._heard_at > _ALONE_AFTER_SECONDS:
            return
        self._pending.update(topics)
        self._has_pending.set()

    async def run(self) -> None:
        """Listen and send until cancelled."""
        pause = 0.0  # connect at once: without the lock other desks take over this one's turns
        while True:
            await asyncio.sleep(pause)
            started = asyncio.get_running_loop().time()
            tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._send())]
            try:
                await asyncio.gather(*tasks)
            except (psycopg.Error, OSError) as error:
                logger.warning("wakeups.interrupted", error=type(error).__name__)
            finally:
                self._alive_since = None
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
            pause = 0.0 if asyncio.get_running_loop().time() - started > _RECONNECT_SECONDS else _RECONNECT_SECONDS

    async def _listen(self) -> None:
        async with await psycopg.AsyncConnection.connect(self._url, autocommit=True) as connection:
            # Shared, because the server may not have noticed yet that an earlier connection of this desk is closed.
            await connection.execute("SELECT pg_advisory_lock_shared(%s, %s)", (DESK_LOCKS, self._desk))
            await connection.execute(f"LISTEN {_CHANNEL}")
            self._alive_since = time.monotonic()
            async for notification in connection.notifies():
                if notification.pid == self._own_pid:
                    continue
                is_new = time.monotonic() - self._heard_at > _ALONE_AFTER_SECONDS
                self._heard_at = time.monotonic()
                if is_new:
                    self.publish([_HERE])
                self._heard(notification.payload.split(","))

    async def _send(self) -> None:
        async with await psycopg.AsyncConnection.connect(self._url, autocommit=True) as connection:
            self._own_pid = connection.info.backend_pid
            while True:
                topics, self._pending = sorted({*self._pending, _HERE}), set()
                self._has_pending.clear()
                await _notify(connection, topics)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_HERE_SECONDS):
                        await self._has_pending.wait()
                await asyncio.sleep(_BATCH_SECONDS)
