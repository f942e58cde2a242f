"""The last hours in steps: how many cases came, were taken, and waited. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from handoff.figures.episodes import Story

STEP = dt.timedelta(minutes=5)
LENGTH = dt.timedelta(hours=4)
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def timeline(stories: Iterable[Story], now: dt.datetime) -> list[dict[str, Any]]:
    """Steps of five minutes, the last one unfinished; `waiting` is at the end of each step (now, in the last)."""
    first = _step_of(now) - int(LENGTH / STEP) + 1
    count = _step_of(now) - first + 1
    arrivals, claims, changes = [0] * count, [0] * count, [0] * (count + 1)
    for story in stories:
        for episode in story.episodes:
            for handoff in episode.handoffs:
                _count(arrivals, handoff.at, first)
                for taken in handoff.taken:
                    _count(claims, taken.at, first)
                for start, end in handoff.waits():
                    changes[_clamped(_step_of(start) - first, count)] += 1
                    if end is not None:
                        changes[_clamped(_step_of(end) - first, count)] -= 1
    steps, waiting = [], 0
    for number in range(count):
        waiting += changes[number]
        at = _EPOCH + (first + number) * STEP
        step = {"at": at.isoformat(), "arrivals": arrivals[number], "claims": claims[number], "waiting": waiting}
        steps.append(step)
    return steps


def _step_of(at: dt.datetime) -> int:
    return (at - _EPOCH) // STEP


def _count(steps: list[int], at: dt.datetime, first: int) -> None:
    number = _step_of(at) - first
    if 0 <= number < len(steps):
        steps[number] += 1


def _clamped(number: int, count: int) -> int:
    """The step of a change; what was before the first step counts in it, what is after the last one counts nowhere."""
    return max(0, min(number, count))
