"""What an agent may answer to the customer's last message: articles and canned replies. Nothing is ever sent from here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from content.bundle import DeskContent
from content.desk_policy import DeskPolicy, file_locale
from handoff.accounts.agents import Agent
from handoff.conversations.events import Event, Message, Triage
from handoff.conversations.events.bodies import Reopened
from handoff.conversations.reading import check_may_read, unknown_conversation
from handoff.conversations.store import find_conversation
from handoff.queue.articles.article_search import ArticleSearch, Found
from handoff.queue.articles.store import recent_events
from handoff.queue.articles.word_index import Entry, WordIndex
from handoff.queue.search.terms import fold
from handoff.runtime.transaction import Store
from language.recognition import written_as

_MOST = 3
#: Entries of the log that are looked at, from its end.
_ENTRIES = 80
#: Shorter messages ("好的", "ok") tell nothing; the one before is looked at.
_SHORTEST_TEXT = 4
#: An intent that the bot thinks less likely than this suggests nothing.
_LEAST_CONFIDENCE = 0.1
#: What makes a canned reply likely: the matter most, then the case, then the words.
_INTENT_SHARE, _REASON_SHARE, _LEAST_WORDS = 2.0, 1.0, 0.2


@dataclass
class Talk:
    """What of the present episode matters for suggestions.

    `text`: the customer's last message with something in it. `ranking`: what the bot took it for, intent -> probability; empty
    if the bot did not read it. `sent_articles`, `said`: what the customer was given already.
    """

    text: str = ""
    ranking: dict[str, float] = field(default_factory=dict)
    sent_articles: set[str] = field(default_factory=set)
    said: set[str] = field(default_factory=set)


def talk_of(events: Iterable[Event]) -> Talk:
    """The present episode, from the end of a log in its order. Pure."""
    talk, seq = Talk(), 0
    decisions: list[Triage] = []
    for event in events:
        body = event.body
        if isinstance(body, Reopened):
            talk, seq, decisions = Talk(), 0, []
        elif isinstance(body, Triage):
            decisions.append(body)
        elif isinstance(body, Message):
            if event.by.kind != "customer":
                talk.said.add(body.text)
                talk.sent_articles |= {(body.article or {}).get("id", "")} if event.by.kind == "bot" else set()
            elif body.choice is None and (len(fold(body.text)) >= _SHORTEST_TEXT or not talk.text):
                talk.text, seq = body.text, event.seq
    for decision in decisions:
        if decision.message_seq >= seq:
            talk.ranking = _ranking(decision.decision)
            break
    return talk


def _ranking(decision: Mapping[str, Any]) -> dict[str, float]:
    """The likely intents of a stored decision, which may be of any version of the bot."""
    listed = decision.get("ranking")
    found: dict[str, float] = {}
    for each in listed if isinstance(listed, list) else ():
        if isinstance(each, dict) and isinstance(each.get("intent"), str) and isinstance(each.get("confidence"), (int, float)):
            found[each["intent"]] = float(each["confidence"])
    return {intent: confidence for intent, confidence in found.items() if confidence >= _LEAST_CONFIDENCE}


class Suggestions:
    """Suggests for one conversation."""

    def __init__(self, store: Store, policy: DeskPolicy, content: Callable[[], DeskContent], articles: ArticleSearch) -> None:
        self._store, self._policy, self._content, self._articles = store, policy, content, articles
        self._replies: tuple[str, WordIndex] | None = None

    async def suggest(self, agent: Agent, conversation_id: str) -> dict[str, Any]:
        """Up to three articles, and the ids of up to three canned replies. Raises NotFound, and NotAllowed like the log."""
        async with self._store.read() as tx:
            conversation = await find_conversation(tx, conversation_id)
            if conversation is None:
                raise unknown_conversation()
            await check_may_read(tx, agent, conversation)
            talk = talk_of(await recent_events(tx, conversation_id, _ENTRIES))
        locale = conversation.locale
        found = await self._articles.find(talk.text) if talk.text else Found((), is_by_meaning=False)
        articles = self._articles.shown(Found(tuple(self._in_order(talk, found)), found.is_by_meaning), locale)[:_MOST]
        replies = self._canned_replies(talk, conversation.case.reason, locale, agent)
        return {"articles": articles, "canned_replies": replies, "by_meaning": found.is_by_meaning}

    def _in_order(self, talk: Talk, found: Found) -> list[tuple[str, float, str]]:
        """First what the bot's decision points to, then what is near; articles that the customer has already, last."""
        intents = self._content().policy.intents
        ranked = [
            (policy.article, round(confidence, 4), "meaning")
            for intent, confidence in talk.ranking.items()
            if (policy := intents.get(intent)) is not None and policy.article is not None
        ]
        order: dict[str, tuple[str, float, str]] = {}
        for each in (*ranked, *found.articles):
            order.setdefault(each[0], each)
        return sorted(order.values(), key=lambda each: each[0] in talk.sent_articles)

    def _canned_replies(self, talk: Talk, reason: str | None, locale: str, agent: Agent) -> list[str]:
        content, customers = self._content(), written_as(locale)
        by_words = self._reply_index(content).rank(talk.text) if talk.text else {}
        scores: dict[str, float] = {}
        for reply in content.canned_replies:
            words = by_words.get(reply.id, 0.0)
            score = _INTENT_SHARE * sum(talk.ranking.get(intent, 0.0) for intent in reply.intents)
            score += _REASON_SHARE * (reason is not None and reason in reply.reasons)
            score += words if words >= _LEAST_WORDS else 0.0
            text = self._policy.fill(reply.text.of(file_locale(customers)), customers, agent_name=agent.name)
            if score and text not in talk.said:
                scores[reply.id] = score
        return sorted(scores, key=lambda id_: -scores[id_])[:_MOST]  # stable: the editors' order among equals

    def _reply_index(self, content: DeskContent) -> WordIndex:
        if self._replies is None or self._replies[0] != content.revision:
            replies: Sequence[Entry] = [
                Entry(reply.id, (reply.title.zh, reply.title.en), (reply.text.zh, reply.text.en))
                for reply in content.canned_replies
            ]
            self._replies = content.revision, WordIndex(replies)
        return self._replies[1]
