"""What of a log is searched: the texts that people wrote, and what each episode was about. Pure.

The texts of the desk and of the bot are the editors', are the same in thousands of conversations, and would hide what people
wrote. Of them only the title of an article is indexed (docs/decisions/039-search-index.md).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace

from handoff.conversations.events import Event
from handoff.conversations.events.bodies import (
    Assigned,
    HandoffRequested,
    Message,
    Note,
    PriorityRaised,
    Rated,
    Reopened,
    ResolutionUndone,
    Resolved,
    Returned,
    StateImported,
    Transferred,
)
from handoff.conversations.values import Status
from handoff.queue.search.terms import as_tsvector, day_number, day_term, fold, terms

_BODIES = (
    Assigned,
    HandoffRequested,
    Message,
    Note,
    PriorityRaised,
    Rated,
    Reopened,
    ResolutionUndone,
    Resolved,
    Returned,
    StateImported,
    Transferred,
)
#: The types of events that change the index. Others, such as the bot's decisions, need not be read.
TYPES = tuple(body.type for body in _BODIES)


@dataclass(frozen=True)
class IndexedEpisode:
    """An episode as the search knows it. `agents`: the logins of all agents who had it or wrote in it."""

    conversation_id: str
    number: int
    first_seq: int
    last_seq: int
    started_at: dt.datetime
    at: dt.datetime
    reason: str | None = None
    outcome: str | None = None
    agents: tuple[str, ...] = ()
    agent_name: str | None = None


@dataclass(frozen=True)
class IndexedText:
    """A text in the index; `words` as PostgreSQL reads a tsvector."""

    conversation_id: str
    seq: int
    episode: int
    at: dt.datetime
    words: str


def text_of(event: Event) -> str | None:
    """What can be found of an event; None if nothing can."""
    body = event.body
    if isinstance(body, Message):
        if event.by.kind in ("customer", "agent"):
            return body.text
        title = (body.article or {}).get("title")
        return title if isinstance(title, str) else None
    if isinstance(body, Note):
        return body.text
    if isinstance(body, Rated):
        return body.comment
    if isinstance(body, (Resolved, Returned, Transferred)):
        return body.note
    return None


def index_log(last: IndexedEpisode | None, events: Iterable[Event]) -> tuple[list[IndexedText], list[IndexedEpisode]]:
    """The texts of events that follow in one log, and the episodes that they begin or change.

    `last`: the episode that was indexed last, None at the beginning of the log.
    """
    texts: list[IndexedText] = []
    episodes: dict[int, IndexedEpisode] = {}
    for event in events:
        last = _evolved(last, event)
        episodes[last.number] = last
        text = text_of(event)
        found = terms(fold(text)) if text else set()
        if found:
            found.add(day_term(day_number(event.at)))
            texts.append(IndexedText(event.conversation_id, event.seq, last.number, event.at, as_tsvector(found)))
    return texts, list(episodes.values())


def _evolved(last: IndexedEpisode | None, event: Event) -> IndexedEpisode:
    body = event.body
    if last is None:
        last = IndexedEpisode(event.conversation_id, 1, event.seq, event.seq, event.at, event.at)
    if isinstance(body, Reopened):
        return IndexedEpisode(event.conversation_id, body.episode, event.seq, event.seq, event.at, event.at)
    if isinstance(body, StateImported):
        if body.episode != last.number:
            last = replace(last, number=body.episode)
        if body.status in (Status.ASSIGNED, Status.RESOLVED):  # otherwise it names the agent of an earlier episode
            last = _with_agent(last, body.agent, body.agent_name)
        return replace(last, last_seq=event.seq, reason=body.case.reason or last.reason)
    if isinstance(body, (HandoffRequested, PriorityRaised)):
        last = replace(last, reason=body.reason)
    elif isinstance(body, Resolved):
        last = replace(_with_agent(last, body.login, None), outcome=body.outcome)
    elif isinstance(body, ResolutionUndone):
        last = replace(last, outcome=None)
    elif isinstance(body, Assigned):
        last = _with_agent(last, body.login, body.agent)
    elif isinstance(body, Note):
        last = _with_agent(last, body.login, None)
    elif isinstance(body, Message) and event.by.kind == "agent":
        last = _with_agent(last, _writer(event.key), event.by.name)
    return replace(last, last_seq=event.seq, at=event.at)


def _writer(key: str | None) -> str | None:
    """The login in the key of an agent's message, `agent:LOGIN:ID`: older entries of the log have it nowhere else."""
    kind, _, rest = (key or "").partition(":")
    return rest.partition(":")[0] or None if kind == "agent" else None


def _with_agent(last: IndexedEpisode, login: str | None, name: str | None) -> IndexedEpisode:
    agents = last.agents if login is None or login in last.agents else (*last.agents, login)
    return replace(last, agents=agents, agent_name=name or last.agent_name)
