"""The queue as this desk shows it: read once for all streams, at most once a second, and only when it changed.

Without it each waiting customer's stream and each agent's stream would read the queue by itself after every change.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from content.desk_policy import DeskPolicy
from handoff.accounts.agents import Agent
from handoff.accounts.store import list_agents
from handoff.conversations.state import Conversation
from handoff.queue.capacity import silent_before
from handoff.queue.outlook import online_by_queue
from handoff.queue.store import (
    Held,
    QueuePlace,
    assigned_conversations,
    held_by_all,
    queue_order,
    queue_page,
    recent_takes,
)
from handoff.queue.waits import NOTHING_KNOWN, RecentWaits, recent_waits
from handoff.runtime.errors import Unavailable
from handoff.runtime.transaction import Store, Transaction
from handoff.runtime.wakeups import BOARD, QUEUE, Wakeups

logger = structlog.get_logger(__name__)

#: Cards on one page of the queue.
PAGE_SIZE = 100
#: The shortest time between two readings, and the longest: agents come and go without a wake-up.
_SHORTEST_SECONDS, _LONGEST_SECONDS = 1.0, 10.0
#: The expected wait comes from the last conversations, read again after this time.
_RECENT_FOR = dt.timedelta(minutes=1)
_TAKES = 2000


@dataclass(frozen=True)
class QueueEntry:
    """One card of the queue: a waiting conversation, and how many urgent cases of its address it stands for."""

    conversation: Conversation
    same_address: int


@dataclass(frozen=True)
class QueuePage:
    """Some cards in their order, and where the next page begins (None after the last card)."""

    entries: list[QueueEntry]
    next: QueuePlace | None


@dataclass(frozen=True)
class Board:
    """What was read at one moment. `places`: how many wait before each waiting conversation.

    `held`: what each agent has. `online_by_queue`: how many agents can take a conversation of each queue now. `recent`: how
    long customers waited lately.
    """

    page: QueuePage
    places: dict[str, int]
    assigned: list[Conversation]
    agents: list[Agent]
    held: dict[str, Held]
    online_by_queue: dict[str, int]
    recent: RecentWaits


@dataclass
class QueueBoard:
    """Keeps the latest `Board` of this desk, and wakes `BOARD` when there is a new one."""

    store: Store
    wakeups: Wakeups
    policy: DeskPolicy
    now: Callable[[], dt.datetime]
    _latest: Board | None = None
    _is_stale: bool = True
    _readings: int = 0
    _latest_number: int = 0
    _reading: asyncio.Lock = field(default_factory=asyncio.Lock)
    #: How long customers waited lately, and when that was read.
    recent: RecentWaits = NOTHING_KNOWN
    _recent_at: dt.datetime | None = None

    async def run(self) -> None:
        """Read the queue after each change, if anybody watches, until cancelled."""
        with self.wakeups.watch(QUEUE) as watch:
            while True:
                self._is_stale = True
                if self.wakeups.has_watchers(BOARD):
                    try:
                        await self.latest()
                        self.wakeups.wake_here([BOARD])
                    except Unavailable as error:
                        logger.warning("board.not_read", code=error.code)
                await asyncio.sleep(_SHORTEST_SECONDS)
                await watch.wait(_LONGEST_SECONDS)

    async def latest(self) -> Board:
        """The board of the last second; read now if the queue changed since. Raises Unavailable."""
        async with self._reading:
            if self._latest is not None and not self._is_stale:
                return self._latest
            self._is_stale = False
            try:
                return await self.read()
            except BaseException:
                self._is_stale = True
                raise

    async def read(self) -> Board:
        """The board as it is now; streams continue from it, so that they never report an older state. Raises Unavailable."""
        self._readings += 1
        number = self._readings
        page = await self.page(None)
        async with self.store.read() as tx:
            places = {found: i for i, found in enumerate(await queue_order(tx, self.policy.same_address))}
            assigned, agents = await assigned_conversations(tx), await list_agents(tx)
            held = await held_by_all(tx, silent_before(self.policy.content.desk, self.now()))
            await self._read_recent(tx)
        board = Board(page, places, assigned, agents, held, online_by_queue(agents, self.policy, self.now()), self.recent)
        if number > self._latest_number:  # a slower reading that began before must not bring an older moment back
            self._latest, self._latest_number = board, number
        return board

    async def _read_recent(self, tx: Transaction) -> None:
        now = self.now()
        if self._recent_at is None or not dt.timedelta() <= now - self._recent_at < _RECENT_FOR:
            takes = await recent_takes(tx, now - self.policy.recent, _TAKES)
            self.recent, self._recent_at = self.recent.or_like(recent_waits(takes)), now

    async def page(self, after: QueuePlace | None) -> QueuePage:
        """One page of the queue, from the beginning or after a place. Raises Unavailable."""
        async with self.store.read() as tx:
            found = await queue_page(tx, self.policy.same_address, after, PAGE_SIZE + 1)
        entries = [QueueEntry(conversation, alike) for conversation, alike in found]
        more = len(entries) > PAGE_SIZE
        return QueuePage(entries[:PAGE_SIZE], QueuePlace.of(entries[PAGE_SIZE - 1].conversation) if more else None)
