"""Labelled sentences: the text, and the expected intent, route and reason."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Collection, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple, Union

from content.triage_policy import Policy
from contract.routes import ROUTES

#: The sentences of files in a folder of this name stay unread; reports over them contain no text.
HELD_OUT = "held_out"


class LabelError(Exception):
    """A labelled file is invalid; the message states the line and the fix."""


@dataclass(frozen=True)
class Labelled:
    """One line of a labelled file. `file` and `number` (from 1) are its place; both are None for a line without a file.

    `accept_intents`, `accept_routes`: all accepted answers, including the label; empty if only the label is accepted.
    `accept_reasons`: the reasons of the label and of the accepted intents; empty if only the label's reason is accepted.
    """

    text: str
    intent: str
    route: str
    reason: Optional[str] = None
    style: Optional[str] = None
    file: Optional[str] = None
    number: Optional[int] = None
    held_out: bool = False
    accept_intents: Tuple[str, ...] = ()
    accept_routes: Tuple[str, ...] = ()
    accept_reasons: Tuple[str, ...] = ()

    @property
    def where(self) -> str:
        """`file:line`, or the known part of it."""
        return f"{self.file}:{self.number}" if self.file else "the training data"


def read_labelled(paths: Union[Path, Sequence[Path]], policy: Policy) -> List[Labelled]:
    """Read JSON lines `{text, intent, route, reason, style, accept_intents, accept_routes}`.

    A missing route or reason is taken from the policy. The labelled intent and route are always accepted.

    Raises LabelError with the line number for invalid JSON, unknown names, empty or repeated texts (over all files), and an
    empty file.
    """
    lines: List[Labelled] = []
    first: Dict[str, Labelled] = {}
    for path in [paths] if isinstance(paths, Path) else paths:
        before = len(lines)
        for line in _lines(path, policy):
            if line.text in first:
                other = first[line.text]
                place = f"line {other.number}" if other.file == line.file else other.where
                raise LabelError(f"{line.where}: the same text as in {place}")
            first[line.text] = line
            lines.append(line)
        if len(lines) == before:
            raise LabelError(f"{path}: no lines")
    return lines


def _lines(path: Path, policy: Policy) -> Iterator[Labelled]:
    try:
        rows = path.read_text(encoding="utf-8-sig").split("\n")  # splitlines() also splits at U+2028 inside a sentence
    except (OSError, UnicodeDecodeError) as error:
        raise LabelError(f"{path}: cannot be read: {error}") from error
    held_out = path.resolve().parent.name == HELD_OUT
    for number, row in enumerate(rows, start=1):
        if not row.strip():
            continue
        where = f"{path}:{number}"
        try:
            data = json.loads(row)
        except (json.JSONDecodeError, RecursionError) as error:
            raise LabelError(f"{where}: not JSON: {error}") from error
        if not isinstance(data, dict) or not isinstance(data.get("text"), str) or not data["text"].strip():
            raise LabelError(f"{where}: needs a `text` that is not empty")
        text, intent = data["text"], data.get("intent")
        if not isinstance(intent, str) or intent not in policy.intents:
            raise LabelError(f"{where}: unknown intent {intent!r}")
        route = data.get("route") or policy.intents[intent].route
        reason = data.get("reason") or (policy.intents[intent].reason if route == "escalate" else None)
        style = data.get("style") or None
        if route not in ROUTES:
            raise LabelError(f"{where}: unknown route {route!r}: one of {', '.join(ROUTES)}")
        if reason is not None and (not isinstance(reason, str) or reason not in policy.reasons):
            raise LabelError(f"{where}: unknown reason {reason!r}")
        if style is not None and not isinstance(style, str):
            raise LabelError(f"{where}: the style {style!r} is not a text")
        accept_intents = _accepted(data, "accept_intents", intent, policy.intents, where)
        accept_routes = _accepted(data, "accept_routes", route, ROUTES, where)
        reasons = [reason, *(policy.intents[name].reason for name in accept_intents)] if accept_intents else []
        accept_reasons = tuple(dict.fromkeys(filter(None, reasons)))
        yield Labelled(
            text, intent, route, reason, style, path.as_posix(), number, held_out, accept_intents, accept_routes, accept_reasons
        )


def _accepted(data: Mapping[str, Any], field: str, label: str, known: Collection[str], where: str) -> Tuple[str, ...]:
    """A list of accepted names. The label is inserted first if the list does not contain it. Raises LabelError."""
    names = data.get(field)
    if names is None:
        return ()
    if not isinstance(names, list) or not names:
        raise LabelError(f"{where}: `{field}` must be a list that is not empty")
    unknown = [name for name in names if not isinstance(name, str) or name not in known]
    if unknown:
        raise LabelError(f"{where}: `{field}` has an unknown name {unknown[0]!r}")
    return tuple(dict.fromkeys(names if label in names else [label, *names]))
