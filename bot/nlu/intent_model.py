"""The intent model: features, network, calibrated probabilities and thresholds, saved and loaded as one object.

`bot.learning.intent_training` trains and calibrates it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import List, Mapping, Optional, Sequence, Tuple

import numpy as np
from numpy.typing import NDArray

from bot.nlu.features import NgramVocabulary, encode, encode_cached
from bot.nlu.network import Network, log_softmax

_ARRAYS, _CALIBRATION = "intent_model.npz", "calibration.json"


@dataclass(frozen=True)
class IntentModel:
    """A trained model.

    `intents` have the order of the network's outputs. `temperature` divides the logits. `thresholds` state where the decision
    may trust the probabilities (`contract.understanding.THRESHOLDS`); the mapping is empty for a model without calibration.
    """

    vocabulary: NgramVocabulary
    network: Network
    intents: Sequence[str]
    temperature: float
    thresholds: Mapping[str, float]

    def probabilities(self, texts: Sequence[str], dense: Optional[NDArray[np.float32]] = None) -> NDArray[np.float64]:
        """Calibrated probabilities of normalised texts, shape (texts, intents). `dense`: their embeddings, if known."""
        return np.exp(log_softmax(self.log_probabilities(texts, dense) / self.temperature))

    def log_probabilities(self, texts: Sequence[str], dense: Optional[NDArray[np.float32]] = None) -> NDArray[np.float64]:
        """Log-probabilities of normalised texts before the temperature, shape (texts, intents)."""
        return log_softmax(self.network.logits(self.vocabulary.transform(texts), encode(texts) if dense is None else dense))

    def rankings(self, texts: Sequence[str]) -> List[List[Tuple[str, float]]]:
        """For each normalised text, every intent with its probability, the likeliest first."""
        return [self._ranking(text, dense) for text, dense in zip(texts, encode_cached(texts))] if texts else []

    def ranking(self, text: str) -> List[Tuple[str, float]]:
        """`rankings` of one text."""
        return self.rankings([text])[0]

    def _ranking(self, text: str, dense: NDArray[np.float32]) -> List[Tuple[str, float]]:
        logits = self.network.logits_of_one(*self.vocabulary.row(text), dense[None])
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
