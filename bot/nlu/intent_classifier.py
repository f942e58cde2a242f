"""The intent model as a Rasa component."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List, Optional, Type

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from actions.policy import load_policy
from bot.clauses import clauses, has_connector
from bot.intent_model import IntentModel

#: Intents of words beside a matter: "thanks, and how long does it take".
_SOCIAL = ("greet", "goodbye", "thanks", "affirm", "deny", "bot_challenge", "unresolved")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class NetworkIntentClassifier(IntentClassifier, GraphComponent):
    """`bot.intent_model.IntentModel` in Rasa's pipeline.

    Hands on the whole ranking, because the decision adds up many intents, and `thresholds`, where the decision may trust it.
    A message that goes on to another matter, or has social words beside one, also gets `parts`: its clauses with rankings.
    The features are made inside: as Rasa featurizers they would be hashed and copied sentence by sentence several times,
    which cost more of the training than the fit itself.
    """

    @classmethod
    def required_components(cls) -> List[Type[Any]]:
        """None: it reads the text itself."""
        return []

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """`policy`: the triage policy whose promises the thresholds keep; null leaves them out (benchmarks on other data)."""
        return {"policy": "data/triage.yml"}

    def __init__(
        self, config: Dict[str, Any], storage: ModelStorage, resource: Resource, model: Optional[IntentModel] = None
    ) -> None:
        self._config = {**self.get_default_config(), **config}
        self._storage, self._resource, self._model = storage, resource, model

    @classmethod
    def create(
        cls, config: Dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> NetworkIntentClassifier:
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
    ) -> NetworkIntentClassifier:
        """The classifier of a trained model."""
        with model_storage.read_from(resource) as folder:
            return cls(config, model_storage, resource, IntentModel.load(folder))

    def train(self, training_data: TrainingData) -> Resource:
        """Train on every example with an intent. Raises TooFewExamples if the data cannot carry the policy's promises."""
        examples = [example for example in training_data.intent_examples if example.get(TEXT) and example.get(INTENT)]
        policy = load_policy(Path(self._config["policy"])) if self._config["policy"] is not None else None
        texts, intents = [example.get(TEXT) for example in examples], [example.get(INTENT) for example in examples]
        self._model, _ = IntentModel.train(texts, intents, policy)
        with self._storage.write_to(self._resource) as folder:
            self._model.save(folder)
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        """Set intent, the whole ranking, likeliest first, the thresholds, and the parts if any, on each message."""
        if self._model is None:
            return messages
        for message in messages:
            text = message.get(TEXT) or ""
            ranking = self._ranking(self._model, text)
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
            message.set("thresholds", dict(self._model.thresholds), add_to_output=True)
            if has_connector(text) or ranking[0]["name"] in _SOCIAL:
                parts = [{"text": clause, "intent_ranking": self._ranking(self._model, clause)} for clause in clauses(text)]
                message.set("parts", parts, add_to_output=True)
        return messages

    @staticmethod
    def _ranking(model: IntentModel, text: str) -> List[Dict[str, Any]]:
        return [{"name": name, "confidence": share} for name, share in model.ranking(text)]

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Nothing later in training needs a prediction."""
        return training_data
