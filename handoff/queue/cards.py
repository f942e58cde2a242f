"""A conversation as the queue and the head of the console show it."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

from content.bundle import DeskContent
from handoff.cases.owed import case_mark
from handoff.conversations.care.identity import Identity
from handoff.conversations.state import Conversation
from handoff.conversations.values import Status
from handoff.queue.service_levels import nearest_due
from handoff.queue.work_queues import queue_of


def card(conversation: Conversation, now: dt.datetime, content: DeskContent) -> dict[str, Any]:
    """The card; `due` is the nearest deadline, or None when nothing is owed."""

    def moment(value: dt.datetime | None) -> str | None:
        return value.isoformat() if value else None

    case, unanswered, assignment, handling = (
        conversation.case,
        conversation.unanswered,
        conversation.assignment,
        conversation.handling,
    )
    due = nearest_due(conversation, content, now)
    answer_since = unanswered.since if unanswered else None
    waiting = case.queued_at if conversation.status is Status.QUEUED else answer_since
    return {
        "id": conversation.id,
        "status": conversation.status.value,
        "reason": case.reason,
        "priority": case.priority,
        "lane": case.lane,
        "intent": case.topic,
        "topic": case.topic,
        "amount_cny": case.amount_cny,
        "queued_at": moment(case.queued_at),
        "waiting_seconds": int((now - waiting).total_seconds()) if waiting else 0,
        "assigned_at": moment(assignment.at if assignment else None),
        "agent": conversation.agent,
        "agent_name": conversation.agent_name,
        "preview": conversation.preview,
        "locale": conversation.locale,
        "channel": conversation.birth.channel,
        "episode": conversation.episode,
        "last_seq": conversation.last_seq,
        "unanswered": unanswered is not None,
        "unanswered_since": moment(answer_since),
        "created_at": moment(conversation.birth.created_at),
        "first_response_at": moment(case.first_response_at),
        "rating": conversation.rating,
        "earlier": dataclasses.asdict(conversation.earlier) if conversation.earlier else None,
        "queue": queue_of(conversation, content),
        "skill": handling.skill,
        "due": due.as_json() if due else None,
        "offer": _named(handling.offer, "until") if handling.offer else None,
        "additions": handling.told.additions if handling.told else 0,
        "known_by": _named(handling.known_by, "at") if handling.known_by else None,
        "links": list(handling.links),
        "owed": case_mark(conversation, content, now),
        "customer": _customer(conversation.care.identity, now),
    }


def _customer(identity: Identity | None, now: dt.datetime) -> dict[str, Any] | None:
    """The customer, and what is proven of them now. `signed_assurance`: what was proven until `proven_until`."""
    if identity is None:
        return None
    assurance = identity.assurance_at(now)
    return {
        "subject": identity.subject,
        "name": identity.name,
        "phone_last": identity.phone_last,
        "assurance": assurance,
        "is_proven": assurance > 0,
        "signed_assurance": identity.assurance,
        "proven_until": identity.proven_until.isoformat(),
    }


def _named(entry: Any, moment: str) -> dict[str, Any]:
    return {"login": entry.login, "name": entry.name, moment: getattr(entry, moment).isoformat()}
