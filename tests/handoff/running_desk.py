"""A complete desk on a free port of this machine, with a clock that tests can advance."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import hashlib
import itertools
from collections.abc import AsyncIterator, Callable, Collection, Iterator
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from handoff.accounts.store import add_session, find_agent, saw_agent
from handoff.bootstrap import create_app
from handoff.cases.care_watch import CareWatch
from handoff.cases.incidents.closing import ClosingMessages
from handoff.cases.intake.watch import IntakeWatch
from handoff.conversations.draft import Draft, Lease
from handoff.conversations.events import Body, Event, Participant
from handoff.conversations.evolve import evolve
from handoff.conversations.state import Conversation
from handoff.conversations.store import events_after, find_conversation, find_lease
from handoff.queue.promises import Promises
from handoff.queue.router import Router
from handoff.queue.watchdog import Watchdog
from handoff.runtime.http_limits import Limits
from handoff.runtime.server import make_config
from handoff.runtime.settings import Settings
from handoff.services import Services
from handoff.workshop.inbox.worker import InboxWorker
from handoff.workshop.reviews.reviews import Reviews
from handoff.workshop.waves.watch import WaveWatch
from tests.handoff.fake_bot import Behaviour, FakeBot, escalates
from tests.handoff.people import DEADLINE_SECONDS, Agent, Customer, Json, of_kind

_sessions = itertools.count(1)

#: The workers that change conversations, jobs and figures because time has passed. They rest on the desks of the tests: a test
#: advances the clock, and then calls the worker that it is about. A worker that looked by itself between two steps of a test
#: would break the test on a slow machine only.
ON_CALL: tuple[type[Any], ...] = (
    CareWatch,
    Watchdog,
    Promises,
    Router,
    InboxWorker,
    Reviews,
    WaveWatch,
    IntakeWatch,
    ClosingMessages,
)
#: Seconds in which a desk must have started. Generous, because a loaded machine is several times slower.
START_SECONDS = 120


class Clock:
    """The desk's time: the real time plus what tests have added."""

    def __init__(self) -> None:
        self._passed = dt.timedelta()
        self._stopped_at: dt.datetime | None = None

    def __call__(self) -> dt.datetime:
        """The time, aware, in UTC."""
        if self._stopped_at is None:
            return dt.datetime.now(dt.UTC) + self._passed
        self._stopped_at += dt.timedelta(microseconds=1)  # what comes later has a later time
        return self._stopped_at + self._passed

    @contextlib.contextmanager
    def stopped(self) -> Iterator[None]:
        """For the duration of the block time passes by `pass_time` only: for tests in which a second more or less counts.

        A long poll never ends meanwhile.
        """
        self._stopped_at = dt.datetime.now(dt.UTC)
        try:
            yield
        finally:
            self._stopped_at = None

    def pass_time(self, **length: float) -> None:
        """Advance the clock."""
        self._passed += dt.timedelta(**length)


class TestServer(uvicorn.Server):
    """uvicorn in a task of the test."""

    __test__ = False

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leaves signals to pytest."""
        yield


def append(draft: Draft, body: Body, by: Participant, at: dt.datetime) -> None:
    """One more event in a log, whatever the rules say and whenever it was."""
    event = Event(draft.state.id, draft.state.last_seq + 1, at, by, body)
    draft.state = evolve(draft.state, event)
    draft.events.append(event)


class Desk:
    """One running desk."""

    def __init__(self, app: FastAPI, http: httpx.AsyncClient, bot: FakeBot, clock: Clock) -> None:
        self.app, self.http, self.bot, self.clock = app, http, bot, clock

    @property
    def services(self) -> Services:
        """The services of its routes."""
        services: Services = self.app.state.services
        return services

    @property
    def watchdog(self) -> Watchdog:
        """A watchdog that runs only when called."""
        services = self.services
        return Watchdog(services.store, services.policy, self.clock)

    @property
    def care_watch(self) -> CareWatch:
        """Marks broken promises and reminds of due ones when called."""
        services = self.services
        return CareWatch(services.store, services.policy, self.clock)

    @property
    def promises(self) -> Promises:
        """Says the lines to waiting customers that are due, when called."""
        services = self.services
        return Promises(services.store, services.policy, services.handoffs, services.board, self.clock)

    # --- the cast --------------------------------------------------------------------------------------------------------

    async def customer(self, locale: str = "zh") -> Customer:
        """A customer who has opened a conversation."""
        answer = await self.http.post("/api/conversations", json={"locale": locale})
        assert answer.status_code == 201, answer.text
        return Customer(self.http, answer.json()["id"], answer.json()["token"])

    async def waiting_customer(self, how: Behaviour | None = None, text: str = "扣了我两次钱") -> Customer:
        """A customer whom the bot has handed over."""
        customer = await self.customer()
        self.bot.will(how or escalates())
        await customer.say(text)
        await self.wait_for(customer, lambda events: bool(of_kind(events, "handoff")))
        await self.turns_over()
        return customer

    async def agent(self, login: str = "agent") -> Agent:
        """An agent of the demo accounts, seen just now. The session is stored directly, because checking a password is slow."""
        token, now = f"session-{next(_sessions)}", self.clock()
        async with self.services.store.begin() as tx:
            account = await find_agent(tx, login)
            assert account is not None
            session = hashlib.sha256(token.encode()).hexdigest()
            await add_session(tx, session, login, now + self.services.policy.session_length)
            await saw_agent(tx, login, now)
        return Agent(self.http, login, account.name, token)

    # --- internal state --------------------------------------------------------------------------------------------------

    async def conversation(self, customer: Customer) -> Conversation:
        """The conversation's row."""
        async with self.services.store.begin() as tx:
            found = await find_conversation(tx, customer.id)
        assert found is not None
        return found

    async def lease(self, customer: Customer) -> Lease | None:
        """The lease of the turn that runs."""
        async with self.services.store.read() as tx:
            return await find_lease(tx, customer.id)

    async def log(self, customer: Customer) -> list[Json]:
        """Everything in a conversation's log."""
        async with self.services.store.begin() as tx:
            events = await events_after(tx, customer.id, 0)
        return [event.as_json(for_customer=False) for event in events]

    async def wait_for(self, customer: Customer, condition: Callable[[list[Json]], bool]) -> list[Json]:
        """The log, once it fulfils the condition."""
        events: list[Json] = []
        try:
            async with asyncio.timeout(DEADLINE_SECONDS):
                with self.services.wakeups.watch(customer.id) as watch:
                    while True:
                        events = await self.log(customer)
                        if events and condition(events):
                            return events
                        await watch.wait(0.5)
        except TimeoutError:
            raise AssertionError(f"the log did not come to that: {events}") from None

    async def wait_for_turn(self, customer: Customer, message_seq: int) -> list[Json]:
        """The log, once the turn of a customer's message has ended."""

        def is_over(events: list[Json]) -> bool:
            turn_id = f"{customer.id}.{message_seq}"
            return any(event.get("turn_id") == turn_id for event in events if event["type"] in ("triage", "bot_failed"))

        await self.wait_for(customer, is_over)
        await self.turns_over()
        return await self.log(customer)

    async def turns_over(self) -> None:
        """Wait until all running turns have ended, late ones included."""
        turns = self.services.turns.in_hand
        if turns:
            _, pending = await asyncio.wait(turns, timeout=DEADLINE_SECONDS)
            assert not pending


async def _rest(_: object) -> None:
    await asyncio.Event().wait()


@contextlib.asynccontextmanager
async def run_desk(
    settings: Settings, bot: FakeBot, clock: Clock, on_call: Collection[type[Any]] = ON_CALL
) -> AsyncIterator[Desk]:
    """A desk that behaves like a process of its own, for the duration of the block. `on_call`: the workers that rest."""
    app = create_app(settings, clock)
    config = make_config(
        app,
        limits=Limits(),
        host="127.0.0.1",
        port=0,
        log_level="warning",
        lifespan="on",
        timeout_graceful_shutdown=1,
        forwarded_allow_ips=settings.forwarded_allow_ips,
        timeout_keep_alive=60,  # longer than the clients': the desk must not close a connection that a client is about to reuse
    )
    server = TestServer(config)
    serving = asyncio.create_task(server.serve())
    try:
        with pytest.MonkeyPatch.context() as patch:
            for worker in on_call:
                patch.setattr(worker, "run", _rest)
            async with asyncio.timeout(START_SECONDS):
                while not server.started:
                    assert not serving.done(), "the desk did not start"
                    await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=DEADLINE_SECONDS) as http:
            yield Desk(app, http, bot, clock)
    finally:
        server.should_exit = True
        await serving
