"""The job `health`: how healthy the examples of each intent are, as an editor can act on it (docs/workshop.md, "Health")."""

from __future__ import annotations

import os
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence, Tuple

import numpy as np
from numpy.typing import NDArray

from bot.learning.calibration import temperature
from bot.learning.content_check import Placed, read_placed
from bot.learning.embeddings import embed
from bot.learning.intent_training import held_out_predictions
from bot.nlu.network import Training, log_softmax
from bot.workshop.jobs import JobError, Progress
from bot.workshop.versions import ModelGone, live_version, load_intent_model
from content.sources import ContentError
from contract.locales import ENGLISH, SIMPLIFIED, TRADITIONAL
from language.normalization import normalize
from language.recognition import language_of

#: Cosine from which two sentences of one intent say the same, and two of different intents are hard to tell apart.
SAME, NEAR = 0.97, 0.93
#: The most sentences of each list of an intent.
_LISTED = 30
_CHUNK = 512
#: A sentence is on the boundary if its own intent leads or trails another one by at most this.
BOUNDARY = 0.15
#: Lengths in characters: up to the first is short, up to the second is middle.
_SHORT, _MIDDLE = 6, 20
_ASKS = re.compile(
    "[?？吗呢么]|怎么|怎样|如何|咋|为什么|为啥|多少|多久|几|哪|什么|啥|能不能|可不可以|是不是|有没有"
    "|how|what|why|when|where|can i|do i"
)
_CUSTOMERS = "plain"
#: A style is missing if an intent has fewer such sentences, and if its share is below this part of the share in all intents.
FEWEST, PART = 5, 0.2
#: An n-gram decides alone if the model gives its intent at least this probability for the n-gram as a whole message.
ALONE = 0.8
_NGRAMS, _CANDIDATES, _LEAST_SHARE = (2, 3, 4), 12, 0.05


@dataclass(frozen=True)
class Judged:
    """All sentences, read by networks that did not know them.

    `probabilities` (sentences, intents) in the order of `intents`; `own` (sentences,) is the column of each one's intent;
    `embeddings` (sentences, columns) have rows of length 1.
    """

    sentences: Sequence[Placed]
    normal: Sequence[str]
    intents: Sequence[str]
    own: NDArray[np.int64]
    probabilities: NDArray[np.float64]
    embeddings: NDArray[np.float32]

    def shown(self, row: int, **more: Any) -> Dict[str, Any]:
        """A sentence with its place, for the page."""
        one = self.sentences[row]
        place = "/".join(one.path.parts[one.path.parts.index("nlu") :]) if "nlu" in one.path.parts else one.path.name
        return {"text": one.text, "file": place, "line": one.line, **more}


def judge(sentences: Sequence[Placed], training: Optional[Training] = None) -> Judged:
    """Read each sentence with a network that was trained without it and its paraphrases."""
    first: Dict[str, Placed] = {}
    for one in sentences:
        first.setdefault(normalize(one.text), one)
    normal, kept = list(first), list(first.values())
    held_out, intents = held_out_predictions(normal, [one.intent for one in kept], training)
    own = np.searchsorted(intents, [one.intent for one in kept])
    said = held_out.log_probabilities
    probabilities = np.exp(log_softmax(said / temperature(said, own)))
    return Judged(kept, normal, intents, own, probabilities, embed(normal))


def styles_of(text: str, path: Path) -> List[str]:
    """The styles of a sentence: its language, its length, whether it asks, and in whose words it is."""
    language = language_of(text)
    known = {SIMPLIFIED: "zh", TRADITIONAL: "hant", ENGLISH: "en"}
    length = len(text)
    return [
        known.get(language or "", "other"),
        "short" if length <= _SHORT else "middle" if length <= _MIDDLE else "long",
        "question" if _ASKS.search(text.lower()) else "statement",
        "customers" if path.parent.name == _CUSTOMERS else "authors",
    ]


def missing_styles(counts: Mapping[str, int], size: int, shares: Mapping[str, float]) -> List[str]:
    """The styles that an intent has too few sentences of, compared with all intents."""
    return [
        style
        for style, share in shares.items()
        if counts.get(style, 0) < FEWEST and counts.get(style, 0) < PART * share * size and share * size >= 1
    ]


def pairs(judged: Judged) -> Tuple[Dict[str, List[Dict[str, Any]]], Dict[str, List[Dict[str, Any]]]]:
    """Near duplicates by intent: within it (`SAME`), and across intents (`NEAR`), the nearest first."""
    within: Dict[str, List[Tuple[float, int, int]]] = {}
    across: Dict[str, List[Tuple[float, int, int]]] = {}
    rows, own = judged.embeddings, judged.own
    for start in range(0, len(rows), _CHUNK):
        # Columns from `start` on, so that each pair is compared once.
        cosines = rows[start : start + _CHUNK] @ rows[start:].T
        for row, column in np.argwhere(cosines >= min(SAME, NEAR)):
            one, other, cosine = start + int(row), start + int(column), float(cosines[row, column])
            # The encoder has one row for most emoji and rare characters.
            if one >= other or not set(judged.normal[one]) & set(judged.normal[other]):
                continue
            if own[one] != own[other]:
                across.setdefault(judged.intents[own[one]], []).append((cosine, one, other))
                across.setdefault(judged.intents[own[other]], []).append((cosine, other, one))
            elif cosine >= SAME:
                within.setdefault(judged.intents[own[one]], []).append((cosine, one, other))

    def shown(found: Mapping[str, List[Tuple[float, int, int]]]) -> Dict[str, List[Dict[str, Any]]]:
        return {
            intent: [
                judged.shown(
                    one, other=judged.shown(other, intent=judged.intents[own[other]]), cosine=round(min(cosine, 1.0), 4)
                )
                for cosine, one, other in sorted(near, key=lambda each: (-each[0], each[1]))[:_LISTED]
            ]
            for intent, near in found.items()
        }

    return shown(within), shown(across)


def _ngrams(text: str) -> List[str]:
    grams = {text[i : i + size] for size in _NGRAMS for i in range(len(text) - size + 1)}
    return [gram for gram in grams if not any(character.isspace() for character in gram)]


def deciding_words(judged: Judged, read: Callable[[Sequence[str]], NDArray[np.float64]]) -> Dict[str, List[Dict[str, Any]]]:
    """For each intent the n-grams that as a whole message are read as the intent, with the share of its sentences that have it.

    `read` gives probabilities of normalised texts, shape (texts, intents), in the order of `judged.intents`.
    """
    everywhere: Counter[str] = Counter()
    inside: Dict[int, Counter[str]] = {}
    for text, own in zip(judged.normal, judged.own):
        grams = _ngrams(text)
        everywhere.update(grams)
        inside.setdefault(int(own), Counter()).update(grams)
    wanted: List[Tuple[int, str, float]] = []
    for own, counts in inside.items():
        size = int((judged.own == own).sum())
        shares = [(gram, count / size) for gram, count in counts.items() if count / size >= _LEAST_SHARE and count > 1]
        # What is frequent here and rare elsewhere.
        shares.sort(key=lambda each: (-each[1] * counts[each[0]] / everywhere[each[0]], each[0]))
        wanted += [(own, gram, share) for gram, share in shares[:_CANDIDATES]]
    found: Dict[str, List[Dict[str, Any]]] = {}
    probabilities = read([gram for _, gram, _ in wanted]) if wanted else np.zeros((0, len(judged.intents)))
    for (own, gram, share), row in zip(wanted, probabilities):
        if row[own] >= ALONE:
            words = {"ngram": gram, "share": round(share, 4), "probability": round(float(row[own]), 4)}
            found.setdefault(judged.intents[own], []).append(words)
    return {intent: sorted(words, key=lambda each: (-each["share"], each["ngram"])) for intent, words in found.items()}


def health(judged: Judged, read: Callable[[Sequence[str]], NDArray[np.float64]], progress: Progress) -> Dict[str, Any]:
    """`{sentences, accuracy, shares, intents: {intent: {...}}}`: the health of each intent's examples."""
    progress(0.6, "比较句子", "Comparing sentences")
    within, across = pairs(judged)
    progress(0.8, "找单独决定意图的词", "Looking for words that decide alone")
    words = deciding_words(judged, read)
    styles = [styles_of(one.text, one.path) for one in judged.sentences]
    total = Counter(style for each in styles for style in each)
    shares = {style: count / len(styles) for style, count in sorted(total.items())}
    best = judged.probabilities.argmax(axis=1)
    rows = np.arange(len(best))
    ours = judged.probabilities[rows, judged.own]
    rivals = judged.probabilities.copy()
    rivals[rows, judged.own] = -1.0
    rival = rivals.argmax(axis=1)
    margin = ours - rivals[rows, rival]
    intents: Dict[str, Any] = {}
    for column, intent in enumerate(judged.intents):
        members = np.flatnonzero(judged.own == column)
        wrong = members[best[members] != column]
        counts = Counter(style for row in members for style in styles[row])
        edge = members[np.abs(margin[members]) <= BOUNDARY]

        def shown(row: int) -> Dict[str, Any]:
            figures = {"p": round(float(ours[row]), 4), "p_rival": round(float(rivals[row, rival[row]]), 4)}
            return judged.shown(row, rival=judged.intents[rival[row]], **figures)

        intents[intent] = {
            "count": len(members),
            "read_rightly": round(1 - len(wrong) / len(members), 4),
            "confused_with": [
                {"intent": judged.intents[other], "count": count}
                for other, count in Counter(best[wrong].tolist()).most_common(5)
            ],
            "misread": [shown(row) for row in sorted(wrong, key=lambda row: (margin[row], row))[:_LISTED]],
            "boundary": [shown(row) for row in sorted(edge, key=lambda row: (abs(margin[row]), row))[:_LISTED]],
            "duplicates": within.get(intent, []),
            "near_others": across.get(intent, []),
            "styles": dict(sorted(counts.items())),
            "missing_styles": missing_styles(counts, len(members), shares),
            "deciding_words": words.get(intent, []),
        }
    accuracy = round(float((best == judged.own).mean()), 4)
    rounded = {style: round(share, 4) for style, share in shares.items()}
    return {"sentences": len(judged.sentences), "accuracy": accuracy, "shares": rounded, "intents": intents}


def run(parameters: Mapping[str, Any], progress: Progress) -> Dict[str, Any]:
    """The job `health`, on the working copy. Raises JobError."""
    progress(0.0, "读取例句", "Reading the sentences")
    try:
        live = live_version()
        if live is None:
            raise JobError(
                "还没有发布过，没有模型可以读例句。", "Nothing is published yet, so no model can read the sentences."
            )
        model = load_intent_model(live.model)
        sentences = read_placed(Path(os.environ.get("DATA_DIR", "data")) / "nlu")
    except ContentError as error:
        raise JobError(f"例句读不出来：{error}", f"The sentences cannot be read: {error}") from error
    except ModelGone as error:
        raise JobError("线上模型的文件不见了，请联系运维。", f"The live model is gone: {error}") from error
    progress(0.1, "留出每句话重新学一遍", "Learning without each sentence")
    judged = judge(sentences)
    columns = [model.intents.index(intent) if intent in model.intents else -1 for intent in judged.intents]

    def read(texts: Sequence[str]) -> NDArray[np.float64]:
        known = np.concatenate([model.probabilities(texts), np.zeros((len(texts), 1))], axis=1)
        return np.asarray(known[:, columns])

    return health(judged, read, progress)
