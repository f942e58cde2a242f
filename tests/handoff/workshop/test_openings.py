"""Replays over HTTP, and cases for closed conversations that a look-back found."""

from __future__ import annotations

import asyncio
import csv
from typing import Any

import httpx
import pytest

from tests.handoff.conftest import SERVICE_TOKEN
from tests.handoff.fake_bot import FakeBot, answers, chats, escalates
from tests.handoff.people import Customer, Json, error_code, of_type, texts, types
from tests.handoff.running_desk import Desk
from tests.handoff.workshop.test_jobs import Runner

BEFORE = {
    "route": "answer",
    "intent": "transfer_delay",
    "reason": None,
    "priority": None,
    "lane": None,
    "article": "transfer_delay",
}
AFTER = {
    "route": "escalate",
    "intent": "scam_in_progress",
    "reason": "security",
    "priority": "urgent",
    "lane": None,
    "rule": "floor.incident",
    "article": None,
    "amount_cny": 68000.0,
}


def entry(customer: Customer, seq: int = 2, episode: int = 1, **after: Any) -> Json:
    """An entry of the job's result."""
    return {
        "conversation_id": customer.id,
        "turn_id": f"{customer.id}.1",
        "seq": seq,
        "episode": episode,
        "at": "2026-11-30T08:00:00+00:00",
        "text": "=他让我共享屏幕",
        "ended_by": "solved",
        "before": BEFORE,
        "after": {**AFTER, **after},
    }


async def looked_back(desk: Desk, *entries: Json) -> int:
    """A look-back that is done, and found these."""
    editor, runner = await desk.agent("editor"), Runner(desk)
    answer = await editor.call("POST", "/workshop/look-backs", json={})
    assert answer.status_code == 200, answer.text
    taken = await runner.take()
    assert taken is not None
    assert (taken["kind"], taken["parameters"]) == ("look_back", {"version": "live"})
    result = {"n": 9, "count": len(entries), "by_reason": {}, "found": list(entries), "day": "2026-11-30", "version": {}}
    assert (await runner.done(taken, result)).status_code == 200
    return int(answer.json()["job"])


async def closed_customer(desk: Desk, bot: FakeBot) -> Customer:
    """A customer whom the bot answered, and who said that it is solved."""
    bot.will(answers(), chats("好的", outcome="solved"))
    customer = await desk.customer()
    for text in ("他让我共享屏幕", "好了"):
        await desk.wait_for_turn(customer, await customer.say(text))
    assert (await customer.status())["status"] == "resolved"
    return customer


async def open_case(desk: Desk, job: int, *ids: str) -> Json:
    """Open cases as the editor."""
    editor = await desk.agent("editor")
    answer = await editor.call("POST", f"/workshop/look-backs/{job}/open", json={"conversation_ids": list(ids)})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def listed(desk: Desk, job: int) -> list[Json]:
    """The list of a look-back."""
    answer = await (await desk.agent("supervisor")).call("GET", f"/workshop/look-backs/{job}")
    assert answer.status_code == 200, answer.text
    return list(answer.json()["found"])


async def test_a_case_is_opened_with_one_honest_sentence(desk: Desk, bot: FakeBot) -> None:
    """A victim of last week would hear nothing, or wait in no queue, and no agent would know why."""
    customer = await closed_customer(desk, bot)
    job = await looked_back(desk, entry(customer))
    (before,) = await listed(desk, job)
    assert (before["is_closed"], before["case_opened"]) == (True, False)
    last = (await desk.log(customer))[-1]["seq"]
    assert await open_case(desk, job, customer.id) == {"opened": [customer.id], "refused": []}
    made = [event for event in await desk.log(customer) if event["seq"] > last]
    assert types(made) == ["reopened", "handoff_requested", "message", "message", "case_opened", "note"]
    request, honest, place = made[1:4]
    assert (request["by"]["kind"], request["reason"], request["priority"]) == ("system", "security", "urgent")
    assert (request["topic"], request["amount_cny"]) == ("scam_in_progress", 68000.0)
    assert (honest["kind"], place["kind"]) == ("looked_back", "handoff")
    assert "应该由人工客服来处理" in honest["text"]
    assert "回看" in made[5]["text"]
    assert texts(await customer.events(after=last), "system") == [honest["text"], place["text"]]
    status = await customer.status()
    assert (status["status"], status["reason"]) == ("queued", "security")
    assert [card["id"] for card in (await (await desk.agent()).queue())["waiting"]] == [customer.id]
    (after,) = await listed(desk, job)
    assert (after["is_closed"], after["case_opened"]) == (False, True)


async def test_a_case_is_opened_once(desk: Desk, bot: FakeBot) -> None:
    """Two editors, two look-backs or an impatient click would apologise twice."""
    customer = await closed_customer(desk, bot)
    jobs = [await looked_back(desk, entry(customer)) for _ in range(2)]
    results = await asyncio.gather(*(open_case(desk, job, customer.id, customer.id) for job in (*jobs, *jobs)))
    assert sum(len(result["opened"]) for result in results) == 1
    assert sum(len(result["refused"]) for result in results) == 3
    assert len([event for event in of_type(await desk.log(customer), "message") if event.get("kind") == "looked_back"]) == 1


async def test_an_agent_settled_it_meanwhile(desk: Desk, bot: FakeBot) -> None:
    """A case that a person has just closed would be opened again."""
    customer = await closed_customer(desk, bot)
    job = await looked_back(desk, entry(customer))
    bot.will(escalates("security", "urgent", "scam_in_progress"))
    await desk.wait_for_turn(customer, await customer.say("我被骗了"))
    (refused,) = (await open_case(desk, job, customer.id))["refused"]
    assert refused["conversation_id"] == customer.id
    assert refused["zh"]
    assert refused["en"]
    agent = await desk.agent()
    await agent.claim(customer)
    await agent.let_go(customer, "resolve")
    for episode in (1, 2):
        job = await looked_back(desk, entry(customer, episode=episode))
        assert (await open_case(desk, job, customer.id))["opened"] == []
    assert not any(event.get("kind") == "looked_back" for event in await desk.log(customer))


async def test_what_is_not_in_the_list_is_not_opened(desk: Desk, bot: FakeBot) -> None:
    """Whoever knows an id could open anybody's conversation with a reason of their own."""
    one, other = await closed_customer(desk, bot), await closed_customer(desk, bot)
    job = await looked_back(desk, entry(one, reason="of_a_draft"))
    result = await open_case(desk, job, one.id, other.id, "nobody")
    assert result["opened"] == []
    assert [each["conversation_id"] for each in result["refused"]] == [one.id, other.id, "nobody"]
    assert "publish the draft" in result["refused"][0]["en"]
    assert (await one.status())["status"] == (await other.status())["status"] == "resolved"


async def test_the_list_as_a_file(desk: Desk, bot: FakeBot) -> None:
    """A customer's words would run as a formula, or a spreadsheet would show no Chinese."""
    customer = await closed_customer(desk, bot)
    job = await looked_back(desk, entry(customer))
    answer = await (await desk.agent("editor")).call("GET", f"/workshop/look-backs/{job}/csv")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    (row,) = csv.DictReader(answer.content.decode("utf-8-sig").splitlines())
    assert (row["conversation_id"], row["reason"], row["article_then"]) == (customer.id, "security", "transfer_delay")
    assert row["text"] == "'=他让我共享屏幕"


async def test_a_look_back_that_is_not_done_has_no_list(desk: Desk) -> None:
    """The page would show an empty list, as if nobody had been missed."""
    editor = await desk.agent("editor")
    job = (await editor.call("POST", "/workshop/look-backs", json={"version": "draft"})).json()["job"]
    answer = await editor.call("GET", f"/workshop/look-backs/{job}")
    assert (answer.status_code, error_code(answer)) == (409, "job_not_done")
    assert (await editor.call("GET", "/workshop/look-backs/99999")).status_code == 404


REFUSED: list[tuple[str, str, str, Any, int]] = [
    ("agent", "POST", "/workshop/look-backs", {}, 403),
    ("agent", "GET", "/workshop/look-backs/1", None, 403),
    ("agent", "POST", "/workshop/look-backs/1/open", {"conversation_ids": ["x"]}, 403),
    ("editor", "POST", "/workshop/look-backs", {"version": "yesterday"}, 422),
    ("editor", "POST", "/workshop/look-backs/1/open", {"conversation_ids": []}, 422),
    ("editor", "POST", "/workshop/look-backs/1/open", {"conversation_ids": ["x"] * 201}, 422),
    ("editor", "POST", "/workshop/replays", {"conversation_id": "nobody"}, 404),
    ("editor", "POST", "/workshop/replays", {"conversation_id": "x", "seq": 0}, 422),
    ("editor", "GET", "/workshop/replays/99999", None, 404),
]


@pytest.mark.parametrize(("login", "method", "path", "body", "status"), REFUSED)
async def test_who_may_do_what(desk: Desk, login: str, method: str, path: str, body: Any, status: int) -> None:
    """Agents would open cases in the name of the workshop, or one request would open thousands."""
    answer: httpx.Response = await (await desk.agent(login)).call(method, path, json=body)
    assert answer.status_code == status, answer.text


async def test_a_replay_of_one_decision(desk: Desk, bot: FakeBot) -> None:
    """The console's button would do nothing, or replay another turn."""
    customer, supervisor, runner = await closed_customer(desk, bot), await desk.agent("supervisor"), Runner(desk)
    body = {"conversation_id": customer.id, "seq": 2}
    one = await supervisor.call("POST", "/workshop/replays", json=body)
    again = await supervisor.call("POST", "/workshop/replays", json=body)
    assert one.json() == again.json()
    taken = await runner.take()
    assert taken is not None
    assert (taken["kind"], taken["parameters"]) == ("replay", body)
    result = {"identical": True, "n": 1, "n_identical": 1, "differences": [], "missing": [], "code": [], "inferred": []}
    await runner.done(taken, result)
    shown = (await supervisor.call("GET", f"/workshop/replays/{one.json()['job']}")).json()
    assert (shown["state"], shown["result"]) == ("done", result)


async def test_an_agent_replays_only_what_they_may_read(desk: Desk, bot: FakeBot) -> None:
    """A replay would show a colleague's customer to everybody."""
    customer, agent = await closed_customer(desk, bot), await desk.agent()
    answer = await agent.call("POST", "/workshop/replays", json={"conversation_id": customer.id})
    assert (answer.status_code, error_code(answer)) == (403, "reason_needed")
    supervisor = await desk.agent("supervisor")
    job = (await supervisor.call("POST", "/workshop/replays", json={"conversation_id": customer.id})).json()["job"]
    assert (await agent.call("GET", f"/workshop/replays/{job}")).status_code == 403


async def test_another_job_is_no_replay(desk: Desk, bot: FakeBot) -> None:
    """Whoever may replay could read the result of every job."""
    job = await looked_back(desk)
    assert (await (await desk.agent("editor")).call("GET", f"/workshop/replays/{job}")).status_code == 404
    answer = await desk.http.get(f"/api/workshop/replays/{job}", headers={"Authorization": f"Bearer {SERVICE_TOKEN}"})
    assert answer.status_code == 401
