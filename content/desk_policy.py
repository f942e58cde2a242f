"""How the desk behaves and what it says: figures and texts of the content that is current at each call."""

from __future__ import annotations

import datetime as dt
import math
from pathlib import Path
from typing import Any, Callable, Dict, FrozenSet, List, Mapping, Optional, Sequence

import msgspec

from content.bundle import DeskContent
from content.desk_file import FILE, LANGUAGES, Attachments, Limits
from content.sources import ContentError, line_of, load_yaml
from content.templates import fill, fill_checked
from content.waiting_words import (
    FEW,
    OPENS_TEXTS,
    WAIT_TEXTS,
    Change,
    Fill,
    Matter,
    Opening,
    Standing,
    Wait,
    change_words,
    message_parts,
)
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

#: Facts `NAME_phone`; the first one is the service's own number.
_PHONES = ("service", "police", "antifraud")

_PLACE = {"ahead": 1, "few": FEW, "wait": ""}
_NOBODY = {"ahead": 1, "opens": ""}
_MOVED = {"ahead": 1, "few": FEW, "is_urgent": False}
#: What a text may use in addition to the facts. `urgent`, `lanes` and `advice` are also sent without place and wait.
_VALUES: Mapping[str, Mapping[str, Any]] = {
    **{f"wait.{name}": values for name, values in WAIT_TEXTS.items()},
    **{f"opens.{name}": values for name, values in OPENS_TEXTS.items()},
    **dict.fromkeys(("place_first", "place", "place_urgent"), _PLACE),
    **dict.fromkeys(("nobody_online", "nobody_online_urgent", "still_waiting.nobody"), _NOBODY),
    **dict.fromkeys(("still_waiting.first", "still_waiting.moved_back", "still_waiting.unchanged"), _MOVED),
    "still_waiting.moved_up": {**_MOVED, "moved": 1},
    "still_waiting.estimate": {"wait": ""},
    "still_waiting.longer": {"wait": ""},
    "assigned": {"agent_name": ""},
    "callback_code": {"code": "123456"},
    "callback_booked": {"begins": "", "ends": "12:00", "phone_last": "1234"},
}


def filled_in(place: str) -> Mapping[str, Any]:
    """The names that the desk fills into the text at a place such as `still_waiting.nobody`, with values to try them with."""
    return _VALUES.get(place, {})


def file_locale(language: str) -> str:
    """The language of the editors' files, "zh" or "en", for a customer's language."""
    return "en" if written_as(language) == "en" else "zh"


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

    @property
    def attachments(self) -> Attachments:
        """What customers' pictures may be, and how many."""
        return self._current().desk.attachments

    def is_known_reason(self, reason: str) -> bool:
        """Whether the triage policy has the reason."""
        return reason in self._current().policy.reasons

    @property
    def lasting_reasons(self) -> FrozenSet[str]:
        """Cases of these reasons stay open when the conversation is closed because nobody wrote."""
        return self._current().lasting_reasons

    @property
    def said_after(self) -> List[dt.timedelta]:
        """How long after the handoff a waiting customer reads what changed, in order."""
        return [dt.timedelta(minutes=minutes) for minutes in sorted(self._current().desk.waiting.said_after_minutes)]

    @property
    def recent(self) -> dt.timedelta:
        """The expected wait comes from the conversations that were taken within this time."""
        return dt.timedelta(hours=self._current().desk.waiting.recent_hours)

    def expected_wait(self, ahead: int, online: int) -> dt.timedelta:
        """The wait of a customer with `ahead` customers before them, when `online` agents each take one after the other.

        The figure of the configuration, for the time in which nothing is known of recent conversations.
        """
        minutes = math.ceil((ahead + 1) / max(1, online)) * self._current().desk.queue.minutes_per_conversation
        return dt.timedelta(minutes=minutes)

    def phones(self, lane: Optional[str]) -> Dict[str, str]:
        """The numbers that an urgent case's customer can call at once; in a lane the police, too."""
        return self._phones(_PHONES if lane else _PHONES[:1])

    @property
    def emergency_phones(self) -> Dict[str, str]:
        """All numbers that a customer in an emergency can call."""
        return self._phones(_PHONES)

    def _phones(self, names: Sequence[str]) -> Dict[str, str]:
        facts = self._current().facts["zh"]
        return {name: str(facts[f"{name}_phone"]) for name in names if f"{name}_phone" in facts}

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
        wait: Optional[Wait] = None,
        opening: Optional[Opening] = None,
    ) -> str:
        """The one message that tells a customer that a person takes over, their place, the wait, and what to do meanwhile.

        In an urgent case the phone number comes first, because a call helps at once. In a lane its own words come first of all
        and replace the advice: they say whom to call and what to stop while the fraudster still talks. A customer who writes in
        a language that nobody here writes reads in it that a person is called and what a victim must stop; the rest is English.
        `wait` None: the figure of the configuration. `opening`: only while nobody is online and the queue is closed.
        """
        content = self._current()
        words, fill_ = content.desk.texts[file_locale(locale)], _filler(content, locale)
        # A reason that is newer than the editors' words must not keep the person away.
        first = [fill_(words.handoff.get(reason) or words.handoff["user_request"])]
        if is_foreign(locale) and reason in _NOT_OF_THE_MATTER:
            first = []
        place = self._place(ahead, online, wait, opening)
        parts = message_parts(words, first, place, Matter(reason, intent, is_urgent, lane), fill_)
        if is_foreign(locale):
            parts[:0] = [fill_(content.languages[locale].text), fill_(content.languages[locale].stop)]
        return "\n".join(parts)

    def raised_text(
        self,
        locale: str,
        reason: str,
        intent: Optional[str],
        ahead: int,
        online: int,
        *,
        is_urgent: bool = False,
        lane: Optional[str] = None,
        wait: Optional[Wait] = None,
        opening: Optional[Opening] = None,
    ) -> str:
        """The message to a waiting customer who tells of a graver matter: whom to call, the new place, and what to do."""
        content = self._current()
        words, fill_ = content.desk.texts[file_locale(locale)], _filler(content, locale)
        place = self._place(ahead, online, wait, opening)
        return "\n".join(message_parts(words, [fill_(words.raised)], place, Matter(reason, intent, is_urgent, lane), fill_))

    def _place(self, ahead: int, online: int, wait: Optional[Wait], opening: Optional[Opening]) -> Standing:
        length = self.expected_wait(ahead, online)
        return Standing(ahead, online > 0, wait or Wait(length, length), opening)

    def change_text(self, locale: str, change: Change) -> str:
        """A line to a customer who waits: what changed since the last one, and what to expect now."""
        content = self._current()
        return change_words(content.desk.texts[file_locale(locale)], change, _filler(content, locale))

    def text(self, name: str, locale: str, **values: Any) -> str:
        """One of the desk's other texts."""
        content = self._current()
        return _fill(content, getattr(content.desk.texts[file_locale(locale)], name), locale, values)

    def fill(self, template: str, locale: str, **values: Any) -> str:
        """Any editor's text with facts and values filled in (canned replies)."""
        return _fill(self._current(), template, locale, values)


def _filler(content: DeskContent, locale: str) -> Fill:
    return lambda template, **values: _fill(content, template, locale, values)


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
        needs = {"handoff": content.policy.reasons, "lanes": LANES, "wait": WAIT_TEXTS, "opens": OPENS_TEXTS}
        for field, needed in needs.items():
            missing = set(needed) - set(getattr(words, field))
            if missing:
                line = line_of(document, ["texts", locale, field])
                raise ContentError(path, line, f"texts.{locale}.{field} has no words for {', '.join(sorted(missing))}")
        fill(TOO_MANY[locale], content.facts[locale])
        for place, text in _texts(msgspec.to_builtins(words)).items():
            line = line_of(document, ["texts", locale, *_text_of(place).split(".")])
            values = _VALUES.get(_text_of(place), {})
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
    """The texts of a language by their place, such as `advice.security` or `still_waiting.apology.2`."""
    flat: Dict[str, str] = {}
    for name, value in words.items():
        if isinstance(value, str):
            flat[name] = value
        else:
            items = value if isinstance(value, dict) else {str(number): text for number, text in enumerate(value, 1)}
            flat.update({f"{name}.{place}": text for place, text in _texts(items).items()})
    return flat


def _text_of(place: str) -> str:
    """The name of a text or of the list that it is in."""
    name, _, number = place.rpartition(".")
    return name if number.isdigit() else place
