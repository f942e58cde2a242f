"""The bot's decision at the desk's door: which fields the desk reads later, and what type each must have.

A decision is logged as it came and read again in later turns, so one field of a wrong type would break every later turn of its
conversation. What comes in is checked once (`check_decision`); what older logs hold is read with `known_fields`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from typing import Any

from contract.priorities import PRIORITY_RANK

ROUTES = frozenset("answer escalate feedback chat reject clarify".split())

#: Characters of a name: an intent, a reason, a rule, an id.
NAME_LENGTH = 100
_LIST_LENGTH = 50
_DEPTH = 12
#: CNY. Above it an amount is a mistake, and a float no longer holds its cents.
_AMOUNT_LIMIT = 1e13


class BadDecisionError(Exception):
    """A decision that the desk cannot act on; `fields` are the names of those that are wrong."""

    def __init__(self, fields: Collection[str]) -> None:
        super().__init__(", ".join(fields))
        self.fields = tuple(fields)


def is_storable(value: Any, depth: int = _DEPTH) -> bool:
    """Whether PostgreSQL can hold a JSON value: no NUL, no lone surrogate, no infinite number, not too deep."""
    if isinstance(value, str):
        # Most text is ASCII or at least has none of the two; encoding is the quickest way to know.
        return "\x00" not in value and (value.isascii() or value.encode("utf-8", "replace").decode() == value)
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, Mapping):
        return depth > 0 and all(is_storable(name) and is_storable(each, depth - 1) for name, each in value.items())
    if isinstance(value, list):
        return depth > 0 and all(is_storable(each, depth - 1) for each in value)
    return value is None or isinstance(value, int)


def is_name(value: Any) -> bool:
    """A short word of the bot's vocabulary, which may be newer than this desk."""
    return isinstance(value, str) and 0 < len(value) <= NAME_LENGTH and not value.isspace() and is_storable(value)


def _is_number(value: Any, most: float) -> bool:
    # JSON knows `true`, which Python takes for 1, and numbers of any length.
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= most


def _is_confidence(value: Any) -> bool:
    return _is_number(value, 1)


def _is_amount(value: Any) -> bool:
    return _is_number(value, _AMOUNT_LIMIT)


def _is_list_of(check: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and len(value) <= _LIST_LENGTH and all(check(each) for each in value)


def _is_article(value: Any) -> bool:
    return (
        isinstance(value, dict) and is_name(value.get("id")) and (value.get("revision") is None or is_name(value["revision"]))
    )


def _is_rank(value: Any) -> bool:
    return isinstance(value, dict) and _is_none_or(is_name)(value.get("intent")) and _is_confidence(value.get("confidence"))


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)


def _is_none_or(check: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: value is None or check(value)


_CHECKS: dict[str, Callable[[Any], bool]] = {
    "route": lambda value: isinstance(value, str) and value in ROUTES,
    "reason": _is_none_or(is_name),
    "priority": lambda value: value is None or (isinstance(value, str) and value in PRIORITY_RANK),
    "intent": _is_none_or(is_name),
    "confidence": _is_none_or(_is_confidence),
    "ranking": _is_none_or(_is_list_of(_is_rank)),
    "entities": _is_none_or(_is_list_of(_is_object)),
    "amount_cny": _is_none_or(_is_amount),
    "rule": _is_none_or(is_name),
    "trace": _is_none_or(_is_list_of(_is_object)),
    "scores": _is_none_or(_is_object),
    "thresholds": _is_none_or(_is_object),
    "article": _is_none_or(_is_article),
    "outcome": _is_none_or(is_name),
    "asks": _is_none_or(is_name),
    "topics": _is_none_or(_is_list_of(is_name)),
    "open_topics": _is_none_or(_is_list_of(is_name)),
    "tentative": lambda value: value is None or isinstance(value, bool),
    "doors": _is_none_or(_is_list_of(is_name)),
    "lane": _is_none_or(is_name),
    "language": _is_none_or(is_name),
    "model": _is_none_or(is_name),
    "policy": _is_none_or(is_name),
    "versions": _is_none_or(_is_object),
}
#: The names of the fields that the contract knows.
KNOWN = tuple(_CHECKS)


def check_decision(decision: Any) -> dict[str, Any]:
    """A decision that may be logged and acted on. Raises BadDecisionError.

    An escalation keeps its person whatever else is wrong with it: fields that are wrong are left out, as long as route, reason
    and priority are right. An emergency must not become an ordinary case because the bot misspelt an amount.
    """
    if not isinstance(decision, dict):
        raise BadDecisionError(["decision"])
    wrong = [name for name, check in _CHECKS.items() if name in decision and not check(decision[name])]
    wrong += [name for name, value in decision.items() if name not in wrong and not (is_storable(name) and is_storable(value))]
    missing = ["route"] if decision.get("route") is None else []
    if decision.get("route") == "escalate":
        missing += [name for name in ("reason", "priority") if decision.get(name) is None]
        if not missing and not {"reason", "priority"} & set(wrong):
            return {name: value for name, value in decision.items() if name not in wrong}
    if wrong or missing:
        raise BadDecisionError([name for name in dict.fromkeys([*wrong, *missing]) if name in _CHECKS] or ["decision"])
    return decision


def known_fields(decision: Any, *names: str) -> dict[str, Any]:
    """Some fields of a logged decision; None for one that is missing or, in an older log, of a wrong type."""
    if not isinstance(decision, dict):
        return dict.fromkeys(names)
    return {name: decision.get(name) if _CHECKS[name](decision.get(name)) else None for name in names}
