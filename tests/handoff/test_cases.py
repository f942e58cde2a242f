"""Cases: opened with the customer's first sentence, worked on by agents, shown to both, and made anew from the log."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from handoff.cases.case_files import CaseFiles
from handoff.conversations.rebuild import find_differences
from tests.handoff.fake_bot import Behaviour, answers, decision, escalates, says
from tests.handoff.people import Agent, Customer, Json, error_code
from tests.handoff.running_desk import Desk

STOLEN = "有一笔我没付过的钱"


def security(**more: Any) -> Behaviour:
    """A handoff for security."""
    return escalates(reason="security", priority="urgent", intent="scam_report", **more)


async def new_case(desk: Desk, how: Behaviour | None = None, text: str = STOLEN) -> tuple[Customer, Json]:
    """A customer whose conversation has a case, and the case as the customer sees it."""
    customer = await desk.customer()
    desk.bot.will(how or security())
    await desk.wait_for_turn(customer, await customer.say(text))
    case = (await customer.status())["case"]
    assert case is not None
    return customer, case


async def read(agent: Agent, case_id: str) -> Json:
    """The file."""
    answer = await agent.call("GET", f"/cases/{case_id}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def act(agent: Agent, case_id: str, what: str, body: Json, status: int = 200) -> Json:
    """Something that an agent does with a case."""
    answer = await agent.call("POST", f"/cases/{case_id}/{what}", json=body)
    assert answer.status_code == status, answer.text
    return dict(answer.json())


def due(case: Json, name: str) -> dt.datetime:
    """The due time of a clock."""
    return dt.datetime.fromisoformat(next(clock["due_at"] for clock in case["clocks"] if clock["name"] == name))


def state(case: Json, name: str) -> str:
    """The state of a clock."""
    return str(next(clock["state"] for clock in case["clocks"] if clock["name"] == name))


async def differences(desk: Desk) -> list[Any]:
    """Rows that are not the fold of their logs."""
    return [each async for each in find_differences(desk.services.store)]


async def test_a_case_is_opened_for_the_first_sentence(desk: Desk) -> None:
    """The customer's rights would count from the handoff and not from their own words."""
    customer, case = await new_case(desk)
    said = (await desk.log(customer))[0]
    assert len(case["id"]) == 8
    said_at = dt.datetime.fromisoformat(said["at"])
    assert due(case, "first_word") == said_at + dt.timedelta(minutes=5)
    assert due(case, "first_result") == said_at + dt.timedelta(hours=24)
    assert {clock["name"]: clock["shown"] for clock in case["clocks"]} == {
        "decision": True,
        "first_word": False,
        "first_result": True,
    }
    assert all(clock["why"] for clock in case["clocks"])
    agent = await desk.agent()
    file = await read(agent, case["id"])
    assert file["t0"] == {"seq": said["seq"], "at": said["at"], "words": STOLEN}
    assert all(set(clock["why"]) == {"zh", "en"} and not clock["is_confirmed"] for clock in file["clocks"])
    listed = (await agent.call("GET", "/cases")).json()
    assert [each["id"] for each in listed["cases"]] == [case["id"]]


async def test_the_first_sentence_stands_before_a_question_of_the_bot(desk: Desk) -> None:
    """A customer whom the bot asked back, or who pressed a button, would lose the time until then."""
    customer = await desk.customer()
    desk.bot.will(answers())
    await desk.wait_for_turn(customer, await customer.say("怎么注册"))
    desk.bot.will(
        says({"messages": [{"text": "您是说哪一种？"}], "decision": decision("clarify", "merchant_dispute", asks="intent")})
    )
    first = await customer.say("商家不退我钱")
    await desk.wait_for_turn(customer, first)
    desk.bot.will(escalates())
    await desk.wait_for_turn(customer, await customer.say("是的"))
    case = (await customer.status())["case"]
    file = await read(await desk.agent(), case["id"])
    assert (file["t0"]["seq"], file["t0"]["words"]) == (first, "商家不退我钱")


async def test_no_case_for_other_reasons(desk: Desk) -> None:
    """Every chat with an agent would be a case with deadlines."""
    customer = await desk.customer()
    await customer.ask_for_person()
    assert (await customer.status())["case"] is None
    agent = await desk.agent()
    refused = await agent.call("POST", "/cases", json={"conversation_id": customer.id, "reason": "user_request"})
    assert (refused.status_code, error_code(refused)) == (422, "bad_reason_for_case")


async def test_nothing_resets_a_clock(desk: Desk) -> None:
    """Cancelling, transferring, closing or coming back would give the desk more time."""
    customer, before = await new_case(desk)
    await customer.cancel(confirm=True)
    assert (await customer.status())["case"] == before
    await customer.undo_cancel()
    agent = await desk.agent()
    await agent.claim(customer)
    await agent.write(customer, "您好，我来处理。")
    boss = await desk.agent("supervisor")
    await act(boss, before["id"], "decide", {"decision": "upheld", "reasons": "核实为盗刷"})
    await act(boss, before["id"], "close", {"why": "已退款"})
    assert (await customer.status())["case"]["state"] == "closed"
    assert (await agent.let_go(customer, "resolve")).status_code == 200
    desk.clock.pass_time(days=2)
    desk.bot.will(security())
    await desk.wait_for_turn(customer, await customer.say("那笔钱还是没有回来"))
    after = (await customer.status())["case"]
    assert (after["id"], after["state"]) == (before["id"], "open")
    assert [clock["due_at"] for clock in after["clocks"]] == [clock["due_at"] for clock in before["clocks"]]
    assert state(after, "first_word") == "met"
    assert state(after, "decision") == "running"  # the old decision no longer counts
    desk.clock.pass_time(days=40)
    assert await differences(desk) == []


async def test_a_graver_matter_adds_its_clocks(desk: Desk) -> None:
    """The security clocks would not run for a dispute that turns out to be a theft."""
    customer, dispute = await new_case(desk, escalates(), "扣了我两次钱")
    assert [clock["name"] for clock in dispute["clocks"]] == ["decision"]
    desk.bot.will(security())
    seq = await customer.say("不对，是有人盗用我的账户")
    await desk.wait_for_turn(customer, seq)
    both = (await customer.status())["case"]
    assert both["id"] == dispute["id"]
    assert due(both, "decision") == due(dispute, "decision")
    said = next(event for event in await desk.log(customer) if event["seq"] == seq)
    assert due(both, "first_word") == dt.datetime.fromisoformat(said["at"]) + dt.timedelta(minutes=5)


async def test_extensions_need_their_approver(desk: Desk) -> None:
    """An agent would give the desk twice the time alone, or a supervisor without a second person."""
    _, case = await new_case(desk)
    agent, boss = await desk.agent(), await desk.agent("supervisor")
    clock = {"duty": "cn_complaint", "clock": "decision", "why": "需要银行回函"}
    opened = due(case, "decision")
    refused = await agent.call("POST", f"/cases/{case['id']}/extend", json={**clock, "extension": "special"})
    assert error_code(refused) == "extension_not_possible"
    asked = await act(agent, case["id"], "extend", {**clock, "extension": "complex"}, 202)
    assert due(asked, "decision") == opened
    longer = await act(boss, case["id"], "extend", {**clock, "extension": "complex"})
    assert due(longer, "decision") == opened + dt.timedelta(days=15)
    again = await act(boss, case["id"], "extend", {**clock, "extension": "complex"})
    assert due(again, "decision") == due(longer, "decision")
    await act(boss, case["id"], "extend", {**clock, "extension": "special"}, 202)
    await act(boss, case["id"], "extend", {**clock, "extension": "special"}, 202)  # the same person is no second one
    await act(agent, case["id"], "extend", {**clock, "extension": "special"}, 202)
    longest = await act(boss, case["id"], "extend", {**clock, "extension": "special"})
    assert due(longest, "decision") == opened + dt.timedelta(days=45)
    assert "agent" in next(each["why"]["zh"] for each in longest["clocks"] if each["name"] == "decision")
    assert await differences(desk) == []


async def test_a_deadline_that_is_over_cannot_be_extended(desk: Desk) -> None:
    """A breach would disappear by an extension afterwards."""
    _, case = await new_case(desk)
    desk.clock.pass_time(days=17)
    boss = await desk.agent("supervisor")
    body = {"duty": "cn_complaint", "clock": "decision", "extension": "complex", "why": "晚了"}
    late = await boss.call("POST", f"/cases/{case['id']}/extend", json=body)
    assert (late.status_code, error_code(late)) == (409, "clock_over")
    listed = (await boss.call("GET", "/cases?due=breached")).json()["cases"]
    assert [each["id"] for each in listed] == [case["id"]]


async def test_cases_of_one_matter_count_from_the_first_message(desk: Desk) -> None:
    """A customer who writes twice would get the later date."""
    _, first = await new_case(desk)
    desk.clock.pass_time(days=1)
    _, second = await new_case(desk)
    desk.clock.pass_time(days=1)
    _, third = await new_case(desk)
    agent = await desk.agent()
    await act(agent, third["id"], "link", {"case": second["id"], "same": True})
    assert due(await read(agent, third["id"]), "decision") == due(second, "decision")
    linked = await act(agent, second["id"], "link", {"case": first["id"], "same": True})
    assert due(linked, "decision") == due(first, "decision")
    for each in (first, second, third):
        file = await read(agent, each["id"])
        assert due(file, "decision") == due(first, "decision")
    assert first["id"] in next(c["why"]["en"] for c in (await read(agent, third["id"]))["clocks"] if c["name"] == "decision")
    before = len((await read(agent, first["id"]))["history"])
    await act(agent, first["id"], "link", {"case": second["id"], "same": True})
    assert len((await read(agent, first["id"]))["history"]) == before
    assert await differences(desk) == []


async def test_the_person_complained_of_does_not_decide(desk: Desk) -> None:
    """An agent would judge the complaint about themselves."""
    agent, boss = await desk.agent(), await desk.agent("supervisor")
    _, case = await new_case(desk, escalates(), f"我要投诉客服{agent.name}，态度很差")
    refused = await agent.call("POST", f"/cases/{case['id']}/decide", json={"decision": "rejected", "reasons": "没有问题"})
    assert (refused.status_code, error_code(refused)) == (409, "complained_of")
    await act(boss, case["id"], "facts", {"name": "complained_of", "value": "supervisor"}, 201)
    entered = await boss.call("POST", f"/cases/{case['id']}/decide", json={"decision": "rejected", "reasons": "没有问题"})
    assert error_code(entered) == "complained_of"
    _, other = await new_case(desk, escalates(), f"谢谢{agent.name}，扣了我两次钱")
    decided = await act(
        agent, other["id"], "decide", {"decision": "upheld", "reasons": "确认重复扣款，卡号 6222021234567890123"}
    )
    assert decided["decision"]["decision"] == "upheld"
    assert "6222021234567890123" not in decided["decision"]["reasons"]
    assert state(decided, "decision") == "met"


@pytest.mark.parametrize(
    ("what", "body", "code"),
    [
        ("decide", {"decision": "none", "reasons": "x"}, "unknown_decision"),
        ("decide", {"decision": "upheld", "reasons": " "}, "words_needed"),
        ("facts", {"name": "colour", "value": "red"}, "unknown_fact"),
        ("steps", {"step": "dance"}, "unknown_step"),
        ("steps", {"step": "decision"}, "unknown_step"),
        ("pause", {"duty": "cn_complaint", "clock": "decision", "why": "等材料"}, "clock_cannot_pause"),
        ("pause", {"duty": "cn_complaint", "clock": "nothing", "why": "等材料"}, "unknown_clock"),
        ("extend", {"duty": "cn_complaint", "clock": "decision", "extension": "x", "why": "y"}, "unknown_extension"),
        ("close", {"why": "完成"}, "case_undecided"),
        ("link", {"case": "C2222222"}, "unknown_case"),
    ],
)
async def test_wrong_requests_change_nothing(desk: Desk, what: str, body: Json, code: str) -> None:
    """A slip would stand in a file that a court may read."""
    _, case = await new_case(desk)
    agent = await desk.agent()
    before = await read(agent, case["id"])
    answer = await agent.call("POST", f"/cases/{case['id']}/{what}", json=body)
    assert error_code(answer) == code
    assert (await read(agent, case["id"]))["history"] == before["history"]


async def test_the_list_shows_no_words_of_others_customers(desk: Desk) -> None:
    """An agent would read a colleague's customers in the list without giving a reason."""
    customer, case = await new_case(desk)
    boss, agent = await desk.agent("supervisor"), await desk.agent()
    await boss.claim(customer)
    listed = (await agent.call("GET", "/cases")).json()["cases"]
    assert [(each["id"], each["t0"]["words"]) for each in listed] == [(case["id"], "")]
    assert (await agent.call("GET", f"/cases/{case['id']}")).status_code == 403
    assert (await agent.call("GET", "/cases?mine=true")).json()["cases"] == []
    assert (await agent.call("GET", "/cases?after=nonsense")).status_code == 422
    assert (await desk.http.get("/api/cases")).status_code == 401


async def test_an_agent_opens_a_case_by_hand(desk: Desk) -> None:
    """A matter that the bot did not see would have no file, or its first word would look late."""
    customer = await desk.customer()
    seq = await customer.say(STOLEN)
    await desk.wait_for_turn(customer, seq)
    await customer.ask_for_person()
    agent = await desk.agent()
    await agent.claim(customer)
    await agent.write(customer, "我看一下。")
    body = {"conversation_id": customer.id, "reason": "security", "message_seq": seq}
    opened = await agent.call("POST", "/cases", json=body)
    assert opened.status_code == 201, opened.text
    assert (opened.json()["t0"]["seq"], state(opened.json(), "first_word")) == (seq, "met")
    again = await agent.call("POST", "/cases", json=body)
    assert error_code(again) == "case_open"
    assert await differences(desk) == []


async def test_late_duties_are_on_the_board(desk: Desk) -> None:
    """Supervisors would hear of a broken duty from the customer."""
    _, case = await new_case(desk)
    desk.services.live_board.forget()
    desk.clock.pass_time(hours=20)
    near = [each for each in (await desk.services.live_board.read())["attention"] if each["kind"] == "duty_near"]
    assert [each["case"] for each in near] == [case["id"]]
    desk.clock.pass_time(hours=5)
    kinds = [each["kind"] for each in (await desk.services.live_board.read())["attention"]]
    assert "duty_breached" in kinds
    queue = await (await desk.agent("supervisor")).queue()
    assert queue["waiting"][0]["owed"]["state"] == "breached"


async def test_the_customers_history_names_the_case(desk: Desk) -> None:
    """A customer would not find the case among their conversations."""
    customer, case = await new_case(desk)
    conversation = await desk.conversation(customer)
    shown = CaseFiles(desk.services.policy).history(conversation, desk.clock())
    assert shown == {"case": {"id": case["id"], "state": "open"}, "promise_due_at": None}


async def test_the_case_knows_its_transactions(desk: Desk) -> None:
    """An agent would look up again what the customer has pointed at, or read of a payment that was only offered as a button."""
    own = {"id": "t1", "amount": "888.00", "currency": "CNY", "counterparty": "某*", "status": "succeeded"}
    other = {**own, "id": "t2", "amount": "5.00"}
    lookup = {"name": "transaction_status", "subject": "u-1002", "assurance": 2, "needs": 1, "at": "2026-11-30T10:00:00+00:00"}
    customer = await desk.customer()
    several = {**lookup, "state": "several", "facts": {"transactions": [own, other], "is_exact": False}}
    words = [{"text": "您是说哪一笔？"}]
    desk.bot.will(
        says({"messages": words, "decision": decision("clarify", "transfer_delay", asks="transaction", lookup=several)})
    )
    await desk.wait_for_turn(customer, await customer.say(STOLEN))
    found = {**lookup, "state": "found", "facts": {"transaction": own}}
    desk.bot.will(security(lookup=found))
    await desk.wait_for_turn(customer, await customer.say("第一笔"))
    agent = await desk.agent()
    case = (await customer.status())["case"]
    await act(agent, case["id"], "facts", {"name": "authorised:t1", "value": "no"}, 201)
    await act(agent, case["id"], "facts", {"name": "transaction", "value": "t9"}, 201)
    known = (await read(agent, case["id"]))["transactions"]
    assert [(each["id"], each.get("amount"), each["authorised"]) for each in known] == [
        ("t1", "888.00", "no"),
        ("t9", None, "unknown"),
    ]
    assert [(each["how"], each["assurance"]) for each in known[0]["known_from"]] == [("lookup", 2)]
