"""Whether a fall is more than noise: exact tests on the sentences that two versions decide differently.

Two versions decide the same sentences, so only the flips count: losses (right before, wrong now) and gains. If a training
changed them by chance only, each flip would be a loss with probability 1/2: McNemar's exact test ("Note on the sampling error
of the difference between correlated proportions or percentages", Psychometrika 1947). Most intents have so few flips that
no split of them could be significant; Tarone ("A modified Bonferroni method for discrete data", Biometrics 1990) corrects only
for the tests that could be.
"""

from __future__ import annotations

import math
from typing import Dict, List, Mapping, Tuple

#: Probability of one false alarm or more, over all intents. An editor meets it at each training: with 5% one harmless draft in
#: twenty would be refused. Three harmless trainings (four new sentences each) flipped 82 to 87 of 4,612 labelled sentences;
#: the worst intent lost 6 and gained none.
LEVEL = 0.005


def falls_by_chance(losses: int, gains: int) -> float:
    """The probability of at least so many losses among `losses + gains` flips, if each is a loss with probability 1/2."""
    flips = losses + gains
    return float(sum(math.comb(flips, k) for k in range(losses, flips + 1)) / 2**flips)


def real_falls(flips: Mapping[str, Tuple[int, int]], level: float = LEVEL) -> List[str]:
    """The names of `flips`, name -> (losses, gains), whose fall is more than noise, corrected for their number."""
    least: Dict[str, float] = {name: 2.0 ** -(losses + gains) for name, (losses, gains) in flips.items()}
    count = 1
    while sum(p * count <= level for p in least.values()) > count:
        count += 1
    testable = [name for name, p in least.items() if p * count <= level]
    return [name for name in testable if falls_by_chance(*flips[name]) * count <= level]
