"""Adds samples up to the rows of a report. Memory grows with the groups and with the values of medians, not with the log."""

from __future__ import annotations

import heapq
from array import array
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from handoff.figures.catalogue import Figure, Kind
from handoff.figures.episodes import Story
from handoff.figures.samples import Sample
from handoff.figures.window import By, Rules, Window

#: Conversations that one drill-down lists.
DRILL_LIMIT = 1000
#: Kinds whose values are kept one by one.
_ORDERED = frozenset({"median", "p90", "longest"})


@dataclass(frozen=True)
class Row:
    """One row of a figure. `key`: the group; None without a grouping, or where the group is not known."""

    key: str | None
    value: float | None
    numerator: float | None
    denominator: int


@dataclass
class _Cell:
    count: int = 0
    counted: int = 0
    sum: float = 0.0
    values: array[float] = field(default_factory=lambda: array("d"))

    def add(self, sample: Sample, kind: Kind) -> None:
        self.count += 1
        self.counted += sample.is_counted
        if kind == "mean":
            self.sum += sample.value
        elif kind in _ORDERED:
            self.values.append(sample.value)

    def row(self, key: str | None, kind: Kind) -> Row:
        if kind == "count":
            return Row(key, self.count, self.count, self.count)
        if kind == "share":
            return Row(key, self.counted / self.count if self.count else None, self.counted, self.count)
        if kind == "mean":
            return Row(key, self.sum / self.count if self.count else None, self.sum, self.count)
        quantile = {"median": 0.5, "p90": 0.9, "longest": 1.0}[kind]
        return Row(key, quantile_of(sorted(self.values), quantile), None, self.count)


def quantile_of(ordered: Sequence[float], quantile: float) -> float | None:
    """A quantile of values in ascending order, interpolated linearly (type 7 of Hyndman and Fan, 1996). None without values."""
    if not ordered:
        return None
    place = (len(ordered) - 1) * quantile
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def key_of(sample: Sample, by: By | None, window: Window) -> str | None:
    """The group of a sample."""
    if by is None:
        return None
    if by == "day":
        return window.day_of(sample.at)
    if by == "hour":
        return window.hour_of(sample.at)
    found: str | None = getattr(sample, by)
    return found


@dataclass
class Totals:
    """The sums of some figures over stories, which may be added in any order."""

    figures: Sequence[Figure]
    window: Window
    rules: Rules
    by: By | None = None
    _cells: dict[str, dict[str | None, _Cell]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """An empty cell for each row that is shown even without samples."""
        for figure in self.figures:
            self._cells[figure.id] = defaultdict(_Cell, {key: _Cell() for key in self._fixed_keys()})

    def _fixed_keys(self) -> Sequence[str | None]:
        if self.by is None:
            return (None,)
        if self.by == "day":
            return self.window.days()
        return [f"{hour:02d}" for hour in range(24)] if self.by == "hour" else ()

    def add(self, story: Story) -> None:
        """Count one conversation."""
        for figure in self.figures:
            cells = self._cells[figure.id]
            for sample in figure.samples(story, self.window, self.rules):
                if self.window.contains(sample.at):
                    cells[key_of(sample, self.by, self.window)].add(sample, figure.kind)

    def rows(self, figure: Figure) -> list[Row]:
        """The rows of a figure in the order of their keys; the group that is not known comes last."""
        cells = self._cells[figure.id]
        keys = sorted(cells, key=lambda key: (key is None, key or ""))
        return [cells[key].row(key, figure.kind) for key in keys]


@dataclass(frozen=True, order=True)
class Counted:
    """A conversation that a row counts, and when."""

    at: str
    conversation_id: str
    value: float
    is_counted: bool


@dataclass
class DrillDown:
    """The conversations behind one row, the latest `DRILL_LIMIT`. `key`: () means all rows, ("x",) the row of x."""

    figure: Figure
    window: Window
    rules: Rules
    by: By | None = None
    key: tuple[str | None, ...] = ()
    total: int = 0
    _latest: list[Counted] = field(default_factory=list)

    def add(self, story: Story) -> None:
        """Look at one conversation."""
        for sample in self.figure.samples(story, self.window, self.rules):
            if not self.window.contains(sample.at) or (self.key and key_of(sample, self.by, self.window) not in self.key):
                continue
            self.total += 1
            found = Counted(sample.at.isoformat(), story.conversation_id, sample.value, sample.is_counted)
            if len(self._latest) < DRILL_LIMIT:
                heapq.heappush(self._latest, found)
            else:
                heapq.heappushpop(self._latest, found)

    @property
    def latest(self) -> list[Counted]:
        """The conversations, the latest first."""
        return sorted(self._latest, reverse=True)
