"""Shutdown of a desk, as a process of its own: nothing is lost, and the desk reports a clean end."""

from __future__ import annotations

import asyncio
import shutil
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import psutil
import psycopg
import pytest
import yaml

from tests.handoff.conftest import DATA, SERVICE_TOKEN
from tests.handoff.desk_process import DeskProcess, Start, desk_processes
from tests.handoff.fake_bot import FakeBot, Held, answers, own_bot
from tests.handoff.people import DEADLINE_SECONDS, Customer, of_type, texts

#: The bot's deadline for a turn, so long that no test outlives it. A desk that stops does not wait so long.
TURN_SECONDS = 300


@pytest.fixture
async def bot() -> AsyncIterator[FakeBot]:
    """A bot for the desk processes only."""
    async with own_bot() as bot:
        yield bot


@pytest.fixture
async def start(bot: FakeBot, tmp_path: Path) -> AsyncIterator[Start]:
    """Starts desks, which stop after the test."""
    data = tmp_path / "data"
    shutil.copytree(DATA, data, ignore=shutil.ignore_patterns("nlu", "calibration"))
    desk = yaml.safe_load((DATA / "desk.yml").read_text(encoding="utf-8"))
    desk["turns"]["deadline_seconds"] = TURN_SECONDS
    (data / "desk.yml").write_text(yaml.safe_dump(desk, allow_unicode=True, sort_keys=False), encoding="utf-8")
    async with desk_processes(bot, tmp_path, data) as start:
        yield start


async def rest_of_stream(customer: Customer, is_open: asyncio.Event) -> list[str]:
    """The lines of a stream up to its end, which must be a proper one."""
    lines = []
    headers = {**customer.headers, "Accept": "text/event-stream"}
    async with customer.http.stream("GET", f"/api/conversations/{customer.id}/events", headers=headers) as answer:
        async for line in answer.aiter_lines():
            lines.append(line)
            if line.startswith("data:"):
                is_open.set()
    return [line for line in lines if line]


async def until_polled(desk: DeskProcess) -> None:
    """Wait until a long poll waits at this desk."""
    headers = {"Authorization": f"Bearer {SERVICE_TOKEN}"}
    async with asyncio.timeout(DEADLINE_SECONDS):
        while 'desk_open_streams{kind="poll"} 1.0' not in (await desk.http.get("/metrics", headers=headers)).text:
            await asyncio.sleep(0.05)


async def test_sigterm_with_a_turn_a_stream_and_a_poll_in_hand(start: Start, bot: FakeBot, new_database: str) -> None:
    """During an update customers would lose an answer or look at a dead page (I6)."""
    desk, other, held = (
        await start(database=new_database),
        await start(database=new_database),
        Held(answers("到账需要两小时。")),
    )
    asking, watching = await desk.customer(), await desk.customer()
    bot.will(held)
    seq = await asking.say("转账没到")
    await held.asked()
    is_open = asyncio.Event()
    stream = asyncio.create_task(rest_of_stream(watching, is_open))
    poll = asyncio.create_task(watching.events(wait=25))
    await is_open.wait()
    await until_polled(desk)

    ending = asyncio.create_task(desk.end(signal.SIGTERM))
    async with asyncio.timeout(6):  # less than a desk that stops waits for a turn
        lines, polled = await stream, await poll
    assert polled == []
    assert lines[-1].startswith("retry: ")
    with pytest.raises(httpx.ConnectError):
        await desk.http.get("/healthz")
    assert not ending.done()  # the turn is still running

    await asyncio.sleep(1.5)  # by now the other desk would have taken the turn, if this one had released it
    held.release()
    await ending
    events = await other.serves(asking).events(seq)
    assert texts(events, "bot")[0] == "到账需要两小时。"
    assert (len(bot.turns), of_type(events, "handoff_requested")) == (1, [])
    await other.end(signal.SIGTERM)


async def test_a_turn_that_does_not_end_is_another_desks(start: Start, bot: FakeBot, new_database: str) -> None:
    """A customer of a stopped desk would wait for the end of the lease, or go to a person although the bot is healthy (I6)."""
    desk, other = await start(database=new_database), await start(database=new_database)
    customer = await desk.customer()
    bot.will(Held(answers()))
    with psycopg.connect(new_database, autocommit=True) as connection, connection.cursor() as cursor:
        seq = await customer.say("转账没到")
        # While this lock is held, nothing can be committed in this conversation.
        cursor.execute("BEGIN")
        cursor.execute("SELECT 1 FROM conversations WHERE id = %s FOR UPDATE", (customer.id,))
        await desk.end(signal.SIGTERM)
        cursor.execute("ROLLBACK")
    async with asyncio.timeout(DEADLINE_SECONDS):  # the lease lasts for longer than the bot's deadline
        while not texts(events := await other.serves(customer).events(seq), "bot"):
            await asyncio.sleep(0.1)
    assert of_type(events, "handoff_requested") == []
    await other.end(signal.SIGINT)


@pytest.mark.parametrize("signals", [(signal.SIGTERM, signal.SIGTERM), (signal.SIGINT,)])
async def test_an_embedded_server_ends_with_its_last_desk(start: Start, tmp_path: Path, signals: tuple[int, ...]) -> None:
    """An impatient supervisor would break turns off, or PostgreSQL would keep running with nobody to stop it."""
    desk = await start(database=None)
    await (await desk.customer()).say("转账没到")
    postgres = psutil.Process(int((tmp_path / "postgres" / "postmaster.pid").read_text(encoding="utf-8").split("\n")[0]))
    await desk.end(*signals)
    assert not postgres.is_running() or postgres.status() == psutil.STATUS_ZOMBIE


async def test_many_desks_start_at_once_on_an_empty_database(start: Start, new_database: str, tmp_path: Path) -> None:
    """A first start with several desks would fail in all but one, or leave half a schema."""
    desks = [await start(database=new_database, up=False) for _ in range(3)]
    await asyncio.gather(*(desk.up() for desk in desks))
    customer = await desks[0].customer()
    for desk in desks:
        await desk.serves(customer).say("你好")
        assert [line["event"] for line in desk.lines() if line["level"] == "error"] == []
    with psycopg.connect(new_database) as connection:
        assert len(connection.execute("SELECT version_num FROM alembic_version").fetchall()) == 1
    await asyncio.gather(*(desk.end(signal.SIGTERM) for desk in desks))


async def test_two_desks_start_at_once_on_an_embedded_server(start: Start, tmp_path: Path) -> None:
    """`DESKS=2 make run` would fail the first time, or the first desk that ends would stop the database."""
    desks = [await start(database=None, up=False) for _ in range(2)]
    await asyncio.gather(*(desk.up() for desk in desks))
    customer = await desks[0].customer()
    await desks[0].end(signal.SIGTERM)
    await desks[1].serves(customer).say("你好")
    await desks[1].end(signal.SIGTERM)
