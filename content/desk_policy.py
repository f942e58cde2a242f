"""How the desk behaves and what it says: `data/desk.yml`, checked when it is read."""

from __future__ import annotations

import datetime as dt
import functools
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import yaml
from jinja2 import StrictUndefined, Template
from jinja2.sandbox import SandboxedEnvironment
from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt, ValidationError

from contract.locales import TRADITIONAL
from contract.priorities import LANES
from handoff.runtime.limits.rules import AddressLimits, BackOff, ConversationLimits, LimitPolicy, Rate
from language.recognition import FOREIGN, is_foreign, written_as
from language.traditional import FILE as TRADITIONAL_WORDS
from language.traditional import Traditional, check_words

#: The languages of the editors' files; traditional Chinese is made of the first.
LOCALES = ("zh", "en")
#: What somebody hears who meets a limit; they may be in an emergency behind a crowded address.
TOO_MANY = {
    "zh": "操作太频繁，请稍后再试。紧急情况请拨打 {{ service_phone }}。",
    "en": "Too many requests; please try again later. In an emergency call {{ service_phone }}.",
}
LANGUAGES = "languages.yml"
#: Reasons whose words say only that a person is called.
_NOT_OF_THE_MATTER = frozenset({"user_request", "unresolved", "bot_unavailable"})
_TEMPLATES = SandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
#: Why a person is brought in, as the triage policy knows it.
REASONS = frozenset(
    "security large_transaction dispute identity_check complex_technical user_request unresolved bot_unavailable".split()
)


@functools.lru_cache(maxsize=1000)
def _compiled(template: str) -> Template:
    # Compiling takes milliseconds, and the console asks for all canned replies at once.
    return _TEMPLATES.from_string(template)


class DeskPolicyError(Exception):
    """An editor's file is wrong; the message names the file, the place, and what is wrong."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Queue(_Strict):
    minutes_per_conversation: PositiveFloat
    same_address: PositiveInt


class _Turns(_Strict):
    deadline_seconds: PositiveFloat
    at_once: PositiveInt


class _Agents(_Strict):
    capacity: PositiveInt
    online_within_seconds: PositiveInt
    gone_after_seconds: PositiveInt
    session_hours: PositiveInt


class _Idle(_Strict):
    with_bot_minutes: PositiveInt
    assigned_minutes: PositiveInt


class _Rate(_Strict):
    at_once: PositiveInt
    per_minute: PositiveFloat

    def rate(self) -> Rate:
        return Rate(self.at_once, self.per_minute)


class _AddressLimits(_Strict):
    conversations: _Rate
    handoffs: _Rate
    messages: _Rate
    sign_ins: _Rate
    streams: PositiveInt


class _ConversationLimits(_Strict):
    messages: _Rate
    streams: PositiveInt


class _SignIns(_Strict):
    at_once: PositiveInt
    longest_pause_seconds: PositiveFloat


class _LoginLimits(_Strict):
    sign_ins: _SignIns


class _Limits(_Strict):
    per_address: _AddressLimits
    per_conversation: _ConversationLimits
    per_login: _LoginLimits

    def policy(self) -> LimitPolicy:
        address, conversation, sign_ins = self.per_address, self.per_conversation, self.per_login.sign_ins
        return LimitPolicy(
            AddressLimits(
                conversations=address.conversations.rate(),
                handoffs=address.handoffs.rate(),
                messages=address.messages.rate(),
                sign_ins=address.sign_ins.rate(),
                streams=address.streams,
            ),
            ConversationLimits(messages=conversation.messages.rate(), streams=conversation.streams),
            BackOff(sign_ins.at_once, sign_ins.longest_pause_seconds),
        )


class _Words(_Strict):
    place_first: str
    place: str
    nobody_online: str
    nobody_online_urgent: str
    urgent: str
    handoff: dict[str, str]
    lanes: dict[str, str]
    advice: dict[str, str]
    raised: str
    confirm_cancel: str
    button_cancel_wait: str
    button_keep_waiting: str
    kept_waiting: str
    cancelled: str
    assigned: str
    returned: str
    requeued: str
    resolved: str


class _Language(_Strict):
    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)
    text: str = Field(min_length=1)
    #: What a victim must do at once, told in every case: the bot does not hear every emergency in a foreign language.
    stop: str = Field(min_length=1)


class _Languages(_Strict):
    version: int = Field(ge=1, le=1)
    languages: dict[str, _Language]


class _File(_Strict):
    version: int = Field(ge=1, le=1)
    queue: _Queue
    turns: _Turns
    agents: _Agents
    idle: _Idle
    limits: _Limits
    texts: dict[str, _Words]


_Model = TypeVar("_Model", bound=BaseModel)


def file_locale(language: str) -> str:
    """The language of the editors' files, "zh" or "en", for a customer's language."""
    return "en" if written_as(language) == "en" else "zh"


def _with_advice(parts: list[str], words: _Words, reason: str, intent: str | None, lane: str | None) -> list[str]:
    """A message with what to do while one waits, if there are words for it: at its end, in a lane before all else."""
    at_once = words.lanes.get(lane or "")
    if at_once:
        return [at_once, *parts]
    advice = words.advice.get(intent or "") or words.advice.get(reason)
    return [*parts, advice] if advice else parts


class DeskPolicy:
    """The desk's figures, and its words with the facts filled in."""

    def __init__(
        self,
        file: _File,
        facts: dict[str, dict[str, Any]],
        languages: Mapping[str, _Language],
        traditional: Traditional,
    ) -> None:
        self._file, self._languages, self._traditional = file, languages, traditional
        hant = {name: traditional.convert(value) if isinstance(value, str) else value for name, value in facts["zh"].items()}
        self._facts = {**facts, TRADITIONAL: hant}
        self.same_address = file.queue.same_address
        self.turn_deadline = dt.timedelta(seconds=file.turns.deadline_seconds)
        self.turns_at_once = file.turns.at_once
        self.agent_capacity = file.agents.capacity
        self.online_within = dt.timedelta(seconds=file.agents.online_within_seconds)
        self.gone_after = dt.timedelta(seconds=file.agents.gone_after_seconds)
        self.session_length = dt.timedelta(hours=file.agents.session_hours)
        self.idle_with_bot = dt.timedelta(minutes=file.idle.with_bot_minutes)
        self.limits = file.limits.policy()
        self.idle_assigned = dt.timedelta(minutes=file.idle.assigned_minutes)

    def expected_wait(self, ahead: int, online: int) -> dt.timedelta:
        """How long someone with `ahead` people before them waits, when `online` agents each take one after the other."""
        rounds = math.ceil((ahead + 1) / max(1, online))
        return dt.timedelta(minutes=rounds * self._file.queue.minutes_per_conversation)

    def handoff_text(
        self,
        locale: str,
        reason: str,
        intent: str | None,
        ahead: int,
        online: int,
        *,
        is_urgent: bool = False,
        lane: str | None = None,
    ) -> str:
        """The one message that tells a customer that a person takes over, their place, the wait, and what to do meanwhile.

        In an urgent case the phone number stands before the place, and first of all while nobody is online: it helps now. In a
        lane its own words come first of all, and stand for the advice: what to stop at once, while the fraudster still talks.
        Who writes in a language that nobody here writes hears in it that a person is called and what
        a victim must stop; the rest is English.
        """
        words = self._words(locale)
        minutes = math.ceil(self.expected_wait(ahead, online).total_seconds() / 60)
        place = words.place_first if ahead == 0 else words.place
        # A reason that is newer than the editors' words must not keep the person away.
        parts = [words.handoff.get(reason) or words.handoff["user_request"]]
        if online and is_urgent:
            parts += [words.urgent, place]
        elif online:
            parts.append(place)
        elif is_urgent:
            parts.insert(0, words.nobody_online_urgent)
        else:
            parts.append(words.nobody_online)
        parts = _with_advice(parts, words, reason, intent, lane)
        if is_foreign(locale):
            if reason in _NOT_OF_THE_MATTER:
                parts.remove(words.handoff[reason])
            parts[:0] = [self._languages[locale].text, self._languages[locale].stop]
        return "\n".join(self._fill(part, locale, ahead=ahead, minutes=minutes) for part in parts)

    def raised_text(
        self, locale: str, reason: str, intent: str | None, online: int, *, is_urgent: bool = False, lane: str | None = None
    ) -> str:
        """What a waiting customer hears who tells of something graver: whom to call and what to do come now, too."""
        words = self._words(locale)
        parts = [words.raised]
        if is_urgent:
            parts.append(words.urgent if online else words.nobody_online_urgent)
        return "\n".join(self._fill(part, locale) for part in _with_advice(parts, words, reason, intent, lane))

    def text(self, name: str, locale: str, **values: Any) -> str:
        """One of the desk's other texts."""
        return self._fill(getattr(self._words(locale), name), locale, **values)

    def fill(self, template: str, locale: str, **values: Any) -> str:
        """Any editor's text with facts and values filled in (canned replies)."""
        return self._fill(template, locale, **values)

    def language_names(self) -> dict[str, dict[str, str]]:
        """What agents call the languages that nobody here writes: code -> `{zh, en}`."""
        return {code: {"zh": language.zh, "en": language.en} for code, language in self._languages.items()}

    def _words(self, locale: str) -> _Words:
        return self._file.texts[file_locale(locale)]

    def _fill(self, template: str, locale: str, **values: Any) -> str:
        written = written_as(locale)
        if written == TRADITIONAL:  # the template and not the result: an agent's name stays as it is
            template = self._traditional.convert(template)
        return _compiled(template).render({**self._facts[written], **values}).strip()

    def check(self, path: Path) -> None:
        """Fill every text once. Raises DeskPolicyError for a missing language, reason or fact."""
        other = path.with_name(LANGUAGES)
        for code in FOREIGN:
            if code not in self._languages:
                raise DeskPolicyError(f"{other}: languages.{code} is missing: language/recognition.py recognises it")
        for code, language in self._languages.items():
            if code not in FOREIGN:
                raise DeskPolicyError(f"{other}: languages.{code}: language/recognition.py does not recognise it: remove it")
            for name in ("text", "stop"):
                try:
                    self._fill(getattr(language, name), code)
                except Exception as error:  # a template can fail in any way
                    raise DeskPolicyError(f"{other}: languages.{code}.{name}: {error}; facts are in facts.yml") from error
        for locale in LOCALES:
            words = self._file.texts.get(locale)
            if words is None:
                raise DeskPolicyError(f"{path}: texts.{locale} is missing")
            missing = REASONS - set(words.handoff)
            if missing:
                raise DeskPolicyError(f"{path}: texts.{locale}.handoff has no words for {', '.join(sorted(missing))}")
            missing = LANES - set(words.lanes)
            if missing:
                raise DeskPolicyError(f"{path}: texts.{locale}.lanes has no words for {', '.join(sorted(missing))}")
            flat = words.model_dump()
            texts = [t for value in flat.values() for t in (value.values() if isinstance(value, dict) else [value])]
            for text in [*texts, TOO_MANY[locale]]:
                try:
                    self._fill(text, locale, ahead=1, minutes=1, agent_name="")
                except Exception as error:  # a template can fail in any way
                    raise DeskPolicyError(f"{path}: texts.{locale}: “{text[:30]}…”: {error}; facts are in facts.yml") from error


def read_yaml(path: Path) -> Any:
    """A YAML file. Raises DeskPolicyError with the file and line."""
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise DeskPolicyError(f"{path}: cannot be read: {error}") from error


def load_facts(path: Path) -> dict[str, dict[str, Any]]:
    """`data/facts.yml` as locale -> name -> value."""
    document = read_yaml(path)
    if not isinstance(document, dict):
        raise DeskPolicyError(f"{path}: expected `name: value` lines")
    try:
        return {
            locale: {name: value[locale] if isinstance(value, dict) else value for name, value in document.items()}
            for locale in LOCALES
        }
    except KeyError as error:
        raise DeskPolicyError(f"{path}: a value by language needs all of {', '.join(LOCALES)} ({error} is missing)") from error


def _validated(model: type[_Model], path: Path) -> _Model:
    try:
        return model.model_validate(read_yaml(path))
    except ValidationError as error:
        first = error.errors()[0]
        raise DeskPolicyError(f"{path}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error


def load_desk_policy(folder: Path) -> DeskPolicy:
    """Read and check `desk.yml`, `languages.yml`, `traditional.yml` and `facts.yml` of a folder. Raises DeskPolicyError."""
    path = folder / "desk.yml"
    file, languages = _validated(_File, path), _validated(_Languages, folder / LANGUAGES).languages
    try:
        traditional = Traditional(check_words(read_yaml(folder / TRADITIONAL_WORDS)))
    except ValueError as error:
        raise DeskPolicyError(f"{folder / TRADITIONAL_WORDS}: {error}") from error
    policy = DeskPolicy(file, load_facts(folder / "facts.yml"), languages, traditional)
    policy.check(path)
    return policy
