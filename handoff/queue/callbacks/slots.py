"""The times at which a customer can be called back. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from handoff.queue.clocks import OpeningHours

#: A slot is so long, begins so long after it is booked at the earliest, and within so many days.
_LENGTH = dt.timedelta(hours=2)
_AHEAD = dt.timedelta(hours=1)
_DAYS = 8
_MOST_SLOTS = 12


@dataclass(frozen=True)
class Slot:
    """A stretch of opening hours, in UTC, in which an agent calls."""

    begins: dt.datetime
    ends: dt.datetime

    @property
    def id(self) -> str:
        """What a page sends to book it."""
        return self.begins.isoformat()


def slots(hours: OpeningHours, now: dt.datetime) -> list[Slot]:
    """The next slots in the opening hours of a queue, the first one first."""
    found: list[Slot] = []
    for slot in _slots(hours, now):
        if slot.begins >= now + _AHEAD:
            found.append(slot)
        if len(found) == _MOST_SLOTS:
            break
    return found


def _slots(hours: OpeningHours, now: dt.datetime) -> Iterator[Slot]:
    today = hours.local(now).date()
    for day in range(_DAYS):
        for opens, closes in hours.stretches_of(today + dt.timedelta(days=day)):
            begins = opens
            while begins + _LENGTH <= closes:
                yield Slot(begins, begins + _LENGTH)
                begins += _LENGTH
