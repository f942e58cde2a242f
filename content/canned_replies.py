"""Replies that agents insert with a shortcut (`data/canned_replies.yml`)."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated, Any, Dict, Literal, Mapping, Optional, Tuple

import msgspec

from content.sources import ContentError, FieldError, Strict, line_of, load_yaml, shaped
from content.templates import fill_checked
from content.triage_policy import Policy
from contract.locales import FILE_LOCALES

FILE = "canned_replies.yml"
_NEEDED = "a reply has id, shortcut, title and text, the last two with zh and en"
_Name = Annotated[str, msgspec.Meta(pattern=r"^\S+$", max_length=40)]


class ByLanguage(Strict, frozen=True):
    """A text in both languages of the editors."""

    zh: str
    en: str

    def __post_init__(self) -> None:
        for locale in FILE_LOCALES:
            if not getattr(self, locale).strip():
                raise FieldError(locale, "must not be empty")

    def of(self, locale: str) -> str:
        """The text in a language of the editors' files."""
        return self.en if locale == "en" else self.zh


class CannedReply(Strict, frozen=True):
    """One reply: the title is for the agent, the text for the customer.

    `reasons` and `intents`: the cases and matters for which the console suggests it. `promise`: what the text promises by a
    time, in its order (data/promises.yml).
    """

    id: _Name
    shortcut: _Name
    title: ByLanguage
    text: ByLanguage
    reasons: Tuple[str, ...] = ()
    intents: Tuple[str, ...] = ()
    promise: Tuple[str, ...] = ()


class _File(Strict, frozen=True):
    version: Literal[1]
    canned_replies: Tuple[CannedReply, ...]


def load_canned_replies(
    path: Path, facts: Mapping[str, Mapping[str, Any]], policy: Optional[Policy] = None
) -> Tuple[CannedReply, ...]:
    """The canned replies; each is filled in once to check its names. Raises ContentError: the place, and how to fix it.

    With a policy, the reasons and intents for which replies are suggested must be in it.
    """
    document = load_yaml(path)
    if document is None:
        problem = "the file is empty; without canned replies it must read `version: 1` and `canned_replies: []`"
        raise ContentError(path, None, problem)
    if not isinstance(document, dict):
        raise ContentError(path, 1, "the file must have `version: 1` and a list `canned_replies`")
    replies = _shaped(path, document)
    for name in ("id", "shortcut"):
        for value, times in Counter(getattr(reply, name) for reply in replies).items():
            if times > 1:
                last = [number for number, reply in enumerate(replies) if getattr(reply, name) == value][-1]
                line = line_of(document, ["canned_replies", last, name])
                raise ContentError(path, line, f"{times} replies have the {name} “{value}”; give each its own")
    for number, reply in enumerate(replies):
        for locale in FILE_LOCALES:
            try:
                fill_checked(getattr(reply.text, locale), {**facts[locale], "agent_name": ""}, path)
            except ContentError as error:
                line = line_of(document, ["canned_replies", number, "text", locale])
                problem = f"{reply.id}: text.{locale}: {error.problem}, and agent_name is the agent's"
                raise ContentError(path, line, problem) from error
        if policy is not None:
            for field, known in (("reasons", policy.reasons), ("intents", policy.intents)):
                for place, value in enumerate(getattr(reply, field)):
                    if value not in known:
                        line = line_of(document, ["canned_replies", number, field, place])
                        problem = f"{reply.id}: {field}: `{value}` is not in triage.yml: correct or remove it"
                        raise ContentError(path, line, problem)
    return replies


def _shaped(path: Path, document: Dict[str, Any]) -> Tuple[CannedReply, ...]:
    """The replies as shapes. The error of a wrong reply names the reply, and what a reply needs."""
    listed = document.get("canned_replies")
    for number, reply in enumerate(listed if isinstance(listed, list) else ()):
        try:
            shaped(CannedReply, path, reply)
        except ContentError as error:
            name = (reply.get("id") if isinstance(reply, dict) else None) or f"reply {number + 1}"
            line = error.line or line_of(document, ["canned_replies", number])
            raise ContentError(path, line, f"{name}: {error.problem}; {_NEEDED}") from error
    return shaped(_File, path, document).canned_replies
