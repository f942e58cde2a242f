"""An incident: one object from which the banner, the bot's answer, the agents' reply and the closing message come."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from contract.incident import Incident as ToldToBot
from contract.locales import TRADITIONAL
from language.recognition import written_as
from language.traditional import Traditional

State = Literal["open", "closed"]
#: No id can be mistaken for another one when it is read aloud.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
ID_LENGTH = 7


@dataclass(frozen=True)
class Incident:
    """One version of an incident. `title`: for agents. `text`, `closing_text`: for customers, by `zh` and `en`.

    `intents`: the questions that it answers. `banks`: none if it is about all. `until`: when it is expected to end.
    `since`: when it was announced. Times are aware UTC.
    """

    id: str
    version: int
    title: str
    text: Mapping[str, str]
    intents: tuple[str, ...]
    banks: tuple[str, ...]
    until: dt.datetime | None
    since: dt.datetime
    state: State = "open"
    closing_text: Mapping[str, str] | None = None

    def told_to_bot(self) -> ToldToBot:
        """What the context of a turn says of it."""
        return ToldToBot(self.id, self.version, self.intents, self.banks, self.text)

    def shown(self, locale: str, traditional: Traditional) -> dict[str, Any]:
        """What anybody may read: a line for a banner."""
        return {
            "id": self.id,
            "text": in_language(self.text, locale, traditional),
            "since": self.since.isoformat(),
            "until": self.until.isoformat() if self.until else None,
        }

    def as_json(self) -> dict[str, Any]:
        """All of it, for supervisors and agents."""
        return {
            "id": self.id,
            "version": self.version,
            "title": self.title,
            "text": dict(self.text),
            "intents": list(self.intents),
            "banks": list(self.banks),
            "until": self.until.isoformat() if self.until else None,
            "since": self.since.isoformat(),
            "state": self.state,
            "closing_text": dict(self.closing_text) if self.closing_text else None,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Incident:
        """Read what `as_json` wrote."""
        until, closing = data["until"], data["closing_text"]
        return cls(
            id=data["id"],
            version=data["version"],
            title=data["title"],
            text=data["text"],
            intents=tuple(data["intents"]),
            banks=tuple(data["banks"]),
            until=dt.datetime.fromisoformat(until) if until else None,
            since=dt.datetime.fromisoformat(data["since"]),
            state=data["state"],
            closing_text=closing,
        )


def in_language(text: Mapping[str, str], locale: str, traditional: Traditional) -> str:
    """A text for a customer's language; traditional Chinese is converted, other languages read English."""
    written = written_as(locale)
    return traditional.convert(text["zh"]) if written == TRADITIONAL else text[written]
