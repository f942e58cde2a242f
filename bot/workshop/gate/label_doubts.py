"""New sentences that state something graver than their label.

Three witnesses are asked: the live floor, the live model, and the five nearest sentences of the live training data. A sentence
is refused when two of them say that it is graver than its label. If the label is a risk itself, all three must say so.
An editor can still teach the bot a near miss ("my phone is not lost, only the number changed"): docs/workshop.md has the
measured shares of near misses and of emergencies that are refused.
"""

from __future__ import annotations

from typing import Dict, Iterator, List, Sequence, Tuple

import numpy as np
from numpy.typing import NDArray

from actions.floor import stated_incidents
from bot.learning.embeddings import embed
from bot.workshop.decider import Decider
from bot.workshop.gate.edition import Edition, normalised
from bot.workshop.gate.report import Refusal
from bot.workshop.gate.sentence_checks import NewSentence

#: The model says emergency from this probability of all risk reasons on; the neighbours do, when so many of so many are grave.
_RISK, _NEIGHBOURS, _GRAVE_NEIGHBOURS = 0.5, 5, 3
_BATCH = 500
_Rank = Tuple[int, int]
#: The lane and the priority of what is no emergency.
_NORMAL: _Rank = (0, 1)


def mislabelled_refusals(old: Edition, new: Edition, added: Sequence[NewSentence], live: Decider) -> Iterator[Refusal]:
    """The new sentences that the witnesses take for something graver than their label."""
    policy, before = new.bundle.policy, old.bundle.policy
    asked = [sentence for sentence in added if sentence.intent in policy.intents]
    if not asked:
        return
    texts = [sentence.text for sentence in asked]
    probabilities = live.probabilities(texts)
    of_intents = [_rank(old, name) for name in live.intents]
    near = neighbour_ranks(old, texts)
    found: Dict[str, List[str]] = {}
    for sentence, row, ranks in zip(asked, probabilities, near):
        own = _rank(new, sentence.intent)
        graver = [rank > own and rank > _NORMAL for rank in of_intents]
        stated = any(
            _rank(old, each.intent) > max(own, _NORMAL) for each in stated_incidents(normalised(sentence.text), before.floor)
        )
        is_likely = float(row[graver].sum()) >= _RISK
        is_near = sum(rank > own and rank > _NORMAL for rank in ranks) >= _GRAVE_NEIGHBOURS
        # Security and disputes lie near each other: a sentence that has a risk reason already needs all three witnesses.
        needed = 3 if policy.intents[sentence.intent].reason in before.risk_reasons else 2
        if int(stated) + int(is_likely) + int(is_near) >= needed:
            found.setdefault(sentence.intent, []).append(sentence.text)
    for intent, sentences in found.items():
        yield Refusal(
            "emergency_mislabelled",
            f"{len(sentences)} new sentences of `{intent}` read as an emergency, by what is live: label them as what happened.",
            f"按照现在线上的规则和模型，`{intent}` 新增的 {len(sentences)} 个句子说的是紧急情况：请按发生的事情标注。",
            tuple(sentences),
        )


def neighbour_ranks(old: Edition, texts: Sequence[str]) -> List[List[_Rank]]:
    """How grave the five nearest live training sentences of each text are."""
    ranks = [_rank(old, one.intent) for one in old.training]
    known = _unit(embed([normalised(one.text) for one in old.training]))
    found: List[List[_Rank]] = []
    for start in range(0, len(texts), _BATCH):
        rows = _unit(embed([normalised(text) for text in texts[start : start + _BATCH]]))
        nearest = np.argpartition(-(rows @ known.T), _NEIGHBOURS, axis=1)[:, :_NEIGHBOURS]
        found += [[ranks[place] for place in row] for row in nearest]
    return found


def _rank(edition: Edition, intent: str) -> _Rank:
    """How soon a person takes an intent: the lane first, then the priority."""
    priority, lane = edition.gravity(intent)
    return (lane, priority)


def _unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    lengths: NDArray[np.float32] = np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    return np.asarray(rows / lengths, dtype=np.float32)
