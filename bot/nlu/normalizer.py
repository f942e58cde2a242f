"""The component that normalises the text of every message and training example."""

from __future__ import annotations

from typing import Any, Dict, List

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from language.normalization import normalize


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class TextNormalizer(GraphComponent):
    """Applies `language.normalization.normalize` first in the pipeline, in training and in serving."""

    @classmethod
    def create(
        cls, config: Dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> TextNormalizer:
        """Rasa's constructor. The component has no configuration."""
        return cls()

    def process(self, messages: List[Message]) -> List[Message]:
        """Normalise the text of each message, in place."""
        for message in messages:
            if message.get(TEXT) is not None:
                message.set(TEXT, normalize(message.get(TEXT)), add_to_output=True)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Normalise every training example, in place."""
        self.process(training_data.training_examples)
        return training_data
