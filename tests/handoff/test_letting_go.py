"""An agent ends their part in a conversation while its customer writes: no message is lost, and each has an owner."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.handoff.conftest import Database
from tests.handoff.fake_bot import FakeBot, Held, answers, decision, escalates, says
from tests.handoff.people import Agent, Customer, error_code, of_type, texts
from tests.handoff.running_desk import Desk

#: Each test says itself how much time passes.
pytestmark = pytest.mark.usefixtures("time_stands_still")

STOLEN = "刚又收到短信，我的账号被盗了"
FRAGMENT = says({"messages": [{"text": "您请继续说。"}], "decision": decision("clarify", rule="context.fragment")})


async def served_customer(desk: Desk, agent: Agent, reason: str = "user_request", priority: str = "normal") -> Customer:
    """A customer whom an agent has answered."""
    customer = await desk.waiting_customer(escalates(reason, priority))
    await agent.claim(customer)
    await agent.write(customer, "您好")
    return customer


async def last_seq(desk: Desk, customer: Customer) -> int:
    """The log's last sequence number."""
    return int((await desk.log(customer))[-1]["seq"])


# --- messages that the agent has not read ---------------------------------------------------------------------------------


@pytest.mark.parametrize("action", ["resolve", "return"])
async def test_words_that_nobody_read_do_not_end_with_the_case(desk: Desk, action: str) -> None:
    """A theft reported at the moment of closing would appear in no list, and nobody would react."""
    agent = await desk.agent()
    customer = await served_customer(desk, agent)
    seen_seq = await last_seq(desk, customer)
    seq = await customer.say(STOLEN)
    before = await desk.log(customer)
    answer = await agent.act(customer, action, {"seen_seq": seen_seq})
    assert (answer.status_code, error_code(answer)) == (409, "unread")
    unread = answer.json()["error"]["unread"]
    assert [(event["seq"], event["text"]) for event in unread] == [(seq, STOLEN)]
    assert await desk.log(customer) == before
    assert (await customer.status())["status"] == "assigned"
    assert (await agent.act(customer, action, {"seen_seq": seq})).status_code == 200


@pytest.mark.parametrize("action", ["resolve", "return"])
@pytest.mark.parametrize(
    "body", [None, {}, {"note": "好"}, {"seen_seq": None}, {"seen_seq": "5"}, {"seen_seq": -1}, {"seen_seq": 10**6}]
)
async def test_a_closing_says_what_was_seen(desk: Desk, action: str, body: Any) -> None:
    """A console that does not send what its agent has seen could close over any message."""
    agent = await desk.agent()
    customer = await served_customer(desk, agent)
    answer = await agent.act(customer, action, body)
    assert answer.status_code == 422
    error_code(answer)
    assert (await customer.status())["status"] == "assigned"


async def test_what_is_not_a_customers_word_is_never_unread(desk: Desk) -> None:
    """A colleague's note or the desk's own events would keep an agent from closing."""
    agent, supervisor = await desk.agent(), await desk.agent("supervisor")
    customer = await served_customer(desk, agent)
    seen_seq = await last_seq(desk, customer)
    await supervisor.act(customer, "notes", {"text": "注意金额"})
    await agent.write(customer, "已为您处理")
    assert (await agent.act(customer, "resolve", {"seen_seq": seen_seq})).status_code == 200


@pytest.mark.parametrize("action", ["resolve", "return", "transfer"])
async def test_in_the_same_moment(desk: Desk, bot: FakeBot, action: str) -> None:
    """In some order of a closing and a message the message would have no owner (I6)."""
    agent = await desk.agent()
    for _ in range(12):
        customer = await served_customer(desk, agent)
        seen_seq = await last_seq(desk, customer)
        body = {} if action == "transfer" else {"seen_seq": seen_seq}
        bot.will(escalates("security", "urgent", "account_stolen"))
        answer, seq = await asyncio.gather(agent.act(customer, action, body), customer.say(STOLEN))
        if answer.status_code == 409:
            assert error_code(answer) == "unread"
            assert (await customer.status())["status"] == "assigned"
            assert (await agent.let_go(customer, "resolve")).status_code == 200
        else:
            await desk.wait_for_turn(customer, seq)
            status = await customer.status()
            assert (status["status"], status["reason"], status["priority"]) == ("queued", "security", "urgent")
        await bot.reset()


async def test_the_console_that_closes_twice(desk: Desk) -> None:
    """A double click would write into the customer's transcript twice, or close the next episode."""
    agent = await desk.agent()
    customer = await served_customer(desk, agent)
    seen_seq = await last_seq(desk, customer)
    answers_ = await asyncio.gather(*(agent.act(customer, "resolve", {"seen_seq": seen_seq}) for _ in range(2)))
    assert sorted(answer.status_code for answer in answers_) == [200, 409]
    assert len(of_type(await customer.events(), "resolved")) == 1


# --- messages that the agent did not answer -----------------------------------------------------------------------------------


async def test_what_no_agent_answered_is_weighed_when_it_goes_back(desk: Desk, bot: FakeBot) -> None:
    """A theft reported to an agent who then transferred the conversation would wait among the ordinary cases."""
    agent = await desk.agent()
    customer = await served_customer(desk, agent)
    seq = await customer.say(STOLEN)
    bot.will(escalates("security", "urgent", "account_stolen"))
    assert (await agent.act(customer, "transfer", {})).status_code == 200
    await desk.wait_for_turn(customer, seq)
    status = await customer.status()
    assert (status["status"], status["priority"]) == ("queued", "urgent")
    assert texts(await customer.events(), "bot") == []


async def test_what_the_agent_answered_is_not_weighed_again(desk: Desk, bot: FakeBot) -> None:
    """Old messages would raise a case that the agent had already handled."""
    agent = await desk.agent()
    customer = await served_customer(desk, agent)
    await customer.say(STOLEN)
    await agent.write(customer, "已冻结，请放心")
    asked = len(bot.turns)
    await agent.act(customer, "transfer", {})
    await desk.turns_over()
    assert (await desk.conversation(customer)).due_at is None
    assert len(bot.turns) == asked


# --- removed accounts --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "how", ["DELETE FROM agents WHERE login = 'agent'", "UPDATE agents SET role = 'editor' WHERE login = 'agent'"]
)
async def test_an_account_that_cannot_answer_keeps_nobody(desk: Desk, database: Database, how: str) -> None:
    """The customer would belong for ever to an agent who cannot sign in: no button, claim or idle check would help."""
    agent = await desk.agent()
    customer, quiet = await served_customer(desk, agent), await served_customer(desk, agent)
    await customer.say("还在吗")
    queued_at = (await desk.conversation(customer)).case.queued_at
    database.connection.execute(how)
    try:
        await desk.watchdog.look_around()
        for each in (customer, quiet):
            status = await each.status()
            assert (status["status"], status["agent"]) == ("queued", None)
    finally:
        database.connection.execute("DELETE FROM agents WHERE login = 'agent'")
        await desk.services.sign_in.prepare_accounts()
    assert (await desk.conversation(customer)).case.queued_at == queued_at
    other = await desk.agent("agent2")
    await other.claim(customer)


# --- transfer --------------------------------------------------------------------------------------------------------------


async def test_a_transfer_to_somebody_who_is_not_there(desk: Desk) -> None:
    """The customer would read that an agent has joined, and wait for minutes for one who went offline."""
    agent = await desk.agent()
    customer = await served_customer(desk, agent)
    before = await desk.log(customer)
    answer = await agent.act(customer, "transfer", {"to": "agent2"})
    assert (answer.status_code, error_code(answer)) == (409, "agent_absent")
    assert await desk.log(customer) == before
    await desk.agent("agent2")
    assert (await agent.act(customer, "transfer", {"to": "agent2"})).status_code == 200


@pytest.mark.parametrize(("to", "code"), [("editor", "agent_cannot"), ("agent", "same_agent")])
async def test_a_transfer_that_moves_nothing(desk: Desk, to: str, code: str) -> None:
    """A conversation would go to an account that cannot answer, or lose its position by a transfer to its own agent."""
    agent = await desk.agent()
    await desk.agent("editor")
    customer = await served_customer(desk, agent)
    before = await desk.log(customer)
    answer = await agent.act(customer, "transfer", {"to": to})
    assert (answer.status_code, error_code(answer)) == (409, code)
    assert await desk.log(customer) == before


async def test_a_supervisor_takes_over(desk: Desk) -> None:
    """A supervisor could not help a customer whose agent does not answer."""
    customer = await served_customer(desk, await desk.agent())
    supervisor = await desk.agent("supervisor")
    answer = await supervisor.act(customer, "transfer", {"to": "supervisor"})
    assert (answer.status_code, answer.json()["agent"]) == (200, "supervisor")


# --- supervisors close queued conversations ---------------------------------------------------------------------------------


async def test_a_supervisor_closes_what_waits(desk: Desk) -> None:
    """Each fake case of a flood would have to be claimed before it could be closed."""
    supervisor, customers = await desk.agent("supervisor"), [await desk.waiting_customer() for _ in range(3)]
    read = [{"id": customer.id, "seen_seq": await last_seq(desk, customer)} for customer in customers]
    late = await customers[2].say("还有一件事")
    await desk.wait_for_turn(customers[2], late)
    chosen = [*read, {"id": "nobody", "seen_seq": 0}]
    answer = await supervisor.call("POST", "/queue/resolve", json={"conversations": chosen, "note": "恶意刷单"})
    assert answer.status_code == 200
    results = answer.json()["results"]
    assert [(each["ok"], each.get("error", {}).get("code")) for each in results] == [
        (True, None),
        (True, None),
        (False, "unread"),
        (False, "unknown_conversation"),
    ]
    assert [(await customer.status())["status"] for customer in customers] == ["resolved", "resolved", "queued"]


@pytest.mark.parametrize("login", ["agent", "editor"])
async def test_only_supervisors_close_what_waits(desk: Desk, login: str) -> None:
    """Any agent could empty the queue."""
    customer, agent = await desk.waiting_customer(), await desk.agent(login)
    seen = {"id": customer.id, "seen_seq": await last_seq(desk, customer)}
    answer = await agent.call("POST", "/queue/resolve", json={"conversations": [seen]})
    assert (answer.status_code, error_code(answer)) == (403, "not_permitted")
    answer = await agent.act(customer, "resolve", {"seen_seq": seen["seen_seq"]})
    assert answer.status_code in (403, 409)
    assert (await customer.status())["status"] == "queued"


@pytest.mark.parametrize("conversations", [None, [], [{"id": "a"}], [{"id": "a", "seen_seq": 0}] * 101])
async def test_a_list_that_is_refused(desk: Desk, conversations: Any) -> None:
    """A faulty request of the console would close nothing, or a thousand conversations."""
    answer = await (await desk.agent("supervisor")).call("POST", "/queue/resolve", json={"conversations": conversations})
    assert (answer.status_code, error_code(answer)) == (422, "bad_request")


# --- reading a colleague's conversation --------------------------------------------------------------------------------------


async def test_reading_a_colleagues_conversation_leaves_a_trace(desk: Desk) -> None:
    """Any account could read any conversation, without a trace."""
    agent, other = await desk.agent(), await desk.agent("agent2")
    customer = await served_customer(desk, agent)
    for method, path, body in [("GET", "log", None), ("POST", "notes", {"text": "看看"})]:
        answer = await other.call(method, f"/conversations/{customer.id}/{path}", json=body)
        assert (answer.status_code, error_code(answer)) == (403, "reason_needed")
    for _ in range(2):
        assert (await other.act(customer, "access", {"reason": "组长让我复核"})).status_code == 200
    log = await other.log(customer)
    assert [(event["by"]["name"], event["reason"], event["login"]) for event in of_type(log, "accessed")] == [
        (other.name, "组长让我复核", "agent2")
    ]
    assert (await other.act(customer, "notes", {"text": "看过了"})).status_code == 201
    assert of_type(await customer.events(), "accessed") == []


async def test_a_colleagues_card_has_no_last_words(desk: Desk) -> None:
    """The queue would show every customer's messages without a reason and without a trace."""
    agent, other, supervisor = await desk.agent(), await desk.agent("agent2"), await desk.agent("supervisor")
    customer = await served_customer(desk, agent)
    await customer.say("住在朝阳区某路88号")
    assert [card["preview"] for card in (await other.queue())["others"]] == [""]
    assert [card["preview"] for card in (await supervisor.queue())["others"]] == ["住在朝阳区某路88号"]


async def test_the_reason_holds_for_one_episode(desk: Desk) -> None:
    """One reason would open all of a customer's later conversations."""
    agent, other = await desk.agent(), await desk.agent("agent2")
    customer = await served_customer(desk, agent)
    await other.act(customer, "access", {"reason": "复核"})
    await agent.let_go(customer, "resolve")
    await desk.wait_for_turn(customer, await customer.say("手续费多少"))
    answer = await other.call("GET", f"/conversations/{customer.id}/log")
    assert (answer.status_code, error_code(answer)) == (403, "reason_needed")


@pytest.mark.parametrize("reason", ["", " \u200b", "字" * 501, None, 5])
async def test_a_reason_that_is_refused(desk: Desk, reason: Any) -> None:
    """An empty reason would be accepted."""
    customer, agent = await desk.customer(), await desk.agent()
    answer = await agent.act(customer, "access", {"reason": reason})
    assert answer.status_code == 422
    assert await desk.log(customer) == []


async def test_who_needs_no_reason(desk: Desk) -> None:
    """Agents would have to give a reason for their own conversations."""
    agent, other, supervisor = await desk.agent(), await desk.agent("agent2"), await desk.agent("supervisor")
    waiting, served = await desk.waiting_customer(), await served_customer(desk, agent)
    await other.log(waiting)
    await agent.log(served)
    await supervisor.log(served)
    await agent.let_go(served, "resolve")
    await agent.log(served)


# --- messages in pieces -------------------------------------------------------------------------------------------------------


async def test_pieces_of_a_sentence_are_read_together(desk: Desk, bot: FakeBot) -> None:
    """ "Transfer", "to", "my mother 200,000" would be three messages without meaning."""
    customer = await desk.customer()
    bot.will(answers(), FRAGMENT, FRAGMENT, escalates("large_transaction", "high"))
    for text in ("转账", "给", "我妈", "20万"):
        events = await desk.wait_for_turn(customer, await customer.say(text))
    assert [turn["text"] for turn in bot.turns] == ["转账", "给", "给，我妈", "给，我妈，20万"]
    assert bot.turns[-1]["context"]["topic"] == "transfer_delay"
    triage = of_type(events, "triage")[-1]
    assert (triage["first_seq"] < triage["message_seq"], triage["turn_id"]) == (True, f"{customer.id}.{triage['message_seq']}")


async def test_a_piece_of_long_ago_is_another_sentence(desk: Desk, bot: FakeBot) -> None:
    """A message of this morning would change what the customer asks tonight."""
    customer = await desk.customer()
    bot.will(FRAGMENT)
    await desk.wait_for_turn(customer, await customer.say("给"))
    desk.clock.pass_time(seconds=61)
    await desk.wait_for_turn(customer, await customer.say("手续费多少"))
    assert bot.turns[-1]["text"] == "手续费多少"


async def test_a_button_is_no_piece(desk: Desk, bot: FakeBot) -> None:
    """A press while the bot answers would be read as part of the sentence before it."""
    customer = await desk.customer()
    await desk.wait_for_turn(customer, await customer.say("转账没到"))
    held = Held(answers())
    bot.will(held, answers(), answers(), answers())
    await customer.say("一")
    await held.asked()
    await customer.say("二")
    await customer.say("三！")
    await customer.say("四")
    seq = (await customer.press("human")).json()["seq"]
    held.release()
    await desk.wait_for(customer, lambda events: any(event["type"] == "handoff_requested" for event in events))
    await desk.turns_over()
    assert seq
    assert [turn["text"] for turn in bot.turns][:2] == ["转账没到", "一"]
    assert (await customer.status())["status"] == "queued"
