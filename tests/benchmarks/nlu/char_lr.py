"""The usual scikit-learn baseline: tf-idf over character n-grams and logistic regression."""

from __future__ import annotations

from pathlib import Path
from typing import Callable

import joblib
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from tests.benchmarks.nlu.job import Answer, Job, likeliest

VERSIONS = ("scikit-learn",)


def train(job: Job, folder: Path) -> None:
    """Fit the pipeline. C is 10: scikit-learn's default of 1 underfits such short texts."""
    model = make_pipeline(
        TfidfVectorizer(analyzer="char", ngram_range=(1, 4), sublinear_tf=True),
        LogisticRegression(C=10, max_iter=1000, random_state=job.seed),
    )
    model.fit([text for text, _ in job.train], [intent for _, intent in job.train])
    joblib.dump(model, folder / "model")


def load(job: Job, folder: Path) -> Callable[[str], Answer]:
    """The fitted pipeline; it always returns an intent."""
    model = joblib.load(folder / "model")
    intents = [str(name) for name in model.classes_]
    return lambda text: likeliest(list(zip(intents, model.predict_proba([text])[0].tolist())))
