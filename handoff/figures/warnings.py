"""What supervisors must hear of, because the desk works on with it. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from content.bundle import DeskContent
from content.staffing import WorkQueue
from content.staffing_warnings import calendar_warnings, people_warnings
from handoff.accounts.agents import Agent
from handoff.queue.clocks import opening_hours


def warnings(
    content: DeskContent, agents: Sequence[Agent], online: Iterable[str], waiting: Iterable[str], now: dt.datetime
) -> list[dict[str, Any]]:
    """Warnings with a code and words. `online`: agents who are there; `waiting`: the queues in which somebody waits."""
    accounts = [agent for agent in agents if agent.takes_conversations]
    staffing = [
        *calendar_warnings(content, now),
        *people_warnings(content, {agent.login for agent in agents if not agent.is_disabled}),
    ]
    queues = _queues(content, accounts, set(online), set(waiting), now)
    return [*(each.as_json() for each in staffing), *({"code": code, "zh": zh, "en": en} for code, zh, en in queues)]


_Words = tuple[str, str, str]


def _queues(
    content: DeskContent, accounts: list[Agent], online: set[str], waiting: set[str], now: dt.datetime
) -> Iterator[_Words]:
    hours = opening_hours(content)
    for name, queue in content.desk.queues.items():
        able = {agent.login for agent in accounts if _is_able(content, agent, queue)}
        if not able:
            yield (
                "queue_impossible",
                f"队列「{queue.zh}」没有任何账号能接待：请检查技能和语言。",
                f"No account can serve the queue {queue.en}: check skills and languages.",
            )
        elif name in waiting and not able & online:
            yield (
                "queue_unstaffed",
                f"队列「{queue.zh}」有客户在等待，但现在没有能接待的客服在线。",
                f"Somebody waits in the queue {queue.en}, and nobody who can serve it is online.",
            )
        elif hours[name].is_open(now) and not able & online:
            yield (
                "queue_unstaffed",
                f"队列「{queue.zh}」现在是服务时间，但没有能接待的客服在线。",
                f"The queue {queue.en} is open now, and nobody who can serve it is online.",
            )


def _is_able(content: DeskContent, agent: Agent, queue: WorkQueue) -> bool:
    person = content.desk.people.get(agent.login, content.desk.everyone)
    return set(queue.skills) <= set(person.skills) and set(queue.languages) <= set(person.languages)
