"""The drill's agents: they hold the queue's stream, claim, write, note, transfer, return and resolve; one leaves for good."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from tests.drill.customers import address_header, frames, new_http, outcome, persist
from tests.drill.records import Act, AgentSend, Claim, Send

#: Error codes that a race with a colleague or the customer explains.
EXPECTED_REFUSALS = frozenset(
    {
        "already_assigned",
        "at_capacity",
        "not_queued",
        "not_yours",
        "wrong_state",
        "unread",
        "agent_absent",
        "agent_cannot",
        "unknown_agent",
        "same_agent",
        "reason_needed",
    }
)
#: Error codes of an agent whose session or account has ended.
_GONE = frozenset({"not_signed_in", "not_permitted"})
_CAPACITY = 5


class Agent:
    """One agent at one console."""

    def __init__(self, url: str, login: str, name: str, password: str, rng: random.Random, number: int) -> None:
        self.login, self.name, self._password, self._rng = login, name, password, rng
        self._http = new_http(url)
        self._http.headers.update(address_header(number))
        self._headers = {"Origin": url}
        self._waiting: list[str] = []
        self._mine: list[str] = []
        self._handled: dict[str, asyncio.Task[None]] = {}
        self._has_queue = asyncio.Event()
        self._offered: str | None = None
        self._overheard: set[str] = set()
        self._presence = "available"
        self.claims: list[Claim] = []
        self.sends: list[AgentSend] = []
        self.refusals: list[str] = []
        self.colleagues: list[str] = []
        self.acts: list[Act] = []
        #: Conversations reserved for races.
        self.reserved: set[str] = set()
        #: Whether the session or the account has ended, so that refusals are expected.
        self.is_gone = False

    async def sign_in(self) -> None:
        """Start a session. Raises httpx.HTTPStatusError."""
        body = {"login": self.login, "password": self._password}
        signed_in, _ = await persist(lambda: self._http.post("/api/session", json=body, headers=self._headers), self._rng)
        signed_in.raise_for_status()
        self.is_gone = False

    async def sign_out(self) -> str:
        """End the session; the response in the form of the race's record."""
        self.is_gone = True
        answer, _ = await persist(lambda: self._http.delete("/api/session", headers=self._headers), self._rng)
        return f"sign out {answer.status_code}"

    async def show_up(self) -> None:
        """Make the desk mark the agent as online, so that colleagues can transfer to them."""
        await persist(lambda: self._http.get("/api/session"), self._rng)

    async def close(self) -> None:
        """Close the browser; the session stays."""
        await self._http.aclose()

    async def work(self, leaves_at: Callable[[], bool]) -> None:
        """Work until cancelled, or until `leaves_at` says to leave for good, with conversations open."""
        await self.sign_in()
        watching = asyncio.create_task(self._watch_queue())
        here = asyncio.create_task(self._be_there())
        try:
            while not leaves_at():
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(2):
                        await self._has_queue.wait()
                self._has_queue.clear()
                self._look_after_mine()
                await self._answer_offer()
                await self._take_one()
        finally:
            for task in (watching, here, *self._handled.values()):
                task.cancel()
            await asyncio.gather(watching, here, *self._handled.values(), return_exceptions=True)
            await self.close()

    async def _watch_queue(self) -> None:
        while True:
            with contextlib.suppress(httpx.TransportError, httpx.HTTPStatusError, TimeoutError):
                headers = {"Accept": "text/event-stream"}
                patience = httpx.Timeout(15, read=None)
                async with self._http.stream("GET", "/api/queue", headers=headers, timeout=patience) as answer:
                    answer.raise_for_status()
                    cards: dict[str, dict[str, Any]] = {}
                    async for kind, queue in frames(answer):
                        if kind == "queue":
                            cards = {card["id"]: card for name in ("waiting", "mine", "others") for card in queue[name]}
                        else:
                            cards |= {card["id"]: card for card in queue["changed"]}
                            for gone in queue["gone"]:
                                cards.pop(gone, None)
                        free = [card for card in cards.values() if card["id"] not in self.reserved]
                        self._waiting = [card["id"] for card in free if card["status"] == "queued"]
                        self._mine = [card["id"] for card in free if card["agent"] == self.login]
                        offers = [card for card in cards.values() if (card["offer"] or {}).get("login") == self.login]
                        self._offered = offers[0]["id"] if offers else None
                        for entry in queue.get("agents", ()):
                            if entry["login"] == self.login:
                                self._presence = entry["presence"]
                        self._has_queue.set()
            await asyncio.sleep(0.5 + self._rng.random())

    async def _be_there(self) -> None:
        """What the console does with what it hears from its stream."""
        while True:
            await persist(lambda: self._http.post("/api/presence/here", headers=self._headers), self._rng)
            if self._presence == "away" and self._rng.random() < 0.5:  # after a missed offer
                await persist(self._become_available, self._rng)
            await asyncio.sleep(10)

    async def _become_available(self) -> httpx.Response:
        return await self._http.put("/api/presence", json={"state": "available"}, headers=self._headers)

    async def _answer_offer(self) -> None:
        """Accept most offers, decline some, and overhear some. What is reserved for a race is declined."""
        conversation, self._offered = self._offered, None
        if conversation is None or conversation in self._overheard:
            return
        chance = self._rng.random()
        if conversation in self.reserved or chance < 0.08:
            await self.act(conversation, "decline")
        elif chance < 0.12:
            self._overheard.add(conversation)
        elif (await self.claim(conversation)).status_code == 200 and conversation not in self._handled:
            self._handled[conversation] = asyncio.create_task(self._handle(conversation))

    async def act(self, conversation: str, action: str, body: dict[str, Any] | None = None) -> httpx.Response:
        """A request that changes a conversation, recorded before it is sent, and repeated until it is answered."""
        act = Act(conversation, self.name, action, time.time(), seen_seq=(body or {}).get("seen_seq"))
        self.acts.append(act)
        answer = await self._post(f"/api/conversations/{conversation}/{action}", body)
        act.answered_at, act.status = time.time(), answer.status_code
        if answer.status_code >= 400:
            act.code = answer.json()["error"]["code"]
        return answer

    async def _post(self, address: str, body: dict[str, Any] | None) -> httpx.Response:
        answer, _ = await persist(lambda: self._http.post(address, json=body, headers=self._headers), self._rng)
        if answer.status_code >= 400:
            code = answer.json()["error"]["code"]
            if not (self.is_gone and code in _GONE):
                self.refusals.append(code)
        return answer

    async def read(self, conversation: str) -> int:
        """Read the whole log; its last sequence number, or 0 without permission."""
        answer, _ = await persist(lambda: self._http.get(f"/api/conversations/{conversation}/log"), self._rng)
        return int(answer.json()["events"][-1]["seq"]) if answer.status_code == 200 else 0

    async def let_go(self, conversation: str, action: str, seen_seq: int) -> httpx.Response:
        """Resolve or return, after reading unread events."""
        while True:
            outcome = {"outcome": "solved"} if action == "resolve" else {}
            answer = await self.act(conversation, action, {"seen_seq": seen_seq, "note": "drill: done", **outcome})
            if answer.status_code != 409 or answer.json()["error"]["code"] != "unread":
                return answer
            seen_seq = answer.json()["error"]["unread"][-1]["seq"]

    async def resolve_waiting(self, conversation: str, seen_seq: int) -> str:
        """Close a supervisor's list of queued conversations with this one on it; the outcome for this one."""
        act = Act(conversation, self.name, "resolve", time.time(), seen_seq=seen_seq)
        self.acts.append(act)
        chosen = [{"id": conversation, "seen_seq": seen_seq}]
        body = {"conversations": chosen, "note": "drill: done", "outcome": "solved"}
        answer = await self._post("/api/queue/resolve", body)
        act.answered_at, act.status = time.time(), answer.status_code
        if answer.status_code >= 400:
            return str(answer.json()["error"]["code"])
        result = answer.json()["results"][0]
        return "200" if result["ok"] else str(result["error"]["code"])

    async def claim(self, conversation: str) -> httpx.Response:
        """Claim a queued conversation."""
        asked_at = time.time()
        answer = await self.act(conversation, "claim")
        if answer.status_code == 200:
            self.claims.append(Claim(conversation, self.name, asked_at, time.time()))
        return answer

    def _look_after_mine(self) -> None:
        """Handle a conversation that a colleague transferred, or that could not be ended before."""
        for conversation, task in list(self._handled.items()):
            if task.done():
                task.result()
                del self._handled[conversation]
        for conversation in self._mine:
            if conversation not in self._handled:
                self._handled[conversation] = asyncio.create_task(self._handle(conversation))

    async def _take_one(self) -> None:
        if not self._waiting or len(self._handled) >= _CAPACITY:
            return
        # Many agents try the first card, so that claims collide; but not all of them, or they would do nothing else.
        conversation = self._waiting[0] if self._rng.random() < 0.3 else self._rng.choice(self._waiting)
        # The queue's next frame may take a second; until then this card is skipped.
        self._waiting = [other for other in self._waiting if other != conversation]
        answer = await self.claim(conversation)
        if answer.status_code == 200:
            if conversation not in self._handled:
                self._handled[conversation] = asyncio.create_task(self._handle(conversation))
            self._has_queue.set()

    async def _handle(self, conversation: str) -> None:
        seen_seq = await self.read(conversation)
        for _ in range(self._rng.randint(0, 2)):
            await asyncio.sleep(self._rng.uniform(0.3, 2))
            await self.write(conversation)
        if self._rng.random() < 0.2:
            await self.act(conversation, "notes", {"text": "drill: a note"})
        await asyncio.sleep(self._rng.uniform(0.3, 2))
        endings: list[tuple[int, Callable[[], Awaitable[httpx.Response]]]] = [
            (60, lambda: self.let_go(conversation, "resolve", seen_seq)),
            (20, lambda: self.let_go(conversation, "return", seen_seq)),
            (10, lambda: self.act(conversation, "transfer", {"note": "drill: somebody else"})),
            (10, lambda: self.act(conversation, "transfer", {"to": self._rng.choice(self.colleagues)})),
        ]
        weights, acts = zip(*endings)
        await self._rng.choices(acts, weights)[0]()

    async def write(self, conversation: str) -> str:
        """Write to the customer; the response in the form of the race's record."""
        send = Send(f"{self.login}-{len(self.sends)}-{time.time_ns()}", "drill: an agent's reply", None, time.time())
        body = {"client_message_id": send.message_id, "text": send.text}
        answer = await self.act(conversation, "messages", body)
        if answer.status_code < 400:
            send.acknowledged_at, send.status, send.seq = time.time(), answer.status_code, answer.json()["seq"]
            self.sends.append(AgentSend(conversation, self.name, send))
        return f"reply {outcome(answer)}"
