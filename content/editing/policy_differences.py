"""The changes between two versions of a file of the policy, field by field, with the names that the forms use."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Dict, Iterator, List, Mapping, Optional, Tuple

from content.desk_file import FILE as DESK
from content.editing.policy_forms import sections
from content.triage_policy import FILE as TRIAGE

_NOTHING: Mapping[str, Mapping[str, Any]] = {
    TRIAGE: {
        "intents": {},
        "reasons": {},
        "risk_reasons": [],
        "promises": {},
        "large_transaction": {"information_only": [], "topics": [], "rates": {}},
        "floor": {
            "human": {"patterns": [], "not_before": "", "not_after": ""},
            "incidents": [],
            "guards": {},
            "own_transaction": "",
        },
    },
    DESK: {"skills": {}, "hours": {}, "queues": {}, "levels": {}},
}
#: Keys that the forms show; the others are compared value by value.
_SHOWN = {
    TRIAGE: ("intents", "reasons", "risk_reasons", "promises", "near_risk", "large_transaction", "floor"),
    DESK: ("queues", "hours", "levels", "routing", "waiting", "queue", "turns", "agents", "idle", "reviews", "publish"),
}


@dataclass(frozen=True)
class FieldChange:
    """A field of the policy with its values as texts; None: it was not there, or is not there any more."""

    path: str
    zh: str
    en: str
    before: Optional[str]
    after: Optional[str]


def policy_changes(name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[FieldChange]:
    """The changed fields of `triage.yml`, `desk.yml` or a calendar, each document as plain data.

    Raises KeyError, TypeError or AttributeError for a document of another shape.
    """
    fields = [_fields(name, document) for document in (before, after)]
    for path in dict.fromkeys([*fields[0], *fields[1]]):
        old, new = fields[0].get(path), fields[1].get(path)
        # A field that comes or goes with another one, at its default, is no change of its own.
        is_default = (old is None and not (new or ("", "", None))[2]) or (new is None and not (old or ("", "", None))[2])
        if not is_default and (old is None or new is None or old[2] != new[2]):
            zh, en, _ = new or old or ("", "", None)
            yield from _one(path, zh, en, old[2] if old else None, new[2] if new else None)
    shown = _SHOWN.get(name, ("years",))
    rest = [{key: value for key, value in document.items() if key not in shown} for document in (before, after)]
    flat = [dict(_leaves(each, "")) for each in rest]
    for path in dict.fromkeys([*flat[0], *flat[1]]):
        if flat[0].get(path) != flat[1].get(path):
            yield FieldChange(path, path, path, _said(flat[0].get(path)), _said(flat[1].get(path)))


def _one(path: str, zh: str, en: str, old: Any, new: Any) -> Iterator[FieldChange]:
    """A changed field; of a list each entry that came or went."""
    if isinstance(old, list) and isinstance(new, list) and any(len(str(each)) > 20 for each in [*old, *new]):
        for each in old:
            if each not in new:
                yield FieldChange(path, zh, en, _said(each), None)
        for each in new:
            if each not in old:
                yield FieldChange(path, zh, en, None, _said(each))
        if sorted(map(str, old)) == sorted(map(str, new)):
            yield FieldChange(path, zh, en, "原来的顺序", "新的顺序")
    else:
        yield FieldChange(path, zh, en, _said(old), _said(new))


def _fields(name: str, document: Mapping[str, Any]) -> Dict[str, Tuple[str, str, Any]]:
    parts: List[Any] = [_NOTHING[TRIAGE], _NOTHING[DESK], {}]
    if name == TRIAGE:
        parts[0] = {**_NOTHING[TRIAGE], **document}
    elif name == DESK:
        parts[1] = {**_NOTHING[DESK], **document}
    else:
        parts[2] = {name.rpartition("/")[2].rpartition(".")[0]: document}
    found: Dict[str, Tuple[str, str, Any]] = {}
    for section in sections(parts[0], parts[1], parts[2]):
        for field in section["fields"]:
            if field["path"].startswith(f"{name}:"):
                named = {each["value"]: each["zh"] for each in field.get("choices", ())}
                value = field["value"]
                value = named.get(value, value) if isinstance(value, str) and value else value
                found[field["path"].partition(":")[2]] = field["zh"], field["en"], value
    return found


def _leaves(value: Any, path: str) -> Iterator[Tuple[str, Any]]:
    if isinstance(value, dict) and value:
        for name, each in value.items():
            yield from _leaves(each, f"{path}.{name}" if path else str(name))
    else:
        yield path, value


def _said(value: Any) -> Optional[str]:
    if value is None:
        return None
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "、".join(str(each) for each in value) or "（空）"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
