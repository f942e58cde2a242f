"""The pipeline and the decision in one process, with the results that customers get; for the command line and evaluations."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from pathlib import Path
from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple

import numpy as np

from actions.decide import decide
from actions.decision import Message
from actions.triage import message_from_parse, triage
from bot.evaluation import Labelled
from bot.learning.content_check import read_normalised
from bot.learning.intent_training import calibrate, held_out_predictions, train_intents
from bot.nlu.entities import find_entities
from bot.nlu.network import log_softmax
from bot.nlu.spacy_pipeline import build_pipeline
from content.bundle import Content
from contract.turn import Context


class Understanding:
    """A trained model together with content."""

    def __init__(self, model: Path, content: Content) -> None:
        # Imported here: Rasa imports TensorFlow.
        from rasa.core.agent import Agent
        from rasa.utils.log_utils import configure_structlog

        configure_structlog(logging.WARNING)
        self._agent = Agent.load(model)
        self._content, self._model = content, model.name[: -len(".tar.gz")]
        self._loop = asyncio.new_event_loop()

    def parse(self, text: str) -> Dict[str, Any]:
        """Rasa's parse of a text: intent ranking, thresholds, entities."""
        return dict(self._loop.run_until_complete(self._agent.parse_message(text)))

    def decide(self, text: str, context: Optional[Context] = None, day: Optional[dt.date] = None) -> Dict[str, Any]:
        """The decision for a text, as JSON; by default for the first message of a conversation, today."""
        context = context or Context()
        message = message_from_parse(self.parse(text), said=text, before=context.locale)
        _, decision = triage(message, context, self._content, self._model, day or dt.date.today())
        return decision


def held_out_decisions(
    content: Content, examples: Path, calibration: Path
) -> Tuple[List[Labelled], Callable[[str], Mapping[str, Any]]]:
    """The training sentences of the folder `examples`, and the decision of a model without the sentence and its paraphrases.

    The labels are the routes and reasons of the intents, so sentences whose amount changes the route (rule 1) are left out. The
    thresholds come from the model of all sentences. Sentences with the same normalised text count once.
    """
    policy, numbers = content.policy, build_pipeline()
    intent_of, unseen = read_normalised(examples), read_normalised(calibration)
    texts = list(intent_of)
    model = calibrate(train_intents(texts, list(intent_of.values())), list(unseen), list(unseen.values()), policy)
    held_out, _ = held_out_predictions(texts, list(intent_of.values()))
    probabilities = np.exp(log_softmax(held_out.log_probabilities / model.temperature))
    row_of = {text: row for row, text in enumerate(texts)}

    def message(text: str) -> Message:
        row = probabilities[row_of[text]]
        ranking = [(model.intents[i], float(row[i])) for i in np.argsort(-row, kind="stable")]
        return Message(text, ranking, find_entities(numbers(text)), model.thresholds)

    def is_changed_by_amount(text: str, intent: str) -> bool:
        sure = Message(text, [(intent, 1.0)], find_entities(numbers(text)), model.thresholds)
        return decide(sure, Context(), policy).rule == "floor.amount" and policy.intents[intent].route != "escalate"

    lines = [
        Labelled(text, intent, policy.intents[intent].route, policy.intents[intent].reason)
        for text, intent in intent_of.items()
        if not is_changed_by_amount(text, intent)
    ]
    return lines, lambda text: decide(message(text), Context(), policy).as_json()
