"""Hostile connections, byte by byte, against a real server on the loopback: none stays open, none fills the memory."""

from __future__ import annotations

import asyncio
import contextlib
import json
import resource
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from handoff.runtime.http_limits import Limits, limits_of_this_process
from handoff.runtime.server import make_config
from tests.handoff.desk_process import desk_processes
from tests.handoff.fake_bot import FakeBot
from tests.handoff.people import DEADLINE_SECONDS
from tests.handoff.running_desk import TestServer

LIMITS = Limits(head_seconds=0.5, body_seconds=1.0, connections=60)
#: The same, for tests that are about sizes and numbers: there a slow machine must not run into a time limit.
PATIENT = replace(LIMITS, head_seconds=120.0, body_seconds=120.0)
#: Seconds after which each limit of `LIMITS` has passed for long.
OVER_SECONDS = 2.5


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Returns the length of the body; `/early` answers without reading it, `/stream` never ends its answer."""
    if scope["path"] == "/stream":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"first", "more_body": True})
        while (await receive())["type"] != "http.disconnect":
            pass
        return
    size, more = 0, scope["path"] != "/early"
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size, more = size + len(message["body"]), message["more_body"]
    body = str(size).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", str(len(body)).encode())]})
    await send({"type": "http.response.body", "body": body})


class Server:
    """The running server, and connections to it."""

    def __init__(self, server: uvicorn.Server) -> None:
        self.server = server
        self.port = server.servers[0].sockets[0].getsockname()[1]

    @property
    def connections(self) -> int:
        """The number of open connections."""
        return len(self.server.server_state.connections)

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection on which nothing was sent."""
        return await asyncio.open_connection("127.0.0.1", self.port)

    async def send(self, *parts: bytes) -> bytes:
        """Send data; everything received until the server closed."""
        reader, writer = await self.connect()
        with contextlib.suppress(ConnectionError):
            for part in parts:
                writer.write(part)
                await writer.drain()
        return await rest(reader)

    async def until_empty(self) -> float:
        """Wait until no connection is open; the seconds that it took."""
        started = time.monotonic()
        async with asyncio.timeout(DEADLINE_SECONDS):
            while self.connections:
                await asyncio.sleep(0.02)
        return time.monotonic() - started


async def rest(reader: asyncio.StreamReader) -> bytes:
    """Everything received until the other side closes."""
    async with asyncio.timeout(DEADLINE_SECONDS):
        with contextlib.suppress(ConnectionError):
            return await reader.read()
    return b""


def status_and_code(answer: bytes) -> tuple[int, str]:
    """The code of an error in the desk's shape."""
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"connection: close" in head.lower()
    return int(head.split()[1]), json.loads(body)["error"]["code"]


@contextlib.asynccontextmanager
async def serve(limits: Limits) -> AsyncIterator[Server]:
    """A server, for the duration of the block."""
    config = make_config(application, limits=limits, host="127.0.0.1", port=0, lifespan="off", timeout_graceful_shutdown=1)
    running = TestServer(config)
    serving = asyncio.create_task(running.serve())
    async with asyncio.timeout(DEADLINE_SECONDS):
        while not running.started:
            await asyncio.sleep(0.01)
    yield Server(running)
    running.should_exit = True
    await serving


@pytest.fixture
async def http_server() -> AsyncIterator[Server]:
    """A server with much time for each request."""
    async with serve(PATIENT) as server:
        yield server


@pytest.fixture
async def hasty_server() -> AsyncIterator[Server]:
    """A server with short timeouts."""
    async with serve(LIMITS) as server:
        yield server


GET = b"GET / HTTP/1.1\r\nHost: desk\r\n"
POST = b"POST / HTTP/1.1\r\nHost: desk\r\n"


# --- valid requests pass -------------------------------------------------------------------------------------------------


async def test_requests_that_are_right(http_server: Server) -> None:
    """Customers would be refused."""
    reader, writer = await http_server.connect()
    for body in (b"", b"x", b"x" * 60_000):
        writer.write(POST + b"Content-Length: %d\r\n\r\n" % len(body) + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 200"), answer
        assert int(await reader.readexactly(len(str(len(body))))) == len(body)
    writer.write(GET + b"X: " + b"x" * 20_000 + b"\r\n" + b"".join(b"X-%d: x\r\n" % n for n in range(60)) + b"\r\n")
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200")
    writer.close()


async def test_a_request_in_small_pieces(http_server: Server) -> None:
    """A customer on a slow line would be refused although nothing is too large or too late."""
    reader, writer = await http_server.connect()
    for piece in (POST[:7], POST[7:], b"Content-Length: 3\r\n", b"\r\n", b"a", b"b", b"c"):
        writer.write(piece)
        await writer.drain()
        await asyncio.sleep(0.04)
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200")
    writer.close()


async def test_an_open_stream_is_left_alone(hasty_server: Server) -> None:
    """A customer's stream would break every few seconds."""
    reader, writer = await hasty_server.connect()
    writer.write(b"GET /stream HTTP/1.1\r\nHost: desk\r\n\r\n")
    await reader.readuntil(b"first")
    await asyncio.sleep(OVER_SECONDS)
    assert not reader.at_eof()
    assert hasty_server.connections == 1
    writer.close()


# --- too large -------------------------------------------------------------------------------------------------------------


LARGE_HEADS = {
    "one header": [GET, b"X: " + b"x" * 60_000, b"\r\n\r\n"],
    "a header without end": [GET, b"X: ", *[b"x" * 60_000] * 1000],
    "an address without end": [b"GET /", *[b"x" * 60_000] * 1000],
    "a name without end": [GET, *[b"x" * 60_000] * 1000],
    "many headers": [GET, b"".join(b"X-%d: x\r\n" % n for n in range(101)), b"\r\n"],
    "headers without end": [GET, *[b"X: x\r\n" * 1000] * 1000],
    "all of it at once": [GET + b"X: " + b"x" * 40_000 + b"\r\n\r\n"],
}


@pytest.mark.parametrize("parts", LARGE_HEADS.values(), ids=LARGE_HEADS.keys())
async def test_a_head_that_is_too_large(http_server: Server, parts: list[bytes]) -> None:
    """One connection could fill the memory: a header of 60 MB was once kept whole."""
    before = psutil.Process().memory_info().rss
    answer = await http_server.send(*parts)
    assert not answer or status_and_code(answer) == (431, "head_too_large")
    await http_server.until_empty()
    assert psutil.Process().memory_info().rss - before < 30_000_000


EARLY = b"POST /early HTTP/1.1\r\nHost: desk\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
LARGE_BODIES = {
    "a length": [POST + b"Content-Length: 60000000\r\n\r\n", *[b"x" * 60_000] * 1000],
    "chunks": [CHUNKED, *[b"ea60\r\n" + b"x" * 60_000 + b"\r\n"] * 1000],
    "trailers": [CHUNKED, b"0\r\nX: ", *[b"x" * 60_000] * 1000],
    "a chunk's extension": [CHUNKED, b"1;", *[b"x" * 60_000] * 1000],
    "a body that nobody reads": [
        b"POST /early HTTP/1.1\r\nHost: desk\r\nContent-Length: 60000000\r\n\r\n",
        *[b"x" * 60_000] * 1000,
    ],
}


@pytest.mark.parametrize("parts", LARGE_BODIES.values(), ids=LARGE_BODIES.keys())
async def test_a_body_that_is_too_large(http_server: Server, parts: list[bytes]) -> None:
    """One connection could keep the desk busy, or fill its memory."""
    await http_server.send(*parts)
    # Rejected by size: this takes less than the time limits of this server.
    assert await http_server.until_empty() < DEADLINE_SECONDS < PATIENT.body_seconds


# --- too slow --------------------------------------------------------------------------------------------------------------


SLOW: dict[str, tuple[bytes, bytes]] = {
    "nothing at all": (b"", b""),
    "half a request line": (b"GET /", b"x"),
    "headers, one by one": (GET, b"X: x\r\n"),
    "a header, byte by byte": (GET + b"X: ", b"x"),
    "a body, byte by byte": (POST + b"Content-Length: 1000\r\n\r\n", b"x"),
    "a body that does not come": (POST + b"Content-Length: 1000\r\n\r\n", b""),
    "chunks, one by one": (CHUNKED, b"1\r\nx\r\n"),
    "line ends": (GET + b"\r\n", b"\r\n"),
    "a body that nobody reads": (EARLY + b"Content-Length: 1000\r\n\r\n", b"x"),
}


@pytest.mark.parametrize(("first", "then"), SLOW.values(), ids=SLOW.keys())
async def test_a_request_that_does_not_end(hasty_server: Server, first: bytes, then: bytes) -> None:
    """Half-open requests would stay until customers cannot connect any more."""
    reader, writer = await hasty_server.connect()
    writer.write(first)
    closed = asyncio.create_task(rest(reader))
    started = time.monotonic()
    while not closed.done() and time.monotonic() - started < DEADLINE_SECONDS / 2:
        with contextlib.suppress(ConnectionError):
            writer.write(then)
            await writer.drain()
        await asyncio.wait({closed}, timeout=0.1)
    assert closed.done(), "what is sent makes the time limit longer"
    answer = closed.result()
    if answer and b"200 OK" not in answer:
        assert status_and_code(answer) == (408, "too_slow")
    writer.close()
    await hasty_server.until_empty()


async def test_many_half_open_requests(hasty_server: Server) -> None:
    """300 idle connections once stayed open, and used what the next customers need."""
    opened = [await hasty_server.connect() for _ in range(300)]
    for _, writer in opened:
        writer.write(GET)
    assert hasty_server.connections <= LIMITS.connections + 1
    assert await hasty_server.until_empty() < DEADLINE_SECONDS
    assert (await hasty_server.send(GET + b"Connection: close\r\n\r\n")).startswith(b"HTTP/1.1 200")
    for _, writer in opened:
        writer.close()


async def test_one_connection_too_many(http_server: Server) -> None:
    """Without a limit the process would run out of files, and lose its connections to the database and the bots."""
    held = [await http_server.connect() for _ in range(LIMITS.connections)]
    async with asyncio.timeout(DEADLINE_SECONDS):
        while http_server.connections < LIMITS.connections:
            await asyncio.sleep(0.01)
    assert status_and_code(await http_server.send(GET + b"\r\n")) == (503, "busy")
    held.pop()[1].close()
    async with asyncio.timeout(DEADLINE_SECONDS):
        while http_server.connections >= LIMITS.connections:
            await asyncio.sleep(0.01)
    assert (await http_server.send(GET + b"Connection: close\r\n\r\n")).startswith(b"HTTP/1.1 200")
    for _, writer in held:
        writer.close()


# --- others ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rubbish", [b"\x16\x03\x01\x02\x00\x01\x00", b"HELO desk\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n"])
async def test_what_is_no_http(http_server: Server, rubbish: bytes) -> None:
    """A port scan would end in a traceback."""
    assert status_and_code(await http_server.send(rubbish)) == (400, "bad_request")


async def test_no_websockets(http_server: Server) -> None:
    """A connection that changed its protocol would escape the limits above."""
    upgrade = (
        b"Connection: Upgrade, close\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: eA==\r\n\r\n"
    )
    assert (await http_server.send(GET + upgrade + b"\r\n")).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    ("soft", "hard", "raised", "connections"),
    [
        (1024, 4096, 4096, 3946),
        (1024, 1_000_000, 10_150, 10_000),
        (65_536, 65_536, 65_536, 10_000),
        (1024, resource.RLIM_INFINITY, 10_150, 10_000),
        (resource.RLIM_INFINITY, resource.RLIM_INFINITY, resource.RLIM_INFINITY, 10_000),
        (64, 64, 64, 10),
    ],
)
def test_the_bound_follows_the_system(
    monkeypatch: pytest.MonkeyPatch, soft: int, hard: int, raised: int, connections: int
) -> None:
    """The limit would exceed what the system allows, and never be reached."""
    now = [soft]
    monkeypatch.setattr(resource, "getrlimit", lambda what: (now[0], hard))
    monkeypatch.setattr(resource, "setrlimit", lambda what, limits: now.__setitem__(0, limits[0]))
    assert limits_of_this_process().connections == connections
    assert now == [raised]


async def test_a_desk_process_has_the_limits(bot: FakeBot, new_database: str, tmp_path: Path) -> None:
    """The limits would hold in the tests only, because the real desk does not use them."""
    async with desk_processes(bot, tmp_path) as start:
        desk = await start(database=new_database)
        reader, writer = await asyncio.open_connection("127.0.0.1", desk.http.base_url.port)
        writer.write(GET + b"X: " + b"x" * 40_000 + b"\r\n\r\n")
        assert status_and_code(await rest(reader)) == (431, "head_too_large")
        writer.close()
