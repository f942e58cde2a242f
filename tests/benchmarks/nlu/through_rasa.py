"""Training and parsing by Rasa's own API, for the systems that are Rasa pipelines."""

from __future__ import annotations

import asyncio
import json
import logging
import os
from pathlib import Path
from typing import Any, Callable, Dict

# Imported at the top, so that the seconds of importing TensorFlow do not count as training.
import rasa.model_training
from rasa.core.agent import Agent
from rasa.utils.log_utils import configure_structlog

from tests.benchmarks.nlu.job import Job

MODEL = "model.tar.gz"


def train_nlu(config: Path, job: Job, folder: Path) -> None:
    """Train the NLU pipeline of a Rasa configuration on the job's sentences, and write the model into the folder."""
    # An empty cache in the folder: with the project's cache, Rasa would reuse a trained model in no time.
    os.environ["RASA_CACHE_DIRECTORY"] = str(folder / "cache")
    configure_structlog(logging.WARNING)
    # JSON, because Rasa's YAML format treats brackets in a sentence as markup.
    data = folder / "nlu.json"
    examples = [{"text": text, "intent": intent, "entities": []} for text, intent in job.train]
    data.write_text(json.dumps({"rasa_nlu_data": {"common_examples": examples}}, ensure_ascii=False), encoding="utf-8")
    trained = rasa.model_training.train_nlu(config=str(config), nlu_data=str(data), output=str(folder), fixed_model_name=MODEL)
    if trained is None:
        raise RuntimeError("Rasa trained no model; see its messages above")


def load_parser(folder: Path) -> Callable[[str], Dict[str, Any]]:
    """A function from a text to Rasa's parse of it, through a loaded Agent."""
    configure_structlog(logging.WARNING)
    agent, loop = Agent.load(str(folder / MODEL)), asyncio.new_event_loop()
    return lambda text: dict(loop.run_until_complete(agent.parse_message(text)))
