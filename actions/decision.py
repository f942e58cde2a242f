"""A message as the pipeline understood it, and the risk in it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, Mapping, Sequence

#: Intents of a decision's ranking.
RANKING_LENGTH = 5

#: Intents that move a conversation along and are about no matter.
SOCIAL_INTENTS = ("greet", "goodbye", "thanks", "affirm", "deny", "bot_challenge")
#: The weight of the whole message in the risk. Its gravest sentence has the rest (docs/deciding.md).
WHOLE_SHARE = 0.8
#: Probabilities are kept this far from 0 and 1 before odds are taken: one sentence that says nothing must not undo all others.
_LEAST_PROBABILITY = 1e-3

#: Where the model may be trusted; computed with it, for the promises in the policy (bot/learning/calibration.py).
#: `risk`: probability of an emergency from which a person is fetched. `out_of_scope`: probability of foreign matter from which
#: a message is refused. `harmless`: probability of mere questions from which a large amount is no transaction.
#: `understood`: confidence from which the likeliest intent is acted on. `tentative`: confidence from which its article is
#: sent as a guess.
THRESHOLDS = ("risk", "out_of_scope", "harmless", "understood", "tentative")


def risk_of(whole: float, gravest: float) -> float:
    """The risk of a message from the probabilities of an emergency in the whole and in its gravest sentence.

    The mean of their log-odds: a sentence that only sounds grave alone does not outweigh a whole that is surely harmless.
    """
    log_odds = WHOLE_SHARE * _log_odds(whole) + (1 - WHOLE_SHARE) * _log_odds(gravest)
    return 1 / (1 + math.exp(-log_odds))


def _log_odds(probability: float) -> float:
    bounded = min(max(probability, _LEAST_PROBABILITY), 1 - _LEAST_PROBABILITY)
    return math.log(bounded / (1 - bounded))


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
    `entities` are `{entity, text, value, start, end}`; `thresholds` has the keys of `THRESHOLDS`.
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
