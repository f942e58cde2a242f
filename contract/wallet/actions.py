"""What the wallet can be asked to do for a customer, and what became of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Optional

from contract.errors import ContractError
from contract.values import Check, is_none_or, is_object
from contract.wallet.values import (
    as_text,
    check_subject,
    is_id,
    is_id_or_none,
    is_one_of,
    is_reason,
    is_time,
    read_fields,
    time_of,
)

#: What a customer may ask for in an emergency.
FIRST_AID_ACTIONS = (
    "freeze_payments", "report_card_lost", "sign_out_devices", "recall_transfer", "block_payee", "stop_password_free",
)  # fmt: skip
#: The reversal of an action, by the action. Only a person of the desk may ask for a reversal.
REVERSALS: Mapping[str, str] = {
    "freeze_payments": "unfreeze_payments",
    "report_card_lost": "reactivate_card",
    "block_payee": "unblock_payee",
    "stop_password_free": "allow_password_free",
}
ACTIONS = (*FIRST_AID_ACTIONS, *REVERSALS.values())
#: `pending`: accepted, and the result comes later. `impossible`: `why` tells the reason. `unknown`: nobody can tell.
ACTION_STATES = ("done", "pending", "impossible", "unknown")

_RESULT: dict[str, Check] = {
    "key": is_id,
    "action": is_one_of(ACTIONS),
    "state": is_one_of(ACTION_STATES),
    "at": is_time,
    "why": is_none_or(is_object),
}


@dataclass(frozen=True)
class Action:
    """A request to the wallet to act. The same key is the same action, which the wallet does once.

    `transaction`: for recall_transfer; `payee`: for block_payee; `card`: for report_card_lost, None for all cards.
    """

    action: str
    key: str
    transaction: Optional[str] = None
    payee: Optional[str] = None
    card: Optional[str] = None

    @classmethod
    def from_json(cls, data: Any) -> Action:
        """Raises ContractError."""
        checks = {
            "action": is_one_of(ACTIONS),
            "key": is_id,
            **dict.fromkeys(("transaction", "payee", "card"), is_id_or_none),
        }
        return cls(**read_fields(data, checks, "action"))

    def as_json(self) -> dict[str, Any]:
        """JSON types only; only the fields that are there."""
        fields = {
            "action": self.action,
            "key": self.key,
            "transaction": self.transaction,
            "payee": self.payee,
            "card": self.card,
        }
        return {name: value for name, value in fields.items() if value is not None}


@dataclass(frozen=True)
class Why:
    """The reason for a result: a stable code, and a text in both languages."""

    code: str
    zh: str
    en: str

    @classmethod
    def from_json(cls, data: Any) -> Why:
        """Raises ContractError."""
        return cls(**read_fields(data, {"code": is_id, "zh": is_reason, "en": is_reason}, "why"))

    def as_json(self) -> dict[str, str]:
        """JSON types only."""
        return {"code": self.code, "zh": self.zh, "en": self.en}


@dataclass(frozen=True)
class ActionResult:
    """What became of an action. `state`: one of `ACTION_STATES`. `at`: when the wallet decided it, aware."""

    key: str
    action: str
    state: str
    at: dt.datetime
    why: Optional[Why] = None

    @classmethod
    def from_json(cls, data: Any, subject: str, key: str, action: Optional[str] = None) -> ActionResult:
        """Raises ContractError, also for the result of another key or action."""
        check_subject(data, subject)
        fields = read_fields(data, _RESULT, "result")
        if fields["key"] != key or (action is not None and fields["action"] != action):
            raise ContractError(["key", "action"])
        why = Why.from_json(fields.pop("why")) if "why" in fields else None
        return cls(**{**fields, "at": time_of(fields["at"])}, why=why)

    def as_json(self) -> dict[str, Any]:
        """JSON types only, without the subject."""
        why = self.why.as_json() if self.why else None
        return {"key": self.key, "action": self.action, "state": self.state, "why": why, "at": as_text(self.at)}
