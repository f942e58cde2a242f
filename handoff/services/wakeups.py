"""Who waits for what: streams and the turn worker sleep here until something happened.

The database is the truth; a wake-up only says "look again". One that is lost costs a sleeper its sweep interval, nothing else.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

#: Topics beside the conversations' ids.
QUEUE, TURNS = "queue", "turns"


class Watch:
    """One sleeper."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def wake(self) -> None:
        """Something happened."""
        self._event.set()

    async def wait(self, seconds: float) -> bool:
        """Sleep until woken, or so many seconds. Whether it was woken; wake-ups from before the call count."""
        try:
            async with asyncio.timeout(seconds):
                await self._event.wait()
        except TimeoutError:
            return False
        self._event.clear()
        return True


class Wakeups:
    """Wakes sleepers of this process at once, and tells the other desks through `publish`."""

    def __init__(self, publish: Callable[[Iterable[str]], None] = lambda topics: None) -> None:
        self.publish = publish
        self._watches: dict[str, set[Watch]] = defaultdict(set)

    @contextmanager
    def watch(self, *topics: str) -> Iterator[Watch]:
        """Sleep on topics for as long as the block lasts."""
        watch = Watch()
        for topic in topics:
            self._watches[topic].add(watch)
        try:
            yield watch
        finally:
            for topic in topics:
                self._watches[topic].discard(watch)
                if not self._watches[topic]:
                    del self._watches[topic]

    def wake(self, *topics: str) -> None:
        """Something about these topics was committed."""
        self.wake_here(topics)
        self.publish(topics)

    def wake_here(self, topics: Iterable[str]) -> None:
        """Another desk committed something, or this one did."""
        for topic in topics:
            for watch in self._watches.get(topic, ()):
                watch.wake()
