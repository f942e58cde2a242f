"""Makes an obligation of each promise in a message to a customer, at the moment at which the message is stored.

Every message passes here on its way to the log, whoever wrote it, so no text can promise something that nobody remembers.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from content.bundle import DeskContent
from content.desk_policy import DeskPolicy
from content.promise_words import Promised, PromiseWords
from content.promises import SAID, words_of
from content.templates import fill
from contract.locales import FILE_LOCALES
from handoff.cases.clock_words import moment
from handoff.cases.clocks import Counted, count
from handoff.conversations.decide import MakePromise
from handoff.conversations.draft import Draft
from handoff.conversations.events import Event, Message

_LAST_SECOND = dt.time(23, 59, 59)
#: Promises of one message; more than this is a text about promises.
_MOST = 5


@dataclass(frozen=True)
class _Texts:
    """What one content says about promises: the compiled words, and the ids that its texts declare for their clauses."""

    words: PromiseWords
    declared: dict[str, str]
    closings: dict[str, str]


@functools.lru_cache(maxsize=2)
def _texts_of(content: DeskContent) -> _Texts:
    words = words_of(content.promises)
    declared: dict[str, str] = {}
    for reply in content.canned_replies:
        for locale in FILE_LOCALES:
            text = fill(getattr(reply.text, locale), {**content.facts[locale], "agent_name": ""})
            for promised, name in zip(words.find(text), reply.promise, strict=False):
                declared.setdefault(promised.words, name)
    closings: dict[str, str] = {}
    for form_name, form in content.intake.forms.items():
        for locale in FILE_LOCALES if form.closing is not None else ():
            text = fill(form.closing.text.of(locale), content.facts[locale]) if form.closing is not None else ""
            names = content.promises.texts.get(f"intake.yml: forms.{form_name}.closing.text.{locale}", ())
            for written in (text, content.traditional.convert(text)) if locale == "zh" else (text,):
                closings |= {promised.words: name for promised, name in zip(words.find(written), names, strict=False)}
    return _Texts(words, declared, closings)


class PromiseKeeper:
    """Looks at what is about to be stored."""

    def __init__(self, policy: DeskPolicy) -> None:
        self._policy = policy

    def note(self, draft: Draft) -> None:
        """Add the obligations of the draft's messages.

        A message for which a room made the promise itself gets no second one.
        """
        spoken = [event for event in draft.events if isinstance(event.body, Message) and event.by.kind != "customer"]
        if not spoken:
            return
        content = self._policy.content
        for event in spoken:
            if any(each.message_seq == event.seq for each in draft.state.care.obligations):
                continue
            for promised, name in _promised(event, content)[:_MOST]:
                draft.do(_obligation(event, promised, name, content), event.at)


def _promised(event: Event, content: DeskContent) -> Sequence[tuple[Promised, str]]:
    body = event.body
    if not isinstance(body, Message):
        return ()
    texts = _texts_of(content)
    found = texts.words.find(body.text)
    if body.article is not None:
        # An article promises what its head declares; other times in it are statements about a service.
        header = next((each.header for each in content.articles.all if each.header.id == body.article.get("id")), None)
        return list(zip(found, header.promise if header else (), strict=False))
    declared = texts.closings if body.kind == "intake" else texts.declared
    return [(each, declared.get(each.words, SAID)) for each in found]


def _obligation(event: Event, promised: Promised, name: str, content: DeskContent) -> MakePromise:
    counted = _due(event.at, promised, content)
    kind = content.promises.promises.get(name) or content.promises.promises[SAID]
    body = event.body
    text_kind = event.by.kind if not isinstance(body, Message) or body.kind is None else body.kind
    return MakePromise(
        promise=name,
        message_seq=event.seq,
        due_at=counted.due_at,
        why_zh=_why(event.at, promised, counted, content, "zh"),
        why_en=_why(event.at, promised, counted, content, "en"),
        kept_by=kind.kept_by,
        text_kind=text_kind,
        by=event.by.name or None,
    )


def _due(at: dt.datetime, promised: Promised, content: DeskContent) -> Counted:
    zone = content.promises.zone
    if promised.unit == "end_of_day":
        local = ZoneInfo(zone)
        day = at.astimezone(local).date() + dt.timedelta(days=promised.within)
        return Counted(dt.datetime.combine(day, _LAST_SECOND, local).astimezone(dt.UTC))
    return count(at, promised.within, promised.unit, zone, content.calendars.get(content.promises.calendar))


def _why(at: dt.datetime, promised: Promised, counted: Counted, content: DeskContent, locale: str) -> str:
    texts = content.desk.duties.explanations.get(locale, {})
    if "promised" not in texts:
        return promised.words
    zone = ZoneInfo(content.promises.zone)
    left_out = [
        f"{days.first}{'' if days.first == days.last else f' – {days.last}'} "
        f"({(days.en if locale == 'en' else days.zh) or fill(texts['weekend'], {})})"
        for days in counted.skipped
    ]
    values = {"words": promised.words, "start": moment(at, zone), "due": moment(counted.due_at, zone), "zone": str(zone)}
    parts = [fill(texts["promised"], values)]
    if left_out:
        parts.append(fill(texts["skipped"], {"days": texts["join"].join(left_out)}))
    if counted.unknown_years:
        years = texts["join"].join(map(str, counted.unknown_years))
        parts.append(fill(texts["unknown_years"], {"years": years}))
    return (" " if locale == "en" else "").join(parts)
