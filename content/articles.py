"""The knowledge base: articles with their facts filled in, as customers read them."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional, Tuple

import msgspec

from content.lookups import check_lookup_name
from content.sources import ContentError, FieldError, Strict, line_of, parse_yaml, read_text, shaped
from content.templates import fill_checked
from content.triage_policy import Policy
from contract.locales import FILE_LOCALES

#: Most characters of a door's label, by locale: it must fit one line of a phone.
LABEL_LENGTH = {"zh": 12, "en": 32}
#: More doors than this under an answer are a menu.
MOST_DOORS = 2
#: The line before and after an article's front matter.
_RULE = re.compile(r"^---[ \t]*$", re.MULTILINE)


class Door(Strict, frozen=True):
    """A button under an article that leads straight to a person; its label says what happened to the customer."""

    intent: str
    label: str


class ArticleHeader(Strict, frozen=True):
    """An article's front matter. `promise`: what the text promises the customer by a time (data/promises.yml)."""

    id: str
    title: str
    intents: Tuple[str, ...]
    locale: str
    valid_from: dt.date
    owner: str
    valid_until: Optional[dt.date] = None
    doors: Tuple[Door, ...] = ()
    promise: Tuple[str, ...] = ()
    #: The look-up whose facts a signed-in customer reads above the text.
    lookup: Optional[str] = None

    def __post_init__(self) -> None:
        if self.locale not in FILE_LOCALES:
            raise ValueError(f"locale must be one of {', '.join(FILE_LOCALES)}")
        if self.valid_until is not None and self.valid_until < self.valid_from:
            raise ValueError("valid_until is before valid_from")
        if not self.intents:
            raise ValueError("name at least one intent in `intents`")
        problem = check_lookup_name(self.lookup)
        if problem is not None:
            raise FieldError("lookup", problem)
        if len(self.doors) > MOST_DOORS:
            raise FieldError("doors", f"{len(self.doors)} doors, {MOST_DOORS} are allowed: keep the gravest")
        for names in ([door.intent for door in self.doors], [door.label for door in self.doors]):
            twice = next((name for name in names if names.count(name) > 1), None)
            if twice is not None:
                raise FieldError("doors", f"`{twice}` stands twice: remove one")


class Article(msgspec.Struct, frozen=True):
    """One article in one language, facts filled in. `revision` is a hash of what the customer reads, doors included."""

    header: ArticleHeader
    text: str
    revision: str

    def is_valid_on(self, day: dt.date) -> bool:
        """Whether the article may be served on a day; both ends of its dates count."""
        until = self.header.valid_until
        return self.header.valid_from <= day and (until is None or day <= until)


class Articles:
    """All articles, by id and language."""

    def __init__(self, articles: Tuple[Article, ...]) -> None:
        self._by_key = {(article.header.id, article.header.locale): article for article in articles}
        self.all = articles

    def ids(self) -> Tuple[str, ...]:
        """The ids of all articles, sorted."""
        return tuple(sorted({article_id for article_id, _ in self._by_key}))

    def doors_of(self, article_id: Optional[str]) -> Dict[str, str]:
        """The labels of an article's doors in all languages, with their intents."""
        headers = [article.header for article in self.all if article.header.id == article_id]
        return {door.label: door.intent for header in headers for door in header.doors}

    def find(self, article_id: str, locale: str, day: dt.date) -> Optional[Article]:
        """The article in the language if there is one valid on that day, else in Chinese, else None."""
        for candidate in dict.fromkeys((locale, "zh")):
            article = self._by_key.get((article_id, candidate))
            if article and article.is_valid_on(day):
                return article
        return None


@dataclass(frozen=True)
class _Source:
    """An article, its file, and its front matter with line numbers."""

    article: Article
    path: Path
    document: Any

    def line_of(self, *location: Any) -> int:
        """The line of a place in the front matter, as near as the front matter has it; else 1."""
        return line_of(self.document, location) or 1


def _split(path: Path, source: str) -> Tuple[str, str, int]:
    """The front matter, the text below it, and the number of lines before the text. Raises ContentError."""
    rules = list(_RULE.finditer(source))[:2]
    if len(rules) < 2 or source[: rules[0].start()].strip():
        raise ContentError(path, 1, "front matter is not YAML between two `---` lines")
    # The front matter begins with the end of the first `---` line, so its lines count like the file's.
    body = source[rules[1].end() :]
    text = body.strip()
    start = rules[1].end() + body.index(text)
    return source[rules[0].end() : rules[1].start()], text, source[:start].count("\n")


def _check_labels(path: Path, header: ArticleHeader, document: Any) -> None:
    """Raise ContentError for a label that does not fit a button."""
    for number, door in enumerate(header.doors):
        problem = None
        if not door.label.strip() or len(door.label.splitlines()) > 1:
            problem = f"the door to `{door.intent}` needs a label of one line"
        elif "{" in door.label:
            problem = f"label “{door.label}”: facts are not filled in on buttons"
        elif len(door.label) > LABEL_LENGTH[header.locale]:
            most = LABEL_LENGTH[header.locale]
            problem = f"label “{door.label}” has {len(door.label)} characters, {most} are allowed: shorten it"
        if problem:
            raise ContentError(path, line_of(document, ["doors", number]), f"front matter doors.{number}: {problem}")


def _load_article(path: Path, facts: Mapping[str, Mapping[str, Any]]) -> _Source:
    return _parse_article(path, read_text(path), facts)


def article_from(path: Path, source: str, facts: Mapping[str, Mapping[str, Any]]) -> Article:
    """The article that a file `path` with the text `source` would be, not compared with the policy. Raises ContentError."""
    return _parse_article(path, source, facts).article


def _parse_article(path: Path, source: str, facts: Mapping[str, Mapping[str, Any]]) -> _Source:
    front_matter, text, lines_before = _split(path, source)
    document = parse_yaml(path, front_matter)
    if not isinstance(document, dict):
        raise ContentError(path, 1, "front matter is not YAML between two `---` lines: expected `name: value` lines")
    try:
        header = shaped(ArticleHeader, path, document)
    except ContentError as error:
        raise ContentError(path, error.line or 1, f"front matter {error.problem}") from error
    _check_labels(path, header, document)
    text = fill_checked(text, facts[header.locale], path, lines_before)
    if not text:
        raise ContentError(path, None, "the article has no text")
    read = "\n".join([header.title, text, *(door.label for door in header.doors)])
    revision = hashlib.sha256(read.encode()).hexdigest()[:12]
    return _Source(Article(header, text, revision), path, document)


def article_files(folder: Path) -> List[Path]:
    """The files of a folder's articles, sorted."""
    return sorted(folder.glob("*.md"))


def load_articles(
    folder: Path, facts: Mapping[str, Mapping[str, Any]], policy: Optional[Policy] = None, triage: Optional[Path] = None
) -> Articles:
    """All `*.md` of a folder. Raises ContentError for the first wrong one, or for two of one id and language.

    With the policy of the file `triage`, they must agree with it: the intents that they answer, and the doors.
    """
    sources: Dict[Tuple[str, str], _Source] = {}
    for path in article_files(folder):
        source = _load_article(path, facts)
        key = (source.article.header.id, source.article.header.locale)
        if key in sources:
            raise ContentError(path, 1, f"article {key[0]} ({key[1]}) is already in {sources[key].path.name}")
        sources[key] = source
    if policy is not None:
        _check_intents(list(sources.values()), policy, triage or folder.with_name("triage.yml"))
        _check_doors(list(sources.values()), policy, triage or folder.with_name("triage.yml"))
        _check_lookups(list(sources.values()))
    return Articles(tuple(source.article for source in sources.values()))


def _check_intents(sources: List[_Source], policy: Policy, triage: Path) -> None:
    """Raise ContentError for an answer without an article, or an article without an intent."""
    known = {source.article.header.id for source in sources}
    for name, intent in policy.intents.items():
        if intent.article is not None and intent.article not in known:
            problem = f"`{name}` answers with article `{intent.article}`, which is not in articles/"
            raise ContentError(triage, _line_in(triage, "intents", name), problem)
    for source in sources:
        header = source.article.header
        for name in header.intents:
            used = policy.intents.get(name)
            if used is None or used.article != header.id:
                problem = f"names intent `{name}`, which does not answer with this article: see triage.yml"
                raise ContentError(source.path, 1, problem)


def _check_doors(sources: List[_Source], policy: Policy, triage: Path) -> None:
    """Raise ContentError for a door that leads nowhere, a missing one, or languages that differ."""
    for source in sources:
        for number, door in enumerate(source.article.header.doors):
            intent = policy.intents.get(door.intent)
            if intent is None or intent.route != "escalate":
                why = "is not in triage.yml" if intent is None else "has another route than escalate"
                problem = f"a door must lead to a person, and `{door.intent}` {why}: correct the intent"
                raise ContentError(source.path, source.line_of("doors", number), problem)
    for article_id, needed in policy.required_doors.items():
        versions = [source for source in sources if source.article.header.id == article_id]
        if not versions:
            problem = f"required_doors: there is no article `{article_id}` in articles/"
            raise ContentError(triage, _line_in(triage, "required_doors", article_id), problem)
        for source in versions:
            for name in needed:
                if name not in {door.intent for door in source.article.header.doors}:
                    problem = (
                        f"the door to `{name}` is missing, which required_doors in triage.yml asks for: "
                        f"add `- {{intent: {name}, label: ...}}` under `doors:`"
                    )
                    raise ContentError(source.path, source.line_of("doors"), problem)
    first: Dict[str, _Source] = {}
    for source in sources:
        other = first.setdefault(source.article.header.id, source)
        doors, others = ([door.intent for door in each.article.header.doors] for each in (source, other))
        if doors != others:
            problem = f"doors {doors} differ from {others} in {other.path.name}: give both the same intents in the same order"
            raise ContentError(source.path, source.line_of("doors"), problem)


def _check_lookups(sources: List[_Source]) -> None:
    """Raise ContentError for an article whose languages name different look-ups."""
    first: Dict[str, _Source] = {}
    for source in sources:
        other = first.setdefault(source.article.header.id, source)
        names = [each.article.header.lookup for each in (source, other)]
        if names[0] != names[1]:
            problem = f"lookup {names[0]} differs from {names[1]} in {other.path.name}: give both the same"
            raise ContentError(source.path, source.line_of("lookup"), problem)


def _line_in(path: Path, *location: Any) -> Optional[int]:
    return line_of(parse_yaml(path, read_text(path)), location)
