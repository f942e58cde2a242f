"""Conversations that nobody has: they wait although an agent is free, or belong to an account that is gone. Pure functions.

The drill photographs the database every second. With routing on, the desk offers a waiting conversation to a free agent within
a second or two, so one that waits longer in front of a free agent is forgotten.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tests.drill.records import Fault, Place
from tests.drill.replay import Breach

NOBODY_HAS = "conversations that nobody has"
#: So long may a conversation wait in front of a free agent; a loaded machine runs eight desks, bots and browsers beside it.
FREE_SECONDS = 10.0
#: After a fault desks come back, connect again and look around.
_FAULT_GRACE_SECONDS = 15.0


@dataclass(frozen=True)
class Photograph:
    """The database at one moment.

    `waiting`: conversations that wait and are offered to nobody, each with the logins that it is not offered to now. `free`:
    logins of available agents with room and without an open offer.
    """

    at: float
    waiting: dict[str, frozenset[str]]
    free: frozenset[str]


def check_neglect(photographs: Iterable[Photograph], faults: list[Fault]) -> Iterator[Breach]:
    """Each conversation that waited too long in front of an agent who was free all the time; once each."""
    since: dict[tuple[str, str], float] = {}
    found: set[str] = set()
    for photograph in photographs:
        is_calm = not any(_touches(fault, photograph.at) for fault in faults)
        pairs = {
            (conversation, login)
            for conversation, not_to in photograph.waiting.items()
            for login in photograph.free - not_to
            if is_calm
        }
        since = {pair: since.get(pair, photograph.at) for pair in pairs}
        for conversation, login in sorted(pairs):
            seconds = photograph.at - since[conversation, login]
            if seconds > FREE_SECONDS and conversation not in found:
                found.add(conversation)
                yield Breach(NOBODY_HAS, conversation, None, f"waited {seconds:.0f} s while {login} was free")


def check_places(places: dict[str, Place], able: frozenset[str]) -> Iterator[Breach]:
    """Each conversation that belongs at the end to an account that is gone."""
    for conversation, place in places.items():
        if place.status == "assigned" and place.agent not in able:
            yield Breach(NOBODY_HAS, conversation, None, f"belongs to {place.agent}, who takes no conversations")


def _touches(fault: Fault, at: float) -> bool:
    return fault.at <= at and (fault.over_at is None or at <= fault.over_at + _FAULT_GRACE_SECONDS)
