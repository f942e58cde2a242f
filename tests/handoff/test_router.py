"""The router on a real database: offers, their ends, and desks that race."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import msgspec
import pytest

from content.bundle import DeskContent
from content.desk_policy import DeskPolicy
from handoff.conversations.decide import EndOffer, Requeue
from handoff.conversations.events import SYSTEM, LanguageChanged, Participant
from handoff.conversations.store import lock_conversation, save_conversation
from handoff.queue.release import Release
from handoff.queue.router import Router
from tests.handoff.conftest import Database
from tests.handoff.fake_bot import escalates
from tests.handoff.people import Agent, Customer, Json, error_code, of_kind, of_type
from tests.handoff.running_desk import Desk, append

#: Each test says itself how much time passes.
pytestmark = pytest.mark.usefixtures("time_stands_still")

WEIGHTS = {"owes_answer": 1.0, "waits_for_customer": 0.7, "silent": 0.3}


def pushing(desk: Desk, people: dict[str, Any] | None = None, **routing: Any) -> DeskPolicy:
    """The desk's policy with routing on, and other abilities of some accounts."""
    content = desk.services.content()
    weights = msgspec.convert(WEIGHTS, type(content.desk.routing.weights))
    changed = msgspec.structs.replace(content.desk.routing, push=True, weights=weights, **routing)
    able = {login: msgspec.structs.replace(content.desk.everyone, **more) for login, more in (people or {}).items()}
    whole: DeskContent = msgspec.structs.replace(
        content, desk=msgspec.structs.replace(content.desk, routing=changed, people=able)
    )
    return DeskPolicy(lambda: whole)


def router(desk: Desk, people: dict[str, Any] | None = None, **routing: Any) -> Router:
    """A router that looks around only when called; the desk's own one makes no offers in tests."""
    services = desk.services
    return Router(services.store, services.wakeups, pushing(desk, people, **routing), desk.clock, services.metrics)


async def offered_to(desk: Desk, customer: Customer) -> str | None:
    """The login to whom a conversation is offered."""
    offer = (await desk.conversation(customer)).handling.offer
    return offer.login if offer else None


async def offers_in_log(desk: Desk, customer: Customer) -> list[tuple[str, str]]:
    """What became of the offers: login, and "offered" or why it ended."""
    events = of_type(await desk.log(customer), "offered", "offer_ended")
    return [(event["login"], event.get("why", "offered")) for event in events]


async def choose(agent: Agent, state: str) -> httpx.Response:
    """Choose the own presence."""
    return await agent.call("PUT", "/presence", json={"state": state})


async def presence(agent: Agent, login: str | None = None) -> Json:
    """An agent's entry in the queue."""
    entries = (await agent.queue())["agents"]
    return next(entry for entry in entries if entry["login"] == (login or agent.login))


async def test_a_waiting_conversation_is_offered_and_accepted(desk: Desk) -> None:
    """Nobody would be asked; or the customer would see who is asked."""
    customer, agent = await desk.waiting_customer(), await desk.agent()
    await router(desk).look_around()
    assert await offered_to(desk, customer) == "agent"
    assert not of_type(await customer.events(), "offered")
    await agent.claim(customer)
    state = await desk.conversation(customer)
    assert (state.agent, state.handling.offer) == ("agent", None)
    await router(desk).look_around()
    assert await offers_in_log(desk, customer) == [("agent", "offered")]


async def test_without_push_nothing_is_offered(desk: Desk) -> None:
    """The switch in desk.yml would do nothing."""
    customer = await desk.waiting_customer()
    await desk.agent()
    services = desk.services
    await Router(services.store, services.wakeups, services.policy, desk.clock).look_around()
    assert await offers_in_log(desk, customer) == []


async def test_a_colleague_may_claim_what_is_offered(desk: Desk) -> None:
    """An emergency would wait for an agent who looks away, while another one sees it."""
    customer, _, other = await desk.waiting_customer(), await desk.agent(), await desk.agent("agent2")
    await router(desk).look_around()
    await other.claim(customer)
    assert (await desk.conversation(customer)).agent == "agent2"
    await router(desk).look_around()
    assert await offered_to(desk, customer) is None


async def test_a_late_offer_goes_to_somebody_else_and_the_agent_is_away(desk: Desk) -> None:
    """Every case would wait 30 s for an agent who is not at the desk."""
    customer, agent = await desk.waiting_customer(), await desk.agent()
    await router(desk).look_around()
    other = await desk.agent("agent2")
    desk.clock.pass_time(seconds=29)
    await agent.queue()
    await router(desk).look_around()
    assert await offered_to(desk, customer) == "agent"
    desk.clock.pass_time(seconds=2)
    await agent.queue()
    await other.queue()
    await router(desk).look_around()
    assert await offers_in_log(desk, customer) == [("agent", "offered"), ("agent", "late"), ("agent2", "offered")]
    assert (await presence(other, "agent"))["presence"] == "away"
    # Keys of a colleague or in another conversation are no answer; choosing "available" is.
    assert (await choose(agent, "available")).json()["presence"] == "available"


async def test_a_claim_by_hand_brings_an_agent_back_who_missed_an_offer(desk: Desk) -> None:
    """An agent who works on would get nothing more, and not know why."""
    customer, agent = await desk.waiting_customer(), await desk.agent()
    await router(desk).look_around()
    desk.clock.pass_time(seconds=31)
    await agent.queue()
    await router(desk).look_around()
    assert (await presence(agent))["presence"] == "away"
    await agent.claim(customer)
    assert (await presence(agent))["presence"] == "available"


async def test_a_message_to_a_customer_brings_an_agent_back_who_missed_an_offer(desk: Desk) -> None:
    """In a busy hour all agents would be away although they write to customers, and a theft would be offered to nobody."""
    mine, agent = await desk.waiting_customer(), await desk.agent()
    await agent.claim(mine)
    customer = await desk.waiting_customer()
    await router(desk).look_around()
    desk.clock.pass_time(seconds=31)
    await agent.queue()
    await router(desk).look_around()
    assert (await presence(agent))["presence"] == "away"
    assert (await agent.write(mine, "我在处理")).status_code == 201
    assert (await presence(agent))["presence"] == "available"
    await choose(agent, "away")  # what the agent chose stays
    assert (await agent.write(mine, "马上好")).status_code == 201
    assert (await presence(agent))["presence"] == "away"
    assert await offers_in_log(desk, customer) == [("agent", "offered"), ("agent", "late")]


async def test_an_emergency_is_offered_beside_an_open_offer(desk: Desk, database: Database) -> None:
    """A theft would wait half a minute, because something else was offered to the only agent a moment before."""
    database.connection.execute("UPDATE agents SET capacity = 1 WHERE login = 'agent'")
    customer, agent = await desk.waiting_customer(), await desk.agent()
    await router(desk).look_around()
    victim = await desk.waiting_customer(escalates("security", "urgent", "account_stolen"))
    await router(desk).look_around()
    assert (await offered_to(desk, customer), await offered_to(desk, victim)) == ("agent", "agent")
    await agent.claim(victim)
    await router(desk).look_around()  # no room is left for the other one
    assert await offers_in_log(desk, customer) == [("agent", "offered"), ("agent", "declined")]


@pytest.mark.parametrize("by", ["agent", "supervisor"])
async def test_a_claim_by_hand_does_not_end_a_break_that_somebody_chose(desk: Desk, by: str) -> None:
    """An agent on a break who takes a last case would get new ones."""
    customer, agent, supervisor = await desk.waiting_customer(), await desk.agent(), await desk.agent("supervisor")
    if by == "agent":
        await choose(agent, "away")
    else:
        await supervisor.call("PUT", "/agents/agent/presence", json={"state": "away"})
    await agent.claim(customer)
    assert (await presence(agent))["presence"] == "away"


@pytest.mark.parametrize(
    ("leave", "why"),
    [
        (lambda agent: choose(agent, "away"), "absent"),
        (lambda agent: choose(agent, "busy"), "absent"),
        (lambda agent: agent.call("DELETE", "/session"), "absent"),
    ],
)
async def test_an_offer_ends_when_the_agent_leaves(desk: Desk, leave: Callable[[Agent], Any], why: str) -> None:
    """The customer would wait for an agent who has just said that they are gone."""
    customer, agent = await desk.waiting_customer(), await desk.agent()
    await router(desk).look_around()
    await leave(agent)
    await router(desk).look_around()
    assert await offers_in_log(desk, customer) == [("agent", "offered"), ("agent", why)]


async def test_a_closed_laptop_is_offline_within_a_minute_although_its_stream_is_open(desk: Desk) -> None:
    """Behind a proxy the stream to a closed laptop stays open for minutes, and customers would wait for nobody."""
    customer, agent = await desk.waiting_customer(), await desk.agent()
    other = await desk.agent("agent2")
    await choose(other, "busy")
    async with agent.stream("/queue") as stream:
        await stream.next()
        await router(desk).look_around()
        assert await offered_to(desk, customer) == "agent"
        desk.clock.pass_time(seconds=25)
        await agent.call("POST", "/presence/here")
        desk.clock.pass_time(seconds=46)
        # Only a later look of the stream at its session could count as a sign of life; the state changes wake it.
        await choose(other, "away")
        await stream.until(lambda frame: frame.event == "queue_changed")
        assert (await presence(other, "agent"))["presence"] == "offline"
        await router(desk).look_around()
    assert await offers_in_log(desk, customer) == [("agent", "offered"), ("agent", "absent")]
    assert (await customer.status())["eta_seconds"] is None  # nobody can take it: no minutes


async def test_an_open_board_does_not_keep_a_supervisor_there(desk: Desk) -> None:
    """An emergency would be offered to a supervisor who closed the laptop, and wait for them."""
    supervisor, other = await desk.agent("supervisor"), await desk.agent("agent2")
    async with supervisor.stream("/board") as stream:
        await stream.next()
        desk.clock.pass_time(seconds=61)
        desk.services.wakeups.wake_here(["closing"])  # the stream looks at its session again
        await stream.next()
        assert (await presence(other, "supervisor"))["presence"] == "offline"


async def test_a_skill_that_editors_removed_holds_no_case_back(desk: Desk) -> None:
    """A case that was transferred to a skill would wait for minutes for an agent who can never come."""
    agent, other = await desk.agent(), await desk.agent("agent2")
    customer = await desk.waiting_customer()
    await agent.claim(customer)
    async with desk.services.store.begin() as tx:
        draft = await lock_conversation(tx, customer.id)
        assert draft is not None
        draft.do(Requeue(Participant("agent", agent.name), "agent", skill="long_gone"), desk.clock())
        await save_conversation(tx, draft)
    await choose(agent, "busy")
    await router(desk).look_around()
    assert await offered_to(desk, customer) == other.login


async def test_an_answered_case_that_is_handed_on_is_not_taken_last(desk: Desk) -> None:
    """A transferred customer would wait while each new one is served: nobody owed them an answer by any deadline."""
    agent, other = await desk.agent(), await desk.agent("agent2")
    handed_on = await desk.waiting_customer()
    await agent.claim(handed_on)
    await agent.write(handed_on, "我转给同事处理")
    await agent.act(handed_on, "transfer")
    desk.clock.pass_time(seconds=20)
    newer = await desk.waiting_customer()
    await choose(agent, "busy")
    await choose(other, "available")
    await router(desk).look_around()
    assert (await offered_to(desk, handed_on), await offered_to(desk, newer)) == ("agent2", None)


async def test_a_page_that_answers_its_stream_is_there(desk: Desk) -> None:
    """Every agent who only reads would be offline."""
    agent = await desk.agent()
    for _ in range(4):
        desk.clock.pass_time(seconds=30)
        assert (await agent.call("POST", "/presence/here")).status_code == 204
    assert (await presence(agent))["presence"] == "available"


async def test_an_agent_without_a_key_is_away_until_the_next_one(desk: Desk) -> None:
    """Conversations would be offered to an empty chair; or an agent who comes back would have to tell."""
    agent, customer = await desk.agent(), await desk.waiting_customer()
    assert (await agent.call("POST", "/presence/active")).status_code == 204
    for _ in range(22):
        desk.clock.pass_time(seconds=30)
        await agent.call("POST", "/presence/here")
    assert (await presence(agent))["presence"] == "away"
    await router(desk).look_around()
    assert await offered_to(desk, customer) is None
    await agent.call("POST", "/presence/active")
    await router(desk).look_around()
    assert await offered_to(desk, customer) == "agent"


async def test_signing_in_makes_an_agent_available(desk: Desk) -> None:
    """Yesterday's break would last until somebody notices."""
    agent = await desk.agent()
    await choose(agent, "away")
    body = {"login": "agent", "password": "agent"}
    answer = await desk.http.post("/api/session", json=body, headers={"Origin": agent.headers["Origin"]})
    assert answer.status_code == 200
    assert (await presence(agent))["presence"] == "available"


async def test_an_agent_who_comes_online_gets_one_offer_at_a_time(desk: Desk) -> None:
    """The whole queue would fall on the first agent of the morning."""
    customers = [await desk.waiting_customer() for _ in range(3)]
    agent = await desk.agent()
    for expected in range(3):
        await router(desk).look_around()
        await router(desk).look_around()
        offered = [customer for customer in customers if await offered_to(desk, customer)]
        assert offered == [customers[expected]]
        await agent.claim(offered[0])


async def test_capacity_counts_by_weight_and_at_most_twice_by_number(desk: Desk) -> None:
    """Silent chats would block an agent; or ten of them would wake up in one minute."""
    people = {"agent": {"capacity": 1}}
    first, second, third = [await desk.waiting_customer() for _ in range(3)]
    agent = await desk.agent()
    await agent.claim(first)
    await router(desk, people).look_around()
    assert await offered_to(desk, second) is None  # it owes an answer: 1 of 1
    await agent.write(first, "您好")
    desk.clock.pass_time(minutes=11)
    await agent.call("POST", "/presence/active")
    await router(desk, {"agent": {"capacity": 2}}).look_around()
    assert await offered_to(desk, second) == "agent"  # silent: 0.3 of 2
    async with desk.services.store.begin() as tx:
        draft = await lock_conversation(tx, second.id)
        assert draft is not None
        draft.do(EndOffer("agent", "declined"), desk.clock())
        await save_conversation(tx, draft)
    await agent.claim(second)
    await router(desk, {"agent": {"capacity": 2}}).look_around()
    assert await offered_to(desk, third) is None  # 0.3 + 1, and one more would be 2.3 of 2


async def test_skill_and_language_decide_who_is_asked(desk: Desk) -> None:
    """An English customer would be offered to an agent who cannot read them."""
    people = {"agent": {"languages": ("zh",)}, "agent2": {"skills": ()}}
    await desk.agent()
    await desk.agent("agent2")
    english = await desk.waiting_customer(escalates("user_request", "normal"))
    async with desk.services.store.begin() as tx:
        draft = await lock_conversation(tx, english.id)
        assert draft is not None
        append(draft, LanguageChanged(language="en", was="zh"), SYSTEM, desk.clock())
        await save_conversation(tx, draft)
    await router(desk, people).look_around()
    assert await offered_to(desk, english) == "agent2"
    dispute = await desk.waiting_customer(escalates("dispute", "high"))
    await router(desk, people).look_around()
    assert await offered_to(desk, dispute) == "agent"


async def test_a_case_that_comes_back_goes_to_the_agent_who_knew_it(desk: Desk) -> None:
    """The customer would have to tell it all again."""
    await desk.agent()
    other = await desk.agent("agent2")
    customer = await desk.waiting_customer()
    await other.claim(customer)
    await other.let_go(customer, "resolve", {"outcome": "solved", "note": "已处理"})
    desk.clock.pass_time(seconds=20)
    await other.queue()
    desk.bot.will(escalates())
    await customer.say("又扣了一次")
    await desk.wait_for(customer, lambda events: len(of_kind(events, "handoff")) == 2)
    await router(desk).look_around()
    assert await offered_to(desk, customer) == "agent2"


async def test_what_an_agent_put_back_is_offered_to_another_one(desk: Desk) -> None:
    """A transfer would come back to the agent who could not do it."""
    customer, agent = await desk.waiting_customer(), await desk.agent()
    await agent.claim(customer)
    assert (await agent.act(customer, "transfer", {"note": "不会"})).status_code == 200
    await router(desk).look_around()
    assert await offered_to(desk, customer) is None
    await desk.agent("agent2")
    await router(desk).look_around()
    assert await offered_to(desk, customer) == "agent2"


async def test_the_offers_and_conversations_of_a_removed_account_go_to_others(desk: Desk, database: Database) -> None:
    """Five customers and the one who was just offered would belong to nobody."""
    services = desk.services
    columns = "login, name, role, capacity, is_demo, password_hash"
    query = f"INSERT INTO agents ({columns}) VALUES ('temp', '临时', 'agent', 9, false, '')"
    await asyncio.to_thread(database.connection.execute, query)
    agent = await desk.agent("temp")
    held = [await desk.waiting_customer() for _ in range(5)]
    for customer in held:
        await agent.claim(customer)
    offered = await desk.waiting_customer()
    await router(desk).look_around()
    assert await offered_to(desk, offered) == "temp"
    await asyncio.to_thread(database.connection.execute, "DELETE FROM agents WHERE login = 'temp'")
    await Release(services.store, services.policy, desk.clock)("temp")
    await desk.agent("agent2")
    await router(desk).look_around()
    assert (await offers_in_log(desk, offered))[1] == ("temp", "absent")
    everybody = [*held, offered]
    assert [(await desk.conversation(customer)).status.value for customer in everybody] == ["queued"] * 6
    assert [await offered_to(desk, customer) for customer in everybody].count("agent2") == 1


async def test_two_desks_make_one_offer_and_never_fill_an_agent_twice(desk: Desk) -> None:
    """Two agents would be asked for one customer, or one agent for two at once."""
    customers = [await desk.waiting_customer() for _ in range(4)]
    await desk.agent()
    await desk.agent("agent2")
    await asyncio.gather(*[router(desk).look_around() for _ in range(8)])
    logins = [login for customer in customers if (login := await offered_to(desk, customer))]
    assert sorted(logins) == ["agent", "agent2"]
    assert sum([len(await offers_in_log(desk, customer)) for customer in customers]) == 2


async def test_what_changed_since_the_plan_is_not_offered(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A case whose language changed a moment ago would go to an agent who cannot read it."""
    customer = await desk.waiting_customer(escalates("user_request", "normal"))
    await desk.agent()
    planner = router(desk, {"agent": {"languages": ("zh",)}})
    offer = planner._offer

    async def change_first(planned: Any) -> None:
        async with desk.services.store.begin() as tx:
            draft = await lock_conversation(tx, customer.id)
            assert draft is not None
            append(draft, LanguageChanged(language="en", was="zh"), SYSTEM, desk.clock())
            await save_conversation(tx, draft)
        await offer(planned)

    monkeypatch.setattr(planner, "_offer", change_first)
    await planner.look_around()
    assert await offered_to(desk, customer) is None


@pytest.mark.parametrize(
    ("who", "path", "body", "status", "code"),
    [
        ("agent", "/presence", {"state": "asleep"}, 422, "bad_request"),
        ("agent", "/presence", {"state": "offline"}, 422, "bad_request"),
        ("agent", "/presence", {}, 422, "bad_request"),
        ("agent", "/presence", {"state": ["away"]}, 422, "bad_request"),
        ("editor", "/presence", {"state": "away"}, 403, "not_permitted"),
        ("agent", "/agents/agent2/presence", {"state": "away"}, 403, "not_permitted"),
        ("supervisor", "/agents/nobody/presence", {"state": "away"}, 404, "unknown_agent"),
        ("supervisor", "/agents/%00/presence", {"state": "away"}, 422, "bad_request"),
        ("supervisor", f"/agents/{'x' * 101}/presence", {"state": "away"}, 422, "bad_request"),
        ("supervisor", "/agents/editor/presence", {"state": "away"}, 409, "agent_cannot"),
        ("supervisor", "/agents/agent2/presence", {"state": "gone"}, 422, "bad_request"),
    ],
)
async def test_bad_requests_about_presence(desk: Desk, who: str, path: str, body: Json, status: int, code: str) -> None:
    """An unknown state would be stored, and its agent be neither there nor gone."""
    answer = await (await desk.agent(who)).call("PUT", path, json=body)
    assert (answer.status_code, error_code(answer)) == (status, code)


async def test_two_supervisors_at_once(desk: Desk) -> None:
    """One of them would get an error, or the account would be in no state."""
    supervisor, agent = await desk.agent("supervisor"), await desk.agent()
    states = ["away", "busy"] * 5
    answers = await asyncio.gather(
        *[supervisor.call("PUT", "/agents/agent/presence", json={"state": state}) for state in states]
    )
    assert [answer.json()["presence"] for answer in answers] == states
    assert (await presence(agent))["presence"] in ("away", "busy")


async def test_a_claim_of_a_resolved_conversation_is_refused(desk: Desk) -> None:
    """The agent would sit in front of a conversation in which nobody writes."""
    customer, agent = await desk.waiting_customer(), await desk.agent()
    await agent.claim(customer)
    await agent.let_go(customer, "resolve", {"outcome": "solved", "note": "已处理"})
    answer = await agent.act(customer, "claim")
    assert (answer.status_code, error_code(answer)) == (409, "not_queued")
    await router(desk).look_around()
    assert await offered_to(desk, customer) is None
