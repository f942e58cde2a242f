"""How much an agent holds, and whether there is room for one more.

A conversation takes a part of the capacity that depends on its state (`routing.weights` in data/desk.yml): one that owes the
customer an answer takes more than a silent one. By number an agent never gets more than twice the capacity: all silent
customers may write again at once.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from content.desk_file import DeskFile
from content.desk_policy import DeskPolicy
from content.staffing import Person, Weights
from handoff.accounts.agents import Agent
from handoff.accounts.store import find_agent, set_presence
from handoff.queue.presence import BY_DESK
from handoff.queue.store import Held, held_by
from handoff.runtime.errors import BadInput, Conflict
from handoff.runtime.transaction import Transaction

#: An agent never gets more conversations than so many times the capacity.
_MOST_TIMES = 2
#: Sums of weights such as 0.7 + 0.3 are not exact.
_ROUNDING = 1e-9
#: What a new conversation takes: its customer waits for an answer.
NEW_WEIGHT = 1.0


@dataclass(frozen=True)
class Load:
    """What an agent holds. `count`: conversations, `weight`: their parts of the capacity."""

    count: int
    weight: float
    capacity: int

    @property
    def has_room(self) -> bool:
        """Whether one more conversation fits."""
        return has_room(self.count, self.weight, self.capacity)


def has_room(count: int, weight: float, capacity: int) -> bool:
    """Whether one more conversation fits, beside `count` of this total weight."""
    return weight + NEW_WEIGHT <= capacity + _ROUNDING and count < _MOST_TIMES * capacity


def weight_of(held: Held, weights: Weights) -> float:
    """The part of the capacity that conversations take."""
    return held.owing * weights.owes_answer + held.waiting * weights.waits_for_customer + held.silent * weights.silent


def person_of(agent: Agent, desk: DeskFile) -> Person:
    """What an account can do: its own entry of `people`, or `everyone`."""
    return desk.people.get(agent.login, desk.everyone)


def load_of(agent: Agent, held: Held, desk: DeskFile) -> Load:
    """What an agent holds, compared with the capacity: that of data/desk.yml, or the account's."""
    capacity = person_of(agent, desk).capacity or agent.capacity
    return Load(held.count, weight_of(held, desk.routing.weights), capacity)


def silent_before(desk: DeskFile, now: dt.datetime) -> dt.datetime:
    """A conversation in which nothing happened since this time is silent."""
    return now - dt.timedelta(minutes=desk.routing.silent_after_minutes)


async def lock_agent(tx: Transaction, login: str) -> Agent:
    """Lock an account that takes conversations. Raises BadInput.

    It is locked after the conversation, always in this order, so that two claims of one agent cannot both see a free place.
    """
    agent = await find_agent(tx, login, lock=True)
    if agent is None or not agent.takes_conversations:
        raise BadInput("unknown_agent", "没有这位客服。", "There is no such agent.")
    return agent


async def check_room(tx: Transaction, policy: DeskPolicy, agent: Agent, now: dt.datetime, *, released: bool = False) -> bool:
    """Raise Conflict when a locked agent has no room for one more. The agent's own offers do not count.

    `released`: a supervisor allows one conversation above the capacity. Returns whether the new one is above it.
    """
    desk = policy.content.desk
    load = load_of(agent, await held_by(tx, agent.login, silent_before(desk, now)), desk)
    if load.has_room:
        return False
    if released and has_room(load.count, load.weight, load.capacity + 1):
        return True
    zh, en = _full(agent, load)
    raise Conflict("at_capacity", zh, en, capacity=load.capacity)


async def is_back(tx: Transaction, agent: Agent, now: dt.datetime) -> None:
    """An agent whom the desk made away after a missed offer claims by hand or writes to a customer: they are at work again."""
    if agent.presence_by == BY_DESK:
        await set_presence(tx, agent.login, "available", now)


def claim_refusal(agent: Agent, load: Load) -> dict[str, str] | None:
    """Why an agent cannot claim now, for people; None if they can.

    A claim by hand needs no skill and no language: somebody who takes a case knows why. Offers need them (`routing.py`).
    """
    if not agent.takes_conversations:
        return {"zh": "此账号不能处理会话。", "en": "This account does not handle conversations."}
    if not load.has_room:
        zh, en = _full(agent, load)
        return {"zh": zh, "en": en}
    return None


def _full(agent: Agent, load: Load) -> tuple[str, str]:
    return (
        f"{agent.name} 同时处理的会话已达上限（{load.capacity}）。",
        f"{agent.name} already has {load.capacity} conversations."
        if load.count == load.capacity
        else f"{agent.name} has {load.count} conversations, which fill the capacity of {load.capacity}.",
    )
