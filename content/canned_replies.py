"""Replies that agents insert with a shortcut: `data/canned_replies.yml`, checked when it is read."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from content.desk_policy import LOCALES, DeskPolicy, DeskPolicyError, read_yaml

_Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
_Name = Annotated[str, StringConstraints(pattern=r"^\S+$", max_length=40)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _ByLanguage(_Strict):
    zh: _Words
    en: _Words


class _CannedReply(_Strict):
    id: _Name
    shortcut: _Name
    title: _ByLanguage
    text: _ByLanguage


class _File(_Strict):
    version: int = Field(ge=1, le=1)
    canned_replies: list[_CannedReply]


def load_canned_replies(folder: Path, policy: DeskPolicy) -> list[dict[str, Any]]:
    """The canned replies, each filled in once to see that it can be. Raises DeskPolicyError: the place, and how to fix it."""
    path = folder / "canned_replies.yml"
    content = read_yaml(path)
    if content is None:
        raise DeskPolicyError(
            f"{path}: the file is empty; without canned replies it must read `version: 1` and `canned_replies: []`"
        )
    try:
        replies = _File.model_validate(content).canned_replies
    except ValidationError as error:
        raise DeskPolicyError(f"{path}: {_first_fault(error, content)}") from error
    for name in ("id", "shortcut"):
        for value, times in Counter(getattr(reply, name) for reply in replies).items():
            if times > 1:
                raise DeskPolicyError(f"{path}: {times} replies have the {name} “{value}”; give each its own")
    for reply in replies:
        for locale in LOCALES:
            try:
                policy.fill(getattr(reply.text, locale), locale, agent_name="")
            except Exception as error:  # a template can fail in any way
                fix = "the names in {{ }} are agent_name and those of facts.yml"
                raise DeskPolicyError(f"{path}: {reply.id}: text.{locale}: {error}; {fix}") from error
    return [reply.model_dump() for reply in replies]


def _first_fault(error: ValidationError, content: Any) -> str:
    """Which reply, which field, what is wrong, and what it must look like."""
    first = error.errors()[0]
    place = list(first["loc"])
    if not place:
        return "the file must have `version: 1` and a list `canned_replies`"
    where = ".".join(str(part) for part in place)
    if place[0] == "canned_replies" and len(place) > 1:
        reply = content["canned_replies"][place[1]]
        name = (reply.get("id") if isinstance(reply, dict) else None) or f"reply {int(place[1]) + 1}"
        where = ".".join(str(part) for part in place[2:]) or "the whole of it"
        return f"{name}: {where}: {first['msg']}; a reply has id, shortcut, title and text, the last two with zh and en"
    return f"{where}: {first['msg']}"
