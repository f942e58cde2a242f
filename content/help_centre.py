"""The help centre (`data/help.yml`): topics with their articles, evidence to keep, and the words of the pages."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Collection, Dict, Literal, Mapping, Tuple

import msgspec

from content.canned_replies import ByLanguage
from content.sources import ContentError, Strict, line_of, load_mapping, shaped
from content.templates import fill_checked
from contract.locales import FILE_LOCALES

FILE = "help.yml"


class Topic(Strict, frozen=True):
    """A tile of the first page: its names, and the articles below it in their order."""

    zh: str
    en: str
    articles: Tuple[str, ...]


class HelpWords(Strict, frozen=True):
    """The words of the pages in one language; facts are filled in when a page is made."""

    title: str
    lead: str
    search: str
    search_label: str
    search_hint: str
    results: str
    nothing_found: str
    near: str
    ask_person: str
    ask_with_words: str
    sos_title: str
    sos_lead: str
    sos_freeze: str
    sos_call: str
    sos_person: str
    topics: str
    most_asked: str
    updated: str
    valid_until: str
    related: str
    helpful: str
    helpful_yes: str
    helpful_no: str
    helpful_thanks: str
    why: str
    why_not_my_problem: str
    why_did_not_work: str
    why_unclear: str
    continue_in_chat: str
    my_cases: str
    my_cases_lead: str
    open_chat: str
    service_now: str
    staffed: str
    nobody: str
    median: str
    median_urgent: str
    median_other: str
    minutes: str
    under_a_minute: str
    hours: str
    incidents: str
    report_title: str
    report_lead: str
    report_steps: str
    report_evidence: str
    print: str
    home: str
    other_language: str
    skip: str
    no_script: str
    not_found: str


class HelpCentre(Strict, frozen=True):
    """The file as a whole. `topics`: by id, in the order of the tiles."""

    version: Literal[1]
    topics: Dict[str, Topic]
    evidence: Tuple[ByLanguage, ...]
    texts: Dict[str, HelpWords]

    def topic_of(self, article_id: str) -> str:
        """The id of the topic that an article belongs to; a new one that no topic names yet stands under the last."""
        return next((name for name, topic in self.topics.items() if article_id in topic.articles), list(self.topics)[-1])

    def articles_of(self, topic_id: str, articles: Collection[str]) -> Tuple[str, ...]:
        """The articles under a topic: its own in their order; under the last topic also those that no topic names yet."""
        named = self.topics[topic_id].articles
        if topic_id != list(self.topics)[-1]:
            return named
        placed = {article for topic in self.topics.values() for article in topic.articles}
        return (*named, *sorted(set(articles) - placed))


def load_help_centre(path: Path, facts: Mapping[str, Mapping[str, Any]], articles: Collection[str]) -> HelpCentre:
    """The help centre, checked against the articles that exist. Raises ContentError for an unknown or doubled one."""
    document = load_mapping(path, HelpCentre)
    centre = shaped(HelpCentre, path, document)
    placed: Dict[str, str] = {}
    for name, topic in centre.topics.items():
        for number, article in enumerate(topic.articles):
            problem = None
            if article not in articles:
                problem = f"there is no article `{article}` in articles/"
            elif article in placed:
                problem = f"`{article}` already stands under `{placed[article]}`: keep it in one topic"
            if problem:
                raise ContentError(path, line_of(document, ["topics", name, "articles", number]), f"topics.{name}: {problem}")
            placed[article] = name
    if not centre.topics:
        raise ContentError(path, line_of(document, ["topics"]), "topics: at least one is needed")
    for locale in FILE_LOCALES:
        if locale not in centre.texts:
            raise ContentError(path, line_of(document, ["texts"]), f"texts: the language `{locale}` is missing")
        for field, text in msgspec.structs.asdict(centre.texts[locale]).items():
            fill_checked(text, facts[locale], path, place=f"texts.{locale}.{field}")
    return centre
