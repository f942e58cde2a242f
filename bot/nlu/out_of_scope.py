"""How foreign a message is: the distance to everything that the training data know."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Type

import numpy as np
from numpy.typing import NDArray
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.sentence_encoder import SentenceEncoderFeaturizer

_FILE = "known_sentences.npz"
OUT_OF_SCOPE = "out_of_scope"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class OutOfScopeDetector(IntentClassifier, GraphComponent):
    """Adds `scope: {similarity, nearest}`: the largest cosine to an in-scope training sentence, and that sentence's intent.

    It only measures; what follows from it is the decision's (`actions/decide.py`). A nearest-neighbour distance separates
    foreign sentences better (AUROC .96-.99 here) than the classifier's own probability (.91-.96), which is high on nonsense.
    """

    @classmethod
    def required_components(cls) -> List[Type[Any]]:
        """The sentence encoder, whose space the distances are in."""
        return [SentenceEncoderFeaturizer]

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """Nothing to configure."""
        return {}

    def __init__(
        self, storage: ModelStorage, resource: Resource, known: Optional[NDArray[Any]], intents: Optional[NDArray[Any]]
    ) -> None:
        self._storage, self._resource, self._known, self._intents = storage, resource, known, intents

    @classmethod
    def create(
        cls, config: Dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> OutOfScopeDetector:
        """An untrained detector."""
        return cls(model_storage, resource, None, None)

    @classmethod
    def load(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> OutOfScopeDetector:
        """The detector of a trained model."""
        with model_storage.read_from(resource) as folder, np.load(folder / _FILE) as stored:
            return cls(model_storage, resource, stored["known"].astype(np.float32), stored["intents"])

    @staticmethod
    def _dense(message: Message) -> NDArray[np.float32]:
        _, dense = message.get_dense_features(TEXT)
        return np.asarray(dense.features, dtype=np.float32).ravel()

    def train(self, training_data: TrainingData) -> Resource:
        """Remember the in-scope sentences, as float16 (half the size, differences far below what matters)."""
        examples = [e for e in training_data.intent_examples if e.get(TEXT) and e.get(INTENT) != OUT_OF_SCOPE]
        known = np.stack([self._dense(example) for example in examples]).astype(np.float16)
        self._known, self._intents = known.astype(np.float32), np.array([example.get(INTENT) for example in examples])
        with self._storage.write_to(self._resource) as folder:
            np.savez_compressed(folder / _FILE, known=known, intents=self._intents)
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        """Set `scope` on each message."""
        if self._known is None or self._intents is None:
            return messages
        for message in messages:
            similarities = self._known @ self._dense(message)
            nearest = int(np.argmax(similarities))
            scope = {"similarity": float(similarities[nearest]), "nearest": str(self._intents[nearest])}
            message.set("scope", scope, add_to_output=True)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Nothing later in training needs a measurement."""
        return training_data
