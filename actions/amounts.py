"""The amounts of money in a message, as figures that the rules compare."""

from __future__ import annotations

from typing import Any, List, Mapping, Optional, Sequence, Tuple


def largest_amount_cny(entities: Sequence[Mapping[str, Any]], rates: Mapping[str, float]) -> Optional[float]:
    """The largest single amount among the entities, in CNY; None if no amount is in a currency with a rate."""
    amounts = [number * rates[currency] for number, currency in _amounts(entities) if currency in rates]
    return round(max(amounts), 2) if amounts else None


def largest_unrated_amount(entities: Sequence[Mapping[str, Any]], rates: Mapping[str, float]) -> Optional[float]:
    """The largest number among the amounts in currencies without a rate; None if there is no such amount."""
    return max((number for number, currency in _amounts(entities) if currency not in rates), default=None)


def longest_amount(entities: Sequence[Mapping[str, Any]]) -> Optional[int]:
    """The number of characters of the longest amount among the entities; None if there is no amount."""
    return max((entity["end"] - entity["start"] for entity in entities if entity["entity"] == "amount"), default=None)


def _amounts(entities: Sequence[Mapping[str, Any]]) -> List[Tuple[float, str]]:
    found = [entity["value"] for entity in entities if entity["entity"] == "amount"]
    return [(float(value["number"]), value["currency"]) for value in found]
