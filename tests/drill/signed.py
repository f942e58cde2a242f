"""Customers who are signed in: they ask about their own transfer, report a danger, and order first aid, some of it twice."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time

import httpx

from tests.drill.customers import Customer, address_header, new_http, persist
from tests.drill.records import AidRequest

#: Every fourth customer is signed in.
EVERY = 4
#: The customer of the sample wallet with a payment that they did not make; then its generated customers, one a conversation.
FIRST_SUBJECT, FIRST_GENERATED, GENERATED = "u-1002", 2000, 200
_QUESTION = "我的转账到账了吗"
_DANGER = "我的账户被盗了，有人正在转走我的钱，快帮我"
_ACTIONS = ("recall_transfer", "block_payee", "stop_password_free", "sign_out_devices", "report_card_lost")
#: The answer of most requests is lost with this time-out: a page that was closed, or a network that broke, too early.
_TOO_SHORT_SECONDS = 0.02
#: How the same matter is asked for: with its shares.
_WAYS = {"once": 3, "twice": 2, "two tabs": 3, "answer lost": 3, "two tabs, one key": 2}


def subject_of(number: int) -> str | None:
    """The wallet's customer who has this conversation; None for an anonymous one."""
    if number % EVERY:
        return None
    place = number // EVERY
    return FIRST_SUBJECT if place == 0 else f"u-{FIRST_GENERATED + place % GENERATED}"


class SignedCustomer(Customer):
    """A customer with a proof of identity of the demo's wallet."""

    def __init__(self, number: int, url: str, sentences: list[str], rng: random.Random, subject: str) -> None:
        super().__init__(number, url, sentences, rng)
        self.client.subject = subject
        self._second = new_http(url)  # another tab: its connections may reach another desk
        self._second.headers.update(address_header(number))

    async def prove(self) -> dict[str, str]:
        """The header with which the wallet's app opens a conversation."""
        question = {"subject": self.client.subject or "", "assurance": "2"}
        answer, _ = await persist(lambda: self._http.get("/demo/identity", params=question), self._rng)
        return {"Authorization": f"Bearer {answer.raise_for_status().json()['identity']}"}

    async def talk(self) -> None:
        """Ask about the transfer, report a danger, order first aid while others write, press and break the system."""
        await self.say(_QUESTION)
        await self.hear()
        offered = [choice for choice in self.choices if choice.startswith("transaction:")]
        if offered and self.owner == "bot":
            await self.say(choice=self._rng.choice(offered))
            await self.hear()
        await self.say(_DANGER)
        await self.hear()
        actions = ["freeze_payments", *self._rng.sample(_ACTIONS, self._rng.randint(1, 2))]
        for action in actions:
            await self._ask_for(action)
        for _ in range(self._rng.randint(0, 2)):
            await asyncio.sleep(self._rng.uniform(0.2, 1.5))
            await self.do_something()

    async def _ask_for(self, action: str) -> None:
        """Order one action, in one of the ways of `_WAYS`."""
        way = self._rng.choices(list(_WAYS), list(_WAYS.values()))[0]
        key = f"{self.client.conversation}-{action}"
        if way == "two tabs":
            await asyncio.gather(self._order(self._http, action, key), self._order(self._second, action, f"{key}-b"))
        elif way == "two tabs, one key":
            await asyncio.gather(self._order(self._http, action, key), self._order(self._second, action, key))
        else:
            await self._order(self._http, action, key, loses_answer=way == "answer lost")
        if way == "twice":
            await self._order(self._http, action, f"{key}-again")

    async def _order(self, http: httpx.AsyncClient, action: str, key: str, *, loses_answer: bool = False) -> None:
        """Order until the desk has answered, always under the same key."""
        address = f"/api/conversations/{self.client.conversation}/first-aid"
        body = {"action": action, "confirm": True, "key": key}
        asked = AidRequest(action, key, time.time())
        self.client.aid.append(asked)

        async def post(seconds: float | None = None) -> httpx.Response:
            asked.tries += 1
            more = {} if seconds is None else {"timeout": seconds}
            return await http.post(address, json=body, headers=self._headers, **more)  # type: ignore[arg-type]

        if loses_answer:
            with contextlib.suppress(httpx.TransportError):
                await post(_TOO_SHORT_SECONDS)
        answer, _ = await persist(post, self._rng)
        if answer.status_code == 200:
            asked.state = answer.json()["state"]
        else:
            asked.refused = answer.json()["error"]["code"]
            self.client.refusals.append(asked.refused)

    async def leave(self) -> None:
        """Close both tabs."""
        await super().leave()
        await self._second.aclose()
