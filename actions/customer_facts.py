"""The customer's own facts as a decision holds them: JSON, with the names of people masked as wallets show them."""

from __future__ import annotations

import re
from typing import Any, Dict

from contract.wallet import Refund, Transaction, as_text

_CHINESE_NAME = re.compile(r"[一-鿿·]{1,15}")


def masked_name(name: str, kind: str = "person") -> str:
    """A name as wallets show it: 李* for 李雷, "A*** B***" for Alice Brown. Merchants and banks are shown in full."""
    if kind != "person":
        return name
    if _CHINESE_NAME.fullmatch(name):
        return f"{name[0]}*"
    return " ".join(f"{word[0]}***" for word in name.split())


def transaction_facts(transaction: Transaction) -> Dict[str, Any]:
    """What of a transaction an answer may show."""
    return {
        "id": transaction.id,
        "kind": transaction.kind,
        "direction": transaction.direction,
        "amount": f"{transaction.amount:.2f}",
        "currency": transaction.currency,
        "name": masked_name(transaction.counterparty, transaction.counterparty_kind),
        "status": transaction.status,
        "at": as_text(transaction.at),
        "expected_at": as_text(transaction.expected_at) if transaction.expected_at else None,
    }


def refund_facts(refund: Refund) -> Dict[str, Any]:
    """What of a refund an answer may show."""
    return {
        "id": refund.id,
        "amount": f"{refund.amount:.2f}",
        "currency": refund.currency,
        "name": refund.merchant,
        "status": refund.status,
        "at": as_text(refund.at),
        "expected_at": as_text(refund.expected_at) if refund.expected_at else None,
    }
