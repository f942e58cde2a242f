"""What reviewers may say of a turn, and when a turn is settled. Pure."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Literal, get_args

Verdict = Literal["needs_person", "answerable", "unsure"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
NEEDS_PERSON, ANSWERABLE = VERDICTS[0], VERDICTS[1]

Outcome = Literal["missed", "fine"]
MISSED: Outcome = "missed"
FINE: Outcome = "fine"
#: Verdicts of a turn about which the first two people agree, and of any other.
AGREED, DISPUTED = 2, 3


def needed(verdicts: Sequence[str]) -> int:
    """How many verdicts a turn needs, given those that it has, in order."""
    first = verdicts[:AGREED]
    return DISPUTED if len(first) == AGREED and not _agree(first) else AGREED


def outcome(verdicts: Sequence[str]) -> Outcome | None:
    """What a turn is, by its verdicts in order; None while some are missing.

    Two people who agree decide, else the third. A third person who is unsure decides for "missed": a missed emergency costs
    more than a short talk with a person.
    """
    if len(verdicts) < needed(verdicts):
        return None
    return FINE if verdicts[needed(verdicts) - 1] == ANSWERABLE else MISSED


def _agree(two: Sequence[str]) -> bool:
    return two[0] == two[1] and two[0] in (NEEDS_PERSON, ANSWERABLE)


def draw(population: int, size: int, seed: int) -> list[int]:
    """A simple random sample without replacement: places from 0, in random order. The same seed draws the same sample."""
    return random.Random(seed).sample(range(population), size)  # noqa: S311  reproducible, and no secret
