"""Reads the log once, in batches, and counts all figures of a window."""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

from content.bundle import DeskContent
from handoff.figures.catalogue import BY_ID, FIGURES, Figure
from handoff.figures.episodes import RECONTACT, Story
from handoff.figures.promises import desk_zone, rules_of
from handoff.figures.store import conversations_between, horizon, logs_of, one_snapshot
from handoff.figures.story import StoryFold
from handoff.figures.totals import DrillDown, Row, Totals
from handoff.figures.window import By, Window, grouping_of, window_of
from handoff.runtime.errors import NotFound
from handoff.runtime.transaction import Store

#: For so long, and so many of them, the desk keeps the reports that it has counted.
_KEPT_SECONDS, _KEPT = 30.0, 16
#: The part of its time that a desk process spends on a report at most; customers' turns run in the rest.
_SHARE = 0.5


@dataclass(frozen=True)
class Report:
    """The rows of all figures of a window."""

    window: Window
    by: By | None
    rows: list[tuple[Figure, list[Row]]]

    @property
    def is_settled(self) -> bool:
        """Whether the 72 hours after the window are over."""
        return self.window.end + RECONTACT <= self.window.as_of


async def stories(store: Store, window: Window, *, share: float = 1) -> AsyncIterator[Story]:
    """The stories of all conversations that may count in a window, from one snapshot. Raises Unavailable.

    `share`: the part of this process's time to use at most, between 0 and 1.
    """
    async with store.begin() as tx:
        await one_snapshot(tx)
        after = ""
        while ids := await conversations_between(tx, window.start, window.end, after):
            after = ids[-1]
            fold: StoryFold | None = None
            async for events in logs_of(tx, dict.fromkeys(ids, 0), horizon(window.end)):
                began = time.perf_counter()
                for event in events:
                    if fold is None or fold.story.conversation_id != event.conversation_id:
                        if fold is not None:
                            yield fold.story
                        fold = StoryFold(event.conversation_id)
                    fold.add(event)
                if share < 1:
                    await asyncio.sleep((time.perf_counter() - began) * (1 / share - 1))
            if fold is not None:
                yield fold.story


async def report(store: Store, content: DeskContent, window: Window, by: By | None, *, share: float = 1) -> Report:
    """All figures of a window. Raises Unavailable."""
    totals = Totals(FIGURES, window, rules_of(content), by)
    async for story in stories(store, window, share=share):
        totals.add(story)
    return Report(window, by, [(figure, totals.rows(figure)) for figure in FIGURES])


@dataclass
class Reports:
    """The reports of this desk process: one is counted at a time, and kept for a while."""

    store: Store
    content: Callable[[], DeskContent]
    now: Callable[[], dt.datetime]
    _kept: OrderedDict[tuple[Any, ...], tuple[float, Any]] = field(default_factory=OrderedDict)
    _counting: asyncio.Lock = field(default_factory=asyncio.Lock)

    def window(self, start: str, end: str) -> Window:
        """The window of a request, in the desk's zone. Raises BadInput."""
        return window_of(start, end, desk_zone(self.content()), self.now())

    def forget(self) -> None:
        """Count everything anew next time."""
        self._kept.clear()

    async def report(self, start: str, end: str, by: str | None) -> Report:
        """All figures between two dates or times. Raises BadInput, Unavailable."""
        window, grouping = self.window(start, end), grouping_of(by)
        content = self.content()

        async def count() -> Report:
            return await report(self.store, content, window, grouping, share=_SHARE)

        found: Report = await self._once(("report", start, end, by, content.revision), count)
        return found

    async def drill_down(self, figure: str, start: str, end: str, by: str | None, key: str | None) -> DrillDown:
        """The conversations behind a row; `key` None means all rows, "" the row without a key.

        Raises BadInput, NotFound, Unavailable.
        """
        if figure not in BY_ID:
            raise NotFound("unknown_figure", "没有这个指标。", "There is no such figure.")
        window, grouping = self.window(start, end), grouping_of(by)
        content = self.content()

        async def count() -> DrillDown:
            keys = () if key is None else (key or None,)
            found = DrillDown(BY_ID[figure], window, rules_of(content), grouping, keys)
            async for story in stories(self.store, window, share=_SHARE):
                found.add(story)
            return found

        drilled: DrillDown = await self._once(("drill", figure, start, end, by, key, content.revision), count)
        return drilled

    async def _once(self, name: tuple[Any, ...], count: Callable[[], Any]) -> Any:
        async with self._counting:
            kept = self._kept.get(name)
            if kept is not None and time.monotonic() - kept[0] < _KEPT_SECONDS:
                return kept[1]
            found = await count()
            self._kept[name] = (time.monotonic(), found)
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
            return found
