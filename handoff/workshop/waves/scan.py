"""Finds waves: groups of alike messages from many customers that are new, or rise beyond what is usual. Pure.

A scan statistic over balls in the space of meanings and windows of time (Kulldorff, "A spatial scan statistic", 1997): for each
new message, how many conversations had a message within a radius of its meaning in the last minutes? The expectation comes from
the share of such messages in the history, taken as the largest of three: at all times, around this time of the day, and in the
last day. So the usual daily waves and slow drifts are expected. The count is compared with a negative binomial distribution, as
in the detection of outbreaks (Noufaily et al., "An improved algorithm for outbreak detection in multiple surveillance systems",
2013): topics vary more than by chance. The threshold divides the allowed number of false alarms a day by the number of tests a
day.
"""

from __future__ import annotations

import bisect
import datetime as dt
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from contract.meaning_codes import bits_apart

#: Cosines of the balls: paraphrases of one matter, and nearly the same words.
COSINES = (0.55, 0.65)
RADII = tuple(bits_apart(cosine) for cosine in COSINES)
#: Windows of time, the shortest first.
WINDOWS = (dt.timedelta(minutes=10), dt.timedelta(minutes=30))
#: Less than this many times the expectation is no wave, however certain it is.
_RISE = 3.0
#: How much a topic varies: the rate of a topic from one half hour to the next has a coefficient of variation of 1 / sqrt(this).
_STEADINESS = 6.0
_AROUND = dt.timedelta(hours=1)
_DAY = dt.timedelta(days=1)
#: With fewer messages before the windows the log is young.
_LEAST_HISTORY = 500
#: A narrower view on the history with fewer messages is filled up with so many of all times.
_MANY, _DRAWN = 200, 20.0


@dataclass(frozen=True)
class CodedMessage:
    """A customer's message: where it is, when it came, and the code of its meaning."""

    at: dt.datetime
    conversation_id: str
    seq: int
    code: int

    @property
    def key(self) -> tuple[str, int]:
        """What tells it from others."""
        return self.conversation_id, self.seq


@dataclass(frozen=True)
class Cluster:
    """Messages of the last minutes that are alike, more than is usual.

    `expected`: conversations that would be usual in the window. `chance`: the probability of so many by chance.
    """

    members: tuple[CodedMessage, ...]
    conversations: int
    expected: float
    chance: float
    window: dt.timedelta
    radius: int


class Scan:
    """Keeps the messages of the last weeks, in the order of their times, and scans the new ones.

    `least`: conversations of a wave at least. `false_alarms`: how many false alarms a day are allowed.
    """

    def __init__(self, least: int, false_alarms: float) -> None:
        self.least, self.false_alarms = least, false_alarms
        self._messages: list[CodedMessage] = []
        self._codes: dict[tuple[str, int], int] = {}

    def __len__(self) -> int:
        return len(self._messages)

    def code_of(self, key: tuple[str, int]) -> int | None:
        """The code of a message; None for one that is not known."""
        return self._codes.get(key)

    def since(self, at: dt.datetime) -> list[CodedMessage]:
        """The messages after a moment, the oldest first."""
        return self._messages[bisect.bisect_right(self._messages, at, key=lambda message: message.at) :]

    def add(self, messages: Iterable[CodedMessage]) -> None:
        """Remember messages; known ones are skipped."""
        new = {message.key: message for message in messages if message.key not in self._codes}
        self._codes.update((key, message.code) for key, message in new.items())
        self._messages += new.values()
        self._messages.sort(key=lambda message: message.at)  # nearly sorted: quick

    def forget(self, before: dt.datetime, most: int) -> None:
        """Forget what is older than a moment, and the oldest beyond a number."""
        start = max(bisect.bisect_left(self._messages, before, key=lambda message: message.at), len(self._messages) - most)
        for message in self._messages[: max(start, 0)]:
            self._codes.pop(message.key, None)
        del self._messages[: max(start, 0)]

    def clusters(self, new: Sequence[CodedMessage], now: dt.datetime) -> list[Cluster]:
        """The waves around new messages, which `add` knows already, the least likely first; a message is in one of them."""
        minute, reach = _minute(now), _AROUND.total_seconds() / 60
        at_this_time = bytes(abs((_minute(each.at) - minute + 720) % 1440 - 720) <= reach for each in self._messages)
        found = [cluster for message in new if (cluster := self._around(message, now, at_this_time)) is not None]
        found.sort(key=lambda cluster: (cluster.chance, -cluster.conversations))
        taken: set[tuple[str, int]] = set()
        distinct = []
        for cluster in found:
            keys = {message.key for message in cluster.members}
            if not keys & taken:
                distinct.append(cluster)
            taken |= keys
        return distinct

    def _around(self, center: CodedMessage, now: dt.datetime, at_this_time: bytes) -> Cluster | None:
        """The least likely ball and window around a message, if it is a wave. `at_this_time`: 1 for messages of these hours.

        The history is what came before the longest window. While that is little, it is what came before the window's first near
        message, and the window begins there: a log that is a few minutes old has a history, too.
        """
        messages = self._messages
        start = bisect.bisect_right(messages, now - WINDOWS[-1], key=lambda message: message.at)
        apart = [(message.code ^ center.code).bit_count() for message in messages[start:]]
        if len({message.conversation_id for message, bits in zip(messages[start:], apart) if bits <= RADII[0]}) < self.least:
            return None  # most messages end here, before the history is compared
        apart = [(message.code ^ center.code).bit_count() for message in messages[:start]] + apart
        limit = self._limit(now)
        best: Cluster | None = None
        for radius in RADII:
            for window in WINDOWS:
                opens = bisect.bisect_right(messages, now - window, key=lambda message: message.at)
                near = [place for place in range(opens, len(messages)) if apart[place] <= radius]
                members = tuple(messages[place] for place in near)
                conversations = len({message.conversation_id for message in members})
                if conversations < self.least:
                    continue
                end, begin = (start, opens) if start >= _LEAST_HISTORY else (near[0], near[0])
                yesterday = bisect.bisect_right(messages, now - _DAY, hi=end, key=lambda message: message.at)
                share, hits = _usual_share([bits <= radius for bits in apart[:end]], at_this_time, yesterday)
                expected = share * len({message.conversation_id for message in messages[begin:]})
                chance = at_least(conversations, expected, min(hits + 1.0, _STEADINESS))
                is_wave = conversations >= _RISE * expected and chance <= limit
                if is_wave and (best is None or chance < best.chance):
                    best = Cluster(members, conversations, expected, chance, window, radius)
        return best

    def _limit(self, now: dt.datetime) -> float:
        """The largest chance that is a wave: the tests of a day share the allowed false alarms."""
        if not self._messages:
            return 0.0
        days = max((now - self._messages[0].at) / _DAY, 1.0)
        tests = max(len(self._messages) / days, 100.0) * len(RADII) * len(WINDOWS)
        return self.false_alarms / tests


def _usual_share(is_near: Sequence[bool], at_this_time: bytes, yesterday: int) -> tuple[float, float]:
    """The share of near messages in a history, and how many they are; the largest of the three views.

    `at_this_time`: 1 for messages of these hours; `yesterday`: where the last day begins. One is added to each count: what
    was never seen is rare, not impossible. A narrower view that holds few messages is drawn towards the share of all.
    """
    near = [place for place, is_hit in enumerate(is_near) if is_hit]
    end = len(is_near)
    share = (len(near) + 1) / (end + 1)
    narrower = (
        (sum(at_this_time[place] for place in near), at_this_time.count(1, 0, end)),
        (sum(place >= yesterday for place in near), end - yesterday),
    )
    shares = [(share, float(len(near)))]
    for hits, total in narrower:
        narrow = (hits + 1) / (total + 1) if total >= _MANY else (hits + _DRAWN * share) / (total + _DRAWN)
        shares.append((narrow, float(hits)))
    return max(shares)


def _minute(at: dt.datetime) -> int:
    return at.hour * 60 + at.minute


def at_least(count: int, mean: float, shape: float) -> float:
    """The probability that a negative binomial count is at least `count`; its variance is mean + mean^2 / shape."""
    if count <= 0:
        return 1.0
    if mean <= 0:
        return 0.0
    log_stop, log_go = math.log(shape / (shape + mean)), math.log(mean / (shape + mean))
    below = math.fsum(_term(k, shape, log_stop, log_go) for k in range(count))
    if below < 0.99:
        return 1 - below
    # The tail itself, because the difference from 1 has lost its digits.
    tail, k = 0.0, count
    while (term := _term(k, shape, log_stop, log_go)) > tail * 1e-12:
        tail, k = tail + term, k + 1
    return tail


def _term(k: int, shape: float, log_stop: float, log_go: float) -> float:
    return math.exp(math.lgamma(k + shape) - math.lgamma(shape) - math.lgamma(k + 1) + shape * log_stop + k * log_go)
