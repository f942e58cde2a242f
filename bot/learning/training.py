"""Trains the model for the present data. The name of a model is the hash of everything that determines it."""

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
#: Modules outside `bot/nlu` whose code determines the content of a model.
_MODEL_CODE = (
    "bot/learning/augmentation.py",
    "bot/learning/calibration.py",
    "bot/learning/intent_training.py",
    "contract/characters.py",
    "contract/understanding.py",
    "language/normalization.py",
)


class TrainingError(Exception):
    """The model could not be trained; the message states how to fix it."""


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
    """The path of the model with this name, whether it exists or not."""
    return MODELS / f"{name}.tar.gz"


def ensure_model(say: Callable[[str], None] = print) -> str:
    """The name of the model for the present data. A missing model is trained. Raises TrainingError."""
    name = model_name()
    # Serving also needs the pipeline folder, which is written quickly from code.
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
    # Imported here: this imports TensorFlow, which takes seconds, and the check for an existing model does not need it.
    from rasa.engine.exceptions import GraphComponentException
    from rasa.model_training import train
    from rasa.utils.log_utils import configure_structlog

    configure_structlog(logging.WARNING)  # by default Rasa logs every step of every rule
    with tempfile.TemporaryDirectory() as folder:
        try:
            result = train(
                domain=str(DOMAIN),
                config="config.yml",
                training_files=[str(_as_one_file(Path(folder)))],
                output=str(MODELS),
                fixed_model_name=name,
                # Rasa's cache depends on configuration and data, but not on the code of our components.
                force_training=True,
            )
        except GraphComponentException as error:
            # Rasa wraps the error of a component; editors can fix this one.
            if isinstance(error.__cause__, TooFewExamples):
                raise TrainingError(str(error.__cause__)) from error
            raise
    if result.code != 0 or result.model is None:
        raise TrainingError(f"rasa train ended with code {result.code}; see its messages above")


def _as_one_file(folder: Path) -> Path:
    """All training sentences in one file: for each file that it merges, Rasa compares all sentences with each other again."""
    blocks = [
        {"intent": intent, "examples": "".join(f"- {sentence}\n" for sentence in sentences)}
        for intent, sentences in read_examples(NLU_DATA).items()
    ]
    # Rasa builds a dialogue model only from data with a story; bot/serving/dialogue_policy.py does not learn from it.
    story = {"story": "any message", "steps": [{"intent": blocks[0]["intent"]}, {"action": ACTION}]}
    path = folder / "training.yml"
    with path.open("w", encoding="utf-8") as file:
        yaml.dump({"version": "3.1", "nlu": blocks, "stories": [story]}, file, allow_unicode=True, sort_keys=False)
    return path
