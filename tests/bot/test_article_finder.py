"""Articles by meaning, for agents: what the channel's route answers, and that no customer's turn waits for it."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Callable, List, Optional, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from bot.nlu.intent_classifier import NetworkIntentClassifier
from bot.serving import article_finder
from bot.serving.article_finder import ArticleFinder, intent_model_of, passages_of
from bot.serving.channel import TurnError, read_article_query
from content.bundle import Content
from content.compiler import load_content
from contract.errors import ContractError
from contract.found_articles import FoundArticle, found_articles
from contract.turn import TEXT_LIMIT


@pytest.fixture(scope="module")
def content() -> Content:
    """The project's articles."""
    return load_content(Path("data"))


def letters(texts: Sequence[str]) -> NDArray[np.float32]:
    """An embedding that any text has without a model: which characters it has."""
    rows = np.zeros((len(texts), 4096), dtype=np.float32)
    for row, text in zip(rows, texts):
        for character in text:
            row[ord(character) % 4096] += 1
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(norms, 1))


async def prepared(content: Content, encode: Callable[[Sequence[str]], NDArray[np.float32]] = letters) -> ArticleFinder:
    """A finder whose embeddings are made."""
    finder = ArticleFinder(encode)
    finder.prepare(content)
    assert finder._making is not None
    await finder._making[1]
    return finder


class Model:
    """An intent model that is sure of one intent."""

    def __init__(self, content: Content, intent: str) -> None:
        self.intents, self.temperature = list(content.policy.intents), 1.0
        self.vocabulary = SimpleNamespace(row=lambda text: (np.array([0]), np.array([1.0])))
        logits = np.array([[20.0 if name == intent else 0.0 for name in self.intents]], dtype=np.float32)
        self.network = SimpleNamespace(logits_of_one=lambda columns, values, dense: logits)


async def test_the_nearest_article_comes_first(content: Content) -> None:
    """An agent would get articles about something else."""
    finder = await prepared(content)
    for article in content.article_list[::7]:
        found = await finder.find(article.header.title, content, None, 3)
        assert found[0].id == article.header.id
        assert [each.score for each in found] == sorted((each.score for each in found), reverse=True)
        assert len(found) == 3


async def test_the_model_decides_before_the_words(content: Content) -> None:
    """What the bot learnt of customers' questions would not count."""
    finder = await prepared(content)
    model: Any = Model(content, "refund_status")
    assert (await finder.find("手续费", content, model, 3))[0].id == "refund_status"
    # A matter that no article answers: the words decide.
    stolen: Any = Model(content, "account_stolen")
    assert (await finder.find("手续费", content, stolen, 3))[0].id == "fees"


async def test_new_content_is_found_at_once_by_the_model_and_then_by_words(content: Content) -> None:
    """After a publish agents would get errors, or articles that are no longer there."""
    calls: List[int] = []

    def slow(texts: Sequence[str]) -> NDArray[np.float32]:
        calls.append(len(texts))
        time.sleep(0.02)
        return letters(texts)

    finder = ArticleFinder(slow)
    model: Any = Model(content, "fees")
    assert (await finder.find("什么", content, model, 1))[0].id == "fees"
    assert len(calls) < len(passages_of(content)) / 8, "it waited for all embeddings"
    assert finder._making is not None
    making = finder._making[1]
    finder.prepare(content)
    assert finder._making[1] is making, "made twice"
    await making
    made = len(calls)
    await finder.find("什么", content, model, 1)
    assert len(calls) == made + 1


async def test_the_event_loop_goes_on(content: Content) -> None:
    """Customers' turns would wait for an agent's search."""
    longest = 0.0

    async def watch() -> None:
        nonlocal longest
        while True:
            due = time.monotonic() + 0.005
            await asyncio.sleep(0.005)
            longest = max(longest, time.monotonic() - due)

    def slow(texts: Sequence[str]) -> NDArray[np.float32]:
        time.sleep(1.5 if len(texts) == 1 else 0)
        return letters(texts)

    finder = await prepared(content, slow)
    watching = asyncio.ensure_future(watch())
    await asyncio.wait_for(finder.find("转账", content, None, 3), 30)
    watching.cancel()
    assert longest < 1


async def test_a_broken_encoder_leaves_the_loop_alive(content: Content) -> None:
    """One failure would keep agents from searching until the bot is started again."""
    fails = True

    def encode(texts: Sequence[str]) -> NDArray[np.float32]:
        if fails and len(texts) > 1:
            raise MemoryError
        return letters(texts)

    finder = await prepared(content, encode)
    model: Any = Model(content, "fees")
    assert (await finder.find("手续费", content, model, 1))[0].id == "fees"
    fails = False
    finder.prepare(content)
    assert finder._making is not None
    await finder._making[1]
    assert (await finder.find("手续费", content, None, 1))[0].id == "fees"


@pytest.mark.parametrize("text", ["", " ", "\x00", "\ud800", "🙂", "转" * TEXT_LIMIT])
async def test_odd_texts(content: Content, text: str) -> None:
    """An agent's odd search would be an error of the bot."""
    finder = await prepared(content)
    assert all(0 <= each.score <= 1 for each in await finder.find(text, content, None, 50))


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (None, "bad_request"),
        ([], "bad_request"),
        ({}, "bad_request"),
        ({"text": 5}, "bad_request"),
        ({"text": "x", "most": 0}, "bad_request"),
        ({"text": "x", "most": 51}, "bad_request"),
        ({"text": "x", "most": True}, "bad_request"),
        ({"text": " \n"}, "empty_text"),
        ({"text": "x" * (TEXT_LIMIT + 1)}, "text_too_long"),
    ],
)
def test_a_query_that_is_refused(body: Any, code: str) -> None:
    """A fault of the desk would look like a bot that finds nothing."""
    with pytest.raises(TurnError) as caught:
        read_article_query(body)
    assert (caught.value.status, caught.value.code) == (400, code)


@pytest.mark.parametrize(
    "body",
    [None, [], {}, {"articles": None}, {"articles": [1]}, {"articles": [{"id": "a"}]}, {"articles": [{"id": "a", "score": 2}]}],
)
def test_an_answer_that_breaks_the_contract(body: Any) -> None:
    """The desk would show articles that are none."""
    with pytest.raises(ContractError):
        found_articles(body)


def test_the_contract_reads_what_it_writes() -> None:
    """The two halves would not understand each other."""
    found = [FoundArticle("fees", 0.5), FoundArticle("invoice", 0)]
    assert found_articles({"articles": [each.as_json() for each in found], "newer": 1}) == found


@pytest.mark.parametrize("is_there", [True, False])
def test_the_model_of_the_pipeline(is_there: bool) -> None:
    """The search would go on without what the bot learnt."""
    model: Any = object()
    classifier = NetworkIntentClassifier({}, None, None, model)  # type: ignore[arg-type]
    nodes = {"first": SimpleNamespace(_component=object())}
    if is_there:
        nodes["second"] = SimpleNamespace(_component=classifier)
    processor = SimpleNamespace(graph_runner=SimpleNamespace(_instantiated_nodes=nodes))
    expected: Optional[Any] = model if is_there else None
    assert intent_model_of(processor) is expected
    assert article_finder.intent_model_of(object()) is None
