"""What the editors' texts promise (`data/promises.yml`), and the check that each promise of a time is declared."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Dict, Iterator, List, Literal, Mapping, Optional, Sequence, Tuple

import msgspec

from content.articles import Articles
from content.calendars import Calendar
from content.canned_replies import FILE as CANNED_REPLIES
from content.canned_replies import CannedReply
from content.promise_words import PromiseWords
from content.sources import ContentError, Strict, line_of, load_mapping, load_yaml, shaped
from contract.locales import FILE_LOCALES

FILE = "promises.yml"
#: What an agent promised in words of their own.
SAID = "said"
#: The promises that the desk itself makes.
NEEDED = ("follow_up", "callback", SAID)
_Words = Annotated[str, msgspec.Meta(min_length=1)]
_FACT = re.compile(r"\{\{\s*(\w+)\s*\}\}")


class PromiseKind(Strict, frozen=True):
    """One thing that can be promised. `kept_by`: "message" (an agent's, later), "decision" (of the case), "resolution"."""

    zh: _Words
    en: _Words
    kept_by: Tuple[Literal["message", "decision", "resolution"], ...] = ()


class PromiseFile(Strict, frozen=True):
    """`data/promises.yml`. `texts`: the promises of texts of other files, by place such as `desk.yml: texts.zh.resolved`.

    `statements`: places whose times are general statements, with the reason. `zone` and `calendar`: how days are counted.
    """

    version: Literal[1]
    zone: str
    calendar: str
    promises: Dict[str, PromiseKind]
    actions: Dict[str, Tuple[_Words, ...]]
    not_ours: Dict[str, Tuple[_Words, ...]]
    texts: Dict[str, Tuple[str, ...]] = {}
    statements: Dict[str, _Words] = {}


def load_promises(path: Path, calendars: Mapping[str, Calendar]) -> PromiseFile:
    """The file.

    Raises ContentError for a promise that the desk needs and is missing, a wrong expression, an unknown calendar.
    """
    document = load_mapping(path, PromiseFile)
    loaded = shaped(PromiseFile, path, document)
    for name in NEEDED:
        if name not in loaded.promises:
            raise ContentError(path, line_of(document, ["promises"]), f"promises.{name} is missing: the desk itself makes it")
    if loaded.calendar not in calendars:
        raise ContentError(path, line_of(document, ["calendar"]), f"calendar: there is no calendar `{loaded.calendar}`")
    for field in ("actions", "not_ours"):
        lists = getattr(loaded, field)
        for locale in FILE_LOCALES:
            if locale not in lists:
                raise ContentError(path, line_of(document, [field]), f"{field}.{locale} is missing")
            for number, expression in enumerate(lists[locale]):
                try:
                    re.compile(expression)
                except re.error as error:
                    place = [field, locale, number]
                    problem = f"{field}.{locale}.{number}: not a regular expression: {error}"
                    raise ContentError(path, line_of(document, place), problem) from error
    return loaded


def words_of(promises: PromiseFile) -> PromiseWords:
    """The compiled lists."""
    return PromiseWords.of(promises.actions, promises.not_ours)


def check_promises(
    promises: PromiseFile,
    folder: Path,
    files: Sequence[str],
    facts: Mapping[str, Mapping[str, Any]],
    articles: Articles,
    canned: Sequence[CannedReply],
) -> None:
    """Compare the promises that texts make with those that they declare.

    Raises ContentError with file, line and fix for a time that is promised and not declared, and for a declared promise without
    a time; each language has as many as are declared. `files`: the YAML files whose texts are looked at besides articles and
    canned replies.
    """
    check = _Check(promises, facts)
    for number, reply in enumerate(canned):
        for locale in FILE_LOCALES:
            place = ["canned_replies", number, "text", locale]
            check.compare(
                folder / CANNED_REPLIES, place, f"{reply.id}: text.{locale}", getattr(reply.text, locale), locale, reply.promise
            )
    for article in articles.all:
        head = article.header
        path = folder / "articles" / f"{head.id}.{head.locale}.md"
        if f"articles/{head.id}" not in promises.statements:
            check.compare(path, None, "front matter promise", article.text, head.locale, head.promise)
    for file in files:
        document = load_yaml(folder / file)
        for place in _strings(document, []):
            name = f"{file}: {'.'.join(map(str, place))}"
            if name in promises.statements:
                continue
            locale = "en" if "en" in place else "zh"
            check.compare(folder / file, place, name, _value(document, place), locale, promises.texts.get(name, ()))


class _Check:
    def __init__(self, promises: PromiseFile, facts: Mapping[str, Mapping[str, Any]]) -> None:
        self._promises, self._facts, self._words = promises, facts, words_of(promises)

    def compare(
        self, path: Path, place: Optional[Sequence[Any]], name: str, text: str, locale: str, declared: Sequence[str]
    ) -> None:
        """Raises ContentError when the text and the declaration differ."""
        for promise in declared:
            if promise not in self._promises.promises:
                raise self._error(path, place, f"{name}: there is no promise `{promise}` in promises.yml: correct the name")
        known = self._facts[locale]
        filled = _FACT.sub(lambda match: str(known.get(match[1], match[0])), text)
        found = self._words.find(filled)
        if len(found) > len(declared):
            said = found[len(declared)].words
            problem = (
                f"“{said}” promises a time and is not declared: add `promise: [...]`, "
                "or say in `statements` of promises.yml why it is none"
            )
            raise self._error(path, place, f"{name}: {problem}")
        if len(found) < len(declared):
            problem = f"declares {len(declared)} promises, and the text promises {len(found)} times: correct one of them"
            raise self._error(path, place, f"{name}: {problem}")

    @staticmethod
    def _error(path: Path, place: Optional[Sequence[Any]], problem: str) -> ContentError:
        line = line_of(load_yaml(path), place) if place is not None else 1
        return ContentError(path, line, problem)


def _strings(node: Any, place: List[Any]) -> Iterator[List[Any]]:
    """The places of all texts of a document."""
    if isinstance(node, str):
        yield place
    elif isinstance(node, dict):
        for key, value in node.items():
            yield from _strings(value, [*place, key])
    elif isinstance(node, list):
        for number, value in enumerate(node):
            yield from _strings(value, [*place, number])


def _value(document: Any, place: Sequence[Any]) -> str:
    for step in place:
        document = document[step]
    return str(document)
