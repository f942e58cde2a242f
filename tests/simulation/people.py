"""The people of a simulated day: agents with skills, languages and shifts, and customers' cases. Everything from one seed.

Times are seconds since midnight. The figures are assumptions, not measurements; docs/simulation.md lists them.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from contract.priorities import LANE_RANK, PRIORITY_RANK

HOUR = 3600.0
MINUTE = 60.0
DAY = 24 * HOUR
#: The last shift works on after midnight, on what is open then. No new cases come.
END = DAY + 2 * HOUR
#: Share of the agents, beginning and length of each shift in hours. One night shift works after midnight, one before it.
_SHIFTS = ((0.27, 6, 8.5), (0.24, 10, 8), (0.28, 14, 8.5), (0.09, 0, 7), (0.12, 21.5, 4.5))
#: Arrivals by hour of the day, relative to each other.
_HOURS = (3, 2, 1.5, 1.5, 1.5, 2, 4, 8, 12, 15, 16, 15, 13, 14, 15, 15, 15, 15, 15, 15, 14, 12, 8, 5)
#: The surge: many customers at once, for example after a fraud wave or an outage.
SURGE_START, SURGE_END, SURGE_SHARE = 15 * HOUR, 16 * HOUR, 0.14


@dataclass(frozen=True)
class Arrival:
    """A case: when it comes, what it needs, and how the conversation goes.

    `efforts`: seconds that the agent needs for each reply; `gaps`: seconds until the customer answers each, None: never again.
    `comes_back_after`: seconds from the end of the case until the customer is there again, None: not.
    """

    id: str
    at: float
    rank: int
    languages: frozenset[str]
    skills: frozenset[str]
    efforts: tuple[float, ...]
    gaps: tuple[float | None, ...]
    comes_back_after: float | None = None

    @property
    def is_urgent(self) -> bool:
        """Whether it is in a lane, or urgent."""
        return self.rank <= PRIORITY_RANK["urgent"]


@dataclass(frozen=True)
class Worker:
    """An agent's abilities, shift and habits. `vanishes_at`: the laptop is closed; `back_at`: it is opened again, if ever.

    `vanishes_when_offered`: the laptop is closed in the moment of the first offer after `vanishes_at`. `misses`: which of the
    offers, by number, the agent does not notice.
    """

    login: str
    languages: frozenset[str]
    skills: frozenset[str]
    capacity: int
    starts: float
    ends: float
    is_reserve: bool = False
    vanishes_at: float | None = None
    vanishes_when_offered: bool = False
    back_at: float | None = None
    misses: frozenset[int] = field(default_factory=frozenset)


def make_workers(seed: int, count: int) -> list[Worker]:
    """The agents of a day. One of ten closes the laptop during the shift, half of them in the moment of an offer."""
    rng = random.Random(f"{seed}-workers")
    workers = []
    for number in range(count):
        start, length = next(
            (start, length)
            for position, (_, start, length) in enumerate(_SHIFTS)
            if (number + 0.5) / count < sum(share for share, *_ in _SHIFTS[: position + 1]) + 1e-9
        )
        starts = start * HOUR + rng.uniform(0, 15) * MINUTE
        ends = (start + length) * HOUR + rng.uniform(-15, 15) * MINUTE
        languages = {"zh"} if rng.random() < 0.7 else {"zh", "en"} if rng.random() < 0.8 else {"en"}
        skills = {skill for skill in ("security", "disputes") if rng.random() < 0.6}
        vanishes_at = rng.uniform(starts + HOUR / 2, ends - HOUR / 2) if rng.random() < 0.1 else None
        back_at = vanishes_at + rng.uniform(10, 60) * MINUTE if vanishes_at and rng.random() < 0.6 else None
        workers.append(
            Worker(
                f"agent-{number:03}",
                frozenset(languages),
                frozenset(skills),
                3 if rng.random() < 0.15 else 5,
                starts,
                min(ends, END),
                is_reserve=number % 25 == 24,
                vanishes_at=vanishes_at,
                vanishes_when_offered=vanishes_at is not None and rng.random() < 0.5,
                back_at=back_at,
                misses=frozenset(each for each in range(400) if rng.random() < 0.01),
            )
        )
    return workers


def make_arrivals(seed: int, count: int) -> list[Arrival]:
    """The cases of a day, by time; `SURGE_SHARE` of them come in the surge, in addition to the usual ones of that hour."""
    rng = random.Random(f"{seed}-arrivals")
    surge = int(count * SURGE_SHARE)
    times = [rng.uniform(SURGE_START, SURGE_END) for _ in range(surge)]
    hours = rng.choices(range(24), _HOURS, k=count - surge)
    times += [(hour + rng.random()) * HOUR for hour in hours]
    return [_arrival(rng, f"case-{number:05}", at) for number, at in enumerate(sorted(times))]


def _arrival(rng: random.Random, name: str, at: float) -> Arrival:
    kind = rng.random()
    if kind < 0.06:
        rank, skills = LANE_RANK if kind < 0.01 else PRIORITY_RANK["urgent"], {"security"}
    elif kind < 0.30:
        rank, skills = PRIORITY_RANK["high"], {"disputes"} if rng.random() < 0.6 else set()
    else:
        rank, skills = PRIORITY_RANK["normal"], {"disputes"} if rng.random() < 0.1 else set()
    replies = min(1 + int(rng.expovariate(1 / 3)), 12)
    efforts = [min(rng.lognormvariate(3.4, 0.5), 180.0) for _ in range(replies)]
    if rank <= PRIORITY_RANK["urgent"]:  # first words to a victim are a canned reply
        efforts[0] = min(rng.lognormvariate(3.1, 0.4), 60.0)
    gaps: list[float | None] = [min(rng.lognormvariate(3.7, 0.8), 480.0) for _ in range(replies)]
    if rng.random() < 0.15:  # the customer does not answer any more
        gaps[rng.randrange(replies)] = None
    comes_back_after = rng.uniform(1, 30) * MINUTE if rng.random() < 0.05 else None
    language = "en" if rng.random() < 0.08 else "zh"
    return Arrival(name, at, rank, frozenset({language}), frozenset(skills), tuple(efforts), tuple(gaps), comes_back_after)
