"""Weaknesses of the training sentences: repeats, thin intents, intents that hang on one n-gram, doubtful labels.

docs/data-lint.md explains how to read each list.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Dict, List, Mapping, Optional, Sequence, Set, Tuple

import numpy as np
from numpy.typing import NDArray

from bot.learning.content_check import read_placed
from content.triage_policy import Policy
from language.normalization import normalize

#: Cosine from which two sentences have the same meaning.
NEAR = 0.95
#: Fewest sentences of an intent: a topic; out of scope, which covers everything else; a social intent, whose texts are short.
FEWEST_TOPIC, FEWEST_OUT_OF_SCOPE, FEWEST_SOCIAL = 120, 600, 60
SOCIAL = ("greet", "goodbye", "thanks", "affirm", "deny", "bot_challenge", "unresolved")
#: An intent hangs on an n-gram if the n-gram is in more than this share of its sentences, and more than this share of them
#: change their predicted intent without it.
HOLDING, FLIPPED = 0.6, 0.6
MOST_SUSPECTS = 200
_NGRAMS, _CANDIDATES = (2, 3), 5
#: Rows of one product of embeddings: with 20,000 sentences 41 MB of cosines, and a quarter of it for each comparison.
_CHUNK = 512
#: From this cosine on, two texts without a common character are unknown to the encoder, which has one row for all such texts.
_UNKNOWN = 0.9999

#: Route and reason of an intent. A confusion of intents with the same destination costs little.
Destination = Tuple[str, Optional[str]]
Destinations = Mapping[str, Destination]


@dataclass(frozen=True)
class Sentence:
    """A sentence of data/nlu as written, its intent, its normalised text, and its place as `file:line`."""

    text: str
    intent: str
    normal: str
    place: str = ""


@dataclass(frozen=True)
class Duplicate:
    """Sentences with the same normalised text; `intents` and `places` have the order of `sentences`."""

    normal: str
    sentences: List[str]
    intents: List[str]
    places: List[str]
    routes_differ: bool


@dataclass(frozen=True)
class NearDuplicate:
    """Two sentences with nearly the same embedding, of intents with different routes or reasons."""

    cosine: float
    sentences: Tuple[str, str]
    intents: Tuple[str, str]
    places: Tuple[str, str]


@dataclass(frozen=True)
class ThinIntent:
    """An intent with fewer sentences than it needs."""

    intent: str
    sentences: int
    needed: int


@dataclass(frozen=True)
class Keyword:
    """The n-gram on which an intent hangs: the share of sentences with it, and the share of them that flip without it."""

    intent: str
    ngram: str
    holding: float
    flipped: float


@dataclass(frozen=True)
class Suspect:
    """A sentence with a doubtful label; probabilities are held out. `margin` = `p_suggested` - `p_intent`."""

    text: str
    place: str
    intent: str
    suggested: str
    p_intent: float
    p_suggested: float
    margin: float
    routes_differ: bool


def read_sentences(folder: Path) -> List[Sentence]:
    """All training sentences, in the order of the files. Raises ContentError."""
    return [
        Sentence(one.text, one.intent, normalize(one.text), f"{one.path.relative_to(folder)}:{one.line}")
        for one in read_placed(folder)
    ]


def destinations(policy: Policy) -> Dict[str, Destination]:
    """Route and reason of each intent."""
    return {name: (intent.route, intent.reason) for name, intent in policy.intents.items()}


def duplicates(sentences: Sequence[Sentence], where: Destinations) -> List[Duplicate]:
    """Sentences with the same normalised text: across routes first, then across intents, then within one intent."""
    alike: Dict[str, List[Sentence]] = {}
    for sentence in sentences:
        alike.setdefault(sentence.normal, []).append(sentence)
    found = [
        Duplicate(
            normal,
            [one.text for one in same],
            [one.intent for one in same],
            [one.place for one in same],
            len({where[one.intent] for one in same}) > 1,
        )
        for normal, same in alike.items()
        if len(same) > 1
    ]
    return sorted(found, key=lambda one: (not one.routes_differ, len(set(one.intents)) == 1, -len(one.sentences)))


def unique(sentences: Sequence[Sentence]) -> List[Sentence]:
    """The first sentence of each normalised text: the training set of a model."""
    first: Dict[str, Sentence] = {}
    for sentence in sentences:
        first.setdefault(sentence.normal, sentence)
    return list(first.values())


def near_duplicates(
    sentences: Sequence[Sentence], embeddings: NDArray[np.float32], where: Destinations, chunk: int = _CHUNK
) -> List[NearDuplicate]:
    """Pairs with a cosine of `NEAR` or more whose intents differ in route or reason, nearest first.

    `embeddings` (sentences, columns) has rows of length 1. `chunk` rows at a time are compared with all others, to save memory.
    """
    codes = {place: code for code, place in enumerate(dict.fromkeys(where[one.intent] for one in sentences))}
    code = np.array([codes[where[one.intent]] for one in sentences])
    found = []
    for start in range(0, len(sentences), chunk):
        # Columns from `start` on, so that each pair is compared once.
        cosines = embeddings[start : start + chunk] @ embeddings[start:].T
        for row, column in np.argwhere(cosines >= NEAR):
            one, other = start + row, start + column
            if one < other and code[one] != code[other]:
                pair = sentences[one], sentences[other]
                cosine = float(cosines[row, column])
                # The encoder has one row for most emoji and rare characters.
                if cosine >= _UNKNOWN and not set(pair[0].normal) & set(pair[1].normal):
                    continue
                texts, intents = (pair[0].text, pair[1].text), (pair[0].intent, pair[1].intent)
                found.append(NearDuplicate(round(cosine, 4), texts, intents, (pair[0].place, pair[1].place)))
    return sorted(found, key=lambda one: -one.cosine)


def thin_intents(sentences: Sequence[Sentence], intents: Sequence[str]) -> List[ThinIntent]:
    """The intents with too few sentences, the largest missing share first, including intents without any sentence."""
    counts = Counter(one.intent for one in sentences)
    found = []
    for intent in intents:
        needed = FEWEST_SOCIAL if intent in SOCIAL else FEWEST_OUT_OF_SCOPE if intent == "out_of_scope" else FEWEST_TOPIC
        if counts[intent] < needed:
            found.append(ThinIntent(intent, counts[intent], needed))
    return sorted(found, key=lambda one: one.sentences / one.needed)


def _ngrams(text: str) -> Set[str]:
    grams = {text[i : i + size] for size in _NGRAMS for i in range(len(text) - size + 1)}
    return {gram for gram in grams if not any(character.isspace() for character in gram)}


def keywords(
    sentences: Sequence[Sentence], right: NDArray[np.bool_], predict: Callable[[Sequence[str]], Sequence[str]]
) -> List[Keyword]:
    """For each intent that hangs on one n-gram, the n-gram whose removal costs most, worst first.

    `right` (sentences,): only sentences whose held-out prediction was right are tried. `predict` returns the intents of
    normalised texts.
    """
    members: Dict[str, List[int]] = {}
    for row, sentence in enumerate(sentences):
        members.setdefault(sentence.intent, []).append(row)
    worst: Dict[str, Keyword] = {}
    for intent, rows in members.items():
        counts = Counter(gram for row in rows for gram in _ngrams(sentences[row].normal))
        for gram, count in counts.most_common(_CANDIDATES):
            holders = [sentences[row].normal for row in rows if right[row] and gram in sentences[row].normal]
            if count <= HOLDING * len(rows) or not holders:
                continue
            left = predict([text.replace(gram, "") for text in holders])
            flipped = sum(got != intent for got in left) / len(holders)
            if flipped > FLIPPED and (intent not in worst or flipped > worst[intent].flipped):
                worst[intent] = Keyword(intent, gram, round(count / len(rows), 3), round(flipped, 3))
    return sorted(worst.values(), key=lambda one: -one.flipped)


def label_suspects(
    sentences: Sequence[Sentence], probabilities: NDArray[np.float64], intents: Sequence[str], where: Destinations
) -> List[Suspect]:
    """Sentences with doubtful labels by confident learning: different routes first, then by margin; at most `MOST_SUSPECTS`.

    `probabilities` (sentences, intents) are held out. An intent is likely for a sentence if its probability reaches the mean
    probability of the intent on its own sentences. A sentence is suspect if its likeliest likely intent is not its label
    (Northcutt, Jiang & Chuang, "Confident Learning", 2021).
    """
    column = {intent: i for i, intent in enumerate(intents)}
    own = np.array([column[one.intent] for one in sentences])
    # An intent without sentences cannot be likely.
    confident = np.array([probabilities[own == i, i].mean() if (own == i).any() else math.inf for i in range(len(intents))])
    likely = np.where(probabilities >= confident, probabilities, -1.0)
    found = []
    for row in np.flatnonzero((likely.max(axis=1) >= 0) & (likely.argmax(axis=1) != own)):
        sentence, best = sentences[row], int(likely[row].argmax())
        ours, theirs = float(probabilities[row, own[row]]), float(probabilities[row, best])
        differ = where[sentence.intent] != where[intents[best]]
        found.append(
            Suspect(
                sentence.text,
                sentence.place,
                sentence.intent,
                intents[best],
                round(ours, 4),
                round(theirs, 4),
                round(theirs - ours, 4),
                differ,
            )
        )
    return sorted(found, key=lambda one: (not one.routes_differ, -one.margin))[:MOST_SUSPECTS]
