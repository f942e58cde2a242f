"""The intent model: features, network, calibrated probabilities and thresholds, in one thing that can be saved."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, List, Mapping, Optional, Sequence, Tuple

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from bot.learning.augmentation import varied
from bot.learning.calibration import TooFewExamples, gravest_parts, temperature, thresholds
from bot.learning.cross_validation import HeldOut, cross_validate
from bot.nlu.clauses import sentences
from bot.nlu.features import NgramVocabulary, encode, encode_cached, encode_many
from bot.nlu.network import Network, Training, fit, log_softmax
from content.triage_policy import Policy

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
    def train(cls, texts: Sequence[str], labels: Sequence[str], training: Optional[Training] = None) -> IntentModel:
        """Train on normalised texts and their intents. It is not calibrated: its temperature is 1, and it has no thresholds."""
        features = _Features.of(texts, labels)
        count = len(features.intents)
        network = fit(features.sparse, features.dense, features.classes, count, training or Training())
        return cls(features.vocabulary, network, features.intents, 1.0, {})

    def calibrated(self, texts: Sequence[str], labels: Sequence[str], policy: Policy) -> IntentModel:
        """The model with temperature and thresholds that hold for messages like these normalised texts, which it has not seen.

        Raises TooFewExamples if the texts cannot carry the policy's promises, or if one of their intents has no
        training sentences.
        """
        missing = sorted((set(policy.intents) | set(labels)) - set(self.intents))
        if missing:
            raise TooFewExamples(f"no training sentences for {', '.join(missing)}")
        classes = np.searchsorted(self.intents, labels)  # the intents are sorted
        parts, owners = [], []
        for i, text in enumerate(texts):
            found = sentences(text)
            parts += found
            owners += [i] * len(found)
        # Both at once: the encoder works on full batches.
        said = self._log_probabilities([*texts, *parts])
        divisor = temperature(said[: len(texts)], classes)
        probabilities = np.exp(log_softmax(said / divisor))
        whole, of_parts = probabilities[: len(texts)], probabilities[len(texts) :]
        gravest = gravest_parts(whole, of_parts, owners, self.intents, policy)
        return replace(self, temperature=divisor, thresholds=thresholds(whole, gravest, classes, self.intents, policy))

    def probabilities(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Calibrated probabilities of normalised texts, shape (texts, intents)."""
        return np.exp(log_softmax(self._log_probabilities(texts) / self.temperature))

    def _log_probabilities(self, texts: Sequence[str]) -> NDArray[np.float64]:
        return log_softmax(self.network.logits(self.vocabulary.transform(texts), encode(texts)))

    def rankings(self, texts: Sequence[str]) -> List[List[Tuple[str, float]]]:
        """For each of some normalised texts every intent with its probability, likeliest first."""
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


@dataclass(frozen=True)
class _Features:
    """What the network sees of the training sentences.

    n-grams of each sentence as it is, and then of each with plain words around it. The words change an embedding little, and
    encoding them gained nothing: its embedding is that of the sentence.
    """

    vocabulary: NgramVocabulary
    sparse: Any
    dense: NDArray[np.float32]
    classes: NDArray[np.int64]
    intents: Sequence[str]

    @classmethod
    def of(cls, texts: Sequence[str], labels: Sequence[str]) -> _Features:
        names, classes = np.unique(labels, return_inverse=True)
        variants = varied(texts, labels)
        vocabulary, sparse = NgramVocabulary.fit(texts)
        both = scipy.sparse.vstack([sparse, vocabulary.transform(variants)], format="csr")
        return cls(vocabulary, both, encode_many(texts), classes, [str(name) for name in names])


def held_out_predictions(
    texts: Sequence[str], labels: Sequence[str], training: Optional[Training] = None
) -> Tuple[HeldOut, Sequence[str]]:
    """What networks say of training sentences that were kept from them (uncalibrated), and the intents in their order."""
    features = _Features.of(texts, labels)
    count = len(features.intents)
    held_out = cross_validate(features.sparse, features.dense, features.classes, count, training or Training())
    return held_out, features.intents
