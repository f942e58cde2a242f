"""The audit of signed-in customers: first aid against the wallet's books, and whose identity and transactions were used."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from tests.drill.records import Client, Deed, Entry, Place
from tests.drill.replay import Breach

BARS = (
    "first aid done twice",
    "first aid done without an order",
    "first aid differs from the wallet's books",
    "first aid without an end or a person",
    "identity or transaction of somebody else",
)
TWICE, WITHOUT_ORDER, DIFFERS, NO_END, SOMEBODY_ELSE = BARS
#: The states in which the wallet acted, or asked a bank to act.
_ACTED = frozenset({"done", "pending"})
#: The states after which nothing more comes.
_UNSETTLED = frozenset({"requested", "unknown"})
_WORDS = re.compile(r"\w+", re.ASCII)


@dataclass
class Books:
    """The wallet's own records. `owner_of`: the customer of each transaction and refund."""

    deeds: list[Deed] = field(default_factory=list)
    owner_of: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class LoggedOrder:
    """One order of the log, and the last that is known of it. `ended_seq`: of the event with that."""

    seq: int
    action: str
    key: str
    wallet_key: str
    subject: str
    target: str | None
    state: str = "requested"
    ended_seq: int = 0


def orders_of(log: list[Entry]) -> dict[str, LoggedOrder]:
    """The orders of a log by the requester's key."""
    found: dict[str, LoggedOrder] = {}
    for event in log:
        if event.type == "first_aid_requested":
            data = event.data
            found[data["key"]] = LoggedOrder(
                event.seq, data["action"], data["key"], data["wallet_key"], data["subject"], data.get("target")
            )
        elif event.type == "first_aid_result":
            key = event.data["key"]
            found[key] = replace(found[key], state=event.data["state"], ended_seq=event.seq)
    return found


def unsettled(logs: dict[str, list[Entry]]) -> int:
    """Orders of which it is not known what became of them."""
    return sum(order.state in _UNSETTLED for log in logs.values() for order in orders_of(log).values())


def check_aid(clients: list[Client], logs: dict[str, list[Entry]], books: Books, places: dict[str, Place]) -> Iterator[Breach]:
    """All rules for all conversations. A conversation of several tabs has several clients."""
    deeds = {deed.key: deed for deed in books.deeds}
    yield from _check_books(logs, books)
    for conversation, log in logs.items():
        tabs = [client for client in clients if client.conversation == conversation]
        subject = next((tab.subject for tab in tabs if tab.subject), None)
        yield from _check_orders(conversation, log, deeds, places.get(conversation))
        yield from _check_answers(conversation, tabs, log, deeds)
        yield from _check_subject(conversation, log, subject, books.owner_of)


def _check_books(logs: dict[str, list[Entry]], books: Books) -> Iterator[Breach]:
    """Everything that the wallet did was ordered, and done once for each customer, action and target of a conversation."""
    ordered = {
        order.wallet_key: (conversation, order) for conversation, log in logs.items() for order in orders_of(log).values()
    }
    times: Counter[tuple[str, str, str | None]] = Counter()
    for deed in books.deeds:
        conversation, order = ordered.get(deed.key, ("", None))
        if order is None or (order.subject, order.action) != (deed.subject, deed.action):
            yield Breach(WITHOUT_ORDER, conversation, None, f"{deed.action} for {deed.subject}, which no log ordered")
        elif deed.state in _ACTED:
            times[conversation, deed.action, deed.target] += 1
    for (conversation, action, target), count in times.items():
        if count > 1:
            yield Breach(TWICE, conversation, None, f"{action} of {target or 'the account'} was done {count} times")


def _check_orders(conversation: str, log: list[Entry], deeds: dict[str, Deed], place: Place | None) -> Iterator[Breach]:
    """What the log calls done is done; what has no end has a person, who has it or let it go after the news."""
    for event in log:
        if event.type == "first_aid_result" and event.data["state"] in _ACTED:
            order = orders_of(log)[event.data["key"]]
            yield from _compare(conversation, event.seq, order, event.data["state"], deeds)
    for order in orders_of(log).values():
        deed = deeds.get(order.wallet_key)
        if order.state == "impossible" and deed is not None and deed.state in _ACTED:
            yield Breach(DIFFERS, conversation, order.seq, f"{order.action} was called impossible; the wallet: {deed.state}")
        if order.state not in _UNSETTLED:
            continue
        has_person = place is not None and place.status in ("queued", "assigned")
        was_seen = any(e.seq > order.ended_seq > 0 and e.type in ("resolved", "returned") and e.by == "agent" for e in log)
        if order.state == "requested" or not (has_person or was_seen):
            yield Breach(NO_END, conversation, order.seq, f"{order.action} is {order.state}")


def _compare(conversation: str, seq: int | None, order: LoggedOrder, state: str, deeds: dict[str, Deed]) -> Iterator[Breach]:
    deed = deeds.get(order.wallet_key)
    if deed is None or deed.state not in _ACTED or (state == "done" and deed.state != "done"):
        known = deed.state if deed else "never got it"
        yield Breach(DIFFERS, conversation, seq, f"{order.action} was called {state}; the wallet: {known}")


def _check_answers(conversation: str, tabs: list[Client], log: list[Entry], deeds: dict[str, Deed]) -> Iterator[Breach]:
    """Each request has an answer and an order, its own or the one that it repeats; `done` is answered only for what is done."""
    orders = orders_of(log)
    for asked in (each for tab in tabs for each in tab.aid):
        if asked.refused is not None:
            continue
        # A request that repeats another order has no order under its own key.
        own = orders.get(f"customer:{asked.key}")
        meant = [own] if own else [order for order in orders.values() if order.action == asked.action]
        if asked.state is None or not meant:
            yield Breach(NO_END, conversation, None, f"{asked.action} was answered {asked.state}, and the log has no order")
        elif asked.state in _ACTED and all(any(_compare(conversation, None, each, asked.state, deeds)) for each in meant):
            yield Breach(DIFFERS, conversation, meant[0].seq, f"{asked.action} was answered {asked.state}")


def _check_subject(conversation: str, log: list[Entry], subject: str | None, owner_of: dict[str, str]) -> Iterator[Breach]:
    """Every identity in a log is its customer's, and every transaction in it is that identity's."""
    for event in log:
        if event.type == "message" and event.by == "customer":
            continue  # a customer may write anything
        for used in _subjects(event):
            if used != subject:
                yield Breach(SOMEBODY_ELSE, conversation, event.seq, f"{event.type} for {used}, the customer is {subject}")
        for word in set(_WORDS.findall(json.dumps(event.data, ensure_ascii=False))):
            if owner_of.get(word, subject) != subject:
                yield Breach(SOMEBODY_ELSE, conversation, event.seq, f"{event.type} with {word} of {owner_of[word]}")


def _subjects(event: Entry) -> list[str]:
    if event.type in ("identified", "first_aid_requested"):
        return [event.data["subject"]]
    lookup: dict[str, Any] = (event.data.get("decision") or {}).get("lookup") or {}
    return [lookup["subject"]] if event.type == "triage" and lookup else []


def figures(clients: list[Client], logs: dict[str, list[Entry]], books: Books) -> dict[str, Any]:
    """What happened, for the report."""
    lookups = [
        event.data["decision"]["lookup"]["state"]
        for log in logs.values()
        for event in log
        if event.type == "triage" and (event.data.get("decision") or {}).get("lookup")
    ]
    asked = [each for client in clients for each in client.aid]
    return {
        "signed_in": len({client.conversation for client in clients if client.subject}),
        "lookups": dict(Counter(lookups)),
        "requests": len(asked),
        "requests_sent_more_than_once": sum(each.tries > 1 for each in asked),
        "answers": dict(Counter(str(each.refused or each.state) for each in asked)),
        "orders": dict(Counter(order.state for log in logs.values() for order in orders_of(log).values())),
        "results_unknown_at_first": sum(
            event.type == "first_aid_result" and event.data["state"] == "unknown" for log in logs.values() for event in log
        ),
        "in_the_wallets_books": len(books.deeds),
    }
