"""What `routing.py` needs to know of the desk: seats from accounts, waiting cases from conversations, rules from content."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from content.bundle import DeskContent
from content.desk_policy import DeskPolicy, file_locale
from contract.priorities import queue_rank
from handoff.accounts.agents import Agent
from handoff.conversations.state import Conversation
from handoff.queue.capacity import NEW_WEIGHT, load_of, person_of
from handoff.queue.presence import Presence, presence_of
from handoff.queue.routing import Rules, Seat, Staff, WaitingCase
from handoff.queue.service_levels import nearest_due
from handoff.queue.store import NOTHING_HELD, Held
from handoff.queue.work_queues import queue_of


def rules_of(content: DeskContent) -> Rules:
    """The rules of routing, from data/desk.yml. The patience of an emergency is the time for one offer."""
    routing = content.desk.routing
    return Rules(
        ageing=dt.timedelta(minutes=routing.ageing_minutes),
        known_within=dt.timedelta(minutes=routing.known_within_minutes),
        patience=dt.timedelta(minutes=routing.widen_after_minutes),
        urgent_patience=dt.timedelta(seconds=routing.accept_within_seconds),
    )


def presence(agent: Agent, policy: DeskPolicy, now: dt.datetime) -> Presence:
    """Whether an agent is there, and takes new conversations."""
    return presence_of(agent, now, policy.online_within, policy.away_after)


def seat_of(agent: Agent, held: Held, policy: DeskPolicy, now: dt.datetime) -> Seat:
    """An account that takes conversations, as routing sees it. Open offers count as conversations."""
    desk = policy.content.desk
    person, load = person_of(agent, desk), load_of(agent, held, desk)
    return Seat(
        login=agent.login,
        languages=frozenset(person.languages),
        skills=frozenset(person.skills),
        capacity=load.capacity,
        weight=load.weight + held.offers * NEW_WEIGHT,
        count=load.count + held.offers,
        is_available=agent.takes_conversations and presence(agent, policy, now).gets_offers,
        has_offer=held.offers > 0,
        has_urgent_offer=held.urgent_offers > 0,
        is_reserve=agent.role == "supervisor",
        idle_since=held.last_at,
        emergencies=held.emergencies,
    )


def staff_of(agents: Iterable[Agent], held: Mapping[str, Held], policy: DeskPolicy, now: dt.datetime) -> Staff:
    """All accounts that take conversations."""
    able = (agent for agent in agents if agent.takes_conversations)
    return Staff(seat_of(agent, held.get(agent.login, NOTHING_HELD), policy, now) for agent in able)


def case_of(state: Conversation, content: DeskContent, now: dt.datetime, *, is_crowded: bool = False) -> WaitingCase:
    """A waiting conversation, as routing sees it."""
    handling, queue = state.handling, content.desk.queues[queue_of(state, content)]
    due, known = nearest_due(state, content, now), handling.known_by
    queued_at = state.case.queued_at or now
    passed = [(each.login, each.at) for each in handling.passed]
    # Who had it in this wait has put it back, or left. Who had it before this wait knows the customer.
    comes_back = known is not None and known.at < queued_at
    if known is not None and not comes_back:
        passed.append((known.login, handling.told.since if handling.told else known.at))
    return WaitingCase(
        id=state.id,
        rank=queue_rank(state.case.priority, state.case.lane),
        queued_at=queued_at,
        languages=frozenset({file_locale(state.locale), *queue.languages}),
        # A skill that editors have removed since the transfer nobody has: the case would wait for it in vain.
        skills=frozenset({*queue.skills, *({handling.skill} & content.desk.skills.keys() if handling.skill else ())}),
        due_at=due.due_at if due is not None and not due.is_paused else None,
        known_by=known.login if known is not None and comes_back else None,
        passed=tuple(passed),
        is_crowded=is_crowded,
    )


def agent_entries(
    agents: Iterable[Agent], held: Mapping[str, Held], policy: DeskPolicy, now: dt.datetime
) -> list[dict[str, Any]]:
    """The accounts that take conversations, as the queue's feed and the board show them."""
    desk = policy.content.desk
    entries = []
    for agent in agents:
        if not agent.takes_conversations:
            continue
        load = load_of(agent, held.get(agent.login, NOTHING_HELD), desk)
        there, person = presence(agent, policy, now), person_of(agent, desk)
        entries.append(
            {
                "login": agent.login,
                "name": agent.name,
                "role": agent.role,
                "online": there.is_there,
                "presence": there.state,
                "since": there.since.isoformat() if there.since else None,
                "load": load.count,
                "weight": round(load.weight, 2),
                "capacity": load.capacity,
                "skills": list(person.skills),
                "languages": list(person.languages),
            }
        )
    return entries
