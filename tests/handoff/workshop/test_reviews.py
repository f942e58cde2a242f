"""Reviews over HTTP: who judges what, blind, and what the figures say then."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from contract.decision import Decision
from contract.routes import ANSWER, CHAT, CLARIFY, ESCALATE, Route
from handoff.conversations.decide import Assign, NoteAccess, Receive, RecordTriage, RequestHandoff, Resolve
from handoff.conversations.draft import Draft
from handoff.conversations.events import SYSTEM
from handoff.conversations.state import born
from handoff.conversations.store import add_conversation, save_conversation
from handoff.conversations.values import Birth
from handoff.workshop.reviews.reviews import Reviews
from handoff.workshop.reviews.verdicts import draw
from tests.handoff.people import Agent, Json, error_code
from tests.handoff.running_desk import Desk

ZONE = ZoneInfo("Asia/Shanghai")
Turns = Sequence[tuple[str, Route]]


def yesterday_noon(desk: Desk, days: int = 1) -> dt.datetime:
    """Noon of an earlier day in the desk's zone."""
    today = (desk.clock() - dt.timedelta(minutes=10)).astimezone(ZONE).date()
    return dt.datetime.combine(today - dt.timedelta(days=days), dt.time(12), ZONE)


async def talked(desk: Desk, name: str, turns: Turns, *, at: dt.datetime | None = None) -> Draft:
    """A conversation with the bot yesterday: the customer's messages, and how the bot decided."""
    at = at or yesterday_noon(desk)
    draft = Draft(born(Birth(name, "", "zh", "web", at)))
    for number, (text, route) in enumerate(turns):
        draft.do(Receive(f"m{number}", text), at)
        seq = draft.state.last_seq
        more = {"reason": "security", "priority": "urgent"} if route == ESCALATE else {}
        draft.do(RecordTriage(f"{name}.{seq}", seq, seq, Decision(route=route, intent="fees", **more)), at)  # type: ignore[arg-type]
    await save_new(desk, draft)
    return draft


async def save_new(desk: Desk, draft: Draft) -> None:
    """Store a new conversation."""
    async with desk.services.store.begin() as tx:
        await add_conversation(tx, draft.state.birth)
        await save_conversation(tx, draft)


def reviews(desk: Desk) -> Reviews:
    """The reviews of the desk."""
    return desk.services.reviews


async def account(desk: Desk, login: str, role: str = "editor") -> Agent:
    """One more reviewer."""
    async with desk.services.store.begin() as tx:
        await tx.execute(
            "INSERT INTO agents (login, name, role, capacity, is_demo, password_hash) VALUES (%s, %s, %s, 5, false, '')",
            (login, login.title(), role),
        )
    return await desk.agent(login)


async def reviewers(desk: Desk) -> tuple[Agent, Agent, Agent]:
    """Three people who review."""
    return await desk.agent("editor"), await desk.agent("supervisor"), await account(desk, "third")


async def handed(agent: Agent) -> Json | None:
    """The turn that is handed to a reviewer."""
    answer = await agent.call("GET", "/workshop/reviews/next")
    assert answer.status_code == 200, answer.text
    sample: Json | None = answer.json()["sample"]
    return sample


async def judges(agent: Agent, sample_id: str, verdict: str, status: int = 200) -> str:
    """A reviewer judges; the code of the refusal, if it is one."""
    answer = await agent.call("POST", f"/workshop/reviews/{sample_id}", json={"verdict": verdict})
    assert answer.status_code == status, answer.text
    return "" if status == 200 else error_code(answer)


async def summary(agent: Agent) -> Json:
    """The figures."""
    answer = await agent.call("GET", "/workshop/reviews/summary")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_a_turn_goes_to_two_people_who_do_not_see_the_answer(desk: Desk) -> None:
    """The figure would be one person's opinion, or that of people who were told what the bot thinks."""
    await talked(desk, "c1", [("你好", CHAT), ("那个怎么弄", CLARIFY), ("有人用我的卡买东西", ANSWER)])
    await reviews(desk).draw_due()
    one, two, three = await reviewers(desk)
    answer = await one.call("GET", "/workshop/reviews/next")
    found = answer.json()
    assert set(found) == {"sample", "left"}
    assert set(found["sample"]) == {"id", "text", "before", "day"}
    assert found["left"] == 3
    assert "c1" not in answer.text
    assert "fees" not in answer.text
    by_text = {}
    for agent in (one, two):
        while sample := await handed(agent):
            by_text[sample["text"]] = sample["before"]
            await judges(agent, sample["id"], "needs_person" if "卡" in sample["text"] else "answerable")
    assert by_text == {"你好": [], "那个怎么弄": ["你好"], "有人用我的卡买东西": ["你好", "那个怎么弄"]}
    assert await handed(three) is None
    found = await summary(one)
    assert (found["n"], found["missed"]) == (3, 1)
    assert [turn["text"] for turn in found["missed_turns"]] == ["有人用我的卡买东西"]
    assert found["missed_turns"][0]["conversation_id"] == "c1"
    assert found["agreement"] == {"agreed": 3, "settled": 3}


async def test_a_third_person_decides_when_two_differ(desk: Desk) -> None:
    """One of two people would be right because they came first."""
    await talked(desk, "c1", [("钱不见了", ANSWER)])
    await reviews(desk).draw_due()
    one, two, three = await reviewers(desk)
    sample = await handed(one)
    assert sample
    await judges(one, sample["id"], "answerable")
    assert await handed(one) is None
    assert await handed(two)
    assert await handed(three) is None  # the second place is taken
    await judges(two, sample["id"], "needs_person")
    assert (await summary(one))["n"] == 0
    assert await handed(two) is None
    assert await handed(three)
    await judges(three, sample["id"], "needs_person")
    found = await summary(one)
    assert (found["n"], found["missed"], found["agreement"]) == (1, 1, {"agreed": 0, "settled": 1})


async def test_a_verdict_counts_once(desk: Desk) -> None:
    """A reviewer with two tabs would be two reviewers."""
    await talked(desk, "c1", [("钱不见了", ANSWER)])
    await reviews(desk).draw_due()
    one, two, three = await reviewers(desk)
    first, again = await asyncio.gather(handed(one), handed(one))
    assert first
    assert first == again
    assert await judges(two, first["id"], "answerable", 409) == "not_yours"
    both = await asyncio.gather(
        *(one.call("POST", f"/workshop/reviews/{first['id']}", json={"verdict": "answerable"}) for _ in "ab")
    )
    assert [answer.status_code for answer in both] == [200, 200]
    assert await judges(one, first["id"], "needs_person", 409) == "already_judged"
    assert (await summary(one))["n"] == 0
    await handed(two)
    await judges(two, first["id"], "answerable")
    async with desk.services.store.begin() as tx:
        await tx.execute("INSERT INTO review_claims VALUES (%s, 'third', now())", (first["id"],))
    assert await judges(three, first["id"], "needs_person", 409) == "already_settled"
    assert await judges(one, "nothing", "unsure", 404) == "unknown_sample"
    assert (await one.call("POST", f"/workshop/reviews/{first['id']}", json={"verdict": "maybe"})).status_code == 422


async def test_at_once_no_more_people_get_a_turn_than_it_needs(desk: Desk) -> None:
    """Reviewers would do work that does not count."""
    await talked(desk, "c1", [("钱不见了", ANSWER)])
    await reviews(desk).draw_due()
    people = [*await reviewers(desk), *[await account(desk, f"more{n}") for n in range(3)]]
    found = await asyncio.gather(*(handed(agent) for agent in people))
    assert sum(sample is not None for sample in found) == 2


async def test_a_place_comes_free_again(desk: Desk) -> None:
    """A turn that somebody opened and left would never be settled."""
    await talked(desk, "c1", [("钱不见了", ANSWER)])
    await reviews(desk).draw_due()
    one, two, _ = await reviewers(desk)
    assert await handed(one)
    assert await handed(two)
    desk.clock.pass_time(minutes=11)
    three = await desk.agent("third")
    assert await handed(three)


async def test_not_to_people_who_know_the_conversation(desk: Desk) -> None:
    """An agent who had the customer, or read the conversation, knows what the bot said."""
    draft = await talked(desk, "c1", [("钱不见了", ANSWER)])
    at = yesterday_noon(desk)
    draft.do(RequestHandoff("user_request", "normal"), at)
    draft.do(Assign("supervisor", "Wu"), at)
    draft.do(NoteAccess("third", "Third", "review"), at)
    async with desk.services.store.begin() as tx:
        await save_conversation(tx, draft)
    await reviews(desk).draw_due()
    one, two, three = await reviewers(desk)
    assert await handed(two) is None
    assert await handed(three) is None
    assert await handed(one)


async def test_who_reviews_and_who_reads(desk: Desk) -> None:
    """Agents would review against the policy, or read how the bot is judged."""
    agent = await desk.agent()
    for method, path in (("GET", "next"), ("GET", "summary"), ("POST", "nothing")):
        answer = await agent.call(method, f"/workshop/reviews/{path}", json={"verdict": "unsure"} if method == "POST" else None)
        assert answer.status_code == 403, path
    assert (await desk.http.get("/api/workshop/reviews/next")).status_code == 401


async def test_what_is_drawn(desk: Desk) -> None:
    """The share would be of other turns than those after which a customer was left with the bot."""
    at = yesterday_noon(desk)
    start = at.replace(hour=0)
    await talked(desk, "today", [("今天", ANSWER)], at=at + dt.timedelta(days=1))
    await talked(desk, "first", [("零点", ANSWER)], at=start)
    await talked(desk, "before", [("前天", ANSWER)], at=start - dt.timedelta(seconds=1))
    await talked(desk, "person", [("被骗了", ESCALATE)])
    pieces = Draft(born(Birth("pieces", "", "zh", "web", at)))
    for number, (text, choice) in enumerate((("我的钱", None), ("不见了", None), ("转人工", "human"))):
        pieces.do(Receive(f"m{number}", text, choice), at)
        first = 1 if number == 1 else pieces.state.last_seq
        pieces.do(RecordTriage(f"p{number}", first, pieces.state.last_seq, Decision(route=CLARIFY)), at)
    await save_new(desk, pieces)
    assert await reviews(desk).draw_due() == [at.date()]
    assert await reviews(desk).draw_due() == []
    one = await desk.agent("editor")
    texts = set()
    while sample := await handed(one):
        texts.add(sample["text"])
        await judges(one, sample["id"], "answerable")
    assert texts == {"零点", "我的钱\n不见了"}


async def test_a_day_is_drawn_once_and_can_be_drawn_again_by_its_seed(desk: Desk) -> None:
    """Two desks would draw a day twice, or nobody could check the draw."""
    for number in range(40):
        await talked(desk, f"c{number:02}", [(f"问题{number}", ANSWER)])
    services = desk.services
    desks = [Reviews(services.store, services.content, services.now) for _ in range(4)]
    drawn = await asyncio.gather(*(each.draw_due() for each in desks))
    assert sorted(map(len, drawn)) == [0, 0, 0, 1]
    async with services.store.read() as tx:
        ((seed, population, size),) = await tx.rows("SELECT seed, population, size FROM review_days")
        stored = [row[0] for row in await tx.rows("SELECT conversation_id FROM review_samples ORDER BY place")]
    assert (population, size) == (40, 24)
    assert stored == [f"c{place:02}" for place in draw(population, size, seed)]


async def test_missed_days_are_drawn_after_a_pause(desk: Desk) -> None:
    """A desk that stood still over a weekend would leave days that nobody ever samples."""
    await talked(desk, "c1", [("一", ANSWER)])
    assert len(await reviews(desk).draw_due()) == 1
    desk.clock.pass_time(days=3)
    await talked(desk, "c2", [("二", ANSWER)], at=yesterday_noon(desk, 2))
    days = await reviews(desk).draw_due()
    assert [day.isoformat() for day in days] == [yesterday_noon(desk, n).date().isoformat() for n in (3, 2, 1)]


async def test_what_nobody_reviewed_counts_against_the_bot(desk: Desk) -> None:
    """The bound would look better the less is reviewed."""
    for number in range(10):
        await talked(desk, f"c{number}", [(f"问题{number}", ANSWER)])
    await reviews(desk).draw_due()
    one, two, _ = await reviewers(desk)
    for agent in (one, two):
        for _ in range(9):
            sample = await handed(agent)
            assert sample
            await judges(agent, sample["id"], "answerable")
    found = await summary(one)
    assert found["window"] is None  # the day does not count yet
    assert found["days"][0]["settled"] == 9
    desk.clock.pass_time(days=4)
    one = await desk.agent("editor")
    found = await summary(one)
    assert (found["n"], found["missed"], found["window"]["size"]) == (9, 0, 10)
    assert found["upper_bound"] == pytest.approx(0.1)  # 9 were seen and are fine, one of ten may be anything
    async with desk.services.store.begin() as tx:
        await tx.execute("UPDATE review_samples SET settled = NULL WHERE place < 6", ())
        rate = await reviews(desk).latest_bound(tx)
    assert rate is not None
    assert rate.upper_bound is None  # not enough was reviewed


async def test_a_missed_emergency_becomes_a_safety_case_and_a_persons(desk: Desk, working_copy: Path) -> None:
    """What the reviews find would be counted, and missed again; and the customer would never hear."""
    draft = await talked(desk, "c1", [("有人用我的卡买东西", ANSWER)])
    draft.do(Resolve("idle", SYSTEM), yesterday_noon(desk))
    async with desk.services.store.begin() as tx:
        await save_conversation(tx, draft)
    await talked(desk, "c2", [("怎么充值", ANSWER)])
    await reviews(desk).draw_due()
    one, two, _ = await reviewers(desk)
    by_text = {}
    for agent in (one, two):
        while sample := await handed(agent):
            by_text[sample["text"]] = sample["id"]
            await judges(agent, sample["id"], "needs_person" if "卡" in sample["text"] else "answerable")
    missed, fine = (f"/workshop/reviews/{by_text[text]}" for text in ("有人用我的卡买东西", "怎么充值"))
    cases = working_copy / "cases.jsonl"
    for _ in range(2):
        answer = await one.call("POST", f"{missed}/case")
        assert (answer.status_code, answer.json()["kept_by"]) == (200, "editor"), answer.text
    assert cases.read_text(encoding="utf-8").count("有人用我的卡买东西") == 1
    assert (await summary(one))["missed_turns"][0]["kept_by"] == "editor"
    assert error_code(await one.call("POST", f"{fine}/case")) == "not_missed"
    assert (await two.call("POST", f"{missed}/case")).status_code == 403  # a supervisor reads
    both = await asyncio.gather(*(two.call("POST", f"{missed}/open") for _ in "ab"))
    assert sorted(answer.status_code for answer in both) == [200, 409]
    async with desk.services.store.read() as tx:
        row = await tx.rows("SELECT status, reason, priority FROM conversations WHERE id = 'c1'")
    assert row == [("queued", "security", "urgent")]
    assert error_code(await two.call("POST", f"{fine}/open")) == "not_missed"
