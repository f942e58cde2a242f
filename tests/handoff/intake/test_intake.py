"""The intake at a running desk: asked while waiting, one question at a time, never twice, never in the way."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Any

import pytest

from handoff.cases.intake.intake_desk import IntakeDesk
from handoff.cases.intake.watch import IntakeWatch
from handoff.conversations.rebuild import find_differences
from tests.handoff.fake_bot import answers, escalates
from tests.handoff.people import Agent, Customer, Json, error_code, of_type
from tests.handoff.running_desk import Desk


def asked(events: list[Json]) -> list[Json]:
    """The desk's messages of the intake."""
    return [event for event in events if event.get("kind") == "intake"]


async def waits(desk: Desk, text: str, intent: str, reason: str, **more: Any) -> Customer:
    """A customer whose case the bot has handed over."""
    customer = await desk.customer()
    desk.bot.will(escalates(reason, more.pop("priority", "high"), intent, **more))
    await customer.say(text)
    await desk.wait_for(customer, lambda events: any(event.get("kind") == "handoff" for event in events))
    await desk.turns_over()
    return customer


async def says(desk: Desk, customer: Customer, text: str) -> list[Json]:
    """The customer writes while waiting, a few seconds later; the log after the bot's silent turn."""
    desk.clock.pass_time(seconds=3)
    desk.bot.will(answers())
    return await desk.wait_for_turn(customer, await customer.say(text))


async def filled_in(agent: Agent, customer: Customer) -> dict[str, tuple[str | None, str | None]]:
    """What the agent reads: question -> (Chinese answer, by whom)."""
    answer = await agent.call("GET", f"/conversations/{customer.id}/log")
    shown = answer.json()["conversation"]["intake"]
    return {each["id"]: (each["answer"]["zh"] if each["answer"] else None, each["by"]) for each in shown}


async def test_a_form_from_the_first_question_to_the_agent(desk: Desk) -> None:
    """The agent would ask again what the customer has answered, or the customer would be asked what they said."""
    customer = await waits(desk, "扣了我两次钱", "duplicate_charge", "dispute", amount_cny=35.5)
    (first,) = asked(await desk.log(customer))
    assert "不回答也不影响排队" in first["text"]
    assert "哪一笔" in first["text"]
    assert [button["choice"] for button in first["buttons"]] == [
        "intake:dispute_transaction:skip",
        "intake:dispute_transaction:later",
    ]
    await says(desk, customer, "订单尾号 8821，楼下超市")
    second = asked(await desk.log(customer))[-1]
    assert "什么时候" in second["text"], "the amount is known from the decision"
    assert "不回答也不影响排队" not in second["text"]
    assert (await customer.press("intake:dispute_when:today")).status_code == 201
    assert (await customer.press("intake:dispute_tried:skip")).status_code == 201
    assert "都记下了" in asked(await desk.log(customer))[-1]["text"]
    agent = await desk.agent()
    assert await filled_in(agent, customer) == {
        "dispute_transaction": ("订单尾号 8821，楼下超市", "customer"),
        "dispute_amount": ("¥35.50", "customer"),
        "dispute_when": ("今天", "customer"),
        "dispute_tried": (None, "skipped"),
    }
    assert [difference async for difference in find_differences(desk.services.store)] == []


async def test_the_customers_own_words_are_not_asked_for_again(desk: Desk) -> None:
    """A victim who has just said that the swindler is on the phone would be asked whether they are."""
    text = "骗子还在电话里不让我挂，我刚刚已经转了五千给他"
    customer = await waits(desk, text, "scam_in_progress", "security", priority="urgent", lane="money_moving", amount_cny=5000)
    shown = await filled_in(await desk.agent(), customer)
    assert shown == {
        "scam_contact": ("还在通话", "customer"),
        "scam_money": ("已经转出去了", "customer"),
        "scam_when": (text, "customer"),
        "scam_amount": ("¥5,000", "customer"),
        "scam_payee": (None, None),
    }
    (question,) = asked(await desk.log(customer))
    assert "转给了谁" in question["text"]


async def test_a_victim_is_asked_calmly_and_told_what_to_keep(desk: Desk) -> None:
    """The order is fixed: two calm questions, then words that break the spell, the numbers and the evidence to keep."""
    customer = await waits(desk, "有骗子", "scam_in_progress", "security", priority="urgent", lane="money_moving")
    (first,) = asked(await desk.log(customer))
    assert "您现在告诉我们，做得很对" in first["text"]
    await customer.press("intake:scam_contact:over")
    await customer.press("intake:scam_money:none")
    closing = asked(await desk.log(customer))[-1]["text"]
    assert ["不是您的错" in closing, "110" in closing, "96110" in closing, "400-000-1234" in closing] == [True] * 4
    assert closing.index("96110") < closing.index("请保留这些")
    assert "永远不会" in closing
    (promise,) = of_type(await desk.log(customer), "promise_made")
    hours = dt.datetime.fromisoformat(promise["due_at"]) - dt.datetime.fromisoformat(promise["at"])
    assert (promise["promise"], hours) == ("follow_up", dt.timedelta(hours=24))
    assert "24 小时内我们会再联系您" in closing
    assert not {"scam_when", "scam_amount", "scam_payee"} & set(await filled_in(await desk.agent(), customer))


async def test_who_does_not_answer_reads_the_closing_words_once(desk: Desk) -> None:
    """A victim who is kept on the phone would never read that this is a scam, or read it again and again."""
    customer = await waits(desk, "有骗子", "scam_in_progress", "security", priority="urgent", lane="money_moving")
    services = desk.services
    watch = IntakeWatch(services.store, IntakeDesk(services.policy), desk.clock)
    desk.clock.pass_time(seconds=95)
    await watch.once()
    events = await desk.wait_for(customer, lambda log: any("不是您的错" in each["text"] for each in asked(log)))
    await customer.press("intake:scam_contact:over")
    await customer.press("intake:scam_money:none")
    desk.clock.pass_time(seconds=95)
    await watch.once()
    assert len(of_type(events, "intake_closed")) == 1
    assert sum("不是您的错" in each["text"] for each in asked(await desk.log(customer))) == 1


async def test_an_answer_that_reports_a_graver_incident_reaches_the_bot(desk: Desk) -> None:
    """A theft that is told in an answer would wait as a question about a coupon."""
    customer = await waits(desk, "转人工", "human_agent", "user_request", priority="normal")
    assert "什么事" in asked(await desk.log(customer))[-1]["text"]
    desk.clock.pass_time(seconds=3)
    desk.bot.will(escalates("security", "urgent", "account_stolen"))
    events = await desk.wait_for_turn(customer, await customer.say("我的账号被盗了，钱在往外转"))
    assert (await customer.status())["priority"] == "urgent"
    assert (await filled_in(await desk.agent(), customer))["request_about"] == ("我的账号被盗了，钱在往外转", "customer")
    raised = [event.get("kind") for event in events].index("priority_raised")
    assert "哪一笔" in next(each["text"] for each in events[raised:] if each.get("kind") == "intake")


async def test_a_press_is_the_desks_alone(desk: Desk) -> None:
    """The bot would be asked about "today", and could take it for the customer's matter."""
    customer = await waits(desk, "钱不对", "bill_dispute", "dispute")
    await customer.press("intake:dispute_transaction:skip")
    turns = len(desk.bot.turns)
    for choice in ("intake:dispute_amount:skip", "intake:dispute_when:week", "intake:dispute_tried:not_yet"):
        assert (await customer.press(choice)).status_code == 201
    assert (await desk.conversation(customer)).due_at is None
    assert len(desk.bot.turns) == turns


@pytest.mark.parametrize("text", ["还要等多久？", "快点", "在吗"])
async def test_words_about_something_else_answer_nothing(desk: Desk, text: str) -> None:
    """The agent would read "how long?" as the time of the payment, and the question's buttons would be gone."""
    customer = await waits(desk, "钱不对", "bill_dispute", "dispute", amount_cny=10)
    await customer.press("intake:dispute_transaction:skip")
    before = len(asked(await desk.log(customer)))
    events = await says(desk, customer, text)
    assert (len(asked(events)), (await filled_in(await desk.agent(), customer))["dispute_when"]) == (before, (None, None))
    assert (await customer.press("intake:dispute_when:today")).status_code == 201


async def test_presses_twice_and_at_once(desk: Desk) -> None:
    """Two tabs would answer twice, or the next question would be asked twice."""
    customer = await waits(desk, "钱不对", "bill_dispute", "dispute", amount_cny=10)
    await customer.press("intake:dispute_transaction:skip")
    replies = await asyncio.gather(*(customer.press(f"intake:dispute_when:{when}") for when in ("today", "week", "today")))
    assert sorted(reply.status_code for reply in replies) == [201, 422, 422]
    assert {error_code(reply) for reply in replies if reply.status_code == 422} == {"unknown_choice"}
    log = await desk.log(customer)
    assert len(of_type(log, "intake_answered")) == 2
    assert sum("联系过" in each["text"] for each in asked(log)) == 1


@pytest.mark.parametrize("choice", ["intake:", "intake:::", "intake:dispute_when:never", "intake:resume", "intake:fees:skip"])
async def test_buttons_that_nobody_offered(desk: Desk, choice: str) -> None:
    """A crafted press would put words into the agent's form."""
    customer = await waits(desk, "钱不对", "bill_dispute", "dispute", amount_cny=10)
    before = await desk.log(customer)
    assert (await customer.press(choice)).status_code == 422
    assert await desk.log(customer) == before


async def test_secrets_in_an_answer_are_masked(desk: Desk) -> None:
    """The form would show a card number to every agent."""
    customer = await waits(desk, "钱不对", "bill_dispute", "dispute")
    await says(desk, customer, "卡号 6222021234567890123 那笔")
    answer = (await filled_in(await desk.agent(), customer))["dispute_transaction"][0]
    assert answer is not None
    assert "6222021234567890123" not in answer


async def test_not_now_and_later(desk: Desk) -> None:
    """A customer who wants no questions would get more, or could not go on."""
    customer = await waits(desk, "钱不对", "bill_dispute", "dispute", amount_cny=10)
    await customer.press("intake:dispute_transaction:later")
    await says(desk, customer, "昨天晚上的那笔")
    assert (await filled_in(await desk.agent(), customer))["dispute_transaction"] == (None, None)
    count = len(asked(await desk.log(customer)))
    assert (await customer.press("intake:resume")).status_code == 201
    shown = asked(await desk.log(customer))
    assert (len(shown), shown[-1]["text"]) == (count + 1, "是哪一笔？写订单号，或者金额、时间和商家名字。")
    assert (await customer.status())["intake"] == [button["choice"] for button in shown[-1]["buttons"]]
    await says(desk, customer, "昨天晚上的那笔")
    assert "昨天" in ((await filled_in(await desk.agent(), customer))["dispute_transaction"][0] or "")


async def test_an_agent_ends_the_questions(desk: Desk) -> None:
    """The desk would ask into the talk of an agent; but an answer that was on its way is kept."""
    customer = await waits(desk, "钱不对", "bill_dispute", "dispute", amount_cny=10)
    agent = await desk.agent()
    await customer.press("intake:dispute_transaction:skip")
    await agent.claim(customer)
    before = len(asked(await desk.log(customer)))
    assert (await customer.press("intake:dispute_when:today")).status_code == 201
    await customer.say("你好")
    assert len(asked(await desk.log(customer))) == before
    assert (await filled_in(agent, customer))["dispute_when"] == ("今天", "customer")


async def test_an_open_case_that_comes_back_is_not_asked_again(desk: Desk) -> None:
    """A customer with a dispute would fill in the same form each time that they come back."""
    customer = await waits(desk, "钱不对", "bill_dispute", "dispute", amount_cny=10)
    await says(desk, customer, "超市那笔")
    agent = await desk.agent()
    await agent.claim(customer)
    await agent.write(customer, "正在查")
    desk.clock.pass_time(hours=25)
    await desk.watchdog.look_around()
    assert (await customer.status())["status"] == "resolved"
    desk.bot.will(answers())
    await desk.wait_for_turn(customer, await customer.say("有结果了吗？"))
    assert (await customer.status())["status"] == "queued"
    questions = [event["question"] for event in of_type(await desk.log(customer), "intake_asked")]
    assert len(questions) == len(set(questions))
    assert (await filled_in(await desk.agent(), customer))["dispute_transaction"] == ("超市那笔", "customer")


async def test_another_case_has_its_own_questions(desk: Desk) -> None:
    """The answers of a settled dispute would stand in the form of the next one."""
    customer = await waits(desk, "钱不对", "bill_dispute", "dispute", amount_cny=10)
    await says(desk, customer, "超市那笔")
    agent = await desk.agent()
    await agent.claim(customer)
    await agent.let_go(customer, "resolve")
    desk.bot.will(answers())
    await desk.wait_for_turn(customer, await customer.say("转账多久到"))
    desk.bot.will(escalates("dispute", "high", "duplicate_charge"))
    await desk.wait_for_turn(customer, await customer.say("又扣了我两次"))
    assert await filled_in(agent, customer) == {"dispute_transaction": (None, None)}


@pytest.mark.parametrize(("locale", "words"), [("en", "Which transaction"), ("zh-Hant", "是哪一筆")])
async def test_questions_follow_the_language(desk: Desk, locale: str, words: str) -> None:
    """A customer who does not read simplified Chinese could answer nothing."""
    customer = await desk.customer(locale)
    desk.bot.will(escalates("dispute", "high", "bill_dispute"))
    await customer.say("wrong charge" if locale == "en" else "錢不對")
    events = await desk.wait_for(customer, lambda log: bool(asked(log)))
    assert words in asked(events)[0]["text"]
    assert asked(events)[0]["buttons"][0]["label"] == {"en": "Skip", "zh-Hant": "跳過"}[locale]
