"""A data folder as the gate compares it: the bundle, the sentences, the cases, and all texts before facts are filled in."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, Iterator, List, NamedTuple, Tuple

from bot.learning.content_check import Placed, letters, read_placed
from content.articles import article_files
from content.bundle import Bundle, Content, decode_part
from content.canned_replies import FILE as CANNED_REPLIES
from content.cases import FILE as CASES
from content.cases import Case, check_names, load_cases
from content.compiler import compile_content
from content.desk_file import FILE as DESK
from content.desk_file import LANGUAGES
from content.intake import FILE as INTAKE
from content.replies import FILE as REPLIES
from content.sources import load_yaml, parse_yaml, plain
from contract.locales import FILE_LOCALES
from language.normalization import normalize

_RULE = re.compile(r"^---[ \t]*$", re.MULTILINE)


#: Both editions and several checks read the same sentences.
normalised = functools.lru_cache(maxsize=200_000)(normalize)


class TextId(NamedTuple):
    """Which text: `kind` is article, canned, desk, intake, replies or language; `locale` is zh, en or a foreign language."""

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
    if (folder / INTAKE).exists():
        yield from _intake_texts(plain(load_yaml(folder / INTAKE)))
    for kind, document in (
        ("desk", plain(load_yaml(folder / DESK))["texts"]),
        ("replies", plain(load_yaml(folder / REPLIES))),
        ("language", plain(load_yaml(folder / LANGUAGES))["languages"]),
    ):
        for locale, texts in document.items():
            if isinstance(texts, dict):
                yield from ((TextId(kind, name, str(locale)), text) for name, text in _leaves("", texts))


def _intake_texts(document: Any) -> Iterator[Tuple[TextId, str]]:
    """The questions and the words around them."""
    for place, text in _leaves("", {name: document[name] for name in ("questions", "forms")}):
        name, _, locale = place.rpartition(".")
        if locale in FILE_LOCALES and not name.endswith(".label"):
            yield TextId("intake", name, locale), text
    for locale, words in document["texts"].items():
        yield from ((TextId("intake", f"texts.{name}", locale), text) for name, text in words.items())


def _leaves(place: str, node: Any) -> Iterator[Tuple[str, str]]:
    if isinstance(node, str):
        yield place, node
    elif isinstance(node, dict):
        for key, value in node.items():
            yield from _leaves(f"{place}.{key}" if place else str(key), value)
    elif isinstance(node, list):
        for number, value in enumerate(node):
            yield from _leaves(f"{place}.{number}", value)
