"""Read and set single values of the policy by the paths of its forms (`policy_forms`).

Two kinds of paths are not those of the file: `intents.<name>.destination` is an intent's route with its article or reason, and
an incident of the floor is named by its intent instead of its number.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any, Dict, List, Optional

from content.calendars import Calendar
from content.desk_file import FILE as DESK
from content.desk_file import DeskFile
from content.editing.policy_forms import destination_of
from content.editing.yaml_lists import set_items
from content.editing.yaml_spans import Step, read_value, remove_key, set_key, set_value
from content.short_replies import FILE as SHORT_REPLIES
from content.short_replies import ShortReplyWords
from content.sources import load_mapping, parse_yaml, shaped
from content.triage_policy import FILE as TRIAGE
from content.triage_policy import Policy


def value_of(text: Optional[str], path: str) -> Any:
    """The value of a field in a file's text, as a form shows it. Raises KeyError, ContentError."""
    if path.endswith(".destination"):
        return destination_of(read_value(text or "", path.split(".")[:-1]))
    try:
        value = read_value(text or "", _steps(text or "", path))
    except KeyError:
        return None
    if isinstance(value, list):
        return [_day(each) if isinstance(each, dt.date) else each for each in value]
    return _day(value) if isinstance(value, dt.date) else value


def set_field(text: str, path: str, value: Any) -> str:
    """The file's text with another value of a field. Raises KeyError, CannotEdit, ContentError."""
    if path.endswith(".destination"):
        return _set_destination(text, path.split(".")[:-1], str(value))
    steps = _steps(text, path)
    *above, key = steps
    if value in ("", None, []) and key in ("lane", "skills", "reasons"):
        return remove_key(text, above, str(key))
    if key in ("first", "last", "rates_date"):
        value = _date(value)
    if key == "workdays" and isinstance(value, list):
        value = [_date(each) for each in value]
    try:
        present = read_value(text, steps)
    except KeyError:
        if value in (False, None, "", []):
            return text
        return set_key(text, above, str(key), value)
    if isinstance(present, list) and isinstance(value, list):
        return set_items(text, steps, value)
    return set_value(text, steps, value)


def _set_destination(text: str, steps: List[str], value: str) -> str:
    route, _, target = value.partition(":")
    intent = dict(read_value(text, steps))
    changed = {
        name: each for name, each in intent.items() if name not in ("article", "reason", "lane", "offer_person", "route")
    }
    first: Dict[str, Any] = {"route": route}
    if route == "answer":
        first["article"] = target
        first.update({"offer_person": intent["offer_person"]} if "offer_person" in intent else {})
    elif route == "escalate":
        first["reason"] = target
        first.update({"lane": intent["lane"]} if "lane" in intent else {})
    wanted = {**first, **changed}
    return text if wanted == intent else set_value(text, steps, wanted)


def _date(value: Any) -> Any:
    try:
        return dt.date.fromisoformat(value)
    except (TypeError, ValueError):
        return value


def _steps(text: str, path: str) -> List[Step]:
    """The steps of a path in the file: numbers of list items, and an incident's number for its intent."""
    keys = path.split(".")
    if keys[:2] == ["floor", "incidents"] and len(keys) > 2:
        incidents = read_value(text, ["floor", "incidents"])
        numbers = [number for number, each in enumerate(incidents) if each.get("intent") == keys[2]]
        if not numbers:
            raise KeyError(path)
        return ["floor", "incidents", numbers[0], *keys[3:]]
    steps: List[Step] = []
    value: Any = read_value(text, [])
    for key in keys:
        step: Any = int(key) if isinstance(value, list) and key.isdigit() else key
        if isinstance(value, dict) and step not in value and key.isdigit() and int(key) in value:
            step = int(key)  # a year
        steps.append(step)
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            value = None
    return steps


def check_file(folder: Path, name: str, text: str) -> None:
    """Raise ContentError if a file of the policy with this text would not be read."""
    path = folder / name
    document = parse_yaml(path, text, keep=False)
    if name == TRIAGE:
        replies = folder / SHORT_REPLIES
        shaped(Policy, path, document, short_replies=shaped(ShortReplyWords, replies, load_mapping(replies, ShortReplyWords)))
    elif name == DESK:
        shaped(DeskFile, path, document)
    else:
        shaped(Calendar, path, document)


def _day(value: Any) -> str:
    return value.isoformat() if isinstance(value, dt.date) else str(value or "")
