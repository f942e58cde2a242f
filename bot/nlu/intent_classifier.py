"""Logistic regression on each view of a message, combined."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Sequence, Type

import numpy as np
import scipy.sparse
from numpy.typing import NDArray
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from sklearn.feature_selection import SelectKBest, chi2
from sklearn.linear_model import LogisticRegression

_FILE = "intent_classifier.npz"


@dataclass(frozen=True)
class View:
    """A fitted multinomial logistic regression: weights (columns, classes), intercept (classes,).

    Columns that were not selected have zero weights: picking columns out of a sparse row costs more than the product.
    """

    weights: NDArray[np.float32]
    intercept: NDArray[np.float32]

    def log_probabilities(self, rows: Any) -> NDArray[np.float64]:
        """Log of the class probabilities, shape (rows, classes); `rows` is sparse or dense, shape (rows, columns)."""
        logits = np.asarray(rows @ self.weights + self.intercept, dtype=np.float64)
        logits -= logits.max(axis=1, keepdims=True)
        return np.asarray(logits - np.log(np.exp(logits).sum(axis=1, keepdims=True)))


def _fit(rows: Any, intents: Sequence[str], regularization: float, columns: NDArray[np.int64]) -> tuple[View, List[str]]:
    # The tolerance and number of steps are where accuracy in cross-validation stops to grow, not where the loss does.
    model = LogisticRegression(C=regularization, max_iter=50, tol=1e-2, class_weight="balanced")
    model.fit(rows[:, columns], intents)
    weights = np.zeros((rows.shape[1], len(model.classes_)), dtype=np.float32)
    weights[columns] = model.coef_.T
    return View(weights, model.intercept_.astype(np.float32)), [str(name) for name in model.classes_]


def combine(
    sparse: NDArray[np.float64], dense: NDArray[np.float64], dense_share: float, sharpness: float
) -> NDArray[np.float64]:
    """A product of experts: weighted mean of log-probabilities, sharpened, normalised. Shapes (rows, classes)."""
    mixed = sharpness * (dense_share * dense + (1 - dense_share) * sparse)
    mixed = np.exp(mixed - mixed.max(axis=1, keepdims=True))
    return np.asarray(mixed / mixed.sum(axis=1, keepdims=True))


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class LogisticIntentClassifier(IntentClassifier, GraphComponent):
    """scikit-learn's logistic regression on the sparse view (n-grams) and on the dense view (sentence encoder), combined.

    One regression on both views side by side was slower to train and less right: the few strong dense columns are fitted
    before the many weak sparse ones matter (docs/understanding.md has the figures). Unlike Rasa's own component it hands on
    the whole ranking, because the risk rule adds up many intents.
    """

    @classmethod
    def required_components(cls) -> List[Type[Any]]:
        """Featurizers for both views."""
        return [Featurizer]

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """`sparse_columns`: n-grams kept, by chi-squared. `*_regularization`: scikit-learn's C. `dense_share`: the dense view's
        weight among 1. `sharpness`: exponent on the mixture, which alone would be too unsure. All by cross-validation."""
        return {
            "sparse_columns": 12000,
            "sparse_regularization": 20.0,
            "dense_regularization": 30.0,
            "dense_share": 0.35,
            "sharpness": 1.5,
        }

    def __init__(self, config: Dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        self._config = {**self.get_default_config(), **config}
        self._storage, self._resource = storage, resource
        self._intents: List[str] = []
        self._sparse: Optional[View] = None
        self._dense: Optional[View] = None

    @classmethod
    def create(
        cls, config: Dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> LogisticIntentClassifier:
        """An untrained classifier."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> LogisticIntentClassifier:
        """The classifier of a trained model."""
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder, np.load(folder / _FILE) as stored:
            component._intents = [str(name) for name in stored["intents"]]
            component._sparse = View(stored["sparse_weights"], stored["sparse_intercept"])
            component._dense = View(stored["dense_weights"], stored["dense_intercept"])
        return component

    @staticmethod
    def _views(messages: Sequence[Message]) -> tuple[Any, NDArray[np.float32]]:
        sparse, dense = [], []
        for message in messages:
            _, sparse_feature = message.get_sparse_features(TEXT)
            _, dense_feature = message.get_dense_features(TEXT)
            sparse.append(sparse_feature.features)
            dense.append(dense_feature.features)
        # float32 like the weights: otherwise each product would first convert all of them.
        rows = sparse[0] if len(sparse) == 1 else scipy.sparse.vstack(sparse)
        return scipy.sparse.csr_matrix(rows, dtype=np.float32), np.vstack(dense).astype(np.float32)

    def train(self, training_data: TrainingData) -> Resource:
        """Fit both views on every example with an intent."""
        examples = [example for example in training_data.intent_examples if example.get(TEXT) and example.get(INTENT)]
        intents = [example.get(INTENT) for example in examples]
        sparse, dense = self._views(examples)
        best = SelectKBest(chi2, k=min(self._config["sparse_columns"], sparse.shape[1])).fit(sparse, intents)
        columns = best.get_support(indices=True)
        self._sparse, self._intents = _fit(sparse, intents, self._config["sparse_regularization"], columns)
        self._dense, _ = _fit(dense, intents, self._config["dense_regularization"], np.arange(dense.shape[1]))
        with self._storage.write_to(self._resource) as folder:
            np.savez_compressed(
                folder / _FILE,
                intents=np.array(self._intents),
                sparse_weights=self._sparse.weights,
                sparse_intercept=self._sparse.intercept,
                dense_weights=self._dense.weights,
                dense_intercept=self._dense.intercept,
            )
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        """Set intent and the whole ranking, likeliest first, on each message."""
        if self._sparse is None or self._dense is None or not messages:
            return messages
        sparse, dense = self._views(messages)
        probabilities = combine(
            self._sparse.log_probabilities(sparse),
            self._dense.log_probabilities(dense),
            self._config["dense_share"],
            self._config["sharpness"],
        )
        for message, row in zip(messages, probabilities):
            order = np.argsort(-row, kind="stable")
            ranking = [{"name": self._intents[i], "confidence": float(row[i])} for i in order]
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Nothing later in training needs a prediction."""
        return training_data
