"""The bound on missed emergencies: known values, worst cases, and whether it holds in simulated months."""

from __future__ import annotations

import pytest

from handoff.workshop.missed_rate import DaySample, at_most, day_size, pooled_bound, sample_size, upper_bound
from handoff.workshop.reviews.verdicts import draw, needed, outcome
from tests.simulation.reviews import months


@pytest.mark.parametrize(
    ("missed", "size", "bound"),
    # One-sided 95% bounds; the published table of the two-sided 90% interval has the same upper ends.
    [(0, 10, 0.2589), (0, 598, 0.0050), (1, 10, 0.3942), (3, 100, 0.0757), (5, 20, 0.4556), (10, 10, 1.0), (0, 0, 1.0)],
)
def test_clopper_and_pearson(missed: int, size: int, bound: float) -> None:
    """The board would show another bound than the cited one."""
    assert upper_bound(missed, size, 0.95) == pytest.approx(bound, abs=5e-5)


def test_the_bound_is_where_the_binomial_leaves_five_percent() -> None:
    """Large samples would lose digits."""
    for missed, size in ((0, 50_000), (40, 50_000), (700, 2_000)):
        assert at_most(missed, size, upper_bound(missed, size, 0.95)) == pytest.approx(0.05, rel=1e-6)


def test_the_size_of_the_sample() -> None:
    """The policy's promise would need more reviews than it asks for."""
    assert sample_size(0.005, 0.95) == 598
    assert upper_bound(0, 598, 0.95) <= 0.005 < upper_bound(0, 597, 0.95)


def test_equal_shares_pool_to_one_sample() -> None:
    """Days of equal sampled shares would lose certainty that their common sample has."""
    days = [DaySample(1000, 20, 1), DaySample(500, 10, 0), DaySample(2000, 40, 2)]
    assert pooled_bound(days, 0.95) == pytest.approx(upper_bound(3, 70, 0.95))


def test_a_day_that_was_hardly_sampled_counts_with_its_worst() -> None:
    """A busy day with a small sample would hide its emergencies behind quiet days."""
    quiet = [DaySample(100, 100, 0)] * 9
    assert pooled_bound(quiet, 0.95) == 0  # everything was seen
    assert pooled_bound([*quiet, DaySample(900, 10, 0)], 0.95) == pytest.approx(900 * 0.2998 / 1800, abs=0.01)
    assert pooled_bound([*quiet, DaySample(100, 0, 0)], 0.95) == pytest.approx(0.1)
    assert pooled_bound([DaySample(100, 0, 0)], 0.95) is None


def test_what_nobody_reviewed_counts_as_missed() -> None:
    """The figure would get better when reviewers skip the hard turns."""
    left, missed = DaySample(1000, 50, 0, unsettled=3), DaySample(1000, 50, 3)
    assert pooled_bound([left], 0.95) == pooled_bound([missed], 0.95)


def test_the_bound_holds_in_simulated_months() -> None:
    """The board would say "at most" and be wrong more often than it says."""
    found = list(months(1000, seed=7))
    assert sum(month.holds for month in found) >= 950
    assert any(month.truth > month.bound / 2 for month in found)  # it is no empty promise


def test_a_days_size_follows_its_traffic() -> None:
    """Unequal shares of days would make the bound of a month larger than it has to be."""
    policy = {"bound": 0.005, "certainty": 0.95}
    sizes = [day_size(n, 28_000, 28, **policy, most=60) for n in (0, 1, 500, 1000, 2000, 9000)]
    assert sizes == [0, 1, 12, 24, 47, 60]


@pytest.mark.parametrize(
    ("verdicts", "needs", "becomes"),
    [
        ("", 2, None),
        ("n", 2, None),
        ("n n", 2, "missed"),
        ("a a", 2, "fine"),
        ("a n", 3, None),
        ("a n a", 3, "fine"),
        ("n a n", 3, "missed"),
        ("u u", 3, None),
        ("u a a", 3, "fine"),
        ("a u n", 3, "missed"),
        ("a n u", 3, "missed"),
    ],
)
def test_when_a_turn_is_settled(verdicts: str, needs: int, becomes: str | None) -> None:
    """One person alone would decide, or nobody."""
    words = {"n": "needs_person", "a": "answerable", "u": "unsure"}
    given = [words[each] for each in verdicts.split()]
    assert (needed(given), outcome(given)) == (needs, becomes)


def test_a_draw_is_reproduced_by_its_seed() -> None:
    """Nobody could check that a sample was random, and not chosen."""
    assert draw(1000, 5, 42) == draw(1000, 5, 42) == [654, 114, 25, 759, 281]
    assert len(set(draw(10, 10, 1))) == 10
