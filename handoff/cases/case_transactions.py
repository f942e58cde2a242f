"""Which transactions a case is about, and what is known of each.

From look-ups, the customer's choice, first aid, and agents. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from contract.lookup import FOUND, is_lookup
from handoff.conversations.care.case_values import CaseFile
from handoff.conversations.events import Event, Triage

Json = dict[str, Any]
#: First-aid actions whose target is a transaction.
_OF_TRANSACTIONS = ("recall_transfer",)
_UNKNOWN = "unknown"


@dataclass(frozen=True)
class _Mention:
    """One place of the log that names a transaction. `is_meant`: the case is about it; else it was only offered as a button."""

    id: str
    source: Json
    facts: Mapping[str, Any]
    is_meant: bool = True


def transactions_of(case: CaseFile, events: Sequence[Event]) -> list[Json]:
    """The transactions in the order in which they came up.

    Each has the wallet's fields as far as they are known, `authorised` ("yes", "no", "unknown": what was entered), and
    `known_from`: where it was named, by whom, with which assurance.
    """
    mentions = [mention for event in events if event.seq >= case.t0_seq for mention in _mentions(event)]
    mentions += [_Mention(id_, {"how": "agent"}, {}) for id_ in case.values("transaction")]
    known: dict[str, Json] = {}
    for mention in mentions:
        known[mention.id] = {**known.get(mention.id, {}), **mention.facts}
    meant = dict.fromkeys(mention.id for mention in mentions if mention.is_meant)
    said = {fact.name: fact.value for fact in case.facts}
    return [
        {
            **known[id_],
            "id": id_,
            "authorised": said.get(f"authorised:{id_}") or said.get("authorised", _UNKNOWN),
            "known_from": [mention.source for mention in mentions if mention.id == id_ and mention.is_meant],
        }
        for id_ in meant
    ]


def _mentions(event: Event) -> Iterator[_Mention]:
    if isinstance(event.body, Triage):
        yield from _of_lookup(event, event.body.decision.get("lookup"))
        return
    body = event.as_json(for_customer=False)
    source = {"seq": event.seq, "at": event.at.isoformat()}
    if event.type == "intake_answered" and isinstance(body.get("transaction"), Mapping):
        facts = body["transaction"]
        if isinstance(facts.get("id"), str):
            how = "customer" if body.get("by") == "customer" else "lookup"
            yield _Mention(facts["id"], {"how": how, "assurance": body.get("assurance"), **source}, facts)
    elif event.type == "first_aid_requested" and body.get("action") in _OF_TRANSACTIONS and body.get("target"):
        yield _Mention(body["target"], {"how": "first_aid", "action": body["action"], **source}, {})


def _of_lookup(event: Event, lookup: Any) -> Iterator[_Mention]:
    if not is_lookup(lookup):
        return
    facts, is_found = lookup["facts"], lookup["state"] == FOUND
    several = facts.get("transactions")
    source = {"how": "lookup", "assurance": lookup["assurance"], "seq": event.seq, "at": event.at.isoformat()}
    for entry in several if isinstance(several, list) else [facts.get("transaction")]:
        if isinstance(entry, Mapping) and isinstance(entry.get("id"), str):
            yield _Mention(entry["id"], source, entry, is_found)
