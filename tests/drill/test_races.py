"""The races of a drill."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from tests.drill.faults import plan
from tests.drill.races import KINDS, SHARES


@pytest.mark.parametrize("count", [len(KINDS), 40, 200, 333])
def test_every_kind_of_race_comes(count: int) -> None:
    """A drill could pass without the one race that the system loses."""
    kinds = plan(count, random.Random(1), SHARES)
    assert len(kinds) == count
    assert set(kinds) == set(KINDS)


def test_two_hundred_races_have_the_shares_of_the_table() -> None:
    """The races that once lost messages would hardly occur."""
    assert sum(SHARES.values()) == 200
    assert Counter(plan(200, random.Random(1), SHARES)) == SHARES
