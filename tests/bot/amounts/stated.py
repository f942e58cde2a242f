"""The largest amount that a message states, for the tables of these tests."""

from __future__ import annotations

from decimal import Decimal

from bot.nlu.amounts import find_amounts
from language.normalization import normalize

RATES = {"EUR": Decimal("8.2"), "INR": Decimal("0.084")}


def largest_stated(message: str, form: str) -> Decimal | None:
    """The largest amount in CNY of a message, "as typed" or "normalised"; every currency of the tables must have a rate."""
    amounts = find_amounts(message if form == "as typed" else normalize(message), RATES)
    assert all(amount.cny is not None for amount in amounts), amounts
    return max((amount.cny for amount in amounts if amount.cny is not None), default=None)
