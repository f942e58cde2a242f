"""The texts that customers read and that may show facts, from every file that has some."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import Any, Callable, Dict, FrozenSet, Iterator, List, Mapping, Tuple

from jinja2 import TemplateSyntaxError, meta
from jinja2.sandbox import SandboxedEnvironment

from content.canned_replies import FILE as CANNED_REPLIES
from content.desk_file import FILE as DESK
from content.desk_file import LANGUAGES
from content.replies import FILE as REPLIES
from contract.locales import FILE_LOCALES

_PLACEHOLDER = re.compile(r"\{\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}\}")
_TEMPLATES = SandboxedEnvironment()


@dataclass(frozen=True)
class FactText:
    """A text with its place.

    `kind`: `article`, `canned`, `text` (desk.yml), `reply` (replies.yml) or `language` (languages.yml).
    `text`: with placeholders.
    """

    kind: str
    id: str
    locale: str
    title: str
    text: str


@functools.lru_cache(maxsize=4096)
def names_in(template: str) -> FrozenSet[str]:
    """The names that a text shows or asks for; those in double braces only, if the text is no sound template."""
    try:
        return frozenset(meta.find_undeclared_variables(_TEMPLATES.parse(template)))
    except TemplateSyntaxError:
        return frozenset(_PLACEHOLDER.findall(template))


def with_facts(template: str, facts: Mapping[str, Any]) -> str:
    """A text with the facts written into it. Other names and conditions stay as the editor wrote them."""
    return _PLACEHOLDER.sub(lambda found: str(facts.get(found.group(1), found.group(0))), template)


def flat_texts(words: Any, prefix: str = "") -> Iterator[Tuple[str, str]]:
    """The texts in nested mappings and lists by their place, such as `advice.security` or `still_waiting.apology.1`."""
    if isinstance(words, str):
        yield prefix, words
    elif isinstance(words, dict):
        for name, value in words.items():
            yield from flat_texts(value, f"{prefix}.{name}" if prefix else str(name))
    elif isinstance(words, list):
        for number, value in enumerate(words, 1):
            yield from flat_texts(value, f"{prefix}.{number}")


def _canned(document: Any) -> List[FactText]:
    found = []
    listed = document.get("canned_replies") if isinstance(document, dict) else None
    for reply in listed if isinstance(listed, list) else ():
        texts, titles = (reply.get(key) if isinstance(reply, dict) else None for key in ("text", "title"))
        for locale in FILE_LOCALES:
            if isinstance(texts, dict) and isinstance(texts.get(locale), str):
                title = str(titles.get(locale, "")) if isinstance(titles, dict) else ""
                found.append(FactText("canned", str(reply.get("id")), locale, title, texts[locale]))
    return found


def _by_locale(kind: str, document: Any) -> List[FactText]:
    return [
        FactText(kind, place, locale, place, text)
        for locale in FILE_LOCALES
        for place, text in flat_texts(document.get(locale) if isinstance(document, dict) else None)
    ]


def _desk(document: Any) -> List[FactText]:
    return _by_locale("text", document.get("texts") if isinstance(document, dict) else None)


def _replies(document: Any) -> List[FactText]:
    return _by_locale("reply", document)


def _languages(document: Any) -> List[FactText]:
    languages = document.get("languages") if isinstance(document, dict) else None
    found = []
    for code, words in (languages if isinstance(languages, dict) else {}).items():
        for name in ("text", "stop"):
            if isinstance(words, dict) and isinstance(words.get(name), str):
                found.append(FactText("language", f"{code}.{name}", str(code), str(words.get("zh", code)), words[name]))
    return found


#: File -> its texts.
TEXT_FILES: Dict[str, Callable[[Any], List[FactText]]] = {
    CANNED_REPLIES: _canned,
    DESK: _desk,
    REPLIES: _replies,
    LANGUAGES: _languages,
}
