"""The agents' API: operations, permissions, and internal data that customers must not see."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Any

import pytest

from tests.handoff.conftest import Database
from tests.handoff.fake_bot import FakeBot, escalates
from tests.handoff.people import Agent, Customer, error_code, of_type, texts, types
from tests.handoff.running_desk import Desk

CARD = set(
    "id status reason priority lane queued_at waiting_seconds assigned_at agent agent_name preview locale channel episode "
    "intent amount_cny last_seq unanswered unanswered_since created_at first_response_at rating topic earlier "
    "queue skill due offer additions known_by links owed customer".split()
)


async def served_customer(desk: Desk, agent: Agent) -> Customer:
    """A customer assigned to an agent."""
    customer = await desk.customer()
    await customer.ask_for_person()
    await agent.claim(customer)
    return customer


# --- permissions ---------------------------------------------------------------------------------------------------------

CALLS: list[tuple[str, str, Any]] = [
    ("GET", "/queue", None),
    ("GET", "/conversations/{id}/log", None),
    ("GET", "/canned-replies", None),
    ("POST", "/conversations/{id}/claim", None),
    ("POST", "/conversations/{id}/messages", {"client_message_id": "a", "text": "您好"}),
    ("POST", "/conversations/{id}/notes", {"text": "注意"}),
    ("POST", "/conversations/{id}/transfer", None),
    ("POST", "/conversations/{id}/return", {"seen_seq": 0}),
    ("POST", "/conversations/{id}/resolve", {"seen_seq": 0}),
    ("POST", "/conversations/{id}/access", {"reason": "复核"}),
    ("POST", "/conversations/{id}/decline", None),
    ("POST", "/conversations/{id}/assign", {"to": "agent"}),
    ("POST", "/conversations/{id}/resolve/undo", None),
    ("POST", "/conversations/{id}/marks", {"mark": "late_handoff", "is_set": True}),
    ("POST", "/conversations/{id}/links", {"other": "x"}),
    ("DELETE", "/conversations/{id}/links/x", None),
    ("POST", "/conversations/{id}/looking", {"is_typing": False}),
    ("POST", "/mentions/seen", {"conversation_id": "x"}),
]


@pytest.mark.parametrize(("method", "path", "body"), CALLS)
async def test_only_who_is_signed_in(desk: Desk, method: str, path: str, body: Any) -> None:
    """Anybody on the network could read conversations or answer customers."""
    customer = await desk.waiting_customer()
    url, origin = "/api" + path.format(id=customer.id), str(desk.http.base_url).rstrip("/")
    before = await desk.log(customer)
    for cookie in ("desk_session=invented", "desk_session=", "other=1"):
        answer = await desk.http.request(method, url, json=body, headers={"Cookie": cookie, "Origin": origin})
        assert (answer.status_code, error_code(answer)) == (401, "not_signed_in")
    answer = await desk.http.request(method, url, json=body)
    assert answer.status_code in (401, 403)
    error_code(answer)
    assert await desk.log(customer) == before


@pytest.mark.parametrize(("method", "path", "body"), CALLS)
async def test_editors_do_not_handle_conversations(desk: Desk, method: str, path: str, body: Any) -> None:
    """An editor, who only maintains articles, could read customers' messages."""
    customer, editor = await desk.waiting_customer(), await desk.agent("editor")
    answer = await editor.call(method, path.format(id=customer.id), json=body)
    assert (answer.status_code, error_code(answer)) == (403, "not_permitted")


@pytest.mark.parametrize(("method", "path", "body"), [call for call in CALLS if call[0] == "POST"])
async def test_other_sites_cannot_act_with_the_agents_cookie(desk: Desk, method: str, path: str, body: Any) -> None:
    """A malicious page that an agent visits could close or answer conversations in the agent's name."""
    customer, agent = await desk.customer(), await desk.agent()
    for origin in (None, "null", "https://evil.example", "http://127.0.0.1", "http://127.0.0.1:1"):
        headers = {"Cookie": agent.headers["Cookie"]} | ({"Origin": origin} if origin else {})
        answer = await desk.http.request(method, "/api" + path.format(id=customer.id), json=body, headers=headers)
        assert (answer.status_code, error_code(answer)) == (403, "wrong_origin")
    assert await desk.log(customer) == []


@pytest.mark.parametrize(("method", "path", "body"), [call for call in CALLS if "{id}" in call[1]])
async def test_an_unknown_conversation(desk: Desk, method: str, path: str, body: Any) -> None:
    """A stale link in the console would be a server error."""
    agent = await desk.agent("supervisor" if path.endswith("/assign") else "agent")
    for conversation_id in ("nobody", "%00", "%F0%9F%98%80"):
        answer = await agent.call(method, path.format(id=conversation_id), json=body)
        assert (answer.status_code, error_code(answer)) == (404, "unknown_conversation")


async def test_a_customers_token_opens_nothing_of_the_agents(desk: Desk) -> None:
    """A customer could read the bot's decision and agents' notes about them."""
    customer = await desk.customer()
    for method, path, body in CALLS:
        if not path.endswith("/messages"):
            answer = await desk.http.request(method, "/api" + path.format(id=customer.id), json=body, headers=customer.headers)
            assert answer.status_code in (401, 403)
            error_code(answer)


# --- the queue -----------------------------------------------------------------------------------------------------------


async def test_the_queue_is_ordered_by_priority_then_time(desk: Desk, bot: FakeBot) -> None:
    """An emergency would wait behind a coupon, or a later customer would be served first."""
    agent = await desk.agent()
    names = {}
    for name, priority in [("a", "normal"), ("b", "high"), ("c", "urgent"), ("d", "normal"), ("e", "high"), ("f", "urgent")]:
        customer = await desk.waiting_customer(escalates("dispute", priority))
        names[customer.id] = name
    assert [names[card["id"]] for card in (await agent.queue())["waiting"]] == list("cfbead")


async def test_a_customers_place_is_that_of_the_queue(desk: Desk) -> None:
    """A customer would read another position than the one in which they are served."""
    agent = await desk.agent()
    customers = [await desk.waiting_customer(escalates("dispute", priority)) for priority in ("normal", "high", "urgent")]
    order = [card["id"] for card in (await agent.queue())["waiting"]]
    for customer in customers:
        assert (await customer.status())["queue_position"] == order.index(customer.id) + 1


async def test_what_the_queue_shows(desk: Desk, bot: FakeBot) -> None:
    """Agents would open conversations without knowing their subject or their owner."""
    agent, other = await desk.agent(), await desk.agent("agent2")
    decided = escalates("large_transaction", "high", "transfer_howto", amount_cny=80000.0)
    waiting = await desk.waiting_customer(decided, "转八万给房东")
    mine, others = await served_customer(desk, agent), await served_customer(desk, other)
    desk.clock.pass_time(seconds=20)
    queue = await agent.queue()
    assert set(queue) == {"waiting", "waiting_total", "next", "mine", "others", "mentions", "claim_refusal", "agents"}
    assert [[card["id"] for card in queue[name]] for name in ("waiting", "mine", "others")] == [
        [waiting.id],
        [mine.id],
        [others.id],
    ]
    card = queue["waiting"][0]
    assert set(card) == CARD
    assert (card["preview"], card["intent"], card["amount_cny"]) == ("转八万给房东", "transfer_howto", 80000.0)
    assert (card["reason"], card["priority"], card["agent"], card["unanswered"]) == ("large_transaction", "high", None, True)
    assert 20 <= card["waiting_seconds"] < 40
    assert (queue["others"][0]["agent"], queue["others"][0]["agent_name"]) == ("agent2", other.name)
    agents = {entry["login"]: entry for entry in queue["agents"]}
    assert set(agents) == {"agent", "agent2", "supervisor"}
    assert agents["agent"] == {
        "login": "agent",
        "name": "小林",
        "role": "agent",
        "online": True,
        "presence": "available",
        "since": None,  # a session of the tests: nobody signed in
        "load": 1,
        "weight": 1.0,
        "capacity": 5,
        "skills": ["security", "disputes"],
        "languages": ["zh", "en"],
    }
    assert agents["supervisor"]["online"] is False


async def test_the_queue_stream_shows_each_change(desk: Desk) -> None:
    """An urgent conversation would appear only after the agent reloads the console."""
    agent = await desk.agent()
    async with agent.stream("/queue") as stream:
        first = await stream.next()
        assert (first.event, first.data["waiting"]) == ("queue", [])
        customer = await desk.customer()
        await customer.ask_for_person()
        frames = await stream.until(lambda frame: frame.event == "queue_changed" and frame.data["changed"] != [])
        assert [(card["id"], card["status"]) for card in frames[-1].data["changed"]] == [(customer.id, "queued")]
        assert frames[-1].data["waiting_total"] == 1
        await agent.claim(customer)
        frames = await stream.until(lambda frame: frame.event == "queue_changed" and frame.data["changed"] != [])
        assert [(card["id"], card["agent"]) for card in frames[-1].data["changed"]] == [(customer.id, "agent")]
        assert frames[-1].data["waiting_total"] == 0
        await agent.let_go(customer, "resolve")
        frames = await stream.until(lambda frame: frame.event == "queue_changed" and frame.data["gone"] != [])
        assert frames[-1].data["gone"] == [customer.id]


async def test_the_queue_stream_ends_with_the_session(desk: Desk) -> None:
    """A signed-out agent could keep watching customers."""
    agent = await desk.agent()
    async with agent.stream("/queue") as stream:
        await stream.next()
        assert (await agent.call("DELETE", "/session")).status_code == 204
        await (await desk.customer()).ask_for_person()
        with pytest.raises(AssertionError, match="the stream ended"):
            await stream.until(lambda frame: False)


# --- claiming -------------------------------------------------------------------------------------------------------------


async def test_claiming_tells_the_customer_who_has_come(desk: Desk) -> None:
    """The customer would not know who answers."""
    customer, agent = await desk.waiting_customer(), await desk.agent()
    card = await agent.claim(customer)
    assert set(card) == CARD
    assert (card["status"], card["agent"], card["agent_name"]) == ("assigned", "agent", "小林")
    events = await customer.events()
    assert of_type(events, "assigned")[0]["agent"] == "小林"
    assert texts(events, "system")[-1] == desk.services.policy.text("assigned", "zh", agent_name="小林")
    status = await customer.status()
    assert (status["status"], status["agent"], status["queue_position"]) == ("assigned", "小林", None)


async def test_two_agents_at_once(desk: Desk) -> None:
    """Two agents would answer the same customer (I1), or the slower agent would not learn who has the conversation."""
    agents = [await desk.agent(), await desk.agent("agent2"), await desk.agent("supervisor")]
    for _ in range(5):
        customer = await desk.customer()
        await customer.ask_for_person()
        answers = await asyncio.gather(*(agent.act(customer, "claim") for agent in agents))
        assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
        winner = next(agent for agent, answer in zip(agents, answers, strict=True) if answer.status_code == 200)
        for answer in answers:
            if answer.status_code == 409:
                assert error_code(answer) == "already_assigned"
                assert answer.json()["error"]["agent"] == winner.name
        events = await customer.events()
        assert len(of_type(events, "assigned")) == 1
        assert (await customer.status())["agent"] == winner.name
        await winner.let_go(customer, "resolve")


async def test_claiming_again_changes_nothing(desk: Desk) -> None:
    """A double click would greet the customer twice."""
    agent = await desk.agent()
    customer = await served_customer(desk, agent)
    before = await desk.log(customer)
    await agent.claim(customer)
    assert await desk.log(customer) == before


async def test_claiming_what_does_not_wait_is_refused(desk: Desk) -> None:
    """An agent could take a conversation from the bot while it answers."""
    customer, agent = await desk.customer(), await desk.agent()
    answer = await agent.act(customer, "claim")
    assert (answer.status_code, error_code(answer)) == (409, "not_queued")


async def test_nobody_holds_more_than_their_capacity(desk: Desk, database: Database) -> None:
    """An agent who clicks fast would hold more customers than they can serve (I7)."""
    database.connection.execute("UPDATE agents SET capacity = 2")
    agent = await desk.agent()
    customers = [await desk.customer() for _ in range(6)]
    for customer in customers:
        await customer.ask_for_person()
    answers = await asyncio.gather(*(agent.act(customer, "claim") for customer in customers))
    assert sorted(answer.status_code for answer in answers) == [200] * 2 + [409] * 4
    assert {error_code(answer) for answer in answers if answer.status_code == 409} == {"at_capacity"}
    assert len((await agent.queue())["mine"]) == 2
    held = [customer for customer, answer in zip(customers, answers, strict=True) if answer.status_code == 200]
    free = [customer for customer in customers if customer not in held]
    await agent.let_go(held[0], "resolve")
    await agent.claim(free[0])


async def test_nobody_is_pushed_beyond_their_capacity(desk: Desk, database: Database) -> None:
    """A transfer would overload a colleague, or a refused transfer would lose the conversation (I7)."""
    database.connection.execute("UPDATE agents SET capacity = 1 WHERE login = 'agent2'")
    agent, colleague = await desk.agent(), await desk.agent("agent2")
    await served_customer(desk, colleague)
    customer = await served_customer(desk, agent)
    before = await desk.log(customer)
    answer = await agent.act(customer, "transfer", {"to": "agent2"})
    assert (answer.status_code, error_code(answer)) == (409, "at_capacity")
    assert await desk.log(customer) == before
    assert (await customer.status())["agent"] == agent.name


# --- writing ------------------------------------------------------------------------------------------------------------


async def test_an_agents_message_reaches_the_customer_once(desk: Desk) -> None:
    """A retry would send the message twice, or the customer would not see who wrote it (I5)."""
    agent = await desk.agent()
    customer = await served_customer(desk, agent)
    first, again = [await agent.write(customer, "您好", "a1") for _ in range(2)]
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    events = await customer.events()
    assert texts(events, "agent") == ["您好"]
    assert events[-1]["by"] == {"kind": "agent", "name": "小林"}
    assert (await desk.conversation(customer)).case.first_response_at is not None


@pytest.mark.parametrize("who", ["agent2", "supervisor"])
async def test_only_the_assigned_agent_writes(desk: Desk, who: str) -> None:
    """Two agents would write to the customer at once (I4)."""
    agent, other = await desk.agent(), await desk.agent(who)
    customer = await served_customer(desk, agent)
    answer = await other.write(customer, "我也来")
    assert (answer.status_code, error_code(answer)) == (409, "not_yours")
    assert answer.json()["error"]["agent"] == agent.name
    assert texts(await customer.events(), "agent") == []
    assert (await agent.write(customer, "您好")).status_code == 201


@pytest.mark.parametrize("state", ["with_bot", "queued", "resolved"])
async def test_nobody_writes_into_a_conversation_that_they_do_not_have(desk: Desk, state: str) -> None:
    """An agent could write into a conversation of the bot or a closed one (I4)."""
    agent, customer = await desk.agent(), await desk.customer()
    if state != "with_bot":
        await customer.ask_for_person()
    if state == "resolved":
        await agent.claim(customer)
        await agent.let_go(customer, "resolve")
    answer = await agent.write(customer, "您好")
    assert (answer.status_code, error_code(answer)) == (409, "not_yours")
    assert texts(await customer.events(), "agent") == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"client_message_id": "a", "text": ""}, "empty_text"),
        ({"client_message_id": "a", "text": " \u200b"}, "empty_text"),
        ({"client_message_id": "a", "text": "字" * 4001}, "text_too_long"),
        ({"client_message_id": "a", "choice": "human"}, "empty_text"),
        ({"client_message_id": "a"}, "bad_request"),
        ({"text": "您好"}, "bad_request"),
    ],
)
async def test_an_agents_message_that_is_refused(desk: Desk, body: Any, code: str) -> None:
    """A faulty request of the console would reach the customer."""
    agent = await desk.agent()
    customer = await served_customer(desk, agent)
    answer = await agent.act(customer, "messages", body)
    assert (answer.status_code, error_code(answer)) == (422, code)
    assert texts(await customer.events(), "agent") == []


async def test_an_agents_message_is_masked_too(desk: Desk) -> None:
    """A card number that an agent repeats would stay in the log."""
    agent = await desk.agent()
    customer = await served_customer(desk, agent)
    await agent.write(customer, "您的卡号6222021234567894对吗")
    assert texts(await customer.events(), "agent") == ["您的卡号[卡号 ****7894]对吗"]


async def test_an_agent_who_chats_as_a_customer_in_the_same_browser(desk: Desk) -> None:
    """The widget on the desk's own site would post a customer's message as the signed-in agent."""
    customer, agent = await desk.customer(), await desk.agent()
    headers = {**customer.headers, "Cookie": agent.headers["Cookie"]}
    body = {"client_message_id": "m", "text": "你好"}
    answer = await desk.http.post(f"/api/conversations/{customer.id}/messages", json=body, headers=headers)
    assert answer.status_code == 201
    assert texts(await customer.events(), "customer") == ["你好"]


# --- notes --------------------------------------------------------------------------------------------------------------


async def test_customers_never_see_notes(desk: Desk) -> None:
    """A customer would read agents' notes about them (I4)."""
    secret = "这位客户已核实"
    agent, other = await desk.agent(), await desk.agent("agent2")
    customer = await served_customer(desk, agent)
    async with customer.stream() as stream:
        assert (await other.act(customer, "access", {"reason": secret})).status_code == 200
        assert (await other.act(customer, "notes", {"text": secret})).status_code == 201
        await agent.act(customer, "transfer", {"to": "agent2", "note": secret})
        await other.act(customer, "transfer", {"note": secret})
        await agent.claim(customer)
        await agent.let_go(customer, "return", {"note": secret})
        await customer.ask_for_person()
        await agent.claim(customer)
        await agent.let_go(customer, "resolve", {"note": secret})
        frames = await stream.until(lambda frame: frame.event == "event" and frame.data["type"] == "resolved")
    assert secret not in str(await customer.events()) + str([frame.data for frame in frames])
    log = await agent.log(customer)
    assert str(log).count(secret) == 6
    assert of_type(log, "note")[0]["by"]["name"] == other.name
    shown = {name for event in await customer.events() for name in event}
    assert not shown & {"note", "to", "why", "key", "decision"}


@pytest.mark.parametrize("text", ["", "  ", "字" * 4001, None, 5])
async def test_a_note_that_is_refused(desk: Desk, text: Any) -> None:
    """Empty notes would fill the log."""
    agent, customer = await desk.agent(), await desk.customer()
    answer = await agent.act(customer, "notes", {"text": text})
    assert answer.status_code == 422
    error_code(answer)
    assert await desk.log(customer) == []


# --- transfer, return, resolve ----------------------------------------------------------------------------------------------


async def test_back_into_the_queue_at_the_old_place(desk: Desk) -> None:
    """A transferred customer would wait again at the end of the queue, without being told why."""
    agent = await desk.agent()
    customer = await served_customer(desk, agent)
    later = await desk.customer()
    await later.ask_for_person()
    answer = await agent.act(customer, "transfer", {"note": "需要会粤语的同事"})
    assert (answer.status_code, answer.json()["status"], answer.json()["agent"]) == (200, "queued", None)
    status = await customer.status()
    assert (status["status"], status["queue_position"], status["agent"]) == ("queued", 1, None)
    assert texts(await customer.events(), "system")[-1] == desk.services.policy.text("requeued", "zh")
    assert of_type(await agent.log(customer), "transferred")[0]["note"] == "需要会粤语的同事"
    assert error_code(await agent.write(customer, "还有")) == "not_yours"


async def test_to_a_colleague_at_once(desk: Desk) -> None:
    """A colleague who accepted a transfer would have to find the conversation in the queue."""
    agent, colleague = await desk.agent(), await desk.agent("agent2")
    customer = await served_customer(desk, agent)
    answer = await agent.act(customer, "transfer", {"to": "agent2"})
    assert (answer.status_code, answer.json()["agent"]) == (200, "agent2")
    assert (await customer.status())["agent"] == colleague.name
    assert types(await customer.events())[-3:] == ["transferred", "assigned", "message"]
    assert (await colleague.write(customer, "我来处理")).status_code == 201
    assert (await agent.write(customer, "还有")).status_code == 409


@pytest.mark.parametrize("to", ["nobody", "\x00x", "' OR 1=1"])
async def test_a_transfer_to_nobody_is_refused(desk: Desk, to: str) -> None:
    """The conversation would be lost to an account that cannot answer."""
    agent = await desk.agent()
    customer = await served_customer(desk, agent)
    answer = await agent.act(customer, "transfer", {"to": to})
    assert (answer.status_code, error_code(answer)) == (422, "unknown_agent")
    assert (await customer.status())["agent"] == agent.name


async def test_back_to_the_bot(desk: Desk, bot: FakeBot) -> None:
    """A returned conversation would leave the bot silent, or the bot would answer messages that the agent had settled."""
    agent = await desk.agent()
    customer = await served_customer(desk, agent)
    await customer.say("只是问问")
    asked = len(bot.turns)
    answer = await agent.let_go(customer, "return")
    assert (answer.status_code, answer.json()["status"]) == (200, "with_bot")
    assert texts(await customer.events(), "system")[-1] == desk.services.policy.text("returned", "zh")
    events = await desk.wait_for_turn(customer, await customer.say("手续费多少"))
    assert [turn["text"] for turn in bot.turns[asked:]] == ["手续费多少"]
    assert texts(events, "bot")


async def test_resolving_asks_for_a_rating_and_frees_a_place(desk: Desk) -> None:
    """A closed conversation would still use the agent's capacity, or the customer would not know that it is closed."""
    agent = await desk.agent()
    customer = await served_customer(desk, agent)
    answer = await agent.let_go(customer, "resolve", {"note": "已退款"})
    assert (answer.status_code, answer.json()["status"]) == (200, "resolved")
    events = await customer.events()
    assert of_type(events, "resolved")[0]["resolution"] == "agent"
    assert texts(events, "system")[-1] == desk.services.policy.text("resolved", "zh")
    assert next(entry for entry in (await agent.queue())["agents"] if entry["login"] == "agent")["load"] == 0


ACTIONS = ["transfer", "return", "resolve"]


@pytest.mark.parametrize("action", ACTIONS)
async def test_only_the_agent_who_has_it_ends_it(desk: Desk, action: str) -> None:
    """A colleague could close a conversation that another agent is working on."""
    agent, other = await desk.agent(), await desk.agent("agent2")
    customer = await served_customer(desk, agent)
    before = await desk.log(customer)
    answer = await other.act(customer, action, {"seen_seq": before[-1]["seq"]})
    assert (answer.status_code, error_code(answer)) == (409, "not_yours")
    assert await desk.log(customer) == before
    assert (await agent.let_go(customer, action)).status_code == 200


@pytest.mark.parametrize("action", ACTIONS)
async def test_supervisors_may_end_anybodys(desk: Desk, action: str) -> None:
    """Nobody could free a conversation whose agent went home."""
    customer = await served_customer(desk, await desk.agent())
    supervisor = await desk.agent("supervisor")
    assert (await supervisor.let_go(customer, action)).status_code == 200


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("login", ["agent", "supervisor"])
async def test_what_nobody_has_cannot_be_ended(desk: Desk, login: str, action: str) -> None:
    """A conversation would be closed or moved while the bot answers it."""
    customer, agent = await desk.customer(), await desk.agent(login)
    answer = await agent.act(customer, action, {"seen_seq": 0})
    assert (answer.status_code, error_code(answer)) == (409, "not_yours")


async def test_one_who_writes_again_after_a_dispute_was_settled(desk: Desk) -> None:
    """A settled dispute would jump the queue with every later message."""
    customer, agent = await desk.waiting_customer(), await desk.agent()
    await agent.claim(customer)
    await agent.let_go(customer, "resolve")
    await desk.wait_for_turn(customer, await customer.say("谢谢，手续费多少"))
    assert (await customer.status())["status"] == "with_bot"


# --- reading --------------------------------------------------------------------------------------------------------------


async def test_the_log_holds_what_the_bot_decided(desk: Desk) -> None:
    """Agents would have to ask for everything again."""
    customer, agent = await desk.waiting_customer(), await desk.agent()
    answer = await agent.call("GET", f"/conversations/{customer.id}/log")
    body = answer.json()
    assert set(body) == {"conversation", "events", "lookers", "signs"}
    assert set(body["conversation"]) == CARD | {"callback", "intake"}
    triage = of_type(body["events"], "triage")[0]
    assert (triage["turn_id"], triage["silent"], triage["message_seq"]) == (f"{customer.id}.1", False, 1)
    assert triage["decision"]["ranking"] == [{"intent": "duplicate_charge", "confidence": 0.93}]
    answer = await agent.call("GET", f"/conversations/{customer.id}/log?after=2")
    assert [event["seq"] for event in answer.json()["events"]] == [event["seq"] for event in body["events"][2:]]


async def test_the_log_stream_resumes_and_shows_the_card(desk: Desk) -> None:
    """The console would miss the customer's answer, or show an old state above it."""
    customer, agent = await desk.waiting_customer(), await desk.agent()
    async with agent.stream(f"/conversations/{customer.id}/log") as stream:
        frames = await stream.until(lambda frame: frame.event == "conversation")
        assert [frame.data for frame in frames if frame.event == "event"] == await agent.log(customer)
        assert frames[-1].id is None
        await agent.claim(customer)
        await stream.until(lambda frame: frame.event == "conversation" and frame.data["status"] == "assigned")
    seen = (await agent.log(customer))[-1]["seq"]
    agent.headers["Last-Event-ID"] = str(seen)
    async with agent.stream(f"/conversations/{customer.id}/log") as stream:
        await customer.say("在吗")
        assert [event["text"] for event in await stream.events(1)] == ["在吗"]


@pytest.mark.parametrize(("locale", "language"), [("zh", "zh"), ("en", "en"), ("xx", "zh")])
async def test_canned_replies_are_ready_to_send(desk: Desk, locale: str, language: str) -> None:
    """An agent would send template braces, another agent's name, or the wrong language."""
    agent = await desk.agent("agent2")
    answer = await agent.call("GET", "/canned-replies", params={"locale": locale})
    replies = answer.json()["canned_replies"]
    assert all(set(reply) == {"id", "shortcut", "title", "text"} for reply in replies)
    assert "{{" not in str(replies)
    greeting = next(reply for reply in replies if reply["id"] == "greeting")
    assert "小周" in greeting["text"]
    assert greeting["title"] == {"zh": "开场问候", "en": "Greeting"}[language]


async def test_the_names_of_intents_and_reasons(desk: Desk) -> None:
    """The console would show ids."""
    for login in ("agent", "editor"):
        names = (await (await desk.agent(login)).call("GET", "/intents")).json()
        assert names["intents"]["transfer_delay"] == {"zh": "到账延迟", "en": "Money is late"}
        assert set(names["reasons"]["security"]) == {"zh", "en"}


async def test_an_agent_is_online_while_the_console_is_used(desk: Desk) -> None:
    """The expected wait would count agents who are offline."""
    agent, other = await desk.agent(), await desk.agent("agent2")

    async def online() -> set[str]:
        return {entry["login"] for entry in (await agent.queue())["agents"] if entry["online"]}

    assert await online() == {"agent", "agent2"}
    desk.clock.pass_time(seconds=desk.services.policy.online_within / dt.timedelta(seconds=1) + 1)
    await agent.queue()
    assert await online() == {"agent"}
    await other.queue()
    assert await online() == {"agent", "agent2"}


async def test_a_damaged_row_hides_no_other_conversation(
    desk: Desk, bot: FakeBot, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One damaged row would take the whole queue from all agents, or cut it off behind its page."""
    monkeypatch.setattr("handoff.queue.board.PAGE_SIZE", 2)
    waiting = [await desk.waiting_customer() for _ in range(4)]
    damage = "UPDATE conversations SET owed = '{\"messages\": 5}' WHERE id = %s"
    await asyncio.to_thread(database.connection.execute, damage, [waiting[1].id])
    agent = await desk.agent()
    page = await agent.call("GET", "/queue")
    assert [card["id"] for card in page.json()["waiting"]] == [waiting[0].id, waiting[2].id]
    after = await agent.call("GET", "/queue", params={"after": page.json()["next"]})
    assert [card["id"] for card in after.json()["waiting"]] == [waiting[3].id]
