"""A sample wallet on a free port of this machine, for tests of what talks to it."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
import httpx
import uvicorn

from handoff.cases.wallet import Wallet, open_wallet_session
from handoff.runtime.database import make_pool
from scripts.sample_wallet.app import create_wallet
from tests.handoff.running_desk import TestServer

KEY = "key-of-the-sample-wallet"


class SampleWallet:
    """A running sample wallet, and a client with its key."""

    def __init__(self, url: str, http: httpx.AsyncClient, session: aiohttp.ClientSession) -> None:
        self.url, self.key = url, KEY
        self.http, self._session = http, session

    def client(self, key: str = KEY, **options: Any) -> Wallet:
        """A client of the desk."""
        return Wallet(self._session, self.url, key, **options)

    async def switch(self, **faults: Any) -> None:
        """Switch faults on; all others are off."""
        answer = await self.http.put("/v1/faults", json=faults)
        assert answer.status_code == 200, answer.text

    async def actions(self, subject: str) -> list[dict[str, Any]]:
        """The actions that reached the wallet, in the order of their time."""
        answer = await self.http.get(f"/v1/customers/{subject}/actions")
        actions: list[dict[str, Any]] = answer.json()["actions"]
        return actions


@contextlib.asynccontextmanager
async def run_sample_wallet(
    database_url: str, now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC), run: str = "tests"
) -> AsyncIterator[SampleWallet]:
    """A sample wallet with an empty database for the duration of the block."""
    app = create_wallet(make_pool(database_url, 4), KEY, run, now)
    # Without its own configuration of logs: it would take the handlers of the desk that runs in this process.
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, lifespan="on", timeout_graceful_shutdown=1)
    server = TestServer(config)
    serving = asyncio.create_task(server.serve())
    try:
        async with asyncio.timeout(30):
            while not server.started:
                assert not serving.done(), "the sample wallet did not start"
                await asyncio.sleep(0.01)
        url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        headers = {"Authorization": f"Bearer {KEY}"}
        async with (
            httpx.AsyncClient(base_url=url, trust_env=False, headers=headers, timeout=30) as http,
            open_wallet_session() as session,
        ):
            yield SampleWallet(url, http, session)
    finally:
        server.should_exit = True
        await serving
