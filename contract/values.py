"""Checks of single JSON values, as every shape of the contract needs them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

#: Characters of a name: an intent, a reason, a rule, an id.
NAME_LENGTH = 100
#: Entries of a list.
LIST_LENGTH = 50
_DEPTH = 12

Check = Callable[[Any], bool]


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
    """A short word of the bot's vocabulary. The bot may be newer than this desk, so the word may be unknown here."""
    return isinstance(value, str) and 0 < len(value) <= NAME_LENGTH and not value.isspace() and is_storable(value)


def is_number(value: Any, most: float) -> bool:
    """A number from 0 to `most`. JSON knows `true`, which Python takes for 1, and numbers of any length."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= most


def is_whole_number(value: Any, most: int) -> bool:
    """A whole number from 0 to `most`."""
    return isinstance(value, int) and is_number(value, most)


def is_probability(value: Any) -> bool:
    """A number from 0 to 1."""
    return is_number(value, 1)


def is_flag(value: Any) -> bool:
    """True or false."""
    return isinstance(value, bool)


def is_text(value: Any) -> bool:
    """A string of any length."""
    return isinstance(value, str)


def is_object(value: Any) -> bool:
    """A JSON object."""
    return isinstance(value, dict)


def is_list_of(check: Check) -> Check:
    """A check for a list of at most `LIST_LENGTH` values that all pass `check`."""
    return lambda value: isinstance(value, list) and len(value) <= LIST_LENGTH and all(check(each) for each in value)


def is_none_or(check: Check) -> Check:
    """A check that null passes, too."""
    return lambda value: value is None or check(value)
