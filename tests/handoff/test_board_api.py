"""The supervisors' board and the reports over HTTP: who may read them, and that they say what the log says."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.handoff.people import error_code
from tests.handoff.running_desk import Desk


def day(desk: Desk, days: int = 0) -> str:
    """A date in the desk's zone, this many days from now."""
    return (desk.clock().astimezone(dt.timezone(dt.timedelta(hours=8))) + dt.timedelta(days=days)).date().isoformat()


@pytest.fixture(autouse=True)
def nothing_kept(desk: Desk) -> None:
    """The board of an earlier test is gone, as its conversations are."""
    desk.services.live_board.forget()


@pytest.mark.parametrize("path", ["/board", "/figures", "/figures.csv", "/figures/waiting/conversations"])
async def test_only_supervisors_read_figures(desk: Desk, path: str) -> None:
    """An agent would read how colleagues are judged."""
    params = {"from": day(desk, -1), "to": day(desk, 1)}
    for login, status in (("agent", 403), ("editor", 403), ("supervisor", 200)):
        agent = await desk.agent(login)
        answer = await agent.call("GET", path, params=params)
        assert answer.status_code == status, answer.text
        if status != 200:
            assert error_code(answer) == "not_permitted"
    assert (await desk.http.get(f"/api{path}", params=params)).status_code == 401


async def test_the_board_shows_who_waits(desk: Desk) -> None:
    """A supervisor would look at an empty board while a customer waits."""
    customer = await desk.waiting_customer()
    supervisor = await desk.agent("supervisor")
    answer = await supervisor.call("GET", "/board")
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert sum(each["count"] for each in found["waiting"]) == 1
    figures = {each["id"]: each["value"] for each in found["figures"]}
    assert figures["waiting"] == 1
    assert found["timeline"][-1]["waiting"] == 1
    assert len(found["timeline"]) == 48
    assert customer.id


async def test_rows_that_need_a_supervisor_say_what_they_are_about(desk: Desk) -> None:
    """A supervisor would have to open each conversation to learn its topic, amount and owner."""
    customer = await desk.waiting_customer()
    agent, supervisor = await desk.agent("agent"), await desk.agent("supervisor")
    await agent.claim(customer)
    await agent.write(customer, "您好")
    await customer.say("还没有到账")
    desk.clock.pass_time(minutes=6)
    desk.services.live_board.forget()
    found = (await supervisor.call("GET", "/board")).json()
    (row,) = [each for each in found["attention"] if each["kind"] == "unanswered"]
    assert (row["card"]["id"], row["card"]["agent"], row["card"]["topic"]) == (customer.id, "agent", "duplicate_charge")


async def test_the_load_of_an_agent_says_who_waits(desk: Desk) -> None:
    """A supervisor would see how many an agent has, and not that one of them waits in vain."""
    waits, owes = await desk.waiting_customer(), await desk.waiting_customer()
    agent, supervisor = await desk.agent("agent"), await desk.agent("supervisor")
    for customer in (waits, owes):
        await agent.claim(customer)
        await agent.write(customer, "您好，请问订单号是多少？")
    await waits.say("订单号是 20261130")
    desk.clock.pass_time(seconds=90)
    desk.services.live_board.forget()
    found = (await supervisor.call("GET", "/board")).json()
    (entry,) = [each for each in found["agents"] if each["login"] == "agent"]
    held = {each["id"]: each for each in entry["conversations"]}
    assert set(held) == {waits.id, owes.id}
    assert 90 <= held[waits.id]["waiting_seconds"] < 120
    assert held[waits.id]["due"]["clock"] == "next_response"
    assert held[owes.id]["waiting_seconds"] is None
    assert entry["last_seen_at"] is not None
