"""Hands the numbers that the spaCy pipeline found (amounts, order numbers, phones, error codes) to Rasa as entities."""

from __future__ import annotations

from typing import Any, Dict, List, Text

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import SPACY_DOCS
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.entities import find_entities


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class NumberExtractor(GraphComponent, EntityExtractorMixin):
    """Reads the entities off the spaCy document that `SpacyNLP` attached to the message."""

    @classmethod
    def create(
        cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> NumberExtractor:
        """Rasa's constructor; there is nothing to configure."""
        return cls()

    def process(self, messages: List[Message]) -> List[Message]:
        """Add `{entity, text, value, start, end, extractor}` for each number; offsets are in the normalised text."""
        for message in messages:
            doc = message.get(SPACY_DOCS[TEXT])
            found = self.add_extractor_name(find_entities(doc)) if doc is not None else []
            message.set(ENTITIES, message.get(ENTITIES, []) + found, add_to_output=True)
        return messages
