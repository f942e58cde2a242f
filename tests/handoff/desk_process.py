"""Desks as separate processes, started as an operator starts them: `python -m handoff serve`."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import httpx

from tests.drill.system import free_ports
from tests.handoff.conftest import DATA, SERVICE_TOKEN, publish
from tests.handoff.fake_bot import TOKEN, FakeBot
from tests.handoff.people import Customer, Json

ROOT = Path(__file__).parents[2]
#: Generous, because a loaded machine is several times slower.
START_SECONDS, STOP_SECONDS = 120, 60


class DeskProcess:
    """One desk process; `log` is the file with its output."""

    def __init__(self, process: asyncio.subprocess.Process, http: httpx.AsyncClient, log: Path) -> None:
        self.process, self.http, self.log = process, http, log

    async def up(self) -> None:
        """Wait until it serves requests."""
        async with asyncio.timeout(START_SECONDS):
            while True:
                assert self.process.returncode is None, self.said()
                with contextlib.suppress(httpx.TransportError):
                    if (await self.http.get("/healthz")).status_code == 200:
                        return
                await asyncio.sleep(0.05)

    async def customer(self) -> Customer:
        """A customer with a new conversation."""
        opened = (await self.http.post("/api/conversations", json={"locale": "zh"})).json()
        return Customer(self.http, opened["id"], opened["token"])

    def serves(self, customer: Customer) -> Customer:
        """The same customer as a client of this desk."""
        return Customer(self.http, customer.id, customer.token)

    def said(self) -> str:
        """Its whole log."""
        return self.log.read_text(encoding="utf-8")

    def lines(self) -> list[Json]:
        """Its log, line by line, each of which must be JSON."""
        return [json.loads(line) for line in self.said().splitlines()]

    async def end(self, *signals: int) -> float:
        """Send signals, one after the other. Returns the seconds until the process ended; its exit code must be 0."""
        started = time.monotonic()
        for number in signals:
            self.process.send_signal(number)
            await asyncio.sleep(0.2)
        async with asyncio.timeout(STOP_SECONDS):
            assert await self.process.wait() == 0, self.said()
        return time.monotonic() - started


#: Starts a desk on a database, or on an embedded one for None. Without `up` the start is not awaited.
Start = Callable[..., Awaitable[DeskProcess]]


@contextlib.asynccontextmanager
async def desk_processes(bot: FakeBot, folder: Path, data: Path = DATA, **more: str) -> AsyncIterator[Start]:
    """A function that starts desks, which stop after the block. Logs, models and the embedded database are in `folder`.

    `data`: the editors' files, which are published for the desks; tests with many messages pass files without limits. `more`:
    further settings.
    """
    desks: list[DeskProcess] = []
    models = folder / "models"
    publish(data, models)
    async with contextlib.AsyncExitStack() as stack:

        async def start(*, database: str | None, up: bool = True) -> DeskProcess:
            port = free_ports(1)
            environment = {
                "PATH": os.environ["PATH"],
                "DESK_PORT": str(port),
                "VAR_DIR": str(folder),
                "MODELS_DIR": str(models),
                "BOT_URLS": bot.url,
                "BOT_TOKEN": TOKEN,
                "SERVICE_TOKEN": SERVICE_TOKEN,
                "DEMO": "1",
                **({"DATABASE_URL": database} if database else {}),
                **more,
            }
            log = folder / f"desk-{len(desks)}.log"
            with log.open("wb") as output:
                process = await asyncio.create_subprocess_exec(
                    sys.executable, "-m", "handoff", "serve", cwd=ROOT, env=environment, stdout=output, stderr=output
                )
            url = f"http://127.0.0.1:{port}"
            http = await stack.enter_async_context(httpx.AsyncClient(base_url=url, trust_env=False, timeout=30))
            desks.append(DeskProcess(process, http, log))
            if up:
                await desks[-1].up()
            return desks[-1]

        try:
            yield start
        finally:
            for desk in desks:
                if desk.process.returncode is None:
                    desk.process.kill()
                    await desk.process.wait()
