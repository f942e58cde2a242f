"""Articles by meaning: what the desk asks the bot when an agent looks for an article (docs/contracts.md, "Bot channel")."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from contract.errors import ContractError
from contract.values import LIST_LENGTH, is_list_of, is_name, is_object, is_probability


@dataclass(frozen=True)
class FoundArticle:
    """An article's id, and how near it is to the text, from 0 to 1."""

    id: str
    score: float

    def as_json(self) -> dict[str, Any]:
        """JSON types only."""
        return {"id": self.id, "score": self.score}


def _is_found(value: Any) -> bool:
    return is_object(value) and is_name(value.get("id")) and is_probability(value.get("score"))


def found_articles(body: Any) -> list[FoundArticle]:
    """The articles in an answer, the nearest first. Unknown fields are ignored. Raises ContractError."""
    listed = body.get("articles") if is_object(body) else None
    if not is_list_of(_is_found)(listed):
        raise ContractError(["articles"])
    return [FoundArticle(each["id"], float(each["score"])) for each in listed or []]


def is_limit(value: Any) -> bool:
    """Whether an answer may have so many articles."""
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= LIST_LENGTH
