"""Stock Rasa: the pipeline of its default template with DIET, and for Chinese Rasa's only segmenter, Jieba."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Callable, Dict, List

from tests.benchmarks.nlu.job import Answer, Job
from tests.benchmarks.nlu.through_rasa import load_parser, train_nlu

VERSIONS = ("rasa", "tensorflow")
_FALLBACK = "nlu_fallback"


def pipeline(language: str, epochs: int | None, seed: int) -> List[Dict[str, Any]]:
    """The components; without `epochs`, DIET's own default of 300."""
    diet: Dict[str, Any] = {"name": "DIETClassifier", "random_seed": seed}
    if epochs is not None:
        diet["epochs"] = epochs
    return [
        {"name": "JiebaTokenizer" if language == "zh" else "WhitespaceTokenizer"},
        {"name": "RegexFeaturizer"},
        {"name": "LexicalSyntacticFeaturizer"},
        {"name": "CountVectorsFeaturizer"},
        {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
        diet,
        {"name": "FallbackClassifier", "threshold": 0.3, "ambiguity_threshold": 0.1},
    ]


def train(job: Job, folder: Path) -> None:
    """Train DIET."""
    config = folder / "config.yml"
    content = {
        "recipe": "default.v1",
        "assistant_id": "bench",
        "language": job.language,
        "pipeline": pipeline(job.language, job.epochs, job.seed),
    }
    config.write_text(json.dumps(content), encoding="utf-8")  # JSON is YAML
    train_nlu(config, job, folder)


def load(job: Job, folder: Path) -> Callable[[str], Answer]:
    """The trained model. The fallback classifier's result is kept apart from the likeliest intent."""
    parse = load_parser(folder)

    def answer(text: str) -> Answer:
        parsed = parse(text)
        likeliest = [entry["name"] for entry in parsed["intent_ranking"] if entry["name"] != _FALLBACK]
        return Answer(likeliest[0] if likeliest else _FALLBACK, fallback=parsed["intent"]["name"] == _FALLBACK)

    return answer
