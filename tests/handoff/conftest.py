"""One PostgreSQL and one desk for all tests, with empty tables for each test, and a bot that the tests control."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
import yaml

from content.bundle import Bundle
from content.compiler import compile_content
from content.published import write_bundle
from handoff.runtime.database import start_embedded_server
from handoff.runtime.settings import Settings
from tests.handoff.fake_bot import TOKEN, FakeBot
from tests.handoff.running_desk import Clock, Desk, run_desk

DATA = Path(__file__).parents[2] / "data"
SERVICE_TOKEN = "service-token-of-the-tests"
#: The bot's deadline for a turn in seconds. One test waits for it; in all others the bot answers, or is held, for less than
#: this, also on a loaded machine.
DEADLINE_SECONDS = 8


#: A limit that no test reaches.
MANY = 1_000_000


def limits(most: int, **per_address: Any) -> dict[str, Any]:
    """`limits` of a desk.yml that allow everything this many times, except for some limits of one address."""
    rate = {"at_once": most, "per_minute": most}
    names = ("conversations", "handoffs", "messages", "sign_ins", "identities", "wrong_codes", "codes_sent")
    return {
        "per_address": {**dict.fromkeys(names, rate), "streams": most, **per_address},
        "per_conversation": {"messages": rate, "streams": most},
        "per_login": {"sign_ins": {"at_once": most, "longest_pause_seconds": 300}},
        "together": {"wrong_codes": rate, "codes_sent": rate},
    }


@dataclass(frozen=True)
class Database:
    """A database for the tests only, on a server that may hold others."""

    url: str
    connection: psycopg.Connection[tuple[object, ...]]

    async def clean(self) -> None:
        """Delete everything but the accounts. Runs in a thread: the desk may have to finish a transaction first."""
        await asyncio.to_thread(self._clean)

    def _clean(self) -> None:
        self.connection.execute("TRUNCATE attachments, incident_versions, incident_closings")
        self.connection.execute(
            "TRUNCATE conversations, events, turns, sessions, limits, open_streams, lookers, mentions, customer_signs"
        )
        self.connection.execute("TRUNCATE search_texts, search_episodes, search_progress, edits")
        self.connection.execute("TRUNCATE first_aid_due, first_aid_proposals")
        self.connection.execute("TRUNCATE customer_devices, return_codes, callbacks")
        self.connection.execute("TRUNCATE jobs, job_results, job_runners, proposals")
        self.connection.execute(
            "TRUNCATE inbox_groups, inbox_entries, inbox_decisions, inbox_decided, inbox_imports, inbox_files"
        )
        self.connection.execute("UPDATE inbox_state SET stored_job = NULL, queued_at = NULL")
        self.connection.execute("TRUNCATE review_days, review_samples, review_verdicts, review_claims, wave_texts, waves")
        self.connection.execute("DELETE FROM agents WHERE NOT is_demo")
        self.connection.execute(
            "UPDATE agents SET last_seen_at = NULL, active_at = NULL, presence = 'available', presence_at = NULL, "
            "presence_by = NULL, capacity = 5"
        )


@contextlib.contextmanager
def make_database(server: str, name: str) -> Iterator[str]:
    """The URL of a new database on a server, for the duration of the block."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        # No durability is needed: nobody reads the data after the tests.
        connection.execute(f'ALTER DATABASE "{name}" SET synchronous_commit = off')
        try:
            yield urlsplit(server)._replace(path=f"/{name}").geturl()
        finally:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def server() -> str:
    """The server of DATABASE_URL, or an embedded one.

    Its data is not below pytest's own temporary folder: each other run of pytest makes that folder unreadable for all users but
    root, and under root the server runs as another user.
    """
    if "DATABASE_URL" in os.environ:
        return os.environ["DATABASE_URL"]
    folder = tempfile.mkdtemp(prefix="handoff-tests-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)  # runs after the server's own, which is registered later
    return start_embedded_server(Path(folder) / "postgres")


@pytest.fixture(scope="session")
def database(server: str) -> Iterator[Database]:
    """The database of the desk that all tests share."""
    with make_database(server, f"handoff_tests_{os.getpid()}") as url, psycopg.connect(url, autocommit=True) as connection:
        yield Database(url, connection)


@pytest.fixture
def new_database(server: str) -> Iterator[str]:
    """Another database, for a test that needs its own desk."""
    with make_database(server, f"handoff_tests_{os.getpid()}_own") as url:
        yield url


#: The name of the model in the pointer; the desk does not read the model.
MODEL = "wallet-of-the-tests"


def publish(data: Path, models: Path) -> Bundle:
    """Publish a content folder, as `make publish` does, without a model."""
    bundle = compile_content(data)
    write_bundle(bundle, MODEL, models)
    return bundle


@pytest.fixture(scope="session")
def data_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of `data/` with a known deadline for the bot, and without limits."""
    folder = tmp_path_factory.mktemp("content") / "data"
    shutil.copytree(DATA, folder, ignore=shutil.ignore_patterns("nlu", "calibration"))
    desk = yaml.safe_load((DATA / "desk.yml").read_text(encoding="utf-8"))
    desk["turns"]["deadline_seconds"] = DEADLINE_SECONDS
    # All tests come from one address; tests of limits start desks with limits of their own.
    desk["limits"] = limits(MANY)
    # The texts to waiting customers must not depend on the hour at which the tests run.
    for queue in desk["queues"].values():
        queue["hours"] = "always"
    # Most tests say themselves who takes what, and when. Tests of routing publish content of their own.
    desk["routing"]["push"] = False
    desk["routing"]["weights"] = {"owes_answer": 1, "waits_for_customer": 1, "silent": 1}
    # Most tests read the end of a log; tests of the intake publish content of their own.
    intake = yaml.safe_load((DATA / "intake.yml").read_text(encoding="utf-8"))
    (folder / "intake.yml").write_text(yaml.safe_dump({**intake, "questions": {}, "forms": {}}, allow_unicode=True), "utf-8")
    (folder / "desk.yml").write_text(yaml.safe_dump(desk, allow_unicode=True, sort_keys=False), encoding="utf-8")
    # Tests of first aid publish content of their own; in all others nothing is said after the handoff.
    first_aid = yaml.safe_load((DATA / "first_aid.yml").read_text(encoding="utf-8"))
    first_aid["offers"] = []
    (folder / "first_aid.yml").write_text(yaml.safe_dump(first_aid, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def models_folder(data_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The models folder of the shared desk: the editors' files, compiled once."""
    folder = tmp_path_factory.mktemp("models")
    publish(data_folder, folder)
    return folder


@pytest.fixture(scope="session")
async def shared_bot() -> AsyncIterator[FakeBot]:
    """The bot of all tests; use `bot`."""
    bot = FakeBot()
    await bot.start()
    yield bot
    await bot.stop()


@pytest.fixture(scope="session")
def settings(
    database: Database, models_folder: Path, shared_bot: FakeBot, tmp_path_factory: pytest.TempPathFactory
) -> Settings:
    """Settings of the desk in demo mode, independent of this machine's environment."""
    values = {
        "DATABASE_URL": database.url,
        "DATABASE_POOL": 5,
        "VAR_DIR": tmp_path_factory.mktemp("var"),
        "MODELS_DIR": models_folder,
        "DATA_DIR": tmp_path_factory.mktemp("working") / "data",
        "BOT_URLS": shared_bot.url,
        "BOT_TOKEN": TOKEN,
        "SERVICE_TOKEN": SERVICE_TOKEN,
        "WIDGET_ORIGINS": "",
        "DEMO": True,
    }
    return Settings(**values)


@pytest.fixture
def working_copy(settings: Settings) -> Path:
    """The working copy of the shared desk, as in the project."""
    shutil.rmtree(settings.data, ignore_errors=True)
    shutil.copytree(DATA, settings.data)
    return settings.data


@pytest.fixture
def time_stands_still(shared_desk: Desk) -> Iterator[None]:
    """The desk's time passes by `pass_time` only, however slow the machine is."""
    with shared_desk.clock.stopped():
        yield


@pytest.fixture(scope="session")
async def shared_desk(settings: Settings, shared_bot: FakeBot) -> AsyncIterator[Desk]:
    """The desk of all tests; use `desk`."""
    async with run_desk(settings, shared_bot, Clock()) as desk:
        yield desk


@pytest.fixture
async def bot(shared_bot: FakeBot) -> FakeBot:
    """The bot, running, without a script. `desk` does the same after the last turns of the previous test have ended."""
    await shared_bot.reset()
    return shared_bot


async def start_afresh(desk: Desk, bot: FakeBot, database: Database) -> None:
    """Remove everything that an earlier test left: conversations, running turns, scripted answers of the bot."""
    await database.clean()
    await desk.services.incident_board.refresh()
    await desk.services.store.ping()  # a turn that was being taken is registered afterwards
    await bot.reset()  # a turn that waits for the bot ends at once; its conversation is gone, so it changes nothing
    await desk.turns_over()
    await bot.reset()


@pytest.fixture
async def desk(shared_desk: Desk, shared_bot: FakeBot, database: Database) -> Desk:
    """The desk with empty tables and the demo accounts, and the bot with nothing scripted."""
    await start_afresh(shared_desk, shared_bot, database)
    return shared_desk
