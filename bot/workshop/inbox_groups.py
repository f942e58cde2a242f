"""Groups texts by meaning. A group keeps its name as long as it has texts, whatever texts join it later."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Dict, List, Optional, Sequence, Tuple

import numpy as np
from numpy.typing import NDArray

#: Texts of a group have at least this cosine with its leader, and the same likeliest intent. Of texts that the model does not
#: know, 88% in groups of two and more have their group's intent; without the condition on the intent 65%.
ALIKE = 0.6
_BLOCK = 512


@dataclass
class Leader:
    """The text that others are compared with; `id` names the group."""

    id: str
    text: str


@dataclass
class Grouping:
    """Places of the texts (from 0) by group, in the order of the texts; and each group's leader."""

    members: Dict[str, List[int]] = field(default_factory=dict)
    leaders: Dict[str, Leader] = field(default_factory=dict)


def group(
    texts: Sequence[Tuple[str, str]],
    embeddings: NDArray[np.float32],
    guesses: NDArray[np.int64],
    old: Sequence[Leader],
    old_embeddings: NDArray[np.float32],
    old_guesses: NDArray[np.int64],
) -> Grouping:
    """Assign each text `(id, text)` to the nearest leader that is `ALIKE`; a text without one begins a group of its own.

    `embeddings` (texts, columns) have rows of length 1; `guesses` (texts,) are the likeliest intents. `old`: the leaders of the
    present groups. A group of which nothing is left is not in the result. The same arguments give the same groups.
    """
    most = len(old) + len(texts)
    rows = np.zeros((most, embeddings.shape[1] if len(texts) else 0), dtype=np.float32)
    kinds = np.full(most, -1, dtype=np.int64)
    leaders = list(old)
    rows[: len(old)], kinds[: len(old)] = old_embeddings, old_guesses
    grouping = Grouping()
    for start in range(0, len(texts), _BLOCK):
        block = embeddings[start : start + _BLOCK]
        known = len(leaders)
        # All leaders of earlier blocks at once; those that begin in this block one by one.
        cosines = np.where(kinds[:known] == guesses[start : start + _BLOCK, None], block @ rows[:known].T, -1.0)
        best = cosines.argmax(axis=1) if known else np.zeros(len(block), dtype=np.int64)
        for offset, place in enumerate(range(start, start + len(block))):
            nearest: Optional[int] = int(best[offset]) if known else None
            cosine = float(cosines[offset, nearest]) if nearest is not None else -1.0
            if len(leaders) > known:
                own = np.where(kinds[known : len(leaders)] == guesses[place], rows[known : len(leaders)] @ block[offset], -1.0)
                if own.max() > cosine:
                    nearest, cosine = known + int(own.argmax()), float(own.max())
            if nearest is None or cosine < ALIKE:
                nearest = len(leaders)
                leaders.append(Leader(*texts[place]))
                rows[nearest], kinds[nearest] = block[offset], guesses[place]
            leader = leaders[nearest]
            grouping.members.setdefault(leader.id, []).append(place)
            grouping.leaders[leader.id] = leader
    return grouping
