"""A desk with a scripted bot for tests of the pages: it starts in seconds and needs no trained model."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import os
import shutil
import tempfile
import threading
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

import psycopg
import pytest
import yaml
from playwright.sync_api import BrowserContext

from handoff.accounts.store import find_agent
from handoff.conversations.decide import Receive, Write
from handoff.conversations.store import lock_conversation, save_conversation
from handoff.figures import live
from handoff.figures import streams as board_streams
from handoff.queue import streams
from handoff.runtime.database import start_embedded_server
from handoff.runtime.settings import Settings
from tests.handoff.conftest import DATA, SERVICE_TOKEN, Database, make_database, publish
from tests.handoff.fake_bot import TOKEN, FakeBot
from tests.handoff.people import Agent, Customer
from tests.handoff.running_desk import Clock, Desk, run_desk
from tests.handoff.sample_wallet import SampleWallet, run_sample_wallet

T = TypeVar("T")

_CALL_SECONDS = 120
_START_SECONDS = 60
_CLEANINGS = 5
#: How often streams check the session. The desk's own 7 s, which tests/handoff/test_accounts.py checks, would slow each test.
SESSION_SECONDS = 1.0
#: How often the board is read. The desk's own 5 s would slow each test.
BOARD_SECONDS = 0.5


def _data(folder: Path) -> Path:
    """A copy of `data/` in which nobody is offered anything: a test says itself which agent takes what, and when.

    All queues are open at all hours, so that no clock and no text depends on the time at which the tests run.
    """
    shutil.copytree(DATA, folder, ignore=shutil.ignore_patterns("nlu", "calibration"))
    desk = yaml.safe_load((DATA / "desk.yml").read_text(encoding="utf-8"))
    desk["routing"]["push"] = False
    for queue in desk["queues"].values():
        queue["hours"] = "always"
    # Most tests read the end of a log: nobody is asked further questions while they wait.
    intake = yaml.safe_load((DATA / "intake.yml").read_text(encoding="utf-8"))
    (folder / "intake.yml").write_text(yaml.safe_dump({**intake, "questions": {}, "forms": {}}, allow_unicode=True), "utf-8")
    (folder / "desk.yml").write_text(yaml.safe_dump(desk, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return folder


class PageDesk:
    """A desk that runs in a thread of its own, because the browser is driven synchronously.

    `run(coroutine)` runs a coroutine in the desk's event loop and returns its value; `desk` and `bot` are used through it.
    """

    def __init__(self, database: Database, folder: Path, wallet_database: str) -> None:
        self._database, self._folder, self._wallet_database = database, folder, wallet_database
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="page-desk", daemon=True)
        self._stack = contextlib.AsyncExitStack()
        self.desk: Desk
        self.wallet: SampleWallet

    @property
    def url(self) -> str:
        """The desk's origin."""
        return str(self.desk.http.base_url).rstrip("/")

    @property
    def bot(self) -> FakeBot:
        """The scripted bot."""
        return self.desk.bot

    @property
    def working_copy(self) -> Path:
        """The folder that the workshop's pages read and write."""
        return self._folder / "working"

    def restore_working_copy(self) -> None:
        """The editors' files as the project has them."""
        shutil.rmtree(self.working_copy, ignore_errors=True)
        shutil.copytree(DATA, self.working_copy)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """The value of a coroutine that runs in the desk's loop."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_CALL_SECONDS)

    def clean(self) -> None:
        """Empty tables, the demo accounts, and a bot without a script."""
        for attempt in range(_CLEANINGS):
            try:
                self.run(self._database.clean())
                break
            except psycopg.errors.DeadlockDetected:  # the last test's streams are still reading
                if attempt == _CLEANINGS - 1:
                    raise
        self.run(self.desk.turns_over())
        self.run(self.bot.reset())
        self.desk.services.live_board.forget()  # it keeps the stories of the last hours

    def sign_in(self, context: BrowserContext, login: str) -> Agent:
        """Sign a browser in without the form; the same agent as an HTTP client."""
        agent = self.run(self.desk.agent(login))
        session = agent.headers["Cookie"].partition("=")[2]
        context.add_cookies([{"name": "desk_session", "value": session, "url": self.url}])
        return agent

    def end_sessions(self) -> None:
        """End all sessions, as their expiry or a changed password does."""
        self._database.connection.execute("DELETE FROM sessions")

    def execute(self, statement: str, *values: object) -> None:
        """Change the database without the desk."""
        self._database.connection.execute(statement, values)  # type: ignore[arg-type]

    def fill_queue(self, count: int) -> None:
        """Add `count` queued customers, each a copy of the one who waits already."""
        names = self._database.connection.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = 'conversations' AND is_generated = 'NEVER'"
        ).fetchall()
        values = {
            "id": "md5(number::text)",
            "queued_at": "queued_at + number * interval '1 millisecond'",
            "preview": "'第 ' || number || ' 位在等'",
        }
        columns = [str(name) for (name,) in names]
        chosen = ", ".join(values.get(column, column) for column in columns)
        copies = f"SELECT {chosen} FROM conversations, generate_series(1, %s) AS number"
        self.execute(f"INSERT INTO conversations ({', '.join(columns)}) {copies}", count)

    def write_many(self, customer: Customer, count: int, login: str = "agent") -> None:
        """Append `count` messages to a conversation of this agent, by the customer and the agent in turn."""
        self.run(self._write_many(customer, count, login))

    async def _write_many(self, customer: Customer, count: int, login: str) -> None:
        now = self.desk.clock()
        async with self.desk.services.store.begin() as tx:
            draft = await lock_conversation(tx, customer.id)
            agent = await find_agent(tx, login)
            assert draft is not None
            assert agent is not None
            for number in range(count):
                text = f"第 {number} 条消息：昨天转出的 {number} 元还没有到账，麻烦再看一下。"
                if number % 2:
                    draft.do(Write(agent.login, agent.name, text, f"bulk-{number}"), now)
                else:
                    draft.do(Receive(f"bulk-{number}", text), now)
            await save_conversation(tx, draft)

    async def _start(self) -> None:
        bot = FakeBot()
        await bot.start()
        self._stack.push_async_callback(bot.stop)
        self.wallet = await self._stack.enter_async_context(run_sample_wallet(self._wallet_database))
        publish(_data(self._folder / "data"), self._folder / "models")
        self.restore_working_copy()
        values = {
            "DATABASE_URL": self._database.url,
            "DATABASE_POOL": 5,
            "VAR_DIR": self._folder,
            "MODELS_DIR": self._folder / "models",
            "DATA_DIR": self.working_copy,
            "BOT_URLS": bot.url,
            "BOT_TOKEN": TOKEN,
            "SERVICE_TOKEN": SERVICE_TOKEN,
            "WIDGET_ORIGINS": "",
            "WALLET_URL": self.wallet.url,
            "WALLET_KEY": self.wallet.key,
            "DEMO": True,
        }
        self.desk = await self._stack.enter_async_context(run_desk(Settings(**values), bot, Clock()))

    def __enter__(self) -> PageDesk:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(_START_SECONDS)
        return self

    async def _stop(self) -> None:
        await self._stack.aclose()
        left = asyncio.all_tasks() - {asyncio.current_task()}  # sse-starlette leaves one that waits for the end of the process
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    def __exit__(self, *_: object) -> None:
        self.run(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_START_SECONDS)
        self._loop.close()


@contextlib.contextmanager
def run_page_desk(folder: Path) -> Iterator[PageDesk]:
    """A desk on DATABASE_URL's server or on an embedded one, for the duration of the block."""
    server = _server()
    with (
        pytest.MonkeyPatch.context() as patch,
        make_database(server, f"page_tests_{os.getpid()}") as url,
        make_database(server, f"page_wallet_{os.getpid()}") as wallet_url,
        psycopg.connect(url, autocommit=True) as connection,
        PageDesk(Database(url, connection), folder, wallet_url) as desk,
    ):
        patch.setattr(streams, "_SESSION_SECONDS", SESSION_SECONDS)
        for module in (live, board_streams):
            patch.setattr(module, "SHORTEST_SECONDS", BOARD_SECONDS)
        yield desk


def _server() -> str:
    if "DATABASE_URL" in os.environ:
        return os.environ["DATABASE_URL"]
    # Not below pytest's own temporary folder, which the server's user may not enter (see tests/handoff/conftest.py).
    folder = tempfile.mkdtemp(prefix="page-tests-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return start_embedded_server(Path(folder) / "postgres")
