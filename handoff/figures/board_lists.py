"""The lists of the board: who waits, which deadlines are near, what agents hold. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from content.bundle import DeskContent
from content.desk_policy import DeskPolicy
from contract.priorities import queue_rank
from handoff.accounts.agents import Agent
from handoff.conversations.state import Conversation
from handoff.conversations.values import Status
from handoff.queue.cards import card
from handoff.queue.service_levels import Due
from handoff.queue.staff import agent_entries
from handoff.queue.store import Held


def waiting_groups(cases: list[Conversation], queues: list[str], now: dt.datetime) -> list[dict[str, Any]]:
    """How many wait, and the longest wait (s), by lane, priority and queue; in the queue's order."""
    groups: dict[tuple[int, str, str, str], tuple[int, int]] = {}
    for case, queue in zip(cases, queues, strict=True):
        of = case.case
        seconds = int((now - of.queued_at).total_seconds()) if of.queued_at else 0
        key = (queue_rank(of.priority, of.lane), of.lane or "", of.priority or "", queue)
        count, oldest = groups.get(key, (0, 0))
        groups[key] = (count + 1, max(oldest, seconds))
    return [
        {"lane": lane or None, "priority": priority, "queue": queue, "count": count, "oldest_seconds": oldest}
        for (_, lane, priority, queue), (count, oldest) in sorted(groups.items())
    ]


_Dues = list[tuple[Conversation, Due]]
#: A deadline that is so close is near.
_NEAR = dt.timedelta(minutes=5)


def deadlines(cases: Iterable[Conversation], dues: dict[str, Due | None], now: dt.datetime) -> tuple[_Dues, _Dues]:
    """The cases whose nearest deadline is over, and those whose it soon is; the oldest deadline first."""
    found = [(case, due) for case in cases if (due := dues[case.id]) is not None and not due.is_paused]
    found.sort(key=lambda each: (each[1].due_at, each[0].id))
    breached = [each for each in found if each[1].is_breached]
    near = [each for each in found if not each[1].is_breached and each[1].due_at - now <= _NEAR]
    return breached, near


def held_conversations(
    cases: Iterable[Conversation], dues: Mapping[str, Due | None], now: dt.datetime
) -> dict[str, list[dict[str, Any]]]:
    """What each agent holds, by login. `waiting_seconds` is None while the customer owes an answer."""
    held: dict[str, list[dict[str, Any]]] = {}
    for case in cases:
        if case.status is not Status.ASSIGNED or case.agent is None:
            continue
        due, unanswered = dues[case.id], case.unanswered
        held.setdefault(case.agent, []).append(
            {
                "id": case.id,
                "lane": case.case.lane,
                "priority": case.case.priority,
                "waiting_seconds": int((now - unanswered.since).total_seconds()) if unanswered else None,
                "due": _short(due) if due else None,
            }
        )
    return held


def _short(due: Due) -> dict[str, Any]:
    """A deadline without its explanation: a thousand of these would be most of the board."""
    return {"clock": due.clock, "at": due.due_at.isoformat(), "is_paused": due.is_paused, "is_breached": due.is_breached}


def with_cards(
    items: list[dict[str, Any]], cases: Iterable[Conversation], content: DeskContent, now: dt.datetime
) -> list[dict[str, Any]]:
    """The entries, each with the card of its conversation while people have it."""
    open_now = {case.id: case for case in cases}
    found = [(item, open_now.get(item.get("conversation_id", ""))) for item in items]
    return [{**item, "card": card(case, now, content)} if case else item for item, case in found]


def agent_rows(
    agents: Sequence[Agent],
    held: Mapping[str, Held],
    conversations: Mapping[str, list[dict[str, Any]]],
    policy: DeskPolicy,
    now: dt.datetime,
) -> list[dict[str, Any]]:
    """The agents as in the queue's feed, with what each holds (`held_conversations`) and when they were seen last."""
    seen = {agent.login: agent.last_seen_at for agent in agents}
    return [
        {
            **entry,
            "conversations": conversations.get(entry["login"], []),
            "last_seen_at": at.isoformat() if (at := seen[entry["login"]]) else None,
        }
        for entry in agent_entries(agents, held, policy, now)
    ]
