"""Decides many messages at once, in one process and without Rasa: the same decisions as those of the running bot.

The order of the work differs from serving: texts are encoded in batches, with a cache on disk, and a text that occurs again is
parsed once. The last digits of an embedding depend on its batch. `exact` encodes each text alone, as serving does, so that a
logged decision is reproduced to its last digit; it takes about three times as long.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any, Callable, Dict, List, Optional, Sequence

import numpy as np
from numpy.typing import NDArray

from actions.triage import message_from_parse, triage
from bot.learning.embeddings import embed
from bot.nlu.clauses import asks_twice, clauses, has_connector, sentences
from bot.nlu.entities import find_entities
from bot.nlu.intent_model import IntentModel
from bot.nlu.spacy_pipeline import build_pipeline
from bot.workshop.versions import Version, load_intent_model
from content.bundle import Content
from contract.lookup import Lookup
from contract.turn import Context
from contract.understanding import SOCIAL_INTENTS
from language.normalization import normalize

#: Texts of one batch: progress is told after each, and memory stays small.
_BATCH = 1000
EXTRACTOR = "NumberExtractor"

Progress = Callable[[float], None]


@dataclass(frozen=True)
class Turn:
    """One message, and what the bot was told with it (`contract.turn.TurnRequest`). `day`: None is today.

    `lookup`: what the wallet's own systems said then. A decider asks no wallet.
    """

    text: str
    choice: Optional[str] = None
    suggested: bool = False
    context: Context = field(default_factory=Context)
    day: Optional[dt.date] = None
    lookup: Optional[Lookup] = None


class Decider:
    """A model together with content."""

    def __init__(self, model: IntentModel, content: Content, name: str, *, exact: bool = False) -> None:
        self._model, self._content, self._name, self._exact = model, content, name, exact
        self._numbers = build_pipeline()
        self._parsed: Dict[str, Dict[str, Any]] = {}

    @classmethod
    def open(cls, version: Version, *, exact: bool = False) -> Decider:
        """The decider of a version. Raises ModelGone."""
        return cls(load_intent_model(version.model), version.content, version.model, exact=exact)

    def with_content(self, content: Content) -> Decider:
        """The same model with other content. The two share what they parse, which is most of the work."""
        other = Decider(self._model, content, self._name, exact=self._exact)
        other._parsed = self._parsed
        return other

    @property
    def intents(self) -> Sequence[str]:
        """The intents in the order of the columns of `probabilities`."""
        return self._model.intents

    @property
    def name(self) -> str:
        """The model's name."""
        return self._name

    @property
    def content(self) -> Content:
        """The content that it decides with."""
        return self._content

    def probabilities(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Calibrated probabilities of texts as customers wrote them, shape (texts, intents)."""
        normal = [normalize(text) for text in texts]
        return self._model.probabilities(normal, embed(normal))

    def decide(self, turn: Turn) -> Dict[str, Any]:
        """`decide_all` of one turn."""
        return self.decide_all([turn])[0]

    def decide_all(self, turns: Sequence[Turn], progress: Optional[Progress] = None) -> List[Dict[str, Any]]:
        """The decisions as JSON (docs/contracts.md), in the order of the turns. `progress` is told the share that is done."""
        decisions: List[Dict[str, Any]] = []
        for start in range(0, len(turns), _BATCH):
            part = turns[start : start + _BATCH]
            self._parse(list(dict.fromkeys(turn.text for turn in part)))
            decisions += [self._decide(turn) for turn in part]
            if progress is not None:
                progress(len(decisions) / len(turns))
        return decisions

    def _decide(self, turn: Turn) -> Dict[str, Any]:
        message = message_from_parse(
            self._parsed[turn.text],
            turn.choice,
            said=turn.text,
            before=turn.context.locale,
            is_suggested=turn.suggested,
        )
        day = turn.day or dt.date.today()
        return triage(message, turn.context, self._content, self._name, day, turn.lookup)[1]

    def _parse(self, texts: Sequence[str]) -> None:
        """Make Rasa's parse data of texts that were not parsed yet; the same as `NetworkIntentClassifier.process` makes."""
        new = {text: normalize(text) for text in texts if text not in self._parsed}
        rankings = self._rank([ranked for text in new.values() for ranked in (text, *sentences(text))])
        in_parts = {
            text: clauses(text)
            for text in new.values()
            if has_connector(text) or asks_twice(text) or rankings[text][0]["name"] in (*SOCIAL_INTENTS, "unresolved")
        }
        rankings.update(self._rank([part for parts in in_parts.values() for part in parts if part not in rankings]))

        def ranked(parts: Sequence[str]) -> List[Dict[str, Any]]:
            return [{"text": part, "intent_ranking": rankings[part]} for part in parts]

        for said, text in new.items():
            parse: Dict[str, Any] = {
                "text": text,
                "intent_ranking": rankings[text],
                "thresholds": dict(self._model.thresholds),
                "sentences": ranked(sentences(text)),
                "entities": [{**entity, "extractor": EXTRACTOR} for entity in find_entities(self._numbers(text))],
            }
            if text in in_parts:
                parse["parts"] = ranked(in_parts[text])
            self._parsed[said] = parse

    def _rank(self, texts: Sequence[str]) -> Dict[str, List[Dict[str, Any]]]:
        distinct = list(dict.fromkeys(texts))
        if not distinct:
            return {}
        if self._exact:
            rows = [self._model.ranking(text) for text in distinct]
        else:
            order = np.argsort(-(shares := self._model.probabilities(distinct, embed(distinct))), axis=1, kind="stable")
            rows = [[(self._model.intents[i], float(row[i])) for i in places] for row, places in zip(shares, order)]
        return {text: [{"name": name, "confidence": share} for name, share in row] for text, row in zip(distinct, rows)}
