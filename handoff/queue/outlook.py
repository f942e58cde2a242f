"""What a waiting customer can expect: place, expected wait, and when people work again. Pure."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from content.desk_policy import DeskPolicy
from content.waiting_words import Opening, Wait
from contract.priorities import URGENT, queue_rank
from handoff.accounts.agents import Agent
from handoff.conversations.state import Conversation
from handoff.conversations.values import Told, WaitTold
from handoff.queue.capacity import person_of
from handoff.queue.clocks import opening_hours
from handoff.queue.presence import presence_of
from handoff.queue.waits import RecentWaits
from handoff.queue.work_queues import queue_of

#: A figure without a spread is what half of the customers wait longer than: the promise leaves so much more time.
_SPARE = 1.5
_SECOND = dt.timedelta(seconds=1)


@dataclass(frozen=True)
class Outlook:
    """What a customer can expect at one moment.

    `ahead`: how many wait before them. `online`: agents who are there for the case. `wait`: None while nobody is online.
    `opening`: when people work again, while nobody is online and the queue is closed.
    """

    ahead: int
    online: int
    wait: Wait | None
    opening: Opening | None

    @property
    def is_staffed(self) -> bool:
        """Whether anybody is online for the case."""
        return self.online > 0

    @property
    def opens_at(self) -> dt.datetime | None:
        """When people work again, in UTC."""
        return self.opening.at.astimezone(dt.UTC) if self.opening else None

    def told(self, wait: Wait | None, *, is_apology: bool = False) -> WaitTold:
        """What a message says that gives this figure."""
        low, high = (int(wait.low / _SECOND), int(wait.high / _SECOND)) if wait else (None, None)
        return WaitTold(self.ahead, self.online, low, high, self.opens_at, is_apology)


def online_by_queue(agents: Iterable[Agent], policy: DeskPolicy, now: dt.datetime) -> dict[str, int]:
    """How many agents can take a conversation of each queue now.

    Agents with the skills of the queue, or all, because nobody waits for a skill for ever.
    """
    desk, within, away_after = policy.content.desk, policy.online_within, policy.away_after
    there = [agent for agent in agents if agent.takes_conversations and presence_of(agent, now, within, away_after).gets_offers]
    # Most agents are like `everyone`: each list of skills is compared once.
    skills = Counter(person_of(agent, desk).skills for agent in there)
    fitting = {
        name: sum(count for known, count in skills.items() if set(queue.skills) <= set(known))
        for name, queue in desk.queues.items()
    }
    return {name: count or len(there) for name, count in fitting.items()}


def outlook_of(
    state: Conversation, ahead: int, online: Mapping[str, int], recent: RecentWaits, policy: DeskPolicy, now: dt.datetime
) -> Outlook:
    """What the customer of a waiting conversation can expect. `online`: as `online_by_queue` counts."""
    content = policy.content
    queue = queue_of(state, content)
    there = online.get(queue, 0)
    if there:
        rank = queue_rank(state.case.priority, state.case.lane)
        return Outlook(ahead, there, recent.expected(rank, ahead, there) or _configured(policy, ahead, there), None)
    hours = opening_hours(content)[queue]
    opens_at = None if hours.is_open(now) else hours.next_opening(now)
    return Outlook(ahead, 0, None, Opening(hours.local(opens_at), hours.local(now)) if opens_at else None)


def _configured(policy: DeskPolicy, ahead: int, online: int) -> Wait:
    length = policy.expected_wait(ahead, online)
    return Wait(length, length)


def promise(wait: Wait | None, now: dt.datetime) -> dt.datetime | None:
    """By when somebody takes over if the figure is right."""
    if wait is None:
        return None
    return now + (wait.high if wait.low < wait.high else _SPARE * wait.high)


def standing_figure(told: Told | None, outlook: Outlook, now: dt.datetime) -> Wait | None:
    """The figure that the customer sees: the one that they were told, until place or staff change, or the promise is broken."""
    last = told.wait if told else None
    if told is None or last is None or last.low_seconds is None or last.high_seconds is None or outlook.wait is None:
        return outlook.wait
    is_kept = told.promised_until is None or now <= told.promised_until
    if is_kept and (last.ahead, last.online) == (outlook.ahead, outlook.online):
        return Wait(dt.timedelta(seconds=last.low_seconds), dt.timedelta(seconds=last.high_seconds))
    return outlook.wait


def waiting_status(state: Conversation, outlook: Outlook, policy: DeskPolicy, now: dt.datetime) -> dict[str, Any]:
    """The fields of a customer's status that change while they wait."""
    wait = standing_figure(state.handling.told, outlook, now)
    seconds = (int(wait.low / _SECOND), int(wait.high / _SECOND)) if wait else None
    return {
        "queue_position": outlook.ahead + 1,
        "eta_seconds": seconds[1] if seconds else None,
        "eta": {"low_seconds": seconds[0], "high_seconds": seconds[1]} if seconds else None,
        "staffed": outlook.is_staffed,
        # With the offset of the queue's time zone: pages show the wall clock of the people who come.
        "opens_at": outlook.opening.at.isoformat() if outlook.opening else None,
        "phones": policy.phones(state.case.lane) if state.case.priority == URGENT or state.case.lane else {},
    }


#: The same fields of a conversation that does not wait.
NO_WAIT: Mapping[str, Any] = {
    "queue_position": None,
    "eta_seconds": None,
    "eta": None,
    "staffed": None,
    "opens_at": None,
    "phones": {},
}
