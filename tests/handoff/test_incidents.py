"""Incidents: one announcement, from which the banner, the bot's context, the agents' reply and the closing message come."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from handoff.cases.incidents import closing
from handoff.cases.incidents.closing import ClosingMessages
from handoff.conversations.draft import Draft
from handoff.conversations.evolve import fold
from handoff.conversations.store import events_after, save_conversation
from handoff.runtime.errors import Unavailable
from handoff.runtime.transaction import Transaction
from handoff.workshop.log.turns import read_turns
from tests.handoff.fake_bot import Held, answers
from tests.handoff.people import Agent, Customer, Json, error_code, of_type
from tests.handoff.running_desk import Desk

TEXT = {
    "zh": "招商银行转账自 14:00 起延迟，预计 17:00 恢复。",
    "en": "Transfers to CMB are late. Expected to end at 17:00.",
}
OVER = {"zh": "招商银行转账已恢复。", "en": "Transfers to CMB work again."}
UNTIL = "2026-11-30T17:00:00+08:00"


async def announce(supervisor: Agent, **more: Any) -> Json:
    """Announce an incident."""
    body = {"title": "招行延迟", "text": TEXT, "intents": ["transfer_delay"], "banks": ["招商银行", "招行"], "until": UNTIL}
    answer = await supervisor.call("POST", "/incidents", json={**body, **more})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def ask(desk: Desk, incident: Json, locale: str = "zh") -> Customer:
    """A customer to whom the bot answers with the incident."""
    customer = await desk.customer(locale)
    desk.bot.will(answers(incident={"id": incident["id"], "version": incident["version"]}))
    await desk.wait_for_turn(customer, await customer.say("转账没到账" if locale == "zh" else "my transfer has not arrived"))
    return customer


def closings(desk: Desk) -> ClosingMessages:
    """The worker, which tells when called. The desk's own one runs, too."""
    services = desk.services
    return ClosingMessages(services.store, services.wakeups, services.content, desk.clock)


def closing_words(events: list[Json]) -> list[str]:
    """The closing messages of a log."""
    return [event["text"] for event in of_type(events, "message") if event.get("kind") == "incident"]


async def test_only_supervisors_announce(desk: Desk) -> None:
    """Anybody could put words on the page of every customer."""
    agent = await desk.agent()
    body = {"title": "a", "text": TEXT}
    for answer in (
        await agent.call("POST", "/incidents", json=body),
        await agent.call("PATCH", "/incidents/IXXXXXXX", json={"state": "closed"}),
    ):
        assert (answer.status_code, error_code(answer)) == (403, "not_permitted")
    assert (await desk.http.post("/api/incidents", json=body)).status_code == 403
    assert (await desk.http.get("/api/incidents/all")).status_code == 401
    assert (await desk.http.get("/api/incidents")).json() == {"incidents": []}


async def test_a_banner_in_three_languages(desk: Desk) -> None:
    """Customers would not learn of it, or read it in another language than theirs."""
    incident = await announce(await desk.agent("supervisor"))
    shown = (await desk.http.get("/api/incidents")).json()["incidents"]
    assert [(each["id"], each["text"]) for each in shown] == [(incident["id"], TEXT["zh"])]
    assert shown[0]["until"] == "2026-11-30T09:00:00+00:00"
    english = (await desk.http.get("/api/incidents", headers={"Accept-Language": "en"})).json()["incidents"]
    assert english[0]["text"] == TEXT["en"]
    assert (await desk.http.get("/api/incidents?locale=zh-Hant")).json()["incidents"][0]["text"].startswith("招商銀行轉帳")
    status = await (await desk.customer("en")).status()
    assert [each["text"] for each in status["incidents"]] == [TEXT["en"]]


async def test_the_banner_comes_and_goes_in_an_open_stream(desk: Desk) -> None:
    """Who already has the page open would ask a person about what everybody knows."""
    customer, supervisor = await desk.customer(), await desk.agent("supervisor")
    async with customer.stream() as stream:
        assert (await stream.next()).data["incidents"] == []
        incident = await announce(supervisor)
        assert [each["id"] for each in (await stream.next()).data["incidents"]] == [incident["id"]]
        await supervisor.call("PATCH", f"/incidents/{incident['id']}", json={"state": "closed"})
        assert (await stream.next()).data["incidents"] == []


async def test_the_bot_is_told_and_the_log_says_of_what(desk: Desk) -> None:
    """The bot would answer without the incident; or a replay would be told something else than the bot was."""
    supervisor = await desk.agent("supervisor")
    incident = await announce(supervisor)
    customer = await ask(desk, incident)
    told = desk.bot.turns[-1]["context"]["incidents"]
    assert told == [
        {
            "id": incident["id"],
            "version": 1,
            "intents": ["transfer_delay"],
            "banks": ["招商银行", "招行"],
            "text": TEXT,
        }
    ]
    (triage,) = of_type(await desk.log(customer), "triage")
    assert triage["incidents"] == [{"id": incident["id"], "version": 1}]
    # Changed and closed since: the replay is told what the bot was told.
    path = f"/incidents/{incident['id']}"
    await supervisor.call("PATCH", path, json={"text": {"zh": "又延长了", "en": "longer"}})
    await supervisor.call("PATCH", path, json={"state": "closed"})
    turns = [turn async for turn in read_turns(desk.services.store, ZoneInfo("Asia/Shanghai"), conversation_id=customer.id)]
    assert [turn.context.as_json()["incidents"] for turn in turns] == [told]
    assert turns[0].is_exact
    await desk.wait_for_turn(customer, await customer.say("现在呢"))
    assert "incidents" not in desk.bot.turns[-1]["context"]


async def test_who_asked_is_told_once_that_it_is_over(desk: Desk) -> None:
    """Customers would wait for ever, read it again and again, or read it although they never asked."""
    supervisor = await desk.agent("supervisor")
    incident = await announce(supervisor)
    chinese, english, other = await ask(desk, incident), await ask(desk, incident, "en"), await desk.customer()
    await other.say("你好")
    await chinese.press("solved")  # a closed conversation is told as well
    closed = await supervisor.call("PATCH", f"/incidents/{incident['id']}", json={"state": "closed", "closing_text": OVER})
    assert closed.json()["state"] == "closed"
    for _ in range(3):
        await asyncio.gather(*(closings(desk).tell() for _ in range(3)))
    assert closing_words(await chinese.events()) == [OVER["zh"]]
    assert closing_words(await english.events()) == [OVER["en"]]
    assert closing_words(await other.events()) == []
    conversation = await desk.conversation(chinese)
    async with desk.services.store.read() as tx:
        assert fold(conversation.birth, await events_after(tx, chinese.id, 0)) == conversation
    (all_,) = (await supervisor.call("GET", "/incidents/all")).json()["incidents"]
    assert (all_["told"], all_["state"], all_["by"]) == (2, "closed", "supervisor")


async def test_a_desk_that_dies_while_it_tells_goes_on(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a crash some customers would be told twice, or never."""
    supervisor = await desk.agent("supervisor")
    incident = await announce(supervisor)
    customers = [await ask(desk, incident) for _ in range(3)]
    saved: list[str] = []

    async def save_or_die(tx: Transaction, draft: Draft) -> None:
        if len(saved) == 2:
            raise Unavailable("database_unavailable", "", "")
        await save_conversation(tx, draft)
        saved.append(draft.state.id)

    monkeypatch.setattr(closing, "save_conversation", save_or_die)
    await supervisor.call("PATCH", f"/incidents/{incident['id']}", json={"state": "closed", "closing_text": OVER})
    with pytest.raises(Unavailable):
        await closings(desk).tell()
    saved.clear()
    for _ in range(3):
        with contextlib.suppress(Unavailable):
            await closings(desk).tell()
        saved.clear()
    assert [closing_words(await customer.events()) for customer in customers] == [[OVER["zh"]]] * 3


async def test_an_answer_that_comes_after_the_closing_is_closed_too(desk: Desk) -> None:
    """The bot's slow answer tells of an incident that was closed meanwhile, and nobody would say that it is over."""
    supervisor = await desk.agent("supervisor")
    incident = await announce(supervisor)
    customer, held = await desk.customer(), Held(answers(incident={"id": incident["id"], "version": 1}))
    desk.bot.will(held)
    seq = await customer.say("转账没到账")
    await held.asked()
    await supervisor.call("PATCH", f"/incidents/{incident['id']}", json={"state": "closed"})
    assert await closings(desk).tell() == 0
    held.release()
    await desk.wait_for_turn(customer, seq)
    await closings(desk).tell()
    usual = desk.services.policy.text("incident_over", "zh")
    assert closing_words(await customer.events()) == [usual]
    desk.clock.pass_time(minutes=3)
    await closings(desk).tell()
    async with desk.services.store.read() as tx:
        assert await tx.value("SELECT count(*) FROM incident_closings WHERE done_at IS NULL") == 0


async def test_changes_in_bad_order(desk: Desk) -> None:
    """Two supervisors would overwrite each other, a closed incident would come back, or an empty text would be announced."""
    supervisor = await desk.agent("supervisor")
    incident = await announce(supervisor)
    path = f"/incidents/{incident['id']}"
    both = await asyncio.gather(*(supervisor.call("PATCH", path, json={"title": f"标题 {n}", "version": 1}) for n in range(2)))
    assert sorted(answer.status_code for answer in both) == [200, 409]
    assert error_code(next(answer for answer in both if answer.status_code == 409)) == "changed_meanwhile"
    assert (await supervisor.call("PATCH", path, json={"until": None})).json()["until"] is None
    assert (await supervisor.call("PATCH", path, json={"state": "closed"})).status_code == 200
    again = await supervisor.call("PATCH", path, json={"state": "open"})
    assert (again.status_code, error_code(again)) == (409, "incident_closed")
    assert error_code(await supervisor.call("PATCH", "/incidents/INOTHERE", json={})) == "unknown_incident"
    asks = {"zh": "请把验证码发给我们。", "en": "Please send us your verification code."}
    for body, code in (
        ({"text": {"zh": " ", "en": "x"}}, "bad_request"),
        ({"text": {"zh": "没有英文"}}, "bad_request"),
        ({"until": "2026-11-30T17:00:00"}, "bad_request"),
        ({"intents": ["no_such_topic"]}, "unknown_intent"),
        ({"text": asks}, "content_refused"),
        ({"text": {"zh": "请看 http://example.net/x", "en": "x"}}, "content_refused"),
    ):
        answer = await supervisor.call("POST", "/incidents", json={"title": "a", "text": TEXT, **body})
        assert error_code(answer) == code, body
    for _ in range(10):
        await announce(supervisor)
    answer = await supervisor.call("POST", "/incidents", json={"title": "a", "text": TEXT})
    assert error_code(answer) == "too_many_incidents"


async def test_agents_have_the_words_as_a_reply(desk: Desk) -> None:
    """Each agent would write the announcement anew, and differently."""
    incident = await announce(await desk.agent("supervisor"))
    answer = await (await desk.agent()).call("GET", "/canned-replies?locale=zh&customer_locale=en")
    first = answer.json()["canned_replies"][0]
    assert (first["id"], first["title"], first["text"]) == (f"incident:{incident['id']}", "招行延迟", TEXT["en"])
