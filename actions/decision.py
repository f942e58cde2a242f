"""A message as the pipeline understood it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Mapping, Sequence

#: Intents of a decision's ranking.
RANKING_LENGTH = 5


@dataclass(frozen=True)
class Part:
    """One clause of a message, as the pipeline understood it alone."""

    text: str
    ranking: Sequence[tuple[str, float]] = ()


@dataclass(frozen=True)
class Message:
    """One customer message as the pipeline understood it.

    `text` is normalised (`language.normalization.normalize`). `ranking` holds every intent with its probability,
    likeliest first.
    `entities` are `{entity, text, value, start, end}`; `thresholds` has the keys of `contract.understanding.THRESHOLDS`.
    `choice` is the id of a button that was pressed; `text` is then its label, and the choice decides.
    `parts` are its clauses, where it has several that may be about different things; `sentences` are its sentences, of
    which one may be grave; both are empty if there is but one.
    `language` is what it is written in (`language.recognition.language_of`); None if it does not tell.
    """

    text: str
    ranking: Sequence[tuple[str, float]] = ()
    entities: Sequence[Mapping[str, Any]] = ()
    thresholds: Mapping[str, float] = field(default_factory=dict)
    choice: str | None = None
    parts: Sequence[Part] = ()
    sentences: Sequence[Part] = ()
    language: str | None = None
