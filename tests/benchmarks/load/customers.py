"""The benchmark's customers: as cheap as possible, because they run on the measured machine."""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from tests.benchmarks.load.meter import Meter
from tests.drill.customers import SENTENCES, address_header

Json = dict[str, Any]

ANSWER_SECONDS = 20.0
#: Turns of a customer before another customer replaces them.
TURNS_EACH = 5
#: Prefixes that vary a message without changing its meaning. The bot caches the vectors of texts, so a benchmark that repeats
#: its texts would measure the cache.
_BEFORE = ("", "你好，", "您好，", "请问，", "请问一下，", "想问一下，", "麻烦问下，", "打扰了，", "你好，请问", "那个，")
_AFTER = ("", "，谢谢")

_message_ids, _addresses = itertools.count(1), itertools.count(1)


def questions() -> Iterator[str]:
    """Different messages that the bot can answer; after 14,000 of them they repeat."""
    lines = [line for path in sorted(SENTENCES.glob("*.jsonl")) for line in path.read_text(encoding="utf-8").splitlines()]
    texts = sorted({each["text"] for each in map(json.loads, lines) if each["route"] == "answer"})
    random.Random(1).shuffle(texts)
    return itertools.cycle(f"{before}{text}{after}" for after in _AFTER for before in _BEFORE for text in texts)


class NoAnswerError(Exception):
    """A turn without an answer; the message gives the cause."""


@dataclass(frozen=True)
class Answer:
    """The first reply to a message, `seconds` after it was sent; `reason` of the handoff if a person takes over.

    `shown`: seconds until the message itself was on the customer's stream.
    """

    seconds: float
    reason: str | None = None
    shown: float | None = None


class Stream(asyncio.Protocol):
    """A customer's event stream on a bare socket, without a task of its own, because thousands are idle at once."""

    def __init__(self, request: bytes) -> None:
        self._request, self._rest, self._is_event = request, b"", False
        self._watched: tuple[Callable[[Json], bool], asyncio.Future[float]] | None = None
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.events: list[Json] = []
        self.is_lost = False
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Request the stream."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        """Events in order of arrival. The desk sends a frame as one chunk, so the lines with chunk lengths can be skipped."""
        now = time.perf_counter()
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            if line.startswith(b"event: "):
                self._is_event = line.startswith(b"event: event")
            elif line.startswith(b"data: "):
                if not self.opened.done():
                    self.opened.set_result(None)
                if self._is_event:
                    self._note(json.loads(line[6:]), now)

    def _note(self, event: Json, now: float) -> None:
        self.events.append(event)
        if self._watched is not None and self._watched[0](event):
            if not self._watched[1].done():
                self._watched[1].set_result(now)
            self._watched = None

    def watch(self, condition: Callable[[Json], bool]) -> asyncio.Future[float]:
        """When (`time.perf_counter`) the first future event that fulfils the condition arrives."""
        self._watched = condition, asyncio.get_running_loop().create_future()
        return self._watched[1]

    def connection_lost(self, error: Exception | None) -> None:
        """Report the fault to the waiter."""
        self.is_lost = True
        gone = NoAnswerError("the stream ended")
        if not self.opened.done():
            self.opened.set_exception(gone)
        if self._watched is not None and not self._watched[1].done():
            self._watched[1].set_exception(gone)

    def close(self) -> None:
        """Close the connection."""
        if self._transport is not None:
            self._transport.abort()


@asynccontextmanager
async def connect(url: str) -> AsyncIterator[aiohttp.ClientSession]:
    """Connections to one server, as many as are needed at once."""
    timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
    connector = aiohttp.TCPConnector(limit=0, force_close=False, keepalive_timeout=2)
    async with aiohttp.ClientSession(url, connector=connector, timeout=timeout) as http:
        yield http


@dataclass
class Customer:
    """One conversation on the project's desk."""

    http: aiohttp.ClientSession
    url: str
    id: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    stream: Stream | None = None

    @classmethod
    async def open(cls, http: aiohttp.ClientSession, url: str, *, stream: bool = True) -> Customer:
        """Open a conversation from an address of its own, with its stream unless told otherwise."""
        address = address_header(next(_addresses))
        async with http.post("/api/conversations", json={}, headers=address) as answer:
            opened = await _read(answer)
        customer = cls(http, url, opened["id"], {"Authorization": f"Bearer {opened['token']}", **address})
        if stream:
            await customer._follow()
        return customer

    async def _follow(self) -> None:
        address = urlsplit(self.url)
        head = [
            f"GET /api/conversations/{self.id}/events HTTP/1.1",
            f"Host: {address.netloc}",
            *(f"{name}: {value}" for name, value in self.headers.items()),
            "Accept: text/event-stream",
        ]
        request = "\r\n".join([*head, "", ""]).encode()
        loop = asyncio.get_running_loop()
        _, self.stream = await loop.create_connection(lambda: Stream(request), str(address.hostname), address.port or 80)
        async with asyncio.timeout(ANSWER_SECONDS):
            await self.stream.opened

    def close(self) -> None:
        """Close the stream."""
        if self.stream is not None:
            self.stream.close()

    async def post(self, text: str, message_id: str) -> int:
        """Send a message; its sequence number."""
        body = {"client_message_id": message_id, "text": text}
        async with self.http.post(f"/api/conversations/{self.id}/messages", json=body, headers=self.headers) as answer:
            return int((await _read(answer))["seq"])

    async def ask(self, text: str) -> Answer:
        """Send a message and wait for the first reply on the open stream. Raises NoAnswerError."""
        assert self.stream is not None
        stream, message_id = self.stream, f"m{next(_message_ids)}"
        shown: float | None = None

        def is_answer(event: Json) -> bool:
            nonlocal shown
            if event.get("client_message_id") == message_id:
                shown = time.perf_counter() - started
            return shown is not None and _is_word(event)

        known, coming, started = len(stream.events), stream.watch(is_answer), time.perf_counter()
        async with _patience():
            await self.post(text, message_id)
            answered = await coming
        return Answer(answered - started, _reason(stream.events[known:]), shown)

    async def ask_by_poll(self, text: str) -> Answer:
        """Send a message and poll until the first reply is among the events. Raises NoAnswerError."""
        started = time.perf_counter()
        async with _patience():
            seq = await self.post(text, f"m{next(_message_ids)}")
            while True:
                question = {"after": seq, "wait": 10}
                address = f"/api/conversations/{self.id}/events"
                async with self.http.get(address, params=question, headers=self.headers) as answer:
                    events = (await _read(answer))["events"]
                if any(_is_word(event) for event in events):
                    return Answer(time.perf_counter() - started, _reason(events))
                seq = max((event["seq"] for event in events), default=seq)


def _is_word(event: Json) -> bool:
    return event["type"] == "message" and event["by"]["kind"] in ("bot", "system")


def _reason(events: list[Json]) -> str | None:
    return next((event["reason"] for event in events if event["type"] == "handoff_requested"), None)


async def _read(answer: aiohttp.ClientResponse) -> Any:
    if answer.status >= 400:
        raise NoAnswerError(f"status {answer.status}")
    return await answer.json(content_type=None)


@asynccontextmanager
async def _patience() -> AsyncIterator[None]:
    """Turn any error in a turn into NoAnswerError."""
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            yield
    except TimeoutError:
        raise NoAnswerError(f"nothing within {ANSWER_SECONDS:.0f} s") from None
    except aiohttp.ClientError as error:
        raise NoAnswerError(type(error).__name__) from error


class StockSender:
    """One sender on a stock Rasa's REST channel, which answers in the response itself."""

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self._http, self._id = http, f"sender-{next(_message_ids)}"

    async def ask(self, text: str) -> Answer:
        """Send a message and read the answer. Raises NoAnswerError, also for an empty answer, which means a failure."""
        started = time.perf_counter()
        async with _patience():
            async with self._http.post("/webhooks/rest/webhook", json={"sender": self._id, "message": text}) as answer:
                messages = await _read(answer)
            if not messages:
                raise NoAnswerError("empty answer")
        return Answer(time.perf_counter() - started)

    def close(self) -> None:
        """Does nothing: there is no stream."""


@dataclass
class Crowd:
    """The turns of a number of parallel customers within `seconds`, and each process group's CPU seconds meanwhile."""

    answers: list[Answer] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    seconds: float = 0.0
    cpu: dict[str, float] = field(default_factory=dict)


async def closed_loop(
    arrive: Callable[[], Awaitable[Customer | StockSender]],
    texts: Iterator[str],
    clients: int,
    meter: Meter,
    lead_in: float,
    seconds: float,
) -> Crowd:
    """Run this many clients, each with one turn after the other. Turns that end within `seconds` after `lead_in` count.

    Without the lead-in, slow systems would look slower: nothing ends while the first turns run.
    """
    crowd, is_counted, is_over = Crowd(), False, False

    async def client() -> None:
        while not is_over:
            customer: Customer | StockSender | None = None
            try:
                customer = await arrive()
                for _ in range(TURNS_EACH):
                    answer = await customer.ask(next(texts))
                    if is_counted:
                        crowd.answers.append(answer)
                    if is_over or answer.reason is not None:
                        break  # handed over: the bot sends no more in this conversation
            except (NoAnswerError, aiohttp.ClientError, OSError) as error:
                if not is_over:
                    crowd.errors.append(str(error) or type(error).__name__)
                await asyncio.sleep(0.1)
            finally:
                if customer is not None:
                    customer.close()

    running = [asyncio.create_task(client()) for _ in range(clients)]
    await asyncio.sleep(lead_in)
    cpu, started, is_counted = meter.cpu(), time.perf_counter(), True
    await asyncio.sleep(seconds)
    is_counted, crowd.seconds = False, time.perf_counter() - started
    crowd.cpu = {name: after - cpu[name] for name, after in meter.cpu().items()}
    is_over = True
    await asyncio.gather(*running)
    return crowd
