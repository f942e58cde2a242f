"""Checks and readers of single values in the wallet's answers."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar

from contract.errors import ContractError
from contract.values import Check, is_none_or, is_storable

#: Entries of one list of the wallet's answer.
MOST_ENTRIES = 200
_TEXT_LENGTH, _WHY_LENGTH = 100, 500
_ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:@=+-]{0,99}")
_AMOUNT = re.compile(r"(?:0|[1-9][0-9]{0,12})(?:\.[0-9]{1,2})?")
_CURRENCY = re.compile(r"[A-Z]{3}")
_DIGITS = re.compile(r"[0-9]{2,4}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


Shape = TypeVar("Shape")


def is_id(value: Any) -> bool:
    """Whether a value is an id that may stand in an address: a subject, a transaction, a payee, a card, a key."""
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def as_text(moment: dt.datetime) -> str:
    """A time as the contract writes it: ISO 8601 in UTC, whole seconds, with Z."""
    return moment.astimezone(dt.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def is_words(value: Any) -> bool:
    """A short text that can be shown: no line break, no control character, no change of direction."""
    short = isinstance(value, str) and 0 < len(value) <= _TEXT_LENGTH and not value.isspace()
    return short and is_storable(value) and _CONTROL.search(value) is None


def is_reason(value: Any) -> bool:
    """A text that explains a result."""
    return isinstance(value, str) and len(value.strip()) > 0 and len(value) <= _WHY_LENGTH and is_storable(value)


def matches(pattern: re.Pattern[str]) -> Check:
    """A check for a string that a pattern matches as a whole."""
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


def is_one_of(values: Collection[str]) -> Check:
    """A check for one of some words."""
    return lambda value: isinstance(value, str) and value in values


def is_time(value: Any) -> bool:
    """An ISO 8601 time with its zone."""
    if not isinstance(value, str) or _TIME.fullmatch(value) is None:
        return False
    try:
        time_of(value)
    except (ValueError, OverflowError):
        return False
    return True


def time_of(text: str) -> dt.datetime:
    """An aware time, in UTC. Python 3.10 reads neither "Z" nor fractions of other lengths than 3 and 6."""
    moment, _, rest = text.replace("Z", "+00:00").partition(".")
    if rest:
        digits = rest[: re.match(r"\d+", rest).end()]  # type: ignore[union-attr]
        moment = f"{moment}.{digits.ljust(6, '0')}{rest[len(digits) :]}"
    return dt.datetime.fromisoformat(moment).astimezone(dt.timezone.utc)


is_amount, is_currency, is_digits = matches(_AMOUNT), matches(_CURRENCY), matches(_DIGITS)
is_id_or_none, is_time_or_none, is_amount_or_none = is_none_or(is_id), is_none_or(is_time), is_none_or(is_amount)
is_words_or_none = is_none_or(is_words)


def check_subject(data: Any, subject: str) -> None:
    """Raises ContractError for an answer about another customer."""
    if not isinstance(data, dict) or data.get("subject") != subject:
        raise ContractError(["subject"])


def read_fields(data: Any, checks: Mapping[str, Check], what: str) -> dict[str, Any]:
    """The known fields that are not null. Raises ContractError with the names of the wrong or missing fields."""
    if not isinstance(data, dict):
        raise ContractError([what])
    wrong = [name for name, check in checks.items() if not check(data.get(name))]
    if wrong:
        raise ContractError(wrong)
    return {name: data[name] for name in checks if data.get(name) is not None}


def read_list(data: Any, read: Callable[[Any], Shape], what: str = "list") -> tuple[Shape, ...]:
    """The entries of a list. Raises ContractError."""
    if not isinstance(data, list) or len(data) > MOST_ENTRIES:
        raise ContractError([what])
    return tuple(read(each) for each in data)
