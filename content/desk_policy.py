"""How the desk behaves and what it says: figures and texts of the content that is current at each call."""

from __future__ import annotations

import datetime as dt
import math
from pathlib import Path
from typing import Any, Callable, Dict, FrozenSet, List, Mapping, Optional

import msgspec

from content.bundle import DeskContent
from content.desk_file import FILE, LANGUAGES, DeskTexts, Limits
from content.sources import ContentError, line_of, load_yaml
from content.templates import fill, fill_checked
from contract.locales import FILE_LOCALES, TRADITIONAL
from contract.priorities import LANES
from language.recognition import FOREIGN, is_foreign, written_as

#: What a customer or agent reads who meets a limit; there may be an emergency behind a crowded address.
TOO_MANY = {
    "zh": "操作太频繁，请稍后再试。紧急情况请拨打 {{ service_phone }}。",
    "en": "Too many requests; please try again later. In an emergency call {{ service_phone }}.",
}
#: Reasons whose words say only that a person is called.
_NOT_OF_THE_MATTER = frozenset({"user_request", "unresolved", "bot_unavailable"})

_WAIT = {"ahead": 1, "minutes": 1}
#: What a text may use in addition to the facts. `urgent`, `lanes` and `advice` are also sent without place and wait.
_VALUES: Mapping[str, Mapping[str, Any]] = {
    **dict.fromkeys(("place_first", "place", "nobody_online", "handoff"), _WAIT),
    "assigned": {"agent_name": ""},
}


def file_locale(language: str) -> str:
    """The language of the editors' files, "zh" or "en", for a customer's language."""
    return "en" if written_as(language) == "en" else "zh"


def _with_advice(parts: List[str], words: DeskTexts, reason: str, intent: Optional[str], lane: Optional[str]) -> List[str]:
    """A message with the advice for the wait, if there are words for it: at its end, in a lane before all else."""
    at_once = words.lanes.get(lane or "")
    if at_once:
        return [at_once, *parts]
    advice = words.advice.get(intent or "") or words.advice.get(reason)
    return [*parts, advice] if advice else parts


class DeskPolicy:
    """The desk's figures, and its words with the facts filled in.

    `current` gives the content that is published now. Each method asks for it once, so one message never mixes two versions.
    """

    def __init__(self, current: Callable[[], DeskContent]) -> None:
        self._current = current

    @property
    def content(self) -> DeskContent:
        """All of the content that is published now."""
        return self._current()

    @property
    def away_after(self) -> dt.timedelta:
        """An agent who pressed no key for this time is away."""
        return dt.timedelta(minutes=self._current().desk.routing.away_after_minutes)

    @property
    def same_address(self) -> int:
        """How many more urgent cases from one network address are one card."""
        return self._current().desk.queue.same_address

    @property
    def turn_deadline(self) -> dt.timedelta:
        """How long the bot may take for a turn."""
        return dt.timedelta(seconds=self._current().desk.turns.deadline_seconds)

    @property
    def turns_at_once(self) -> int:
        """Turns that one desk process runs at the same time."""
        return self._current().desk.turns.at_once

    @property
    def agent_capacity(self) -> int:
        """Conversations that a new agent account may hold."""
        return self._current().desk.agents.capacity

    @property
    def online_within(self) -> dt.timedelta:
        """An agent who was seen within this time counts as present."""
        return dt.timedelta(seconds=self._current().desk.agents.online_within_seconds)

    @property
    def gone_after(self) -> dt.timedelta:
        """An agent who was not seen for this time loses the customers who wait for a word."""
        return dt.timedelta(seconds=self._current().desk.agents.gone_after_seconds)

    @property
    def session_length(self) -> dt.timedelta:
        """How long a sign-in is valid."""
        return dt.timedelta(hours=self._current().desk.agents.session_hours)

    @property
    def idle_with_bot(self) -> dt.timedelta:
        """The bot's conversations close after this time without a word."""
        return dt.timedelta(minutes=self._current().desk.idle.with_bot_minutes)

    @property
    def idle_assigned(self) -> dt.timedelta:
        """An agent's conversations close after this time without a word."""
        return dt.timedelta(minutes=self._current().desk.idle.assigned_minutes)

    @property
    def limits(self) -> Limits:
        """How much one address, one conversation or one login may ask for."""
        return self._current().desk.limits

    def is_known_reason(self, reason: str) -> bool:
        """Whether the triage policy has the reason."""
        return reason in self._current().policy.reasons

    @property
    def lasting_reasons(self) -> FrozenSet[str]:
        """Cases of these reasons stay open when the conversation is closed because nobody wrote."""
        return self._current().lasting_reasons

    def expected_wait(self, ahead: int, online: int) -> dt.timedelta:
        """The wait of a customer with `ahead` customers before them, when `online` agents each take one after the other."""
        return dt.timedelta(minutes=_minutes(self._current(), ahead, online))

    def handoff_text(
        self,
        locale: str,
        reason: str,
        intent: Optional[str],
        ahead: int,
        online: int,
        *,
        is_urgent: bool = False,
        lane: Optional[str] = None,
    ) -> str:
        """The one message that tells a customer that a person takes over, their place, the wait, and what to do meanwhile.

        In an urgent case the phone number stands before the place, and first of all while nobody is online, because a call
        helps at once. In a lane its own words come first of all and replace the advice: they say what to stop while the
        fraudster still talks. A customer who writes in a language that nobody here writes reads in it that a person is called
        and what a victim must stop; the rest is English.
        """
        content = self._current()
        words = content.desk.texts[file_locale(locale)]
        minutes = math.ceil(_minutes(content, ahead, online))
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
            parts[:0] = [content.languages[locale].text, content.languages[locale].stop]
        return "\n".join(_fill(content, part, locale, {"ahead": ahead, "minutes": minutes}) for part in parts)

    def raised_text(
        self,
        locale: str,
        reason: str,
        intent: Optional[str],
        online: int,
        *,
        is_urgent: bool = False,
        lane: Optional[str] = None,
    ) -> str:
        """The message to a waiting customer who tells of a graver matter: whom to call and what to do come now, too."""
        content = self._current()
        words = content.desk.texts[file_locale(locale)]
        parts = [words.raised]
        if is_urgent:
            parts.append(words.urgent if online else words.nobody_online_urgent)
        return "\n".join(_fill(content, part, locale, {}) for part in _with_advice(parts, words, reason, intent, lane))

    def text(self, name: str, locale: str, **values: Any) -> str:
        """One of the desk's other texts."""
        content = self._current()
        return _fill(content, getattr(content.desk.texts[file_locale(locale)], name), locale, values)

    def fill(self, template: str, locale: str, **values: Any) -> str:
        """Any editor's text with facts and values filled in (canned replies)."""
        return _fill(self._current(), template, locale, values)


def _minutes(content: DeskContent, ahead: int, online: int) -> float:
    return math.ceil((ahead + 1) / max(1, online)) * content.desk.queue.minutes_per_conversation


def _fill(content: DeskContent, template: str, locale: str, values: Mapping[str, Any]) -> str:
    written = written_as(locale)
    if written == TRADITIONAL:  # the template and not the result: an agent's name stays as it is
        template = content.traditional.convert(template)
    return fill(template, {**content.facts[written], **values})


def check_desk_content(content: DeskContent, folder: Path) -> None:
    """Fill every text once. Raises ContentError for a missing language, reason, lane or fact."""
    _check_languages(content, folder / LANGUAGES)
    path = folder / FILE
    document = load_yaml(path)
    for locale in FILE_LOCALES:
        words = content.desk.texts.get(locale)
        if words is None:
            raise ContentError(path, line_of(document, ["texts"]), f"texts.{locale} is missing")
        for field, needed in (("handoff", set(content.policy.reasons)), ("lanes", set(LANES))):
            missing = needed - set(getattr(words, field))
            if missing:
                line = line_of(document, ["texts", locale, field])
                raise ContentError(path, line, f"texts.{locale}.{field} has no words for {', '.join(sorted(missing))}")
        fill(TOO_MANY[locale], content.facts[locale])
        for place, text in _texts(msgspec.structs.asdict(words)).items():
            line = line_of(document, ["texts", locale, *place.split(".")])
            values = _VALUES.get(place.split(".")[0], {})
            try:
                fill_checked(text, {**content.facts[locale], **values}, path, place=f"texts.{locale}.{place}")
            except ContentError as error:
                raise ContentError(path, line, error.problem) from error


def _check_languages(content: DeskContent, path: Path) -> None:
    for code in FOREIGN:
        if code not in content.languages:
            raise ContentError(path, None, f"languages.{code} is missing: language/recognition.py recognises it")
    for code, language in content.languages.items():
        if code not in FOREIGN:
            raise ContentError(path, None, f"languages.{code}: language/recognition.py does not recognise it: remove it")
        for name in ("text", "stop"):
            fill_checked(getattr(language, name), content.facts[written_as(code)], path, place=f"languages.{code}.{name}")


def _texts(words: Mapping[str, Any]) -> Dict[str, str]:
    """The texts of a language by their place, such as `advice.security`."""
    flat: Dict[str, str] = {}
    for name, value in words.items():
        flat.update({f"{name}.{key}": text for key, text in value.items()} if isinstance(value, dict) else {name: value})
    return flat
