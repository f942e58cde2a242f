"""Trains the model for the present data. The name of a model is the hash of everything that determines it."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import tempfile
import time
from pathlib import Path
from typing import Callable, Dict

import yaml

from bot.folders import DATA as DATA
from bot.folders import MODELS as MODELS
from bot.learning.calibration import TooFewExamples, policy_facts
from bot.learning.content_check import read_examples
from bot.learning.domain import ACTION, DOMAIN, domain_text, write_domain
from bot.nlu.spacy_pipeline import build_pipeline
from content.triage_policy import load_policy

logger = logging.getLogger(__name__)

SPACY_PIPELINE = Path("models/spacy-zh")  # where config.yml looks for it
CONFIG = Path("config.yml")
#: Below a data folder: the training sentences, the calibration sentences, the policy.
NLU, CALIBRATION, POLICY = "nlu", "calibration", "triage.yml"
NLU_DATA, CALIBRATION_DATA = DATA / NLU, DATA / CALIBRATION
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


def model_sources(data: Path = DATA) -> Dict[str, Path]:
    """The files whose change makes a new model, by name: sentences, configuration, our components, and the locked libraries.

    A sentence file has the same name in every data folder, so that copies of a folder have the same model.
    """
    code = [CONFIG, Path("requirements/bot.txt"), *Path("bot/nlu").rglob("*.py"), *map(Path, _MODEL_CODE)]
    files = {path.as_posix(): path for path in code}
    for folder in (NLU, CALIBRATION):
        files.update({f"data/{path.relative_to(data).as_posix()}": path for path in (data / folder).rglob("*.yml")})
    return dict(sorted(files.items()))


def model_name(data: Path = DATA) -> str:
    """`wallet-` and twelve digits of a hash: `model_sources()` (names and bytes), the domain, and the facts of the policy.

    The code of `content/` is not hashed: how the policy is read does not change the model.
    """
    policy = load_policy(data / POLICY)
    digest = hashlib.sha256(json.dumps(policy_facts(policy), sort_keys=True).encode() + domain_text(policy).encode())
    for name, path in model_sources(data).items():
        digest.update(name.encode() + b"\0" + path.read_bytes() + b"\0")
    return f"wallet-{digest.hexdigest()[:12]}"


def model_path(name: str) -> Path:
    """The path of the model with this name, whether it exists or not."""
    return MODELS / f"{name}.tar.gz"


def ensure_model(say: Callable[[str], None] = print, data: Path = DATA) -> str:
    """The name of the model for a data folder. A missing model is trained. Raises TrainingError, ContentError."""
    name = model_name(data)
    # Serving also needs the pipeline folder, which is written quickly from code.
    MODELS.mkdir(exist_ok=True)
    if data == DATA:
        write_domain(load_policy(data / POLICY))
    build_pipeline().to_disk(SPACY_PIPELINE)
    if model_path(name).exists():
        say(f"model {name} is up to date")
        return name
    say(f"training model {name} ...")
    started = time.monotonic()
    _train(name, data)
    say(f"trained in {time.monotonic() - started:.0f} s")
    return name


def _train(name: str, data: Path) -> None:
    # Imported here: this imports TensorFlow, which takes seconds, and the check for an existing model does not need it.
    from rasa.engine.exceptions import GraphComponentException
    from rasa.model_training import train
    from rasa.utils.log_utils import configure_structlog

    configure_structlog(logging.WARNING)  # by default Rasa logs every step of every rule
    # Next to the models, so that a finished archive is moved in one step: a killed training leaves no half of a model.
    with tempfile.TemporaryDirectory(prefix="training-", dir=MODELS) as scratch:
        folder = Path(scratch)
        try:
            result = train(
                domain=str(_write_domain_for(data, folder)),
                config=str(_write_config_for(data, folder)),
                training_files=[str(_write_training_file(data, folder))],
                output=str(folder),
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
        os.replace(folder / model_path(name).name, model_path(name))


def _write_domain_for(data: Path, folder: Path) -> Path:
    path = folder / DOMAIN.name
    path.write_text(domain_text(load_policy(data / POLICY)), encoding="utf-8")
    return path


def _write_config_for(data: Path, folder: Path) -> Path:
    """The project's pipeline, with the sentences and the policy of a data folder."""
    config = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))
    for component in config["pipeline"]:
        if component["name"].endswith("NetworkIntentClassifier"):
            component.update(
                policy=str((data / POLICY).resolve()),
                calibration=str((data / CALIBRATION).resolve()),
                examples=str((data / NLU).resolve()),
            )
    path = folder / CONFIG.name
    path.write_text(yaml.safe_dump(config, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return path


def _write_training_file(data: Path, folder: Path) -> Path:
    """One sentence of each intent, for Rasa's check of the domain. The intent model reads the data folder itself."""
    blocks = [{"intent": intent, "examples": f"- {sentences[0]}\n"} for intent, sentences in read_examples(data / NLU).items()]
    # Rasa builds a dialogue model only from data with a story; bot/serving/dialogue_policy.py does not learn from it.
    story = {"story": "any message", "steps": [{"intent": blocks[0]["intent"]}, {"action": ACTION}]}
    path = folder / "training.yml"
    with path.open("w", encoding="utf-8") as file:
        yaml.dump({"version": "3.1", "nlu": blocks, "stories": [story]}, file, allow_unicode=True, sort_keys=False)
    return path
