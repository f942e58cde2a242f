"""Waves over HTTP: what customers write is shown to supervisors and editors within one look of the desk."""

from __future__ import annotations

import asyncio
import datetime as dt
import random

import pytest

from contract.meaning_codes import BITS
from contract.routes import ANSWER
from handoff.workshop.waves.watch import WaveWatch
from tests.handoff.people import Agent, Json, error_code
from tests.handoff.running_desk import Desk
from tests.handoff.workshop.test_reviews import talked

SCAM = [
    "短信说领育儿补贴要填卡号",
    "育儿补贴的链接是真的吗",
    "育儿补贴要我输验证码",
    "点了育儿补贴那个网址",
    "育儿补贴让我绑银行卡",
    "有人叫我领育儿补贴",
]


def code_of(text: str) -> int:
    """A code by what a text is about: its last noun of a few, or the text itself."""
    topic = next((word for word in ("育儿补贴", "验证码收不到") if word in text), text)
    return random.Random(topic).getrandbits(BITS)


@pytest.fixture(autouse=True)
def coder(desk: Desk) -> None:
    """The bot makes codes."""
    desk.bot.codes = code_of


def watch(desk: Desk) -> WaveWatch:
    """A watch of its own, as another desk has it."""
    services = desk.services
    return WaveWatch(services.store, services.content, services.bots, desk.clock)


async def look(watching: WaveWatch) -> None:
    """Look until there is nothing more to code."""
    while await watching.look():
        pass


async def history(desk: Desk) -> None:
    """What customers usually write, in the last days: 60 messages of one conversation each day."""
    for day in range(3):
        turns = [(f"第{day * 20 + number}个问题，我想问一问这是怎么回事", ANSWER) for number in range(20)]
        await talked(desk, f"h{day}", turns, at=desk.clock() - dt.timedelta(hours=2 + 20 * day))


async def wave(desk: Desk, count: int = 6) -> None:
    """Many customers write alike."""
    for number, text in enumerate(SCAM[:count]):
        await talked(desk, f"w{number}", [(text, ANSWER)], at=desk.clock() - dt.timedelta(minutes=5 - number / 2))


async def listed(agent: Agent) -> list[Json]:
    """The waves as the page reads them."""
    answer = await agent.call("GET", "/workshop/waves")
    assert answer.status_code == 200, answer.text
    return list(answer.json()["waves"])


async def test_a_wave_is_shown_with_what_is_known_of_it(desk: Desk) -> None:
    """An editor would see that something is going on, but not what."""
    await history(desk)
    watching = watch(desk)
    await look(watching)
    supervisor = await desk.agent("supervisor")
    assert await listed(supervisor) == []
    await wave(desk)
    await look(watching)
    (found,) = await listed(supervisor)
    assert (found["state"], found["count"], found["conversations"], found["is_over"]) == ("new", 6, 6, False)
    assert [text["text"] for text in found["texts"]] == SCAM
    assert found["texts"][0]["route"] == "answer"
    assert found["near_intents"] == [{"intent": "fees", "count": 6}]
    assert found["topic"] == desk.services.content().names["intents"]["fees"]
    assert found["answered"] == {"answer": 6}
    assert found["proposed_pattern"] == "育儿补贴"
    assert found["matches"] == {"pattern": "育儿补贴", "covers": 6, "of": 6, "others": 0, "others_of": 60}


async def test_the_board_shows_it_at_once(desk: Desk) -> None:
    """A supervisor who looks at the board would learn of a scam from the newspaper."""
    await history(desk)
    await wave(desk)
    await look(watch(desk))
    board = await desk.services.live_board.read()
    items = [item for item in board["attention"] if item["kind"] == "wave"]
    assert [(item["conversation_id"], item["count"]) for item in items] == [("w0", 6)]
    (found,) = await listed(await desk.agent("supervisor"))
    supervisor = await desk.agent("supervisor")
    answer = await supervisor.call("POST", f"/workshop/waves/{found['id']}/dismiss")
    assert (answer.status_code, answer.json()["state"]) == (200, "dismissed")
    board = await desk.services.live_board.read()
    assert not [item for item in board["attention"] if item["kind"] == "wave"]


async def test_a_wave_grows_and_stays_one(desk: Desk) -> None:
    """Every look would show the same scam as a new wave."""
    await history(desk)
    watching = watch(desk)
    await wave(desk, 5)
    await look(watching)
    await asyncio.gather(*(look(watch(desk)) for _ in range(2)))  # other desks
    await talked(desk, "later", [("又是育儿补贴的短信", ANSWER)], at=desk.clock())
    await look(watching)
    (found,) = await listed(await desk.agent("editor"))
    assert found["count"] == 6
    assert found["texts"][-1]["text"] == "又是育儿补贴的短信"


async def test_messages_wait_for_a_bot(desk: Desk) -> None:
    """A wave that begins while the bots restart would never be seen."""
    await history(desk)
    watching = watch(desk)
    await look(watching)
    desk.bot.codes = None
    await wave(desk)
    await look(watching)
    editor = await desk.agent("editor")
    assert await listed(editor) == []
    desk.bot.codes = code_of
    await look(watching)
    assert len(await listed(editor)) == 1


async def test_who_sees_waves(desk: Desk) -> None:
    """Agents would read and dismiss what supervisors decide about."""
    agent, editor = await desk.agent(), await desk.agent("editor")
    answer = await agent.call("GET", "/workshop/waves")
    assert (answer.status_code, error_code(answer)) == (403, "editors_only")
    answer = await agent.call("POST", "/workshop/waves/nothing/dismiss")
    assert answer.status_code == 403
    answer = await editor.call("POST", "/workshop/waves/nothing/dismiss")
    assert (answer.status_code, error_code(answer)) == (404, "unknown_wave")
