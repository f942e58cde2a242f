"""A scripted bot: a real HTTP server that follows the bot channel contract, or breaks it."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from contract import meaning_codes

TOKEN = "bot-token-of-the-tests"

_DEADLINE_SECONDS = 30


@dataclass(frozen=True)
class Reply:
    """A response as sent, valid or not."""

    body: bytes
    status: int = 200


#: Produces the response to one turn's body.
Behaviour = Callable[[dict[str, Any]], Awaitable[Reply]]


def decision(route: str, intent: str | None = "transfer_delay", **more: Any) -> dict[str, Any]:
    """A decision with every field of the contract."""
    return {
        "route": route,
        "reason": None,
        "priority": None,
        "intent": intent,
        "confidence": 0.93,
        "ranking": [{"intent": intent, "confidence": 0.93}],
        "entities": [],
        "amount_cny": None,
        "rule": "understood",
        "trace": [{"rule": "understood", "fired": True, "detail": ""}],
        "thresholds": {},
        "article": None,
        "outcome": None,
        "asks": None,
        "model": "model-of-the-tests",
        "policy": "policy-of-the-tests",
        "versions": {},
        **more,
    }


def raw(body: bytes, status: int = 200) -> Behaviour:
    """Exactly these bytes."""

    async def behave(turn: dict[str, Any]) -> Reply:
        return Reply(body, status)

    return behave


def says(body: Any, status: int = 200) -> Behaviour:
    """This JSON, valid under the contract or not."""
    return raw(json.dumps(body).encode(), status)


ARTICLE = {"id": "transfer_delay", "title": "到账延迟", "revision": "r1"}
BUTTONS = [{"choice": "solved", "label": "解决了"}, {"choice": "unsolved", "label": "没有解决"}]


def answers(text: str = "到账通常需要两小时。", **more: Any) -> Behaviour:
    """An article, and "did this solve it?"."""
    article = {"id": ARTICLE["id"], "revision": ARTICLE["revision"]}
    messages = [{"text": text, "article": ARTICLE}, {"text": "这样解决了吗？", "buttons": BUTTONS}]
    return says({"messages": messages, "decision": decision("answer", **{"article": article, "asks": "solved", **more})})


#: The buttons under an article that hand over to a person at once.
DOORS = [
    {"choice": "topic:wrong_transfer", "label": "转错了", "kind": "door"},
    {"choice": "topic:scam_in_progress", "label": "感觉被骗", "kind": "door"},
]


def answers_with_doors(text: str = "到账通常需要两小时。") -> Behaviour:
    """An article with its doors, in the form that the bot sends."""
    messages = [{"text": text, "article": ARTICLE, "buttons": [*BUTTONS, *DOORS]}]
    article = {"id": ARTICLE["id"], "revision": ARTICLE["revision"]}
    doors = [door["choice"].removeprefix("topic:") for door in DOORS]
    return says({"messages": messages, "decision": decision("answer", article=article, asks="solved", doors=doors)})


def chats(text: str, **more: Any) -> Behaviour:
    """A social reply."""
    return says({"messages": [{"text": text}], "decision": decision("chat", **{"intent": "thanks", **more})})


def escalates(reason: str = "dispute", priority: str = "high", intent: str = "duplicate_charge", **more: Any) -> Behaviour:
    """A handoff decision; the desk adds the text for the customer."""
    return says({"messages": [], "decision": decision("escalate", intent, reason=reason, priority=priority, **more)})


def hangs_up() -> Behaviour:
    """The connection breaks without a response."""

    async def behave(turn: dict[str, Any]) -> Reply:
        raise ConnectionAbortedError

    return behave


class Held:
    """A behaviour that waits until the test releases it, for ever if it never does."""

    def __init__(self, then: Behaviour) -> None:
        self._then = then
        self._asked, self._released = asyncio.Event(), asyncio.Event()

    async def __call__(self, turn: dict[str, Any]) -> Reply:
        """Wait for the release, then behave."""
        self._asked.set()
        await self._released.wait()
        return await self._then(turn)

    async def asked(self) -> None:
        """Wait until the desk has sent the turn."""
        async with asyncio.timeout(_DEADLINE_SECONDS):
            await self._asked.wait()

    def release(self) -> None:
        """Release the response."""
        self._released.set()


class FakeBot:
    """Responds to turns as scripted, in order. Without a script it answers.

    `turns`: the bodies of all turns received. `tokens`: their Authorization headers. `articles`: what it finds for agents'
    searches, or an HTTP status; `searches`: the bodies of these. `codes`: the code of meaning of a text; None: no model.
    """

    def __init__(self) -> None:
        self.turns: list[dict[str, Any]] = []
        self.tokens: list[str] = []
        self.articles: Any = 503
        self.searches: list[dict[str, Any]] = []
        self.codes: Callable[[str], int] | None = None
        self._script: deque[Behaviour] = deque()
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.StreamWriter] = set()
        self._port = 0

    @property
    def url(self) -> str:
        """Its address, which stays the same after a stop."""
        return f"http://127.0.0.1:{self._port}"

    def will(self, *behaviours: Behaviour) -> None:
        """Script the responses to the next turns."""
        self._script.extend(behaviours)

    async def start(self) -> None:
        """Start at the same address as before."""
        if self._server is None:
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._port)
            self._port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop: connections are refused."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in list(self._connections):
            writer.transport.abort()

    async def reset(self) -> None:
        """Clear the state of the last test."""
        self._script.clear()
        self.articles, self.searches, self.codes = 503, [], None
        for writer in list(self._connections):
            writer.transport.abort()
        self.turns.clear()
        self.tokens.clear()
        await self.start()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections.add(writer)
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            headers = {
                name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head.split("\r\n")[1:])
            }
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            method, path, *_ = head.split(" ", 2)
            if path.endswith("/articles"):
                reply = self._find(body)
            elif path.endswith("/codes"):
                reply = self._code(body)
            else:
                reply = await self._react(method, headers, body, reader)
            length = f"HTTP/1.1 {reply.status} X\r\nContent-Length: {len(reply.body)}\r\nConnection: close\r\n\r\n"
            writer.write(length.encode() + reply.body)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            writer.transport.abort()
        finally:
            self._connections.discard(writer)
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    def _code(self, body: bytes) -> Reply:
        if self.codes is None:
            return Reply(b'{"error": {"code": "no_model", "message": ""}}', 503)
        texts = json.loads(body)["texts"]
        return Reply(json.dumps(meaning_codes.as_json(self.codes(text) for text in texts)).encode())

    def _find(self, body: bytes) -> Reply:
        self.searches.append(json.loads(body))
        if isinstance(self.articles, int):
            return Reply(b'{"error": {"code": "no_model", "message": ""}}', self.articles)
        return Reply(json.dumps({"articles": self.articles, "revision": "r"}).encode())

    async def _react(self, method: str, headers: dict[str, str], body: bytes, reader: asyncio.StreamReader) -> Reply:
        if method == "GET":
            return Reply(b'{"status": "ok"}')
        turn = json.loads(body)
        self.turns.append(turn)
        self.tokens.append(headers.get("authorization", ""))
        behaviour = self._script.popleft() if self._script else answers()
        # A desk whose deadline has passed closes the connection.
        reaction, gone = asyncio.ensure_future(behaviour(turn)), asyncio.ensure_future(reader.read(1))
        await asyncio.wait({reaction, gone}, return_when=asyncio.FIRST_COMPLETED)
        gone.cancel()
        if not reaction.done():
            reaction.cancel()
            raise ConnectionAbortedError
        return reaction.result()


@contextlib.asynccontextmanager
async def own_bot() -> AsyncIterator[FakeBot]:
    """A bot for one test. The shared desk does not know it, so a late turn of an earlier test cannot reach it."""
    bot = FakeBot()
    await bot.start()
    try:
        yield bot
    finally:
        await bot.stop()
