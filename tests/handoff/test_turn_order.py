"""Slots for turns: which conversation gets one, in which order, and that a stuck conversation does not block the others."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from handoff.conversations.draft import Draft, Lease
from handoff.conversations.store import find_lease
from handoff.runtime.errors import Unavailable
from handoff.runtime.settings import Settings
from handoff.runtime.transaction import Transaction
from handoff.turns import worker as turns
from handoff.turns.store import lock_due_turn
from tests.handoff.conftest import make_database, publish
from tests.handoff.fake_bot import FakeBot, Held, Reply, answers, chats
from tests.handoff.people import DEADLINE_SECONDS, Customer, of_type, texts
from tests.handoff.running_desk import Clock, Desk, run_desk

PLACES = 2


@contextlib.asynccontextmanager
async def small_desks(
    number: int, server: str, settings: Settings, bot: FakeBot, data: Path, folder: Path, deadline: int = 10
) -> AsyncIterator[list[Desk]]:
    """Desks with two places each, on a database of their own, and with `deadline` seconds for the bot."""
    shutil.copytree(data, folder)
    policy = yaml.safe_load((folder / "desk.yml").read_text(encoding="utf-8"))
    policy["turns"] |= {"at_once": PLACES, "deadline_seconds": deadline}
    (folder / "desk.yml").write_text(yaml.safe_dump(policy, allow_unicode=True), encoding="utf-8")
    models = folder.with_name("models")
    publish(folder, models)
    clock = Clock()
    async with contextlib.AsyncExitStack() as stack:
        url = stack.enter_context(make_database(server, f"handoff_tests_places_{number}_{deadline}"))
        own = settings.model_copy(update={"models": models, "database_url": url})
        yield [await stack.enter_async_context(run_desk(own, bot, clock)) for _ in range(number)]


@pytest.fixture(scope="module")
async def one_desk(
    server: str, settings: Settings, shared_bot: FakeBot, data_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[list[Desk]]:
    """A desk with two places."""
    async with small_desks(1, server, settings, shared_bot, data_folder, tmp_path_factory.mktemp("one") / "data") as desks:
        yield desks


@pytest.fixture(scope="module")
async def two_desks(
    server: str, settings: Settings, shared_bot: FakeBot, data_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[list[Desk]]:
    """Two desks with two places each."""
    async with small_desks(2, server, settings, shared_bot, data_folder, tmp_path_factory.mktemp("two") / "data") as desks:
        yield desks


@pytest.fixture
async def small(one_desk: list[Desk], shared_bot: FakeBot) -> Desk:
    """A desk with two slots, and no work."""
    await one_desk[0].turns_over()
    await shared_bot.reset()
    return one_desk[0]


async def ask_at_once(desk: Desk, customers: list[Customer]) -> None:
    """All customers write at the same moment."""
    await asyncio.gather(*(customer.say("转账没到") for customer in customers))


async def with_a_turn(desk: Desk, customers: list[Customer]) -> int:
    """How many of the conversations have a turn that has begun."""
    return sum([(await desk.lease(customer)) is not None for customer in customers])


async def until_asked(bot: FakeBot, times: int) -> None:
    """Wait until the bot was asked this many times."""
    async with asyncio.timeout(DEADLINE_SECONDS):
        while len(bot.turns) < times:
            await asyncio.sleep(0.01)


async def test_a_turn_begins_when_it_has_a_place(small: Desk, bot: FakeBot) -> None:
    """Turns would use up their leases while they wait for a slot, and be taken for lost while the bot is asked."""
    held = [Held(chats("好")) for _ in range(6)]
    bot.will(*held)
    customers = [await small.customer() for _ in held]
    await ask_at_once(small, customers)
    await until_asked(bot, PLACES)
    assert await with_a_turn(small, customers) == PLACES
    for each in held:
        each.release()
    for customer in customers:
        assert texts(await small.wait_for_turn(customer, 1), "bot") == ["好"]


async def test_hanging_bots_never_outlast_a_lease(
    server: str, settings: Settings, shared_bot: FakeBot, bot: FakeBot, data_folder: Path, tmp_path: Path
) -> None:
    """A turn that waited for its place would be another desk's by lease while this one still asks: two answers, or none."""
    async with small_desks(1, server, settings, shared_bot, data_folder, tmp_path / "data", deadline=1) as desks:
        await check_hanging_bots(desks[0], bot)


async def check_hanging_bots(small: Desk, bot: FakeBot) -> None:
    """Three times as many turns as there are slots, none of which is ever answered."""
    left: list[dt.timedelta] = []

    async def hangs(turn: dict[str, Any]) -> Reply:
        async with small.services.store.read() as tx:
            lease = await find_lease(tx, turn["conversation_id"])
        assert lease is not None
        left.append(lease.expires_at - small.clock())
        await asyncio.Event().wait()
        raise AssertionError

    bot.will(*[hangs] * 3 * PLACES)
    customers = [await small.customer() for _ in range(3 * PLACES)]
    await ask_at_once(small, customers)
    for customer in customers:
        assert of_type(await small.wait_for_turn(customer, 1), "bot_failed")[0]["code"] == "bot_too_slow"
    assert len(left) == 3 * PLACES, "a turn was taken for lost"
    # The bot's minimum time, and the time to commit after it.
    assert min(left) > dt.timedelta(seconds=4.5)


@pytest.fixture
def slow_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """Slots become free while the worker still queries due turns: the moment in which newer turns could overtake."""
    look = lock_due_turn

    async def slowly(tx: Transaction, *when: Any, **which: Any) -> Any:
        await asyncio.sleep(0.05)
        return await look(tx, *when, **which)

    monkeypatch.setattr("handoff.turns.worker.lock_due_turn", slowly)


class Latecomers:
    """A bot that triggers a new customer's message with each answer."""

    def __init__(self, desk: Desk, customers: list[Customer]) -> None:
        self._desk, self._customers = desk, list(customers)
        self.written: list[asyncio.Task[int]] = []

    async def __call__(self, turn: dict[str, Any]) -> Reply:
        """Send one more message at the moment in which a slot has become free."""
        if self._customers:
            self.written.append(asyncio.create_task(self._write(self._customers.pop())))
        return await chats("好")(turn)

    async def _write(self, customer: Customer) -> int:
        await asyncio.sleep(0.01)
        return await customer.say("后来的")


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The conversations in the order in which their turns began. When each reaches the bot depends on the network."""
    begin, order = Draft.begin_turn, []

    def noted(self: Draft, lease: Lease) -> None:
        order.append(self.state.id)
        begin(self, lease)

    monkeypatch.setattr(Draft, "begin_turn", noted)
    return order


@pytest.mark.usefixtures("slow_look")
@pytest.mark.parametrize("across", [False, True], ids=["on one desk", "across two desks"])
async def test_first_come_first_served(
    one_desk: list[Desk], two_desks: list[Desk], bot: FakeBot, begun: list[str], across: bool
) -> None:
    """A customer without a slot would wait longer than later ones, as long as new ones keep coming."""
    cast = two_desks if across else one_desk
    here, there, places = cast[0], cast[-1], PLACES * len(cast)
    first = [Held(chats("好")) for _ in range(places)]
    bot.will(*first)
    for customer in [await desk.customer() for desk in cast for _ in range(PLACES)]:
        await customer.say("先占着")
    await until_asked(bot, places)
    waiting = [await here.customer() for _ in range(12)]
    for customer in waiting:
        await customer.say("在等")
    async with asyncio.timeout(DEADLINE_SECONDS):
        while not there.services.turns.has_waiting:  # the other desk has received the notification
            await asyncio.sleep(0.01)
    begun.clear()
    late = Latecomers(there, [await there.customer() for _ in range(12)])
    bot.will(*[late] * 24)
    for held in first:
        held.release()
    await until_asked(bot, places + 24)
    await asyncio.gather(*late.written)
    place_in_line = {customer.id: place for place, customer in enumerate(waiting)}
    order = [place_in_line.get(id) for id in begun]
    # As many turns as there are slots begin together, in any order.
    assert None not in order[: 12 - places]
    assert set(order[12 + places :]) == {None}
    served = [place for place in order if place is not None]
    assert all(abs(place - expected) < places for expected, place in enumerate(served))
    for desk in cast:
        await desk.turns_over()


async def test_a_message_that_is_not_stored_takes_no_place(small: Desk, bot: FakeBot, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each message that the database rejected would cost the desk a slot, until no turn ever begins."""
    customer = await small.customer()
    await small.wait_for_turn(customer, await customer.say("转账没到"))

    async def fails(*anything: object) -> None:
        raise Unavailable("database_unavailable", "", "")

    with monkeypatch.context() as patch:
        patch.setattr("handoff.conversations.customers.save_conversation", fails)
        for _ in range(2 * PLACES):
            answer = await customer.post({"client_message_id": "m", "text": "没存上"})
            assert answer.status_code == 503
    held = [Held(chats("好")) for _ in range(PLACES)]
    bot.will(*held)
    customers = [await small.customer() for _ in held]
    asked = len(bot.turns)
    await ask_at_once(small, customers)
    await until_asked(bot, asked + PLACES)
    assert all("没存上" not in turn["text"] for turn in bot.turns)
    for each in held:
        each.release()


# --- a conversation whose turn cannot be made ----------------------------------------------------------------------------


@pytest.fixture
async def poisoned(small: Desk, monkeypatch: pytest.MonkeyPatch) -> Customer:
    """A customer from whose log no turn can be made."""
    customer = await small.customer()
    fold = turns.fold_context

    def folds(conversation: Any, events: Any) -> dict[str, Any]:
        if conversation.id == customer.id:
            raise TypeError("unhashable type: 'dict'")
        return fold(conversation, events)

    monkeypatch.setattr(turns, "fold_context", folds)
    return customer


async def test_a_log_that_makes_no_turn_brings_a_person(small: Desk, bot: FakeBot, poisoned: Customer) -> None:
    """The customer could not write, or would wait for ever together with everybody behind them (I6)."""
    events = await small.wait_for_turn(poisoned, await poisoned.say("转账没到"))
    assert of_type(events, "bot_failed")[0]["code"] == "turn_not_built"
    assert (await poisoned.status())["reason"] == "bot_unavailable"
    other = await small.customer()
    assert len(texts(await small.wait_for_turn(other, await other.say("转账没到")), "bot")) == 2
    assert {turn["conversation_id"] for turn in bot.turns} == {other.id}


async def test_a_log_that_makes_no_turn_while_a_person_is_waited_for(small: Desk, bot: FakeBot, poisoned: Customer) -> None:
    """The same message would fail again and again without a pause, and fill the log."""
    await poisoned.ask_for_person()
    before = (await small.conversation(poisoned)).last_seq
    events = await small.wait_for_turn(poisoned, await poisoned.say("还在吗"))
    new = [event for event in events if event["seq"] > before]
    assert [(event["type"], event.get("kind")) for event in new] == [
        ("message", None),
        ("bot_failed", None),
        ("message", "added"),
    ]
    assert (await small.conversation(poisoned)).due_at is None


async def test_one_that_can_not_even_be_handed_over_holds_up_nobody(
    small: Desk, bot: FakeBot, poisoned: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The oldest row would be retried each second, and all others would wait behind it for ever (I6)."""
    handoffs, tried = small.services.handoffs, 0
    request = handoffs.request

    async def fails(tx: Any, draft: Draft, *more: Any, **named: Any) -> bool:
        nonlocal tried
        if draft.state.id == poisoned.id:
            tried += 1
            raise KeyError("a text that is missing")
        return await request(tx, draft, *more, **named)

    monkeypatch.setattr(handoffs, "request", fails)
    await poisoned.say("转账没到")
    held = [Held(answers()) for _ in range(PLACES)]
    bot.will(*held)
    customers = [await small.customer() for _ in range(3 * PLACES)]
    await ask_at_once(small, customers)  # some must wait for a slot, and are found by the worker
    for each in held:
        each.release()
    for customer in customers:
        assert len(texts(await small.wait_for_turn(customer, 1), "bot")) == 2
    assert tried <= 4
    monkeypatch.undo()
    assert texts(await small.log(poisoned), "customer") == ["转账没到"]
