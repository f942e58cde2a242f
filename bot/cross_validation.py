"""Predictions for sentences that the predicting network has not seen, nor any paraphrase of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Tuple

import joblib
import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import AgglomerativeClustering
from sklearn.model_selection import StratifiedGroupKFold

from bot.network import Network, Training, fit, log_softmax

FOLDS = 3
#: Sentences of one intent whose embeddings are nearer than this, in cosine distance and on average, are one idea.
PARAPHRASE_DISTANCE = 0.35
_SEED = 0


@dataclass(frozen=True)
class HeldOut:
    """What networks said of sentences kept from them: `log_probabilities` (messages, classes), `groups` (messages,)."""

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
    network = fit(sparse[seen], dense[seen], classes[seen], count, training, _SEED)
    return log_softmax(network.logits(sparse[kept], dense[kept]))


def fit_with_held_out(
    sparse: Any, dense: NDArray[np.float32], classes: NDArray[np.int64], count: int, training: Training, folds: int = FOLDS
) -> Tuple[Network, HeldOut]:
    """The network of all sentences, and what networks without them say of each fold.

    Folds keep the classes' shares and never part paraphrases; all fits run side by side, one on each core.
    """
    groups = paraphrase_groups(dense, classes)
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=_SEED)
    parts = [kept for _, kept in splitter.split(dense, classes, groups)]
    work = [joblib.delayed(fit)(sparse, dense, classes, count, training, _SEED)]
    work += [joblib.delayed(_fold)(sparse, dense, classes, count, training, kept) for kept in parts]
    # One thread each: the matrices of a step are too small to share.
    network, *predictions = joblib.Parallel(n_jobs=min(len(work), joblib.cpu_count()), inner_max_num_threads=1)(work)
    log_probabilities = np.zeros((len(classes), count))
    for kept, rows in zip(parts, predictions):
        log_probabilities[kept] = rows
    return network, HeldOut(log_probabilities, groups)
