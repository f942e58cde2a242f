"""Reading a long log from its beginning: page after page without a pause, and never all of it in memory."""

from __future__ import annotations

import asyncio

import pytest
from psycopg.types.json import Jsonb

from handoff.conversations.customers import EVENT_LIMIT
from handoff.conversations.events import Event
from handoff.conversations.store import events_after
from handoff.runtime.transaction import Transaction
from handoff.runtime.wakeups import Watch
from tests.handoff.conftest import Database
from tests.handoff.people import Customer
from tests.handoff.running_desk import Desk

EVENTS = 10_000


@pytest.fixture(autouse=True)
def no_wake_ups(monkeypatch: pytest.MonkeyPatch) -> None:
    """A waiter for this conversation that is never woken: events must be read without waiting."""
    wait = Watch.wait

    async def never(self: Watch, seconds: float | None = None) -> frozenset[str]:
        if any(len(topic) == 32 for topic in self.topics):  # a conversation id
            await asyncio.Event().wait()
        return await wait(self, seconds)

    monkeypatch.setattr(Watch, "wait", never)


@pytest.fixture
async def pages(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many events each read of a log returned."""
    read, sizes = events_after, []

    async def noted(tx: Transaction, conversation_id: str, seq: int, *, limit: int | None = None) -> list[Event]:
        found = await read(tx, conversation_id, seq, limit=limit)
        sizes.append(len(found))
        return found

    monkeypatch.setattr("handoff.conversations.customers.events_after", noted)
    monkeypatch.setattr("handoff.queue.agent_desk.events_after", noted)
    return sizes


async def write_log(database: Database, customer: Customer, hidden: range = range(0)) -> None:
    """10,000 events: messages, and decisions between them, which customers do not see."""
    message = {"text": "很长的对话", "client_message_id": "m"}
    await asyncio.to_thread(database.connection.execute, "DELETE FROM events WHERE conversation_id = %s", (customer.id,))
    insert = """
        INSERT INTO events (conversation_id, seq, type, at, by_kind, by_name, data)
        SELECT %s, n, CASE WHEN n BETWEEN %s AND %s THEN 'triage' ELSE 'message' END, now(), 'customer', '', %s
        FROM generate_series(1, %s) AS n"""
    values = (customer.id, hidden.start, hidden.stop - 1, Jsonb(message), EVENTS)
    await asyncio.to_thread(database.connection.execute, insert, values)
    update = "UPDATE conversations SET last_seq = %s WHERE id = %s"
    await asyncio.to_thread(database.connection.execute, update, (EVENTS, customer.id))


async def test_a_customers_stream(desk: Desk, database: Database, pages: list[int]) -> None:
    """A customer with a long conversation would see its first thousand events only, until somebody writes again."""
    customer = await desk.customer()
    await write_log(database, customer, hidden=range(1500, 4500))
    async with customer.stream() as stream:
        events = await stream.events(EVENTS - 3000)
        status = await stream.next()
    assert [event["seq"] for event in events] == [*range(1, 1500), *range(4500, EVENTS + 1)]
    assert status.event == "status"
    assert max(pages) == EVENT_LIMIT


async def test_an_agents_stream(desk: Desk, database: Database, pages: list[int]) -> None:
    """An agent who opens a long conversation would wait for all of it, and the desk would hold all of it in memory."""
    customer, agent = await desk.customer(), await desk.agent()
    await customer.ask_for_person()
    await write_log(database, customer)
    pages.clear()
    async with agent.stream(f"/conversations/{customer.id}/log") as stream:
        events = await stream.events(EVENTS)
        card = await stream.next()
    assert [event["seq"] for event in events] == [*range(1, EVENTS + 1)]
    assert (card.event, card.data["last_seq"]) == ("conversation", EVENTS)
    assert max(pages) == EVENT_LIMIT


@pytest.mark.parametrize("wait", [0, 5])
async def test_polls(desk: Desk, database: Database, pages: list[int], wait: float) -> None:
    """A polling client would get stuck before a page without visible events, or wait although there are events."""
    customer = await desk.customer()
    await write_log(database, customer, hidden=range(1500, 4500))
    seen: list[int] = []
    while not seen or seen[-1] < EVENTS:
        found = await customer.events(seen[-1] if seen else 0, wait)
        assert 0 < len(found) <= EVENT_LIMIT
        seen += [event["seq"] for event in found]
    assert seen == [*range(1, 1500), *range(4500, EVENTS + 1)]
    assert max(pages) == EVENT_LIMIT
