"""The learning curve: how the quality of the model depends on the number of training sentences."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Dict, List, Optional, Sequence

import joblib
import numpy as np
import scipy.sparse
from numpy.typing import NDArray
from sklearn.metrics import f1_score
from sklearn.model_selection import StratifiedGroupKFold

from bot.nlu.features import NgramVocabulary
from bot.nlu.network import Training, fit

CURVE_SHARES = (0.25, 0.5, 0.75, 1.0)
_CURVE_FOLDS, _SEED = 5, 0


@dataclass(frozen=True)
class CurvePoint:
    """The quality of a network that was trained on a share of the paraphrase groups of each intent."""

    share: float
    sentences: int
    per_intent: Dict[str, int]
    macro_f1: float


def share_of_groups(
    rows: NDArray[np.int64], classes: NDArray[np.int64], groups: NDArray[np.int64], share: float
) -> NDArray[np.int64]:
    """The rows in a share of each class's groups, at least one group. A larger share contains the rows of a smaller one.

    `classes` and `groups`, shape (all rows,).
    """
    generator = np.random.default_rng(_SEED)
    kept: List[int] = []
    for name in np.unique(classes[rows]):
        order = generator.permutation(np.unique(groups[rows][classes[rows] == name]))
        kept.extend(order[: math.ceil(share * len(order))])
    return np.asarray(rows[np.isin(groups[rows], kept)])


def learning_curve(
    texts: Sequence[str],
    dense: NDArray[np.float32],
    classes: NDArray[np.int64],
    groups: NDArray[np.int64],
    intents: Sequence[str],
    training: Optional[Training] = None,
) -> List[CurvePoint]:
    """Macro-F1 on one fold that no point sees, for networks trained on each of `CURVE_SHARES` of the other paraphrase groups.

    `texts`: the texts, then their variants in the same order, like in training (`bot.learning.augmentation`). `dense`
    (texts and variants, columns). `classes` and `groups` (texts without variants,). `classes` are indices into `intents`. Each
    share has its own n-grams.
    """
    count = len(classes)
    splitter = StratifiedGroupKFold(_CURVE_FOLDS, shuffle=True, random_state=_SEED)
    rest, kept = next(splitter.split(dense[:count], classes, groups))

    def point(share: float) -> CurvePoint:
        rows = share_of_groups(rest, classes, groups, share)
        vocabulary, sparse = NgramVocabulary.fit([texts[row] for row in rows])
        both = scipy.sparse.vstack([sparse, vocabulary.transform([texts[count + row] for row in rows])], format="csr")
        seen = dense[np.concatenate([rows, count + rows])]
        network = fit(both, seen, classes[rows], len(intents), training or Training(), _SEED)
        predicted = network.logits(vocabulary.transform([texts[row] for row in kept]), dense[kept]).argmax(axis=1)
        counts = np.bincount(classes[rows], minlength=len(intents))
        macro_f1 = float(f1_score(classes[kept], predicted, average="macro", zero_division=0))
        return CurvePoint(share, len(rows), dict(zip(intents, map(int, counts))), round(macro_f1, 4))

    work = (joblib.delayed(point)(share) for share in CURVE_SHARES)
    # One numpy thread for each fit, as in cross-validation: more threads would block each other.
    return list(joblib.Parallel(n_jobs=min(len(CURVE_SHARES), joblib.cpu_count()), inner_max_num_threads=1)(work))
