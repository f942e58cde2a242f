"""The audit finds each kind of breach, and finds nothing in a correct conversation."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from tests.drill.audit import audit, faults_during, needless_failures, waits
from tests.drill.people_audit import People
from tests.drill.records import Act, AgentSend, Claim, Client, Entry, Fault, Place, Seen, Send
from tests.drill.replay import INTERNAL, Breach

ID = "c"
LONGEST_WAIT = 13.0
NOW = 1000.0


def entry(seq: int, type: str, by: str = "system", name: str = "", at: float | None = None, **data: Any) -> Entry:
    """An event of the log, one second after the previous one."""
    return Entry(seq, type, float(seq) if at is None else at, by, name, data)


def good_log() -> list[Entry]:
    """A question and its answer, a handoff, an agent, an end, and a second episode with the bot."""
    return [
        entry(1, "message", "customer", client_message_id="m1", text="one"),
        entry(2, "triage", "bot", turn_id="c.1", message_seq=1),
        entry(3, "message", "bot", text="first"),
        entry(4, "message", "bot", text="second"),
        entry(5, "message", "customer", client_message_id="m2", text="two"),
        entry(6, "triage", "bot", turn_id="c.5", message_seq=5),
        entry(7, "handoff_requested", "bot", reason="dispute", priority="high"),
        entry(8, "message", text="a person comes"),
        entry(9, "assigned", agent="Lin"),
        entry(10, "message", "agent", "Lin", client_message_id="a1", text="hello"),
        entry(11, "transferred", "agent", "Lin"),
        entry(12, "assigned", agent="Zhou"),
        entry(13, "message", "agent", "Zhou", client_message_id="a2", text="hello again"),
        entry(14, "resolved", "agent", "Zhou"),
        entry(15, "reopened", episode=2),
        entry(16, "message", "customer", client_message_id="m3", choice="topic:x", text="three"),
        entry(17, "triage", "bot", turn_id="c.16", message_seq=16),
        entry(18, "message", "bot", text="third"),
    ]


def client_of(log: list[Entry]) -> Client:
    """A client that received a whole log, each event half a second later."""
    client = Client(ID, "stream", left_at=NOW)
    for event in log:
        if event.type == "message" and event.by == "customer":
            message_id, choice = event.data["client_message_id"], event.data.get("choice")
            text = None if choice else event.data["text"]
            client.sends.append(Send(message_id, text, choice, event.at, 1, event.at + 0.1, 201, event.seq))
        if event.type not in INTERNAL:
            client.seen.append(Seen(event.at + 0.5, event.seq, event.type, event.by))
    return client


def found(
    client: Client, log: list[Entry], claims: list[Claim] | None = None, sends: list[AgentSend] | None = None
) -> set[str]:
    """The breached bars."""
    breaches, _ = audit([client], {ID: log}, claims or [], sends or [], LONGEST_WAIT, NOW, PEOPLE)
    return {breach.bar for breach in breaches}


#: An agent read the whole log and ended the good log's case; an agent has it at the end, so that no message is unowned.
PEOPLE = People(
    {ID: [Act(ID, "Zhou", "resolve", 13.5, 14.5, 200, seen_seq=13)]}, {ID: Place("assigned", "lin")}, frozenset({"lin"})
)


def without(log: list[Entry], seq: int) -> list[Entry]:
    """The log without one event."""
    return [event for event in log if event.seq != seq]


def changed(log: list[Entry], seq: int, at: float | None = None, **data: Any) -> list[Entry]:
    """The log with other data in one event, or another time."""
    return [dataclasses.replace(e, data={**e.data, **data}, at=e.at if at is None else at) if e.seq == seq else e for e in log]


def inserted(log: list[Entry], new: Entry) -> list[Entry]:
    """The log with one more event; the sequence numbers after it grow by one."""
    later = {e.seq: e.seq + 1 for e in log if e.seq >= new.seq}
    moved = [
        dataclasses.replace(
            e,
            seq=later.get(e.seq, e.seq),
            data={k: later.get(v, v) if k == "message_seq" else v for k, v in e.data.items()},
        )
        for e in log
    ]
    return sorted([*moved, new], key=lambda e: e.seq)


def test_a_conversation_that_went_well_has_no_breach() -> None:
    """The drill would fail on a system without a fault."""
    log = good_log()
    claims = [Claim(ID, "Lin", 8.9, 9.2)]
    sends = [AgentSend(ID, "Lin", Send("a1", "hello", None, 9.5, 1, 10.1, 201, 10))]
    client = client_of(log)
    client.sends.append(Send("m1", "one", None, 20, 1, 20.1, 200, 1, repeats=True))
    client.sends.append(Send("m4", None, "gone", 21, 1, refused="choice_expired"))
    assert found(client, log, claims, sends) == set()


BROKEN_LOGS = {
    "acknowledged, not in the log": (without(good_log(), 5), "lost"),
    "stored with another text": (changed(good_log(), 1, text="other"), "lost"),
    "stored with another choice": (changed(good_log(), 16, choice="topic:y"), "lost"),
    "stored under another id": (changed(good_log(), 5, client_message_id="m9"), "lost"),
    "a message twice": (inserted(good_log(), entry(5, "message", "customer", client_message_id="m1", text="one")), "doubled"),
    "an agent's message twice": (
        inserted(good_log(), entry(11, "message", "agent", "Lin", client_message_id="a1", text="hello")),
        "doubled",
    ),
    "decided twice": (inserted(good_log(), entry(5, "triage", "bot", turn_id="c.1", message_seq=1)), "doubled"),
    "answered by nobody's decision": (inserted(good_log(), entry(6, "message", "bot", text="?")), "doubled"),
    "handed over twice": (
        inserted(good_log(), entry(9, "handoff_requested", "bot", reason="dispute", priority="high")),
        "doubled",
    ),
    "a gap": (without(good_log(), 4), "out of order"),
    "bot speaks while queued": (inserted(good_log(), entry(9, "message", "bot", text="?")), "bot after handoff"),
    "bot speaks while assigned": (inserted(good_log(), entry(11, "message", "bot", text="?")), "bot after handoff"),
    "bot speaks after the end": (inserted(good_log(), entry(15, "message", "bot", text="?")), "bot after handoff"),
    "another agent writes": (
        inserted(good_log(), entry(11, "message", "agent", "Zhou", client_message_id="a3", text="me too")),
        "written by another than the owner",
    ),
    "an agent writes while it waits": (
        inserted(good_log(), entry(12, "message", "agent", "Lin", client_message_id="a3", text="still me")),
        "written by another than the owner",
    ),
    "answered late": ([dataclasses.replace(e, at=e.at + 20 * (e.seq > 16)) for e in good_log()], "unanswered, by the log"),
    "never answered": (good_log()[:16], "unanswered, by the log"),
    "decided and said nothing": (good_log()[:17], "unanswered, by the log"),
}


@pytest.mark.parametrize("name", BROKEN_LOGS)
def test_a_broken_log_is_found(name: str) -> None:
    """A fault of the system would pass the drill."""
    log, bar = BROKEN_LOGS[name]
    assert bar in found(client_of(good_log()), log)


def test_answers_in_the_wrong_order_are_found() -> None:
    """A later message answered before an earlier one would pass the drill."""
    log = [
        entry(1, "message", "customer", client_message_id="m1", text="one"),
        entry(2, "message", "customer", client_message_id="m2", text="two"),
        entry(3, "triage", "bot", turn_id="c.2", message_seq=2),
        entry(4, "message", "bot", text="second"),
        entry(5, "triage", "bot", turn_id="c.1", message_seq=1),
        entry(6, "message", "bot", text="first"),
    ]
    assert found(client_of(log), log) == {"out of order"}


def test_a_second_answer_is_found() -> None:
    """Two answers to one message would pass the drill if there is only one decision event."""
    log = [
        entry(1, "message", "customer", client_message_id="m1", text="one"),
        entry(2, "triage", "bot", turn_id="c.1", message_seq=1),
        entry(3, "message", "bot", text="first"),
        entry(4, "message", "customer", client_message_id="m2", text="two"),
        entry(5, "triage", "bot", turn_id="c.1", message_seq=1),
        entry(6, "message", "bot", text="first"),
    ]
    assert {"doubled", "unanswered, by the log"} <= found(client_of(log), log)


def test_an_answer_to_another_message_is_no_answer() -> None:
    """A skipped message would count as answered by the bot's next message."""
    log = [
        entry(1, "message", "customer", client_message_id="m1", text="one"),
        entry(2, "message", "customer", client_message_id="m2", text="two"),
        entry(3, "triage", "bot", turn_id="c.2", message_seq=2),
        entry(4, "message", "bot", text="second"),
    ]
    breaches, _ = audit([client_of(log)], {ID: log}, [], [], LONGEST_WAIT, NOW, PEOPLE)
    assert {(breach.bar, breach.seq) for breach in breaches if "by the log" in breach.bar} == {("unanswered, by the log", 1)}


def test_pieces_that_were_answered_as_one_are_answered() -> None:
    """A customer who writes in pieces would fail the drill, or one whose first piece was skipped would pass it."""
    log = [
        entry(1, "message", "customer", client_message_id="m1", text="one"),
        entry(2, "message", "customer", client_message_id="m2", text="two"),
        entry(3, "triage", "bot", turn_id="c.2", message_seq=2, first_seq=1),
        entry(4, "message", "bot", text="both"),
    ]
    assert found(client_of(log), log) == set()
    assert found(client_of(log), changed(log, 3, first_seq=2)) == {
        "unanswered, by the log",
        "unanswered, as the customer saw it",
    }


def test_a_customer_who_is_back_in_the_queue_hears_no_bot() -> None:
    """A bot that keeps writing after an undone cancel would pass the drill."""
    log = [
        entry(1, "handoff_requested", "customer", reason="dispute", priority="normal"),
        entry(2, "cancelled", "customer"),
        entry(3, "cancel_undone", "customer", reason="dispute", priority="normal"),
        entry(4, "message", text="you wait again"),
    ]
    assert found(client_of(log), log) == set()
    spoken = [*log, entry(5, "triage", "bot", turn_id="c.1", message_seq=1), entry(6, "message", "bot", text="?")]
    assert found(client_of(spoken), spoken) == {"bot after handoff"}


def tabs(*second: Send) -> set[str]:
    """The breached bars when another tab of the good conversation sent a message."""
    log = good_log()
    tab = dataclasses.replace(client_of(log), sends=list(second))
    breaches, _ = audit([client_of(log), tab], {ID: log}, [], [], LONGEST_WAIT, NOW, PEOPLE)
    return {breach.bar for breach in breaches}


@pytest.mark.parametrize(
    ("second", "broken"),
    [
        (Send("m1", "one", None, 1.0, 1, 1.2, 200, 1, repeats=True), set()),
        (Send("m1", "one", None, 1.0, 1, 1.2, 201, 1, repeats=True), {"doubled"}),
        (Send("m1", "one", None, 1.0, 1, 1.2, 200, 5, repeats=True), {"doubled"}),
    ],
)
def test_one_message_sent_by_two_tabs_at_once_is_one(second: Send, broken: set[str]) -> None:
    """A message stored once per tab would pass the drill."""
    assert tabs(second) == broken


def test_each_tab_must_be_shown_everything() -> None:
    """A second tab that stays empty would pass the drill, because the first one received everything."""
    log = good_log()
    tab = dataclasses.replace(client_of(log), sends=[])
    del tab.seen[3]
    breaches, _ = audit([client_of(log), tab], {ID: log}, [], [], LONGEST_WAIT, NOW, PEOPLE)
    assert [breach.bar for breach in breaches] == ["lost"]


def test_messages_under_way_at_once_may_be_stored_in_any_order() -> None:
    """A customer who presses Enter twice would fail the drill."""
    log = [
        entry(1, "message", "customer", client_message_id="m2", text="two"),
        entry(2, "message", "customer", client_message_id="m1", text="one"),
        entry(3, "triage", "bot", turn_id="c.2", message_seq=2, first_seq=1),
        entry(4, "message", "bot", text="both"),
    ]
    client = client_of(log)
    client.sends.sort(key=lambda send: send.message_id)
    client.sends[1] = dataclasses.replace(client.sends[1], sent_at=2.0, acknowledged_at=2.05)
    assert found(client, log) == set()
    client.sends[1] = dataclasses.replace(client.sends[1], sent_at=2.2, acknowledged_at=2.3)
    assert found(client, log) == {"out of order"}


def test_what_an_agent_had_needs_no_answer_of_the_bot() -> None:
    """Slow agents would fail the drill."""
    log = [*good_log()[:9], entry(10, "message", "customer", client_message_id="m3", text="hello?")]
    assert found(client_of(log), log) == set()


def break_client(how: str) -> Client:
    """A client whose acknowledgements or events differ from the log."""
    client = client_of(good_log())
    if how == "never acknowledged":
        client.sends.append(Send("m4", "four", None, 20, 9))
    elif how == "never shown":
        del client.seen[3]
    elif how == "shown, not in the log":
        client.seen.append(Seen(30, 19, "message", "bot"))
    elif how == "shown twice":
        client.seen.append(dataclasses.replace(client.seen[0], at=30))
    elif how == "shown in the wrong order":
        client.seen[2], client.seen[3] = client.seen[3], client.seen[2]
    elif how == "acknowledged in the wrong order":
        client.sends[0] = dataclasses.replace(client.sends[0], sent_at=20, acknowledged_at=20.1)
    elif how == "an old id got a new number":
        client.sends.append(Send("m1", "one", None, 20, 1, 20.1, 200, 5, repeats=True))
    elif how == "an old id was stored again":
        client.sends.append(Send("m1", "one", None, 20, 1, 20.1, 201, 1, repeats=True))
    elif how == "shown late":
        client.seen[-1] = dataclasses.replace(client.seen[-1], at=40)
    elif how == "left in vain":
        client.seen[-1] = dataclasses.replace(client.seen[-1], at=90)
        client.left_at = 60
    return client


BROKEN_CLIENTS = {
    "never acknowledged": "lost",
    "never shown": "lost",
    "shown, not in the log": "lost",
    "shown twice": "doubled",
    "shown in the wrong order": "out of order",
    "acknowledged in the wrong order": "out of order",
    "an old id got a new number": "doubled",
    "an old id was stored again": "doubled",
    "shown late": "unanswered, as the customer saw it",
    "left in vain": "unanswered, as the customer saw it",
}


@pytest.mark.parametrize("how", BROKEN_CLIENTS)
def test_what_a_client_missed_is_found(how: str) -> None:
    """Messages that customers missed, or got twice, would pass the drill as long as the log is right."""
    assert found(break_client(how), good_log()) == {BROKEN_CLIENTS[how]}


def test_a_bot_message_that_a_client_saw_after_the_handoff_is_found() -> None:
    """A bot that keeps writing would pass the drill if only the log is right."""
    client = client_of(good_log())
    client.seen = [dataclasses.replace(s, by="bot") if s.seq == 8 else s for s in client.seen]
    assert found(client, good_log()) == {"bot after handoff"}


@pytest.mark.parametrize(
    ("claim", "broken"),
    [
        (Claim(ID, "Lin", 8.9, 9.2), set()),
        (Claim(ID, "Zhou", 11.5, 12.5), set()),
        (Claim(ID, "Lin", 1.0, 9.2), set()),  # a repeated claim by the same agent
        (Claim(ID, "Zhou", 8.9, 9.2), {"claimed twice"}),
        (Claim(ID, "Chen", 8.9, 9.2), {"claimed twice"}),
    ],
)
def test_a_claim_granted_to_two_is_found(claim: Claim, broken: set[str]) -> None:
    """Two agents would both believe that they have the conversation."""
    assert found(client_of(good_log()), good_log(), claims=[claim]) == broken


def test_a_lost_message_of_an_agent_is_found() -> None:
    """An agent's acknowledged but lost message would pass the drill."""
    sends = [AgentSend(ID, "Lin", Send("a9", "lost words", None, 10, 1, 10.5, 201, 11))]
    assert found(client_of(good_log()), good_log(), sends=sends) == {"lost"}


def test_waits_count_from_the_acknowledgement_to_the_first_word() -> None:
    """The longest wait would be another figure than documented."""
    waited = waits(client_of(good_log()), good_log())
    assert [(wait.seq, round(wait.seconds, 1), wait.is_over) for wait in waited] == [
        (1, 2.4, True),
        (5, 2.4, True),
        (16, 2.4, True),
    ]


def test_faults_during_a_wait_are_those_that_overlap_it() -> None:
    """The table would blame a fault that had nothing to do with the wait."""
    faults = [Fault("a", "x", 1, 2), Fault("b", "y", 3, 6), Fault("c", "z", 5), Fault("d", "w", 9, 10)]
    assert faults_during(faults, 4, 3) == ["b (y)", "c (z)"]


def test_a_turn_that_failed_beside_a_well_bot_is_counted() -> None:
    """A pool that does not ask the other bot would look like one that has no other."""
    log = [entry(1, "message", "customer"), entry(2, "bot_failed", at=100.0, turn_id="c.1", code="bot_too_slow")]
    one, both = Fault("bot killed", "bot-1", 90, 105), Fault("all bots killed", "bot-1, bot-2", 90, 105)
    other = Fault("bot hangs", "bot-2", 95, 99)
    assert [each["seq"] for each in needless_failures({ID: log}, [one], 2, LONGEST_WAIT)] == [2]
    assert needless_failures({ID: log}, [both], 2, LONGEST_WAIT) == []
    assert needless_failures({ID: log}, [one, other], 2, LONGEST_WAIT) == []


def test_breaches_name_the_conversation_and_the_place() -> None:
    """Nobody could look up the drill's complaint."""
    breaches, _ = audit([client_of(good_log())], {ID: without(good_log(), 18)}, [], [], LONGEST_WAIT, NOW, PEOPLE)
    assert Breach("lost", ID, 18, "shown, and not in the log") in breaches


def test_the_internal_events_are_those_of_the_documentation() -> None:
    """The drill would miss an event that customers never got, or miss one that they must not get, when a type is added."""
    page = Path(__file__).parents[2] / "docs" / "conversation.md"
    rows = [line.split(" | ") for line in page.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    kinds = {row[0].strip("| `"): row[-2] for row in rows if len(row) == 5 and row[1].isdigit()}
    assert kinds["message"] == "all"
    assert {name for name, readers in kinds.items() if readers == "internal"} == INTERNAL
