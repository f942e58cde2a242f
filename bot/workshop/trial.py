"""Try one sentence: what would the bot decide, why, and which training sentences are nearest?"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, List, Mapping

import numpy as np

from bot.learning.content_check import read_normalised
from bot.learning.embeddings import embed
from bot.learning.training import DATA, NLU, model_name, model_path
from bot.workshop.decider import Decider, Turn
from bot.workshop.jobs import JobError, Progress
from bot.workshop.versions import ModelGone, Version, live_version
from content.compiler import load_content
from content.sources import ContentError
from contract.locales import WRITTEN
from contract.turn import Context
from language.normalization import normalize

#: Training sentences that are shown.
NEAREST = 8
_TEXT_LIMIT = 2000


@dataclass(frozen=True)
class Trial:
    """A decision as JSON, and the nearest training sentences. `model_is_live`: the draft's own model is not trained yet."""

    decision: Dict[str, Any]
    nearest: List[Dict[str, Any]]
    model_is_live: bool


def try_text(text: str, locale: str, version: Version, data: Path, *, model_is_live: bool = False) -> Trial:
    """Decide a first message of a conversation. `data`: the folder whose training sentences are compared. Raises ModelGone."""
    decision = Decider.open(version).decide(Turn(text, context=Context(locale=locale)))
    return Trial(decision, nearest_examples(text, data), model_is_live)


def nearest_examples(text: str, data: Path, most: int = NEAREST) -> List[Dict[str, Any]]:
    """The training sentences nearest to a text by their embeddings: `{text, intent, score}`, cosine, the nearest first."""
    intent_of = read_normalised(data / NLU)
    texts = list(intent_of)
    scores = embed(texts) @ embed([normalize(text)])[0]
    return [
        {"text": texts[place], "intent": intent_of[texts[place]], "score": round(float(scores[place]), 3)}
        for place in np.argsort(-scores, kind="stable")[:most]
    ]


def run(parameters: Mapping[str, Any], progress: Progress) -> Dict[str, Any]:
    """Job `try`: parameters `{text, locale?, of?: "live" | "draft"}`. Raises JobError."""
    text, locale = parameters.get("text"), parameters.get("locale", "zh")
    if not isinstance(text, str) or not text.strip() or len(text) > _TEXT_LIMIT:
        raise JobError(f"请写一句话，不超过 {_TEXT_LIMIT} 个字。", f"Write a sentence of at most {_TEXT_LIMIT} characters.")
    if locale not in WRITTEN:
        raise JobError("没有这种语言。", "There is no such language.")
    live = live_version()
    if live is None:
        raise JobError("还没有发布过任何内容。", "Nothing is published yet.")
    data = Path(os.environ.get("DATA_DIR", DATA))
    progress(0.1, "读取模型", "Reading the model")
    version, model_is_live = live, False
    if parameters.get("of") == "draft":
        try:
            content, own = load_content(data), model_name(data)
        except ContentError as error:
            raise JobError(f"草稿有错误：{error}", f"The draft has an error: {error}") from error
        model_is_live = not model_path(own).exists()
        version = Version(content, live.model if model_is_live else own)
    try:
        trial = try_text(text, locale, version, data, model_is_live=model_is_live)
    except ModelGone as error:
        raise JobError("模型文件不在了，请重新发布。", "The model's file is gone: publish again.") from error
    except ContentError as error:
        raise JobError(f"训练语句的文件有错误：{error}", f"A file of training sentences has an error: {error}") from error
    return {"decision": trial.decision, "nearest": trial.nearest, "model_is_live": trial.model_is_live}
