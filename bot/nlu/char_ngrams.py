"""Character n-grams as a Rasa featurizer. (Rasa's own works on tokens joined by spaces, which cuts Chinese n-grams apart.)"""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Type

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.sparse_featurizer.sparse_featurizer import SparseFeaturizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.features import char_ngram_vectorizer, pad, restore_vectorizer

_FILE = "char_ngrams.npz"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class CharNgramFeaturizer(SparseFeaturizer, GraphComponent):
    """One sparse tf-idf row per message; `lowest`/`highest` n-gram length, `minimum_documents` an n-gram must occur in."""

    @classmethod
    def required_components(cls) -> List[Type[Any]]:
        """None: it reads the text itself."""
        return []

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """Unigrams to trigrams that occur twice: most Chinese words have one to three characters."""
        return {**SparseFeaturizer.get_default_config(), "lowest": 1, "highest": 3, "minimum_documents": 2}

    def __init__(
        self,
        config: Dict[str, Any],
        name: str,
        storage: ModelStorage,
        resource: Resource,
        vectorizer: Optional[TfidfVectorizer],
    ) -> None:
        super().__init__(name, {**self.get_default_config(), **config})
        self._storage, self._resource, self._vectorizer = storage, resource, vectorizer

    @classmethod
    def create(
        cls, config: Dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> CharNgramFeaturizer:
        """An untrained featurizer."""
        return cls(config, execution_context.node_name, model_storage, resource, None)

    @classmethod
    def validate_config(cls, config: Dict[str, Any]) -> None:
        """Refuse an n-gram range that is none."""
        if not 1 <= config["lowest"] <= config["highest"]:
            raise ValueError("char n-grams need 1 <= lowest <= highest")

    def train(self, training_data: TrainingData) -> Resource:
        """Learn the vocabulary and the document frequencies."""
        config = self._config
        texts = [pad(example.get(TEXT)) for example in training_data.training_examples if example.get(TEXT)]
        vectorizer = char_ngram_vectorizer(config["lowest"], config["highest"], config["minimum_documents"])
        self._vectorizer = vectorizer.fit(texts)
        with self._storage.write_to(self._resource) as folder:
            terms = vectorizer.get_feature_names_out()
            np.savez_compressed(folder / _FILE, terms=np.array([str(term) for term in terms]), idf=vectorizer.idf_)
        return self._resource

    @classmethod
    def load(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> CharNgramFeaturizer:
        """The featurizer of a trained model."""
        config = {**cls.get_default_config(), **config}
        with model_storage.read_from(resource) as folder, np.load(folder / _FILE) as stored:
            vectorizer = restore_vectorizer(config["lowest"], config["highest"], stored["terms"], stored["idf"])
        return cls(config, execution_context.node_name, model_storage, resource, vectorizer)

    def process(self, messages: List[Message]) -> List[Message]:
        """Add the sentence feature to each message with a text."""
        texts = [message for message in messages if message.get(TEXT) is not None]
        if texts and self._vectorizer is not None:
            rows = self._vectorizer.transform([pad(message.get(TEXT)) for message in texts])
            for position, message in enumerate(texts):
                feature = Features(rows[position], FEATURE_TYPE_SENTENCE, TEXT, self._identifier)
                message.add_features(feature)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Featurize the training examples."""
        self.process(training_data.training_examples)
        return training_data
