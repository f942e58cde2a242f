"""What a supervisor must look at: pure functions of the open cases and of what happened lately."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any

from contract.priorities import URGENT
from contract.reasons import DISPUTE
from handoff.conversations.state import Conversation
from handoff.conversations.values import Status
from handoff.figures.episodes import Episode, Story

#: An urgent case that waits longer, and a customer whom an agent has not answered for longer.
_URGENT_WAIT, _UNANSWERED = dt.timedelta(minutes=2), dt.timedelta(minutes=5)
#: A case that went back to the queue so often in one handoff.
_REQUEUED = 2
_LOW_RATING = 2
#: Rows of the list, the most pressing kinds first.
LIMIT = 200
KINDS = (
    "wave",
    "urgent_waiting",
    "duty_breached",
    "promise_broken",
    "asks_for_supervisor",
    "unanswered",
    "reopened_dispute",
    "offer_missed",
    "requeued",
    "low_rating",
    "over_capacity",
    "accessed",
    "duty_near",
    "promise_near",
)

Item = dict[str, Any]


def attention(cases: Iterable[Conversation], stories: Iterable[Story], since: dt.datetime, now: dt.datetime) -> list[Item]:
    """The whole list in its order: by kind, then the oldest first of what lasts, the latest first of what happened."""
    items = [item for case in cases for item in _of_case(case, now)]
    items += [item for story in stories for item in _of_story(story, since)]
    return in_order(items)


def in_order(items: list[Item]) -> list[Item]:
    """Items by kind, then the oldest first of what lasts, the latest first of what happened."""
    rank = {kind: number for number, kind in enumerate(KINDS)}
    lasting = sorted((item for item in items if "seconds" in item), key=lambda item: str(item["at"]))
    happened = sorted((item for item in items if "seconds" not in item), key=lambda item: str(item["at"]), reverse=True)
    return sorted([*lasting, *happened], key=lambda item: rank[item["kind"]])


def _item(kind: str, conversation_id: str, at: dt.datetime, **more: Any) -> Item:
    return {"kind": kind, "conversation_id": conversation_id, "at": at.isoformat(), **more}


def _of_case(state: Conversation, now: dt.datetime) -> Iterator[Item]:
    case, unanswered = state.case, state.unanswered
    is_urgent = case.priority == URGENT or case.lane is not None
    if state.status is Status.QUEUED and is_urgent and case.queued_at is not None and now - case.queued_at > _URGENT_WAIT:
        seconds = int((now - case.queued_at).total_seconds())
        yield _item("urgent_waiting", state.id, case.queued_at, seconds=seconds)
    if state.status is Status.ASSIGNED and unanswered is not None and now - unanswered.since > _UNANSWERED:
        seconds = int((now - unanswered.since).total_seconds())
        yield _item("unanswered", state.id, unanswered.since, seconds=seconds, login=state.agent, name=state.agent_name)


def _of_story(story: Story, since: dt.datetime) -> Iterator[Item]:
    id_ = story.conversation_id
    before: Episode | None = None
    for episode in story.episodes:
        yield from _of_handoffs(id_, episode, since)
        asked_at = episode.asked_for_supervisor_at
        if asked_at is not None and asked_at >= since:
            yield _item("asks_for_supervisor", id_, asked_at)
        for score in episode.ratings[-1:]:
            if score.score <= _LOW_RATING and score.at >= since:
                login = episode.agents[-1] if episode.agents else None
                yield _item("low_rating", id_, score.at, score=score.score, login=login)
        if _is_disputed(before) and episode.has_matter and episode.opened_at is not None and episode.opened_at >= since:
            yield _item("reopened_dispute", id_, episode.opened_at)
        for access in episode.accesses:
            if access.at >= since:
                yield _item("accessed", id_, access.at, login=access.login, name=access.name, reason=access.reason)
        before = episode


def _is_disputed(episode: Episode | None) -> bool:
    return episode is not None and bool(episode.handoffs) and episode.handoffs[-1].last_facts.reason == DISPUTE


def _of_handoffs(id_: str, episode: Episode, since: dt.datetime) -> Iterator[Item]:
    for handoff in episode.handoffs:
        for offer in handoff.offers:
            if not offer.is_accepted and offer.at >= since:
                yield _item("offer_missed", id_, offer.at, login=offer.login, name=offer.name, why=offer.why)
        if len(handoff.moved) >= _REQUEUED and handoff.ended_at is None and handoff.moved[-1].at >= since:
            yield _item("requeued", id_, handoff.moved[-1].at, count=len(handoff.moved))
        for taken in handoff.taken:
            if taken.over_capacity_by is not None and taken.at >= since:
                yield _item("over_capacity", id_, taken.at, login=taken.login, name=taken.name, by=taken.over_capacity_by)
