"""The published bundle: one JSON file with all that the editors own and the running system reads.

Its revision is a hash of the editors' files. `FORMAT` counts the changes of its shape: a process that reads another format than
its own refuses the bundle, because a field that it does not know, or that is missing, could change an answer.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any, Dict, FrozenSet, List, Mapping, Tuple, Type, TypeVar

import msgspec

from content.articles import Article, Articles
from content.calendars import Calendar
from content.canned_replies import CannedReply
from content.desk_file import DeskFile, Language
from content.duties import Duty
from content.first_aid import FirstAidPolicy
from content.help_centre import HelpCentre
from content.intake import Intake
from content.lookups import NO_LOOKUPS, Lookups
from content.promises import PromiseFile
from content.replies import Replies
from content.sources import ContentError, decode_custom, encode_custom
from content.triage_policy import IntentPolicy, Policy, ReasonPolicy
from contract.locales import TRADITIONAL
from language.traditional import Traditional

FORMAT = 4
_REMEDY = "run `make publish`"


class _Part(msgspec.Struct, frozen=True, eq=False, dict=True):
    """A part of the bundle that one process reads. Properties are computed once, when they are first used."""


class Content(_Part, frozen=True, eq=False):
    """What the bot and its actions read: policy, articles, the bot's own words."""

    revision: str
    policy: Policy
    article_list: Tuple[Article, ...] = msgspec.field(name="articles")
    replies: Dict[str, Replies]
    traditional_words: Dict[str, str] = msgspec.field(name="traditional")
    lookups: Lookups = NO_LOOKUPS

    @functools.cached_property
    def articles(self) -> Articles:
        """All articles, by id and language."""
        return Articles(self.article_list)

    @functools.cached_property
    def traditional(self) -> Traditional:
        """Turns the editors' simplified texts into traditional ones."""
        return Traditional(self.traditional_words)


class Naming(msgspec.Struct, frozen=True):
    """The part of the triage policy that the desk reads: the names of intents, the reasons."""

    intents: Dict[str, IntentPolicy]
    reasons: Dict[str, ReasonPolicy]


class DeskContent(_Part, frozen=True, eq=False):
    """What the desk reads: figures, texts, calendars, canned replies, and the names of intents and reasons."""

    revision: str
    policy: Naming
    stored_facts: Dict[str, Dict[str, Any]] = msgspec.field(name="facts")
    traditional_words: Dict[str, str] = msgspec.field(name="traditional")
    desk: DeskFile
    languages: Dict[str, Language]
    calendars: Dict[str, Calendar]
    duties: Dict[str, Duty]
    promises: PromiseFile
    canned_replies: Tuple[CannedReply, ...]
    first_aid: FirstAidPolicy
    help_centre: HelpCentre
    article_list: Tuple[Article, ...] = msgspec.field(name="articles")
    intake: Intake

    @functools.cached_property
    def articles(self) -> Articles:
        """All articles, by id and language."""
        return Articles(self.article_list)

    @functools.cached_property
    def traditional(self) -> Traditional:
        """Turns the editors' simplified texts into traditional ones."""
        return Traditional(self.traditional_words)

    @functools.cached_property
    def facts(self) -> Dict[str, Dict[str, Any]]:
        """Language -> name -> value, with the facts in traditional Chinese."""
        convert = self.traditional.convert
        simplified = self.stored_facts["zh"]
        hant = {name: convert(value) if isinstance(value, str) else value for name, value in simplified.items()}
        return {**self.stored_facts, TRADITIONAL: hant}

    @functools.cached_property
    def lasting_reasons(self) -> FrozenSet[str]:
        """The reasons whose cases stay open when the conversation is closed because nobody wrote."""
        return frozenset(name for name, reason in self.policy.reasons.items() if reason.stays_open)

    @functools.cached_property
    def names(self) -> Dict[str, Dict[str, Dict[str, str]]]:
        """The names of intents, reasons, languages, queues, skills, actions for people: kind -> id -> `{zh, en}`."""
        actions = {name: each.label for name, each in self.first_aid.actions.items()}
        actions.update({name: each.label for name, each in self.first_aid.reversals.items()})
        kinds: Dict[str, Mapping[str, Any]] = {
            "intents": self.policy.intents,
            "reasons": self.policy.reasons,
            "languages": self.languages,
            "queues": self.desk.queues,
            "skills": self.desk.skills,
            "actions": actions,
        }
        return {
            kind: {name: {"zh": entry.zh, "en": entry.en} for name, entry in entries.items()} for kind, entries in kinds.items()
        }


class Bundle(msgspec.Struct, frozen=True, eq=False, kw_only=True):
    """The whole bundle; its fields are those of `Content` and `DeskContent` together."""

    format: int = FORMAT
    revision: str
    policy: Policy
    articles: Tuple[Article, ...]
    replies: Dict[str, Replies]
    traditional: Dict[str, str]
    facts: Dict[str, Dict[str, Any]]
    desk: DeskFile
    languages: Dict[str, Language]
    calendars: Dict[str, Calendar]
    duties: Dict[str, Duty]
    promises: PromiseFile
    canned_replies: Tuple[CannedReply, ...]
    first_aid: FirstAidPolicy
    lookups: Lookups
    intake: Intake
    help_centre: HelpCentre

    def encoded(self) -> bytes:
        """The bundle as it is stored: JSON, one field of the top level on each line."""
        fields: List[bytes] = []
        for field in msgspec.structs.fields(self):
            value = msgspec.json.encode(getattr(self, field.name), enc_hook=encode_custom)
            fields.append(msgspec.json.encode(field.name) + b":" + value)
        return b"{" + b",\n".join(fields) + b"}\n"


class _Head(msgspec.Struct):
    format: int


_PartType = TypeVar("_PartType", bound=_Part)


def read_part(part: Type[_PartType], path: Path) -> _PartType:
    """A part of a stored bundle. Raises ContentError with the remedy for a bundle of another format or a damaged one."""
    try:
        return decode_part(part, path.read_bytes(), path)
    except OSError as error:
        raise ContentError(path, None, f"the published content cannot be read ({error.strerror}): {_REMEDY}") from error


def decode_part(part: Type[_PartType], data: bytes, path: Path) -> _PartType:
    """A part of an encoded bundle; `path` is for the message. Raises ContentError."""
    try:
        head = msgspec.json.decode(data, type=_Head)
        if head.format != FORMAT:
            age = "an older" if head.format < FORMAT else "a newer"
            problem = f"published by {age} version (format {head.format}, this version reads {FORMAT}): {_REMEDY}"
            raise ContentError(path, None, problem)
        return msgspec.json.decode(data, type=part, dec_hook=decode_custom)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ContentError(path, None, f"not a published bundle ({error}): {_REMEDY}") from error
