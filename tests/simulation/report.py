"""The table of a simulated day, and its bars."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from content.compiler import load_desk_policy
from contract.priorities import URGENT
from tests.simulation.day import Case, Day
from tests.simulation.people import DAY, MINUTE, SURGE_END, SURGE_START, make_arrivals, make_workers
from tests.simulation.planners import ROUTING, first_come_first_served

DATA = Path(__file__).parents[2] / "data"
#: The bars: share of urgent first responses inside the level, and the urgent p95 compared with first come, first served.
INSIDE, RATIO = 0.99, 0.25


@dataclass(frozen=True)
class Options:
    """What is simulated."""

    seed: int
    agents: int
    arrivals: int


@dataclass(frozen=True)
class Figures:
    """The figures of one day with one planner. Waits are in seconds until the first reply."""

    urgent_waits: list[float]
    other_waits: list[float]
    urgent_inside: float
    over_capacity: int
    starved: int
    not_eligible: int
    never_taken: int
    offers: int
    resolved: int
    replies: int
    surge_replies: int

    @classmethod
    def of(cls, day: Day, level: float) -> Figures:
        """`level`: within how many seconds an urgent case must have its first reply."""
        urgent = [_wait(case) for case in day.cases if case.arrival.is_urgent]
        audit = day.audit
        return cls(
            urgent_waits=urgent,
            other_waits=[_wait(case) for case in day.cases if not case.arrival.is_urgent],
            urgent_inside=sum(wait <= level for wait in urgent) / len(urgent),
            over_capacity=audit.over_capacity,
            starved=audit.starved + audit.never_taken,
            not_eligible=audit.not_eligible,
            never_taken=audit.never_taken,
            offers=audit.offers,
            resolved=sum(case.is_done for case in day.cases),
            replies=len(day.replies),
            surge_replies=sum(SURGE_START <= at < SURGE_END + 30 * MINUTE for at in day.replies),
        )


def _wait(case: Case) -> float:
    """Until the first reply; a whole day if there was none."""
    return case.first_reply_at - case.queued_at if case.first_reply_at is not None else DAY


def percentile(values: list[float], share: float) -> float:
    """The value below which this share lies; 0 without values."""
    return statistics.quantiles(values, n=1000, method="inclusive")[int(share * 1000) - 1] if len(values) > 1 else 0.0


@dataclass(frozen=True)
class Result:
    """Both days."""

    options: Options
    routed: Figures
    served: Figures

    @property
    def bars(self) -> list[tuple[str, str, str, bool]]:
        """Measure, value, bar, whether it is met."""
        routed, served = self.routed, self.served
        p95, p95_fcfs = percentile(routed.urgent_waits, 0.95), percentile(served.urgent_waits, 0.95)
        return [
            ("urgent first responses inside the level", f"{routed.urgent_inside:.2%}", "> 99%", routed.urgent_inside > INSIDE),
            ("agents over capacity", str(routed.over_capacity), "0", routed.over_capacity == 0),
            ("starved conversations", str(routed.starved), "0", routed.starved == 0),
            ("offered to somebody not eligible", str(routed.not_eligible), "0", routed.not_eligible == 0),
            (
                "urgent p95 wait / first come, first served",
                f"{p95:.0f} s / {p95_fcfs:.0f} s = {p95 / p95_fcfs:.2f}",
                "<= 0.25",
                p95 <= RATIO * p95_fcfs,
            ),
            (
                "cases resolved / first come, first served",
                f"{routed.resolved} / {served.resolved}",
                "no less",
                routed.resolved >= served.resolved,
            ),
        ]

    @property
    def has_passed(self) -> bool:
        """Whether all bars are met."""
        return all(is_met for *_, is_met in self.bars)

    def table(self) -> str:
        """Both tables, in Markdown."""
        options = self.options
        lines = [
            f"{options.agents} agents, {options.arrivals} arrivals, seed {options.seed}",
            "",
            "| measure | value | bar | |",
            "| --- | --- | --- | --- |",
            *(f"| {name} | {value} | {bar} | {'met' if is_met else 'MISSED'} |" for name, value, bar, is_met in self.bars),
            "",
            "| figure | routing | first come, first served |",
            "| --- | --- | --- |",
        ]
        for name, of in _FIGURES:
            lines.append(f"| {name} | {of(self.routed)} | {of(self.served)} |")
        return "\n".join(lines)


_FIGURES: tuple[tuple[str, Callable[[Figures], str]], ...] = (
    ("urgent: first reply, median / p95 / p99", lambda f: _three(f.urgent_waits)),
    ("others: first reply, median / p95 / p99", lambda f: _three(f.other_waits)),
    ("urgent inside the level", lambda f: f"{f.urgent_inside:.2%}"),
    ("longest wait", lambda f: f"{max(f.urgent_waits + f.other_waits) / 60:.0f} min"),
    ("offers", lambda f: str(f.offers)),
    ("replies in all", lambda f: str(f.replies)),
    ("replies in the surge and half an hour after it", lambda f: str(f.surge_replies)),
)


def _three(waits: list[float]) -> str:
    return " / ".join(f"{percentile(waits, share):.0f} s" for share in (0.5, 0.95, 0.99))


def simulate(options: Options) -> Result:
    """Both planners on the same day."""
    content = load_desk_policy(DATA).content
    level = content.desk.levels[URGENT].first_response_minutes * MINUTE
    workers, arrivals = make_workers(options.seed, options.agents), make_arrivals(options.seed, options.arrivals)
    figures = [
        Figures.of(Day(options.seed, workers, arrivals, content, planner).run(), level)
        for planner in (ROUTING, first_come_first_served)
    ]
    return Result(options, *figures)
