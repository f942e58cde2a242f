"""Several desks on one database: a change at one desk is visible at the others at once."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

import pytest

from handoff.conversations.sweep import Sweep
from handoff.runtime.notifications import Notifications
from handoff.runtime.settings import Settings
from tests.handoff.conftest import Database
from tests.handoff.fake_bot import FakeBot
from tests.handoff.people import DEADLINE_SECONDS, Agent, Customer, error_code, texts
from tests.handoff.running_desk import Desk, run_desk

#: Less than the interval at which streams read the database without a wake-up.
AT_ONCE_SECONDS = 9


@pytest.fixture(scope="module")
async def other_desk(settings: Settings, shared_desk: Desk, shared_bot: FakeBot) -> AsyncIterator[Desk]:
    """A second desk on the same database."""
    async with run_desk(settings, shared_bot, shared_desk.clock) as other:
        yield other


def at(desk: Desk, customer: Customer) -> Customer:
    """The same customer as a client of another desk."""
    return Customer(desk.http, customer.id, customer.token)


async def test_a_message_through_one_desk_wakes_a_stream_on_the_other(desk: Desk, other_desk: Desk) -> None:
    """Customer and agent on different desks would see each other's messages ten seconds late."""
    customer, agent = await desk.waiting_customer(), await desk.agent()
    elsewhere = Agent(other_desk.http, agent.login, agent.name, "")
    elsewhere.headers["Cookie"] = agent.headers["Cookie"]
    async with at(other_desk, customer).stream() as stream, elsewhere.stream("/queue") as queue:
        await stream.until(lambda frame: frame.event == "status")
        await queue.until(lambda frame: [card["id"] for card in frame.data["waiting"]] == [customer.id])
        async with asyncio.timeout(AT_ONCE_SECONDS):
            await agent.claim(customer)
            await agent.write(customer, "您好")
            await stream.until(lambda frame: frame.data.get("text") == "您好")
            await queue.until(lambda frame: [card["agent"] for card in frame.data.get("changed", [])] == [agent.login])


async def test_a_long_poll_on_the_other_desk(desk: Desk, other_desk: Desk) -> None:
    """A poll would not return an event that another desk stored."""
    customer = await desk.customer()
    poll = asyncio.create_task(at(other_desk, customer).events(wait=10))
    async with asyncio.timeout(AT_ONCE_SECONDS):
        while not poll.done():  # before the poll waits there is nothing to wake
            await customer.say("你好")
            await asyncio.wait({poll}, timeout=0.2)
    assert "你好" in texts(await poll, "customer")


async def test_the_same_message_through_both_desks(desk: Desk, other_desk: Desk, bot: FakeBot) -> None:
    """A retry that reaches another desk would store and answer the message twice (I5)."""
    customer = await desk.customer()
    elsewhere = at(other_desk, customer)
    seqs = await asyncio.gather(*(who.say("转账没到", "m") for who in (customer, elsewhere, customer, elsewhere)))
    assert set(seqs) == {1}
    events = await desk.wait_for_turn(customer, 1)
    assert texts(events, "customer") == ["转账没到"]
    assert len(bot.turns) == 1


async def test_many_turns_on_two_desks_are_each_asked_once(desk: Desk, other_desk: Desk, bot: FakeBot) -> None:
    """Two desks would send the same turn to the bot (I6)."""
    customers = [await desk.customer() for _ in range(10)]
    await asyncio.gather(*(who.say("转账没到") for who in customers))
    for customer in customers:
        events = await desk.wait_for_turn(customer, 1)
        assert len(texts(events, "bot")) == 2
    assert sorted(turn["turn_id"] for turn in bot.turns) == sorted(f"{customer.id}.1" for customer in customers)


async def test_a_claim_race_across_desks(desk: Desk, other_desk: Desk) -> None:
    """Two agents on two desks would claim the same customer (I1)."""
    customer = await desk.customer()
    await customer.ask_for_person()
    here, there = await desk.agent(), await other_desk.agent("agent2")
    answers = await asyncio.gather(here.act(customer, "claim"), there.act(customer, "claim"))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert [error_code(answer) for answer in answers if answer.status_code == 409] == ["already_assigned"]


async def test_wake_ups_come_back_after_the_connection_broke(desk: Desk, database: Database) -> None:
    """After a restart of the database, desks would not hear each other until they are restarted too."""
    heard: asyncio.Queue[str] = asyncio.Queue()

    def hear(topics: list[str]) -> None:
        for topic in topics:
            heard.put_nowait(topic)

    async def until_heard(sender: Notifications, topic: str) -> None:
        async with asyncio.timeout(DEADLINE_SECONDS):
            while True:
                sender.publish([topic])
                try:
                    async with asyncio.timeout(0.2):
                        while await heard.get() != topic:
                            pass
                        return
                except TimeoutError:
                    continue

    here, there = Notifications(database.url, lambda topics: None), Notifications(database.url, hear)
    tasks = [asyncio.create_task(here.run()), asyncio.create_task(there.run())]
    await until_heard(here, "before")
    await asyncio.to_thread(
        database.connection.execute,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
        " AND pid <> pg_backend_pid() AND (query LIKE 'LISTEN%' OR query LIKE '%pg_notify%')",
    )
    await until_heard(here, "after")
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_sweep_wakes_who_missed_something_and_nobody_else(desk: Desk) -> None:
    """A lost wake-up would leave a page without its answer, or each sweep would wake every page for nothing."""
    services = desk.services
    quiet, heard, missed = [await desk.customer() for _ in range(3)]
    seqs = {
        customer.id: (await desk.wait_for_turn(customer, await customer.say("转账没到")))[-1]["seq"]
        for customer in (heard, missed)
    }
    sweep = Sweep(services.store, services.wakeups, desk.clock)
    with contextlib.ExitStack() as stack:
        watches = {customer.id: stack.enter_context(services.wakeups.watch(customer.id)) for customer in (quiet, heard, missed)}
        watches[quiet.id].seen = 0
        watches[heard.id].seen = seqs[heard.id]
        watches[missed.id].seen = seqs[missed.id] - 1
        await sweep.sweep()
        woken = [id for id, watch in watches.items() if await watch.wait(0.01)]
    assert woken == [missed.id]


async def test_after_a_fault_of_the_database_nobody_is_taken_for_dead_at_once(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a database fault, the first desk to reconnect would take the others' turns, and give them up as lost."""
    passed = 0.0
    real = time.monotonic
    monkeypatch.setattr("handoff.runtime.notifications.time.monotonic", lambda: real() + passed)
    here = Notifications(database.url, lambda topics: None, 7)
    running = asyncio.create_task(here.run())
    lock = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid::bigint = 7 AND granted AND pid <> %s"

    async def holder(but: int) -> int:
        async with asyncio.timeout(DEADLINE_SECONDS):
            while True:
                row = (await asyncio.to_thread(database.connection.execute, lock, [but])).fetchone()
                if row is not None:
                    return int(str(row[0]))
                await asyncio.sleep(0.02)

    async def settled() -> None:
        nonlocal passed
        async with asyncio.timeout(DEADLINE_SECONDS):
            while not here.sees_the_living():
                passed += 3.1
                await asyncio.sleep(0.02)

    pid = await holder(0)
    assert not here.sees_the_living()
    await settled()
    await asyncio.to_thread(database.connection.execute, "SELECT pg_terminate_backend(%s)", [pid])
    await holder(pid)
    assert not here.sees_the_living()
    await settled()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
