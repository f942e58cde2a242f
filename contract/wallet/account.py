"""A customer's account as the wallet tells it: standing, cards, coupons, points and limits."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Optional

from contract.values import Check, is_flag, is_whole_number
from contract.wallet.values import (
    as_text,
    check_subject,
    is_amount,
    is_amount_or_none,
    is_currency,
    is_digits,
    is_id,
    is_one_of,
    is_time,
    is_time_or_none,
    is_words,
    read_fields,
    read_list,
    time_of,
)

STANDINGS = ("active", "restricted", "frozen")
CARD_STATES = ("active", "lost", "removed")
COUPON_STATES = ("usable", "used", "expired")
_MOST_DEVICES = 10_000
_MOST_POINTS = 10**12

_ACCOUNT: dict[str, Check] = {
    "standing": is_one_of(STANDINGS),
    "since": is_time,
    "name": is_words,
    "phone_last": is_digits,
    "password_free": is_flag,
    "devices": lambda value: is_whole_number(value, _MOST_DEVICES),
    "cards": lambda value: isinstance(value, list),
}
_COUPON: dict[str, Check] = {
    "id": is_id,
    "title": is_words,
    "amount": is_amount,
    "currency": is_currency,
    "state": is_one_of(COUPON_STATES),
    "expires_at": is_time,
    "least": is_amount_or_none,
}
_POINTS: dict[str, Check] = {
    "balance": lambda value: is_whole_number(value, _MOST_POINTS),
    "expiring": lambda value: is_whole_number(value, _MOST_POINTS),
    "expires_at": is_time_or_none,
}
_LIMITS: dict[str, Check] = {
    "currency": is_currency,
    **dict.fromkeys(("single", "daily", "daily_used"), is_amount),
    **dict.fromkeys(("monthly", "monthly_used"), is_amount_or_none),
}


@dataclass(frozen=True)
class Card:
    """A bank card that is bound to the wallet. `state`: one of `CARD_STATES`."""

    id: str
    last4: str
    bank: str
    state: str

    @classmethod
    def from_json(cls, data: Any) -> Card:
        """Raises ContractError."""
        checks = {"id": is_id, "last4": is_digits, "bank": is_words, "state": is_one_of(CARD_STATES)}
        return cls(**read_fields(data, checks, "cards"))

    def as_json(self) -> dict[str, Any]:
        """JSON types only."""
        return {"id": self.id, "last4": self.last4, "bank": self.bank, "state": self.state}


@dataclass(frozen=True)
class Account:
    """The standing of a customer. `since`: aware; `standing`: one of `STANDINGS`; `devices`: signed-in devices."""

    standing: str
    since: dt.datetime
    name: str
    phone_last: str
    password_free: bool
    devices: int
    cards: tuple[Card, ...]

    @classmethod
    def from_json(cls, data: Any, subject: str) -> Account:
        """Raises ContractError."""
        check_subject(data, subject)
        fields = read_fields(data, _ACCOUNT, "account")
        return cls(**{**fields, "since": time_of(fields["since"]), "cards": read_list(fields["cards"], Card.from_json)})

    def as_json(self) -> dict[str, Any]:
        """JSON types only, without the subject."""
        return {
            "standing": self.standing,
            "since": as_text(self.since),
            "name": self.name,
            "phone_last": self.phone_last,
            "password_free": self.password_free,
            "devices": self.devices,
            "cards": [card.as_json() for card in self.cards],
        }


@dataclass(frozen=True)
class Coupon:
    """A coupon. `least`: the smallest payment for which it counts. `state`: one of `COUPON_STATES`."""

    id: str
    title: str
    amount: Decimal
    currency: str
    state: str
    expires_at: dt.datetime
    least: Optional[Decimal] = None

    @classmethod
    def from_json(cls, data: Any) -> Coupon:
        """Raises ContractError."""
        fields = read_fields(data, _COUPON, "coupons")
        fields.update(amount=Decimal(fields["amount"]), expires_at=time_of(fields["expires_at"]))
        if "least" in fields:
            fields["least"] = Decimal(fields["least"])
        return cls(**fields)

    def as_json(self) -> dict[str, Any]:
        """JSON types only; every field."""
        return {
            "id": self.id,
            "title": self.title,
            "amount": f"{self.amount:.2f}",
            "currency": self.currency,
            "state": self.state,
            "expires_at": as_text(self.expires_at),
            "least": None if self.least is None else f"{self.least:.2f}",
        }


@dataclass(frozen=True)
class Points:
    """Points of a customer. `expiring`: how many of the balance expire at `expires_at`, which is None if none do."""

    balance: int
    expiring: int = 0
    expires_at: Optional[dt.datetime] = None

    @classmethod
    def from_json(cls, data: Any) -> Points:
        """Raises ContractError."""
        fields = read_fields(data, _POINTS, "points")
        if "expires_at" in fields:
            fields["expires_at"] = time_of(fields["expires_at"])
        return cls(**fields)

    def as_json(self) -> dict[str, Any]:
        """JSON types only; every field."""
        expires = as_text(self.expires_at) if self.expires_at else None
        return {"balance": self.balance, "expiring": self.expiring, "expires_at": expires}


@dataclass(frozen=True)
class Benefits:
    """Coupons and points: the wallet tells both in one answer."""

    coupons: tuple[Coupon, ...]
    points: Points

    @classmethod
    def from_json(cls, data: Any, subject: str) -> Benefits:
        """Raises ContractError."""
        check_subject(data, subject)
        return cls(read_list(data.get("coupons"), Coupon.from_json, "coupons"), Points.from_json(data.get("points")))


@dataclass(frozen=True)
class Limits:
    """How much a customer may pay: at once, and per day, of which `daily_used` is used today."""

    currency: str
    single: Decimal
    daily: Decimal
    daily_used: Decimal
    monthly: Optional[Decimal] = None
    monthly_used: Optional[Decimal] = None

    @classmethod
    def from_json(cls, data: Any, subject: str) -> Limits:
        """Raises ContractError."""
        check_subject(data, subject)
        fields = read_fields(data, _LIMITS, "limits")
        return cls(fields.pop("currency"), **{name: Decimal(value) for name, value in fields.items()})

    def as_json(self) -> dict[str, Any]:
        """JSON types only, without the subject."""
        amounts = {name: getattr(self, name) for name in ("single", "daily", "daily_used", "monthly", "monthly_used")}
        written = {name: None if amount is None else f"{amount:.2f}" for name, amount in amounts.items()}
        return {"currency": self.currency, **written}
