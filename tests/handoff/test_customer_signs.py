"""Typing, reading, the chosen language, and what a page may know before a conversation."""

from __future__ import annotations

import pytest

from tests.handoff.people import Agent, Customer, Json, error_code, of_type
from tests.handoff.running_desk import Desk


async def served(desk: Desk, agent: Agent) -> Customer:
    """A customer whom this agent has."""
    customer = await desk.waiting_customer()
    assert (await agent.act(customer, "claim")).status_code == 200
    return customer


async def signs(agent: Agent, customer: Customer) -> Json:
    """What the agent reads of the customer's page."""
    answer = await agent.call("GET", f"/conversations/{customer.id}/log")
    found: Json = answer.json()["signs"]
    return found


async def test_an_agent_sees_a_customer_type_and_read(desk: Desk) -> None:
    """An agent would write over the customer's words, or ask again because nothing shows that the answer was read."""
    agent = await desk.agent()
    customer = await served(desk, agent)
    assert await signs(agent, customer) == {"is_typing": False, "read_seq": 0}
    async with agent.stream(f"/conversations/{customer.id}/log") as stream:
        for is_typing in (True, False):
            answer = await customer.call("POST", "/typing", json={"is_typing": is_typing})
            assert (answer.status_code, answer.content) == (204, b"")
            frames = await stream.until(lambda frame: frame.event == "signs")
            assert frames[-1].data == {"is_typing": is_typing, "read_seq": 0}
    assert (await customer.call("POST", "/typing", json={"is_typing": True})).status_code == 204
    desk.clock.pass_time(seconds=11)
    assert not (await signs(agent, customer))["is_typing"], "a page that died types for ever"
    last = (await desk.log(customer))[-1]["seq"]
    for seq in (2, last, 1, 2**62):  # late, from another tab, and more than there is
        assert (await customer.call("POST", "/read", json={"seq": seq})).status_code == 204
    assert (await signs(agent, customer))["read_seq"] == last


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/typing", {}),
        ("/typing", {"is_typing": "perhaps"}),
        ("/read", {"seq": -1}),
        ("/read", {"seq": "7"}),
        ("/read", {"seq": 2**63}),
        ("/locale", {"locale": "xx"}),
        ("/locale", {}),
    ],
)
async def test_a_wrong_sign_is_refused(desk: Desk, path: str, body: Json) -> None:
    """A faulty page would cause an internal error, or store nonsense."""
    customer = await desk.customer()
    answer = await customer.call("PUT" if path == "/locale" else "POST", path, json=body)
    assert (answer.status_code, error_code(answer)) == (422, "bad_request")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [("POST", "/typing", {"is_typing": True}), ("POST", "/read", {"seq": 1}), ("PUT", "/locale", {"locale": "en"})],
)
async def test_signs_need_the_token(desk: Desk, method: str, path: str, body: Json) -> None:
    """A stranger could pretend that a customer has read a warning, or change their language."""
    customer, other = await desk.customer(), await desk.customer()
    url = f"/api/conversations/{customer.id}{path}"
    assert (await desk.http.request(method, url, json=body)).status_code == 401
    answer = await desk.http.request(method, url, json=body, headers=other.headers)
    assert error_code(answer) == "wrong_token"
    assert await desk.log(customer) == []


async def test_a_customer_sees_the_agent_type_and_nobody_else(desk: Desk) -> None:
    """A customer would leave while the answer is being written, or wait because a colleague looks at the case."""
    agent, supervisor = await desk.agent(), await desk.agent("supervisor")
    customer = await served(desk, agent)
    assert (await supervisor.act(customer, "looking", {"is_typing": True})).status_code == 204
    assert not (await customer.status())["agent_typing"]
    async with customer.stream() as stream:
        await stream.until(lambda frame: frame.event == "status")
        for is_typing in (True, False):
            assert (await agent.act(customer, "looking", {"is_typing": is_typing})).status_code == 204
            frames = await stream.until(lambda frame: frame.event == "status")
            assert frames[-1].data["agent_typing"] is is_typing
    assert (await agent.act(customer, "looking", {"is_typing": True})).status_code == 204
    desk.clock.pass_time(seconds=21)
    assert not (await customer.status())["agent_typing"]


async def test_a_chosen_language_reaches_the_conversation(desk: Desk) -> None:
    """After the switch the page would speak one language and the desk another."""
    customer = await desk.waiting_customer()
    before = await desk.log(customer)
    answer = await customer.call("PUT", "/locale", json={"locale": "en"})
    assert (answer.status_code, answer.json()["locale"]) == (200, "en")
    added = (await desk.log(customer))[len(before) :]
    (changed,) = of_type(added, "language_changed")
    assert (changed["language"], changed["was"]) == ("en", "zh")
    told = of_type(added, "message")[-1]
    assert told["by"]["kind"] == "system"
    assert "person" in told["text"] or "agent" in told["text"]
    assert (await customer.call("PUT", "/locale", json={"locale": "en"})).status_code == 200
    assert len(await desk.log(customer)) == len(before) + len(added), "the same choice again is an event"


async def test_anybody_may_know_whom_to_call(desk: Desk) -> None:
    """A victim would search for the number before there is a conversation."""
    await desk.services.board.read()
    answer = await desk.http.get("/api/service")
    assert answer.status_code == 200
    assert set(answer.json()["phones"]) == {"service", "police", "antifraud"}
    assert answer.json()["staffed"] is False
    assert "max-age" in answer.headers["cache-control"]
    await desk.agent()
    await desk.services.board.read()
    assert (await desk.http.get("/api/service")).json()["staffed"] is True
