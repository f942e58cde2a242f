"""Wake-ups of streams and the turn worker when something they wait for has changed.

The database is the truth; a wake-up only says "read again". A lost wake-up delays a waiter until the next sweep.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

#: Topics in addition to conversation ids. QUEUE: the queue or an assignment changed. TURNS: a turn is due. BOARD: this desk has
#: read the queue again.
QUEUE, TURNS, BOARD = "queue", "turns", "board"
#: INCIDENTS: a supervisor changed an incident. NEWS: this desk has read the incidents again.
INCIDENTS, NEWS = "incidents", "news"


def agent_topic(login: str) -> str:
    """The topic of one agent's conversations: one of their customers wrote."""
    return f"agent:{login}"


class Watch:
    """One waiter, which can change its topics. `seen`: the last sequence number of its conversation that it has read."""

    def __init__(self, watches: dict[str, set[Watch]]) -> None:
        self._watches, self._event = watches, asyncio.Event()
        self.topics: frozenset[str] = frozenset()
        self.seen = -1
        self._woken_by: set[str] = set()

    def follow(self, *topics: str) -> None:
        """Replace the topics."""
        for topic in self.topics.difference(topics):
            self._watches[topic].discard(self)
            if not self._watches[topic]:
                del self._watches[topic]
        for topic in topics:
            self._watches[topic].add(self)
        self.topics = frozenset(topics)

    def wake(self, topic: str) -> None:
        """A topic has changed."""
        self._woken_by.add(topic)
        self._event.set()

    @property
    def is_woken(self) -> bool:
        """Whether a wake-up has arrived that `wait` has not returned yet."""
        return self._event.is_set()

    async def wait(self, seconds: float | None = None) -> frozenset[str]:
        """Wait for a wake-up, at most this many seconds. Returns its topics, or none on timeout. Earlier wake-ups count."""
        try:
            async with asyncio.timeout(seconds):
                await self._event.wait()
        except TimeoutError:
            return frozenset()
        self._event.clear()
        woken_by, self._woken_by = frozenset(self._woken_by), set()
        return woken_by


class Wakeups:
    """Wakes waiters of this process at once, and informs the other desks through `publish`."""

    def __init__(self, publish: Callable[[Iterable[str]], None] = lambda topics: None) -> None:
        self.publish = publish
        #: Whether this desk is stopping. Every waiter checks it after each wake-up and then finishes.
        self.is_closing = False
        self._watches: dict[str, set[Watch]] = defaultdict(set)

    @contextmanager
    def watch(self, *topics: str) -> Iterator[Watch]:
        """Watch topics for the duration of the block."""
        watch = Watch(self._watches)
        watch.follow(*topics)
        try:
            yield watch
        finally:
            watch.follow()

    def wake(self, topics: Iterable[str]) -> None:
        """A change to these topics was committed. Only the store calls this, after each commit (`Transaction.wake`)."""
        self.wake_here(topics)
        self.publish(topics)

    def close(self) -> None:
        """Stop this desk: wake all waiters."""
        self.is_closing = True
        self.wake_here(list(self._watches))

    def has_watchers(self, topic: str) -> bool:
        """Whether a waiter in this process watches a topic."""
        return bool(self._watches.get(topic))

    def wake_here(self, topics: Iterable[str]) -> None:
        """Wake this process's waiters after a commit of this desk or another."""
        for topic in topics:
            for watch in self._watches.get(topic, ()):
                watch.wake(topic)

    def wake_who_missed(self, changed: Iterable[tuple[str, int]]) -> None:
        """Given conversations with their last sequence numbers, wake the waiters that have not read up to these."""
        for topic, seq in changed:
            for watch in self._watches.get(topic, ()):
                if watch.seen < seq:
                    watch.wake(topic)
