"""The lane of a scam in progress: before all others in the queue, until the case ends."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from content.compiler import load_desk_policy
from contract.priorities import queue_rank
from handoff.conversations.store import find_conversation
from handoff.queue.store import queue_lengths, queue_order, queued_before
from tests.handoff.fake_bot import answers_with_doors, chats, decision, escalates, says
from tests.handoff.people import Customer, of_kind, of_type
from tests.handoff.running_desk import Desk

_CASE = {"intent": "scam_in_progress", "lane": "money_moving"}


def scam() -> Any:
    """The bot's decision on a scam in progress."""
    return escalates("security", "urgent", **_CASE)


async def order(desk: Desk, agent: Any) -> list[str]:
    """The queue as agents see it; customers' positions must agree."""
    waiting = [card["id"] for card in (await agent.queue())["waiting"]]
    async with desk.services.store.read() as tx:
        assert await queue_order(tx, desk.services.policy.same_address) == waiting
        for i, each in enumerate(waiting):
            conversation = await find_conversation(tx, each)
            assert conversation is not None
            assert await queued_before(tx, conversation, desk.services.policy.same_address) == i
    return waiting


async def raised(desk: Desk, customer: Customer, text: str = "他不让我挂电话") -> None:
    """A waiting customer says that money is moving."""
    desk.bot.will(scam())
    await customer.say(text)
    await desk.wait_for(customer, lambda events: bool(of_kind(events, "priority_raised")))
    await desk.turns_over()


async def test_before_urgent_ones_that_wait_longer(desk: Desk) -> None:
    """Money that can still be stopped would be lost while older thefts are handled."""
    agent = await desk.agent()
    urgent = await desk.waiting_customer(escalates("security", "urgent", "account_stolen"))
    high = await desk.waiting_customer(escalates("dispute", "high"))
    desk.clock.pass_time(minutes=5)
    first = await desk.waiting_customer(scam())
    desk.clock.pass_time(minutes=1)
    second = await desk.waiting_customer(scam())
    assert await order(desk, agent) == [first.id, second.id, urgent.id, high.id]
    card = (await agent.queue())["waiting"][0]
    assert (card["lane"], card["priority"], card["intent"]) == ("money_moving", "urgent", "scam_in_progress")
    assert (await second.status())["queue_position"] == 2


@pytest.mark.parametrize(
    ("reason", "priority", "intent"),
    [
        ("security", "urgent", "account_stolen"),
        ("dispute", "high", "complaint"),
        ("user_request", "normal", "human_agent"),
    ],
)
async def test_raised_while_waiting(desk: Desk, reason: str, priority: str, intent: str) -> None:
    """A waiting customer, urgent or not, who then reports the scam would keep the old position."""
    agent = await desk.agent()
    urgent = await desk.waiting_customer(escalates("security", "urgent", "account_stolen"))
    customer = await desk.waiting_customer(escalates(reason, priority, intent))
    assert await order(desk, agent) == [urgent.id, customer.id]
    await raised(desk, customer)
    assert await order(desk, agent) == [customer.id, urgent.id]
    events = await customer.events()
    last = of_type(events, "priority_raised")[-1]
    assert (last["reason"], last["priority"], last["lane"]) == ("security", "urgent", "money_moving")
    at_once = of_kind(events, "priority_raised")[-1]["text"].splitlines()[0]
    assert at_once == "先停下来，马上拨打 400-000-1234 要求止付，并拨打 110 报警："
    card = (await agent.queue())["waiting"][0]
    assert (card["intent"], card["reason"]) == ("scam_in_progress", "security")


async def test_nothing_takes_the_lane_away_while_waiting(desk: Desk) -> None:
    """A later message about a theft, or a repeated report, would move the case back or notify the customer again."""
    customer = await desk.waiting_customer(scam())
    for how in (escalates("security", "urgent", "account_stolen"), scam()):
        before = len(of_type(await customer.events(), "priority_raised"))
        desk.bot.will(how)
        await customer.say("快点")
        await desk.turns_over()
        assert len(of_type(await customer.events(), "priority_raised")) == before
    assert (await desk.conversation(customer)).case.lane == "money_moving"


async def test_transfer_and_the_queue_keep_it(desk: Desk) -> None:
    """An agent who returns the case to the queue would cost it its position before all others."""
    agent = await desk.agent()
    urgent = await desk.waiting_customer(escalates("security", "urgent", "account_stolen"))
    customer = await desk.waiting_customer(scam())
    await agent.claim(customer)
    assert (await desk.conversation(customer)).case.lane == "money_moving"
    await agent.let_go(customer, "transfer", {})
    assert await order(desk, agent) == [customer.id, urgent.id]


@pytest.mark.parametrize("action", ["return", "resolve"])
async def test_it_ends_with_the_case(desk: Desk, action: str) -> None:
    """A customer whose scam was stopped would go before victims with the next question about fees."""
    agent = await desk.agent()
    customer = await desk.waiting_customer(scam())
    await agent.claim(customer)
    await agent.let_go(customer, action, {})
    desk.bot.will(escalates("user_request", "normal", "fees"))
    asked = await customer.say("我想问手续费")
    await desk.wait_for(customer, lambda events: bool(of_kind(events[asked:], "handoff")))
    assert (await desk.conversation(customer)).case.lane is None


async def test_a_wait_taken_up_again_has_it_back(desk: Desk) -> None:
    """A customer who cancels by mistake, or on the fraudster's order, would wait behind others."""
    customer = await desk.waiting_customer(scam())
    await customer.cancel(confirm=True)
    assert (await desk.conversation(customer)).case.lane is None
    await customer.undo_cancel()
    assert (await desk.conversation(customer)).case.lane == "money_moving"


async def test_the_door_under_an_article_takes_it(desk: Desk) -> None:
    """A customer who presses "I feel cheated" under an article would wait behind others."""
    agent = await desk.agent()
    urgent = await desk.waiting_customer(escalates("security", "urgent", "account_stolen"))
    customer = await desk.customer()
    desk.bot.will(answers_with_doors(), scam())
    await customer.say("怎么转账")
    await desk.wait_for(customer, lambda events: bool(events[-1].get("buttons")))
    await desk.turns_over()
    await customer.press("topic:scam_in_progress")
    await desk.wait_for(customer, lambda events: bool(of_kind(events, "handoff")))
    assert desk.bot.turns[-1]["choice"] == "topic:scam_in_progress"
    assert await order(desk, agent) == [customer.id, urgent.id]


async def test_a_lane_that_the_desk_does_not_know(desk: Desk) -> None:
    """A newer bot's lane would break the queue, or put another case before the victims."""
    urgent = await desk.waiting_customer(escalates("security", "urgent", "account_stolen"))
    body = decision("escalate", "fees", reason="user_request", priority="normal", lane="express")
    customer = await desk.waiting_customer(says({"messages": [], "decision": body}))
    assert await order(desk, await desk.agent()) == [urgent.id, customer.id]


async def test_metrics_count_it_as_urgent(desk: Desk) -> None:
    """The wait of the most serious cases would be missing from the figures of the urgent ones."""
    await desk.waiting_customer(scam())
    await desk.waiting_customer(escalates("security", "urgent", "account_stolen"))
    async with desk.services.store.read() as tx:
        assert [(priority, length) for priority, length, _ in await queue_lengths(tx)] == [("urgent", 2)]


async def test_one_address_does_not_hide_it(desk: Desk) -> None:
    """A flood from one address would hide a neighbour's scam case behind it, or the scam's card would hide the others."""
    agent = await desk.agent()
    flood = [await desk.waiting_customer(escalates("security", "urgent", "account_stolen")) for _ in range(6)]
    desk.clock.pass_time(minutes=1)
    victims = [await desk.waiting_customer(scam()) for _ in range(6)]
    async with desk.services.store.begin() as tx:
        for each in [*flood, *victims]:
            await tx.execute("UPDATE conversations SET origin = 'one-address' WHERE id = %s", [each.id])
    *lane, crowd = (await agent.queue())["waiting"]
    assert [(card["id"], card["lane"], "same_address" in card) for card in lane] == [
        (victim.id, "money_moving", False) for victim in victims
    ]
    flood_ids = [each.id for each in flood]
    assert (crowd["id"], crowd["same_address"], crowd["same_address_ids"]) == (flood[0].id, 6, flood_ids)
    behind = await agent.call("GET", "/queue", params={"same_address": flood[0].id})
    assert [card["id"] for card in behind.json()["waiting"]] == flood_ids
    async with desk.services.store.read() as tx:
        same_address = desk.services.policy.same_address
        expected = [each.id for each in (*victims, *flood)]
        assert await queue_order(tx, same_address) == expected
        for i, each in enumerate(expected):
            conversation = await find_conversation(tx, each)
            assert conversation is not None
            assert await queued_before(tx, conversation, same_address) == i


@pytest.mark.parametrize("locale", ["zh", "en"])
@pytest.mark.parametrize("online", [0, 1])
def test_what_to_stop_comes_first(locale: str, online: int) -> None:
    """A victim on the phone with the fraudster would read about the queue before "stop paying, hang up"."""
    policy = load_desk_policy(Path(__file__).parents[2] / "data")
    for text in (
        policy.handoff_text(locale, "security", "scam_in_progress", 0, online, is_urgent=True, lane="money_moving"),
        policy.raised_text(locale, "security", "scam_in_progress", 0, online, is_urgent=True, lane="money_moving"),
    ):
        at_once = "\n".join(text.splitlines()[:4])
        wanted = ["停", "挂断", "共享屏幕", "110", "96110"] if locale == "zh" else ["Stop", "Hang up", "screen", "110", "96110"]
        assert [word for word in wanted if word not in at_once] == []
        assert text.count("1. ") == 1  # without the advice of another security case after it


def test_a_lane_is_before_every_priority() -> None:
    """A lane with an odd priority would wait behind urgent ones."""
    assert queue_rank("normal", "money_moving") < queue_rank("urgent", None)


async def test_a_social_word_leaves_it_alone(desk: Desk) -> None:
    """A thank-you while waiting would take the case out of its lane."""
    customer = await desk.waiting_customer(scam())
    desk.bot.will(chats("不客气"))
    await customer.say("谢谢")
    await desk.turns_over()
    assert (await desk.conversation(customer)).case.lane == "money_moving"
