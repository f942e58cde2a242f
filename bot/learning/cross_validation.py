"""Predictions for each sentence by a network that was trained without the sentence and its paraphrases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import joblib
import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import AgglomerativeClustering
from sklearn.model_selection import StratifiedGroupKFold

from bot.nlu.network import Training, fit, log_softmax

FOLDS = 3
#: Sentences of one intent with a smaller average cosine distance between their embeddings are paraphrases.
PARAPHRASE_DISTANCE = 0.35
_SEED = 0


@dataclass(frozen=True)
class HeldOut:
    """Predictions for held-out sentences: `log_probabilities` (messages, classes), `groups` (messages,)."""

    log_probabilities: NDArray[np.float64]
    groups: NDArray[np.int64]


def paraphrase_groups(embeddings: NDArray[np.float32], classes: NDArray[np.int64]) -> NDArray[np.int64]:
    """A number for each sentence, equal for paraphrases: clusters (average linkage) within each class. Shape (messages,)."""
    groups = np.zeros(len(classes), dtype=np.int64)
    first = 0
    for name in np.unique(classes):
        members = np.flatnonzero(classes == name)
        if len(members) > 1:
            clusters = AgglomerativeClustering(
                n_clusters=None, affinity="cosine", linkage="average", distance_threshold=PARAPHRASE_DISTANCE
            )
            groups[members] = first + clusters.fit_predict(embeddings[members])
        else:
            groups[members] = first
        first = int(groups[members].max()) + 1
    return groups


def _fold(
    sparse: Any, dense: NDArray[np.float32], classes: NDArray[np.int64], count: int, training: Training, kept: NDArray[np.int64]
) -> NDArray[np.float64]:
    seen = np.setdiff1d(np.arange(len(classes)), kept)
    rows = np.concatenate([seen + first for first in range(0, sparse.shape[0], len(classes))])
    network = fit(sparse[rows], dense[seen], classes[seen], count, training, _SEED)
    return log_softmax(network.logits(sparse[kept], dense[kept]))


def cross_validate(
    sparse: Any, dense: NDArray[np.float32], classes: NDArray[np.int64], count: int, training: Training, folds: int = FOLDS
) -> HeldOut:
    """Predict the messages of each fold with a network that was trained on the other folds.

    `sparse` and `dense` are like those of `bot.nlu.network.fit`: the first variant of each message is the message itself, and
    only this variant is predicted. Folds keep the shares of the classes and never separate paraphrases. The fits run in
    parallel, one on each core.
    """
    groups = paraphrase_groups(dense, classes)
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=_SEED)
    folded = [kept for _, kept in splitter.split(dense, classes, groups)]
    work = (joblib.delayed(_fold)(sparse, dense, classes, count, training, kept) for kept in folded)
    # One thread per fit: the matrices of a step are too small for several threads.
    predictions = joblib.Parallel(n_jobs=min(folds, joblib.cpu_count()), inner_max_num_threads=1)(work)
    log_probabilities = np.zeros((len(classes), count))
    for kept, rows in zip(folded, predictions):
        log_probabilities[kept] = rows
    return HeldOut(log_probabilities, groups)
