"""The Rasa component of the intent model."""

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

from bot.nlu.clauses import asks_twice, clauses, has_connector, sentences
from bot.nlu.intent_model import IntentModel
from content.triage_policy import load_policy
from contract.understanding import SOCIAL_INTENTS
from language.normalization import normalize


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class NetworkIntentClassifier(IntentClassifier, GraphComponent):
    """`bot.nlu.intent_model.IntentModel` in Rasa's pipeline.

    It sets the complete ranking, because the decision adds up the probabilities of many intents, and `thresholds`, which state
    where the decision may trust the probabilities. A message of several sentences also gets `sentences` with their rankings,
    because one of them may report an emergency. A message gets `parts`, its clauses with their rankings, if it continues with
    another matter, asks twice, or has social words together with a matter.

    The component computes the features itself: Rasa hashes and copies the output of a featurizer several times per sentence,
    which took longer than the fit.
    """

    @classmethod
    def required_components(cls) -> List[Type[Any]]:
        """None: the component reads the text itself."""
        return []

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """`policy`: the triage policy whose promises the thresholds keep; null for no thresholds (benchmarks on other data).

        `calibration`: the folder of the sentences from which temperature and thresholds are computed. `examples`: the folder of
        the training sentences; null for those that Rasa read. Rasa needs minutes for tens of thousands of sentences, because
        it compares each with all others.
        """
        return {"policy": "data/triage.yml", "calibration": "data/calibration", "examples": None}

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
        """Train on every example with an intent. Raises TooFewExamples if the sentences do not suffice for the promises."""
        # Imported here: Rasa requires one class that trains and serves, and a serving process needs nothing of bot/learning.
        from bot.learning.content_check import read_examples, read_normalised
        from bot.learning.intent_training import calibrate, train_intents

        policy = load_policy(Path(self._config["policy"])) if self._config["policy"] is not None else None
        if self._config["examples"] is not None:
            placed = [
                (normalize(text), intent)
                for intent, said in read_examples(Path(self._config["examples"])).items()
                for text in said
            ]
            texts, intents = [text for text, _ in placed], [intent for _, intent in placed]
        else:
            examples = [example for example in training_data.intent_examples if example.get(TEXT) and example.get(INTENT)]
            texts, intents = [example.get(TEXT) for example in examples], [example.get(INTENT) for example in examples]
        self._model = train_intents(texts, intents)
        if policy is not None:
            unseen = read_normalised(Path(self._config["calibration"]))
            self._model = calibrate(self._model, list(unseen), list(unseen.values()), policy)
        with self._storage.write_to(self._resource) as folder:
            self._model.save(folder)
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        """Set on each message: intent, complete ranking (likeliest first), thresholds, sentences, and any parts."""
        if self._model is None:
            return messages
        for message in messages:
            text = message.get(TEXT) or ""
            own, *others = self._rankings(self._model, [text, *sentences(text)])
            message.set(INTENT, own["intent_ranking"][0], add_to_output=True)
            message.set(INTENT_RANKING_KEY, own["intent_ranking"], add_to_output=True)
            message.set("thresholds", dict(self._model.thresholds), add_to_output=True)
            message.set("sentences", others, add_to_output=True)
            if has_connector(text) or asks_twice(text) or own["intent_ranking"][0]["name"] in (*SOCIAL_INTENTS, "unresolved"):
                message.set("parts", self._rankings(self._model, clauses(text)), add_to_output=True)
        return messages

    @staticmethod
    def _rankings(model: IntentModel, texts: List[str]) -> List[Dict[str, Any]]:
        """`{text, intent_ranking}` for each text."""
        return [
            {"text": text, "intent_ranking": [{"name": name, "confidence": share} for name, share in ranking]}
            for text, ranking in zip(texts, model.rankings(texts))
        ]

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Return the data unchanged: no later component of the training needs a prediction."""
        return training_data
