"""The audit of conversations that nobody has."""

from __future__ import annotations

import pytest

from tests.drill.neglect import FREE_SECONDS, Photograph, check_neglect, check_places
from tests.drill.records import Fault, Place

NOBODY: frozenset[str] = frozenset()


def photographs(seconds: int, *free: str, not_to: frozenset[str] = NOBODY) -> list[Photograph]:
    """One a second; one conversation waits all the time."""
    return [Photograph(float(at), {"c": not_to}, frozenset(free)) for at in range(seconds)]


LONG = int(FREE_SECONDS) + 3


def test_a_conversation_that_waits_in_front_of_a_free_agent_is_found_once() -> None:
    """A router that stopped would pass the drill."""
    found = list(check_neglect(photographs(3 * LONG, "a"), []))
    assert [(breach.conversation, "a was free" in breach.detail) for breach in found] == [("c", True)]


@pytest.mark.parametrize(
    "calm",
    [
        photographs(LONG),
        photographs(LONG - 3, "a"),
        photographs(LONG, "a", not_to=frozenset({"a"})),
        # Two agents who are free in turn: each was offered something else meanwhile.
        [Photograph(float(at), {"c": NOBODY}, frozenset({"ab"[at // 8 % 2]})) for at in range(LONG)],
    ],
)
def test_a_wait_without_a_free_agent_is_none(calm: list[Photograph]) -> None:
    """The drill would fail whenever all agents are busy."""
    assert list(check_neglect(calm, [])) == []


@pytest.mark.parametrize(("over_at", "found"), [(None, 0), (1.0, 0), (-20.0, 1)])
def test_the_time_of_a_fault_does_not_count(over_at: float | None, found: int) -> None:
    """A desk that is killed would count as a forgotten customer; or one old fault would excuse the whole drill."""
    faults = [Fault("desk killed", "desk-1", -30.0, over_at)]
    assert len(list(check_neglect(photographs(LONG, "a"), faults))) == found


def test_a_conversation_of_an_account_that_is_gone_is_found() -> None:
    """A customer would wait for somebody who left the company."""
    places = {"a": Place("assigned", "left"), "b": Place("assigned", "here"), "c": Place("resolved", "left")}
    assert [breach.conversation for breach in check_places(places, frozenset({"here"}))] == ["a"]
