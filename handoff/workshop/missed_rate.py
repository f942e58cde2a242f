"""How many of the bot-answered turns were missed emergencies: an upper bound from random samples. Pure.

One simple random sample: the upper bound of Clopper & Pearson, "The use of confidence or fiducial limits illustrated in the
case of the binomial" (Biometrika 26, 1934). It is exact for the binomial and on the safe side without replacement.

Several days with samples of their own (strata): the number of missed emergencies found is a sum of independent Bernoulli
variables, also without replacement (Vatutin & Mikhailov, "Limit theorems for the number of empty cells", 1982). Hoeffding, "On
the distribution of the number of successes in independent trials" (1956), theorem 4: of all such sums with mean `m`, the
binomial one has the largest probability to be at most `x`, if `x <= m - 1` (for `x = 0`: always). So the binomial's bound on
the mean holds for every distribution of the missed ones over the days. The largest share that this mean allows is a fractional
knapsack: the days with the smallest sampled share are filled first. With equal sampled shares it is the bound of Clopper &
Pearson for the pooled sample; with unequal ones it is larger, never too small.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

#: Halvings of the interval of a bound: more than a float's digits.
_HALVINGS = 60


@dataclass(frozen=True)
class DaySample:
    """What is known of one day: `population` turns, of which `size` were drawn at random.

    `missed`: drawn turns that were settled as missed emergencies. `unsettled`: drawn turns without a settled verdict.
    """

    population: int
    size: int
    missed: int
    unsettled: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.missed + self.unsettled <= self.size <= self.population or min(self.missed, self.unsettled) < 0:
            raise ValueError(f"not a sample: {self}")


def at_most(missed: int, size: int, share: float) -> float:
    """The probability that a binomial sample of `size` has at most `missed` hits, if each is one with probability `share`."""
    if share <= 0 or missed >= size:
        return 1.0
    if share >= 1:
        return 0.0
    log_hit, log_other, log_all = math.log(share), math.log1p(-share), math.lgamma(size + 1)
    return math.fsum(
        math.exp(log_all - math.lgamma(k + 1) - math.lgamma(size - k + 1) + k * log_hit + (size - k) * log_other)
        for k in range(missed + 1)
    )


def upper_bound(missed: int, size: int, certainty: float) -> float:
    """The upper bound of Clopper & Pearson (one-sided) for the share of hits; 1 if all of the sample are hits, or it is empty.

    Raises ValueError for impossible numbers.
    """
    if not 0 <= missed <= size or not 0 < certainty < 1:
        raise ValueError(f"no bound for {missed} of {size} with certainty {certainty}")
    if missed == size:
        return 1.0
    low, high = missed / size, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if at_most(missed, size, middle) > 1 - certainty:
            low = middle
        else:
            high = middle
    return high


def sample_size(bound: float, certainty: float) -> int:
    """The smallest sample that shows a share of at most `bound` if nothing was missed: 598 for 0.5% with 95%.

    (1 - bound) ** size <= 1 - certainty.
    """
    if not (0 < bound < 1 and 0 < certainty < 1):
        raise ValueError(f"no sample size for {bound} with certainty {certainty}")
    return math.ceil(math.log(1 - certainty) / math.log1p(-bound))


def pooled_bound(days: Sequence[DaySample], certainty: float) -> float | None:
    """The upper bound for the share of missed emergencies among all turns of the days; None if nothing was drawn.

    An unsettled turn counts as missed, and a day without a sample as missed altogether: no bound becomes small because people
    did not look.
    """
    population, size = sum(day.population for day in days), sum(day.size for day in days)
    if size == 0:
        return None
    found = sum(day.missed + day.unsettled for day in days)
    mean = size * upper_bound(found, size, certainty)
    if found:
        mean = min(max(mean, found + 1.0), float(size))  # where Hoeffding's theorem holds
    left, missed = mean, 0.0
    # A missed turn of a day costs the share of the day that was drawn; the cheapest come first.
    for day in sorted(days, key=lambda day: day.size / day.population if day.population else 1.0):
        most = day.population - (day.size - day.missed - day.unsettled)  # the other turns were seen, and are fine
        if day.population and most:
            cost = day.size / day.population
            taken = min(float(most), left / cost) if cost else float(most)
            missed, left = missed + taken, left - taken * cost
    return min(1.0, missed / population)


def day_size(population: int, expected: int, days: int, *, bound: float, certainty: float, most: int) -> int:
    """How many turns of a day to draw, so that `days` days together show the bound.

    The sampled share is the same on all days as long as `expected`, the turns of so many days, is right: unequal shares make
    the bound larger. A tenth is added for what it is wrong by. At most `most`, and at most all.
    """
    if population == 0:
        return 0
    wanted = 1.1 * sample_size(bound, certainty) * population / max(expected, population)
    return min(population, most, max(math.ceil(wanted), 1))
