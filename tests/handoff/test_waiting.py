"""Cancelling the wait for a person, resuming it, and returning after a closing."""

from __future__ import annotations

from typing import Any

import pytest

from tests.handoff.fake_bot import FakeBot, Held, chats, escalates
from tests.handoff.people import DEADLINE_SECONDS, Customer, error_code, of_kind, of_type, types
from tests.handoff.running_desk import Desk

#: Each test says itself how much time passes.
pytestmark = pytest.mark.usefixtures("time_stands_still")

GRAVE = [("security", "urgent"), ("dispute", "high"), ("large_transaction", "high")]
NEVER_MIND = {"outcome": "never_mind", "intent": "deny"}


async def place(customer: Customer) -> int:
    """The customer's queue position."""
    return int((await customer.status())["queue_position"])


# --- by the button ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("reason", "priority"), GRAVE)
async def test_a_grave_case_is_asked_about(desk: Desk, reason: str, priority: str) -> None:
    """A scam victim who taps by accident, or who wants to cancel the transfer, would no longer wait for a person."""
    customer = await desk.waiting_customer(escalates(reason, priority))
    for body in (None, False):
        answer = await customer.cancel(confirm=body)
        assert (answer.status_code, error_code(answer)) == (409, "confirm_needed")
    assert (await customer.status())["status"] == "queued"
    assert (await customer.cancel(confirm=True)).json()["status"] == "with_bot"


async def test_an_ordinary_wait_is_called_off_at_once(desk: Desk) -> None:
    """A customer who only asked for a person would have to confirm."""
    customer = await desk.customer()
    await customer.ask_for_person()
    assert (await customer.cancel()).json()["status"] == "with_bot"


@pytest.mark.parametrize("body", ["yes", {"confirm": "maybe"}, {"confirm": 7}, [True]])
async def test_a_confirmation_that_is_none(desk: Desk, body: Any) -> None:
    """Any value would count as a confirmation."""
    customer = await desk.waiting_customer(escalates("security", "urgent"))
    assert (await customer.call("POST", "/cancel", json=body)).status_code == 422
    assert (await customer.status())["status"] == "queued"


async def test_undone_at_the_old_place(desk: Desk) -> None:
    """A customer who cancels by mistake would wait again from the end of the queue."""
    customers = [await desk.waiting_customer(escalates("dispute", "high", amount_cny=800.0)) for _ in range(3)]
    before = await desk.conversation(customers[0])
    await customers[0].cancel(confirm=True)
    desk.clock.pass_time(seconds=8)
    answer = await customers[0].undo_cancel()
    assert (answer.status_code, answer.json()["status"], answer.json()["queue_position"]) == (200, "queued", 1)
    after = await desk.conversation(customers[0])
    assert after.case == before.case
    assert types(await customers[0].events())[-2:] == ["cancel_undone", "message"]
    again = await customers[0].undo_cancel()
    assert (again.status_code, again.json()["status"]) == (200, "queued")
    assert len(of_type(await customers[0].events(), "cancel_undone")) == 1


async def test_undone_too_late(desk: Desk) -> None:
    """A queue position would be kept for customers who left long ago."""
    customer = await desk.waiting_customer()
    await customer.cancel(confirm=True)
    desk.clock.pass_time(seconds=11)
    answer = await customer.undo_cancel()
    assert (answer.status_code, error_code(answer)) == (409, "undo_expired")
    fresh = await desk.customer()
    assert error_code(await fresh.undo_cancel()) == "undo_expired"


async def test_asking_for_a_person_again_at_once_is_undoing_it(desk: Desk) -> None:
    """A customer who writes "no, a person after all" instead of pressing "undo" would lose the position."""
    first, second = await desk.waiting_customer(), await desk.waiting_customer()
    await first.cancel(confirm=True)
    status = await first.ask_for_person()
    assert (status["queue_position"], status["reason"], status["priority"]) == (1, "dispute", "high")
    assert await place(second) == 2


# --- by message ------------------------------------------------------------------------------------------------------------


async def test_never_mind_in_a_grave_case_is_asked_about_once(desk: Desk, bot: FakeBot) -> None:
    """ "Cancel the transfer" of a scam victim would be read as leaving the queue."""
    customer = await desk.waiting_customer(escalates("security", "urgent"))
    bot.will(chats("确定吗？", asks="cancel_wait"))
    events = await desk.wait_for_turn(customer, await customer.say("取消"))
    assert events[-1]["kind"] == "confirm_cancel"
    assert [button["choice"] for button in events[-1]["buttons"]] == ["keep_waiting", "cancel_wait"]
    assert (await customer.status())["status"] == "queued"
    bot.will(chats("好的。", **NEVER_MIND))
    events = await desk.wait_for_turn(customer, await customer.say("是的，不等了"))
    assert bot.turns[-1]["context"]["asked"] == "cancel_wait"
    assert bot.turns[-1]["context"]["priority"] == "urgent"
    assert (await customer.status())["status"] == "with_bot"


async def test_a_bot_that_forgets_to_ask(desk: Desk, bot: FakeBot) -> None:
    """A wrong or old bot could remove a victim from the queue by itself."""
    customer = await desk.waiting_customer(escalates("security", "urgent"))
    bot.will(chats("好的。", **NEVER_MIND))
    events = await desk.wait_for_turn(customer, await customer.say("算了"))
    assert events[-1]["kind"] == "confirm_cancel"
    assert (await customer.status())["status"] == "queued"


@pytest.mark.parametrize(
    ("choice", "status", "kind"), [("cancel_wait", "with_bot", "cancelled"), ("keep_waiting", "queued", "kept_waiting")]
)
async def test_the_buttons_work_without_the_bot(desk: Desk, bot: FakeBot, choice: str, status: str, kind: str) -> None:
    """The desk's own question could not be answered while the bot is away."""
    customer = await desk.waiting_customer(escalates("security", "urgent"))
    bot.will(chats("确定吗？", asks="cancel_wait"))
    await desk.wait_for_turn(customer, await customer.say("取消"))
    await bot.stop()
    assert (await customer.press(choice)).status_code == 201
    assert (await customer.status())["status"] == status
    assert (await customer.events())[-1]["kind"] == kind
    assert (await desk.conversation(customer)).due_at is None
    answer = await customer.press(choice)
    assert (answer.status_code, error_code(answer)) == (409, "choice_expired")


async def test_a_yes_after_keep_waiting_is_another_yes(desk: Desk, bot: FakeBot) -> None:
    """ "OK" to "you are still in the queue" would leave the queue."""
    customer = await desk.waiting_customer(escalates("security", "urgent"))
    bot.will(chats("确定吗？", asks="cancel_wait"))
    await desk.wait_for_turn(customer, await customer.say("取消"))
    await customer.press("keep_waiting")
    bot.will(chats("好的"))
    await desk.wait_for_turn(customer, await customer.say("好的"))
    assert bot.turns[-1]["context"]["asked"] is None


async def test_a_later_word_than_never_mind_counts(desk: Desk, bot: FakeBot) -> None:
    """ "Never mind" would win over the "no, wait" that came while the bot read it."""
    customer = await desk.customer()
    await customer.ask_for_person()
    held = Held(chats("好的。", **NEVER_MIND))
    bot.will(held, chats("嗯"))
    await customer.say("算了")
    await held.asked()
    seq = await customer.say("等等，还是要人工")
    held.release()
    await desk.wait_for_turn(customer, seq)
    assert (await customer.status())["status"] == "queued"


# --- returning -------------------------------------------------------------------------------------------------------------


async def closed_by_person(desk: Desk, reason: str = "dispute", priority: str = "high") -> Customer:
    """A customer whose case an agent has closed."""
    agent = await desk.agent()
    customer = await desk.waiting_customer(escalates(reason, priority, amount_cny=66.0))
    await agent.claim(customer)
    await agent.let_go(customer, "resolve")
    return customer


async def test_what_the_bot_is_told_of_a_closed_case(desk: Desk, bot: FakeBot) -> None:
    """The bot could not know what "still not solved" means."""
    customer = await closed_by_person(desk)
    bot.will(chats("请说"))
    await desk.wait_for_turn(customer, await customer.say("你好"))
    case = {"by": "agent", "reason": "dispute", "priority": "high", "intent": "duplicate_charge"}
    assert bot.turns[-1]["context"]["closed"] == case
    await desk.wait_for_turn(customer, await customer.say("转账没到"))
    assert bot.turns[-1]["context"]["closed"] == case
    await desk.wait_for_turn(customer, await customer.say("还是没到"))
    assert bot.turns[-1]["context"]["closed"] is None


async def test_a_case_that_comes_back_keeps_its_amount(desk: Desk, bot: FakeBot) -> None:
    """The agent would no longer see the amount at stake."""
    customer = await closed_by_person(desk)
    bot.will(escalates("dispute", "high", "duplicate_charge"))
    await desk.wait_for_turn(customer, await customer.say("没解决"))
    assert (await desk.conversation(customer)).case.amount_cny == 66.0


@pytest.mark.parametrize("how", ["in words", "by the button", "by the link", "the bot fails"])
async def test_a_closed_case_comes_back_as_what_it_was(desk: Desk, bot: FakeBot, how: str) -> None:
    """An unsettled dispute would wait among the ordinary requests, without its reason."""
    customer = await closed_by_person(desk)
    if how == "in words":
        bot.will(escalates("unresolved", "normal", "unresolved"))
        await desk.wait_for_turn(customer, await customer.say("没解决"))
    elif how == "by the button":
        await customer.press("human")
    elif how == "by the link":
        bot.will(chats("请说"))
        await desk.wait_for_turn(customer, await customer.say("你好"))
        await customer.ask_for_person()
    else:
        bot.will(escalates(reason="", priority="normal"))
        await desk.wait_for_turn(customer, await customer.say("没解决"))
    status = await customer.status()
    assert (status["status"], status["reason"], status["priority"]) == ("queued", "dispute", "high")
    card = (await (await desk.agent()).queue())["waiting"][0]
    assert (card["topic"], card["earlier"]["by"], card["earlier"]["amount_cny"]) == ("duplicate_charge", "agent", 66.0)


async def test_a_new_matter_is_not_the_closed_one(desk: Desk, bot: FakeBot) -> None:
    """A customer who once had a dispute would jump the queue with every question."""
    customer = await closed_by_person(desk)
    await desk.wait_for_turn(customer, await customer.say("手续费多少"))
    status = await customer.ask_for_person()
    assert (status["reason"], status["priority"]) == ("user_request", "normal")


async def test_a_graver_matter_wins_over_the_closed_one(desk: Desk, bot: FakeBot) -> None:
    """A theft would be queued as the old dispute."""
    customer = await closed_by_person(desk)
    bot.will(escalates("security", "urgent", "account_stolen"))
    await desk.wait_for_turn(customer, await customer.say("我的账号被盗了"))
    assert (await customer.status())["reason"] == "security"


async def test_thanks_leave_the_rating_open(desk: Desk, bot: FakeBot) -> None:
    """A polite customer could no longer rate."""
    customer = await closed_by_person(desk)
    held = Held(chats("不客气", outcome="closed"))
    bot.will(held)
    seq = await customer.say("谢谢")
    await held.asked()
    assert (await customer.rate(4)).status_code == 201
    held.release()
    await desk.wait_for_turn(customer, seq)
    status = await customer.status()
    assert (status["status"], status["rating"]) == ("resolved", 4)
    assert (await customer.rate(5)).status_code == 201
    assert (await customer.status())["rating"] == 5
    assert of_type(await customer.events(), "resolved")[-1]["resolution"] == "closed"


async def test_thanks_and_then_not_solved(desk: Desk, bot: FakeBot) -> None:
    """A thank-you after an agent's closing would make the desk forget the case."""
    customer = await closed_by_person(desk, "security", "urgent")
    bot.will(chats("不客气", outcome="closed"), escalates("unresolved", "normal", "unresolved"))
    await desk.wait_for_turn(customer, await customer.say("谢谢"))
    await desk.wait_for_turn(customer, await customer.say("不对，没解决"))
    status = await customer.status()
    assert (status["reason"], status["priority"]) == ("security", "urgent")


async def test_no_rating_before_the_end_or_for_a_new_matter(desk: Desk, bot: FakeBot) -> None:
    """A rating would not say whose work it rates."""
    customer = await desk.customer()
    assert error_code(await customer.rate(5)) == "not_resolved"
    closed = await closed_by_person(desk)
    await desk.wait_for_turn(closed, await closed.say("手续费多少"))
    assert error_code(await closed.rate(5)) == "not_resolved"


# --- the language ------------------------------------------------------------------------------------------------------------


async def test_texts_follow_the_customers_language(desk: Desk, bot: FakeBot) -> None:
    """A victim who writes English on a Chinese page would be told in Chinese how to stop the money."""
    customer = await desk.customer("zh")
    bot.will(escalates("security", "urgent", "account_stolen"))
    await desk.wait_for_turn(customer, await customer.say("i think someone hacked my account"))
    assert bot.turns[-1]["context"]["locale"] == "en"
    assert "Nobody is online" in of_kind(await customer.events(), "handoff")[-1]["text"]


# --- the queue --------------------------------------------------------------------------------------------------------------


async def test_a_flood_from_one_address_buries_nobody(desk: Desk, bot: FakeBot) -> None:
    """One script would put 1,500 fake thefts before a real one."""
    agent = await desk.agent()
    flood = []
    for i in range(7):
        identifier, token = await desk.services.customers.open_conversation("zh", "web", "the script's address")
        flood.append(Customer(desk.http, identifier, token))
        bot.will(escalates("security", "urgent", "account_stolen"))
        await desk.wait_for_turn(flood[i], await flood[i].say("我的账号被盗了"))
    victim = await desk.waiting_customer(escalates("security", "urgent", "account_stolen"))
    assert await place(victim) == 4
    assert await place(flood[2]) == 3
    assert await place(flood[3]) == 5
    queue = await agent.queue()
    assert [card["id"] for card in queue["waiting"]] == [flood[0].id, victim.id]
    assert queue["waiting_total"] == 8
    assert queue["waiting"][0]["same_address"] == 7
    assert queue["waiting"][0]["same_address_ids"] == [customer.id for customer in flood]
    assert "same_address" not in queue["waiting"][1]
    answer = await agent.call("GET", "/queue", params={"same_address": flood[0].id})
    assert [card["id"] for card in answer.json()["waiting"]] == [customer.id for customer in flood]
    await agent.claim(flood[0])  # an agent claims one card of a group, and the next one appears
    assert [card["id"] for card in (await agent.queue())["waiting"]] == [flood[1].id, victim.id]


async def test_a_family_behind_one_address_is_no_flood(desk: Desk, bot: FakeBot) -> None:
    """Two flatmates whose accounts were robbed would be one card."""
    agent = await desk.agent()
    for _ in range(3):
        identifier, token = await desk.services.customers.open_conversation("zh", "web", "a flat")
        bot.will(escalates("security", "urgent", "account_stolen"))
        customer = Customer(desk.http, identifier, token)
        await desk.wait_for_turn(customer, await customer.say("我的账号被盗了"))
    assert len((await agent.queue())["waiting"]) == 3


async def test_a_stream_does_not_go_back_in_time(desk: Desk) -> None:
    """A colleague who just came online would be shown as offline again by the stream's next frame."""
    board = desk.services.board
    desk.clock.pass_time(hours=1)
    assert set((await board.read()).online_by_queue.values()) == {0}
    await desk.agent("agent2")
    assert set((await board.read()).online_by_queue.values()) == {1}
    assert set((await board.latest()).online_by_queue.values()) == {1}


async def test_the_queue_comes_in_pages(desk: Desk, bot: FakeBot, monkeypatch: pytest.MonkeyPatch) -> None:
    """A long queue would be sent whole, or its end could not be reached."""
    monkeypatch.setattr("handoff.queue.board.PAGE_SIZE", 2)
    agent, customers = await desk.agent(), [await desk.waiting_customer() for _ in range(5)]
    found: list[str] = []
    cursor: str | None = None
    for _ in range(3):
        queue = (await agent.call("GET", "/queue", params={"after": cursor} if cursor else {})).json()
        assert queue["waiting_total"] == 5
        found += [card["id"] for card in queue["waiting"]]
        cursor = queue["next"]
    assert cursor is None
    assert found == [customer.id for customer in customers]


@pytest.mark.parametrize(
    "cursor", ["x", "0~yesterday~a", "0~2026-01-05T09:00:00~a", "9~2026-01-05T09:00:00+00:00~a", "0~~", "\x00~~"]
)
async def test_a_cursor_that_is_none(desk: Desk, cursor: str) -> None:
    """A stale bookmark would cause a server error."""
    answer = await (await desk.agent()).call("GET", "/queue", params={"after": cursor})
    assert (answer.status_code, error_code(answer)) == (422, "bad_cursor")


async def test_a_chat_line_does_not_wake_who_waits(desk: Desk, bot: FakeBot) -> None:
    """With 300 waiting, each message of an agent would cost 900 queries."""
    waiting, agent = await desk.waiting_customer(), await desk.agent()
    served = await desk.customer()
    await served.ask_for_person()
    await agent.claim(served)
    with desk.services.wakeups.watch("queue", "board") as watch:
        while await watch.wait(2.5):  # woken by the claim, and by the reading of the queue up to a second later
            pass
        await served.say("在吗")
        await agent.write(served, "在的")
        await agent.act(served, "notes", {"text": "慢慢来"})
        assert await watch.wait(0.5) == frozenset()
        await waiting.cancel(confirm=True)
        assert "queue" in await watch.wait(DEADLINE_SECONDS)


async def test_a_place_moves_when_others_leave(desk: Desk) -> None:
    """A waiting customer would read the same position for ever."""
    first, second = await desk.waiting_customer(), await desk.waiting_customer()
    async with second.stream() as stream:
        await stream.until(lambda frame: frame.event == "status" and frame.data["queue_position"] == 2)
        await first.cancel(confirm=True)
        await stream.until(lambda frame: frame.event == "status" and frame.data["queue_position"] == 1)
