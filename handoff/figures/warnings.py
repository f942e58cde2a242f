"""What supervisors must hear of, because the desk works on with it. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any

from content.bundle import DeskContent
from content.staffing import WorkQueue
from handoff.accounts.agents import Agent
from handoff.queue.clocks import opening_hours

#: A year whose holidays are not known is told of so long before it begins.
_AHEAD = dt.timedelta(days=30)


def warnings(
    content: DeskContent, agents: Iterable[Agent], online: Iterable[str], waiting: Iterable[str], now: dt.datetime
) -> list[dict[str, Any]]:
    """Warnings with a code and words. `online`: agents who are there; `waiting`: the queues in which somebody waits."""
    accounts = [agent for agent in agents if agent.takes_conversations]
    found = [*_calendars(content, now), *_people(content, agents), *_queues(content, accounts, set(online), set(waiting))]
    return [{"code": code, "zh": zh, "en": en} for code, zh, en in found]


_Words = tuple[str, str, str]


def _calendars(content: DeskContent, now: dt.datetime) -> Iterator[_Words]:
    missing = {
        (content.desk.hours[queue.hours].calendar, year)
        for name, queue in content.desk.queues.items()
        for year in {opening_hours(content)[name].local(at).year for at in (now, now + _AHEAD)}
        if not opening_hours(content)[name].knows(year)
    }
    for calendar, year in sorted(missing, key=str):
        yield (
            "calendar_year_missing",
            f"日历 {calendar} 没有 {year} 年的节假日：这一年按普通工作日计算。请补充 data/calendars/{calendar}.yml 并发布。",
            f"The calendar {calendar} has no holidays of {year}: that year counts as ordinary days. "
            f"Add it to data/calendars/{calendar}.yml and publish.",
        )


def _people(content: DeskContent, agents: Iterable[Agent]) -> Iterator[_Words]:
    logins = {agent.login for agent in agents}
    for login in sorted(set(content.desk.people) - logins):
        yield (
            "unknown_person",
            f"data/desk.yml 的 people 里有 {login}，但没有这个账号。",
            f"people in data/desk.yml names {login}, but there is no such account.",
        )


def _queues(content: DeskContent, accounts: list[Agent], online: set[str], waiting: set[str]) -> Iterator[_Words]:
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


def _is_able(content: DeskContent, agent: Agent, queue: WorkQueue) -> bool:
    person = content.desk.people.get(agent.login, content.desk.everyone)
    return set(queue.skills) <= set(person.skills) and set(queue.languages) <= set(person.languages)
