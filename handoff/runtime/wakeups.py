"""Who waits for what: streams and the turn worker sleep here until something happened.

The database is the truth; a wake-up only says "look again". One that is lost costs a sleeper the time to the next sweep.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

#: Topics beside the conversations' ids. QUEUE: who waits, and who has whom. TURNS: a turn is due. BOARD: this desk has read the
#: queue anew.
QUEUE, TURNS, BOARD = "queue", "turns", "board"


def agent_topic(login: str) -> str:
    """The topic of one agent's own conversations: their customers wrote."""
    return f"agent:{login}"


class Watch:
    """One sleeper, who can change its topics. `seen`: the last sequence number of its conversation that it has seen."""

    def __init__(self, watches: dict[str, set[Watch]]) -> None:
        self._watches, self._event = watches, asyncio.Event()
        self.topics: frozenset[str] = frozenset()
        self.seen = -1
        self._woken_by: set[str] = set()

    def follow(self, *topics: str) -> None:
        """Sleep on these topics from now on."""
        for topic in self.topics.difference(topics):
            self._watches[topic].discard(self)
            if not self._watches[topic]:
                del self._watches[topic]
        for topic in topics:
            self._watches[topic].add(self)
        self.topics = frozenset(topics)

    def wake(self, topic: str) -> None:
        """Something happened to this topic."""
        self._woken_by.add(topic)
        self._event.set()

    @property
    def is_woken(self) -> bool:
        """Whether something happened of which `wait` has not told yet."""
        return self._event.is_set()

    async def wait(self, seconds: float | None = None) -> frozenset[str]:
        """Wait until woken, or so many seconds. The topics that woke it, none after the time; earlier wake-ups count."""
        try:
            async with asyncio.timeout(seconds):
                await self._event.wait()
        except TimeoutError:
            return frozenset()
        self._event.clear()
        woken_by, self._woken_by = frozenset(self._woken_by), set()
        return woken_by


class Wakeups:
    """Wakes sleepers of this process at once, and tells the other desks through `publish`."""

    def __init__(self, publish: Callable[[Iterable[str]], None] = lambda topics: None) -> None:
        self.publish = publish
        #: Whether this desk ends. Who sleeps here looks after every wake-up, and brings what it does to an end.
        self.is_closing = False
        self._watches: dict[str, set[Watch]] = defaultdict(set)

    @contextmanager
    def watch(self, *topics: str) -> Iterator[Watch]:
        """Sleep on topics for as long as the block lasts."""
        watch = Watch(self._watches)
        watch.follow(*topics)
        try:
            yield watch
        finally:
            watch.follow()

    def wake(self, topics: Iterable[str]) -> None:
        """Something about these topics was committed. Only the store calls this, after each commit (`Transaction.wake`)."""
        self.wake_here(topics)
        self.publish(topics)

    def close(self) -> None:
        """This desk ends: wake everybody."""
        self.is_closing = True
        self.wake_here(list(self._watches))

    def has_watchers(self, topic: str) -> bool:
        """Whether anybody in this process waits for a topic."""
        return bool(self._watches.get(topic))

    def wake_here(self, topics: Iterable[str]) -> None:
        """Another desk committed something, or this one did."""
        for topic in topics:
            for watch in self._watches.get(topic, ()):
                watch.wake(topic)

    def wake_who_missed(self, changed: Iterable[tuple[str, int]]) -> None:
        """Of conversations and their last sequence numbers: wake the sleepers that have not seen so far."""
        for topic, seq in changed:
            for watch in self._watches.get(topic, ()):
                if watch.seen < seq:
                    watch.wake(topic)
