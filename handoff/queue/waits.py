"""How long a waiting customer waits, from the conversations that agents took lately. Pure.

While somebody waits, the time from one take to the next is a gap. A customer with n others before them waits for n + 1 gaps.
The gaps of customers of one rank include the time that more urgent cases took. They are scaled by the number of agents: half as
many agents as then need twice the time. The median alone would break every second promise, so the wait is a range.
"""

from __future__ import annotations

import datetime as dt
import itertools
import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from content.waiting_words import Wait

#: Fewer gaps than this say nothing.
_ENOUGH = 5
#: A longer gap is a night or a break, and not the work on the conversations before.
_LONGEST_GAP = dt.timedelta(minutes=60)
#: The number of agents at work is counted in stretches of this length.
_STRETCH = dt.timedelta(minutes=30)
#: The number of agents changes the expected wait at most by this factor.
_MOST_SCALING = 6.0
#: Ends of the range in minutes. Finer figures would change all the time, and say more than anybody knows.
_STEPS = (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60, 75, 90, 120, 150, 180, 240, 300, 360, 480)
#: New gaps that differ by less than this share of the old ones change no figure.
_NEWS = 0.25
_SECOND = dt.timedelta(seconds=1)


@dataclass(frozen=True)
class Taken:
    """A conversation that an agent took: its rank in the queue, since when it waited, when it was taken, and by whom."""

    rank: int
    queued_at: dt.datetime
    taken_at: dt.datetime
    login: str


@dataclass(frozen=True)
class Gaps:
    """The times between takes while somebody waits, in seconds: quarter, mean, and what nine of ten stay below."""

    low: float
    mean: float
    high: float

    def is_like(self, other: Gaps) -> bool:
        """Whether the difference is no news."""
        mine, others = (self.low, self.mean, self.high), (other.low, other.mean, other.high)
        return all(abs(one - two) <= _NEWS * max(two, 1.0) for one, two in zip(mine, others, strict=True))


@dataclass(frozen=True)
class RecentWaits:
    """What the takes of the last hours say. `by_rank` has the ranks with enough takes; `all`: all takes, None if too few.

    `staff`: how many agents took conversations at the same time.
    """

    by_rank: Mapping[int, Gaps] = field(default_factory=dict)
    all: Gaps | None = None
    staff: float = 1.0

    def expected(self, rank: int, ahead: int, online: int) -> Wait | None:
        """The wait of a customer with `ahead` others before them while `online` agents are there.

        None if nobody is online, or too few conversations were taken lately.
        """
        gaps = self.by_rank.get(rank, self.all)
        if gaps is None or online <= 0:
            return None
        scale = min(_MOST_SCALING, max(1 / _MOST_SCALING, self.staff / online))
        count = ahead + 1
        # The spread of a sum of independent gaps grows with the root of their number.
        middle, spread = gaps.mean * count, math.sqrt(count)
        low = max(0.0, middle - spread * (gaps.mean - gaps.low)) * scale
        high = (middle + spread * max(0.0, gaps.high - gaps.mean)) * scale
        return rounded(low, high)

    def or_like(self, other: RecentWaits) -> RecentWaits:
        """`other`, or these figures as long as `other` brings no news: a figure must not jump without a reason."""
        same_ranks = self.by_rank.keys() == other.by_rank.keys() and (self.all is None) == (other.all is None)
        if not same_ranks or abs(self.staff - other.staff) > _NEWS * other.staff:
            return other
        pairs = [(self.by_rank[rank], gaps) for rank, gaps in other.by_rank.items()]
        if self.all is not None and other.all is not None:
            pairs.append((self.all, other.all))
        return self if all(mine.is_like(new) for mine, new in pairs) else other


NOTHING_KNOWN = RecentWaits()


def recent_waits(takes: Iterable[Taken]) -> RecentWaits:
    """What the takes of the last hours say, in any order."""
    ordered = sorted(takes, key=lambda taken: taken.taken_at)
    by_rank = {}
    for rank in {taken.rank for taken in ordered}:
        gaps = _gaps([taken for taken in ordered if taken.rank == rank])
        if gaps is not None:
            by_rank[rank] = gaps
    return RecentWaits(by_rank, _gaps(ordered), _staff(ordered))


def _gaps(ordered: Sequence[Taken]) -> Gaps | None:
    """The gaps of takes in their order; the first has no take before it, so only its own wait counts."""
    lengths = []
    before: dt.datetime | None = None
    for taken in ordered:
        start = taken.queued_at if before is None else max(taken.queued_at, before)
        lengths.append(min(_LONGEST_GAP, max(dt.timedelta(), taken.taken_at - start)) / _SECOND)
        before = taken.taken_at
    if len(lengths) < _ENOUGH:
        return None
    lengths.sort()
    quarter = statistics.quantiles(lengths, n=4, method="inclusive")[0]
    ninth = statistics.quantiles(lengths, n=10, method="inclusive")[-1]
    # One gap in ten at the upper end is left out of the mean: a lunch break is no pace.
    usual = lengths[: max(_ENOUGH, math.ceil(0.9 * len(lengths)))]
    return Gaps(quarter, statistics.fmean(usual), ninth)


def _staff(ordered: Sequence[Taken]) -> float:
    """How many agents took conversations in the same half hour, on average over the half hours with takes."""
    stretches = itertools.groupby(ordered, key=lambda taken: taken.taken_at.timestamp() // _STRETCH.total_seconds())
    counts = [len({taken.login for taken in stretch}) for _, stretch in stretches]
    return max(1.0, statistics.fmean(counts)) if counts else 1.0


def rounded(low_seconds: float, high_seconds: float) -> Wait:
    """A range whose ends are figures that people say. The low end is rounded down, the high end up."""
    low = max((step for step in _STEPS if step * 60 <= low_seconds), default=0)
    high = min((step for step in _STEPS if step * 60 >= high_seconds), default=_STEPS[-1])
    return Wait(dt.timedelta(minutes=low), dt.timedelta(minutes=high))
