"""Logistic regression over all features of a message."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Sequence, Text, Type

import numpy as np
import scipy.sparse
import skops.io
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from sklearn.linear_model import LogisticRegression

_FILE = "intent_classifier.skops"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class LogisticIntentClassifier(IntentClassifier, GraphComponent):
    """scikit-learn's multinomial logistic regression on sparse and dense sentence features side by side.

    Config: `regularization` (scikit-learn's C), `dense_weight` (factor on the dense features, whose rows have length 1 like the
    sparse ones), `max_iter`. Unlike Rasa's own component it hands on the whole ranking: the risk rule adds up many intents.
    """

    @classmethod
    def required_components(cls) -> List[Type]:
        """At least one featurizer."""
        return [Featurizer]

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """Found by grouped cross-validation (`make evaluate`)."""
        return {"regularization": 10.0, "dense_weight": 2.0, "max_iter": 150}

    def __init__(
        self, config: Dict[Text, Any], storage: ModelStorage, resource: Resource, model: Optional[LogisticRegression]
    ) -> None:
        self._config = {**self.get_default_config(), **config}
        self._storage, self._resource, self._model = storage, resource, model

    @classmethod
    def create(
        cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> LogisticIntentClassifier:
        """An untrained classifier."""
        return cls(config, model_storage, resource, None)

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> LogisticIntentClassifier:
        """The classifier of a trained model."""
        with model_storage.read_from(resource) as folder:
            model = skops.io.load(folder / _FILE, trusted=skops.io.get_untrusted_types(file=folder / _FILE))
        return cls(config, model_storage, resource, model)

    def _rows(self, messages: Sequence[Message]) -> scipy.sparse.csr_matrix:
        rows = []
        for message in messages:
            blocks = []
            _, sparse = message.get_sparse_features(TEXT)
            if sparse is not None:
                blocks.append(sparse.features)
            _, dense = message.get_dense_features(TEXT)
            if dense is not None:
                blocks.append(scipy.sparse.csr_matrix(dense.features * self._config["dense_weight"]))
            rows.append(scipy.sparse.hstack(blocks, format="csr"))
        return scipy.sparse.vstack(rows, format="csr")

    def train(self, training_data: TrainingData) -> Resource:
        """Fit on every example with an intent."""
        examples = [example for example in training_data.intent_examples if example.get(TEXT) and example.get(INTENT)]
        self._model = LogisticRegression(
            C=self._config["regularization"], max_iter=self._config["max_iter"], tol=1e-3, class_weight="balanced"
        )
        self._model.fit(self._rows(examples), [example.get(INTENT) for example in examples])
        with self._storage.write_to(self._resource) as folder:
            skops.io.dump(self._model, folder / _FILE)
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        """Set intent and the whole ranking, likeliest first, on each message."""
        if self._model is None or not messages:
            return messages
        probabilities = self._model.predict_proba(self._rows(messages))
        for message, row in zip(messages, probabilities):
            order = np.argsort(-row, kind="stable")
            ranking = [{"name": str(self._model.classes_[i]), "confidence": float(row[i])} for i in order]
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Nothing later in training needs a prediction."""
        return training_data
