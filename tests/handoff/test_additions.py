"""What a customer adds while they wait is acknowledged: once for one burst, and never beside another answer of the desk."""

from __future__ import annotations

import datetime as dt

import pytest

from handoff.conversations.decide import OfferTo
from handoff.conversations.store import lock_conversation, save_conversation
from tests.handoff.fake_bot import Behaviour, FakeBot, Held, answers, chats, escalates, hangs_up, raw
from tests.handoff.people import Customer, Json, of_type
from tests.handoff.running_desk import Desk

#: Each test says itself how much time passes.
pytestmark = pytest.mark.usefixtures("time_stands_still")

NEVER_MIND = {"outcome": "never_mind", "intent": "deny"}


def kinds(events: list[Json]) -> list[str]:
    """The subjects of the desk's messages after the one at the handoff."""
    return [event["kind"] for event in of_type(events, "message") if event["by"]["kind"] == "system"][1:]


@pytest.mark.parametrize(
    "how", [answers(), chats("好的"), escalates("dispute", "high"), escalates("user_request", "normal"), raw(b""), hangs_up()]
)
async def test_every_addition_is_acknowledged(desk: Desk, bot: FakeBot, how: Behaviour) -> None:
    """Three additions of a victim would get no word, above all while the bot fails."""
    customer = await desk.waiting_customer()
    bot.will(how)
    events = await desk.wait_for_turn(customer, await customer.say("一共两笔，都是昨天的"))
    assert kinds(events) == ["added"]
    assert events[-1]["text"] == "已补充给客服，还有情况可以继续写。"
    desk.clock.pass_time(minutes=1)
    bot.will(how)
    assert kinds(await desk.wait_for_turn(customer, await customer.say("订单号在账单里"))) == ["added", "added"]


async def test_a_bot_that_does_not_answer(desk: Desk, bot: FakeBot) -> None:
    """While the bot hangs, additions would get no word."""
    customer = await desk.waiting_customer()
    bot.will(Held(chats("…")))
    assert kinds(await desk.wait_for_turn(customer, await customer.say("还有一笔"))) == ["added"]


async def test_one_burst_is_acknowledged_once(desk: Desk, bot: FakeBot) -> None:
    """Four short messages would get four identical answers between them."""
    customer = await desk.waiting_customer()
    held = Held(chats("嗯"))
    bot.will(held, chats("嗯"), chats("嗯"))
    await customer.say("他让我")
    await held.asked()
    await customer.say("下载一个软件")
    seq = await customer.say("共享屏幕")
    held.release()
    assert kinds(await desk.wait_for_turn(customer, seq)) == ["added"]
    seq = await customer.say("然后输密码")  # a moment after the acknowledgement
    assert kinds(await desk.wait_for_turn(customer, seq)) == ["added"]


async def test_pieces_written_before_the_handoff_are_no_additions(desk: Desk, bot: FakeBot) -> None:
    """The desk would say "added" right after "everything you wrote has been passed on"."""
    customer = await desk.customer()
    held = Held(escalates())
    bot.will(held, chats("嗯"))
    await customer.say("扣了我两次钱")
    await held.asked()
    seq = await customer.say("都是昨天的")
    held.release()
    events = await desk.wait_for_turn(customer, seq)
    assert kinds(events) == []
    assert of_type(events, "triage")[-1]["silent"] is True


async def test_none_after_another_answer_of_the_desk(desk: Desk, bot: FakeBot) -> None:
    """One message would get two answers: "marked as urgent" and "added", or "are you sure?" and "added"."""
    customer = await desk.waiting_customer()
    bot.will(escalates("security", "urgent", "account_stolen"))
    assert kinds(await desk.wait_for_turn(customer, await customer.say("号也被盗了"))) == ["priority_raised"]
    bot.will(chats("确定吗？", asks="cancel_wait"))
    assert kinds(await desk.wait_for_turn(customer, await customer.say("取消")))[1:] == ["confirm_cancel"]
    await customer.press("keep_waiting")
    bot.will(chats("好的。", **NEVER_MIND))
    assert kinds(await desk.wait_for_turn(customer, await customer.say("算了")))[2:] == ["kept_waiting", "confirm_cancel"]
    await customer.press("cancel_wait")
    assert kinds(await customer.events())[-1] == "cancelled"


async def test_none_when_the_language_changed(desk: Desk, bot: FakeBot) -> None:
    """The English text that says everything was passed on would be followed by "added"."""
    customer = await desk.waiting_customer()
    bot.will(chats("…"), chats("…"))
    await desk.wait_for_turn(customer, await customer.say("they charged my card twice yesterday"))
    assert kinds(await customer.events()) == ["handoff"]
    desk.clock.pass_time(seconds=30)
    events = await desk.wait_for_turn(customer, await customer.say("the second one was 300 yuan"))
    assert kinds(events) == ["handoff", "added"]
    assert events[-1]["text"] == "Added for our colleague; you can keep writing."


async def test_none_once_an_agent_is_there(desk: Desk, bot: FakeBot) -> None:
    """The desk would speak between customer and agent, because a claim came while the bot read an addition."""
    customer, agent = await desk.waiting_customer(), await desk.agent()
    held = Held(chats("嗯"))
    bot.will(held)
    await customer.say("还有一笔")
    await held.asked()
    await agent.claim(customer)
    held.release()
    await desk.turns_over()
    assert "added" not in kinds(await customer.events())


async def test_while_an_offer_is_open(desk: Desk, bot: FakeBot) -> None:
    """What a customer writes in the half minute of an offer would get no word."""
    customer = await offered(desk)
    bot.will(chats("嗯"))
    assert kinds(await desk.wait_for_turn(customer, await customer.say("还有一笔"))) == ["added"]
    assert (await desk.conversation(customer)).handling.offer is not None


async def offered(desk: Desk) -> Customer:
    """A waiting customer whose conversation is offered to an agent."""
    customer = await desk.waiting_customer()
    async with desk.services.store.begin() as tx:
        draft = await lock_conversation(tx, customer.id)
        assert draft is not None
        now = desk.clock()
        draft.do(OfferTo("agent", "小林", now + dt.timedelta(seconds=30)), now)
        await save_conversation(tx, draft)
    return customer


async def test_what_was_written_to_an_agent_who_is_gone(desk: Desk, bot: FakeBot) -> None:
    """After "we are finding you another colleague" the desk would acknowledge old messages to the agent as additions."""
    customer, agent = await desk.waiting_customer(), await desk.agent()
    await agent.claim(customer)
    await customer.say("在吗")
    bot.will(chats("嗯"), chats("嗯"))
    await agent.act(customer, "transfer", {})
    await desk.wait_for(customer, lambda events: events[-1]["type"] == "triage")
    await desk.turns_over()
    assert kinds(await customer.events())[-1] == "requeued"
    assert kinds(await desk.wait_for_turn(customer, await customer.say("还有一件事")))[-1] == "added"
