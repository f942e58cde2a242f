"""Safety cases (`data/cases.jsonl`): sentences whose outcome no change may break. Editors add them, the gate decides them.

One JSON object a line:

    {"text": "他催我现在就打款", "must": "person", "intent": "scam_in_progress", "reason": "security", "note": "..."}
    {"text": "怎么开户", "must": "article", "article": "register_howto"}

`must`: "person" (the conversation goes to a person) or "article" (the customer gets this article). `intent`, `reason`: what the
case is about; with `reason` the person must come at least as urgently as for that reason. `context`: the turn's context, for a
reply to the bot (contract/turn.py). `by`, `at`: who added it, and when.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict, List, Literal, Optional, Sequence

import msgspec

from content.sources import ContentError, FieldError, Strict, read_text
from contract.errors import ContractError
from contract.turn import TEXT_LIMIT, Context

FILE = "cases.jsonl"


class Case(Strict, frozen=True, omit_defaults=True):
    """One safety case."""

    text: str
    must: Literal["person", "article"]
    intent: Optional[str] = None
    article: Optional[str] = None
    reason: Optional[str] = None
    note: Optional[str] = None
    by: Optional[str] = None
    at: Optional[str] = None
    context: Optional[Dict[str, Any]] = None

    def __post_init__(self) -> None:
        if not self.text.strip():
            raise FieldError("text", "the sentence is empty: write what the customer says")
        if len(self.text) > TEXT_LIMIT:
            raise FieldError("text", f"the sentence has {len(self.text)} characters, {TEXT_LIMIT} are allowed: shorten it")
        if (self.must == "article") != (self.article is not None):
            raise FieldError("article", "`article` belongs to must: article, and only there: add or remove it")
        if self.must == "article" and self.reason is not None:
            raise FieldError("reason", "`reason` belongs to must: person: remove it")
        try:
            Context.from_json(self.context or {})
        except ContractError as error:
            raise FieldError("context", f"not a turn's context: {error}") from error

    @property
    def turn_context(self) -> Context:
        """The context in which the sentence is said."""
        return Context.from_json(self.context or {})

    def line(self) -> str:
        """The case as a line of the file, without the line's end."""
        return json.dumps(msgspec.to_builtins(self), ensure_ascii=False)


def load_cases(path: Path) -> List[Case]:
    """All safety cases of a file; none if there is no file.

    Raises ContentError with the line and the fix: not JSON, a field of a wrong name or type, the same sentence twice.
    """
    if not path.exists():
        return []
    cases: List[Case] = []
    first: Dict[tuple[str, str], int] = {}
    for number, line in enumerate(read_text(path).lstrip("\ufeff").split("\n"), start=1):
        if not line.strip():
            continue
        case = _case(path, number, line)
        key = (case.text, json.dumps(case.context, sort_keys=True))
        if key in first:
            raise ContentError(path, number, f"“{case.text}” stands in line {first[key]} already: remove one")
        first[key] = number
        cases.append(case)
    return cases


def _case(path: Path, number: int, line: str) -> Case:
    try:
        return msgspec.json.decode(line.strip(), type=Case, strict=True)
    except msgspec.ValidationError as error:
        cause = error.__cause__
        problem = f"{cause.field}: {cause}" if isinstance(cause, FieldError) else str(error)
        raise ContentError(path, number, f"{problem}; a case looks like {_EXAMPLE}") from error
    except (msgspec.DecodeError, RecursionError) as error:
        raise ContentError(path, number, f"not JSON ({error}); a case looks like {_EXAMPLE}") from error


_EXAMPLE = '{"text": "...", "must": "person", "reason": "security"}'


def check_names(
    cases: Sequence[Case], intents: Sequence[str], reasons: Sequence[str], articles: Sequence[str], path: Path
) -> None:
    """Raise ContentError for a case that names an intent, reason or article which does not exist."""
    for case in cases:
        for kind, name, known in (
            ("intent", case.intent, intents),
            ("reason", case.reason, reasons),
            ("article", case.article, articles),
        ):
            if name is not None and name not in known:
                raise ContentError(path, None, f"“{case.text}”: there is no {kind} `{name}`: correct the name")


def with_case(text: str, case: Case) -> str:
    """The text of the file with one more case as its last line."""
    return f"{text.rstrip()}\n{case.line()}\n".lstrip("\n")
