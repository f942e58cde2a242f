"""Replay: a logged decision is made again, with the model and the content that made it, and compared field by field.

A decision names what reproduces it: `model`, `policy`, `versions`. A part that is not kept any more is named as missing; a part
of the code that is another one now is named too, since it can explain a difference.
"""

from __future__ import annotations

import platform
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence, Tuple, Union

import rasa_sdk

from actions.code_revision import code_revision
from bot.learning.training import MODELS
from bot.workshop.decider import Decider
from bot.workshop.logged_turns import LoggedTurn
from bot.workshop.versions import ModelGone, load_intent_model
from content.bundle import Content, read_part
from content.published import FOLDER
from content.sources import ContentError

#: Differences and missing parts in one result; the counts are of all turns.
MOST_LISTED = 500
#: Entries of `versions` that name code. The content and the day are chosen as logged, so they are equal.
_CODE = ("rasa_sdk", "python", "code")

Progress = Callable[[float], None]


@dataclass(frozen=True)
class Missing:
    """A part without which a turn cannot be decided again. `name`: of the model, or the revision of the content."""

    part: str
    name: str
    zh: str
    en: str

    def as_json(self) -> Dict[str, Any]:
        """An entry of `missing`, without its turns."""
        return {"part": self.part, "name": self.name, "zh": self.zh, "en": self.en}


def replay(turns: Sequence[LoggedTurn], models: Path = MODELS, progress: Progress = lambda share: None) -> Dict[str, Any]:
    """Decide logged turns again: `{identical, n, n_identical, differences, missing, code, inferred, turns}`.

    `identical`: every turn was made again and no field differs. `differences`: `{turn_id, seq, field, logged, replayed}`.
    `missing`: parts that are gone, `{part, name, zh, en, turns}`. `code`: versions of code that are others now. `inferred`: ids
    of turns of which the log does not hold what the bot was told (`is_exact`).
    """
    groups: Dict[Tuple[Optional[str], Optional[str]], List[LoggedTurn]] = {}
    for turn in turns:
        groups.setdefault((_name(turn, "model"), _name(turn, "content")), []).append(turn)
    found: List[Dict[str, Any]] = []
    missing: List[Dict[str, Any]] = []
    identical = 0
    done = 0
    for (model, content), group in groups.items():
        decider = _decider(model, content, models)
        if isinstance(decider, Missing):
            missing.append({**decider.as_json(), "turns": [turn.turn_id for turn in group]})
        else:
            before, share = done / len(turns), len(group) / len(turns)

            def tell(part: float, before: float = before, share: float = share) -> None:
                progress(before + part * share)

            for turn, decision in zip(group, decider.decide_all([turn.turn for turn in group], tell)):
                differing = differences(turn, decision)
                found += differing
                identical += not differing
        done += len(group)
        progress(done / len(turns))
    return {
        "identical": identical == len(turns),
        "n": len(turns),
        "n_identical": identical,
        "differences": found[:MOST_LISTED],
        "missing": missing,
        "code": _other_code(turns),
        "inferred": [turn.turn_id for turn in turns if not turn.is_exact][:MOST_LISTED],
        "turns": [turn.turn_id for turn in turns][:MOST_LISTED],
    }


def differences(turn: LoggedTurn, decision: Mapping[str, Any]) -> List[Dict[str, Any]]:
    """The fields in which a decision differs from the logged one, without the versions of code."""
    logged = {**turn.decision, "versions": _without_code(turn.decision.get("versions"))}
    replayed = {**decision, "versions": _without_code(decision.get("versions"))}
    names = [*replayed, *(name for name in logged if name not in replayed)]
    return [
        {"turn_id": turn.turn_id, "seq": turn.seq, "field": name, "logged": logged.get(name), "replayed": replayed.get(name)}
        for name in names
        # A field that one of the two versions does not know is null there.
        if not _same(logged.get(name), replayed.get(name))
    ]


def _same(one: Any, other: Any) -> bool:
    """Equality of JSON values: `true` is not 1, and 1.0 is 1, which a database may write so."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_same(value, other[name]) for name, value in one.items())
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(_same(*pair) for pair in zip(one, other))
    return bool(one == other)


def _without_code(versions: Any) -> Any:
    if not isinstance(versions, Mapping):
        return versions
    return {name: value for name, value in versions.items() if name not in _CODE}


def _other_code(turns: Sequence[LoggedTurn]) -> List[Dict[str, Any]]:
    """The versions of code in the log that are not those of this process: `{name, logged, present, turns}`."""
    present = {"rasa_sdk": rasa_sdk.__version__, "python": platform.python_version(), "code": code_revision()}
    counts: Dict[Tuple[str, Any], int] = {}
    for turn in turns:
        versions = turn.decision.get("versions")
        for name in _CODE:
            logged = versions.get(name) if isinstance(versions, Mapping) else None
            if logged != present[name]:
                counts[name, logged] = counts.get((name, logged), 0) + 1
    return [{"name": name, "logged": logged, "present": present[name], "turns": n} for (name, logged), n in counts.items()]


def _name(turn: LoggedTurn, part: str) -> Optional[str]:
    """The model or the content that a logged decision names; None where it names none."""
    versions = turn.decision.get("versions")
    named = (
        turn.decision.get("model") if part == "model" else versions.get("content") if isinstance(versions, Mapping) else None
    )
    return named if isinstance(named, str) and named and Path(named).name == named else None


def _decider(model: Optional[str], content: Optional[str], models: Path) -> Union[Decider, Missing]:
    if model is None or content is None:
        return Missing(
            "decision",
            "",
            "这条记录没有写明当时的模型或知识版本，无法重演。",
            "The logged decision does not name its model and content, so it cannot be made again.",
        )
    path = models / FOLDER / f"{content}.json"
    if not path.exists():
        return Missing(
            "content",
            content,
            f"当时的政策和文章（版本 {content}）已经不再保留，无法重演。",
            f"Policy and articles of then (revision {content}) are no longer kept.",
        )
    try:
        part = read_part(Content, path)
    except ContentError as error:
        return Missing(
            "content",
            content,
            f"当时的政策和文章（版本 {content}）这个程序读不了：它是另一个版本的程序发布的，或者文件已损坏。",
            f"Policy and articles of then (revision {content}) cannot be read by this program: {error}",
        )
    try:
        return Decider(load_intent_model(model, models), part, model, exact=True)
    except ModelGone:
        return Missing("model", model, f"当时的模型 {model} 已经不再保留，无法重演。", f"The model {model} is no longer kept.")
