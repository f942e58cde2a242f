"""The faults of a drill."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from tests.drill.faults import SHARES, plan


def test_the_long_drill_has_the_shares_of_the_table() -> None:
    """Fifty faults would not be the ones documented in docs/drill.md."""
    assert Counter(plan(50, random.Random(1))) == SHARES


@pytest.mark.parametrize("count", [len(SHARES), 20, 73])
def test_every_kind_comes(count: int) -> None:
    """A short drill could pass without the one fault that breaks the system."""
    kinds = plan(count, random.Random(1))
    assert len(kinds) == count
    assert set(kinds) == set(SHARES)


def test_the_same_seed_gives_the_same_order() -> None:
    """A breach could not be reproduced."""
    assert plan(50, random.Random("7")) == plan(50, random.Random("7"))
    assert plan(50, random.Random("7")) != plan(50, random.Random("8"))
