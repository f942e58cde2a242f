"""Trains and calibrates the intent model (`bot.nlu.intent_model`)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Optional, Sequence, Tuple

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from bot.learning.augmentation import varied
from bot.learning.calibration import TooFewExamples, gravest_parts, temperature, thresholds
from bot.learning.cross_validation import HeldOut, cross_validate
from bot.learning.embeddings import embed
from bot.nlu.clauses import sentences
from bot.nlu.features import NgramVocabulary
from bot.nlu.intent_model import IntentModel
from bot.nlu.network import Training, fit, log_softmax
from content.triage_policy import Policy


@dataclass(frozen=True)
class _Features:
    """The network's input for the training sentences.

    The sparse rows are the n-grams of each sentence, followed by those of each sentence with plain words around it. Plain words
    hardly change an embedding, and encoding them gained nothing: a variant has the embedding of its sentence.
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
        return cls(vocabulary, both, embed(texts), classes, [str(name) for name in names])


def train_intents(texts: Sequence[str], labels: Sequence[str], training: Optional[Training] = None) -> IntentModel:
    """Train a model on normalised texts and their intents. The model is not calibrated: temperature 1 and no thresholds."""
    features = _Features.of(texts, labels)
    count = len(features.intents)
    network = fit(features.sparse, features.dense, features.classes, count, training or Training())
    return IntentModel(features.vocabulary, network, features.intents, 1.0, {})


def calibrate(model: IntentModel, texts: Sequence[str], labels: Sequence[str], policy: Policy) -> IntentModel:
    """The model with a temperature and with thresholds that hold for messages like these normalised texts.

    The texts must be unknown to the model. Raises TooFewExamples if there are too few texts for the policy's promises, or if
    one of their intents has no training sentences.
    """
    missing = sorted((set(policy.intents) | set(labels)) - set(model.intents))
    if missing:
        raise TooFewExamples(f"no training sentences for {', '.join(missing)}")
    classes = np.searchsorted(model.intents, labels)  # the intents are sorted
    parts, owners = [], []
    for i, text in enumerate(texts):
        found = sentences(text)
        parts += found
        owners += [i] * len(found)
    said = model.log_probabilities([*texts, *parts], embed([*texts, *parts]))
    divisor = temperature(said[: len(texts)], classes)
    probabilities = np.exp(log_softmax(said / divisor))
    whole, of_parts = probabilities[: len(texts)], probabilities[len(texts) :]
    gravest = gravest_parts(whole, of_parts, owners, model.intents, policy)
    return replace(model, temperature=divisor, thresholds=thresholds(whole, gravest, classes, model.intents, policy))


def held_out_predictions(
    texts: Sequence[str], labels: Sequence[str], training: Optional[Training] = None
) -> Tuple[HeldOut, Sequence[str]]:
    """Uncalibrated predictions for each sentence by a network that was trained without it, and the intents in their order."""
    features = _Features.of(texts, labels)
    count = len(features.intents)
    held_out = cross_validate(features.sparse, features.dense, features.classes, count, training or Training())
    return held_out, features.intents
