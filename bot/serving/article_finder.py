"""Finds articles by meaning, for agents: with the intent model of the running bot, and with its sentence encoder.

The intent model knows which article answers which question; it was trained for that. What it takes for another matter, such
as an emergency, is compared with titles, names and first lines by their embeddings. Everything runs in a thread of its own, so
that the event loop, and with it the customers' turns, waits for none of it. On the development sets the right article is among
the first three for 99% of the questions; by embeddings alone for 75%.
"""

from __future__ import annotations

import asyncio
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Callable, List, Optional, Sequence, Tuple

import numpy as np
import structlog
from numpy.typing import NDArray

from bot.nlu.features import encode
from bot.nlu.intent_classifier import NetworkIntentClassifier
from bot.nlu.intent_model import IntentModel
from bot.nlu.network import log_softmax
from content.bundle import Content
from contract.found_articles import FoundArticle
from language.normalization import normalize

logger = structlog.get_logger()

#: The weight of the nearest embedding beside the probability of the article's intents.
_NEARNESS_SHARE = 0.3
#: Characters of an article's text that are compared: they say what it is about.
_HEAD_LENGTH = 150
#: Texts that are encoded at once while the embeddings are made; a search waits for one such batch at most.
_BATCH = 8
_NICE = 5

Encode = Callable[[Sequence[str]], NDArray[np.float32]]


@dataclass(frozen=True)
class _Passages:
    """The embeddings of one bundle's passages, shape (passages, 512), and the article of each as its place in `ids`."""

    revision: str
    ids: Tuple[str, ...]
    owners: NDArray[np.int64]
    rows: NDArray[np.float32]


class ArticleFinder:
    """`encode`: normalised texts -> embeddings; must be safe in a thread."""

    def __init__(self, encode: Encode = encode) -> None:
        self._encode = encode
        self._thread = ThreadPoolExecutor(1, "articles", initializer=_lower_priority)
        self._passages: Optional[_Passages] = None
        self._making: Optional[Tuple[str, asyncio.Future[None]]] = None

    async def find(self, text: str, content: Content, model: Optional[IntentModel], most: int) -> List[FoundArticle]:
        """The nearest articles, at most `most`, the nearest first.

        Until the embeddings of new content are made, the model alone finds them.
        """
        self.prepare(content)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._find, normalize(text), content, model, most)

    def prepare(self, content: Content) -> None:
        """Begin to make the embeddings of the content's articles, unless they are made or being made."""
        is_made = self._passages is not None and self._passages.revision == content.revision
        if not is_made and (self._making is None or self._making[0] != content.revision or self._making[1].done()):
            self._making = (content.revision, asyncio.ensure_future(self._make(content)))

    async def _make(self, content: Content) -> None:
        loop = asyncio.get_running_loop()
        ids = content.articles.ids()
        try:
            passages = await loop.run_in_executor(self._thread, passages_of, content)
            batches = [passages[start : start + _BATCH] for start in range(0, len(passages), _BATCH)]
            # One batch after the other, so that searches come in between.
            rows = [await loop.run_in_executor(self._thread, self._encode, [text for _, text in batch]) for batch in batches]
        except Exception as error:  # the model alone goes on answering; the next search tries again
            logger.error("articles.not_encoded", error=type(error).__name__)
            return
        owners = np.array([ids.index(article_id) for article_id, _ in passages], dtype=np.int64)
        self._passages = _Passages(content.revision, ids, owners, np.vstack(rows))

    def _find(self, text: str, content: Content, model: Optional[IntentModel], most: int) -> List[FoundArticle]:
        ids, passages = content.articles.ids(), self._passages
        places = {article_id: place for place, article_id in enumerate(ids)}
        embedding = self._encode([text])
        shares = np.zeros(len(ids))
        if model is not None:
            logits = model.network.logits_of_one(*model.vocabulary.row(text), embedding)
            for intent, share in zip(model.intents, np.exp(log_softmax(logits / model.temperature))[0]):
                policy = content.policy.intents.get(intent)
                if policy is not None and policy.article in places:
                    shares[places[policy.article]] += share
        nearness = np.zeros(len(ids))
        if passages is not None and passages.ids == ids:
            np.maximum.at(nearness, passages.owners, passages.rows @ embedding[0])
        scores = np.clip((shares + _NEARNESS_SHARE * nearness) / (1 + _NEARNESS_SHARE), 0, 1)
        order = np.argsort(-scores, kind="stable")[:most]
        return [FoundArticle(ids[place], round(float(scores[place]), 4)) for place in order]


def passages_of(content: Content) -> List[Tuple[str, str]]:
    """Article id and normalised text of what an article is compared by: title, title and first lines, names of its intents."""
    found = []
    for article in content.article_list:
        header = article.header
        texts = [header.title, f"{header.title}。{article.text[:_HEAD_LENGTH]}"]
        for intent in header.intents:
            policy = content.policy.intents[intent]
            texts += [policy.zh, policy.en]
        found += [(header.id, normalize(text)) for text in texts]
    return list(dict.fromkeys(found))


def intent_model_of(processor: Any) -> Optional[IntentModel]:
    """The intent model in the pipeline of Rasa's processor, or None if there is none.

    tests/e2e/test_articles.py notices if Rasa changes.
    """
    for node in getattr(getattr(processor, "graph_runner", None), "_instantiated_nodes", {}).values():
        component = getattr(node, "_component", None)
        if isinstance(component, NetworkIntentClassifier):
            model: Optional[IntentModel] = vars(component)["_model"]
            return model
    return None


def _lower_priority() -> None:
    # On Linux each thread has a priority of its own.
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)
