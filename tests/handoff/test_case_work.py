"""What agents do around a case: outcomes, undo, assign, transfer to a queue, notes with mentions, marks, links, lookers."""

from __future__ import annotations

import asyncio

import pytest

from handoff.conversations.state import UNDO_TIME
from tests.handoff.conftest import Database
from tests.handoff.fake_bot import FakeBot, Held, escalates
from tests.handoff.people import Agent, Customer, Json, error_code, of_type, texts
from tests.handoff.running_desk import Desk

#: Each test says itself how much time passes.
pytestmark = pytest.mark.usefixtures("time_stands_still")

URGENT = escalates("security", "urgent", "account_stolen")


async def served(desk: Desk, agent: Agent, *, urgent: bool = False) -> Customer:
    """A customer whom an agent has claimed and answered."""
    customer = await desk.waiting_customer(URGENT if urgent else None)
    await agent.claim(customer)
    assert (await agent.write(customer, "您好，我在看")).status_code == 201
    return customer


async def refused(answer: object) -> tuple[int, str]:
    """Status and code of a refusal."""
    return answer.status_code, error_code(answer)  # type: ignore[attr-defined, arg-type]


async def test_a_decline_shows_no_words_of_a_colleagues_customer(desk: Desk) -> None:
    """Any agent could read any customer's last message without giving a reason."""
    agent, other = await desk.agent(), await desk.agent("agent2")
    customer = await served(desk, agent)
    await customer.say("我的地址是人民路 8 号")
    answer = await other.act(customer, "decline")
    assert (answer.status_code, answer.json()["preview"]) == (200, "")
    assert (await agent.act(customer, "decline")).json()["preview"] == "我的地址是人民路 8 号"


# --- resolve, undo --------------------------------------------------------------------------------------------------------


async def test_an_urgent_case_needs_an_outcome_and_a_note(desk: Desk) -> None:
    """A theft would be closed with two keys, and nobody could say what was done."""
    agent = await desk.agent()
    customer = await served(desk, agent, urgent=True)
    for body, code in (
        ({"outcome": None, "note": "查过了"}, "outcome_needed"),
        ({"outcome": "account_protected", "note": "  "}, "note_needed"),
        ({"outcome": "nonsense", "note": "查过了"}, "unknown_outcome"),
    ):
        answer = await agent.let_go(customer, "resolve", body)
        assert (answer.status_code, error_code(answer)) == (422 if code == "unknown_outcome" else 409, code)
    assert (await customer.status())["status"] == "assigned"
    answer = await agent.let_go(customer, "resolve", {"outcome": "account_protected", "note": "已冻结"})
    assert answer.status_code == 200
    (resolved,) = of_type(await agent.log(customer), "resolved")
    assert (resolved["outcome"], resolved["note"], resolved["login"]) == ("account_protected", "已冻结", "agent")
    assert resolved["seen_seq"] < resolved["seq"]
    (seen_by_customer,) = of_type(await customer.events(), "resolved")
    assert {"outcome", "note", "login", "seen_seq"} & set(seen_by_customer) == set()


async def test_a_supervisor_does_not_close_waiting_urgent_cases_without_a_word(desk: Desk) -> None:
    """A supervisor would empty the urgent queue with one click, without an outcome."""
    supervisor, customer = await desk.agent("supervisor"), await desk.waiting_customer(URGENT)
    seen = (await supervisor.log(customer))[-1]["seq"]
    body = {"conversations": [{"id": customer.id, "seen_seq": seen}]}
    (result,) = (await supervisor.call("POST", "/queue/resolve", json=body)).json()["results"]
    assert (result["ok"], result["error"]["code"]) == (False, "outcome_needed")
    assert (await customer.status())["status"] == "queued"


async def test_a_resolution_is_undone_within_seconds(desk: Desk) -> None:
    """A slip of the hand would end a conversation, and the customer would have to start again."""
    agent = await desk.agent()
    customer = await served(desk, agent)
    before = await desk.conversation(customer)
    assert (await agent.let_go(customer, "resolve")).status_code == 200
    answer = await agent.act(customer, "resolve/undo")
    assert (answer.status_code, answer.json()["status"], answer.json()["agent"]) == (200, "assigned", "agent")
    after = await desk.conversation(customer)
    assert (after.case, after.assignment, after.handling.clock) == (before.case, before.assignment, before.handling.clock)
    assert (await agent.write(customer, "还有一件事")).status_code == 201
    assert of_type(await customer.events(), "resolution_undone") != []
    assert (await refused(await agent.act(customer, "resolve/undo"))) == (409, "undo_expired")  # once


async def test_an_undo_that_comes_too_late_changes_nothing(desk: Desk) -> None:
    """A case would come back to an agent who has long gone on."""
    agent, other = await desk.agent(), await desk.agent("agent2")
    customer = await served(desk, agent)
    await agent.let_go(customer, "resolve")
    assert (await refused(await other.act(customer, "resolve/undo"))) == (409, "undo_expired")  # not the agent who resolved
    desk.clock.pass_time(seconds=UNDO_TIME.total_seconds() + 1)
    assert (await refused(await agent.act(customer, "resolve/undo"))) == (409, "undo_expired")
    assert (await customer.status())["status"] == "resolved"


async def test_what_nobody_has_weighed_is_weighed_after_an_undo(desk: Desk, bot: FakeBot) -> None:
    """A theft that a waiting customer reported would stay a normal case, because its turn ended with a slip of the hand."""
    supervisor, customer = await desk.agent("supervisor"), await desk.waiting_customer()
    held = Held(URGENT)
    bot.will(held)
    await customer.say("我的账号被盗了")
    await held.asked()
    assert (await supervisor.let_go(customer, "resolve")).status_code == 200
    held.release()
    await desk.turns_over()
    bot.will(URGENT)
    assert (await supervisor.act(customer, "resolve/undo")).json()["status"] == "queued"
    await desk.wait_for(customer, lambda events: bool(of_type(events, "priority_raised")))
    assert (await customer.status())["priority"] == "urgent"


async def test_a_customer_who_writes_ends_the_undo(desk: Desk) -> None:
    """The customer's new words would be answered by the bot and by the agent."""
    agent = await desk.agent()
    customer = await served(desk, agent)
    await agent.let_go(customer, "resolve")
    await desk.wait_for_turn(customer, await customer.say("还有个问题，手续费多少"))
    assert (await refused(await agent.act(customer, "resolve/undo"))) == (409, "undo_expired")
    assert (await customer.status())["status"] in ("with_bot", "queued")


async def test_an_agent_who_is_full_again_does_not_get_the_case_back(desk: Desk, database: Database) -> None:
    """An undo would put an agent above the capacity (I7)."""
    agent = await desk.agent()
    customer = await served(desk, agent)
    await agent.let_go(customer, "resolve")
    database.connection.execute("UPDATE agents SET capacity = 1 WHERE login = 'agent'")
    await served(desk, agent)
    assert (await refused(await agent.act(customer, "resolve/undo"))) == (409, "undo_expired")


# --- assign, decline, transfer --------------------------------------------------------------------------------------------


async def test_a_supervisor_gives_takes_over_and_releases(desk: Desk, database: Database) -> None:
    """A supervisor could only watch when an agent is full or gone."""
    supervisor, agent, other = await desk.agent("supervisor"), await desk.agent(), await desk.agent("agent2")
    first, second = await desk.waiting_customer(), await desk.waiting_customer()
    assert (await refused(await agent.act(first, "assign", {"to": "agent2"}))) == (403, "not_permitted")
    database.connection.execute("UPDATE agents SET capacity = 1 WHERE login = 'agent'")
    assert (await supervisor.act(first, "assign", {"to": "agent", "note": "老客户"})).status_code == 200
    assert (await refused(await supervisor.act(second, "assign", {"to": "agent"}))) == (409, "at_capacity")
    released = await supervisor.act(second, "assign", {"to": "agent", "over_capacity": True})
    assert (released.status_code, released.json()["agent"]) == (200, "agent")
    (assigned,) = of_type(await agent.log(second), "assigned")
    assert (assigned["how"], assigned["over_capacity_by"]) == ("given", supervisor.name)
    third = await desk.waiting_customer()  # one above the capacity is the most
    assert (await refused(await supervisor.act(third, "assign", {"to": "agent", "over_capacity": True}))) == (
        409,
        "at_capacity",
    )
    taken = await supervisor.act(first, "assign", {"to": "supervisor", "of": "agent"})
    assert (taken.status_code, taken.json()["agent"]) == (200, "supervisor")
    assert [event["how"] for event in of_type(await supervisor.log(first), "assigned")] == ["given", "taken_over"]
    assert other.login not in {taken.json()["agent"], released.json()["agent"]}


async def test_two_supervisors_who_reassign_at_once(desk: Desk) -> None:
    """The second would undo the first one's decision without having seen it."""
    one, customer = await desk.agent("supervisor"), await desk.waiting_customer()
    await desk.agent()
    await desk.agent("agent2")
    answers = await asyncio.gather(
        one.act(customer, "assign", {"to": "agent", "of": ""}), one.act(customer, "assign", {"to": "agent2", "of": ""})
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    (loser,) = [answer for answer in answers if answer.status_code == 409]
    assert error_code(loser) == "changed_meanwhile"
    assert loser.json()["error"]["agent"] in ("小林", "小周")
    assert len(of_type(await one.log(customer), "assigned")) == 1


async def test_assign_to_somebody_who_cannot(desk: Desk) -> None:
    """A case would be given to an account that nobody uses."""
    supervisor, customer = await desk.agent("supervisor"), await desk.waiting_customer()
    for to, answer in (
        ("nobody", (422, "unknown_agent")),
        ("editor", (409, "agent_cannot")),
        ("agent2", (409, "agent_absent")),
    ):
        assert (await refused(await supervisor.act(customer, "assign", {"to": to}))) == answer
    assert (await customer.status())["status"] == "queued"


async def test_a_transfer_to_a_queue_and_a_skill(desk: Desk) -> None:
    """A case in the wrong queue would go back to the agents who could not handle it."""
    agent = await desk.agent()
    customer = await served(desk, agent)
    assert (await refused(await agent.act(customer, "transfer", {"queue": "nonsense"}))) == (422, "unknown_queue")
    assert (await refused(await agent.act(customer, "transfer", {"skill": "nonsense"}))) == (422, "unknown_skill")
    before = await desk.conversation(customer)
    moved = await agent.act(customer, "transfer", {"queue": "security", "skill": "disputes", "note": "像是盗刷"})
    assert (moved.status_code, moved.json()["queue"], moved.json()["skill"]) == (200, "security", "disputes")
    after = await desk.conversation(customer)
    assert after.handling.clock is not None
    assert after.handling.clock.started_at == (before.handling.clock and before.handling.clock.started_at)  # survives
    claimed = await agent.claim(customer)
    assert claimed["queue"] == "security"


# --- stale views ----------------------------------------------------------------------------------------------------------


async def test_a_reply_on_a_stale_view_is_not_sent(desk: Desk) -> None:
    """The customer would get two answers to one question, because a colleague answered meanwhile."""
    agent, other = await desk.agent(), await desk.agent("agent2")
    customer = await served(desk, agent)
    seen = (await agent.log(customer))[-1]["seq"]
    await agent.act(customer, "transfer", {"to": "agent2"})
    await other.write(customer, "已经为您处理")
    await other.act(customer, "transfer", {"to": "agent"})
    body = {"client_message_id": "late", "text": "我马上处理", "seen_seq": seen}
    answer = await agent.act(customer, "messages", body)
    assert (answer.status_code, error_code(answer)) == (409, "stale")
    assert [event["text"] for event in answer.json()["error"]["unread"]] == ["已经为您处理"]
    fresh = {**body, "seen_seq": answer.json()["error"]["unread"][-1]["seq"]}
    assert (await agent.act(customer, "messages", fresh)).status_code == 201
    assert texts(await customer.events(), "agent") == ["您好，我在看", "已经为您处理", "我马上处理"]


async def test_a_customers_words_do_not_make_a_view_stale(desk: Desk) -> None:
    """An agent could never answer a customer who writes line by line."""
    agent = await desk.agent()
    customer = await served(desk, agent)
    seen = (await agent.log(customer))[-1]["seq"]
    await customer.say("在吗")
    body = {"client_message_id": "b", "text": "在的", "seen_seq": seen}
    assert (await agent.act(customer, "messages", body)).status_code == 201


async def test_a_view_that_is_far_behind_is_stale(desk: Desk) -> None:
    """A colleague's answer behind many lines of the customer would be overlooked, and answered a second time."""
    agent, other = await desk.agent(), await desk.agent("agent2")
    customer = await served(desk, agent)
    seen = (await agent.log(customer))[-1]["seq"]
    await agent.act(customer, "transfer", {"to": "agent2"})
    for number in range(55):
        assert (await other.act(customer, "notes", {"text": f"查到第 {number} 笔"})).status_code == 201
    await other.write(customer, "已经为您处理")
    await other.act(customer, "transfer", {"to": "agent"})
    answer = await agent.act(customer, "messages", {"client_message_id": "late", "text": "我马上处理", "seen_seq": seen})
    assert (await refused(answer)) == (409, "stale")
    assert [event["text"] for event in answer.json()["error"]["unread"]] == ["已经为您处理"]


# --- notes, mentions ------------------------------------------------------------------------------------------------------


async def test_a_note_that_is_sent_twice_is_stored_once(desk: Desk) -> None:
    """A slow network would double a note."""
    agent = await desk.agent()
    customer = await served(desk, agent)
    body = {"text": "注意：同一个号码", "client_note_id": "n1", "mentions": ["agent2"]}
    answers = await asyncio.gather(*(agent.act(customer, "notes", body) for _ in range(3)))
    assert len({answer.json()["seq"] for answer in answers}) == 1
    assert len(of_type(await agent.log(customer), "note")) == 1


async def test_a_mention_reaches_the_colleague_until_opened(desk: Desk) -> None:
    """A colleague would never learn that somebody asked them."""
    agent, other = await desk.agent(), await desk.agent("agent2")
    customer = await served(desk, agent)
    answer = await agent.act(customer, "notes", {"text": "@小周 你认识这位客户吗", "mentions": ["agent2", "agent2"]})
    assert answer.status_code == 201
    (mention,) = (await other.queue())["mentions"]
    assert (mention["conversation_id"], mention["seq"], mention["by"]) == (customer.id, answer.json()["seq"], agent.name)
    assert (await agent.queue())["mentions"] == []
    assert (await other.call("POST", "/mentions/seen", json={"conversation_id": customer.id})).status_code == 204
    assert (await other.queue())["mentions"] == []
    assert (await refused(await agent.act(customer, "notes", {"text": "?", "mentions": ["nobody"]}))) == (422, "unknown_agent")


async def test_only_supervisors_whisper(desk: Desk) -> None:
    """An agent would put hints in a colleague's reply box, or a hint would reach the customer."""
    agent, supervisor = await desk.agent(), await desk.agent("supervisor")
    customer = await served(desk, agent)
    hint = {"text": "先让他停止转账", "whisper": True}
    assert (await refused(await agent.act(customer, "notes", hint))) == (403, "not_permitted")
    assert (await supervisor.act(customer, "notes", hint)).status_code == 201
    (note,) = of_type(await agent.log(customer), "note")
    assert note["whisper_to"] == "agent"
    assert of_type(await customer.events(), "note") == []
    waiting = await desk.waiting_customer()
    assert (await refused(await supervisor.act(waiting, "notes", hint))) == (409, "not_assigned")


# --- marks, links, lookers ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mark", ["late_handoff", "needless_handoff", "wrong_article"])
async def test_marks_are_in_the_log_and_taken_back(desk: Desk, mark: str) -> None:
    """Agents' judgement of the bot would be lost, or shown to the customer."""
    agent = await desk.agent()
    customer = await served(desk, agent)
    for is_set in (True, False):
        assert (await agent.act(customer, "marks", {"mark": mark, "is_set": is_set, "about_seq": 1})).status_code == 201
    marks = of_type(await agent.log(customer), "marked")
    assert [(each["mark"], each["is_set"], each["about_seq"], each["login"]) for each in marks] == [
        (mark, True, 1, "agent"),
        (mark, False, 1, "agent"),
    ]
    assert of_type(await customer.events(), "marked") == []
    for body in ({"mark": "nonsense", "is_set": True}, {"mark": mark, "is_set": True, "about_seq": 9999}, {"mark": mark}):
        assert (await agent.act(customer, "marks", body)).status_code in (400, 422)


async def test_links_stand_in_both_logs_and_are_undone(desk: Desk) -> None:
    """Two conversations of one customer would be handled by two agents who do not know of each other."""
    agent = await desk.agent()
    one, two = await served(desk, agent), await served(desk, agent)
    answers = await asyncio.gather(
        agent.act(one, "links", {"other": two.id}),
        agent.act(two, "links", {"other": one.id}),
        agent.act(one, "links", {"other": two.id}),
    )
    assert [answer.status_code for answer in answers] == [200, 200, 200]

    async def links(customer: Customer) -> tuple[list[str], int]:
        answer = await agent.call("GET", f"/conversations/{customer.id}/log")
        body: Json = answer.json()
        return body["conversation"]["links"], len(of_type(body["events"], "linked"))

    assert (await links(one), await links(two)) == (([two.id], 1), ([one.id], 1))
    assert (await agent.call("DELETE", f"/conversations/{one.id}/links/{two.id}")).status_code == 200
    assert (await links(one), await links(two)) == (([], 1), ([], 1))
    assert (await refused(await agent.act(one, "links", {"other": one.id}))) == (422, "same_conversation")
    assert (await refused(await agent.act(one, "links", {"other": "nonsense"}))) == (404, "unknown_conversation")


async def test_a_link_needs_the_right_to_read_both(desk: Desk) -> None:
    """A link would show an agent a conversation for which they gave no reason."""
    agent, other = await desk.agent(), await desk.agent("agent2")
    mine, theirs = await served(desk, agent), await served(desk, other)
    assert (await refused(await agent.act(mine, "links", {"other": theirs.id}))) == (403, "reason_needed")
    assert (await desk.conversation(mine)).handling.links == ()


async def test_colleagues_see_who_looks_and_types(desk: Desk) -> None:
    """Two agents would write to one customer at the same time."""
    agent, supervisor = await desk.agent(), await desk.agent("supervisor")
    customer = await served(desk, agent)
    async with agent.stream(f"/conversations/{customer.id}/log") as stream:
        for is_typing in (False, True):
            answer = await supervisor.act(customer, "looking", {"is_typing": is_typing})
            assert answer.status_code == 204
            frames = await stream.until(lambda frame: frame.event == "lookers")
            expected = [{"login": "supervisor", "name": supervisor.name, "is_typing": is_typing}]
            assert frames[-1].data == {"lookers": expected}
    desk.clock.pass_time(seconds=21)
    body = (await agent.call("GET", f"/conversations/{customer.id}/log")).json()
    assert body["lookers"] == []
    other = await desk.agent("agent2")
    assert (await refused(await other.act(customer, "looking", {"is_typing": True}))) == (403, "reason_needed")


async def test_additions_are_counted_while_the_customer_waits(desk: Desk) -> None:
    """Agents would not see that a waiting case has news."""
    customer, agent = await desk.waiting_customer(), await desk.agent()
    for text in ("又扣了一次", "金额是三百"):
        await desk.wait_for_turn(customer, await customer.say(text))
    (card,) = (await agent.queue())["waiting"]
    assert card["additions"] == 2
    assert card["due"]["clock"] == "first_response"
    assert (await agent.claim(customer))["additions"] == 0


async def test_an_agent_who_is_full_reads_why_before_the_claim(desk: Desk, database: Database) -> None:
    """The claim button would be there, and refuse only after the press."""
    agent = await desk.agent()
    database.connection.execute("UPDATE agents SET capacity = 1 WHERE login = 'agent'")
    assert (await agent.queue())["claim_refusal"] is None
    async with agent.stream("/queue") as stream:
        await stream.next()
        await served(desk, agent)
        frames = await stream.until(lambda frame: "claim_refusal" in frame.data)
    assert set(frames[-1].data["claim_refusal"]) == {"zh", "en"}
