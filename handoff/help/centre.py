"""What the pages of the help centre show: topics, articles, search, and the state of the service."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from content.bundle import DeskContent
from content.desk_policy import file_locale
from content.help_centre import HelpWords
from content.templates import fill
from contract.locales import ENGLISH, SIMPLIFIED, TRADITIONAL
from handoff.help.store import FirstAnswers, Vote, add_vote, first_answers, most_asked
from handoff.queue.articles.article_search import ArticleSearch
from handoff.queue.board import QueueBoard
from handoff.runtime.errors import BadInput, NotFound
from handoff.runtime.transaction import Store

#: Languages of the pages, as they stand in their addresses.
LOCALES = (SIMPLIFIED, TRADITIONAL, ENGLISH)
#: Why an article did not help.
REASONS = ("not_my_problem", "did_not_work", "unclear")
_WEEK, _HOUR, _KEPT = dt.timedelta(days=7), dt.timedelta(hours=1), dt.timedelta(minutes=1)
_ASKED_PER_TOPIC, _ASKED_OF_ALL, _NEIGHBOURS, _RELATED = 5, 6, 2, 4
#: A median of fewer conversations says nothing.
_ENOUGH = 5
_STEP = re.compile(r"^\s*\d+[.、]\s*(?P<text>.+)$")
_BOLD = re.compile(r"\*\*(?P<text>[^*]+)\*\*")


@dataclass(frozen=True)
class Block:
    """A part of an article: a paragraph, or the items of a numbered list. Each text is pieces of (words, is bold)."""

    kind: str
    lines: tuple[tuple[tuple[str, bool], ...], ...]


@dataclass(frozen=True)
class _Lately:
    at: dt.datetime
    asked: tuple[str, ...]
    answers: tuple[FirstAnswers, ...]


class HelpCentre:
    """Makes the content of the pages from what is published now."""

    def __init__(
        self,
        store: Store,
        content: Callable[[], DeskContent],
        search: ArticleSearch,
        board: QueueBoard,
        now: Callable[[], dt.datetime],
    ) -> None:
        self._store, self._content, self._search, self._board, self._now = store, content, search, board, now
        self._lately: _Lately | None = None

    def words(self, locale: str) -> dict[str, str]:
        """The words of the pages in a language, facts filled in."""
        content = self._content()
        words: HelpWords = content.help_centre.texts[file_locale(locale)]
        facts = content.facts[file_locale(locale)]
        filled = {name: fill(text, facts) for name, text in msgspec.structs.asdict(words).items()}
        return {name: self._written(text, locale) for name, text in filled.items()}

    def phones(self) -> dict[str, str]:
        """The numbers to call, and the link that freezes an account, by fact."""
        facts = self._content().facts["zh"]
        return {name: str(facts[name]) for name in ("service_phone", "police_phone", "antifraud_phone", "freeze_link")}

    async def home(self, locale: str) -> dict[str, Any]:
        """The first page: topics with their most asked articles, what is asked most, and the service now."""
        content, lately = self._content(), await self._recent()
        order = {article: place for place, article in enumerate(lately.asked)}
        topics = []
        for name, topic in content.help_centre.topics.items():
            articles = content.help_centre.articles_of(name, content.articles.ids())
            ranked = sorted(articles, key=lambda article: order.get(article, len(order)))
            shown = self._titles(ranked, locale)
            title = self._written(topic.en if file_locale(locale) == "en" else topic.zh, locale)
            topics.append({"id": name, "title": title, "articles": shown[:_ASKED_PER_TOPIC], "more": shown[_ASKED_PER_TOPIC:]})
        board = await self._board.latest()
        return {
            "topics": topics,
            "asked": self._titles(lately.asked, locale)[:_ASKED_OF_ALL],
            "staffed": any(board.online_by_queue.values()),
            "answers": [
                {"is_urgent": each.is_urgent, "minutes": round(each.median_seconds / 60)}
                for each in lately.answers
                if each.count >= _ENOUGH
            ],
        }

    def article(self, article_id: str, locale: str) -> dict[str, Any]:
        """One article as a page. Raises NotFound for an unknown one, or one that is not valid today."""
        content = self._content()
        found = self._valid(article_id, locale)
        if found is None:
            raise NotFound("unknown_article", "没有这篇文章。", "There is no such article.")
        topic_id = content.help_centre.topic_of(article_id)
        topic = content.help_centre.topics[topic_id]
        articles = content.help_centre.articles_of(topic_id, content.articles.ids())
        near = [each for each in articles if each != article_id]
        return {
            "id": article_id,
            "title": self._written(found.header.title, locale),
            "blocks": blocks(self._written(found.text, locale)),
            "revision": found.revision,
            "updated": found.header.valid_from,
            "valid_until": found.header.valid_until,
            "topic": {"id": topic_id, "title": self._written(topic.en if file_locale(locale) == "en" else topic.zh, locale)},
            "related": self._titles(near, locale)[:_RELATED],
            "doors": [{"intent": door.intent, "label": self._written(door.label, locale)} for door in found.header.doors],
        }

    async def search(self, text: str, locale: str) -> dict[str, Any]:
        """The best article for some words as a whole, and its neighbours. Empty words find nothing."""
        if not text.strip():
            return {"best": None, "near": []}
        found = self._search.shown(await self._search.find(text), locale)
        if not found:
            return {"best": None, "near": []}
        near = [{"id": each["id"], "title": each["title"]} for each in found[1 : 1 + _NEIGHBOURS]]
        return {"best": self.article(found[0]["id"], locale), "near": near}

    def evidence(self, locale: str) -> list[str]:
        """What a victim keeps."""
        return [self._written(each.of(file_locale(locale)), locale) for each in self._content().help_centre.evidence]

    async def vote(self, article_id: str, locale: str, revision: str, is_helpful: bool, reason: str | None) -> None:
        """Store a reader's opinion. Raises NotFound, BadInput for an unknown reason."""
        if self._valid(article_id, locale) is None:
            raise NotFound("unknown_article", "没有这篇文章。", "There is no such article.")
        if reason is not None and (is_helpful or reason not in REASONS):
            raise BadInput("unknown_vote_reason", "没有这个选项。", "There is no such reason.")
        async with self._store.begin() as tx:
            await add_vote(tx, Vote(article_id, locale, revision[:12], is_helpful, reason), self._now())

    def _valid(self, article_id: str, locale: str) -> Any:
        return self._content().articles.find(article_id, file_locale(locale), self._now().date())

    def _titles(self, ids: Sequence[str], locale: str) -> list[dict[str, str]]:
        found = [(id_, self._valid(id_, locale)) for id_ in ids]
        return [{"id": id_, "title": self._written(each.header.title, locale)} for id_, each in found if each is not None]

    def _written(self, text: str, locale: str) -> str:
        return self._content().traditional.convert(text) if locale == TRADITIONAL else text

    async def _recent(self) -> _Lately:
        """What happened lately, at most a minute old: a crowd of readers costs the database one look."""
        now = self._now()
        if self._lately is None or now - self._lately.at > _KEPT:
            async with self._store.read() as tx:
                asked, answers = await most_asked(tx, now - _WEEK), await first_answers(tx, now - _HOUR)
            self._lately = _Lately(now, tuple(asked), tuple(answers))
        return self._lately


def blocks(text: str) -> list[Block]:
    """The paragraphs and numbered lists of an article's text."""
    found: list[Block] = []
    for line in text.splitlines():
        step = _STEP.match(line)
        if step:
            item = _pieces(step["text"])
            if found and found[-1].kind == "steps":
                found[-1] = Block("steps", (*found[-1].lines, item))
            else:
                found.append(Block("steps", (item,)))
        elif line.strip():
            found.append(Block("paragraph", (_pieces(line.strip()),)))
    return found


def _pieces(line: str) -> tuple[tuple[str, bool], ...]:
    pieces: list[tuple[str, bool]] = []
    at = 0
    for match in _BOLD.finditer(line):
        pieces += [(line[at : match.start()], False), (match["text"], True)]
        at = match.end()
    pieces.append((line[at:], False))
    return tuple(piece for piece in pieces if piece[0])
