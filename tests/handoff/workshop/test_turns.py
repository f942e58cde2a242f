"""The turns of the log: what the export says that the bot was told is what the bot was told."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import random
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from handoff.conversations.events import Triage
from handoff.workshop.log.store import logs_for_turns
from handoff.workshop.log.turns import LoggedTurn, read_turns, turns_of
from tests.handoff.conftest import SERVICE_TOKEN, Database
from tests.handoff.fake_bot import (
    Behaviour,
    FakeBot,
    Held,
    Reply,
    answers,
    answers_with_doors,
    chats,
    decision,
    escalates,
    says,
)
from tests.handoff.people import DEADLINE_SECONDS, Agent, Customer, error_code, of_kind
from tests.handoff.running_desk import Desk

ZONE = ZoneInfo("Asia/Shanghai")
ROOT = Path(__file__).parents[3]

WORDS = (
    "转账没到", "我", "在哪里看", "where is my money", "no", "that is not what I asked", "不是这个", "還沒收到", "謝謝", "好的",
    "算了不等了", "快点", "手机丢了", "在吗", "I need help", "请问退款多久", "还是不行", "。", "嗯", "有人吗",
)  # fmt: skip


def slow(behave: Behaviour, seconds: float) -> Behaviour:
    """A bot that takes its time, so that customers write while it thinks."""

    async def later(turn: dict[str, Any]) -> Reply:
        await asyncio.sleep(seconds)
        return await behave(turn)

    return later


def random_behaviour(dice: random.Random) -> Behaviour:
    """One of the reactions that change the context of the next turn."""
    clarify = decision("clarify", asks="topic", topics=["fees", "refund_status"], rule="several")
    guess = decision("answer", asks="solved", tentative=True, topics=["fees"], article={"id": "fees", "revision": "r"})
    behaviours = [
        answers(),
        answers_with_doors(),
        chats("不客气"),
        chats("嗯", rule="context.fragment"),
        chats("嗯", rule="context.fragment"),
        *[chats("好的", outcome="closed")] * 3,
        *[chats("好的", outcome="solved")] * 4,
        chats("好的", outcome="never_mind"),
        chats("好的", asks="cancel_wait"),
        says({"messages": [{"text": "哪一个？"}], "decision": clarify}),
        says({"messages": [{"text": "是这个吗？"}], "decision": guess}),
        says({"messages": [{"text": "不明白"}], "decision": decision("reject", "out_of_scope", asks="offer_person")}),
        escalates(),
        escalates("security", "urgent", "scam_in_progress"),
        escalates("unresolved", "normal", "unresolved"),
        says({"messages": [], "decision": {}}),  # a failure: a person takes over
    ]
    return slow(dice.choice(behaviours), dice.choice((0, 0, 0.02, 0.08)))


async def act(dice: random.Random, desk: Desk, customer: Customer, agent: Agent, *, is_hasty: bool) -> None:
    """One thing that a customer or an agent does; refusals change nothing."""
    kind = dice.choices(
        ("say", "burst", "suggested", "press", "person", "cancel", "undo", "claim", "write", "transfer", "return", "resolve"),
        (14, 6 * is_hasty, 2, 6, 1, 3, 1, 5, 2, 1, 4, 5),
    )[0]
    if kind == "say":
        await customer.say(dice.choice(WORDS))
    elif kind == "burst":
        for _ in range(dice.randrange(2, 4)):
            await customer.say(dice.choice(WORDS))
    elif kind == "suggested":
        await customer.post({"client_message_id": f"s{dice.random()}", "text": "转账多久到账", "suggested": True})
    elif kind == "press":
        await customer.press(
            dice.choice(("solved", "unsolved", "human", "topic:wrong_transfer", "cancel_wait", "keep_waiting"))
        )
    elif kind == "person":
        await customer.ask_for_person()
    elif kind == "cancel":
        await customer.cancel(confirm=True)
    elif kind == "undo":
        await customer.undo_cancel()
    elif kind == "claim":
        await agent.act(customer, "claim")
    elif kind == "write":
        await agent.write(customer, "您好，我来看看")
    else:
        body: dict[str, Any] = {"seen_seq": (await desk.conversation(customer)).last_seq}
        await agent.act(customer, kind, {**body, "outcome": "solved", "note": "好"} if kind == "resolve" else body)
    if dice.random() < 0.7:
        await asyncio.sleep(dice.choice((0, 0.01, 0.1)))


async def exported(desk: Desk, **options: Any) -> list[LoggedTurn]:
    """The turns of the log."""
    return [turn async for turn in read_turns(desk.services.store, ZONE, **options)]


def told(turn: dict[str, Any]) -> dict[str, Any]:
    """What decides about a turn, of its request."""
    return {
        "text": turn["text"],
        "choice": turn["choice"],
        "suggested": turn.get("suggested", False),
        "context": turn["context"],
    }


def logged(turn: LoggedTurn) -> dict[str, Any]:
    """The same, of the export."""
    return {name: turn.as_json()[name] for name in ("text", "choice", "suggested", "context")}


async def converse(desk: Desk, bot: FakeBot, seed: int, *, is_hasty: bool) -> None:
    """One random conversation; a customer who is not hasty waits for each answer."""
    dice = random.Random(seed)
    customer, agent = await desk.customer(dice.choice(("zh", "en"))), await desk.agent(dice.choice(("agent", "supervisor")))
    for _ in range(30):
        await act(dice, desk, customer, agent, is_hasty=is_hasty)
        if not is_hasty:
            await settled(desk, customer)
    await settled(desk, customer)


async def settled(desk: Desk, customer: Customer) -> None:
    """Wait until no message of the customer waits for a turn."""
    async with asyncio.timeout(DEADLINE_SECONDS):
        while (await desk.conversation(customer)).due_at is not None or await desk.lease(customer) is not None:
            await asyncio.sleep(0.01)


async def test_the_export_is_what_the_bot_was_told(desk: Desk, bot: FakeBot) -> None:
    """A replay would decide another question than the bot had, and a shadow would show changes that no edit makes."""
    dice = random.Random(7)
    bot.will(*(random_behaviour(dice) for _ in range(800)))
    await asyncio.gather(*(converse(desk, bot, seed, is_hasty=True) for seed in range(10)))
    await converse(desk, bot, 20, is_hasty=False)  # in haste, on a busy machine, a button may be gone before it is pressed
    turns, by_id = await exported(desk), {turn["turn_id"]: turn for turn in bot.turns}
    for turn in turns:
        assert logged(turn) == told(by_id[turn.turn_id]), turn
        assert turn.is_exact
    contexts = [turn.context for turn in turns]
    assert len(turns) > 20
    # The orders of events that are easy to get wrong all happen in these conversations.
    assert any(turn.silent for turn in turns)
    assert any(turn.episode > 1 for turn in turns)
    assert any(turn.first_seq != turn.last_seq for turn in turns)
    assert any(turn.words.choice is not None for turn in turns)
    assert any(turn.words.suggested for turn in turns)
    assert len({context.locale for context in contexts}) > 1
    assert {context.status for context in contexts} == {"with_bot", "queued"}
    assert any(context.closed is not None for context in contexts)
    assert any(context.not_understood > 0 for context in contexts)


async def test_a_log_of_before_says_the_same_when_customers_wait_for_answers(desk: Desk, bot: FakeBot) -> None:
    """Logs of the versions before this one could not be decided again."""
    dice = random.Random(8)
    bot.will(*(random_behaviour(dice) for _ in range(800)))
    for seed in range(3):
        await converse(desk, bot, seed, is_hasty=False)
    by_id = {turn["turn_id"]: turn for turn in bot.turns}
    async with desk.services.store.read() as tx:
        ids = list({turn["conversation_id"] for turn in bot.turns})
        logs = await logs_for_turns(tx, ids)
    checked = Counter[bool]()
    for birth, events in logs:
        old = [
            replace(event, body=replace(event.body, begun_seq=None)) if isinstance(event.body, Triage) else event
            for event in events
        ]
        for turn in turns_of(birth, old, ZONE):
            assert not turn.is_exact
            checked[logged(turn) == told(by_id[turn.turn_id])] += 1
    assert checked[True] > 20
    assert checked[False] == 0, checked


async def test_where_a_turn_began_decides_what_it_knew(desk: Desk, bot: FakeBot) -> None:
    """A message that came while the bot thought would seem known to it, or one before a pressed button unknown."""
    held = Held(answers())
    bot.will(held, answers())
    customer = await desk.customer("zh")
    await customer.say("转账没到")
    await held.asked()
    later = await customer.say("Where is my money? Please answer in English.")
    held.release()
    await desk.wait_for_turn(customer, later)
    first, second = await exported(desk)
    assert (first.context.locale, second.context.locale) == ("zh", "en")
    assert [logged(first), logged(second)] == [told(turn) for turn in bot.turns]


async def test_a_turn_says_what_became_of_it(desk: Desk, bot: FakeBot) -> None:
    """The gate would not know past emergencies, and the inbox not which answers did not help."""
    bot.will(answers(), chats("好", outcome="solved"), answers(), escalates("security", "urgent", "scam_in_progress"))
    customer, agent = await desk.customer(), await desk.agent()
    for text in ("转账没到", "好了", "又没到", "我被骗了"):
        await desk.wait_for_turn(customer, await customer.say(text))
    await agent.claim(customer)
    await agent.let_go(customer, "resolve")
    answer = await agent.act(customer, "marks", {"mark": "late_handoff", "is_set": True})
    assert answer.status_code == 201, answer.text
    turns = await exported(desk)
    assert [turn.solved for turn in turns] == [True, None, None, None]
    assert [turn.episode for turn in turns] == [1, 1, 2, 2]
    assert turns[0].settled == {
        "by": "solved",
        "reason": None,
        "priority": None,
        "lane": None,
        "outcome": None,
        "marks": [],
    }
    assert turns[3].settled == {
        "by": "agent",
        "reason": "security",
        "priority": "urgent",
        "lane": None,
        "outcome": "solved",
        "marks": ["late_handoff"],
    }


async def test_an_answer_that_did_not_help_says_so(desk: Desk, bot: FakeBot) -> None:
    """Answers that fail would look like answers of which nobody spoke."""
    bot.will(answers(), escalates("unresolved", "normal", "unresolved"))
    customer = await desk.customer()
    await desk.wait_for_turn(customer, await customer.say("转账没到"))
    await customer.press("unsolved")
    await desk.wait_for(customer, lambda events: bool(of_kind(events, "handoff")))
    await desk.turns_over()
    assert [turn.solved for turn in await exported(desk)] == [False, None]


async def test_the_day_is_the_bots(desk: Desk, bot: FakeBot) -> None:
    """An article that was valid until midnight would be decided by the wrong date."""
    bot.will(answers(versions={"day": "2026-02-03"}), answers(versions={"day": 7}))
    customer = await desk.customer()
    for text in ("转账没到", "还没到"):
        await desk.wait_for_turn(customer, await customer.say(text))
    first, second = await exported(desk)
    assert first.day == dt.date(2026, 2, 3)
    assert second.day == second.at.astimezone(ZONE).date()


async def lines(desk: Desk, token: str = SERVICE_TOKEN, **query: Any) -> list[dict[str, Any]]:
    """The lines of the route."""
    answer = await desk.http.get("/api/workshop/turns", params=query, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


async def test_the_route_gives_the_newest_turns_last(desk: Desk, bot: FakeBot) -> None:
    """A shadow would compare old traffic, or decide a customer's second message before the first."""
    one, two = await desk.customer(), await desk.customer()
    for customer, text in ((one, "转账没到"), (two, "退款多久"), (one, "还没到"), (two, "怎么查")):
        await desk.wait_for_turn(customer, await customer.say(text))
    found = await lines(desk, last=3)
    assert [line["text"] for line in found] == ["退款多久", "还没到", "怎么查"]
    assert found[-1]["context"]["last_article"] == "transfer_delay"
    assert [line["text"] for line in await lines(desk, conversation=one.id)] == ["转账没到", "还没到"]
    assert len(await lines(desk)) == 4
    assert await lines(desk, conversation="nobody") == []


@pytest.mark.parametrize(("query", "status"), [({"last": 0}, 422), ({"last": 10**9}, 422), ({"last": "x"}, 422)])
async def test_the_route_refuses_a_wrong_number(desk: Desk, query: dict[str, Any], status: int) -> None:
    """One request could make a desk read its whole log into memory."""
    answer = await desk.http.get("/api/workshop/turns", params=query, headers={"Authorization": f"Bearer {SERVICE_TOKEN}"})
    assert answer.status_code == status


async def test_only_the_bot_reads_the_turns(desk: Desk) -> None:
    """Anybody could read what customers wrote."""
    agent = await desk.agent("supervisor")
    for headers in ({}, {"Authorization": "Bearer wrong"}, agent.headers):
        answer = await desk.http.get("/api/workshop/turns", headers=headers)
        assert answer.status_code == 401
        assert error_code(answer) == "wrong_service_token"


def command(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The desk's command, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "handoff", "turns", *arguments],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


async def test_the_command_prints_the_same_lines(desk: Desk, database: Database, models_folder: Path) -> None:
    """On the command line a shadow would see another log than in the workshop."""
    customer = await desk.customer()
    for text in ("转账没到", "还没到"):
        await desk.wait_for_turn(customer, await customer.say(text))
    environment = {"DATABASE_URL": database.url, "MODELS_DIR": str(models_folder)}
    done = await asyncio.to_thread(command, "--last", "1", **environment)
    assert done.returncode == 0, done.stderr
    assert [json.loads(line) for line in done.stdout.splitlines()] == await lines(desk, last=1)


def test_the_command_says_what_is_wrong(tmp_path: Path) -> None:
    """Before the first start a shadow would fail, and a wrong address of the database would look like an empty log."""
    nothing = command(VAR_DIR=str(tmp_path / "var"))
    assert (nothing.returncode, nothing.stdout, nothing.stderr) == (0, "", "")
    unreachable = command(DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")
    assert (unreachable.returncode, unreachable.stdout) == (1, "")
    assert "the database is not reached" in unreachable.stderr
    assert "Traceback" not in unreachable.stderr
    assert command("--last", "0").returncode == 2
