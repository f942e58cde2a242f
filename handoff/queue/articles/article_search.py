"""The published articles, for agents: by meaning, if a bot answers, and by words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from content.articles import Article
from content.bundle import DeskContent
from content.desk_policy import file_locale
from contract.found_articles import FoundArticle
from contract.locales import TRADITIONAL
from handoff.queue.articles.word_index import Entry, WordIndex
from language.recognition import written_as

#: Articles of one answer.
MOST = 10
#: The bot has this long; then words alone answer.
_MEANING_SECONDS = 0.6
#: Less than this is chance: the nearest article to a text about nothing has about 0.1, and a shared pair of characters less.
_LEAST_MEANING, _LEAST_WORDS = 0.12, 0.1
#: The share of the words in the order; of two articles that mean the same the one with the words comes first.
_WORDS_SHARE = 0.5
_TEXT_LENGTH = 500


class MeaningSearch(Protocol):
    """Finds articles by meaning: the pool of bots."""

    async def articles(self, text: str, most: int, seconds: float) -> list[FoundArticle] | None:
        """The articles nearest to a text, the nearest first; None if no bot answers within the time."""


@dataclass(frozen=True)
class Found:
    """Ids of articles with their scores from 0 to 1 and what found them ("meaning" or "words"), the best first.

    `is_by_meaning`: whether a bot answered.
    """

    articles: tuple[tuple[str, float, str], ...]
    is_by_meaning: bool


class ArticleSearch:
    """Searches the content that is published now."""

    def __init__(self, content: Callable[[], DeskContent], meaning: MeaningSearch, now: Callable[[], dt.datetime]) -> None:
        self._content, self._meaning, self._now = content, meaning, now
        self._index: tuple[str, WordIndex] | None = None

    async def search(self, text: str, locale: str) -> dict[str, Any]:
        """Articles for an agent's words, in a customer's language; all of them for no words."""
        if text.strip():
            found = await self.find(text)
        else:
            found = Found(tuple((id_, 0.0, "words") for id_ in self._content().articles.ids()), is_by_meaning=False)
        articles = self.shown(found, locale)
        return {"articles": articles if not text.strip() else articles[:MOST], "by_meaning": found.is_by_meaning}

    async def find(self, text: str) -> Found:
        """The articles nearest to a text by meaning and words together."""
        by_words = self._word_index().rank(text)
        nearest = await self._meaning.articles(text[:_TEXT_LENGTH], MOST, _MEANING_SECONDS)
        by_meaning = {each.id: each.score for each in nearest or () if each.score >= _LEAST_MEANING}
        known = set(self._content().articles.ids())
        found = []
        for id_ in known & (by_meaning.keys() | {id_ for id_, score in by_words.items() if score >= _LEAST_WORDS}):
            meaning, words = by_meaning.get(id_, 0.0), _WORDS_SHARE * by_words.get(id_, 0.0)
            score = round((meaning + words) / (1 + _WORDS_SHARE) if nearest is not None else by_words[id_], 4)
            found.append((id_, score, "words" if words > meaning else "meaning"))
        found.sort(key=lambda each: (-each[1], each[0]))
        return Found(tuple(found), is_by_meaning=nearest is not None)

    def shown(self, found: Found, locale: str) -> list[dict[str, Any]]:
        """The articles that are valid today, as a customer of a language reads them, facts filled in."""
        content = self._content()
        written, day = written_as(locale), self._now().date()
        shown = []
        for id_, score, by in found.articles:
            article = content.articles.find(id_, file_locale(written), day)
            if article is not None:
                shown.append({**_as_read(content, article, written), "score": score, "by": by})
        return shown

    def _word_index(self) -> WordIndex:
        content = self._content()
        if self._index is None or self._index[0] != content.revision:
            self._index = content.revision, WordIndex(_entries(content))
        return self._index[1]


def _as_read(content: DeskContent, article: Article, written: str) -> dict[str, Any]:
    title, text = article.header.title, article.text
    if written == TRADITIONAL and article.header.locale == "zh":
        title, text = content.traditional.convert(title), content.traditional.convert(text)
    return {"id": article.header.id, "title": title, "text": text, "revision": article.revision}


def _entries(content: DeskContent) -> list[Entry]:
    """Each article in all languages: an agent searches in Chinese for an English customer."""
    intents = content.policy.intents
    entries = []
    for id_ in content.articles.ids():
        versions = [article for article in content.article_list if article.header.id == id_]
        names = {intents[name] for version in versions for name in version.header.intents if name in intents}
        titles = [version.header.title for version in versions] + [text for name in names for text in (name.zh, name.en)]
        entries.append(Entry(id_, tuple(titles), tuple(version.text for version in versions)))
    return entries
