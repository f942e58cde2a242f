"""The drill's customers: each has a conversation, behaves like the chat page (outbox.js, event-stream.js), and records it."""

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

from handoff.conversations.masking import mask
from tests.drill.records import Act, Client, Seen, Send
from tests.drill.replay import OWNER_AFTER
from tests.drill.system import DrillError
from tests.handoff.people import Json

SENTENCES = Path(__file__).parents[1] / "evaluation" / "development"
#: As in outbox.js, but with a shorter longest pause, because a drill does not last hours.
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 0.8, 5.0
#: As in event-stream.js: the first byte must come soon; then the desk pings every 15 s.
FIRST_BYTE_SECONDS, SILENCE_SECONDS = 8.0, 40.0
ANSWER_SECONDS = 15.0
#: Seconds, longer than any fault may last; a request that no desk can answer must not go on for ever.
LONGEST_SECONDS = 300.0
#: Seconds, longer than any allowed wait for a reply of the bot or the desk.
PATIENCE_SECONDS = 25.0
#: Error codes that a race between two people explains.
EXPECTED_REFUSALS = frozenset(
    {"choice_expired", "unknown_choice", "not_queued", "not_resolved", "confirm_needed", "undo_expired"}
)
#: One TLS context for all clients: creating one costs more than a conversation.
_NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def new_http(url: str) -> httpx.AsyncClient:
    """An HTTP client with its own connections, which reach whichever desk the kernel chooses."""
    return httpx.AsyncClient(base_url=url, trust_env=False, timeout=ANSWER_SECONDS, verify=_NO_TLS)


def address_header(number: int) -> dict[str, str]:
    """The proxy's header with a client address of this customer's own."""
    return {"X-Forwarded-For": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"}


def read_sentences() -> list[str]:
    """Customers' messages. The desk masks nothing in them, so the log must have them unchanged."""
    lines = [line for path in sorted(SENTENCES.glob("*.jsonl")) for line in path.read_text(encoding="utf-8").splitlines()]
    sentences = [json.loads(line)["text"] for line in lines]
    return [sentence for sentence in sentences if mask(sentence).text == sentence]


async def persist(call: Callable[[], Awaitable[httpx.Response]], rng: random.Random) -> tuple[httpx.Response, int]:
    """Repeat a request until the desk has answered it, as the pages do; the response and the number of tries.

    Raises DrillError when that takes longer than any fault may.
    """
    tries = 0
    gives_up_at = time.monotonic() + LONGEST_SECONDS
    while True:
        tries += 1
        if time.monotonic() > gives_up_at:
            raise DrillError(f"a request was not answered in {tries} tries")
        with contextlib.suppress(httpx.TransportError):
            answer = await call()
            if answer.status_code < 500:
                return answer, tries
        wait = min(FIRST_WAIT_SECONDS * 2 ** (tries - 1), LONGEST_WAIT_SECONDS)
        await asyncio.sleep(wait * (0.75 + rng.random() / 2))


async def frames(answer: httpx.Response) -> AsyncIterator[tuple[str, Json]]:
    """The frames of a stream, until it ends. Raises TimeoutError on a dead connection, as event-stream.js detects it."""
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


def outcome(answer: httpx.Response) -> str:
    """The code of an error response, or the status."""
    return str(answer.json()["error"]["code"] if answer.status_code >= 400 else answer.status_code)


class Customer:
    """One customer and their page. `other_url`: the desk of a second tab, if they open one."""

    def __init__(self, number: int, url: str, sentences: list[str], rng: random.Random, other_url: str | None = None) -> None:
        self._number, self._sentences, self._rng = number, sentences, rng
        self._other_url = other_url or url
        self._http = new_http(url)
        self._http.headers.update(address_header(number))
        self.client = Client("", rng.choices(("stream", "long poll"), (4, 1))[0])
        self._headers: dict[str, str] = {}
        self.owner, self._last_seq = "bot", 0
        self._buttons: list[Json] = []
        self._news = asyncio.Event()
        self._watching: asyncio.Task[None] | None = None
        self._tab = "a"
        self.acts: list[Act] = []

    def another_tab(self) -> Customer:
        """The same conversation in a second tab, which is not opened yet."""
        tab = Customer(self._number, self._other_url, self._sentences, self._rng)
        tab.client.conversation, tab._headers, tab._tab = self.client.conversation, self._headers, "b"
        return tab

    @property
    def choices(self) -> list[str]:
        """The buttons under the last message."""
        return [str(button["choice"]) for button in self._buttons]

    # --- the page ----------------------------------------------------------------------------------------------------------

    async def call(self, method: str, path: str, **more: Any) -> httpx.Response:
        """A request about the conversation, repeated until it is answered."""
        address = f"/api/conversations/{self.client.conversation}{path}"
        answer, _ = await persist(lambda: self._http.request(method, address, headers=self._headers, **more), self._rng)
        if answer.status_code >= 400:
            self.client.refusals.append(answer.json()["error"]["code"])
        return answer

    async def send(self, send: Send) -> str:
        """Send a message until it is acknowledged or rejected; the response in the form of the race's record."""
        body = {"client_message_id": send.message_id}
        body |= {"choice": send.choice} if send.choice else {"text": send.text or ""}
        address = f"/api/conversations/{self.client.conversation}/messages"
        send.sent_at = time.time()
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
        return f"message {send.refused or send.status}"

    def new_message(self, text: str | None = None, choice: str | None = None) -> Send:
        """A new message; a random sentence unless a text is given."""
        if text is None and choice is None:
            text = self._rng.choice(self._sentences)
        return Send(f"c{self._number}{self._tab}-{len(self.client.sends)}", text, choice, time.time())

    def same_message(self, tab: Customer) -> list[Callable[[], Awaitable[str]]]:
        """One message, sent from this tab and from another under one id."""
        first = self.new_message()
        second = Send(first.message_id, first.text, first.choice, first.sent_at, repeats=True)
        return [lambda: self.send(first), lambda: tab.send(second)]

    async def say(self, text: str | None = None, choice: str | None = None) -> str:
        """Write a message, or press a button."""
        return await self.send(self.new_message(text, choice))

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
                pass  # like a page, reconnect after any broken connection
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
        self.owner = OWNER_AFTER.get(event["type"], self.owner)
        if event["type"] == "message":
            self._buttons = event.get("buttons") or []
        self._news.set()

    async def read_the_rest(self) -> None:
        """Read the log once more at the end; events that come only now were not shown before."""
        answer, _ = await persist(lambda: self._ask_for_events(wait=0), self._rng)
        for event in answer.raise_for_status().json()["events"]:
            self._note(event)
        await self._http.aclose()

    # --- the customer ------------------------------------------------------------------------------------------------------

    async def prove(self) -> dict[str, str]:
        """The header that proves who the customer is; an anonymous one proves nothing."""
        return {}

    async def open(self) -> None:
        """Open the page: a new conversation, or another tab's."""
        if not self.client.conversation:
            proof = await self.prove()
            opened, _ = await persist(lambda: self._http.post("/api/conversations", json={}, headers=proof), self._rng)
            self.client.conversation = opened.raise_for_status().json()["id"]
            self._headers = {"Authorization": f"Bearer {opened.json()['token']}"}
        self._watching = asyncio.create_task(self._watch())

    async def leave(self) -> None:
        """Close the page."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
        self.client.left_at = time.time()

    async def live(self) -> None:
        """Run the whole conversation."""
        try:
            await self.open()
            await self.talk()
            await self.linger()
        finally:
            await self.leave()

    async def talk(self) -> None:
        """What the customer does between opening the page and waiting for the last answer."""
        await self._write()
        for _ in range(self._rng.randint(2, 5)):
            await asyncio.sleep(self._rng.uniform(0.2, 1.5))
            await self.do_something()

    async def do_something(self) -> None:
        if self.owner == "nobody":
            if self._rng.random() < 0.6:
                await self.rate()
            if self._rng.random() < 0.5:
                await self._write()
            return
        acts: list[tuple[float, Callable[[], Awaitable[object]]]] = [
            (8, self._write),
            (3, self._write_thrice),
            (1, self.ask_for_person),
            (1, lambda: self.say(choice="human")),
            (2, self._repeat_old),
        ]
        if self._buttons:
            acts.append((6, self._press))
        if self.owner == "queue":
            acts += [(5, self._cancel), (8, lambda: self.until(lambda: self.owner != "queue", 5))]
        if self.owner == "agent":
            acts.append((10, lambda: self.until(lambda: self.owner != "agent", 5)))
        weights, choices = zip(*acts)
        await self._rng.choices(choices, weights)[0]()

    async def _write(self) -> None:
        await self.say()
        await self.hear()

    async def _write_thrice(self) -> None:
        for _ in range(3):
            await self.say()
        await self.hear()

    async def _press(self) -> None:
        await self.say(choice=self._rng.choice(self._buttons)["choice"])
        await self.hear()

    async def ask_for_person(self) -> str:
        """Press the page's "talk to a person"."""
        return f"handoff {outcome(await self._act('handoff'))}"

    async def _act(self, action: str, *, is_confirmed: bool = False) -> httpx.Response:
        """A request that moves the conversation, recorded before it is sent."""
        act = Act(self.client.conversation, "", action, time.time(), is_confirmed=is_confirmed)
        self.acts.append(act)
        answer = await self.call("POST", f"/{action}", json={"confirm": True} if is_confirmed else None)
        act.answered_at, act.status = time.time(), answer.status_code
        act.code = answer.json()["error"]["code"] if answer.status_code >= 400 else None
        return answer

    async def cancel(self, *, confirm: bool = False) -> str:
        """Cancel the wait; the response in the form of the race's record."""
        return f"cancel {outcome(await self._act('cancel', is_confirmed=confirm))}"

    async def undo(self) -> str:
        """Undo the cancellation."""
        return f"undo {outcome(await self._act('cancel/undo'))}"

    async def rate(self) -> str:
        """Rate the conversation."""
        return f"rating {outcome(await self.call('POST', '/rating', json={'score': self._rng.randint(1, 5)}))}"

    async def _cancel(self) -> None:
        """Cancel as the page does: asked to confirm, some stay and some confirm; some of the latter undo it at once."""
        answer = await self.cancel()
        if answer == "cancel confirm_needed" and self._rng.random() < 0.5:
            answer = await self.cancel(confirm=True)
        if answer == "cancel 200" and self._rng.random() < 0.3:
            await self.undo()

    async def _repeat_old(self) -> None:
        """Send an old message once more, as after a reload at the wrong moment; the desk must recognise it."""
        done = [send for send in self.client.sends if send.seq is not None]
        if done:
            old = self._rng.choice(done)
            await self.send(Send(old.message_id, old.text, old.choice, time.time(), repeats=True))

    async def hear(self) -> None:
        """Wait for a reply of the bot or the desk, if one is due."""
        seq = max((send.seq for send in self.client.sends if send.seq is not None), default=0)

        def has_heard() -> bool:
            return self.owner in ("queue", "agent") or any(s.seq > seq and s.by != "customer" for s in self.client.seen)

        await self.until(has_heard, PATIENCE_SECONDS)

    async def linger(self) -> None:
        """Stay until no event has come for a while."""
        await self.hear()
        count = -1
        while count != len(self.client.seen):
            count = len(self.client.seen)
            await asyncio.sleep(3)

    async def until(self, condition: Callable[[], bool], seconds: float) -> None:
        """Wait for an event on the stream, at most this long."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not condition():
                    self._news.clear()
                    await self._news.wait()
