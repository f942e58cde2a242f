"""The supervisors' board and the reports over HTTP: who may read them, and that they say what the log says."""

from __future__ import annotations

import argparse
import asyncio
import csv
import datetime as dt
import io
from collections.abc import Iterable
from typing import Any

import pytest

from handoff.conversations.decide import (
    Assign,
    EndOffer,
    NoteAccess,
    OfferTo,
    Rate,
    Receive,
    RequestHandoff,
    Requeue,
    Resolve,
    Write,
)
from handoff.conversations.draft import Draft
from handoff.conversations.events import Participant
from handoff.conversations.state import born
from handoff.conversations.store import add_conversation, save_conversation
from handoff.conversations.values import Birth
from handoff.figures.catalogue import FIGURES
from handoff.figures.command import figures
from handoff.figures.live import LiveBoard
from handoff.runtime.errors import Unavailable
from tests.handoff.logs import START, random_draft
from tests.handoff.people import Json, error_code
from tests.handoff.running_desk import Desk

AGENT = Participant("agent", "Zhou")


@pytest.fixture(autouse=True)
def nothing_kept(desk: Desk) -> None:
    """The board of an earlier test is gone, as its conversations are."""
    desk.services.live_board.forget()
    desk.services.reports.forget()


def day(desk: Desk, days: int = 0) -> str:
    """A date in the desk's zone, this many days from now."""
    return (desk.clock().astimezone(dt.timezone(dt.timedelta(hours=8))) + dt.timedelta(days=days)).date().isoformat()


async def store(desk: Desk, drafts: Iterable[Draft]) -> None:
    """Put conversations into the database with their whole logs."""
    for draft in drafts:
        async with desk.services.store.begin() as tx:
            await add_conversation(tx, draft.state.birth)
            await save_conversation(tx, draft)


def opened(desk: Desk, name: str, minutes_ago: float) -> Draft:
    """A new conversation, some minutes ago."""
    at = desk.clock() - dt.timedelta(minutes=minutes_ago)
    return Draft(born(Birth(name, "", "zh", "web", at)))


async def board(desk: Desk) -> Json:
    """The board as it is now, whatever was kept."""
    return await desk.services.live_board.read()


async def report(desk: Desk, **params: str) -> Json:
    """A report as a supervisor reads it."""
    supervisor = await desk.agent("supervisor")
    answer = await supervisor.call("GET", "/figures", params=params)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


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


# --- the board -----------------------------------------------------------------------------------------------------------


async def test_the_board_shows_who_waits(desk: Desk) -> None:
    """A supervisor would look at an empty board while a customer waits."""
    await desk.waiting_customer()
    supervisor = await desk.agent("supervisor")
    answer = await supervisor.call("GET", "/board")
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert sum(each["count"] for each in found["waiting"]) == 1
    figures_ = {each["id"]: each["value"] for each in found["figures"]}
    assert figures_["waiting"] == 1
    assert found["timeline"][-1]["waiting"] == 1
    assert sum(step["arrivals"] for step in found["timeline"]) == 1
    assert len(found["timeline"]) == 48


async def test_the_board_follows_the_log(desk: Desk) -> None:
    """The board would keep what it has read first: events that follow would be missing, or count twice."""
    draft = opened(desk, "c1", 30)
    now = desk.clock()
    draft.do(Receive("m1", "钱没到"), now - dt.timedelta(minutes=30))
    draft.do(RequestHandoff("dispute", "high"), now - dt.timedelta(minutes=30))
    await store(desk, [draft])
    assert values(await board(desk))["waiting"] == 1
    draft.do(Assign("agent", "Zhou"), now - dt.timedelta(minutes=20))
    draft.do(Write("agent", "Zhou", "您好", "a1"), now - dt.timedelta(minutes=20))
    await save(desk, draft)
    for _ in range(2):
        found = await board(desk)
        assert values(found)["waiting"] == 0
        assert values(found)["first_response_median"] == 600
        assert values(found)["handoffs"] == 1
        assert [sum(step[name] for step in found["timeline"]) for name in ("arrivals", "claims")] == [1, 1]


async def save(desk: Desk, draft: Draft) -> None:
    """Store what is new in a conversation."""
    async with desk.services.store.begin() as tx:
        await save_conversation(tx, draft)


def values(found: Json) -> dict[str, Any]:
    """The board's figures by id."""
    return {each["id"]: each["value"] for each in found["figures"]}


async def test_yesterdays_same_hour_stands_beside_today(desk: Desk) -> None:
    """A supervisor could not tell a bad hour from a usual one."""
    for name, ago in (("today", 10), ("yesterday", 24 * 60 + 10), ("earlier", 24 * 60 + 90)):
        draft = opened(desk, name, ago)
        at = draft.state.birth.created_at
        draft.do(RequestHandoff("dispute", "high"), at)
        draft.do(Assign("agent", "Zhou"), at)
        draft.do(Write("agent", "Zhou", "您好", "a1"), at + dt.timedelta(minutes=3 if name == "today" else 5))
        draft.do(Resolve("agent", AGENT, login="agent"), at + dt.timedelta(minutes=6))
        await store(desk, [draft])
    (figure,) = [each for each in (await board(desk))["figures"] if each["id"] == "first_response_median"]
    assert (figure["value"], figure["yesterday"]) == (180, 300)
    assert (figure["denominator"], figure["yesterday_denominator"]) == (1, 1)


async def test_what_a_supervisor_must_look_at(desk: Desk) -> None:
    """A victim who waits, a customer without an answer, or a case that nobody takes would not be seen."""
    now = desk.clock()

    def ago(minutes: float) -> dt.datetime:
        return now - dt.timedelta(minutes=minutes)

    urgent = opened(desk, "urgent", 3)
    urgent.do(Receive("m1", "我要找你们主管"), ago(3))
    urgent.do(RequestHandoff("security", "urgent"), ago(3))
    urgent.do(OfferTo("agent", "Zhou", ago(2)), ago(2.5))
    urgent.do(EndOffer("agent", "late"), ago(2))

    silent = opened(desk, "unanswered", 20)
    silent.do(RequestHandoff("dispute", "high"), ago(20))
    silent.do(Assign("agent", "Zhou", over_capacity_by="supervisor"), ago(19))
    silent.do(Receive("m1", "在吗"), ago(6))
    silent.do(NoteAccess("wu", "Wu", "投诉复核"), ago(5))

    passed = opened(desk, "requeued", 20)
    passed.do(RequestHandoff("user_request", "normal"), ago(20))
    for minute in (18, 15):
        passed.do(Assign("agent", "Zhou"), ago(minute))
        passed.do(Requeue(AGENT, "agent"), ago(minute - 1))

    back = opened(desk, "back", 60)
    back.do(RequestHandoff("dispute", "high"), ago(60))
    back.do(Assign("agent", "Zhou"), ago(59))
    back.do(Resolve("agent", AGENT, login="agent"), ago(50))
    back.do(Rate(1), ago(49))
    back.do(Receive("m2", "钱还是没到"), ago(30))
    back.do(RequestHandoff("dispute", "high"), ago(30))

    fine = opened(desk, "fine", 1)
    fine.do(Receive("m1", "有人吗"), ago(1))
    fine.do(RequestHandoff("security", "urgent"), ago(1))
    old = opened(desk, "old", 300)
    old.do(RequestHandoff("dispute", "high"), ago(300))
    old.do(Assign("agent", "Zhou"), ago(299))
    old.do(Resolve("agent", AGENT, login="agent"), ago(290))
    old.do(Rate(1), ago(289))
    await store(desk, [urgent, silent, passed, back, fine, old])

    found = await board(desk)
    assert [(each["kind"], each["conversation_id"]) for each in found["attention"]] == [
        ("urgent_waiting", "urgent"),
        ("asks_for_supervisor", "urgent"),
        ("unanswered", "unanswered"),
        ("reopened_dispute", "back"),
        ("offer_missed", "urgent"),
        ("requeued", "requeued"),
        ("low_rating", "back"),
        ("over_capacity", "unanswered"),
        ("accessed", "unanswered"),
    ]
    by_kind = {each["kind"]: each for each in found["attention"]}
    assert by_kind["unanswered"]["login"] == "agent"
    assert 359 <= by_kind["unanswered"]["seconds"] <= 420
    assert by_kind["over_capacity"]["by"] == "supervisor"
    assert (by_kind["accessed"]["login"], by_kind["accessed"]["reason"]) == ("wu", "投诉复核")
    assert by_kind["offer_missed"]["why"] == "late"
    assert (by_kind["requeued"]["count"], by_kind["low_rating"]["score"]) == (2, 1)
    assert {"urgent"} <= {card["id"] for card in found["breaches"]}
    assert "fine" in {card["id"] for card in found["near"]}
    assert found["attention_total"] == len(found["attention"])


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("叫你们经理来", True),
        ("我要和負責人說話", True),
        ("I want to speak to your manager", True),
        ("主管部门的规定是什么", False),
        ("我的领导给我转了钱", False),
        ("I use a password manager", False),
    ],
)
async def test_who_asks_for_a_supervisor(desk: Desk, text: str, asks: bool) -> None:
    """The list would be full of customers who only mention one, or miss those who ask."""
    draft = opened(desk, "c1", 3)
    draft.do(Receive("m1", text), desk.clock())
    await store(desk, [draft])
    kinds = [each["kind"] for each in (await board(desk))["attention"]]
    assert ("asks_for_supervisor" in kinds) == asks


async def test_a_queue_that_nobody_can_serve_is_a_warning(desk: Desk) -> None:
    """Customers would wait in a queue for which nobody is there, and no supervisor would know why."""
    draft = opened(desk, "c1", 3)
    draft.do(RequestHandoff("security", "urgent"), desk.clock())
    await store(desk, [draft])
    assert "queue_unstaffed" in {each["code"] for each in (await board(desk))["warnings"]}
    await desk.agent("agent")
    assert "queue_unstaffed" not in {each["code"] for each in (await board(desk))["warnings"]}


async def test_supervisors_share_one_reading(desk: Desk) -> None:
    """Ten supervisors would make the desk read the log ten times."""
    supervisor = await desk.agent("supervisor")
    first, second = await asyncio.gather(supervisor.call("GET", "/board"), supervisor.call("GET", "/board"))
    assert first.json()["now"] == second.json()["now"]


async def test_the_stream_sends_the_board_and_ends_with_the_session(desk: Desk) -> None:
    """A supervisor would look at a still picture, or an account that was removed would watch on."""
    supervisor = await desk.agent("supervisor")
    async with supervisor.stream("/board") as stream:
        frame = await stream.next()
        assert frame.event == "board"
        assert {"figures", "waiting", "attention", "agents", "timeline", "warnings"} <= set(frame.data)
    agent = await desk.agent("agent")
    answer = await desk.http.get("/api/board", headers={**agent.headers, "Accept": "text/event-stream"})
    assert answer.status_code == 403


# --- reports -------------------------------------------------------------------------------------------------------------


@pytest.fixture
async def filled(desk: Desk) -> Desk:
    """A desk whose database holds two hundred random conversations of one day."""
    await store(desk, [random_draft(number) for number in range(200)])
    return desk


WINDOW = {"from": "2026-11-02", "to": "2026-11-05"}


async def test_the_command_prints_what_the_board_shows(filled: Desk) -> None:
    """The terminal would say another number than the board."""
    for by in (None, "reason", "queue", "agent", "day", "hour"):
        shown = await report(filled, **WINDOW, **({"by": by} if by else {}))
        options = argparse.Namespace(start=WINDOW["from"], end=WINDOW["to"], by=by, csv=True)
        printed = await figures(filled.services.store, filled.services.content(), options, filled.clock())
        lines = list(csv.DictReader(io.StringIO(printed)))
        rows = [(figure["id"], row) for figure in shown["figures"] for row in figure["rows"]]
        assert len(rows) == len(lines) > len(FIGURES) - 1
        for (figure, row), line in zip(rows, lines, strict=True):
            cells = ("key", "value", "numerator", "denominator")
            as_text = [figure, *("" if row[name] is None else str(row[name]) for name in cells)]
            assert as_text == [line[name] for name in ("figure", "key", "value", "numerator", "denominator")]
        assert sum(row["denominator"] for _, row in rows) > 500


async def test_the_command_prints_a_table(filled: Desk) -> None:
    """An operator could not read the numbers."""
    options = argparse.Namespace(start=WINDOW["from"], end=WINDOW["to"], by="agent", csv=False)
    printed = await figures(filled.services.store, filled.services.content(), options, filled.clock())
    assert "2026-11-02T00:00+08:00 to 2026-11-05T00:00+08:00 (Asia/Shanghai)" in printed
    assert any(line.split()[:2] == ["first_response_median", "zhou"] for line in printed.splitlines())


async def test_the_file_opens_in_a_spreadsheet(desk: Desk) -> None:
    """A spreadsheet would show no Chinese, or run an agent's name as a formula."""
    draft = Draft(born(Birth("c1", "", "zh", "web", START)))
    draft.do(RequestHandoff("dispute", "high"), START)
    draft.do(Assign("=cmd|' /C calc'!A0", "Zhou"), START)
    await store(desk, [draft])
    supervisor = await desk.agent("supervisor")
    answer = await supervisor.call("GET", "/figures.csv", params={**WINDOW, "by": "agent"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="figures_2026-11-02_2026-11-04.csv"'
    assert answer.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert next(row[:2] for row in rows if row[0] == "taken") == ["taken", "接待会话"]
    keys = {row[4] for row in rows[1:]}
    assert "'=cmd|' /C calc'!A0" in keys
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)


async def test_a_number_opens_the_conversations_that_it_counts(filled: Desk) -> None:
    """A click on a number would open nothing, or other conversations."""
    supervisor = await filled.agent("supervisor")
    shown = await report(filled, **WINDOW, by="agent")
    for figure in shown["figures"]:
        for row in figure["rows"][:2]:
            answer = await supervisor.http.get(row["conversation_ids_url"], headers=supervisor.headers)
            assert answer.status_code == 200, answer.text
            assert answer.json()["total"] == row["denominator"] == len(answer.json()["conversations"])
    wrong = await supervisor.call("GET", "/figures/happiness/conversations", params=WINDOW)
    assert (wrong.status_code, error_code(wrong)) == (404, "unknown_figure")


async def test_the_waiting_now_are_the_waiting_of_the_log(filled: Desk) -> None:
    """The board's table, which reads the rows, and its figure, which reads the log, would differ."""
    filled.services.live_board.forget()
    found = await board(filled)
    assert sum(each["count"] for each in found["waiting"]) == values(found)["waiting"] > 0
    assert found["timeline"][-1]["waiting"] == values(found)["waiting"]


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"from": "2026-11-02", "to": "2026-11-02"}, "bad_window"),
        ({"from": "yesterday", "to": "2026-11-02"}, "bad_window"),
        ({"from": "2026-11-02"}, "bad_request"),
        ({**WINDOW, "by": "colour"}, "bad_request"),
    ],
)
async def test_reports_that_are_refused(desk: Desk, params: dict[str, str], code: str) -> None:
    """A typing error would be an empty report or an internal error."""
    supervisor = await desk.agent("supervisor")
    for path in ("/figures", "/figures.csv"):
        answer = await supervisor.call("GET", path, params=params)
        assert (answer.status_code, error_code(answer)) == (422, code)


async def test_a_log_longer_than_a_batch_is_read_whole(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The figures would end in the middle of a long log, or lose the conversations after it."""
    monkeypatch.setattr("handoff.figures.store.EVENTS_AT_ONCE", 3)
    monkeypatch.setattr("handoff.figures.store.CONVERSATIONS_AT_ONCE", 2)
    drafts = [random_draft(number) for number in range(40)]
    await store(desk, drafts)
    few = await report(desk, **WINDOW, by="agent")
    monkeypatch.undo()
    desk.services.reports.forget()
    assert few["figures"] == (await report(desk, **WINDOW, by="agent"))["figures"]


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


async def test_a_reading_that_fails_half_way_loses_and_doubles_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a fault of the database the board would count some events twice, or never."""
    draft = opened(desk, "c1", 30)
    at = draft.state.birth.created_at
    draft.do(RequestHandoff("dispute", "high"), at)
    await store(desk, [draft])
    await board(desk)
    draft.do(Assign("agent", "Zhou"), at + dt.timedelta(minutes=1))
    draft.do(Write("agent", "Zhou", "您好", "a1"), at + dt.timedelta(minutes=2))
    await save(desk, draft)

    def breaks(*_: object) -> None:
        raise Unavailable("database_unavailable", "", "")

    with monkeypatch.context() as patch:
        patch.setattr(LiveBoard, "_read_yesterday", breaks)
        with pytest.raises(Unavailable):
            await board(desk)
        patch.setattr("handoff.figures.live.StoryFold.add", breaks)
        draft.do(Write("agent", "Zhou", "还在", "a2"), at + dt.timedelta(minutes=3))
        await save(desk, draft)
        with pytest.raises(Unavailable):
            await board(desk)
    found = await board(desk)
    assert (values(found)["first_response_median"], values(found)["handoffs"]) == (120, 1)
    assert sum(step["claims"] for step in found["timeline"]) == 1
