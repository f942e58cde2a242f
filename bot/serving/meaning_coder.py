"""Codes of meaning for the desk's scan of waves: the bits of sentence embeddings (contract/meaning_codes.py).

Runs in a thread of its own, at a lower priority: no turn waits for it.
"""

from __future__ import annotations

import asyncio
import functools
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any, List, Sequence

import numpy as np
from numpy.typing import NDArray

from bot.nlu.features import ENCODER_DIMENSIONS, encode
from contract.meaning_codes import BITS
from language.normalization import normalize

_SEED = 20261130
#: Texts that are encoded at once: the thread gives way between two batches.
_BATCH = 8
_NICE = 10


def codes_of_embeddings(embeddings: NDArray[np.float32]) -> List[int]:
    """The codes of embeddings, shape (n, 512). The zeros of an empty text get the code 0."""
    sides = embeddings @ _planes() > 0
    return [int.from_bytes(row.tobytes(), "big") for row in np.packbits(sides, axis=1)]


@functools.lru_cache(maxsize=1)
def _planes() -> NDArray[np.float32]:
    # The legacy generator: its numbers are the same in every version of numpy (NEP 19), so codes stay comparable.
    planes: Any = np.random.RandomState(_SEED).standard_normal((ENCODER_DIMENSIONS, BITS))
    return np.asarray(planes, dtype=np.float32)


class MeaningCoder:
    """Makes the codes of texts, one request after the other."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "codes", initializer=_lower_priority)

    async def codes(self, texts: Sequence[str]) -> List[int]:
        """The codes, in the order of the texts."""
        loop = asyncio.get_running_loop()
        found: List[int] = []
        for start in range(0, len(texts), _BATCH):
            found += await loop.run_in_executor(self._thread, _codes, texts[start : start + _BATCH])
        return found


def _codes(texts: Sequence[str]) -> List[int]:
    return codes_of_embeddings(encode([normalize(text) for text in texts]))


def _lower_priority() -> None:
    # On Linux each thread has a priority of its own.
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)
