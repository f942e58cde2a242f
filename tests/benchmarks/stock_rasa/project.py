"""A stock Rasa project made of this project's data, as Rasa's documentation advises for Chinese; used by the load benchmark.

Everything is Rasa's own (Jieba, DIET, Memoization, TED and rules, SQLite tracker, lock store in memory, REST channel) except
for `FixedThresholds`, without which the action could not decide. The action is this project's, run as in the Procfile.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import time
from pathlib import Path
from typing import Any, Dict, List, Mapping, NamedTuple

import yaml

from bot.learning.domain import domain_text
from content.triage_policy import load_policy
from tests.benchmarks.nlu.job import write_json
from tests.benchmarks.nlu.rasa_diet import pipeline
from tests.benchmarks.nlu.sentences import Examples
from tests.benchmarks.nlu.systems import ROOT, SYSTEMS

COMMANDS = "commands.json"
ACTION = "action_triage"
_MODEL = "stock"
_COMPONENT = "tests.benchmarks.stock_rasa.thresholds.FixedThresholds"
_FALLBACK = "nlu_fallback"
#: Customers' messages after an answer, for the stories of two turns.
_FOLLOW_UPS = ("thanks", "affirm", "deny", "unresolved", "goodbye")


class BuildError(Exception):
    """The project could not be built; the message gives the cause."""


class Built(NamedTuple):
    """A trained model and the seconds of `rasa train`, including its start and its check of the data."""

    model: Path
    seconds: float


def build(folder: Path, examples: Examples, epochs: int, seed: int) -> Built:
    """Build the project in a folder, replacing an existing one, and train it. Writes `commands.json` at the end.

    Raises BuildError, and tests.benchmarks.nlu.systems.Unavailable if jieba cannot be installed.
    """
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    for old in [folder / COMMANDS, *folder.glob("tracker.db*")]:
        old.unlink(missing_ok=True)
    write_project(folder, examples, published_thresholds(ROOT / "models"), epochs, seed)
    starting = commands(folder, SYSTEMS["rasa-diet"]().environment["PYTHONPATH"])
    train = [*_python("rasa"), "train", "--fixed-model-name", _MODEL]
    started = time.perf_counter()
    # No cache: with one, Rasa would reuse a trained model in no time.
    environment = {**os.environ, **starting["environment"], "RASA_MAX_CACHE_SIZE": "0"}
    done = subprocess.run(train, cwd=folder, env=environment, stdout=sys.stderr, check=False)
    if done.returncode != 0:
        raise BuildError(f"`rasa train` ended with code {done.returncode}; see its messages above")
    write_json(folder / COMMANDS, starting)
    return Built(_model(folder), time.perf_counter() - started)


def write_project(folder: Path, examples: Examples, thresholds: Mapping[str, float], epochs: int, seed: int) -> None:
    """Write configuration, domain, training data, endpoints and credentials. `epochs` are those of DIET and of TED."""
    config = {
        "recipe": "default.v1",
        "assistant_id": "stock-rasa",
        "language": "zh",
        "pipeline": [*pipeline("zh", epochs, seed), {"name": _COMPONENT, "thresholds": dict(thresholds)}],
        "policies": [
            {"name": "MemoizationPolicy"},
            {"name": "RulePolicy"},
            {"name": "TEDPolicy", "epochs": epochs, "random_seed": seed},
        ],
    }
    domain = dict(yaml.safe_load(domain_text(load_policy(ROOT / "data" / "triage.yml"))))
    domain["session_config"] = {"session_expiration_time": 60, "carry_over_slots_to_new_session": True}
    rules = [
        {
            "rule": "Every intent leads to triage",
            "steps": [{"or": [{"intent": name} for name in examples]}, {"action": ACTION}],
        },
        {"rule": "Not understood", "steps": [{"intent": _FALLBACK}, {"action": ACTION}]},
    ]
    nlu = [{"intent": name, "examples": "".join(f"- {text}\n" for text in texts)} for name, texts in examples.items()]
    endpoints = {
        "action_endpoint": {"url": "${ACTION_URL}"},
        "tracker_store": {"type": "SQL", "dialect": "sqlite", "db": str(folder / "tracker.db")},
    }
    _write(folder / "config.yml", config)
    _write(folder / "domain.yml", domain)
    _write(folder / "data" / "nlu.yml", {"version": "3.1", "nlu": nlu})
    _write(folder / "data" / "rules.yml", {"version": "3.1", "rules": rules})
    _write(folder / "data" / "stories.yml", {"version": "3.1", "stories": _stories(list(examples))})
    _write(folder / "endpoints.yml", endpoints)
    _write(folder / "credentials.yml", {"rest": None})


def _write(path: Path, content: Mapping[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")


def _stories(intents: List[str]) -> List[Dict[str, Any]]:
    """One turn with every intent, and two turns with the reactions to an answer: the input of Memoization and TED."""
    paths = [[intent] for intent in intents]
    paths += [[intent, then] for intent, then in zip(intents, _FOLLOW_UPS) if {intent, then} <= set(intents)]
    return [
        {"story": ", then ".join(path), "steps": [step for name in path for step in ({"intent": name}, {"action": ACTION})]}
        for path in paths
    ]


def published_thresholds(models: Path) -> Dict[str, float]:
    """The thresholds of the published model, read from its archive. Raises BuildError if nothing is published."""
    pointer = models / "published.json"
    if not pointer.exists():
        raise BuildError("nothing is published yet: run `make publish`")
    model = models / f"{json.loads(pointer.read_text(encoding='utf-8'))['model']}.tar.gz"
    with tarfile.open(model) as archive:
        for member in archive:
            file = archive.extractfile(member) if Path(member.name).name == "calibration.json" else None
            if file is not None:
                return dict(json.load(file)["thresholds"])
    raise BuildError(f"{model} has no thresholds")


def commands(folder: Path, libraries: str) -> Dict[str, Any]:
    """How to start both processes from any folder, in which environment, and their addresses when they run.

    `$BOT_PORT` and `$ACTIONS_PORT` stand for the ports, in commands, environment and addresses; `libraries` is jieba's folder.
    The bot's first turn is slow (Jieba reads its dictionary): warm it up.
    """
    files = [argument for name in ("endpoints", "credentials") for argument in (f"--{name}", str(folder / f"{name}.yml"))]
    return {
        "bot": [
            *[*_python("rasa"), "run", "--interface", "127.0.0.1", "--port", "$BOT_PORT", "--model", str(_model(folder))],
            *files,
        ],
        "actions": [*_python("rasa_sdk"), "--actions", "actions", "--port", "$ACTIONS_PORT"],
        "environment": {
            "ACTION_URL": "http://127.0.0.1:$ACTIONS_PORT/webhook",
            "DESK_URL": "",  # no handoff request: the decision only says that it would hand over
            "MODELS_DIR": str(ROOT / "models"),
            "PYTHONPATH": os.pathsep.join([str(ROOT), libraries]),
            # As `make run` sets them for this project.
            "SANIC_HOST": "127.0.0.1",
            "LOG_LEVEL": "WARNING",
            "PYTHONUNBUFFERED": "1",
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
            "RASA_TELEMETRY_ENABLED": "false",
            "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
            "TF_CPP_MIN_LOG_LEVEL": "3",
        },
        "health": {
            "bot": "http://127.0.0.1:$BOT_PORT/webhooks/rest/",
            "actions": "http://127.0.0.1:$ACTIONS_PORT/health",
        },
    }


def _python(module: str) -> List[str]:
    return [sys.executable, "-W", "ignore", "-m", module]


def _model(folder: Path) -> Path:
    return folder / "models" / f"{_MODEL}.tar.gz"
