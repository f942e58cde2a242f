"""What waiting customers are told after some minutes, and after a broken promise: which line is due, and orders of events."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
import pytest

from content.compiler import load_desk_content
from content.desk_policy import DeskPolicy
from content.staffing import Hours
from content.waiting_words import Wait
from handoff.conversations.decide import EndOffer, OfferTo
from handoff.conversations.store import lock_conversation, save_conversation
from handoff.conversations.values import Told, WaitTold
from handoff.queue.board import QueueBoard
from handoff.queue.handoffs import Handoffs
from handoff.queue.promises import Line, Promises, due_line
from handoff.runtime.wakeups import QUEUE
from tests.handoff.conftest import Database
from tests.handoff.fake_bot import FakeBot, chats, escalates
from tests.handoff.people import Customer, Json, of_type
from tests.handoff.running_desk import Desk

#: Each test says itself how much time passes.
pytestmark = pytest.mark.usefixtures("time_stands_still")

START = dt.datetime(2026, 11, 30, 2, 0, tzinfo=dt.UTC)
TIMES = [dt.timedelta(minutes=minutes) for minutes in (3, 10, 30)]


def at(minutes: float | None) -> dt.datetime | None:
    """So many minutes after the handoff."""
    return None if minutes is None else START + dt.timedelta(minutes=minutes)


def told(
    said: float | None = 0,
    promised: float | None = None,
    sorry: float | None = None,
    opens: float | None = None,
    *,
    online: int = 1,
) -> Told:
    """What a customer was told, with times in minutes after the handoff."""
    wait = WaitTold(2, online, opens_at=at(opens))
    return Told(START, promised_until=at(promised), wait=wait, said_at=at(said), sorry_at=at(sorry))


NOTHING, CHANGE, SORRY = None, Line.CHANGE, Line.APOLOGY


@pytest.mark.parametrize(
    ("state", "now", "expected"),
    [
        (told(), 2.9, NOTHING),
        (told(), 3, CHANGE),
        (told(3), 9.9, NOTHING),
        (told(3), 10, CHANGE),
        (told(10), 30, CHANGE),
        (told(30), 59, NOTHING),
        (told(30), 60, CHANGE),  # then one each half hour
        (told(60), 89, NOTHING),
        (told(60), 90, CHANGE),
        (told(), 65, CHANGE),  # the desks were away for an hour: one line
        (told(65), 66, NOTHING),  # not the missed ones, too
        (told(2.5), 3, NOTHING),  # something was said half a minute ago (the language changed)
        (told(2.5), 10, CHANGE),
        (Told(START), 3, CHANGE),  # a wait that began by another way, such as a transfer
        (told(0, promised=5), 5, CHANGE),  # the promise holds until its end; the line of minute 3 is late
        (told(3, promised=5), 5.1, SORRY),
        (told(4.9, promised=5), 5.1, NOTHING),  # two lines within seconds
        (told(4.9, promised=5), 6.9, SORRY),
        (told(10, promised=20), 25, SORRY),
        (told(25, promised=40, sorry=25), 41, NOTHING),  # after an apology one line each half hour
        (told(25, promised=40, sorry=25), 55, SORRY),  # the new promise was broken, too
        (told(25, promised=60, sorry=25), 55, CHANGE),  # the new promise holds
        (told(25, sorry=25), 54, NOTHING),
        (told(0, opens=600, online=0), 3, NOTHING),  # told in the evening when people come back: silence at night
        (told(0, opens=600, online=0), 609, NOTHING),
        (told(0, opens=600, online=0), 610, SORRY),  # nobody came to work
        (told(610, opens=600, sorry=610, online=0), 639, NOTHING),
        (told(610, opens=600, sorry=610, online=0), 640, CHANGE),
        (told(3, opens=600, online=3), 10, CHANGE),  # somebody was there after hours
    ],
)
def test_which_line_is_due(state: Told, now: float, expected: Line | None) -> None:
    """Customers would wait in silence, read the same line again and again, or no word after a broken promise."""
    moment = at(now)
    assert moment is not None
    assert due_line(state, moment, TIMES, is_staffed=state.wait is not None and state.wait.online > 0) == expected


@pytest.mark.parametrize("now", [1, 300, 605])
def test_who_was_told_to_wait_until_morning_hears_of_somebody_who_comes_early(now: float) -> None:
    """The customer would go on expecting nobody before 8:00."""
    moment = at(now)
    assert moment is not None
    assert due_line(told(0, opens=600, online=0), moment, TIMES, is_staffed=True) is CHANGE


@pytest.mark.parametrize("times", [[], TIMES[:1]])
def test_other_timetables(times: list[dt.timedelta]) -> None:
    """A timetable without times, or with one, would stop the worker for everybody."""
    assert due_line(told(), START + dt.timedelta(minutes=3), times, is_staffed=True) is (CHANGE if times else NOTHING)


# --- on a desk -------------------------------------------------------------------------------------------------------


def lines(events: list[Json]) -> list[str]:
    """The lines about the wait."""
    return [event["text"] for event in of_type(events, "message") if event.get("kind") == "still_waiting"]


async def later(desk: Desk, minutes: float, *, staffed: bool = True) -> None:
    """Time passes; the agent stays online, or nobody is."""
    desk.clock.pass_time(minutes=minutes)
    if staffed:
        await desk.agent()
    async with desk.services.store.begin() as tx:
        if not staffed:
            await tx.execute("UPDATE agents SET last_seen_at = NULL", ())
    await desk.promises.look_around()


async def test_after_three_ten_and_thirty_minutes(desk: Desk) -> None:
    """Customers would not know whether they still wait, or read the same sentence three times."""
    await desk.agent()
    others = [await desk.waiting_customer() for _ in range(3)]
    customer = await desk.waiting_customer()
    await others[0].cancel(confirm=True)
    await later(desk, 3)
    (first,) = lines(await customer.events())
    assert first.startswith("您前面还有 2 位，比刚才少了 1 位。")
    assert "现在预计还要等约 12 分钟" in first
    await later(desk, 1)
    assert len(lines(await customer.events())) == 1
    await later(desk, 6)
    await later(desk, 20)
    said = lines(await customer.events())
    assert len(said) == 3
    sentences = Counter(sentence for line in said for sentence in line.splitlines())
    assert max(sentences.values()) < 3
    assert len({line.splitlines()[0] for line in said}) == 3
    public = [event for event in await customer.events() if event.get("kind") == "still_waiting"][-1]
    assert not {"wait", "promised_until"} & set(public), "what is for the desk went to the customer"


async def test_an_overtaken_customer_is_told_why(desk: Desk) -> None:
    """The place would grow without a reason."""
    await desk.agent()
    customer = await desk.waiting_customer(escalates("user_request", "normal", "human_agent"))
    await desk.waiting_customer(escalates("security", "urgent", "scam_in_progress", lane="money_moving"))
    await later(desk, 3)
    (line,) = lines(await customer.events())
    assert line.startswith("有更紧急的情况要先处理，您前面现在有 1 位。")
    assert "比刚才预计的久一些" in line


async def test_somebody_comes_online(desk: Desk) -> None:
    """Who was told that nobody is there would not hear that it changed."""
    customer = await desk.waiting_customer()
    assert (await customer.status())["staffed"] is False
    await later(desk, 3, staffed=False)
    await later(desk, 7)
    nobody, online = lines(await customer.events())
    assert "没有客服在线" in nobody
    assert "分钟" not in nobody
    assert online.splitlines() == ["客服已经上线，正在按顺序接待。", "现在预计还要等约 4 分钟。"]


async def test_a_broken_promise_is_one_apology_and_a_new_estimate(desk: Desk) -> None:
    """The customer would wait in silence after "about 4 minutes", or be told sorry every ten seconds."""
    await desk.agent()
    customer = await desk.waiting_customer()
    await later(desk, 7)
    for _ in range(3):
        await later(desk, 5)
    said = lines(await customer.events())
    assert len(said) == 1
    assert said[0].startswith("抱歉，没能在刚才说的时间内接待您。")
    assert "现在预计还要等约 4 分钟。" in said[0]
    await later(desk, 16)
    assert lines(await customer.events())[1].startswith("非常抱歉")
    await later(desk, 20)
    assert len(lines(await customer.events())) == 2


async def test_a_desk_that_comes_late_says_one_line(desk: Desk) -> None:
    """After an outage each waiting customer would read three lines at once."""
    customer = await desk.waiting_customer()
    await later(desk, 65, staffed=False)
    await later(desk, 0, staffed=False)
    assert len(lines(await customer.events())) == 1


async def test_two_desks_say_it_once(desk: Desk) -> None:
    """Customers of a desk with several processes would read each line several times."""
    customers = [await desk.waiting_customer() for _ in range(4)]
    desk.clock.pass_time(minutes=3)
    await asyncio.gather(*(desk.promises.look_around() for _ in range(4)))
    assert [len(lines(await customer.events())) for customer in customers] == [1, 1, 1, 1]


async def test_a_line_due_in_the_moment_of_a_claim(desk: Desk) -> None:
    """The line would come after the agent, or the claim would wait for it."""
    customer, agent = await desk.waiting_customer(), await desk.agent()
    desk.clock.pass_time(minutes=3)
    async with desk.services.store.begin() as tx:
        assert await lock_conversation(tx, customer.id) is not None
        async with asyncio.timeout(10):
            await desk.promises.look_around()
    await agent.claim(customer)
    await desk.promises.look_around()
    assert lines(await customer.events()) == []


async def test_no_line_after_the_wait_and_a_fresh_count_with_a_new_one(desk: Desk) -> None:
    """Who cancelled would be told of a queue, or who was put back would be told at once of a wait that began earlier."""
    gone, back, agent = await desk.waiting_customer(), await desk.waiting_customer(), await desk.agent()
    await gone.cancel(confirm=True)
    await agent.claim(back)
    desk.clock.pass_time(minutes=30)
    await agent.let_go(back, "transfer", {})
    await later(desk, 2)
    assert [lines(await each.events()) for each in (gone, back)] == [[], []]
    await later(desk, 1)
    assert [len(lines(await each.events())) for each in (gone, back)] == [0, 1]


async def test_the_line_follows_the_language(desk: Desk, bot: FakeBot) -> None:
    """An English customer would be told in Chinese that it takes longer."""
    customer = await desk.waiting_customer()
    bot.will(chats("…"))
    await desk.wait_for_turn(customer, await customer.say("please answer me in English, I cannot read this"))
    await later(desk, 3, staffed=False)
    (line,) = lines(await customer.events())
    assert line == "Nobody is online yet. Your place is kept."


async def test_an_offer_comes_before_a_line(desk: Desk) -> None:
    """The customer would read "still waiting" in the seconds in which an agent accepts."""
    customer = await desk.waiting_customer()
    desk.clock.pass_time(minutes=3)
    await do(desk, customer, OfferTo("agent", "小林", desk.clock() + dt.timedelta(seconds=30)))
    await desk.promises.look_around()
    assert lines(await customer.events()) == []
    await do(desk, customer, EndOffer("agent", "late"))
    await desk.promises.look_around()
    assert len(lines(await customer.events())) == 1


async def test_one_offer_after_another_is_no_reason_for_silence(desk: Desk) -> None:
    """A case that nobody accepts would always be offered to somebody, and its customer would never hear a line."""
    customer = await desk.waiting_customer()
    for number in range(7):  # three minutes and a half
        desk.clock.pass_time(seconds=30)
        login = f"agent{number}"
        await do(desk, customer, OfferTo(login, "小林", desk.clock() + dt.timedelta(seconds=30)))
        await desk.promises.look_around()
        assert lines(await customer.events()) == []
        if number < 6:
            await do(desk, customer, EndOffer(login, "late"))
    await do(desk, customer, EndOffer("agent6", "late"))
    desk.clock.pass_time(seconds=31)
    await do(desk, customer, OfferTo("agent7", "小林", desk.clock() + dt.timedelta(seconds=30)))
    await desk.promises.look_around()
    assert len(lines(await customer.events())) == 1


async def test_a_damaged_row_silences_nobody_else(desk: Desk, database: Database) -> None:
    """After one damaged row no waiting customer at all would be told anything any more."""
    damaged, customer = await desk.waiting_customer(), await desk.waiting_customer()
    database.connection.execute("UPDATE conversations SET owed = '[1]' WHERE id = %s", (damaged.id,))
    desk.clock.pass_time(minutes=3)
    await desk.promises.look_around()
    assert len(lines(await customer.events())) == 1


@pytest.mark.parametrize("presence", ["busy", "away"])
async def test_who_takes_nothing_new_is_not_there(desk: Desk, presence: str) -> None:
    """Customers would be promised minutes while the only agent takes nobody."""
    await desk.agent()
    async with desk.services.store.begin() as tx:
        await tx.execute("UPDATE agents SET presence = %s", (presence,))
    customer = await desk.waiting_customer()
    status = await customer.status()
    assert (status["staffed"], status["eta"], status["eta_seconds"]) == (False, None, None)
    assert "分钟" not in (await customer.events())[-1]["text"]


async def do(desk: Desk, customer: Customer, command: Any) -> None:
    """Perform a command on a conversation."""
    async with desk.services.store.begin() as tx:
        draft = await lock_conversation(tx, customer.id)
        assert draft is not None
        draft.do(command, desk.clock())
        await save_conversation(tx, draft)
        tx.wake(customer.id, QUEUE)


async def test_the_figure_in_the_status_is_the_figure_of_the_message(desk: Desk) -> None:
    """The bar would show other minutes than the message, or jump while nothing changed."""
    await desk.agent()
    first, customer = await desk.waiting_customer(), await desk.waiting_customer()
    status = await customer.status()
    assert (status["queue_position"], status["eta"]) == (2, {"low_seconds": 480, "high_seconds": 480})
    handoffs, now = desk.services.handoffs, desk.clock()
    board = await desk.services.board.read()
    state = await desk.conversation(customer)
    # The pace of the last hours is another one now: the customer is told so with the next line, and not before.
    handoffs._recent = lambda: FASTER  # type: ignore[method-assign,assignment]
    try:
        same = handoffs.waiting(board, state, now)
        assert same is not None
        assert same["eta"] == status["eta"]
        await first.cancel(confirm=True)
        moved = handoffs.waiting(await desk.services.board.read(), state, now)
        assert moved is not None
        assert (moved["queue_position"], moved["eta"]) == (1, {"low_seconds": 60, "high_seconds": 120})
    finally:
        handoffs._recent = lambda: desk.services.board.recent  # type: ignore[method-assign]


class Faster:
    """Recent waits of a desk on which everybody is taken within two minutes."""

    def expected(self, rank: int, ahead: int, online: int) -> Any:
        """One to two minutes."""
        return Wait(dt.timedelta(minutes=1), dt.timedelta(minutes=2))


FASTER: Any = Faster()


async def test_recent_conversations_give_the_figure(desk: Desk) -> None:
    """The configured figure would stay although the desk knows better."""
    agent = await desk.agent()
    async with desk.services.store.begin() as tx:
        await tx.execute("UPDATE agents SET capacity = 50", ())
    for _ in range(6):
        each = await desk.waiting_customer()
        desk.clock.pass_time(seconds=100)
        await desk.agent()
        await agent.claim(each)
    board = QueueBoard(desk.services.store, desk.services.wakeups, desk.services.policy, desk.clock)
    found = (await board.read()).recent
    assert found.staff == 1
    wait = found.expected(1, 0, 1)
    assert wait is not None
    assert (wait.low, wait.high) == (dt.timedelta(minutes=1), dt.timedelta(minutes=2))


# --- out of hours ----------------------------------------------------------------------------------------------------


class Night:
    """The services of a desk whose queues are all closed now, and open at a time of the day."""

    def __init__(self, desk: Desk, data: Path) -> None:
        self.desk = desk
        content = load_desk_content(data)
        local = desk.clock().astimezone(dt.UTC)
        self.opens = (local + dt.timedelta(hours=2)).replace(minute=0, second=0, microsecond=0)
        closes = self.opens + dt.timedelta(hours=1)
        interval = f"{self.opens:%H:%M}-{'24:00' if closes.hour == 0 else f'{closes:%H:%M}'}"
        hours = Hours(zone="UTC", week=dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), (interval,)))
        desk_file = msgspec.structs.replace(content.desk, hours={**content.desk.hours, "always": hours})
        content = msgspec.structs.replace(content, desk=desk_file)
        self.policy = DeskPolicy(lambda: content)
        self.handoffs = Handoffs(self.policy)
        board = QueueBoard(desk.services.store, desk.services.wakeups, self.policy, desk.clock)
        self.promises = Promises(desk.services.store, self.policy, self.handoffs, board, desk.clock)

    async def tell(self, customer: Customer) -> None:
        """The message at the handoff."""
        async with self.desk.services.store.begin() as tx:
            draft = await lock_conversation(tx, customer.id)
            assert draft is not None
            await self.handoffs.tell_place(tx, draft, self.desk.clock())
            await save_conversation(tx, draft)


async def test_out_of_hours(desk: Desk, data_folder: Path) -> None:
    """At night customers would be promised minutes, be told "still nobody" all night, or never hear that people are back."""
    customer = await desk.waiting_customer()
    night = Night(desk, data_folder)
    await night.tell(customer)
    said = (await customer.events())[-1]["text"]
    assert f"{night.opens.hour}:00 上班" in said
    assert "分钟" not in said
    async with desk.services.store.read() as tx:
        status = await night.handoffs.status(tx, await desk.conversation(customer), desk.clock())
    assert (status["staffed"], status["eta"], status["eta_seconds"]) == (False, None, None)
    assert status["opens_at"] == night.opens.isoformat()
    for minutes in (3, 7, 20):
        desk.clock.pass_time(minutes=minutes)
        await night.promises.look_around()
    assert lines(await customer.events()) == []
    desk.clock.pass_time(seconds=(night.opens - desk.clock()).total_seconds() + 60)
    await night.promises.look_around()
    assert lines(await customer.events()) == []
    await desk.agent()
    await night.promises.look_around()
    (line,) = lines(await customer.events())
    assert line.startswith("客服已经上线")


async def test_nobody_came_to_work(desk: Desk, data_folder: Path) -> None:
    """The promise "our agents are back at 8:00" would be broken in silence."""
    customer = await desk.waiting_customer()
    night = Night(desk, data_folder)
    await night.tell(customer)
    desk.clock.pass_time(seconds=(night.opens - desk.clock()).total_seconds() + 11 * 60)
    await night.promises.look_around()
    await night.promises.look_around()
    (line,) = lines(await customer.events())
    assert line.splitlines()[0] == "抱歉，没能在刚才说的时间内接待您。"
    assert "没有客服在线" in line
