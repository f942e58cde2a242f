"""Backup and restore: a copy of a running desk is complete, and nothing is overwritten by mistake."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psycopg
import pytest

from tests.handoff.conftest import make_database
from tests.handoff.desk_process import ROOT, DeskProcess, Start, desk_processes
from tests.handoff.fake_bot import FakeBot, escalates, own_bot
from tests.handoff.people import DEADLINE_SECONDS, Agent, Customer, Json

TABLES = ("conversations", "events", "agents", "sessions", "alembic_version")


@pytest.fixture
async def bot() -> AsyncIterator[FakeBot]:
    """A bot for the desk processes only."""
    async with own_bot() as bot:
        yield bot


@pytest.fixture
async def start(bot: FakeBot, tmp_path: Path, data_folder: Path) -> AsyncIterator[Start]:
    """Starts desks, which stop after the test."""
    async with desk_processes(bot, tmp_path, data_folder) as start:
        yield start


@pytest.fixture
def second_database(server: str) -> Iterator[str]:
    """An empty database to restore into."""
    with make_database(server, f"handoff_tests_{os.getpid()}_second") as url:
        yield url


async def backup(*arguments: str | Path, database: str | None = None, var: Path | None = None) -> tuple[int, str]:
    """Run the program; its exit code and output."""
    environment = {"PATH": os.environ["PATH"]}
    environment |= {"DATABASE_URL": database} if database else {"VAR_DIR": str(var)}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "scripts.backup", *map(str, arguments)),
        cwd=ROOT,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    return int(process.returncode or 0), said.decode()


async def waiting_customer(desk: DeskProcess, bot: FakeBot) -> tuple[Customer, list[Json]]:
    """A customer who waits for a person, and the customer's events."""
    customer = await desk.customer()
    bot.will(escalates())
    await customer.say("扣了我两次钱")
    async with asyncio.timeout(DEADLINE_SECONDS):
        while (await customer.status())["status"] != "queued":
            await asyncio.sleep(0.05)
    return customer, await customer.events()


async def sign_in(desk: DeskProcess) -> Agent:
    """An agent."""
    origin = str(desk.http.base_url).rstrip("/")
    answer = await desk.http.post("/api/session", json={"login": "agent", "password": "agent"}, headers={"Origin": origin})
    return Agent(desk.http, "agent", answer.json()["name"], answer.cookies["desk_session"])


def rows(url: str) -> dict[str, list[tuple[object, ...]]]:
    """The rows of all tables of a database."""
    with psycopg.connect(url) as connection:
        return {table: connection.execute(f"SELECT row::text FROM {table} AS row ORDER BY 1").fetchall() for table in TABLES}  # type: ignore[arg-type]


async def test_the_embedded_database_comes_back_after_its_disk_is_lost(start: Start, bot: FakeBot, tmp_path: Path) -> None:
    """An operator would learn only at the restore that the backup is incomplete."""
    desk = await start(database=None)
    customer, events = await waiting_customer(desk, bot)
    file = tmp_path / "copies" / "desk.dump"
    assert (await backup("backup", file, var=tmp_path))[0] == 0
    assert file.stat().st_mode & 0o077 == 0
    await desk.end(signal.SIGTERM)
    shutil.rmtree(tmp_path / "postgres")

    code, said = await backup("restore", file, var=tmp_path)
    assert code == 0, said
    desk = await start(database=None)
    again = desk.serves(customer)
    assert await again.events() == events
    assert (await again.status())["queue_position"] == 1
    agent = await sign_in(desk)
    assert [card["id"] for card in (await agent.queue())["waiting"]] == [customer.id]
    await agent.claim(customer)
    await again.say("您好")
    await desk.end(signal.SIGTERM)


async def test_a_copy_is_of_one_moment_while_desks_write(
    start: Start, bot: FakeBot, new_database: str, second_database: str, tmp_path: Path
) -> None:
    """A restored log would lack events that its conversation's row counts, and the desk would refuse to continue it."""
    desk, file = await start(database=new_database), tmp_path / "desk.dump"
    stop = asyncio.Event()

    async def write() -> None:
        customer = await desk.customer()
        while not stop.is_set():
            await customer.say("你好")
            await asyncio.sleep(0.02)

    writers = [asyncio.create_task(write()) for _ in range(2)]
    await asyncio.sleep(0.5)
    code, said = await backup("backup", file, database=new_database)
    assert code == 0, said
    stop.set()
    await asyncio.gather(*writers)
    await desk.end(signal.SIGTERM)

    code, said = await backup("restore", file, database=second_database)
    assert code == 0, said
    with psycopg.connect(second_database) as connection:
        query = """
            SELECT last_seq, count(events.seq), max(events.seq) FROM conversations JOIN events ON conversation_id = id
            GROUP BY id, last_seq"""
        found = connection.execute(query).fetchall()
    assert len(found) == 2
    assert all(last == count == highest for last, count, highest in found)


async def test_nothing_is_overwritten_by_mistake(
    start: Start, bot: FakeBot, new_database: str, second_database: str, tmp_path: Path
) -> None:
    """A mistake would replace today's conversations by yesterday's, or drop the tables under a running desk."""
    desk, file = await start(database=new_database), tmp_path / "desk.dump"
    await waiting_customer(desk, bot)
    assert (await backup("backup", file, database=new_database))[0] == 0
    code, said = await backup("backup", file, database=new_database)
    assert (code, "is there already" in said) == (1, True)
    for force in ([], ["--force"]):
        code, said = await backup("restore", file, *force, database=new_database)
        assert (code, "desks run" in said) == (1, True)
    await desk.end(signal.SIGTERM)

    before = rows(new_database)
    code, said = await backup("restore", file, database=new_database)
    assert (code, "not empty" in said) == (1, True)
    with psycopg.connect(new_database, autocommit=True) as connection:
        connection.execute("DELETE FROM events")
        (tmp_path / "broken").write_bytes(file.read_bytes()[:-2000])
        assert (await backup("restore", tmp_path / "broken", "--force", database=new_database))[0] == 1
        assert connection.execute("SELECT count(*) FROM conversations").fetchone() == (1,)  # unchanged
    code, said = await backup("restore", file, "--force", database=new_database)
    assert code == 0, said
    assert rows(new_database) == before


@pytest.mark.parametrize(
    ("arguments", "words"), [(["restore"], "make restore FILE="), (["restore", "/nowhere.dump"], "there is no file")]
)
async def test_a_wrong_call_says_what_to_do(new_database: str, arguments: list[str], words: str) -> None:
    """An operator in a hurry would read a traceback."""
    code, said = await backup(*arguments, database=new_database)
    assert (code, words in said, "Traceback" in said) == (1, True, False)
