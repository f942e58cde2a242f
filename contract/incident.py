"""An incident that supervisors announced, as the bot is told of it (docs/contracts.md, "Bot channel")."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from contract.errors import ContractError
from contract.values import is_list_of, is_name, is_object, is_whole_number

_MOST_VERSIONS = 1_000_000


@dataclass(frozen=True)
class Incident:
    """`version`: grows with each change of the incident. `intents`: which questions it answers. `banks`: the names of the banks
    that it is about; none if it is about all. `text`: what customers read, by `zh` and `en`.
    """

    id: str
    version: int
    intents: tuple[str, ...]
    banks: tuple[str, ...] = ()
    text: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_json(cls, data: Any) -> Incident:
        """Raises ContractError."""
        if not is_incident(data):
            raise ContractError(["incidents"])
        return cls(data["id"], data["version"], tuple(data["intents"]), tuple(data["banks"]), dict(data["text"]))

    def as_json(self) -> dict[str, Any]:
        """JSON types only."""
        return {
            "id": self.id,
            "version": self.version,
            "intents": list(self.intents),
            "banks": list(self.banks),
            "text": dict(self.text),
        }


def is_incident(value: Any) -> bool:
    """Whether a JSON value is an incident of the context."""
    return (
        is_incident_name(value)
        and is_list_of(is_name)(value.get("intents"))
        and is_list_of(is_name)(value.get("banks"))
        and is_object(value.get("text"))
        and all(isinstance(value["text"].get(locale), str) and value["text"][locale] for locale in ("zh", "en"))
    )


def is_incident_name(value: Any) -> bool:
    """Whether a JSON value names an incident and its version, as a decision does."""
    return is_object(value) and is_name(value.get("id")) and is_whole_number(value.get("version"), _MOST_VERSIONS)
