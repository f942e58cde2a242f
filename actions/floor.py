"""The deterministic floor: patterns find what a message states explicitly, before any model."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Iterator, Match, Optional

from content.triage_policy import Floor, Guards, IncidentFloor

_SENTENCE_END = re.compile(r"[。！？!?\n;；]|\.(?=\s|$)")
_WINDOW = 80
#: The longest reach, in characters, of a guard that ends where the match begins.
_NEAR = 40


@dataclass(frozen=True)
class Statement:
    """A statement of the message: the floor's intent, and the words that match."""

    intent: str
    words: str


def _around(text: str, match: Match[str]) -> tuple[str, str]:
    """The text before and after a match in its sentence, at most `_WINDOW` characters each, so that time stays linear."""
    before = _SENTENCE_END.split(text[max(0, match.start() - _WINDOW) : match.start()])[-1]
    after = _SENTENCE_END.split(text[match.end() : match.end() + _WINDOW])[0]
    return before, after


def _is_silenced(text: str, match: Match[str], incident: IncidentFloor, guards: Guards) -> bool:
    if incident.unless and incident.unless.search(text[max(0, match.start() - _WINDOW) : match.end() + _WINDOW]):
        return True
    before, after = _around(text, match)
    near = before[-_NEAR:]
    looks_at = {"within": match.group(), "negation": near, "hypothesis": near, "report": near, "advice": after}
    return any(
        getattr(guards, name).search(looked_at) for name, looked_at in looks_at.items() if name not in incident.replaces
    ) or ("settled" not in incident.replaces and _is_settled(text, match, len(before), guards))


def _is_settled(text: str, match: Match[str], before: int, guards: Guards) -> bool:
    """Whether the match is in a story that begins long ago and ends well. A story that ends before the match is another."""
    start = match.start() - before
    found = guards.settled.search(text[start : match.end() + _WINDOW])
    return bool(found and found.start() < match.end() - start < found.end())


def stated_incidents(text: str, floor: Floor) -> Iterator[Statement]:
    """The incidents that a normalised text states as facts, in the order of the policy, at most one of each kind."""
    for incident in floor.incidents:
        for pattern in incident.patterns:
            if pattern.search(text) is None:  # nearly always: a generator for each pattern would cost more than the search
                continue
            stated = next((m for m in pattern.finditer(text) if not _is_silenced(text, m, incident, floor.guards)), None)
            if stated:
                yield Statement(incident.intent, stated.group())
                break


def asked_for_person(text: str, floor: Floor) -> Optional[Statement]:
    """The words with which a normalised text asks for a person, unless they are negated or ask for a phone number."""
    for pattern in floor.human.patterns:
        for match in pattern.finditer(text):
            before, after = _around(text, match)
            if not floor.human.not_before.search(before) and not floor.human.not_after.search(after):
                return Statement(floor.human.intent, match.group())
    return None
