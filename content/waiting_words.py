"""What the desk says about the wait: the expected wait, opening times, and the lines that say what changed. Pure."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from typing import Any, Callable, List, Mapping, Optional

from content.desk_file import DeskTexts
from content.staffing import DAYS

#: Fills one template of a customer's language with values.
Fill = Callable[..., str]

_MINUTE = dt.timedelta(minutes=1)
#: From here on the wait is said in hours, and without an upper end.
_LONG = dt.timedelta(hours=2)
#: The texts of `wait` and `opens`, and the values that they may use.
WAIT_TEXTS: Mapping[str, Mapping[str, Any]] = {
    "within": {"high": 1},
    "about": {"high": 1},
    "range": {"low": 1, "high": 1},
    "hours": {"hours": 2},
}
OPENS_TEXTS: Mapping[str, Mapping[str, Any]] = {
    **{name: {"time": "8:00"} for name in ("today", "tomorrow", *DAYS)},
    "date": {"time": "8:00", "month": 1, "day": 2, "date": "2026-01-02"},
}
#: An urgent case is told how many are before it up to this number. A greater number helps no victim.
FEW = 3


@dataclass(frozen=True)
class Wait:
    """The expected wait: most customers in this place are taken between `low` and `high`."""

    low: dt.timedelta
    high: dt.timedelta


@dataclass(frozen=True)
class Opening:
    """The next opening of a queue that is closed. Both times are aware, in the time zone of the queue."""

    at: dt.datetime
    now: dt.datetime


@dataclass(frozen=True)
class Standing:
    """Where a waiting customer stands. `wait` and `opening`: the one if agents are online, the other if the queue is closed."""

    ahead: int
    is_staffed: bool
    wait: Optional[Wait] = None
    opening: Optional[Opening] = None


@dataclass(frozen=True)
class Matter:
    """What the customer waits for, as far as the words depend on it."""

    reason: str
    intent: Optional[str] = None
    is_urgent: bool = False
    lane: Optional[str] = None


@dataclass(frozen=True)
class Change:
    """What a waiting customer is told some time after the handoff, in comparison with what they were told last.

    `before` and `ahead`: how many wait before them, then and now (`before` None: no place was told). `came_online`: nobody was
    there then. `wait`: None without a figure. `is_news`: the figure differs from the last one. `is_longer`: the new figure ends
    later than the last promise. `apologies`: 1 for the first broken promise of this wait, 2 for the next; 0 if none was broken
    now. `lines`: lines that were said in this wait.
    """

    ahead: int
    is_staffed: bool
    before: Optional[int] = None
    came_online: bool = False
    wait: Optional[Wait] = None
    is_news: bool = False
    is_longer: bool = False
    opening: Optional[Opening] = None
    apologies: int = 0
    lines: int = 0
    is_urgent: bool = False


def wait_words(words: DeskTexts, wait: Wait, fill: Fill) -> str:
    """An expected wait as a phrase, such as "about 5 to 10 minutes"."""
    low, high = _minutes(wait.low, math.floor), max(1, _minutes(wait.high, math.ceil))
    if wait.low >= _LONG:
        return fill(words.wait["hours"], hours=int(wait.low / dt.timedelta(hours=1)))
    if low >= high:
        return fill(words.wait["about"], high=high)
    if low < 1:
        return fill(words.wait["within"], high=high)
    return fill(words.wait["range"], low=low, high=high)


def opening_words(words: DeskTexts, opening: Opening, fill: Fill) -> str:
    """When people work again, such as "tomorrow at 8:00", on the wall clock of the queue."""
    at, days = opening.at, (opening.at.date() - opening.now.date()).days
    name = {0: "today", 1: "tomorrow"}.get(days) or (DAYS[at.weekday()] if days < len(DAYS) else "date")
    return fill(words.opens[name], time=f"{at.hour}:{at.minute:02}", month=at.month, day=at.day, date=at.date().isoformat())


def message_parts(words: DeskTexts, first: List[str], standing: Standing, matter: Matter, fill: Fill) -> List[str]:
    """A message at a handoff: `first` (that a person takes over), the place in line, whom to call, and what to do meanwhile.

    In an urgent case the phone number comes first, because a call helps at once. In a lane its own words come first of all and
    replace the advice: they say whom to call and what to stop while the fraudster still talks.
    """
    at_once = words.lanes.get(matter.lane or "")
    parts = [*first, _place(words, standing, fill, is_urgent=matter.is_urgent)]
    if matter.is_urgent and not standing.is_staffed:
        parts = [parts[-1], *first]  # the place says whom to call, because nobody is online
    elif matter.is_urgent and not at_once:
        parts.insert(0, fill(words.urgent))
    if at_once:
        return [fill(at_once), *parts]
    advice = words.advice.get(matter.intent or "") or words.advice.get(matter.reason)
    return [*parts, fill(advice)] if advice else parts


def _place(words: DeskTexts, standing: Standing, fill: Fill, *, is_urgent: bool) -> str:
    """Place and expected wait; while nobody is online no minutes, but when people work again if the queue is closed."""
    ahead, wait, opening = standing.ahead, standing.wait, standing.opening
    if not standing.is_staffed or wait is None:
        opens = opening_words(words, opening, fill) if opening else ""
        return fill(words.nobody_online_urgent if is_urgent else words.nobody_online, ahead=ahead, opens=opens)
    values = {"ahead": ahead, "few": FEW, "wait": wait_words(words, wait, fill)}
    if is_urgent:
        return fill(words.place_urgent, **values)
    return fill(words.place_first if ahead == 0 else words.place, **values)


def change_words(words: DeskTexts, change: Change, fill: Fill) -> str:
    """A line to a customer who waits: what changed since the last one, and what to expect now."""
    lines, parts = words.still_waiting, []
    if change.is_urgent:
        parts.append(fill(lines.call))
    if change.apologies:
        parts.append(fill(lines.apology[min(change.apologies, len(lines.apology)) - 1]))
    parts += _changes(words, change, fill)
    if change.wait is not None and (change.is_news or change.apologies):
        longer = change.is_longer and not change.apologies
        parts.append(fill(lines.longer if longer else lines.estimate, wait=wait_words(words, change.wait, fill)))
    return "\n".join(parts)


def _changes(words: DeskTexts, change: Change, fill: Fill) -> List[str]:
    lines, ahead, before = words.still_waiting, change.ahead, change.before
    if not change.is_staffed:
        opens = opening_words(words, change.opening, fill) if change.opening else ""
        return [fill(_turn(lines.nobody, change.lines), ahead=ahead, opens=opens)]
    parts = [fill(lines.came_online)] if change.came_online else []
    if before is not None and ahead > before:
        parts.append(fill(lines.moved_back, ahead=ahead, few=FEW, is_urgent=change.is_urgent))
    elif before is not None and ahead < before:
        told = {"ahead": ahead, "moved": before - ahead, "few": FEW, "is_urgent": change.is_urgent}
        parts.append(fill(lines.moved_up if ahead else lines.first, **told))
    elif not parts:
        parts.append(fill(_turn(lines.unchanged, change.lines), ahead=ahead, few=FEW, is_urgent=change.is_urgent))
    return parts


def _turn(texts: tuple[str, ...], number: int) -> str:
    """The texts in turn, so that no customer reads the same sentence twice in a row."""
    return texts[number % len(texts)]


def _minutes(length: dt.timedelta, round_: Callable[[float], int]) -> int:
    return round_(length / _MINUTE)
