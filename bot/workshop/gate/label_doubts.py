"""New sentences that state an emergency and are labelled as something else.

Three witnesses are asked: the live floor, the live model, and the five nearest sentences of the live training data. A sentence
is refused when two of them say emergency. An editor can still teach the bot a near miss ("my phone is not lost, only the number
changed"): docs/workshop.md has the measured shares of near misses and of emergencies that are refused.
"""

from __future__ import annotations

from typing import Dict, Iterator, List, Sequence

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


def mislabelled_refusals(old: Edition, new: Edition, added: Sequence[NewSentence], live: Decider) -> Iterator[Refusal]:
    """The new sentences without a risk reason that two witnesses take for an emergency."""
    policy, before = new.bundle.policy, old.bundle.policy
    asked = [
        sentence
        for sentence in added
        if sentence.intent in policy.intents and policy.intents[sentence.intent].reason not in before.risk_reasons
    ]
    if not asked:
        return
    texts = [sentence.text for sentence in asked]
    risks = [before.intents[name].reason in before.risk_reasons if name in before.intents else False for name in live.intents]
    shares = live.probabilities(texts)[:, risks].sum(axis=1)
    near = grave_neighbours(old, texts)
    found: Dict[str, List[str]] = {}
    for sentence, share, count in zip(asked, shares, near):
        stated = any(old.gravity(each.intent) > (1, 1) for each in stated_incidents(normalised(sentence.text), before.floor))
        # `int`, because a sum of numpy's booleans is a boolean.
        if int(stated) + int(share >= _RISK) + int(count >= _GRAVE_NEIGHBOURS) >= 2:
            found.setdefault(sentence.intent, []).append(sentence.text)
    for intent, sentences in found.items():
        yield Refusal(
            "emergency_mislabelled",
            f"{len(sentences)} new sentences of `{intent}` read as an emergency, by what is live: label them as what happened.",
            f"按照现在线上的规则和模型，`{intent}` 新增的 {len(sentences)} 个句子说的是紧急情况：请按发生的事情标注。",
            tuple(sentences),
        )


def grave_neighbours(old: Edition, texts: Sequence[str]) -> NDArray[np.int64]:
    """How many of the five nearest live training sentences are emergencies, for each text. Shape (texts,)."""
    policy = old.bundle.policy
    is_grave = np.array([policy.intents[one.intent].reason in policy.risk_reasons for one in old.training])
    known = _unit(embed([normalised(one.text) for one in old.training]))
    counts: List[NDArray[np.int64]] = []
    for start in range(0, len(texts), _BATCH):
        rows = _unit(embed([normalised(text) for text in texts[start : start + _BATCH]]))
        nearest = np.argpartition(-(rows @ known.T), _NEIGHBOURS, axis=1)[:, :_NEIGHBOURS]
        counts.append(is_grave[nearest].sum(axis=1))
    return np.concatenate(counts)


def _unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    lengths: NDArray[np.float32] = np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    return np.asarray(rows / lengths, dtype=np.float32)
