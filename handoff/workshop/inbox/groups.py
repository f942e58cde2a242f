"""Groups of the inbox, as the job finds them and as the table holds them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec


class Entry(msgspec.Struct, frozen=True):
    """One text of a group. `count`: turns with it. `cost`: of all of them, in ordinary misunderstandings."""

    id: str
    text: str
    kind: str
    count: int
    cost: float
    first_at: dt.datetime
    last_at: dt.datetime


class Suggestion(msgspec.Struct, frozen=True):
    """An intent that a group may have, and its probability."""

    intent: str
    score: float


class Neighbour(msgspec.Struct, frozen=True):
    """A training sentence near a group; `score` is the cosine."""

    text: str
    intent: str
    score: float


class Group(msgspec.Struct, frozen=True):
    """Texts with one meaning. `leader`: the text that other texts are compared with; it stays while the group stays."""

    id: str
    kind: str
    leader: str
    entries: tuple[Entry, ...]
    suggested: tuple[Suggestion, ...] = ()
    nearest: tuple[Neighbour, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The group as pages read it."""
        return {
            "id": self.id,
            "kind": self.kind,
            "count": sum(entry.count for entry in self.entries),
            "cost": round(sum(entry.cost for entry in self.entries), 2),
            "first_at": min(entry.first_at for entry in self.entries).isoformat(),
            "last_at": max(entry.last_at for entry in self.entries).isoformat(),
            "texts": [
                {"id": entry.id, "text": entry.text, "kind": entry.kind, "count": entry.count, "at": entry.last_at.isoformat()}
                for entry in self.entries
            ],
            "suggested": msgspec.to_builtins(self.suggested),
            "nearest": msgspec.to_builtins(self.nearest),
        }


class InboxResult(msgspec.Struct, frozen=True):
    """The result of a job `inbox`. `read_at`: when it read what editors had decided."""

    groups: tuple[Group, ...]
    read_at: dt.datetime


class Decision(msgspec.Struct, frozen=True):
    """What an editor decided about texts of a group. `added`: the sentences that were written into the training data."""

    id: int
    action: str
    intent: str | None
    note: str | None
    by_login: str
    by_name: str
    at: dt.datetime
    group: Group
    added: tuple[str, ...] = ()
