"""The component that finds amounts, order numbers, phones and error codes with our spaCy pipeline, as Rasa's entities."""

from __future__ import annotations

from typing import Any, Dict, List

import spacy
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.nlu.entities import find_entities


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class NumberExtractor(GraphComponent, EntityExtractorMixin):
    """Runs the spaCy pipeline in the folder `pipeline` (made by `bot/nlu/spacy_pipeline.py`) over each message.

    Rasa's own SpacyNLP also processes every training sentence, which takes half a minute, and no component learns from it.
    """

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """`pipeline`: the folder of the spaCy pipeline, relative to the project's folder."""
        return {"pipeline": "models/spacy-zh"}

    def __init__(self, config: Dict[str, Any]) -> None:
        self._nlp = spacy.load(config["pipeline"])

    @classmethod
    def create(
        cls, config: Dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> NumberExtractor:
        """Loads the pipeline. spaCy's error names the folder if the folder is missing."""
        return cls({**cls.get_default_config(), **config})

    def process(self, messages: List[Message]) -> List[Message]:
        """Add `{entity, text, value, start, end, extractor}` for each number. Offsets are in the normalised text."""
        for message in messages:
            if message.get(TEXT) is not None:
                found = self.add_extractor_name(find_entities(self._nlp(message.get(TEXT))))
                message.set(ENTITIES, message.get(ENTITIES, []) + found, add_to_output=True)
        return messages
