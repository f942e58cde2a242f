"""The audit of the races between people: pure functions on the log and on people's requests. Defined in docs/drill.md."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tests.drill.neglect import Photograph
from tests.drill.records import Act, Entry, Fault, Place, Vanished
from tests.drill.replay import Breach, holdings, owners, pieces

BARS = (
    "messages without owner or reaction",
    "let go over an unread message",
    "grave wait cancelled without confirmation",
    "with an account that cannot answer",
)
NOBODYS, UNREAD, UNCONFIRMED, WITH_NOBODY = BARS

#: The watchdog's interval in seconds, and the time that a round may take.
ROUND_SECONDS, ROUND_GRACE_SECONDS = 15.0, 5.0
GRAVE = frozenset({"urgent", "high"})
#: Buttons that the desk itself decides, in the transaction that stores the message.
_DESK_BUTTONS = frozenset({"cancel_wait", "keep_waiting"})
#: System messages that answer a customer's message or press. All others report the owner of the conversation.
_REACTIONS = frozenset({"confirm_cancel", "kept_waiting", "cancelled"})
#: Kinds of system messages that answer presses of their own buttons, `KIND:...`. The wallet may be asked before.
_CARE = ("first_aid", "intake")
#: The log and the drill use one clock, but a time is recorded before or after the event itself.
_CLOCK_SECONDS = 0.05


@dataclass
class People:
    """People's requests in a drill, and the final state. `able`: logins of the accounts that take conversations at the end.

    `photographs`: who waited and who was free, second by second.
    """

    acts: dict[str, list[Act]] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    able: frozenset[str] = frozenset()
    vanished: list[Vanished] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    photographs: list[Photograph] = field(default_factory=list)


def check_conversation(conversation: str, log: list[Entry], people: People) -> Iterator[Breach]:
    """All rules for one conversation."""
    acts = people.acts.get(conversation, [])
    yield from check_words(conversation, log, acts, people.places.get(conversation), people.able)
    yield from check_let_go(conversation, log, acts)
    yield from check_cancels(conversation, log, acts)


def seen_seq(event: Entry, acts: Iterable[Act]) -> int | None:
    """The sequence number up to which an agent had read the log when they ended it; None without such a request.

    Of several parallel requests, the highest.
    """
    action = {"resolved": "resolve", "returned": "return"}[event.type]
    fitting = [act for act in acts if act.action == action and act.name == event.name and _is_during(act, event.at)]
    return max((act.seen_seq for act in fitting if act.seen_seq is not None), default=None)


def _is_during(act: Act, at: float) -> bool:
    until = float("inf") if act.answered_at is None else act.answered_at
    return act.asked_at - _CLOCK_SECONDS <= at <= until + _CLOCK_SECONDS


def _is_let_go(event: Entry) -> bool:
    return event.by == "agent" and event.type in ("resolved", "returned")


def without_reaction(log: list[Entry], acts: list[Act]) -> list[int]:
    """The customer messages without a reaction by the end of the log.

    A reaction is: the bot's message in a turn that read it; the desk's message that answers it; a later message of an agent; a
    resolve or return by an agent whose `seen_seq` covers it; the customer's own cancel, if it had its turn or was handed over.
    """
    weighed: dict[int, bool] = {}  # each message without a reaction: whether it had its turn, or was handed over
    turn: set[int] = set()  # messages to which the present transaction reacts
    presses: dict[str, set[int]] = {kind: set() for kind in _CARE}
    for _, event in owners(log):
        if event.type == "message" and event.by == "customer":
            weighed[event.seq] = False
            choice = event.data.get("choice")
            turn = {event.seq} if choice in _DESK_BUTTONS else set()
            if choice and choice.partition(":")[0] in presses:
                presses[choice.partition(":")[0]].add(event.seq)
            continue
        if event.type == "triage":
            turn = {seq for seq in pieces(event) if seq in weighed}
            weighed |= dict.fromkeys(turn, True)
        elif event.type == "bot_failed":
            turn = {seq for seq in weighed if seq <= int(event.data["turn_id"].rpartition(".")[2])}
            weighed |= dict.fromkeys(turn, True)
        elif event.type == "cancel_undone" or (event.type == "handoff_requested" and event.by != "bot"):
            # The customer asked for a person, or the bot failed: all earlier messages belong to the person.
            weighed = dict.fromkeys(weighed, True)
        elif event.type == "message" and event.by == "agent":
            weighed, turn = {}, set()
        elif event.type == "message" and event.data.get("kind") in presses:
            weighed = {seq: had_turn for seq, had_turn in weighed.items() if seq not in presses[event.data["kind"]]}
        elif event.type == "message":
            if event.by == "bot" or event.data.get("kind") in _REACTIONS:
                weighed = {seq: had_turn for seq, had_turn in weighed.items() if seq not in turn}
        elif event.type == "cancelled":
            weighed = {seq: False for seq, had_turn in weighed.items() if not had_turn and seq not in turn}
        elif _is_let_go(event):
            read = seen_seq(event, acts) or 0
            weighed = {seq: had_turn for seq, had_turn in weighed.items() if seq > read}
    return list(weighed)


def check_words(
    conversation: str, log: list[Entry], acts: list[Act], place: Place | None, able: frozenset[str]
) -> Iterator[Breach]:
    """Unowned messages: acknowledged, without a reaction, and without an owner who must still react."""
    if place is not None and (place.status == "queued" or (place.status == "assigned" and place.agent in able)):
        return
    where = "is not in the database" if place is None else f"is {place.status}" + (f" to {place.agent}" if place.agent else "")
    for seq in without_reaction(log, acts):
        yield Breach(NOBODYS, conversation, seq, f"no reaction, and the conversation {where}")


def check_let_go(conversation: str, log: list[Entry], acts: list[Act]) -> Iterator[Breach]:
    """No agent's resolve or return may succeed over a message that the agent had not seen."""
    for event in log:
        if not _is_let_go(event):
            continue
        read = seen_seq(event, acts)
        if read is None:
            yield Breach(UNREAD, conversation, event.seq, f"{event.type} by {event.name}, who did not ask for it then")
            continue
        unread = [e.seq for e in log if read < e.seq < event.seq and e.type == "message" and e.by == "customer"]
        if unread:
            yield Breach(UNREAD, conversation, unread[0], f"{event.type} by {event.name}, who had read up to {read}")


def check_cancels(conversation: str, log: list[Entry], acts: list[Act]) -> Iterator[Breach]:
    """An urgent or high case may leave the queue by the customer's will only after they confirmed it.

    They confirm with the request (`confirm`), or by a message or a button after the desk's question.
    """
    priority: str | None = None
    asked_seq: int | None = None
    before: Entry | None = None
    for event in log:
        if event.type in ("handoff_requested", "priority_raised", "cancel_undone"):
            if event.type != "priority_raised":
                asked_seq = None
            priority = event.data["priority"]
        elif event.type == "message" and event.data.get("kind") == "confirm_cancel":
            asked_seq = event.seq
        elif event.type == "message" and event.data.get("kind") == "kept_waiting":
            asked_seq = None
        elif event.type == "cancelled":
            if priority in GRAVE and not _is_confirmed(event, before, asked_seq, acts):
                yield Breach(UNCONFIRMED, conversation, event.seq, f"cancelled while {priority}, and nobody confirmed it")
            priority = None
        before = event


def _is_confirmed(event: Entry, before: Entry | None, asked_seq: int | None, acts: list[Act]) -> bool:
    if any(act.action == "cancel" and act.is_confirmed and _is_during(act, event.at) for act in acts):
        return True
    if before is None or asked_seq is None:
        return False
    if before.type == "triage":
        return max(pieces(before)) > asked_seq
    return before.type == "message" and before.by == "customer" and before.data.get("choice") == "cancel_wait"


def check_vanished(vanished: list[Vanished], logs: dict[str, list[Entry]], faults: list[Fault], now: float) -> Iterator[Breach]:
    """An account that is removed, or takes no conversations any more, has none after the watchdog's next round.

    A fault of the database or of a desk in that time can cost a round.
    """
    for account in vanished:
        for conversation, log in logs.items():
            for since, until in holdings(log, account.name):
                began, ended = max(since, account.at), min(until, now)
                rounds = 1 + any(_costs_a_round(fault, began, ended) for fault in faults)
                if ended - began > rounds * ROUND_SECONDS + ROUND_GRACE_SECONDS:
                    detail = f"{account.login} ({account.how}) had it for {ended - began:.0f} s more"
                    yield Breach(WITH_NOBODY, conversation, None, detail)


def _costs_a_round(fault: Fault, began: float, ended: float) -> bool:
    is_of_desks = fault.kind in ("desk killed", "connections terminated", "database refuses") or "PostgreSQL" in fault.kind
    return is_of_desks and fault.at <= ended and (fault.over_at is None or fault.over_at >= began)
