"""The one component that is not Rasa's own."""

from __future__ import annotations

from typing import Any, Dict, List

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from language.normalization import normalize


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class FixedThresholds(GraphComponent):
    """Gives each message what this project's action needs: the `thresholds` of its configuration, and a normalised text.

    The thresholds were computed for this project's model and mean nothing for DIET's probabilities: such a bot is suitable for
    measuring the cost of a turn, not for comparing decisions.
    """

    def __init__(self, thresholds: Dict[str, float]) -> None:
        self._thresholds = thresholds

    @classmethod
    def create(
        cls, config: Dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> FixedThresholds:
        """Rasa's constructor. Raises KeyError without `thresholds` in the configuration."""
        return cls(dict(config["thresholds"]))

    def process(self, messages: List[Message]) -> List[Message]:
        """Set `thresholds` on each message, and normalise its text."""
        for message in messages:
            message.set(TEXT, normalize(message.get(TEXT) or ""), add_to_output=True)
            message.set("thresholds", self._thresholds, add_to_output=True)
        return messages
