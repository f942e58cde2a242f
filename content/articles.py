"""The knowledge base: articles with their facts filled in, as customers read them."""

from __future__ import annotations

import datetime as dt
import hashlib
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

import frontmatter
from jinja2 import StrictUndefined, TemplateSyntaxError
from jinja2.sandbox import SandboxedEnvironment
from pydantic import BaseModel, Extra, ValidationError, root_validator, validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from content.triage_policy import ContentError, line_of, load_yaml

LOCALES = ("zh", "en")
#: Most characters of a door's label, by locale: it must fit one line of a phone.
LABEL_LENGTH = {"zh": 12, "en": 32}
#: More doors than this under an answer are a menu.
MOST_DOORS = 2
_TEMPLATES = SandboxedEnvironment(undefined=StrictUndefined, autoescape=False)


class Door(BaseModel):
    """A button under an article that leads straight to a person, named by what happened to the customer."""

    intent: str
    label: str

    class Config:
        extra = Extra.forbid


class ArticleHeader(BaseModel):
    """An article's front matter."""

    id: str
    title: str
    intents: Tuple[str, ...]
    locale: str
    valid_from: dt.date
    valid_until: Optional[dt.date] = None
    owner: str
    doors: Tuple[Door, ...] = ()

    class Config:
        extra = Extra.forbid

    @validator("doors", each_item=True)
    def _label_fits(cls, door: Door, values: Dict[str, Any]) -> Door:
        most = LABEL_LENGTH.get(values.get("locale", ""))
        if not door.label.strip() or len(door.label.splitlines()) > 1:
            raise ValueError(f"the door to `{door.intent}` needs a label of one line")
        if "{" in door.label:
            raise ValueError(f"label “{door.label}”: facts are not filled in on buttons")
        if most is not None and len(door.label) > most:
            raise ValueError(f"label “{door.label}” has {len(door.label)} characters, {most} are allowed: shorten it")
        return door

    @validator("doors")
    def _doors_differ(cls, doors: Tuple[Door, ...]) -> Tuple[Door, ...]:
        if len(doors) > MOST_DOORS:
            raise ValueError(f"{len(doors)} doors, {MOST_DOORS} are allowed: keep the gravest")
        for names in ([door.intent for door in doors], [door.label for door in doors]):
            twice = next((name for name in names if names.count(name) > 1), None)
            if twice is not None:
                raise ValueError(f"`{twice}` stands twice: remove one")
        return doors

    @root_validator(skip_on_failure=True)
    def _is_sound(cls, values: Dict[str, Any]) -> Dict[str, Any]:
        if values["locale"] not in LOCALES:
            raise ValueError(f"locale must be one of {', '.join(LOCALES)}")
        until = values["valid_until"]
        if until is not None and until < values["valid_from"]:
            raise ValueError("valid_until is before valid_from")
        if not values["intents"]:
            raise ValueError("name at least one intent in `intents`")
        return values


@dataclass(frozen=True)
class Article:
    """One article in one language, facts filled in. `revision` is a hash of what the customer reads, doors included."""

    header: ArticleHeader
    text: str
    revision: str
    path: Path

    def is_valid_on(self, day: dt.date) -> bool:
        """Whether the article may be served on a day; both ends of its dates count."""
        until = self.header.valid_until
        return self.header.valid_from <= day and (until is None or day <= until)

    def line_of_door(self, number: Optional[int] = None) -> int:
        """The line in the file of a door (from 0), or of `doors:`; 1 if there is none."""
        location = ["doors"] if number is None else ["doors", number]
        return _header_line(self.path.read_text(encoding="utf-8"), location)


class Articles:
    """All articles, by id and language."""

    def __init__(self, articles: List[Article]) -> None:
        self._by_key = {(article.header.id, article.header.locale): article for article in articles}
        self.all = tuple(articles)

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


def load_facts(path: Path) -> Dict[str, Dict[str, Any]]:
    """`data/facts.yml` as locale -> name -> value. Raises ContentError for anything but scalars and `{zh, en}`."""
    document = load_yaml(path)
    if not isinstance(document, dict):
        raise ContentError(path, 1, "expected `name: value` lines")
    facts: Dict[str, Dict[str, Any]] = {locale: {} for locale in LOCALES}
    positions: Any = document
    for name, value in document.items():
        line = positions.lc.key(name)[0] + 1
        if isinstance(value, dict) and set(value) != set(LOCALES):
            raise ContentError(path, line, f"`{name}` needs a value for each of {', '.join(LOCALES)}")
        if isinstance(value, list) or value is None:
            raise ContentError(path, line, f"`{name}` must be a number, a text, or one of them for each language")
        for locale in LOCALES:
            facts[locale][str(name)] = value[locale] if isinstance(value, dict) else value
    return facts


def render(template: str, facts: Mapping[str, Any], path: Path, lines_before: Optional[int] = None) -> str:
    """A text with its `{{ facts }}` filled in.

    Raises ContentError where a fact is unknown or the template is wrong; with its line in the file, if `lines_before` tells how
    many lines of the file stand before the text.
    """
    try:
        return _TEMPLATES.from_string(template).render(facts).strip()
    except Exception as error:  # an expression in a template can raise anything
        line = None if lines_before is None else lines_before + _template_line(error)
        raise ContentError(path, line, f"{error}; facts are in data/facts.yml") from error


def _template_line(error: Exception) -> int:
    if isinstance(error, TemplateSyntaxError):
        return error.lineno
    lines = [line for frame, line in traceback.walk_tb(error.__traceback__) if frame.f_code.co_filename == "<template>"]
    return lines[-1] if lines else 1


def _header_line(source: str, location: Sequence[Any]) -> int:
    """The line in an article's file of a place in its front matter, as near as the front matter has it; else 1."""
    # The text between the two lines `---` begins with the end of the first one, so its lines count like the file's.
    parts = source.split("---", 2)
    return (line_of(YAML(typ="rt").load(parts[1]), location) if len(parts) > 1 else None) or 1


def _load_article(path: Path, facts: Mapping[str, Mapping[str, Any]]) -> Article:
    try:
        source = path.read_text(encoding="utf-8")
        post = frontmatter.loads(source)
        header = ArticleHeader.parse_obj(post.metadata)
    except (YAMLError, ValueError) as error:
        if isinstance(error, ValidationError):
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"] if part != "__root__")
            raise ContentError(path, _header_line(source, first["loc"]), f"front matter {where}: {first['msg']}") from error
        raise ContentError(path, 1, f"front matter is not YAML between two `---` lines: {error}") from error
    except Exception as error:  # frontmatter parses with PyYAML, whose errors share no base with ruamel's
        raise ContentError(path, 1, f"cannot be read: {error}") from error
    text = render(post.content, facts[header.locale], path, source[: source.rindex(post.content)].count("\n"))
    if not text:
        raise ContentError(path, None, "the article has no text")
    read = "\n".join([header.title, text, *(door.label for door in header.doors)])
    revision = hashlib.sha256(read.encode()).hexdigest()[:12]
    return Article(header, text, revision, path)


def load_articles(folder: Path, facts: Mapping[str, Mapping[str, Any]]) -> Articles:
    """All `*.md` of a folder. Raises ContentError for the first that is wrong, or two of one id and language."""
    articles: Dict[Tuple[str, str], Article] = {}
    for path in sorted(folder.glob("*.md")):
        article = _load_article(path, facts)
        key = (article.header.id, article.header.locale)
        if key in articles:
            raise ContentError(path, 1, f"article {key[0]} ({key[1]}) is already in {articles[key].path.name}")
        articles[key] = article
    return Articles(list(articles.values()))
