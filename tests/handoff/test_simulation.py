"""A small simulated day, with the desk's own rules of routing; and an audit that finds broken rules."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pytest

from content.compiler import load_desk_policy
from handoff.queue.routing import PlannedOffer, Rules, Staff, WaitingCase, misfit, plan_offers
from tests.simulation.day import Day
from tests.simulation.people import make_arrivals, make_workers
from tests.simulation.planners import ROUTING, Planner
from tests.simulation.report import DATA, Options, simulate

#: A fifth of `make simulate-desk`.
SMALL = Options(seed=3, agents=40, arrivals=4000)


def test_a_simulated_day_meets_its_bars() -> None:
    """Urgent cases would wait, or go to people who cannot help, on a busy day only: no other test would show it."""
    result = simulate(SMALL)
    assert result.has_passed, result.table()
    assert result.routed.offers >= SMALL.arrivals


def test_the_same_seed_gives_the_same_day() -> None:
    """A failed bar could not be looked into."""
    small = Options(seed=5, agents=20, arrivals=400)
    assert simulate(small) == simulate(small)


def to_anybody(cases: Sequence[WaitingCase], staff: Staff, rules: Rules, now: dt.datetime) -> list[PlannedOffer]:
    """Whoever is free, whatever they can do."""
    return [PlannedOffer(case, seat.login, misfit(case, seat)) for case, seat in zip(cases, list(staff.free), strict=False)]


def to_nobody_who_reads_english(
    cases: Sequence[WaitingCase], staff: Staff, rules: Rules, now: dt.datetime
) -> list[PlannedOffer]:
    """English customers are forgotten."""
    return plan_offers([case for case in cases if "en" not in case.languages], staff, rules, now)


@pytest.mark.parametrize(("planner", "finds"), [(to_anybody, "not_eligible"), (to_nobody_who_reads_english, "starved")])
def test_the_audit_finds_broken_rules(planner: Planner, finds: str) -> None:
    """A zero of the table would mean nothing."""
    content = load_desk_policy(DATA).content
    workers, arrivals = make_workers(3, 40), make_arrivals(3, 1000)
    audit = Day(3, workers, arrivals, content, planner).run().audit
    assert getattr(audit, finds) > 0
    assert getattr(Day(3, workers, arrivals, content, ROUTING).run().audit, finds) == 0


def test_the_audit_finds_a_full_agent(monkeypatch: pytest.MonkeyPatch) -> None:
    """An agent with too many customers would not be seen."""
    monkeypatch.setattr("handoff.queue.routing.has_room", lambda count, weight, capacity: True)
    monkeypatch.setattr("tests.simulation.day.has_room", lambda count, weight, capacity: True)
    content = load_desk_policy(DATA).content
    assert Day(3, make_workers(3, 10), make_arrivals(3, 1000), content, ROUTING).run().audit.over_capacity > 0
