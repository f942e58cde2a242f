"""The watchdog: idle conversations are closed, and no customer waits for an agent who is gone."""

from __future__ import annotations

import asyncio
import datetime as dt

import pytest

from tests.handoff.fake_bot import escalates
from tests.handoff.people import Agent, Customer, of_type, texts, types
from tests.handoff.running_desk import Desk

#: Each test says itself how much time passes.
pytestmark = pytest.mark.usefixtures("time_stands_still")

SECOND = dt.timedelta(seconds=1)


def pass_time(desk: Desk, length: dt.timedelta) -> None:
    """Advance the clock by this much, and a second."""
    desk.clock.pass_time(seconds=(length + SECOND).total_seconds())


async def served_customer(desk: Desk, agent: Agent, reason: str = "dispute") -> Customer:
    """A customer whom an agent has answered."""
    customer = await desk.waiting_customer(escalates(reason, "high"))
    await agent.claim(customer)
    await agent.write(customer, "您好")
    return customer


# --- idle ---------------------------------------------------------------------------------------------------------------


async def test_the_bots_conversation_is_closed_when_nobody_writes(desk: Desk) -> None:
    """Abandoned conversations would stay open for ever."""
    customer, other = await desk.customer(), await desk.customer()
    await desk.wait_for_turn(customer, await customer.say("转账没到"))
    pass_time(desk, desk.services.policy.idle_with_bot - 60 * SECOND)
    await desk.wait_for_turn(other, await other.say("手续费多少"))
    await desk.watchdog.look_around()
    assert (await customer.status())["status"] == "with_bot"
    pass_time(desk, 60 * SECOND)
    await desk.watchdog.look_around()
    assert (await customer.status())["status"] == "resolved"
    assert of_type(await customer.events(), "resolved")[0]["resolution"] == "idle"
    assert (await other.status())["status"] == "with_bot"


async def test_who_waits_for_a_person_is_never_closed(desk: Desk) -> None:
    """A night in the queue would end without any message."""
    customer = await desk.waiting_customer()
    pass_time(desk, dt.timedelta(days=30))
    await desk.watchdog.look_around()
    assert (await customer.status())["status"] == "queued"


@pytest.mark.parametrize(
    ("reason", "comes_back_to"), [("security", "queued"), ("dispute", "queued"), ("unresolved", "with_bot")]
)
async def test_an_agents_conversation_that_fell_idle(desk: Desk, reason: str, comes_back_to: str) -> None:
    """A security case would be forgotten because the customer slept, or use an agent's capacity for weeks."""
    agent = await desk.agent()
    customer = await served_customer(desk, agent, reason)
    pass_time(desk, desk.services.policy.idle_with_bot)
    await desk.watchdog.look_around()
    assert (await customer.status())["status"] == "assigned"
    pass_time(desk, desk.services.policy.idle_assigned)
    await desk.watchdog.look_around()
    assert (await customer.status())["status"] == "resolved"
    before = len(await desk.log(customer))
    seq = await customer.say("我又来了")
    await desk.wait_for_turn(customer, seq)
    status = await customer.status()
    assert status["status"] == comes_back_to
    if comes_back_to == "queued":
        assert (status["reason"], status["priority"], status["queue_position"]) == (reason, "high", 1)
        new = (await desk.log(customer))[before:]
        assert types(new)[:2] == ["reopened", "handoff_requested"]
        assert len(texts(new, "system")) == 1
        assert texts(new, "bot") == []


async def test_two_watchdogs_close_once(desk: Desk) -> None:
    """With several desks each would close the conversation again."""
    customers = [await desk.customer() for _ in range(5)]
    pass_time(desk, desk.services.policy.idle_with_bot)
    await asyncio.gather(*(desk.watchdog.look_around() for _ in range(4)))
    for customer in customers:
        assert types(await desk.log(customer)) == ["resolved"]


# --- agents who are offline --------------------------------------------------------------------------------------------------


async def test_nobody_waits_for_an_agent_who_is_gone(desk: Desk) -> None:
    """A customer would write to an agent whose computer is off (I6)."""
    agent = await desk.agent()
    customer = await served_customer(desk, agent)
    place = (await desk.conversation(customer)).case.queued_at
    await customer.say("您还在吗")
    pass_time(desk, desk.services.policy.gone_after)
    await desk.watchdog.look_around()
    status = await customer.status()
    assert (status["status"], status["agent"], status["queue_position"]) == ("queued", None, 1)
    assert texts(await customer.events(), "system")[-1] == desk.services.policy.text("requeued", "zh")
    assert of_type(await desk.log(customer), "transferred")[0]["why"] == "agent_gone"
    assert (await desk.conversation(customer)).case.queued_at == place


async def test_an_agent_who_is_there_keeps_a_waiting_customer(desk: Desk) -> None:
    """An agent who thinks for five minutes would lose the customer."""
    agent = await desk.agent()
    customer = await served_customer(desk, agent)
    await customer.say("您还在吗")
    pass_time(desk, desk.services.policy.gone_after)
    await agent.queue()
    await desk.watchdog.look_around()
    assert (await customer.status())["agent"] == agent.name


@pytest.mark.parametrize(("priority", "status"), [("urgent", "queued"), ("high", "assigned")])
async def test_an_emergency_does_not_wait_five_minutes_for_a_closed_laptop(desk: Desk, priority: str, status: str) -> None:
    """The victim would wait for minutes in front of an agent who has gone, while others are free."""
    customer = await desk.waiting_customer(escalates("security", priority))
    await (await desk.agent()).claim(customer)
    await customer.say("还在吗")
    await desk.turns_over()
    pass_time(desk, desk.services.policy.online_within)
    await desk.watchdog.look_around()
    assert (await desk.conversation(customer)).status.value == status


async def test_an_agent_who_is_gone_keeps_a_customer_who_does_not_wait(desk: Desk) -> None:
    """A lunch break would hand all conversations over, although no customer asks for anything."""
    customer = await served_customer(desk, await desk.agent())
    pass_time(desk, desk.services.policy.gone_after)
    await desk.watchdog.look_around()
    assert (await customer.status())["status"] == "assigned"


async def test_a_customer_who_has_just_written_gives_the_agent_a_moment(desk: Desk) -> None:
    """A message at the moment of the check would move the conversation, although the agent may be about to return."""
    customer = await served_customer(desk, await desk.agent())
    pass_time(desk, desk.services.policy.gone_after)
    await customer.say("您还在吗")
    await desk.watchdog.look_around()
    assert (await customer.status())["status"] == "assigned"
    pass_time(desk, desk.services.policy.online_within)
    await desk.watchdog.look_around()
    assert (await customer.status())["status"] == "queued"
