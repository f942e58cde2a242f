"""Labelled sentences: what was said, and what should be understood and done."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, Iterator, List, Optional, Sequence, Union

from actions.policy import Policy

ROUTES = ("answer", "escalate", "feedback", "chat", "reject", "clarify")
#: Nobody reads the sentences of files in a folder of this name; reports over them hold no text.
HELD_OUT = "held_out"


class LabelError(Exception):
    """A labelled file is wrong; the message names the line and the fix."""


@dataclass(frozen=True)
class Labelled:
    """One line of a labelled file. `file` and `number` (from 1) say where it stands; both are missing if it stands nowhere."""

    text: str
    intent: str
    route: str
    reason: Optional[str] = None
    style: Optional[str] = None
    file: Optional[str] = None
    number: Optional[int] = None
    held_out: bool = False

    @property
    def where(self) -> str:
        """`file:line`, or what there is of it."""
        return f"{self.file}:{self.number}" if self.file else "the training data"


def read_labelled(paths: Union[Path, Sequence[Path]], policy: Policy) -> List[Labelled]:
    """Read JSON lines `{text, intent, route, reason, style}`; a missing route or reason is taken from the policy.

    Raises LabelError with the line number for wrong JSON, unknown names, empty or repeated texts (over all files), and an
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
        rows = path.read_text(encoding="utf-8-sig").split("\n")  # splitlines() would also cut at U+2028 inside a sentence
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
        yield Labelled(text, intent, route, reason, style, path.as_posix(), number, held_out)
