"""A look-up: what the bot asked the wallet's own systems about a signed-in customer, and what it found.

It is part of the decision, so the log tells which facts an answer was made of, and a replay feeds them back: the wallet may say
something else by then.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from contract.errors import ContractError
from contract.values import Check, is_name, is_object, is_storable, is_whole_number

#: The look-ups that an article may name.
TRANSACTION_STATUS = "transaction_status"
LOOKUPS = (TRANSACTION_STATUS, "refund_status", "coupon_status", "points", "limits", "account_standing")
#: `several`: the customer must say which one; `none`: there is nothing to tell; `away`: the wallet gave no usable answer;
#: `refused`: the assurance is too low, and the wallet was not asked.
FOUND, SEVERAL, NONE, AWAY, REFUSED = STATES = ("found", "several", "none", "away", "refused")
#: What the bot asks after `several`, and the prefix of a transaction's button; the id follows.
ASKS_TRANSACTION = "transaction"
CHOICE_TRANSACTION = "transaction:"


@dataclass(frozen=True)
class Lookup:
    """One look-up. `assurance`: what counted when it was made; `needs`: what it needs; `at`: when, ISO 8601 in UTC.

    `facts`: by the name of the look-up (docs/wallet.md), names of people masked. `why`: the code of the failure, for `away`.
    """

    name: str
    state: str
    subject: str
    assurance: int
    needs: int
    at: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    why: str | None = None

    @classmethod
    def from_json(cls, data: Any) -> Lookup:
        """Raises ContractError."""
        if not is_lookup(data):
            raise ContractError(["lookup"])
        return cls(**{each.name: data[each.name] for each in dataclasses.fields(cls) if each.name in data})

    def as_json(self) -> dict[str, Any]:
        """JSON types only; every field."""
        return {**dataclasses.asdict(self), "facts": dict(self.facts)}


_MOST_ASSURANCE = 3
_CHECKS: Mapping[str, Check] = {
    "name": is_name,
    "state": lambda value: value in STATES,
    "subject": is_name,
    "assurance": lambda value: is_whole_number(value, _MOST_ASSURANCE),
    "needs": lambda value: is_whole_number(value, _MOST_ASSURANCE),
    "at": is_name,
    "facts": is_object,
    "why": lambda value: value is None or is_name(value),
}


def is_lookup(value: Any) -> bool:
    """Whether a JSON value is a look-up. Its facts may be of a newer bot."""
    if not is_object(value) or not is_storable(value):
        return False
    return all(check(value.get(name, {} if name == "facts" else None)) for name, check in _CHECKS.items())


def offered_transactions(lookup: Any) -> tuple[str, ...]:
    """The ids of the transactions that were offered as buttons, of a logged look-up."""
    if not is_lookup(lookup) or lookup["state"] != SEVERAL:
        return ()
    offered = lookup["facts"].get("transactions")
    ids = [each.get("id") for each in offered if isinstance(each, Mapping)] if isinstance(offered, list) else []
    return tuple(str(each) for each in ids if is_name(each))
