"""The supervisors' board as this desk shows it: read once for all who watch, at most every 5 s, and only while somebody does.

The stories of the last hours stay in memory, and each reading fetches only what is new in their logs. So a reading costs what
happened lately, not what the database holds.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import structlog

from content.bundle import DeskContent
from content.desk_policy import DeskPolicy
from handoff.accounts.agents import Agent
from handoff.accounts.store import list_agents
from handoff.conversations.events import Triage
from handoff.conversations.state import Conversation
from handoff.conversations.values import Status
from handoff.figures import attention
from handoff.figures.board_lists import agent_rows, deadlines, held_conversations, waiting_groups, with_cards
from handoff.figures.catalogue import BY_ID, LIVE
from handoff.figures.promises import desk_zone, rules_of
from handoff.figures.store import (
    CONVERSATIONS_AT_ONCE,
    Touched,
    horizon,
    logs_of,
    one_snapshot,
    open_cases,
    touched_since,
)
from handoff.figures.story import StoryFold
from handoff.figures.tables import described
from handoff.figures.timeline import LENGTH, timeline
from handoff.figures.totals import Row, Totals
from handoff.figures.warnings import warnings
from handoff.figures.window import Rules, Window
from handoff.queue.capacity import silent_before
from handoff.queue.cards import card
from handoff.queue.service_levels import nearest_due
from handoff.queue.staff import presence
from handoff.queue.store import Held, held_by_all
from handoff.queue.work_queues import queue_of
from handoff.runtime.transaction import Store, Transaction

logger = structlog.get_logger(__name__)

#: The shortest time between two readings.
SHORTEST_SECONDS = 5.0
#: The figures of the same hour of yesterday are counted again after so long.
_YESTERDAY_SECONDS = 60.0
_HOUR, _DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
#: Clocks of desks differ: an event may be stored a little later than its time says.
_SKEW = dt.timedelta(seconds=30)
#: Cards in each list of deadlines.
_CARDS = 50


@dataclass(frozen=True)
class _Moment:
    """What one reading of the database found."""

    at: dt.datetime
    cases: list[Conversation]
    agents: list[Agent]
    held: dict[str, Held]
    more_attention: list[attention.Item]
    more_figures: list[dict[str, Any]]


_More = Callable[[Transaction], Awaitable[list[dict[str, Any]]]]


async def _nothing(tx: Transaction) -> list[dict[str, Any]]:
    return []


@dataclass
class LiveBoard:
    """Keeps the latest board of this desk, and the stories it is made of."""

    store: Store
    policy: DeskPolicy
    content: Callable[[], DeskContent]
    now: Callable[[], dt.datetime]
    #: Items of the list `attention`, and figures, that do not come from the log: of the rooms above this one.
    more_attention: _More = _nothing
    more_figures: _More = _nothing
    _folds: dict[str, StoryFold] = field(default_factory=dict)
    _touched: dict[str, Touched] = field(default_factory=dict)
    _read_until: dt.datetime | None = None
    #: The revisions of published content, and when the first decision with each was logged.
    _revisions: dict[str, dt.datetime] = field(default_factory=dict)
    _board: dict[str, Any] | None = None
    _read_at: float = 0.0
    _yesterday: dict[str, Row] = field(default_factory=dict)
    _yesterday_at: tuple[float, dt.datetime | None] = (0.0, None)
    _reading: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def latest(self) -> dict[str, Any]:
        """The board of the last 5 s, as JSON. Raises Unavailable."""
        async with self._reading:
            if self._board is None or time.monotonic() - self._read_at >= SHORTEST_SECONDS:
                self._board = await self.read()
                self._read_at = time.monotonic()
            return self._board

    def forget(self) -> None:
        """Read everything anew next time."""
        self._board, self._read_until, self._yesterday_at = None, None, (0.0, None)
        self._folds, self._touched, self._revisions = {}, {}, {}

    async def read(self) -> dict[str, Any]:
        """The board as it is now. Raises Unavailable."""
        content, now = self.content(), self.now()
        rules = rules_of(content)
        async with self.store.begin() as tx:
            await one_snapshot(tx)
            held = await held_by_all(tx, silent_before(content.desk, now))
            more = await self.more_attention(tx), await self.more_figures(tx)
            moment = _Moment(now, await open_cases(tx), await list_agents(tx), held, *more)
            await self._read_new(tx, now)
            await self._read_yesterday(tx, content, rules, now)
        # In a thread, because hundreds of open cases take long enough to delay customers' turns. Nothing changes meanwhile.
        return await asyncio.to_thread(self._compose, content, rules, moment)

    async def _read_new(self, tx: Transaction, now: dt.datetime) -> None:
        """Bring the stories up to the snapshot, and forget those in which nothing happened for hours."""
        oldest = now - LENGTH
        since = oldest if self._read_until is None else max(oldest, self._read_until - _SKEW)
        found = await touched_since(tx, since)
        new = {each.conversation_id: self._seq_of(each) for each in found if each.last_seq > self._seq_of(each)}
        # A reading that failed half-way begins these logs anew, so that no event counts twice.
        folds = {id_: self._folds.pop(id_) if id_ in self._folds else StoryFold(id_) for id_ in new}
        for id_ in new:
            self._touched.pop(id_, None)
        async for events in logs_of(tx, new, now + _DAY, with_words=True):
            for event in events:
                folds[event.conversation_id].add(event)
                if isinstance(event.body, Triage):
                    self._note_revision(event.body, event.at)
            await asyncio.sleep(0)  # customers' turns run between two batches
        self._folds |= folds
        self._touched |= {each.conversation_id: each for each in found}
        kept = {each.conversation_id for each in found}
        for id_ in [id_ for id_, each in self._touched.items() if each.updated_at < oldest and id_ not in kept]:
            del self._touched[id_], self._folds[id_]
        self._read_until = now

    def _seq_of(self, found: Touched) -> int:
        known = self._touched.get(found.conversation_id)
        return known.last_seq if known is not None else 0

    def _note_revision(self, body: Triage, at: dt.datetime) -> None:
        versions = body.decision.get("versions")
        revision = versions.get("content") if isinstance(versions, dict) else None
        if isinstance(revision, str):
            self._revisions[revision] = min(at, self._revisions.get(revision, at))

    async def _read_yesterday(self, tx: Transaction, content: DeskContent, rules: Rules, now: dt.datetime) -> None:
        read_at, of = self._yesterday_at
        if of is not None and time.monotonic() - read_at < _YESTERDAY_SECONDS and now - of < dt.timedelta(minutes=5):
            return
        window = _hour_before(now - _DAY, content, as_of=now)
        totals = Totals(_LIVE, window, rules)
        ids = [each.conversation_id for each in await touched_since(tx, window.start) if each.created_at < window.end]
        for start in range(0, len(ids), CONVERSATIONS_AT_ONCE):
            part = ids[start : start + CONVERSATIONS_AT_ONCE]
            folds = {id_: StoryFold(id_) for id_ in part}
            async for events in logs_of(tx, dict.fromkeys(part, 0), horizon(window.end)):
                for event in events:
                    folds[event.conversation_id].add(event)
                await asyncio.sleep(0)
            for fold in folds.values():
                totals.add(fold.story)
        self._yesterday = {figure.id: totals.rows(figure)[0] for figure in _LIVE}
        self._yesterday_at = (time.monotonic(), now)

    # --- the board as JSON -----------------------------------------------------------------------------------------------

    def _compose(self, content: DeskContent, rules: Rules, moment: _Moment) -> dict[str, Any]:
        now, cases = moment.at, moment.cases
        stories = [fold.story for fold in self._folds.values()]
        hour = _hour_before(now, content, as_of=now)
        waiting = [case for case in cases if case.status is Status.QUEUED]
        items = attention.in_order([*attention.attention(cases, stories, now - LENGTH, now), *moment.more_attention])
        dues = {case.id: nearest_due(case, content, now) for case in cases}
        breaches, near = deadlines(cases, dues, now)
        held = held_conversations(cases, dues, now)
        online = [agent.login for agent in moment.agents if presence(agent, self.policy, now).gets_offers]
        queues = [queue_of(case, content) for case in waiting]
        return {
            "now": now.isoformat(),
            "zone": hour.zone.key,
            "window": {
                "from": hour.start.isoformat(),
                "to": hour.end.isoformat(),
                "yesterday_from": (hour.start - _DAY).isoformat(),
                "yesterday_to": (hour.end - _DAY).isoformat(),
            },
            "figures": [*self._figures(hour, rules), *moment.more_figures],
            "waiting": waiting_groups(waiting, queues, now),
            "breaches": [card(case, now, content) for case, _ in breaches[:_CARDS]],
            "near": [card(case, now, content) for case, _ in near[:_CARDS]],
            "attention": with_cards(items[: attention.LIMIT], cases, content, now),
            "attention_total": len(items),
            "agents": agent_rows(moment.agents, moment.held, held, self.policy, now),
            "timeline": timeline(stories, now),
            "marks": self._marks(now),
            "warnings": warnings(content, moment.agents, online, queues, now),
        }

    def _figures(self, hour: Window, rules: Rules) -> list[dict[str, Any]]:
        totals = Totals(_LIVE, hour, rules)
        for id_, fold in self._folds.items():
            if self._touched[id_].updated_at >= hour.start or fold.status in _OPEN:
                totals.add(fold.story)
        figures = []
        for figure in _LIVE:
            row, before = totals.rows(figure)[0], self._yesterday[figure.id]
            values = {"value": row.value, "denominator": row.denominator}
            figures.append(
                {**described(figure), **values, "yesterday": before.value, "yesterday_denominator": before.denominator}
            )
        return figures

    def _marks(self, now: dt.datetime) -> list[dict[str, Any]]:
        """Every revision but the first one that this desk has seen."""
        in_order = sorted((at, revision) for revision, at in self._revisions.items())
        return [
            {"at": at.isoformat(), "kind": "publish", "revision": revision}
            for at, revision in in_order[1:]
            if at >= now - LENGTH
        ]


_LIVE = tuple(BY_ID[name] for name in LIVE)
_OPEN = (Status.QUEUED, Status.ASSIGNED)


def _hour_before(end: dt.datetime, content: DeskContent, *, as_of: dt.datetime) -> Window:
    return Window(end - _HOUR, end, desk_zone(content), as_of)
