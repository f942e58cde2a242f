"""The cast of the tests: customers and agents as HTTP clients of a running desk."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import httpx

Json = dict[str, Any]

#: Seconds after which a wait of a test fails. Generous, because a loaded machine is several times slower.
DEADLINE_SECONDS = 30.0

_message_ids = itertools.count(1)


def texts(events: list[Json], by: str) -> list[str]:
    """The messages of one kind of participant, in order."""
    return [event["text"] for event in events if event["type"] == "message" and event["by"]["kind"] == by]


def of_kind(events: list[Json], *kinds: str) -> list[Json]:
    """The desk's messages of some kinds, in order."""
    return [event for event in events if event.get("kind") in kinds]


def of_type(events: list[Json], *types: str) -> list[Json]:
    """The events of some types, in order."""
    return [event for event in events if event["type"] in types]


def types(events: list[Json]) -> list[str]:
    """The types of events, without details."""
    return [event["type"] for event in events]


def error_code(answer: httpx.Response) -> str:
    """The code of an error response; checks its shape."""
    body = answer.json()
    assert set(body) == {"error"}
    assert isinstance(body["error"]["message"], str)
    assert body["error"]["message"]
    return str(body["error"]["code"])


@dataclass(frozen=True)
class Frame:
    """One frame of a server-sent event stream."""

    event: str
    id: str | None
    retry: str | None
    data: Json


class Stream:
    """An open server-sent event stream."""

    def __init__(self, answer: httpx.Response) -> None:
        self.headers = answer.headers
        self._lines = answer.aiter_lines()

    async def next(self) -> Frame:
        """The next frame, without comments."""
        fields: dict[str, str] = {}
        async with asyncio.timeout(DEADLINE_SECONDS):
            async for line in self._lines:
                if line == "" and "data" in fields:
                    return Frame(fields["event"], fields.get("id"), fields.get("retry"), json.loads(fields["data"]))
                name, _, value = line.partition(": ")
                fields[name] = value
        raise AssertionError("the stream ended")

    async def until(self, condition: Callable[[Frame], bool]) -> list[Frame]:
        """The frames up to the first one that fulfils the condition."""
        frames = [await self.next()]
        while not condition(frames[-1]):
            frames.append(await self.next())
        return frames

    async def events(self, count: int) -> list[Json]:
        """The next events of the log, this many."""
        found: list[Json] = []
        while len(found) < count:
            frame = await self.next()
            if frame.event == "event":
                assert frame.id == str(frame.data["seq"])
                found.append(frame.data)
        return found


@contextlib.asynccontextmanager
async def open_stream(http: httpx.AsyncClient, url: str, headers: dict[str, str]) -> AsyncIterator[Stream]:
    """Read a stream for the duration of the block."""
    async with http.stream("GET", url, headers={**headers, "Accept": "text/event-stream"}) as answer:
        assert answer.status_code == 200
        yield Stream(answer)


class Customer:
    """A customer with one conversation."""

    def __init__(self, http: httpx.AsyncClient, conversation_id: str, token: str) -> None:
        self.http, self.id, self.token = http, conversation_id, token
        self.headers = {"Authorization": f"Bearer {token}"}

    async def call(self, method: str, path: str = "", **more: Any) -> httpx.Response:
        """Any call on the conversation."""
        return await self.http.request(method, f"/api/conversations/{self.id}{path}", headers=self.headers, **more)

    async def post_bytes(self, body: bytes) -> httpx.Response:
        """Send a message's body as text, which may be invalid JSON."""
        headers = {**self.headers, "Content-Type": "application/json"}
        return await self.http.post(f"/api/conversations/{self.id}/messages", headers=headers, content=body)

    async def post(self, body: Any) -> httpx.Response:
        """Send a message's body as it is."""
        return await self.call("POST", "/messages", json=body)

    async def say(self, text: str, message_id: str | None = None) -> int:
        """Send a message; its sequence number."""
        answer = await self.post({"client_message_id": message_id or f"m{next(_message_ids)}", "text": text})
        assert answer.status_code in (200, 201), answer.text
        return int(answer.json()["seq"])

    async def press(self, choice: str) -> httpx.Response:
        """Press a button."""
        return await self.post({"client_message_id": f"m{next(_message_ids)}", "choice": choice})

    async def events(self, after: int = 0, wait: float = 0) -> list[Json]:
        """The events that the customer can see."""
        answer = await self.call("GET", "/events", params={"after": after, "wait": wait})
        assert answer.status_code == 200, answer.text
        return list(answer.json()["events"])

    async def status(self) -> Json:
        """The conversation's status."""
        answer = await self.call("GET")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def ask_for_person(self) -> Json:
        """Press "talk to a person"; the status."""
        answer = await self.call("POST", "/handoff")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def cancel(self, *, confirm: bool | None = None) -> httpx.Response:
        """Cancel the wait for a person."""
        return await self.call("POST", "/cancel", json=None if confirm is None else {"confirm": confirm})

    async def undo_cancel(self) -> httpx.Response:
        """Undo the cancellation."""
        return await self.call("POST", "/cancel/undo")

    async def rate(self, score: Any, comment: str | None = None) -> httpx.Response:
        """Rate the conversation."""
        return await self.call("POST", "/rating", json={"score": score, "comment": comment})

    def stream(self, last_event_id: int | None = None) -> contextlib.AbstractAsyncContextManager[Stream]:
        """Stream the conversation; resumes after `last_event_id` if given."""
        headers = dict(self.headers)
        if last_event_id is not None:
            headers["Last-Event-ID"] = str(last_event_id)
        return open_stream(self.http, f"/api/conversations/{self.id}/events", headers)


class Agent:
    """A signed-in agent."""

    def __init__(self, http: httpx.AsyncClient, login: str, name: str, cookie: str) -> None:
        self.http, self.login, self.name = http, login, name
        self.headers = {"Cookie": f"desk_session={cookie}", "Origin": str(http.base_url).rstrip("/")}

    async def call(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Any call of the agents' API."""
        return await self.http.request(method, f"/api{path}", headers=self.headers, **more)

    async def act(self, customer: Customer, action: str, body: Json | None = None) -> httpx.Response:
        """claim, transfer, return, resolve, messages or notes."""
        return await self.call("POST", f"/conversations/{customer.id}/{action}", json=body)

    async def claim(self, customer: Customer) -> Json:
        """Claim the conversation; its card."""
        answer = await self.act(customer, "claim")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def write(self, customer: Customer, text: str, message_id: str | None = None) -> httpx.Response:
        """Write to the customer."""
        body = {"client_message_id": message_id or f"a{next(_message_ids)}", "text": text}
        return await self.act(customer, "messages", body)

    async def let_go(self, customer: Customer, action: str, body: Json | None = None) -> httpx.Response:
        """Resolve or return, with the whole log seen; a resolution has what an urgent case needs."""
        seen_seq = (await self.log(customer))[-1]["seq"]
        needed = {"outcome": "solved", "note": "处理好了"} if action == "resolve" else {}
        return await self.act(customer, action, {"seen_seq": seen_seq, **needed, **(body or {})})

    async def queue(self) -> Json:
        """The agent's view of the queue."""
        answer = await self.call("GET", "/queue")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def log(self, customer: Customer) -> list[Json]:
        """The whole log of a conversation."""
        answer = await self.call("GET", f"/conversations/{customer.id}/log")
        assert answer.status_code == 200, answer.text
        return list(answer.json()["events"])

    def stream(self, path: str) -> contextlib.AbstractAsyncContextManager[Stream]:
        """Stream the queue or a conversation."""
        return open_stream(self.http, f"/api{path}", self.headers)
