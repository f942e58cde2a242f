"""The audit of a drill: the database's log compared with everything that clients sent and saw. Pure functions on plain data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from tests.drill import people_audit
from tests.drill.neglect import NOBODY_HAS, check_neglect, check_places
from tests.drill.people_audit import People
from tests.drill.records import AgentSend, Claim, Client, Entry, Fault, Send
from tests.drill.replay import INTERNAL, OWNER_AFTER, Breach, Event, holdings, owners, pieces

#: The bars, in the order of the table.
BARS = (
    "lost",
    "doubled",
    "out of order",
    "bot after handoff",
    "unanswered, as the customer saw it",
    "unanswered, by the log",
    "claimed twice",
    "written by another than the owner",
    *people_audit.BARS,
    NOBODY_HAS,
)
LOST, DOUBLED, OUT_OF_ORDER, BOT_AFTER_HANDOFF, UNANSWERED_SEEN, UNANSWERED_LOGGED, CLAIMED_TWICE, WRONG_OWNER = BARS[:8]


@dataclass(frozen=True)
class Wait:
    """How long a customer of the bot waited for the first reply to a message, in seconds from the acknowledgement.

    `is_over`: whether the reply came; otherwise this is how long the client watched without one.
    """

    conversation: str
    seq: int
    began_at: float
    seconds: float
    is_over: bool


def turns_of_bot_messages(log: list[Entry]) -> dict[int, range | None]:
    """For each bot message its turn, i.e. the customer messages that it answers: it follows the decision directly."""
    found: dict[int, range | None] = {}
    turn: range | None = None
    for event in log:
        if event.type == "triage":
            turn = pieces(event)
        elif event.type == "message" and event.by == "bot":
            found[event.seq] = turn
        elif event.type != "feedback_recorded":
            turn = None
    return found


def first_words(log: list[Entry]) -> dict[int, Entry | None]:
    """For each customer message that the bot had to answer: the event that ended the wait.

    That is the bot's reply to this message, any handoff to or event of a person, or a message of the desk.
    """
    owed = [event.seq for owner, event in owners(log) if owner == "bot" and event.type == "message" and event.by == "customer"]
    turns = turns_of_bot_messages(log)

    def ends_wait(event: Entry, seq: int) -> bool:
        if event.type == "message":
            return event.by in ("agent", "system") or (event.by == "bot" and seq in (turns[event.seq] or ()))
        return event.type in OWNER_AFTER and event.type != "reopened"

    return {seq: next((e for e in log if e.seq > seq and ends_wait(e, seq)), None) for seq in owed}


def check_log(conversation: str, log: list[Entry], longest_wait: float, now: float) -> Iterator[Breach]:
    """The breaches that the log alone shows."""
    if [event.seq for event in log] != list(range(1, len(log) + 1)):
        yield Breach(OUT_OF_ORDER, conversation, None, "the log's sequence numbers have gaps")
    yield from _doubled_in_log(conversation, log)
    triaged = [event for event in log if event.type == "triage"]
    for earlier, later in pairwise(triaged):
        if later.data["message_seq"] < earlier.data["message_seq"]:
            yield Breach(OUT_OF_ORDER, conversation, later.seq, "a message was decided on after a later one")
    yield from _bot_after_handoff(conversation, log, "in the log")
    holder = ""
    for owner, event in owners(log):
        if event.type == "message" and event.by == "agent" and (owner != "agent" or event.name != holder):
            yield Breach(WRONG_OWNER, conversation, event.seq, f"written by {event.name} while {holder or owner} had it")
        if event.type == "assigned":
            holder = event.data["agent"]
        elif event.type in OWNER_AFTER:
            holder = ""
    at = {event.seq: event.at for event in log}
    for seq, word in first_words(log).items():
        seconds = (word.at if word else now) - at[seq]
        if seconds > longest_wait:
            what = f"{word.type} came after {seconds:.1f} s" if word else f"nothing came within {seconds:.1f} s"
            yield Breach(UNANSWERED_LOGGED, conversation, seq, what)


def _doubled_in_log(conversation: str, log: list[Entry]) -> Iterator[Breach]:
    ids = Counter((e.by, e.name, e.data["client_message_id"]) for e in log if "client_message_id" in e.data)
    for (by, _, _), count in ids.items():
        if count > 1:
            yield Breach(DOUBLED, conversation, None, f"a message of the {by} is in the log {count} times")
    for kind in ("triage", "bot_failed"):
        turns = Counter(event.data["turn_id"] for event in log if event.type == kind)
        for turn, count in turns.items():
            if count > 1:
                yield Breach(DOUBLED, conversation, int(turn.rpartition(".")[2]), f"{count} {kind} events for one message")
    # An answer's messages are adjacent; the same turn again after another event is a second answer.
    answered, running = set(), None
    for seq, turn in turns_of_bot_messages(log).items():
        if turn is None:
            yield Breach(DOUBLED, conversation, seq, "a bot message that belongs to no decision")
        elif turn != running and turn in answered:
            yield Breach(DOUBLED, conversation, seq, "a second answer to one message")
        running = turn
        answered.add(turn)
    for owner, event in owners(log):
        if event.type == "handoff_requested" and owner != "bot":
            yield Breach(DOUBLED, conversation, event.seq, f"handed over while the {owner} had it")


def _bot_after_handoff(conversation: str, log: Iterable[Event], where: str) -> Iterator[Breach]:
    for owner, event in owners(log):
        if event.type == "message" and event.by == "bot" and owner != "bot":
            yield Breach(BOT_AFTER_HANDOFF, conversation, event.seq, f"{where}: the bot spoke while the {owner} had it")


def check_client(client: Client, log: list[Entry]) -> Iterator[Breach]:
    """Acknowledgements to a customer and events shown to their client, compared with the log."""
    by_seq = {event.seq: event for event in log}
    for send in client.sends:
        if send.seq is None:
            if send.refused is None:
                yield Breach(LOST, client.conversation, None, f"never acknowledged in {send.tries} tries")
            continue
        if send.repeats:
            continue
        event = by_seq.get(send.seq)
        if event is None or event.by != "customer" or event.data.get("client_message_id") != send.message_id:
            yield Breach(LOST, client.conversation, send.seq, "acknowledged, and not in the log under this number")
        elif send.text is not None and event.data["text"] != send.text:
            yield Breach(LOST, client.conversation, send.seq, "in the log with another text")
        elif event.data.get("choice") != send.choice:
            yield Breach(LOST, client.conversation, send.seq, "in the log with another choice")
        # Messages in flight at the same time may be stored in any order.
        before = [s.seq for s in client.sends if s.seq and not s.repeats and (s.acknowledged_at or 0) < send.sent_at]
        if max(before, default=0) >= send.seq:
            yield Breach(
                OUT_OF_ORDER, client.conversation, send.seq, f"acknowledged after {max(before)}, which was sent earlier"
            )
    yield from _check_seen(client, log)


def check_message_ids(conversation: str, sends: list[Send]) -> Iterator[Breach]:
    """One message id is one message, in any tab and with any number of retries: one sequence number, stored once."""
    by_id: dict[str, list[Send]] = {}
    for send in sends:
        if send.seq is not None:
            by_id.setdefault(send.message_id, []).append(send)
    for alike in by_id.values():
        first = min(alike, key=lambda send: send.acknowledged_at or 0)
        for send in alike:
            # Of two requests in flight at once either may be first; a later one must be recognised as a repeat.
            is_later = send.repeats and send.sent_at > (first.acknowledged_at or 0)
            if send.seq != first.seq or (is_later and send.status != 200):
                yield Breach(DOUBLED, conversation, send.seq, f"an old message id was answered {send.status}, another seq")
        if sum(send.status == 201 for send in alike) > 1:
            yield Breach(DOUBLED, conversation, first.seq, "one message id was stored more than once")


def _check_seen(client: Client, log: list[Entry]) -> Iterator[Breach]:
    seen: set[int] = set()
    last = 0
    for frame in client.seen:
        if frame.seq in seen:
            yield Breach(DOUBLED, client.conversation, frame.seq, "shown twice to one client")
        elif frame.seq < last:
            yield Breach(OUT_OF_ORDER, client.conversation, frame.seq, f"shown after {last}")
        seen.add(frame.seq)
        last = max(last, frame.seq)
    for event in log:
        if event.type not in INTERNAL and event.seq not in seen:
            yield Breach(LOST, client.conversation, event.seq, f"{event.type} in the log, never shown")
    for frame in client.seen:
        if all(event.seq != frame.seq for event in log):
            yield Breach(LOST, client.conversation, frame.seq, "shown, and not in the log")
    yield from _bot_after_handoff(client.conversation, client.seen, "as the customer saw it")


def waits(client: Client, log: list[Entry]) -> list[Wait]:
    """How long the customer waited, measured by their client."""
    acknowledged = {s.seq: s.acknowledged_at for s in client.sends if s.seq is not None and not s.repeats}
    shown = {frame.seq: frame.at for frame in client.seen}
    left_at = client.left_at or float("inf")
    found = []
    for seq, word in first_words(log).items():
        began_at = acknowledged.get(seq)
        if began_at is None:
            continue
        came_at = shown.get(word.seq, float("inf")) if word else float("inf")
        # The answer can overtake the acknowledgement. Events read after the client left do not measure the wait.
        seconds = max(0.0, min(came_at, left_at) - began_at)
        found.append(Wait(client.conversation, seq, began_at, seconds, came_at <= left_at))
    return found


def check_waits(found: Iterable[Wait], longest_wait: float) -> Iterator[Breach]:
    """Customers who waited longer than the bar."""
    for wait in found:
        if wait.seconds > longest_wait:
            what = "the first word came" if wait.is_over else "no word, and the client left,"
            yield Breach(UNANSWERED_SEEN, wait.conversation, wait.seq, f"{what} after {wait.seconds:.1f} s")


def check_claims(claims: list[Claim], logs: dict[str, list[Entry]]) -> Iterator[Breach]:
    """Each successful claim must be an assignment in the log; two agents cannot both have had the same one."""
    for claim in claims:
        held = holdings(logs[claim.conversation], claim.name)
        if not any(since <= claim.answered_at and until >= claim.asked_at for since, until in held):
            yield Breach(CLAIMED_TWICE, claim.conversation, None, f"granted to {claim.name}, who did not have it then")


def check_agent_sends(sends: list[AgentSend], logs: dict[str, list[Entry]]) -> Iterator[Breach]:
    """Everything acknowledged to agents must be in the log."""
    for sent in sends:
        event = next((e for e in logs[sent.conversation] if e.seq == sent.send.seq), None)
        if event is None or event.name != sent.name or event.data.get("text") != sent.send.text:
            yield Breach(LOST, sent.conversation, sent.send.seq, "acknowledged to an agent, and not in the log")


def faults_during(faults: list[Fault], began_at: float, seconds: float) -> list[str]:
    """The faults in progress during a period."""
    return [
        f"{fault.kind} ({fault.target})"
        for fault in faults
        if fault.at <= began_at + seconds and (fault.over_at is None or fault.over_at >= began_at)
    ]


def needless_failures(logs: dict[str, list[Entry]], faults: list[Fault], bots: int, seconds: float) -> list[dict[str, object]]:
    """Failed turns although at least one bot was without a fault in the seconds before: avoidable failures."""
    found = []
    for conversation, log in logs.items():
        for event in log:
            if event.type == "bot_failed":
                hit = faults_during(faults, event.at - seconds, seconds)
                well = [i for i in range(1, bots + 1) if not any(f"bot-{i}" in each for each in hit)]
                if well:
                    found.append({"conversation": conversation, "seq": event.seq, "code": event.data["code"], "faults": hit})
    return found


def audit(
    clients: list[Client],
    logs: dict[str, list[Entry]],
    claims: list[Claim],
    agent_sends: list[AgentSend],
    longest_wait: float,
    now: float,
    people: People,
) -> tuple[list[Breach], list[Wait]]:
    """All breaches, and all waits. `longest_wait`: seconds within which a customer of the bot must have had a reply.

    A conversation may have several clients: its tabs.
    """
    breaches: list[Breach] = []
    all_waits: list[Wait] = []
    for conversation in dict.fromkeys(client.conversation for client in clients):
        log = logs.get(conversation, [])
        tabs = [client for client in clients if client.conversation == conversation]
        breaches += check_log(conversation, log, longest_wait, now)
        breaches += check_message_ids(conversation, [send for tab in tabs for send in tab.sends])
        breaches += people_audit.check_conversation(conversation, log, people)
        for tab in tabs:
            breaches += check_client(tab, log)
            found = waits(tab, log)
            breaches += check_waits(found, longest_wait)
            all_waits += found
    breaches += check_claims(claims, logs)
    breaches += check_agent_sends(agent_sends, logs)
    breaches += people_audit.check_vanished(people.vanished, logs, people.faults, now)
    breaches += check_neglect(people.photographs, people.faults)
    breaches += check_places(people.places, people.able)
    return breaches, all_waits
