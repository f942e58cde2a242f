"""Features, network, held-out folds and the model they make, on a small hand-made data set."""

from __future__ import annotations

from pathlib import Path
from typing import List, Sequence

import numpy as np
import pytest
import scipy.sparse
from hypothesis import given
from hypothesis import strategies as st

from bot.learning.cross_validation import cross_validate, paraphrase_groups
from bot.learning.intent_training import train_intents
from bot.nlu.features import NgramVocabulary, encode, encode_cached, encode_many, sounds
from bot.nlu.intent_model import IntentModel
from bot.nlu.network import Network, Training, fit

SOUNDS = [
    # text, its sounds
    ("转账", "^ zuan zan $"),
    ("转帐", "^ zuan zan $"),  # the same sound, another character
    ("zhuan zhang", "^ zuan zan $"),
    ("zhuanzhang", "^ zuan zan $"),
    ("dangao fangan xian", "^ dan gao fan gan xian $"),
    ("app闪退", "^ app san tui $"),
    ("my account was stolen", "^ my account was stolen $"),
    ("5万", "^ 5 wan $"),
    ("", "^ $"),
]


@pytest.mark.parametrize(("text", "expected"), SOUNDS)
def test_homophones_and_typed_pinyin_sound_alike(text: str, expected: str) -> None:
    """A homophone, or pinyin from a phone without Chinese input, would be a foreign word to the model."""
    assert sounds(text) == expected


@given(st.text(max_size=400))
def test_any_text_has_sounds(text: str) -> None:
    """Some message would crash the bot."""
    assert sounds(text).startswith("^")


TAUGHT = ["验证码收不到", "收不到验证码", "转账失败", "转账没到"] * 2


def test_the_vocabulary_survives_saving() -> None:
    """A served model would see other columns than the trained one."""
    vocabulary, rows = NgramVocabulary.fit(TAUGHT)
    restored = NgramVocabulary.from_arrays(vocabulary.as_arrays())
    assert abs(restored.transform(TAUGHT) - rows).max() < 1e-6
    assert restored.transform(["验证码", ""]).shape == (2, rows.shape[1])


@given(
    st.lists(st.one_of(st.text(max_size=40), st.text(alphabet="验证码收不到转账 \n\u3000\x1cab5", max_size=400)), max_size=3)
)
def test_one_text_has_the_figures_that_scikit_learn_gives(texts: List[str]) -> None:
    """A message would look otherwise to the network than the sentences it learnt from."""
    vocabulary, rows = NgramVocabulary.fit([*TAUGHT, *texts])
    for number, text in enumerate([*TAUGHT, *texts]):
        columns, values = vocabulary.row(text)
        row = np.zeros(rows.shape[1], dtype=np.float32)
        row[columns] = values
        assert values.dtype == np.float32
        assert np.abs(row - rows[number].toarray()).max() < 1e-6


@pytest.mark.parametrize("text", ["", "\ud800", "验" * 8000, "没见过的"])
def test_odd_texts_have_figures_too(text: str) -> None:
    """An empty, broken, huge or wholly unknown message would crash the bot."""
    vocabulary, rows = NgramVocabulary.fit(TAUGHT)
    columns, values = vocabulary.row(text)
    assert len(columns) == len(values) <= rows.shape[1]
    assert np.isfinite(values).all()


def test_many_texts_are_encoded_like_one() -> None:
    """Training would see other embeddings than serving."""
    texts = ["验证码收不到", "", "转账失败了怎么办", "hello", "   "]
    assert np.allclose(encode_many(texts), np.vstack([encode([text]) for text in texts]), atol=1e-5)
    assert np.allclose(encode_cached(["hello", "你好", "hello"]), encode(["hello", "你好", "hello"]), atol=1e-6)
    assert not encode(["   "]).any()


def test_a_text_that_stands_twice_is_encoded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Training would pay twice for all sentences whose variant is the sentence itself, such as English ones."""
    seen: List[str] = []

    def counted(texts: Sequence[str]) -> np.ndarray:
        seen.extend(texts)
        return encode(texts)

    monkeypatch.setattr("bot.nlu.features.encode", counted)
    monkeypatch.setattr("bot.nlu.features.joblib.cpu_count", lambda: 1)  # one process: what it encodes can be counted
    rows = encode_many(["card", "rate", "card", "rate", "fee"])
    assert sorted(seen) == ["card", "fee", "rate"]
    assert np.array_equal(rows[:2], rows[2:4])
    assert np.allclose(rows, encode(["card", "rate", "card", "rate", "fee"]), atol=1e-5)


def problem(count: int = 400) -> tuple[scipy.sparse.csr_matrix, np.ndarray, np.ndarray]:
    """Four classes, told apart by one sparse column each, and dense noise."""
    generator = np.random.default_rng(0)
    classes = generator.integers(0, 4, count)
    sparse = scipy.sparse.random(count, 50, 0.05, "csr", np.float32, generator).tolil()
    sparse[np.arange(count), classes] = 1.0
    return sparse.tocsr(), generator.normal(size=(count, 6)).astype(np.float32), classes


def test_a_network_learns_and_repeats_itself() -> None:
    """The fit would not converge, or the same data would give another model each time."""
    sparse, dense, classes = problem()
    network = fit(sparse, dense, classes, 4, Training())
    assert np.mean(network.logits(sparse, dense).argmax(axis=1) == classes) > 0.95
    again = fit(sparse, dense, classes, 4, Training())
    assert np.array_equal(network.sparse, again.sparse)
    stored = Network.from_arrays(network.as_arrays())
    assert np.allclose(stored.logits(sparse, dense), network.logits(sparse, dense), atol=0.05)


def test_a_message_is_learnt_from_all_of_its_variants() -> None:
    """Plain words around a sentence would teach nothing, or replace the sentence."""
    sparse, dense, classes = problem()
    empty = scipy.sparse.csr_matrix(sparse.shape, dtype=np.float32)
    other = scipy.sparse.vstack([empty, sparse], format="csr")
    network = fit(other, dense, classes, 4, Training(epochs=30))
    assert np.mean(network.logits(sparse, dense).argmax(axis=1) == classes) > 0.95


def test_more_columns_than_rows_and_fewer_rows_than_a_batch() -> None:
    """A young project with few sentences could not train at all."""
    sparse, dense, classes = problem(12)
    assert np.isfinite(fit(sparse, dense, classes, 4, Training()).logits(sparse, dense)).all()


def test_held_out_predictions_come_from_networks_that_did_not_see_the_sentence() -> None:
    """Thresholds would be computed on memory: labels of pure chance must not be predictable."""
    generator = np.random.default_rng(1)
    sparse, dense, _ = problem(600)
    chance = generator.integers(0, 4, 600)
    training = Training(epochs=60, drop_sparse=0, drop_dense=0, drop_hidden=0)
    network, held_out = fit(sparse, dense, chance, 4, training), cross_validate(sparse, dense, chance, 4, training)
    assert np.mean(network.logits(sparse, dense).argmax(axis=1) == chance) > 0.6, "it does learn them by heart"
    assert np.mean(held_out.log_probabilities.argmax(axis=1) == chance) < 0.35


def test_paraphrases_stay_together() -> None:
    """One idea in two wordings would stand on both sides of a fold, and cross-validation would flatter."""
    texts = ["验证码收不到", "收不到验证码", "收不到验证码啊", "人脸识别过不了", "我想注销账户"]
    groups = paraphrase_groups(encode(texts), np.zeros(5, dtype=np.int64))
    assert groups[0] == groups[1] == groups[2]
    assert len({groups[0], groups[3], groups[4]}) == 3
    apart = paraphrase_groups(encode(texts), np.array([0, 1, 0, 1, 0]))
    assert apart[0] != apart[1], "classes never share a group"


WORDS = {
    "codes": ["验证码收不到", "没有收到短信验证码", "验证码一直不来", "等了半天没有验证码", "短信码收不到", "验证码发不过来"],
    "close": ["我想注销账户", "怎么销户", "账户不用了想注销", "注销账号在哪", "把我的账户关掉", "如何注销钱包"],
    "greet": ["你好", "您好呀", "哈喽", "在吗", "早上好", "下午好啊"],
}


def test_a_model_is_the_same_after_saving(tmp_path: Path) -> None:
    """What was measured would not be what is served."""
    texts: List[str] = [text for sentences in WORDS.values() for text in sentences]
    labels = [label for label, sentences in WORDS.items() for _ in sentences]
    model = train_intents(texts, labels, Training(epochs=60))
    model.save(tmp_path)
    loaded = IntentModel.load(tmp_path)
    assert loaded.ranking("验证码没收到")[0][0] == "codes"
    assert np.allclose(loaded.probabilities(texts), model.probabilities(texts), atol=0.02)
    assert np.allclose(loaded.probabilities(texts).sum(axis=1), 1)
    for text in ("", "   ", "😀", "x" * 300, "验证码没收到"):
        ranking = loaded.ranking(text)
        assert np.allclose([share for _, share in ranking], np.sort(loaded.probabilities([text])[0])[::-1], atol=1e-6)
