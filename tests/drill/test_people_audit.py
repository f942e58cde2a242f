"""The audit of the races between people finds each kind of breach, and finds nothing in a correct log."""

from __future__ import annotations

from typing import Any

import pytest

from tests.drill.people_audit import (
    NOBODYS,
    UNCONFIRMED,
    UNREAD,
    People,
    check_conversation,
    check_vanished,
    without_reaction,
)
from tests.drill.records import Act, Entry, Fault, Place, Vanished

ID = "c"
Made = tuple[str, str, dict[str, Any]]


def log_of(*events: Made) -> list[Entry]:
    """A log from (type, by, data), one event per second; an agent's name is Lin."""
    return [
        Entry(seq, type, float(seq), by, "Lin" if by == "agent" else "", data)
        for seq, (type, by, data) in enumerate(events, start=1)
    ]


CUSTOMER: Made = ("message", "customer", {})
ANSWER: Made = ("message", "bot", {})
TOLD: Made = ("message", "system", {"kind": "handoff"})
REPLY: Made = ("message", "agent", {})
ASSIGNED: Made = ("assigned", "system", {"agent": "Lin"})
TRANSFERRED: Made = ("transferred", "agent", {})
RESOLVED: Made = ("resolved", "agent", {"resolution": "agent"})
RETURNED: Made = ("returned", "agent", {})
SOLVED: Made = ("resolved", "system", {"resolution": "solved"})
REOPENED: Made = ("reopened", "system", {})
CANCELLED: Made = ("cancelled", "customer", {})
ASKED = ("message", "system", {"kind": "confirm_cancel"})


def turn(last: int, first: int | None = None) -> Made:
    """A decision of the bot on one message, or on several that were read as one."""
    data: dict[str, Any] = {"turn_id": f"{ID}.{last}", "message_seq": last}
    return "triage", "bot", data | ({"first_seq": first} if first else {})


def queued(by: str = "bot", priority: str = "normal") -> Made:
    """A handoff; by the bot's decision, by the customer's button, or by the desk when the bot failed."""
    return "handoff_requested", by, {"reason": "user_request", "priority": priority}


def pressed(choice: str) -> Made:
    """The customer presses a button."""
    return "message", "customer", {"choice": choice}


def ended(action: str, seen_seq: int, at: float, name: str = "Lin") -> Act:
    """An agent's request that ends a conversation at a time."""
    return Act(ID, name, action, at - 0.2, at + 0.2, 200, seen_seq=seen_seq)


#: Log, requests, and the messages without a reaction.
WORDS: dict[str, tuple[list[Entry], list[Act], list[int]]] = {
    "answered by the bot": (log_of(CUSTOMER, turn(1), ANSWER), [], []),
    "three pieces answered as one": (log_of(CUSTOMER, CUSTOMER, CUSTOMER, turn(3, 1), ANSWER), [], []),
    "never decided on": (log_of(CUSTOMER), [], [1]),
    "decided on, and nothing said": (log_of(CUSTOMER, turn(1)), [], [1]),
    "the answer to another message": (log_of(CUSTOMER, CUSTOMER, turn(2), ANSWER), [], [1]),
    "the desk's word of who has it is no reaction": (log_of(CUSTOMER, turn(1), queued(), TOLD), [], [1]),
    "answered by an agent": (log_of(CUSTOMER, queued("customer"), ASSIGNED, REPLY), [], []),
    "written after the agent's last word": (log_of(queued("customer"), ASSIGNED, REPLY, CUSTOMER), [], [4]),
    "closed by an agent who read it": (log_of(queued("customer"), ASSIGNED, CUSTOMER, RESOLVED), [ended("resolve", 3, 4)], []),
    "returned by an agent who read it": (log_of(queued("customer"), ASSIGNED, CUSTOMER, RETURNED), [ended("return", 3, 4)], []),
    "closed by an agent who did not read it": (
        log_of(queued("customer"), ASSIGNED, CUSTOMER, RESOLVED),
        [ended("resolve", 2, 4)],
        [3],
    ),
    "closed by nobody who asked for it": (log_of(queued("customer"), ASSIGNED, CUSTOMER, RESOLVED), [], [3]),
    "asked for by another": (
        log_of(queued("customer"), ASSIGNED, CUSTOMER, RESOLVED),
        [ended("resolve", 3, 4, "Zhou")],
        [3],
    ),
    "asked for at another time": (
        log_of(queued("customer"), ASSIGNED, CUSTOMER, RESOLVED),
        [ended("resolve", 3, 9)],
        [3],
    ),
    "closed as solved over another message": (log_of(CUSTOMER, CUSTOMER, turn(1), ANSWER, SOLVED), [], [2]),
    "the first of a new stretch, with its turn": (
        log_of(queued("customer"), ASSIGNED, RESOLVED, REOPENED, CUSTOMER, turn(5), ANSWER),
        [ended("resolve", 2, 3)],
        [],
    ),
    "the first of a new stretch, without": (
        log_of(queued("customer"), ASSIGNED, RESOLVED, REOPENED, CUSTOMER),
        [ended("resolve", 2, 3)],
        [5],
    ),
    "weighed, then the customer left the queue": (log_of(queued("customer"), CUSTOMER, turn(2), CANCELLED), [], []),
    "handed over, then the customer left the queue": (log_of(CUSTOMER, queued("customer"), CANCELLED), [], []),
    "written as the customer left the queue, answered": (
        log_of(queued("customer"), CUSTOMER, CANCELLED, turn(2), ANSWER),
        [],
        [],
    ),
    "written as the customer left the queue, dropped": (log_of(queued("customer"), CUSTOMER, CANCELLED), [], [2]),
    "the bot handed over something else": (log_of(CUSTOMER, CUSTOMER, turn(1), queued(), CANCELLED), [], [2]),
    "failed in the queue, then the customer left it": (
        log_of(queued("customer"), CUSTOMER, ("bot_failed", "system", {"turn_id": f"{ID}.2"}), CANCELLED),
        [],
        [],
    ),
    "the button that ends the wait": (
        log_of(queued(), ASKED, pressed("cancel_wait"), CANCELLED, ("message", "system", {"kind": "cancelled"})),
        [],
        [],
    ),
    "the button that keeps the place": (
        log_of(queued(), ASKED, pressed("keep_waiting"), ("message", "system", {"kind": "kept_waiting"})),
        [],
        [],
    ),
    "a button of first aid": (
        log_of(pressed("first_aid:freeze_payments"), ("message", "system", {"kind": "first_aid"})),
        [],
        [],
    ),
    "a button of first aid, and only a question of the intake": (
        log_of(pressed("first_aid:freeze_payments"), ("message", "system", {"kind": "intake"})),
        [],
        [1],
    ),
    "words, and only a result of first aid": (log_of(CUSTOMER, turn(1), ("message", "system", {"kind": "first_aid"})), [], [1]),
    "words that the desk answers with a question": (log_of(queued(), CUSTOMER, turn(2), ASKED), [], []),
    "handed back to the queue": (log_of(queued(), ASSIGNED, CUSTOMER, TRANSFERRED), [], [3]),
}


@pytest.mark.parametrize("name", WORDS)
def test_a_message_is_settled_only_by_a_reaction(name: str) -> None:
    """An unowned message would pass the drill, or an answered one would fail it."""
    log, acts, open_messages = WORDS[name]
    assert without_reaction(log, acts) == open_messages


@pytest.mark.parametrize(
    ("place", "is_nobodys"),
    [
        (Place("with_bot", None), True),
        (Place("resolved", None), True),
        (Place("queued", None), False),
        (Place("assigned", "lin"), False),
        (Place("assigned", "gone"), True),
        (None, True),
    ],
)
def test_a_message_without_reaction_needs_somebody_who_must_react(place: Place | None, is_nobodys: bool) -> None:
    """A removed account would count as an owner, or a queued customer as forgotten."""
    places = {} if place is None else {ID: place}
    breaches = check_conversation(ID, log_of(CUSTOMER), People({}, places, frozenset({"lin"})))
    assert [(breach.bar, breach.seq) for breach in breaches] == ([(NOBODYS, 1)] if is_nobodys else [])


def bars(log: list[Entry], *acts: Act) -> set[str]:
    """The bars that a conversation breaches which is queued at the end."""
    return {breach.bar for breach in check_conversation(ID, log, People({ID: list(acts)}, {ID: Place("queued", None)}))}


@pytest.mark.parametrize(("event", "action"), [(RESOLVED, "resolve"), (RETURNED, "return")])
@pytest.mark.parametrize(
    ("seen_seq", "broken"),
    [(4, set()), (3, {UNREAD}), (2, {UNREAD})],
)
def test_letting_go_of_unread_words_is_found(event: Made, action: str, seen_seq: int, broken: set[str]) -> None:
    """An agent could close a case over a message that they never saw."""
    log = log_of(queued("customer"), ASSIGNED, CUSTOMER, CUSTOMER, ("message", "system", {"kind": "resolved"}), event)
    assert bars(log, ended(action, seen_seq, 6)) == broken


def test_an_end_that_nobody_asked_for_is_found() -> None:
    """The desk could close cases by itself in an agent's name."""
    assert bars(log_of(queued("customer"), ASSIGNED, RESOLVED)) == {UNREAD}
    unanswered = Act(ID, "Lin", "resolve", 2.5, seen_seq=2)
    assert bars(log_of(queued("customer"), ASSIGNED, RESOLVED), unanswered) == set()


def cancel(*, is_confirmed: bool, at: float) -> Act:
    """The customer's request to leave the queue."""
    return Act(ID, "", "cancel", at - 0.2, at + 0.2, 200, is_confirmed=is_confirmed)


RAISED = ("priority_raised", "bot", {"reason": "security", "priority": "urgent"})
UNDONE = ("cancel_undone", "customer", {"reason": "security", "priority": "urgent"})
KEPT = ("message", "system", {"kind": "kept_waiting"})
#: Log, requests, and whether the wait was cancelled correctly.
CANCELS: dict[str, tuple[list[Entry], list[Act], bool]] = {
    "normal, unasked": (log_of(queued(), CANCELLED), [cancel(is_confirmed=False, at=2)], True),
    "urgent, unasked": (log_of(queued(priority="urgent"), CANCELLED), [cancel(is_confirmed=False, at=2)], False),
    "high, unasked": (log_of(queued(priority="high"), CANCELLED), [cancel(is_confirmed=False, at=2)], False),
    "urgent, confirmed by the request": (
        log_of(queued(priority="urgent"), CANCELLED),
        [cancel(is_confirmed=True, at=2)],
        True,
    ),
    "urgent, confirmed later": (log_of(queued(priority="urgent"), CANCELLED), [cancel(is_confirmed=True, at=9)], False),
    "raised before": (log_of(queued(), RAISED, CANCELLED), [cancel(is_confirmed=False, at=3)], False),
    "urgent again after an undo": (log_of(queued(), CANCELLED, UNDONE, CANCELLED), [], False),
    "urgent, by the button": (log_of(queued(priority="urgent"), ASKED, pressed("cancel_wait"), CANCELLED), [], True),
    "urgent, by a button that nobody offered": (
        log_of(queued(priority="urgent"), pressed("cancel_wait"), CANCELLED),
        [],
        False,
    ),
    "urgent, by words after the question": (log_of(queued(priority="urgent"), ASKED, CUSTOMER, turn(3), CANCELLED), [], True),
    "urgent, by words before the question": (log_of(queued(priority="urgent"), CUSTOMER, ASKED, turn(2), CANCELLED), [], False),
    "urgent, by words without a question": (log_of(queued(priority="urgent"), CUSTOMER, turn(2), CANCELLED), [], False),
    "urgent, after the customer stayed": (
        log_of(queued(priority="urgent"), ASKED, pressed("keep_waiting"), KEPT, CUSTOMER, turn(5), CANCELLED),
        [],
        False,
    ),
    "urgent, after a question in an earlier wait": (
        log_of(queued(priority="urgent"), ASKED, pressed("cancel_wait"), CANCELLED, UNDONE, CUSTOMER, turn(6), CANCELLED),
        [],
        False,
    ),
}


@pytest.mark.parametrize("name", CANCELS)
def test_a_grave_wait_ends_only_after_a_confirmation(name: str) -> None:
    """A scam victim could leave the queue by an accidental tap."""
    log, acts, is_right = CANCELS[name]
    assert (UNCONFIRMED not in bars(log, *acts)) == is_right


@pytest.mark.parametrize(
    ("held_until", "faults", "is_found"),
    [
        (30.0, [], False),
        (31.0, [], True),
        (None, [], True),
        (45.0, [Fault("PostgreSQL killed", "PostgreSQL", 12, 14)], False),
        (45.0, [Fault("desk killed", "desk-1", 12, 14)], False),
        (46.0, [Fault("PostgreSQL killed", "PostgreSQL", 12, 14)], True),
        (31.0, [Fault("PostgreSQL killed", "PostgreSQL", 2, 4)], True),
        (31.0, [Fault("bot killed", "bot-1", 12, 14)], True),
    ],
)
def test_an_account_that_is_gone_keeps_nothing(held_until: float | None, faults: list[Fault], is_found: bool) -> None:
    """A customer could wait for ever for an agent whose account was removed."""
    log = [
        Entry(1, "handoff_requested", 1.0, "customer", "", {"priority": "normal"}),
        Entry(2, "assigned", 5.0, "system", "", {"agent": "Lin"}),
    ]
    if held_until is not None:
        log.append(Entry(3, "transferred", held_until, "system", "", {"why": "agent_gone"}))
    gone = Vanished("lin", "Lin", "removed", 10.0)
    assert bool(list(check_vanished([gone], {ID: log}, faults, 100.0))) == is_found


def test_an_account_that_is_gone_gets_nothing_new() -> None:
    """A removed account could be assigned a conversation, and nobody would notice."""
    log = [Entry(1, "assigned", 50.0, "system", "", {"agent": "Lin"}), Entry(2, "transferred", 75.0, "system", "", {})]
    gone = Vanished("lin", "Lin", "removed", 10.0)
    assert [breach.conversation for breach in check_vanished([gone], {ID: log}, [], 100.0)] == [ID]
