"""Which waiting case is offered to whom: tables of the pure rules."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from contract.priorities import LANE_RANK, PRIORITY_RANK
from handoff.queue.capacity import has_room
from handoff.queue.routing import Rules, Seat, Staff, WaitingCase, is_eligible, plan_offers

NOW = dt.datetime(2026, 11, 30, 6, 0, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
RULES = Rules(ageing=30 * MINUTE, known_within=2 * MINUTE, patience=5 * MINUTE, urgent_patience=MINUTE / 2)
RANK = {"lane": LANE_RANK, **PRIORITY_RANK}
#: What an agent of the tests can do, unless the test says otherwise.
ALL = {"languages": frozenset({"zh", "en"}), "skills": frozenset({"security", "disputes"})}


def case(name: str, priority: str = "normal", waited: float = 1, **more: Any) -> WaitingCase:
    """A case that has waited so many minutes; it is written in Chinese."""
    needs = {"languages": frozenset({"zh"})}
    return WaitingCase(name, RANK[priority], NOW - waited * MINUTE, **{**needs, **more})


def seat(login: str, **more: Any) -> Seat:
    """An agent with room for five."""
    return Seat(login, **{**ALL, "capacity": 5, **more})


def plan(cases: list[WaitingCase], seats: list[Seat]) -> dict[str, str]:
    """The login to whom each case is offered."""
    return {offer.case.id: offer.login for offer in plan_offers(cases, Staff(seats), RULES, NOW)}


def overdue(minutes: float) -> dict[str, dt.datetime]:
    """The nearest deadline was so many minutes ago."""
    return {"due_at": NOW - minutes * MINUTE}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (case("a", "lane"), case("b", "urgent", 60)),
        (case("a", "urgent"), case("b", "high", 60)),
        (case("a", "high"), case("b", "normal", 60)),
        # Ageing: half an hour past its deadline a normal case is as urgent as a high one, and has the nearer deadline.
        (case("a", "normal", 70, **overdue(31)), case("b", "high", 5, due_at=NOW + 10 * MINUTE)),
        (case("a", "high", 20, due_at=NOW), case("b", "normal", 58, **overdue(29))),
        # However old a case is, an emergency comes first.
        (case("a", "urgent", 0, due_at=NOW + 2 * MINUTE), case("b", "normal", 6000, **overdue(5990))),
        (case("a", "lane", 0), case("b", "urgent", 50, **overdue(48))),
        # Within a priority the nearest deadline, then the longest wait.
        (case("a", "normal", 5, due_at=NOW + MINUTE), case("b", "normal", 50, due_at=NOW + 2 * MINUTE)),
        (case("a", "normal", 5, due_at=NOW + MINUTE), case("b", "normal", 50)),
        (case("a", "normal", 6), case("b", "normal", 5)),
        # A script that opens urgent cases must not push real victims back.
        (case("a", "urgent", 1), case("b", "urgent", 50, is_crowded=True)),
        (case("a", "urgent", 1, is_crowded=True), case("b", "high", 50)),
    ],
)
def test_the_more_urgent_case_is_offered_first(first: WaitingCase, second: WaitingCase) -> None:
    """Somebody whose money leaves now would wait behind a question about a receipt."""
    assert plan([second, first], [seat("only")]) == {"a": "only"}


@pytest.mark.parametrize(
    ("chosen", "other"),
    [
        ({"weight": 1, "count": 1}, {"weight": 2, "count": 2}),
        ({"weight": 2, "count": 2, "capacity": 10}, {"weight": 2, "count": 2, "capacity": 5}),
        ({"weight": 1.2, "count": 4}, {"weight": 2, "count": 2}),  # four silent ones take less than two that owe an answer
        ({"idle_since": NOW - 20 * MINUTE}, {"idle_since": NOW - 10 * MINUTE}),
        ({"idle_since": None}, {"idle_since": NOW - 10 * MINUTE}),
        ({"weight": 4, "count": 4}, {"is_reserve": True}),  # a supervisor gets what no agent can take
        ({"weight": 4, "count": 4}, {"is_available": False}),
        ({"weight": 4, "count": 4}, {"has_offer": True}),
        ({"weight": 4, "count": 4}, {"weight": 4.1, "count": 5}),
        ({"weight": 4, "count": 4}, {"weight": 3, "count": 10}),  # never more than twice the capacity
        ({"weight": 4, "count": 4}, {"languages": frozenset({"en"})}),
    ],
)
def test_the_least_loaded_agent_who_fits_gets_the_offer(chosen: dict[str, Any], other: dict[str, Any]) -> None:
    """One agent would drown while another has nothing to do."""
    for names in (("a", "b"), ("b", "a")):
        seats = [seat(names[0], **chosen), seat(names[1], **other)]
        assert plan([case("c")], seats) == {"c": names[0]}
        assert plan([case("c")], seats[::-1]) == {"c": names[0]}


@pytest.mark.parametrize(
    ("priority", "chosen", "other"),
    [
        ("urgent", {"emergencies": 0, "weight": 4, "count": 4}, {"emergencies": 1, "weight": 1, "count": 1}),
        ("urgent", {"emergencies": 1, "weight": 4, "count": 4}, {"emergencies": 0, "skills": frozenset()}),
        ("urgent", {"emergencies": 0, "skills": frozenset()}, {"emergencies": 2, "weight": 2, "count": 2}),
        ("urgent", {"emergencies": 4, "weight": 4, "count": 4}, {"emergencies": 0, "languages": frozenset({"en"})}),
        ("normal", {"emergencies": 3, "weight": 3, "count": 3}, {"emergencies": 0, "weight": 4, "count": 4}),
    ],
)
def test_a_victim_does_not_stand_behind_other_victims(priority: str, chosen: dict[str, Any], other: dict[str, Any]) -> None:
    """Two minutes pass while the one agent with the skill answers three other emergencies."""
    waiting = case("c", priority, 1, skills=frozenset({"security"}))
    assert plan([waiting], [seat("b", **chosen), seat("a", **other)]) == {"c": "b"}


@pytest.mark.parametrize(
    ("priority", "more", "expected"),
    [
        ("urgent", {"has_offer": True, "weight": 1, "count": 1}, "a"),
        ("lane", {"has_offer": True, "weight": 5, "count": 5}, "a"),  # the other offer holds the last place
        ("urgent", {"has_offer": True, "weight": 6, "count": 6}, None),  # full without the offer, too
        ("urgent", {"has_offer": True, "has_urgent_offer": True, "weight": 1, "count": 1}, None),
        ("high", {"has_offer": True, "weight": 1, "count": 1}, None),
    ],
)
def test_an_emergency_does_not_wait_for_an_open_offer_of_another_case(
    priority: str, more: dict[str, Any], expected: str | None
) -> None:
    """Somebody whose money leaves now would wait half a minute because a receipt was offered a moment before."""
    assert plan([case("c", priority)], [seat("a", **more)]).get("c") == expected


def test_one_look_offers_an_agent_at_most_one_emergency_and_one_other_case() -> None:
    """An agent who comes online would be flooded."""
    cases = [case("c1", "urgent", 3), case("c2", "urgent", 2), case("c3", "high", 3), case("c4", "normal", 3)]
    assert plan(cases, [seat("a")]) == {"c1": "a"}
    assert plan(cases, [seat("a", has_offer=True, weight=1, count=1)]) == {"c1": "a"}


def test_equal_agents_are_chosen_by_login() -> None:
    """Two desks would plan differently from the same state."""
    assert plan([case("c")], [seat("b"), seat("a")]) == {"c": "a"}


SECURITY = frozenset({"security"})
EN, KO = frozenset({"en"}), frozenset({"ko"})
NO_SKILL: dict[str, Any] = {"skills": frozenset()}
ZH: dict[str, Any] = {"languages": frozenset({"zh"})}


@pytest.mark.parametrize(
    ("waiting", "seats", "expected"),
    [
        # A normal case waits for skill and language while somebody who has them is there, busy as they may be.
        (case("c", waited=4, skills=SECURITY), [seat("a", **NO_SKILL)], None),
        (case("c", waited=4, languages=EN), [seat("a", **ZH)], None),
        (case("c", waited=20, languages=EN), [seat("a", **ZH), seat("full", weight=5, count=5)], None),
        (case("c", waited=20, languages=EN), [seat("a", **ZH), seat("offered", has_offer=True)], None),
        # It never waits forever: 5 minutes if nobody is there who fits, 35 in any case.
        (case("c", waited=5, skills=SECURITY), [seat("a", **NO_SKILL)], "a"),
        (case("c", waited=5, languages=EN), [seat("a", **ZH)], "a"),
        (case("c", waited=5, languages=EN), [seat("a", **ZH), seat("away", is_available=False)], "a"),
        (case("c", waited=35, languages=EN), [seat("a", **ZH), seat("full", weight=5, count=5)], "a"),
        (case("c", waited=5, languages=KO), [seat("a")], "a"),
        # Then whoever fits best: a language counts more than a skill, and a skill more than a supervisor's time.
        (case("c", waited=50, languages=EN, skills=SECURITY), [seat("a", **ZH), seat("b", **NO_SKILL)], "b"),
        (case("c", waited=50, skills=SECURITY), [seat("a", **NO_SKILL), seat("b", is_reserve=True)], "b"),
        # An emergency does not wait for a skill, nor for a supervisor's leave.
        (case("c", "urgent", 0, skills=SECURITY), [seat("a", **NO_SKILL)], "a"),
        (case("c", "lane", 0, skills=SECURITY), [seat("a", **NO_SKILL), seat("full", weight=5, count=5)], "a"),
        (case("c", "urgent", 0, skills=SECURITY), [seat("a", **NO_SKILL), seat("b", weight=4, count=4)], "b"),
        (case("c", "urgent", 0), [seat("boss", is_reserve=True)], "boss"),
        # It waits for a language for the time of one offer, if somebody who writes it is there.
        (case("c", "urgent", 0, languages=EN), [seat("a", **ZH)], "a"),
        (case("c", "urgent", 0, languages=EN), [seat("a", **ZH), seat("full", weight=5, count=5)], None),
        (case("c", "urgent", 0.5, languages=EN), [seat("a", **ZH), seat("full", weight=5, count=5)], "a"),
        # Nobody is there, or everybody is full: nobody gets it.
        (case("c", "lane", 50), [], None),
        (case("c", "lane", 50), [seat("a", is_available=False), seat("b", weight=4.5, count=5)], None),
    ],
)
def test_what_a_case_waits_for(waiting: WaitingCase, seats: list[Seat], expected: str | None) -> None:
    """A case would wait forever for a skill that nobody has, or go to somebody who cannot read it."""
    assert plan([waiting], seats).get("c") == expected


@pytest.mark.parametrize(
    ("waiting", "known", "expected"),
    [
        (case("c", known_by="known"), {"weight": 4, "count": 4}, "known"),
        (case("c", known_by="known", skills=SECURITY), {"weight": 4, "count": 4, **NO_SKILL}, "known"),  # they had it before
        (case("c", waited=1, known_by="known"), {"weight": 5, "count": 5}, None),
        (case("c", waited=2, known_by="known"), {"weight": 5, "count": 5}, "other"),
        (case("c", known_by="known"), {"is_available": False}, "other"),
        (case("c", known_by="gone"), {"weight": 4, "count": 4}, "other"),
        (case("c", "urgent", known_by="known"), {"weight": 4, "count": 4}, "known"),
        (case("c", "urgent", known_by="known"), {"weight": 5, "count": 5}, "other"),  # an emergency does not wait for them
        (case("c", known_by="known", passed=(("known", NOW - MINUTE),)), {}, "other"),
    ],
)
def test_a_case_that_comes_back_goes_to_the_agent_who_knew_it(
    waiting: WaitingCase, known: dict[str, Any], expected: str | None
) -> None:
    """The customer would tell everything again, or wait for an agent who has left."""
    assert plan([waiting], [seat("known", **known), seat("other")]).get("c") == expected


@pytest.mark.parametrize(
    ("priority", "minutes_ago", "expected"),
    [("normal", 4, None), ("normal", 5, "a"), ("urgent", 0.4, None), ("urgent", 0.5, "a"), ("lane", 0.5, "a")],
)
def test_who_let_a_case_go_is_not_asked_again_at_once(priority: str, minutes_ago: float, expected: str | None) -> None:
    """The case would go round and round between the desk and one agent; or never be offered again."""
    passed = (("a", NOW - minutes_ago * MINUTE),)
    assert plan([case("c", priority, 10, passed=passed)], [seat("a")]).get("c") == expected
    assert plan([case("c", priority, 10, passed=passed)], [seat("a"), seat("b", weight=4, count=4)])["c"] in ("b", expected)


def test_an_agent_has_one_open_offer() -> None:
    """An agent who comes online would get the whole queue at once."""
    waiting = [case(f"c{number}", waited=10 - number) for number in range(4)]
    assert plan(waiting, [seat("a"), seat("b", has_offer=True), seat("c", weight=3, count=3)]) == {"c0": "a", "c1": "c"}


@pytest.mark.parametrize(
    ("count", "weight", "capacity", "expected"),
    [
        (0, 0, 1, True),
        (1, 1, 1, False),
        (4, 4, 5, True),
        (5, 5, 5, False),
        (5, 4.1, 5, False),
        (5, 0.7 * 5 + 0.5, 5, True),  # 4.0, which the sum of floats misses
        (10, 3, 5, False),
        (9, 2.7, 5, True),
        (1, 0.3, 1, False),
    ],
)
def test_room(count: int, weight: float, capacity: int, expected: bool) -> None:
    """An agent would hold more than they can answer."""
    assert has_room(count, weight, capacity) is expected


def test_an_agent_is_never_planned_beyond_the_capacity() -> None:
    """A plan of many cases would count an agent's room once instead of each time."""
    staff = Staff([seat("a", capacity=1), seat("b", capacity=1, weight=1, count=1)])
    waiting = [case(f"c{number}", "urgent") for number in range(9)]
    assert [offer.login for offer in plan_offers(waiting, staff, RULES, NOW)] == ["a"]
    assert plan_offers(waiting, staff, RULES, NOW) == []
    assert not is_eligible(waiting[0], staff.seat("a") or seat("a"), staff, RULES, NOW)
