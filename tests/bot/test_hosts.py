"""Rasa and the action server answer their neighbours, and no page in a browser."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import socket
import sys
from pathlib import Path
from typing import Any, Dict, List

import aiohttp
import pytest

from bot.serving.hosts import is_allowed, names_from_environment

ROOT = Path(__file__).parents[2]
NAMES = frozenset({"bot", "rasa.internal"})


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("localhost", True),
        ("LOCALHOST:5005", True),
        ("127.0.0.1:5005", True),
        ("127.8.8.8", True),
        ("[::1]:5005", True),
        ("bot:5005", True),
        ("rasa.internal", True),
        ("10.1.2.3:5005", True),  # the address of the connection
        ("10.1.2.4:5005", False),
        ("evil.example", False),
        ("evil.example:5005", False),
        ("localhost.evil.example", False),
        ("127.0.0.1.evil.example", False),
        ("xbot", False),
        ("bot.evil.example", False),
        ("user@localhost", False),
        ("localhost:port", False),
        ("localhost, evil.example", False),
        ("2130706433", False),
        ("", False),
    ],
)
def test_which_names_are_ours(host: str, allowed: bool) -> None:
    """A rebinding name would reach Rasa, or a neighbour would not."""
    assert is_allowed(host, NAMES, "10.1.2.3") is allowed


def test_names_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bots on other machines could not be reached."""
    monkeypatch.setenv("BOT_HOSTS", " Bot, rasa.internal,,")
    assert names_from_environment() == NAMES
    monkeypatch.delenv("BOT_HOSTS")
    assert names_from_environment() == frozenset()


async def status(url: str, headers: Dict[str, str], method: str = "GET") -> tuple[int, Any]:
    """What a request with these headers gets."""
    async with aiohttp.ClientSession() as http, http.request(method, url, headers=headers) as answer:
        return answer.status, (await answer.json(content_type=None))


CASES: List[Any] = [
    # headers, status and code
    ({"Host": "evil.example"}, 421, "wrong_host"),
    ({"Origin": "http://evil.example"}, 403, "wrong_origin"),
]


def free_port() -> int:
    """A free port below those that the kernel gives to outgoing connections, which other suites open at the same time."""
    while True:
        port = random.randrange(20_000, 32_000)
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port


async def _first_answer(url: str, process: asyncio.subprocess.Process) -> tuple[int, Any]:
    while True:
        assert process.returncode is None
        try:
            return await status(url, {})
        except aiohttp.ClientConnectionError:
            await asyncio.sleep(0.1)


async def test_the_action_server_as_the_procfile_starts_it() -> None:
    """The check would not be hooked in, and the one server without a token would answer every page."""
    port = free_port()
    environment = {**os.environ, "SANIC_HOST": "127.0.0.1", "LOG_LEVEL": "WARNING", "BOT_HOSTS": "actions.internal"}
    command = ["-W", "ignore", "-m", "rasa_sdk", "--actions", "actions", "--port", str(port)]
    process = await asyncio.create_subprocess_exec(sys.executable, *command, cwd=ROOT, env=environment)
    url = f"http://127.0.0.1:{port}"
    try:
        assert await asyncio.wait_for(_first_answer(f"{url}/health", process), 60) == (200, {"status": "ok"})
        assert (await status(f"{url}/health", {"Host": "actions.internal:5055"}))[0] == 200
        for headers, expected, code in CASES:
            for method, path in (("GET", "/health"), ("GET", "/actions"), ("POST", "/webhook"), ("GET", "/nothing")):
                got, body = await status(url + path, headers, method)
                assert (got, body["error"]["code"]) == (expected, code)
    finally:
        process.terminate()
        await process.wait()
