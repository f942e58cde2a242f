"""What stands in a working copy, parsed once for each version of a file. A broken file hides only itself."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple, TypeVar

from content.editing.article_file import FOLDER, ID, ArticleForm, read_form
from content.editing.fact_texts import TEXT_FILES, FactText
from content.facts import FILE as FACTS
from content.facts import read_facts
from content.sources import ContentError, parse_yaml, plain, read_text
from content.traditional_words import load_traditional_words
from content.triage_policy import FILE as TRIAGE
from contract.locales import FILE_LOCALES
from language.traditional import FILE as TRADITIONAL_WORDS
from language.traditional import Traditional

_Parsed = TypeVar("_Parsed")
_Stamp = Tuple[int, int, int, int]
Facts = Mapping[str, Mapping[str, Any]]


class Reading:
    """The files of a working copy as values. Every method raises ContentError for a file that is missing or broken."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._kept: Dict[Tuple[str, str], Tuple[Optional[_Stamp], Any]] = {}

    def parsed(self, name: str, what: str, parse: Callable[[Path], _Parsed]) -> _Parsed:
        """`parse` of a file, kept until the file's time or size changes. An error is kept, too."""
        path = self.folder / name
        stamp = _stamp(path)
        kept = self._kept.get((name, what))
        if kept is None or kept[0] != stamp:
            found: Any
            try:
                found = parse(path)
            except ContentError as error:
                found = error
            kept = (stamp, found)
            self._kept[(name, what)] = kept
        if isinstance(kept[1], ContentError):
            # A copy: the same exception object raised in several threads would grow one common traceback.
            raise ContentError(kept[1].path, kept[1].line, kept[1].problem)
        result: _Parsed = kept[1]
        return result

    def document(self, name: str) -> Any:
        """A YAML file as plain Python data."""
        return self.parsed(name, "document", lambda path: plain(parse_yaml(path, read_text(path), keep=False)))

    def mapping(self, name: str, *keys: str) -> Dict[str, Any]:
        """A mapping in a YAML file, below some keys; empty if it is not there."""
        found = self.document(name)
        for key in keys:
            found = found.get(key) if isinstance(found, dict) else None
        return found if isinstance(found, dict) else {}

    def facts(self) -> Facts:
        """Locale -> name -> value."""
        return self.parsed(FACTS, "facts", lambda path: read_facts(path, read_text(path)))

    def traditional(self) -> Traditional:
        """The converter to traditional Chinese with the reviewed words."""
        return self.parsed(TRADITIONAL_WORDS, "words", lambda path: Traditional(load_traditional_words(path)))

    def intents(self) -> Dict[str, Dict[str, Any]]:
        """Intent -> its fields in triage.yml."""
        return {name: each for name, each in self.mapping(TRIAGE, "intents").items() if isinstance(each, dict)}

    def required_doors(self) -> Dict[str, List[str]]:
        """Article -> intents of the doors that it must have."""
        return {name: list(each) for name, each in self.mapping(TRIAGE, "required_doors").items() if isinstance(each, list)}

    def article(self, name: str) -> ArticleForm:
        """An article's form by the name of its file."""
        return self.parsed(name, "form", lambda path: read_form(read_text(path), name, path))

    def articles(self) -> Tuple[Dict[Tuple[str, str], ArticleForm], Dict[str, ContentError]]:
        """All articles by id and locale, and the files that cannot be read, with why."""
        forms: Dict[Tuple[str, str], ArticleForm] = {}
        broken: Dict[str, ContentError] = {}
        for path in sorted((self.folder / FOLDER).glob("*.md")):
            name = f"{FOLDER}/{path.name}"
            id_, _, locale = path.name[: -len(".md")].rpartition(".")
            if not ID.match(id_) or locale not in FILE_LOCALES:
                broken[name] = ContentError(path, None, "the file's name must be `<id>.zh.md` or `<id>.en.md`")
                continue
            try:
                forms[id_, locale] = self.article(name)
            except ContentError as error:
                broken[name] = error
        return forms, broken

    def texts(self) -> List[FactText]:
        """Every text that customers read and that may show facts. A broken file has none; the draft's state names it."""
        found = [
            FactText("article", form.id, locale, form.title, form.text) for (_, locale), form in self.articles()[0].items()
        ]
        for name, read in TEXT_FILES.items():
            with contextlib.suppress(ContentError):
                found += read(self.document(name))
        return found


def _stamp(path: Path) -> Optional[_Stamp]:
    try:
        status = path.stat()
    except OSError:
        return None
    # The last one also for a copy that keeps the time of the file, and gets the number of the file that it replaces.
    return status.st_mtime_ns, status.st_size, status.st_ino, status.st_ctime_ns
