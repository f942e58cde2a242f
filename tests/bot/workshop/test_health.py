"""The health of examples: what an editor reads about an intent is true of its sentences."""

from __future__ import annotations

from pathlib import Path
from typing import Dict, List, Sequence

import joblib
import numpy as np
import pytest
from numpy.typing import NDArray

from bot.learning.content_check import Placed
from bot.learning.embeddings import embed
from bot.nlu.network import Training
from bot.workshop.health import Judged, deciding_words, health, judge, missing_styles, styles_of

FEES = ["手续费多少", "手续费是多少钱", "转账收手续费吗", "提现手续费", "手续费怎么算的呢", "手续费多少钱"]
REFUNDS = ["退款多久到", "退款没到账", "我要退款怎么办", "申请的退款去哪了", "退款进度", "退款到哪张卡"]


def placed(texts: Sequence[str], intent: str) -> List[Placed]:
    """Sentences of an intent in a file of its name."""
    return [Placed(text, intent, Path(f"data/nlu/plain/{intent}.yml"), line) for line, text in enumerate(texts, start=5)]


@pytest.fixture(scope="module")
def judged() -> Judged:
    """Two intents as three tiny networks read them."""
    with joblib.parallel_backend("threading"):  # new processes would take seconds
        return judge([*placed(FEES, "fees"), *placed(REFUNDS, "refund_status")], Training(hidden=16, least_steps=60, batch=8))


def read(texts: Sequence[str]) -> NDArray[np.float64]:
    """A model that knows one word of each intent."""
    return np.array([[0.9 if "手续" in text else 0.05, 0.9 if "退款" in text else 0.05] for text in texts])


def quiet(share: float, zh: str, en: str) -> None:
    """No progress."""


def test_each_sentence_is_read_by_a_network_that_did_not_know_it(judged: Judged) -> None:
    """The health would only say how well the model remembers."""
    assert judged.intents == ["fees", "refund_status"]
    assert judged.probabilities.shape == (12, 2)
    assert np.allclose(judged.probabilities.sum(axis=1), 1)


def test_a_misread_sentence_names_its_rival_and_its_place(judged: Judged) -> None:
    """An editor could not find the sentence, or would look for the fault in another intent."""
    wrong = Judged(judged.sentences, judged.normal, judged.intents, judged.own, judged.probabilities.copy(), judged.embeddings)
    wrong.probabilities[:] = np.where(np.arange(2) == judged.own[:, None], 0.9, 0.1)
    wrong.probabilities[2] = [0.2, 0.8]
    wrong.probabilities[3] = [0.55, 0.45]
    found = health(wrong, read, quiet)
    fees = found["intents"]["fees"]
    assert fees["misread"] == [
        {"text": FEES[2], "file": "nlu/plain/fees.yml", "line": 7, "rival": "refund_status", "p": 0.2, "p_rival": 0.8}
    ]
    assert [one["text"] for one in fees["boundary"]] == [FEES[3]]
    assert fees["confused_with"] == [{"intent": "refund_status", "count": 1}]
    assert fees["read_rightly"] == round(5 / 6, 4)
    assert found["intents"]["refund_status"]["misread"] == []
    assert found["accuracy"] == round(11 / 12, 4)


def test_near_duplicates_are_found_within_and_across_intents() -> None:
    """An editor would keep the same sentence twice, or teach it as two intents."""
    sentences = [
        *placed(["手续费多少钱呀", "手续费多少钱啊"], "fees"),
        *placed(["手续费多少钱呢", "退款没到账"], "refund_status"),
    ]
    texts = [one.text for one in sentences]
    own = np.array([0, 0, 1, 1])
    judged = Judged(sentences, texts, ["fees", "refund_status"], own, np.eye(2)[own], embed(texts))
    found = health(judged, read, quiet)["intents"]
    assert [(one["text"], one["other"]["text"]) for one in found["fees"]["duplicates"]] == [(texts[0], texts[1])]
    assert {one["other"]["text"] for one in found["fees"]["near_others"]} == {texts[2]}
    assert {one["other"]["intent"] for one in found["refund_status"]["near_others"]} == {"fees"}


def test_words_that_decide_alone_are_named_with_their_share(judged: Judged) -> None:
    """An intent would hang on one word, and nobody would see it."""
    words: Dict[str, Dict[str, float]] = {
        intent: {one["ngram"]: one["share"] for one in found} for intent, found in deciding_words(judged, read).items()
    }
    assert words["fees"]["手续"] == 1.0
    assert words["refund_status"]["退款"] == 1.0
    assert all("手续" in ngram for ngram in words["fees"])


@pytest.mark.parametrize(
    ("text", "file", "styles"),
    [
        ("手续费多少", "plain/fees.yml", ["zh", "short", "question", "customers"]),
        ("提現收手續費嗎，我轉了好幾筆想知道每一筆要收多少", "fees.yml", ["hant", "long", "question", "authors"]),
        ("I was charged a fee", "plain/fees.yml", ["en", "middle", "statement", "customers"]),
    ],
)
def test_a_sentence_counts_in_its_styles(text: str, file: str, styles: List[str]) -> None:
    """An editor would write sentences of a style that is there already."""
    assert styles_of(text, Path("data/nlu") / file) == styles


def test_a_style_is_missing_only_where_it_could_be_expected() -> None:
    """Every small intent would be said to miss every rare style."""
    shares = {"zh": 0.9, "en": 0.08, "hant": 0.02}
    assert missing_styles({"zh": 200}, 200, shares) == ["en", "hant"]
    assert missing_styles({"zh": 196, "en": 4}, 200, shares) == ["hant"]
    assert missing_styles({"zh": 30}, 30, shares) == ["en"]
