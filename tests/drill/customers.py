"""The drill's customers: each has a conversation, does as the chat page (outbox.js, event-stream.js), and notes all of it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx

from handoff.domain.masking import mask
from tests.drill.records import Client, Seen, Send
from tests.handoff.people import Json

SENTENCES = Path(__file__).parents[1] / "evaluation" / "development"
#: As in outbox.js; the longest pause is shorter, for the drill has no hours.
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 0.8, 5.0
#: As in event-stream.js: the first byte must come soon; then the desk pings every 15 s.
FIRST_BYTE_SECONDS, SILENCE_SECONDS = 8.0, 40.0
ANSWER_SECONDS = 15.0
#: Longer than anybody may have to wait for a word from the bot or the desk.
PATIENCE_SECONDS = 25.0
#: Refusals that a race between two people explains.
EXPECTED_REFUSALS = frozenset({"choice_expired", "unknown_choice", "not_queued", "not_resolved"})
_OWNER_AFTER = {
    "handoff_requested": "queued",
    "assigned": "assigned",
    "transferred": "queued",
    "returned": "with_bot",
    "cancelled": "with_bot",
    "resolved": "resolved",
    "reopened": "with_bot",
}
#: One for all clients: making one costs more than a conversation.
_NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def new_http(url: str) -> httpx.AsyncClient:
    """A browser of one's own: its connections reach whichever desk the kernel chooses."""
    return httpx.AsyncClient(base_url=url, trust_env=False, timeout=ANSWER_SECONDS, verify=_NO_TLS)


def read_sentences() -> list[str]:
    """What customers write; nothing that the desk would mask, so that the log must have it word for word."""
    lines = [line for path in sorted(SENTENCES.glob("*.jsonl")) for line in path.read_text(encoding="utf-8").splitlines()]
    sentences = [json.loads(line)["text"] for line in lines]
    return [sentence for sentence in sentences if mask(sentence).text == sentence]


async def persist(call: Callable[[], Awaitable[httpx.Response]], rng: random.Random) -> tuple[httpx.Response, int]:
    """Repeat a call until the desk has answered it, as the pages do; the answer and how many tries it took."""
    tries = 0
    while True:
        tries += 1
        with contextlib.suppress(httpx.TransportError):
            answer = await call()
            if answer.status_code < 500:
                return answer, tries
        wait = min(FIRST_WAIT_SECONDS * 2 ** (tries - 1), LONGEST_WAIT_SECONDS)
        await asyncio.sleep(wait * (0.75 + rng.random() / 2))


async def frames(answer: httpx.Response) -> AsyncIterator[tuple[str, Json]]:
    """The frames of a stream, until it ends. Raises TimeoutError when the line is dead, as event-stream.js finds it."""
    lines, fields, patience = answer.aiter_lines(), dict[str, str](), FIRST_BYTE_SECONDS
    while True:
        async with asyncio.timeout(patience):
            line = await anext(lines, None)
        patience = SILENCE_SECONDS
        if line is None:
            return
        if line == "":
            if "data" in fields:
                yield fields["event"], json.loads(fields["data"])
            fields = {}
        else:
            name, _, value = line.partition(": ")
            fields[name] = value


class Customer:
    """One customer and their page."""

    def __init__(self, number: int, url: str, sentences: list[str], rng: random.Random) -> None:
        self._number, self._sentences, self._rng = number, sentences, rng
        self._http = new_http(url)
        self.client = Client("", rng.choices(("stream", "long poll"), (4, 1))[0])
        self._headers: dict[str, str] = {}
        self._owner, self._last_seq = "with_bot", 0
        self._buttons: list[Json] = []
        self._news = asyncio.Event()

    # --- the page ----------------------------------------------------------------------------------------------------------

    async def _call(self, method: str, path: str, **more: Any) -> httpx.Response:
        address = f"/api/conversations/{self.client.conversation}{path}"
        answer, _ = await persist(lambda: self._http.request(method, address, headers=self._headers, **more), self._rng)
        if answer.status_code >= 400:
            self.client.refusals.append(answer.json()["error"]["code"])
        return answer

    async def _send(self, send: Send) -> None:
        body = {"client_message_id": send.message_id}
        body |= {"choice": send.choice} if send.choice else {"text": send.text or ""}
        address = f"/api/conversations/{self.client.conversation}/messages"
        self.client.sends.append(send)

        async def post() -> httpx.Response:
            send.tries += 1
            return await self._http.post(address, json=body, headers=self._headers)

        answer, _ = await persist(post, self._rng)
        send.status = answer.status_code
        if answer.status_code in (200, 201):
            send.acknowledged_at, send.seq = time.time(), answer.json()["seq"]
        else:
            send.refused = answer.json()["error"]["code"]
            self.client.refusals.append(send.refused)

    async def _say(self, text: str | None, choice: str | None = None) -> None:
        await self._send(Send(f"c{self._number}-{len(self.client.sends)}", text, choice, time.time()))

    async def _watch(self) -> None:
        """Follow the log, reconnecting for ever."""
        attempt = 0
        follow = self._follow_stream if self.client.watches_by == "stream" else self._poll
        while True:
            try:
                async for event in follow():
                    self._note(event)
                    attempt = 0
            except httpx.HTTPStatusError as error:
                if error.response.status_code < 500:
                    self.client.refusals.append(f"watching_{error.response.status_code}")
            except (httpx.TransportError, TimeoutError):
                pass  # as for a page, a line that broke is nothing but a reason to connect again
            self.client.reconnects += 1
            await asyncio.sleep(min(2**attempt, LONGEST_WAIT_SECONDS) * (0.5 + self._rng.random() / 2))
            attempt += 1

    async def _follow_stream(self) -> AsyncIterator[Json]:
        headers = {**self._headers, "Accept": "text/event-stream"}
        if self._last_seq:
            headers["Last-Event-ID"] = str(self._last_seq)
        address = f"/api/conversations/{self.client.conversation}/events"
        async with self._http.stream(
            "GET", address, headers=headers, timeout=httpx.Timeout(ANSWER_SECONDS, read=None)
        ) as answer:
            answer.raise_for_status()
            async for kind, data in frames(answer):
                if kind == "event":
                    yield data

    async def _poll(self) -> AsyncIterator[Json]:
        while True:
            answer = await self._ask_for_events(wait=10)
            for event in answer.raise_for_status().json()["events"]:
                yield event

    async def _ask_for_events(self, wait: float) -> httpx.Response:
        address = f"/api/conversations/{self.client.conversation}/events"
        question = {"after": self._last_seq, "wait": wait}
        return await self._http.get(address, params=question, headers=self._headers, timeout=wait + ANSWER_SECONDS)

    def _note(self, event: Json) -> None:
        self.client.seen.append(Seen(time.time(), event["seq"], event["type"], event["by"]["kind"]))
        self._last_seq = max(self._last_seq, event["seq"])
        self._owner = _OWNER_AFTER.get(event["type"], self._owner)
        if event["type"] == "message":
            self._buttons = event.get("buttons") or []
        self._news.set()

    async def read_the_rest(self) -> None:
        """Open the page once more, after everything: what comes now was not shown before."""
        answer, _ = await persist(lambda: self._ask_for_events(wait=0), self._rng)
        for event in answer.raise_for_status().json()["events"]:
            self._note(event)
        await self._http.aclose()

    # --- the person --------------------------------------------------------------------------------------------------------

    async def live(self) -> None:
        """The whole conversation."""
        opened, _ = await persist(lambda: self._http.post("/api/conversations", json={}), self._rng)
        self.client.conversation = opened.raise_for_status().json()["id"]
        self._headers = {"Authorization": f"Bearer {opened.json()['token']}"}
        watching = asyncio.create_task(self._watch())
        try:
            await self._write()
            for _ in range(self._rng.randint(2, 5)):
                await asyncio.sleep(self._rng.uniform(0.2, 1.5))
                await self._do_something()
            await self._linger()
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
            self.client.left_at = time.time()

    async def _do_something(self) -> None:
        if self._owner == "resolved":
            if self._rng.random() < 0.6:
                await self._call("POST", "/rating", json={"score": self._rng.randint(1, 5)})
            if self._rng.random() < 0.5:
                await self._write()
            return
        acts: list[tuple[float, Callable[[], Awaitable[None]]]] = [
            (8, self._write),
            (3, self._write_thrice),
            (1, self._ask_for_person),
            (1, lambda: self._say(None, "human")),
            (2, self._repeat_old),
        ]
        if self._buttons:
            acts.append((6, self._press))
        if self._owner == "queued":
            acts += [(5, self._cancel), (8, lambda: self._until(lambda: self._owner != "queued", 5))]
        if self._owner == "assigned":
            acts.append((10, lambda: self._until(lambda: self._owner != "assigned", 5)))
        weights, choices = zip(*acts)
        await self._rng.choices(choices, weights)[0]()

    async def _write(self) -> None:
        await self._say(self._rng.choice(self._sentences))
        await self._hear()

    async def _write_thrice(self) -> None:
        for _ in range(3):
            await self._say(self._rng.choice(self._sentences))
        await self._hear()

    async def _press(self) -> None:
        await self._say(None, self._rng.choice(self._buttons)["choice"])
        await self._hear()

    async def _ask_for_person(self) -> None:
        await self._call("POST", "/handoff")

    async def _cancel(self) -> None:
        await self._call("POST", "/cancel")

    async def _repeat_old(self) -> None:
        """Send an old message once more, as after a reload in the wrong moment; the desk must know it again."""
        done = [send for send in self.client.sends if send.seq is not None]
        if done:
            old = self._rng.choice(done)
            await self._send(Send(old.message_id, old.text, old.choice, time.time(), repeats=True))

    async def _hear(self) -> None:
        """Wait for a word of the bot or the desk, if one is due."""
        seq = max((send.seq for send in self.client.sends if send.seq is not None), default=0)

        def has_heard() -> bool:
            return self._owner in ("queued", "assigned") or any(s.seq > seq and s.by != "customer" for s in self.client.seen)

        await self._until(has_heard, PATIENCE_SECONDS)

    async def _linger(self) -> None:
        """Stay until nothing has come for a while."""
        await self._hear()
        count = -1
        while count != len(self.client.seen):
            count = len(self.client.seen)
            await asyncio.sleep(3)

    async def _until(self, condition: Callable[[], bool], seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not condition():
                    self._news.clear()
                    await self._news.wait()
