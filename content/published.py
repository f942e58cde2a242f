"""What editors publish: triage policy, articles, facts and the bot's own words, loaded and checked as one."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, List, Optional

from pydantic import BaseModel, Extra, ValidationError

from content.articles import LOCALES, Article, Articles, load_articles, load_facts, render
from content.triage_policy import SHORT_REPLIES, ContentError, Policy, line_of, load_policy, load_yaml
from language.traditional import FILE as TRADITIONAL_WORDS
from language.traditional import Traditional, check_words

#: The files of a content folder, relative to it; `articles/*.md` belong to it too.
FILES = ("triage.yml", SHORT_REPLIES, "facts.yml", "replies.yml", TRADITIONAL_WORDS)
POINTER = "published.json"


class Replies(BaseModel):
    """The bot's own words in one language (`data/replies.yml`)."""

    chat: Dict[str, str]
    solved: str
    feedback: str
    reject: str
    clarify: str
    clarify_open: str
    never_mind: str
    confirm_cancel: str
    closed: str
    in_progress: str
    fragment: str
    question: str
    step: str
    steps: str
    also: str
    not_this: str
    open_topic: str
    button_solved: str
    button_unsolved: str
    button_human: str
    button_cancel_wait: str
    button_keep_waiting: str

    class Config:
        extra = Extra.forbid


@dataclass(frozen=True)
class Content:
    """One consistent set of content. `revision` is a hash over all its files."""

    policy: Policy
    articles: Articles
    replies: Dict[str, Replies]
    traditional: Traditional
    revision: str


def load_traditional(path: Path) -> Traditional:
    """`data/traditional.yml`. Raises ContentError for what is no word, and for a word that changes nothing."""
    document = load_yaml(path)
    try:
        words = check_words(document)
    except ValueError as error:
        raise ContentError(path, None, str(error)) from error
    characters = Traditional({})
    for simplified, traditional in words.items():
        holds_another = any(simplified != word and word in simplified for word in words)
        if characters.convert(simplified) == traditional and not holds_another:
            line = line_of(document, ["words", simplified])
            raise ContentError(path, line, f"`{simplified}` becomes `{traditional}` without this line: remove it")
    return Traditional(words)


def _load_replies(path: Path, facts: Dict[str, Dict[str, Any]], policy: Policy) -> Dict[str, Replies]:
    document = load_yaml(path)
    if not isinstance(document, dict):
        raise ContentError(path, 1, f"expected the texts under {' and '.join(f'`{locale}:`' for locale in LOCALES)}")
    replies: Dict[str, Replies] = {}
    for locale in LOCALES:
        try:
            words = Replies.parse_obj(document[locale])
        except KeyError:
            raise ContentError(path, None, f"no texts for `{locale}`") from None
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            raise ContentError(path, None, f"{locale}.{where}: {first['msg']}") from error
        for intent, intent_policy in policy.intents.items():
            if intent_policy.route == "chat" and intent not in words.chat:
                raise ContentError(path, None, f"{locale}.chat has no words for `{intent}`, whose route is chat")
        filled = {
            name: {key: render(text, facts[locale], path) for key, text in value.items()}
            if isinstance(value, dict)
            else render(value, facts[locale], path)
            for name, value in words.dict().items()
        }
        replies[locale] = Replies.parse_obj(filled)
    return replies


def _check_doors(articles: Articles, policy: Policy, triage: Path) -> None:
    """Raise ContentError for a door that leads nowhere, a missing one, or languages that differ."""
    for article in articles.all:
        for number, door in enumerate(article.header.doors):
            intent = policy.intents.get(door.intent)
            if intent is None or intent.route != "escalate":
                why = "is not in triage.yml" if intent is None else "has another route than escalate"
                problem = f"a door must lead to a person, and `{door.intent}` {why}: correct the intent"
                raise ContentError(article.path, article.line_of_door(number), problem)
    for article_id, needed in policy.required_doors.items():
        versions = [article for article in articles.all if article.header.id == article_id]
        if not versions:
            line = line_of(load_yaml(triage), ["required_doors", article_id])
            raise ContentError(triage, line, f"required_doors: there is no article `{article_id}` in articles/")
        for article in versions:
            for name in needed:
                if name not in {door.intent for door in article.header.doors}:
                    problem = (
                        f"the door to `{name}` is missing, which required_doors in triage.yml asks for: "
                        f"add `- {{intent: {name}, label: ...}}` under `doors:`"
                    )
                    raise ContentError(article.path, article.line_of_door(), problem)
    first: Dict[str, Article] = {}
    for article in articles.all:
        other = first.setdefault(article.header.id, article)
        doors, others = ([door.intent for door in each.header.doors] for each in (article, other))
        if doors != others:
            problem = f"doors {doors} differ from {others} in {other.path.name}: give both the same intents in the same order"
            raise ContentError(article.path, article.line_of_door(), problem)


def content_files(folder: Path) -> List[Path]:
    """All files that make up the content in a folder, sorted."""
    return sorted([folder / name for name in FILES] + list((folder / "articles").glob("*.md")))


def load_content(folder: Path) -> Content:
    """Load and check a content folder (`data/`, or a published copy).

    Raises ContentError with file, line and fix for the first thing that is wrong, also between the files: an answer without
    an article, an article without an intent, an article without a door that the policy asks for.
    """
    policy = load_policy(folder / "triage.yml")
    facts = load_facts(folder / "facts.yml")
    articles = load_articles(folder / "articles", facts)
    known = set(articles.ids())
    for name, intent in policy.intents.items():
        if intent.article is not None and intent.article not in known:
            raise ContentError(
                folder / "triage.yml", None, f"`{name}` answers with article `{intent.article}`, which is not in articles/"
            )
    for article in articles.all:
        for name in article.header.intents:
            used = policy.intents.get(name)
            if used is None or used.article != article.header.id:
                problem = f"names intent `{name}`, which does not answer with this article: see triage.yml"
                raise ContentError(article.path, 1, problem)
    _check_doors(articles, policy, folder / "triage.yml")
    replies = _load_replies(folder / "replies.yml", facts, policy)
    traditional = load_traditional(folder / TRADITIONAL_WORDS)
    digest = hashlib.sha256()
    for path in content_files(folder):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return Content(policy, articles, replies, traditional, digest.hexdigest()[:12])


class PublishedContent:
    """The content that `make publish` last brought out, reloaded when it changes.

    `models/published.json` names the model and the content folder; it is replaced in one step, so that a turn sees either the
    old content or the new, never half of each.
    """

    def __init__(self, models: Path) -> None:
        self._models = models
        self._stamp: Optional[int] = None
        self._content: Optional[Content] = None
        self._model = ""

    def current(self) -> tuple[Content, str]:
        """The content, and the name of the model that was published with it. Raises ContentError if nothing was."""
        pointer = self._models / POINTER
        try:
            stamp = pointer.stat().st_mtime_ns
        except FileNotFoundError:
            raise ContentError(pointer, None, "nothing is published yet: run `make publish`") from None
        if self._content is None or stamp != self._stamp:
            published = json.loads(pointer.read_text(encoding="utf-8"))
            self._content = load_content(self._models / published["content"])
            self._model, self._stamp = published["model"], stamp
        return self._content, self._model
