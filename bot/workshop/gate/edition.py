"""A data folder as the gate compares it: the bundle, the sentences, the cases, and all texts before facts are filled in."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Tuple

from bot.learning.content_check import Placed, letters, read_placed
from content.articles import article_files
from content.bundle import Bundle, Content, decode_part
from content.canned_replies import FILE as CANNED_REPLIES
from content.cases import FILE as CASES
from content.cases import Case, check_names, load_cases
from content.compiler import compile_content
from content.desk_file import FILE as DESK
from content.desk_file import LANGUAGES
from content.duties import duty_files
from content.first_aid import FILE as FIRST_AID
from content.help_centre import FILE as HELP
from content.intake import FILE as INTAKE
from content.lookups import FILE as LOOKUPS
from content.replies import FILE as REPLIES
from content.sources import load_yaml, parse_yaml, plain
from contract.locales import FILE_LOCALES
from language.normalization import normalize

_RULE = re.compile(r"^---[ \t]*$", re.MULTILINE)


#: Both editions and several checks read the same sentences.
normalised = functools.lru_cache(maxsize=200_000)(normalize)


class TextId(NamedTuple):
    """Which text: `kind` is article, title, door, canned, or names a file; `locale` is "zh", "en" or a foreign language."""

    kind: str
    name: str
    locale: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name} ({self.locale})"


@dataclass(frozen=True, eq=False)
class Edition:
    """A data folder that compiles."""

    folder: Path
    bundle: Bundle
    training: List[Placed]
    calibration: List[Placed]
    cases: List[Case]

    @functools.cached_property
    def content(self) -> Content:
        """The bot's part of the bundle."""
        return decode_part(Content, self.bundle.encoded(), self.folder)

    @functools.cached_property
    def texts(self) -> Dict[TextId, str]:
        """Every text that a customer can read, as the editor wrote it, with its `{{ facts }}`."""
        return dict(_texts(self.folder))

    @functools.cached_property
    def labels(self) -> Dict[str, Dict[str, List[Placed]]]:
        """Folder ("nlu", "calibration") -> letters of a sentence -> its places."""
        found: Dict[str, Dict[str, List[Placed]]] = {}
        for folder, placed in (("nlu", self.training), ("calibration", self.calibration)):
            places: Dict[str, List[Placed]] = {}
            for one in placed:
                places.setdefault(letters(normalised(one.text)), []).append(one)
            found[folder] = places
        return found

    def gravity(self, intent: str) -> Tuple[int, int]:
        """How grave an intent is: (0, 0) goes to no person; else the priority from 1 to 3, and 1 for a lane."""
        policy = self.bundle.policy
        entry = policy.intents.get(intent)
        if entry is None or entry.reason is None:
            return (0, 0)
        rank = {"normal": 1, "high": 2, "urgent": 3}[policy.priority_of(entry.reason)]
        return (rank, 1 if entry.lane else 0)


def load_edition(folder: Path, *, is_past: bool = False) -> Edition:
    """Read and check a data folder. `is_past`: it was published before. Raises ContentError for the first fault."""
    bundle = compile_content(folder, is_past=is_past)
    training, calibration = read_placed(folder / "nlu"), read_placed(folder / "calibration")
    cases = load_cases(folder / CASES)
    articles = [article.header.id for article in bundle.articles]
    check_names(cases, list(bundle.policy.intents), list(bundle.policy.reasons), articles, folder / CASES)
    return Edition(folder, bundle, training, calibration, cases)


def _texts(folder: Path) -> Iterator[Tuple[TextId, str]]:
    for path in article_files(folder / "articles"):
        source = path.read_text(encoding="utf-8")
        head, body = list(_RULE.finditer(source))[:2]
        header = parse_yaml(path, source[head.end() : body.start()])
        yield TextId("article", str(header["id"]), str(header["locale"])), source[body.end() :].strip()
        yield TextId("title", str(header["id"]), str(header["locale"])), str(header["title"])
        for door in header.get("doors") or ():
            yield TextId("door", f"{header['id']}.{door['intent']}", str(header["locale"])), str(door["label"])
    for reply in plain(load_yaml(folder / CANNED_REPLIES))["canned_replies"]:
        for locale, text in reply["text"].items():
            yield TextId("canned", str(reply["id"]), str(locale)), str(text)
    for kind, document in (
        ("desk", plain(load_yaml(folder / DESK))["texts"]),
        ("replies", plain(load_yaml(folder / REPLIES))),
        ("language", plain(load_yaml(folder / LANGUAGES))["languages"]),
    ):
        for locale, texts in document.items():
            if isinstance(texts, dict):
                yield from ((TextId(kind, name, str(locale)), text) for name, text in _leaves("", texts))
    for kind, document in _care_documents(folder):
        yield from ((TextId(kind, name, locale), text) for name, locale, text in _by_locale("", None, document))


def _care_documents(folder: Path) -> Iterator[Tuple[str, Any]]:
    """The parts of the files of care that a customer can read; patterns are no texts."""
    yield "first_aid", plain(load_yaml(folder / FIRST_AID))
    if (folder / INTAKE).exists():
        yield "intake", plain(load_yaml(folder / INTAKE))
    yield "help", plain(load_yaml(folder / HELP))
    lookups = plain(load_yaml(folder / LOOKUPS))
    yield "lookups", {part: lookups[part] for part in ("shared", "lookups")}
    duties = plain(load_yaml(folder / DESK)).get("duties") or {}
    yield "duties", {part: duties[part] for part in ("explanations", "texts", "decisions") if part in duties}
    for path in duty_files(folder):
        yield "duty", plain(load_yaml(path))["duties"]


def _by_locale(place: str, locale: Optional[str], node: Any) -> Iterator[Tuple[str, str, str]]:
    """Name, locale and words of each text: the locale is a key somewhere on the way and no part of the name."""
    if isinstance(node, str):
        if locale is not None:
            yield place, locale, node
        return
    entries = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in entries:
        if key in FILE_LOCALES and locale is None:
            yield from _by_locale(place, str(key), value)
        else:
            yield from _by_locale(f"{place}.{key}" if place else str(key), locale, value)


def _leaves(place: str, node: Any) -> Iterator[Tuple[str, str]]:
    if isinstance(node, str):
        yield place, node
    elif isinstance(node, dict):
        for key, value in node.items():
            yield from _leaves(f"{place}.{key}" if place else str(key), value)
    elif isinstance(node, list):
        for number, value in enumerate(node):
            yield from _leaves(f"{place}.{number}", value)
