"""The intent model: features, network, calibrated probabilities and thresholds, in one thing that can be saved."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, List, Mapping, Optional, Sequence, Tuple

import numpy as np
from numpy.typing import NDArray

from actions.policy import Policy
from bot.calibration import temperature, thresholds
from bot.cross_validation import HeldOut, fit_with_held_out
from bot.features import NgramVocabulary, encode, encode_cached, encode_many
from bot.network import Network, Training, log_softmax

_ARRAYS, _CALIBRATION = "intent_model.npz", "calibration.json"


@dataclass(frozen=True)
class IntentModel:
    """A trained model.

    `intents` are in the order of the network's outputs; `temperature` divides its logits; `thresholds` say where the decision
    may trust the probabilities (`actions.decision.THRESHOLDS`; none if it was trained without a policy).
    """

    vocabulary: NgramVocabulary
    network: Network
    intents: Sequence[str]
    temperature: float
    thresholds: Mapping[str, float]

    @classmethod
    def train(
        cls, texts: Sequence[str], labels: Sequence[str], policy: Optional[Policy], training: Optional[Training] = None
    ) -> Tuple[IntentModel, HeldOut]:
        """Train on normalised texts and their intents; also returns what was predicted for held-out texts (uncalibrated).

        Raises bot.calibration.TooFewExamples if the data cannot carry the policy's promises.
        """
        names, classes = np.unique(labels, return_inverse=True)
        intents = [str(name) for name in names]
        vocabulary, sparse = NgramVocabulary.fit(texts)
        dense = encode_many(texts)
        network, held_out = fit_with_held_out(sparse, dense, classes, len(intents), training or Training())
        divisor = temperature(held_out.log_probabilities, classes)
        limits: Dict[str, float] = {}
        if policy is not None:
            calibrated = np.exp(log_softmax(held_out.log_probabilities / divisor))
            limits = thresholds(calibrated, classes, intents, policy)
        return cls(vocabulary, network, intents, divisor, limits), held_out

    def probabilities(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Calibrated probabilities of normalised texts, shape (texts, intents)."""
        return np.exp(log_softmax(self.network.logits(self.vocabulary.transform(texts), encode(texts)) / self.temperature))

    def ranking(self, text: str) -> List[Tuple[str, float]]:
        """Every intent with its probability for one normalised text, likeliest first."""
        # Serving: customers ask the same few thousand things again and again, so the embedding is remembered.
        logits = self.network.logits_of_one(*self.vocabulary.row(text), encode_cached(text))
        row = np.exp(log_softmax(logits / self.temperature))[0]
        return [(self.intents[i], float(row[i])) for i in np.argsort(-row, kind="stable")]

    def save(self, folder: Path) -> None:
        """Write the model into an existing folder."""
        np.savez(folder / _ARRAYS, **self.vocabulary.as_arrays(), **self.network.as_arrays())
        facts = {"intents": list(self.intents), "temperature": self.temperature, "thresholds": dict(self.thresholds)}
        (folder / _CALIBRATION).write_text(json.dumps(facts, indent=1), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> IntentModel:
        """Read a model from a folder, ready to serve: its encoder is warm."""
        with np.load(folder / _ARRAYS) as arrays:
            vocabulary, network = NgramVocabulary.from_arrays(arrays), Network.from_arrays(arrays)
        facts = json.loads((folder / _CALIBRATION).read_text(encoding="utf-8"))
        encode(["预热"])
        return cls(vocabulary, network, facts["intents"], facts["temperature"], facts["thresholds"])
