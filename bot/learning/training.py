"""Trains the model for the present data, once: a model's name is the hash of everything that it is made of."""

from __future__ import annotations

import hashlib
import json
import logging
import tempfile
import time
from pathlib import Path
from typing import Callable, List

import yaml

from bot.learning.calibration import TooFewExamples, policy_facts
from bot.learning.content_check import read_examples
from bot.learning.domain import ACTION, DOMAIN, domain_text, write_domain
from bot.nlu.spacy_pipeline import build_pipeline
from content.triage_policy import load_policy

logger = logging.getLogger(__name__)

MODELS = Path("models")
SPACY_PIPELINE = MODELS / "spacy-zh"
NLU_DATA = Path("data/nlu")
CALIBRATION_DATA = Path("data/calibration")
POLICY = Path("data/triage.yml")
#: Our modules, beside `bot/nlu` and what is below it, that decide what a model holds.
_MODEL_CODE = ("bot/learning/augmentation.py", "bot/learning/calibration.py", "language/normalization.py")


class TrainingError(Exception):
    """The model could not be trained; the message says how to fix it."""


def model_sources() -> List[Path]:
    """The files whose change makes a new model: sentences, configuration, our components, and the locked libraries."""
    data = [*NLU_DATA.rglob("*.yml"), *CALIBRATION_DATA.rglob("*.yml")]
    code = [*Path("bot/nlu").rglob("*.py"), *map(Path, _MODEL_CODE)]
    return sorted([Path("config.yml"), Path("requirements/bot.txt"), *data, *code])


def model_name() -> str:
    """`wallet-` and twelve digits of a hash: `model_sources()` (names and bytes), the domain, and the facts of the policy.

    The code of `content/` is not hashed: how the policy is read does not change the model.
    """
    policy = load_policy(POLICY)
    digest = hashlib.sha256(json.dumps(policy_facts(policy), sort_keys=True).encode() + domain_text(policy).encode())
    for path in model_sources():
        digest.update(path.as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return f"wallet-{digest.hexdigest()[:12]}"


def model_path(name: str) -> Path:
    """Where a model of that name is, or would be."""
    return MODELS / f"{name}.tar.gz"


def ensure_model(say: Callable[[str], None] = print) -> str:
    """The name of the model for the present data; trains it if there is none. Raises TrainingError."""
    name = model_name()
    # Serving needs the pipeline folder too, and it is made from code in a moment.
    MODELS.mkdir(exist_ok=True)
    write_domain(load_policy(POLICY))
    build_pipeline().to_disk(SPACY_PIPELINE)
    if model_path(name).exists():
        say(f"model {name} is up to date")
        return name
    say(f"training model {name} ...")
    started = time.monotonic()
    _train(name)
    say(f"trained in {time.monotonic() - started:.0f} s")
    return name


def _train(name: str) -> None:
    # Imported here: this brings TensorFlow along, which takes seconds that a check for a model need not cost.
    from rasa.engine.exceptions import GraphComponentException
    from rasa.model_training import train
    from rasa.utils.log_utils import configure_structlog

    configure_structlog(logging.WARNING)  # unasked, Rasa logs every step of every rule
    with tempfile.TemporaryDirectory() as folder:
        try:
            result = train(
                domain=str(DOMAIN),
                config="config.yml",
                training_files=[str(_as_one_file(Path(folder)))],
                output=str(MODELS),
                fixed_model_name=name,
                # Rasa's cache knows configuration and data, not the code of our components.
                force_training=True,
            )
        except GraphComponentException as error:
            # Rasa wraps what a component raises; this one is for the editor to fix.
            if isinstance(error.__cause__, TooFewExamples):
                raise TrainingError(str(error.__cause__)) from error
            raise
    if result.code != 0 or result.model is None:
        raise TrainingError(f"rasa train ended with code {result.code}; its messages stand above")


def _as_one_file(folder: Path) -> Path:
    """All training sentences in one file: Rasa compares everything with everything again for each file that it merges."""
    blocks = [
        {"intent": intent, "examples": "".join(f"- {sentence}\n" for sentence in sentences)}
        for intent, sentences in read_examples(NLU_DATA).items()
    ]
    # Rasa makes a dialogue model only of data that holds a story; ours learns nothing from it (bot/serving/dialogue_policy.py).
    story = {"story": "any message", "steps": [{"intent": blocks[0]["intent"]}, {"action": ACTION}]}
    path = folder / "training.yml"
    with path.open("w", encoding="utf-8") as file:
        yaml.dump({"version": "3.1", "nlu": blocks, "stories": [story]}, file, allow_unicode=True, sort_keys=False)
    return path
