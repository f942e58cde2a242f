"""Movements of a customer's money as the wallet tells them: transactions and refunds."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Optional

from contract.errors import ContractError
from contract.values import Check, is_none_or
from contract.wallet.values import (
    as_text,
    check_subject,
    is_amount,
    is_currency,
    is_id,
    is_id_or_none,
    is_one_of,
    is_time,
    is_time_or_none,
    is_words,
    is_words_or_none,
    read_fields,
    read_list,
    time_of,
)

KINDS = ("transfer", "payment", "top_up", "withdrawal", "refund")
DIRECTIONS = ("out", "in")
#: `recalled`: the money came back because the customer asked for it; `returned`: because the bank rejected it.
STATUSES = ("processing", "with_bank", "succeeded", "failed", "returned", "recalled")
#: Statuses of a transaction that is not over.
UNDER_WAY = frozenset({"processing", "with_bank"})
AUTHENTICATIONS = ("password", "face", "password_free", "none")
COUNTERPARTY_KINDS = ("person", "merchant", "bank")
REFUND_STATUSES = ("requested", "approved", "with_bank", "succeeded", "rejected")

_TRANSACTION: dict[str, Check] = {
    "id": is_id,
    "kind": is_one_of(KINDS),
    "direction": is_one_of(DIRECTIONS),
    "amount": is_amount,
    "currency": is_currency,
    "counterparty": is_words,
    "counterparty_kind": is_none_or(is_one_of(COUNTERPARTY_KINDS)),
    "payee_id": is_id_or_none,
    "status": is_one_of(STATUSES),
    "at": is_time,
    "expected_at": is_time_or_none,
    "authentication": is_one_of(AUTHENTICATIONS),
    "rail": is_words_or_none,
}
_REFUND: dict[str, Check] = {
    "id": is_id,
    "transaction": is_id_or_none,
    "amount": is_amount,
    "currency": is_currency,
    "merchant": is_words,
    "status": is_one_of(REFUND_STATUSES),
    "at": is_time,
    "expected_at": is_time_or_none,
    "to": is_words_or_none,
}


@dataclass(frozen=True)
class Transaction:
    """One movement of money. Times are aware; `amount` is positive, in `currency`.

    `counterparty`: the other side's name, unmasked: it is masked where it is shown. `authentication`: how the customer allowed
    it. `rail`: the network that moves the money, a word of the wallet's.
    """

    id: str
    kind: str
    direction: str
    amount: Decimal
    currency: str
    counterparty: str
    status: str
    at: dt.datetime
    authentication: str
    payee_id: Optional[str] = None
    expected_at: Optional[dt.datetime] = None
    rail: Optional[str] = None
    counterparty_kind: str = "person"

    @property
    def is_under_way(self) -> bool:
        """Whether the money is neither there nor back."""
        return self.status in UNDER_WAY

    @classmethod
    def from_json(cls, data: Any) -> Transaction:
        """Raises ContractError."""
        fields = read_fields(data, _TRANSACTION, "transactions")
        fields.update(amount=Decimal(fields["amount"]), at=time_of(fields["at"]))
        if "expected_at" in fields:
            fields["expected_at"] = time_of(fields["expected_at"])
        return cls(**fields)

    def as_json(self) -> dict[str, Any]:
        """JSON types only; every field."""
        return {
            "id": self.id,
            "kind": self.kind,
            "direction": self.direction,
            "amount": f"{self.amount:.2f}",
            "currency": self.currency,
            "counterparty": self.counterparty,
            "counterparty_kind": self.counterparty_kind,
            "payee_id": self.payee_id,
            "status": self.status,
            "at": as_text(self.at),
            "expected_at": as_text(self.expected_at) if self.expected_at else None,
            "authentication": self.authentication,
            "rail": self.rail,
        }


@dataclass(frozen=True)
class Refund:
    """Money that a merchant gives back. `transaction`: the payment's id. `to`: where the money goes, a word of the wallet's."""

    id: str
    amount: Decimal
    currency: str
    merchant: str
    status: str
    at: dt.datetime
    transaction: Optional[str] = None
    expected_at: Optional[dt.datetime] = None
    to: Optional[str] = None

    @classmethod
    def from_json(cls, data: Any) -> Refund:
        """Raises ContractError."""
        fields = read_fields(data, _REFUND, "refunds")
        fields.update(amount=Decimal(fields["amount"]), at=time_of(fields["at"]))
        if "expected_at" in fields:
            fields["expected_at"] = time_of(fields["expected_at"])
        return cls(**fields)

    def as_json(self) -> dict[str, Any]:
        """JSON types only; every field."""
        return {
            "id": self.id,
            "transaction": self.transaction,
            "amount": f"{self.amount:.2f}",
            "currency": self.currency,
            "merchant": self.merchant,
            "status": self.status,
            "at": as_text(self.at),
            "expected_at": as_text(self.expected_at) if self.expected_at else None,
            "to": self.to,
        }


def read_transactions(data: Any, subject: str) -> tuple[Transaction, ...]:
    """The body of `GET .../transactions`. Raises ContractError, also for two transactions with one id."""
    check_subject(data, subject)
    found = read_list(data.get("transactions"), Transaction.from_json, "transactions")
    if len({transaction.id for transaction in found}) != len(found):
        raise ContractError(["transactions"])
    return found


def read_transaction(data: Any, subject: str, transaction: str) -> Transaction:
    """The body of `GET .../transactions/{id}`. Raises ContractError, also for another transaction."""
    check_subject(data, subject)
    found = Transaction.from_json(data)
    if found.id != transaction:
        raise ContractError(["id"])
    return found


def read_refunds(data: Any, subject: str) -> tuple[Refund, ...]:
    """The body of `GET .../refunds`. Raises ContractError."""
    check_subject(data, subject)
    return read_list(data.get("refunds"), Refund.from_json, "refunds")
