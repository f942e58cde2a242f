"""Two desks, three customers, three agents and bots act in any order; the invariants of docs/conversation.md hold.

A Hypothesis state machine drives the real services on a real PostgreSQL: everything between the routes and the tables. The
clock, the bots' answers, the deaths of desks and the faults of the database are rules, so nothing waits for time to pass.
After every step `Replay`, which implements the design independently of the code, replays the log of each conversation and
compares it with the row. The desk's own `evolve` folds the log, too, and must give the row in every column.

The same examples run each time. For a long search among new ones:

    INVARIANTS_EXAMPLES=3000 .venv/desk/bin/python -m pytest tests/handoff/test_invariants.py
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import os
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Iterator
from dataclasses import dataclass, field, fields
from types import SimpleNamespace
from typing import Any, cast

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from psycopg import AsyncConnection
from psycopg.conninfo import make_conninfo
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool
from starlette.requests import Request

from content.compiler import load_desk_content
from content.desk_policy import DeskPolicy
from contract.decision import Decision
from contract.priorities import PRIORITY_RANK
from contract.reply import Button, Message, Reply
from contract.turn import TurnRequest
from handoff import services as services_module
from handoff.accounts.agents import Agent
from handoff.accounts.sign_in import SignIn
from handoff.cases.care_desk import NO_CARE_DESK
from handoff.conversations.customers import Customers
from handoff.conversations.evolve import fold
from handoff.conversations.rows import ALL_COLUMNS, birth_of, differences
from handoff.conversations.state import (
    CHOICE_CANCEL_WAIT,
    CHOICE_HUMAN,
    CHOICE_KEEP_WAITING,
    DESK_CHOICES,
    MOVES,
    UNDO_TIME,
)
from handoff.conversations.store import EVENT_COLUMNS, event_of
from handoff.conversations.values import Status
from handoff.figures.live import LiveBoard
from handoff.figures.reports import Reports
from handoff.queue import bot_routes
from handoff.queue.agent_desk import AgentDesk, NewNote
from handoff.queue.agent_queue import AgentQueue
from handoff.queue.articles.article_search import ArticleSearch
from handoff.queue.articles.suggestions import Suggestions
from handoff.queue.board import QueueBoard
from handoff.queue.case_work import CaseWork
from handoff.queue.handoffs import Handoffs
from handoff.queue.letting_go import Destination, LettingGo, Seen
from handoff.queue.presence_desk import PresenceDesk
from handoff.queue.promises import Promises
from handoff.queue.router import Router
from handoff.queue.schemas import RequestHandoff
from handoff.queue.search.conversation_search import ConversationSearch
from handoff.queue.watchdog import Watchdog
from handoff.runtime.database import DESK_LOCKS, make_pool, migrate
from handoff.runtime.errors import DeskError, Unavailable
from handoff.runtime.limits.limits import Limits
from handoff.runtime.transaction import Store, Transaction
from handoff.runtime.wakeups import Wakeups
from handoff.services import Services
from handoff.turns import worker as turns_module
from handoff.turns.bot_pool import BotError, BotPool
from handoff.turns.worker import TurnWorker
from tests.handoff.conftest import DATA, SERVICE_TOKEN
from tests.handoff.fake_bot import BUTTONS, decision

EXAMPLES = int(os.environ.get("INVARIANTS_EXAMPLES", "0"))
START = dt.datetime(2026, 1, 5, 9, 0, tzinfo=dt.UTC)
CUSTOMERS = 3
#: Accounts by login: name, role, and capacity.
AGENTS = {"lin": ("小林", "agent", 1), "zhou": ("小周", "agent", 2), "ma": ("马姐", "supervisor", 3)}
LOGINS = list(AGENTS)
LOGIN_OF = {name: login for login, (name, _, _) in AGENTS.items()}


class SmallDesk(DeskPolicy):
    """The published policy with few slots, so that turns have to wait for one."""

    turns_at_once = 2


CONTENT = load_desk_content(DATA)
POLICY = SmallDesk(lambda: CONTENT)
LASTING_REASONS = CONTENT.lasting_reasons
SECOND = dt.timedelta(seconds=1)
LEASE_OVER = POLICY.turn_deadline + 4 * SECOND
#: Steps of time: each duration in the policy, and slightly more.
LENGTHS = {
    "a second": SECOND,
    "the bot's time": POLICY.turn_deadline + SECOND,
    "a lease": LEASE_OVER,
    "a minute": POLICY.online_within + SECOND,
    "an agent's absence": POLICY.gone_after + SECOND,
    "the bot's idle time": POLICY.idle_with_bot + SECOND,
    "the agents' idle time": POLICY.idle_assigned + SECOND,
}


#: The types of services of rooms that the rules do not use, by their names in `handoff.services`.
_OTHER_ROOMS = (
    "handoff.workshop",
    "handoff.cases",
    "handoff.accounts.identity",
    "handoff.help",
    "handoff.conversations.history",
    "handoff.proof_pack",
    "handoff.queue.callbacks",
)
_OTHER_TYPES = {
    name for name, kind in vars(services_module).items() if getattr(kind, "__module__", "").startswith(_OTHER_ROOMS)
}
#: The rules use no service of these rooms, whichever there are.
_NO_OTHERS: dict[str, Any] = {
    each.name: None for each in fields(Services) if str(each.type).removesuffix(" | None") in _OTHER_TYPES
}

# --- the log, replayed by the design ---------------------------------------------------------------------------------------


@dataclass
class Replay:
    """A conversation replayed from its log. Raises AssertionError at the first event that is not allowed at its place.

    `unsettled`: customer messages that the bot must still react to. `said_at`: when a waiting customer was told what
    changed. `moves`: the changes of state.
    """

    updated_at: dt.datetime
    status: Status = Status.WITH_BOT
    episode: int = 1
    last_seq: int = 0
    #: Since the first change; before it the row has the page's language.
    locale: str | None = None
    reason: str | None = None
    priority: str | None = None
    agent: str | None = None
    agent_name: str | None = None
    queued_at: dt.datetime | None = None
    assigned_at: dt.datetime | None = None
    first_response_at: dt.datetime | None = None
    resolved_at: dt.datetime | None = None
    is_case_open: bool = False
    rating: int | None = None
    preview: str = ""
    offered: list[dict[str, str]] = field(default_factory=list)
    customer_waits_since: dt.datetime | None = None
    customer_waits_seq: int | None = None
    stretch_seq: int = 0
    offered_to: str | None = None
    said_at: dt.datetime | None = None
    #: Since the last agent's answer: sequence numbers of the customer's messages, without buttons of the desk.
    unanswered: list[int] = field(default_factory=list)
    earlier: dict[str, Any] | None = None
    cancelled: dict[str, Any] | None = None
    answered: int = 0
    #: Messages up to this number belong to the person who was called; the bot does not read them, also not after a transfer.
    persons: int = 0
    is_failed: bool = False
    unsettled: list[int] = field(default_factory=list)
    turns: set[str] = field(default_factory=set)
    moves: list[tuple[Status, Status]] = field(default_factory=list)
    #: What the last resolution of an agent ended.
    undoable: dict[str, Any] | None = None

    #: Fields that must have the same values in the row.
    ROW = (
        "updated_at status episode last_seq reason priority agent agent_name queued_at assigned_at first_response_at "
        "resolved_at is_case_open rating preview offered customer_waits_since customer_waits_seq stretch_seq "
        "offered_to"
    ).split()

    def read(self, events: list[DictRow]) -> Replay:
        """Replay a whole log."""
        for event, following in zip(events, [*events, None][1:], strict=True):
            assert event["seq"] == self.last_seq + 1, "I2: a gap"
            assert event["at"] >= self.updated_at, "I2: times go back"
            self.last_seq, self.updated_at = event["seq"], event["at"]
            kind = event["type"]
            if self.is_failed and kind in ("handoff_requested", "cancel_undone"):
                self.unsettled, self.persons = [], self.last_seq  # not the bot: all earlier messages belong to the person
            self.is_failed = kind == "bot_failed"
            if kind == "reopened":
                self._reopened(event, following)
            elif kind == "handoff_requested" and self.status is Status.QUEUED:
                # Only as the second event of a reopening: one handoff per stay in the queue.
                assert self.queued_at is None, "handed over while already waiting"
                self.queued_at, self.stretch_seq = event["at"], event["seq"]
                assert (event["data"]["reason"], event["data"]["priority"]) == (self.reason, self.priority)
            else:
                getattr(self, f"_{kind}")(event)
        return self

    def _move(self, to: Status) -> None:
        assert (self.status, to) in MOVES, f"I1: {self.status} -> {to}"
        self.moves.append((self.status, to))
        self.status, self.offered_to = to, None

    def _offered(self, event: DictRow) -> None:
        assert self.status is Status.QUEUED, "offered although it does not wait"
        assert self.offered_to is None, "offered to two agents"
        self.offered_to = event["data"]["login"]

    def _offer_ended(self, event: DictRow) -> None:
        assert self.offered_to == event["data"]["login"], "an offer ended that was none"
        self.offered_to = None

    def _forget(self) -> None:
        self.reason = self.priority = self.agent = self.agent_name = None
        self.queued_at = self.assigned_at = self.first_response_at = None
        self.is_case_open = False

    def _message(self, event: DictRow) -> None:
        data, by = event["data"], event["by_kind"]
        if by == "customer":
            assert self.status is not Status.RESOLVED, "a message in a closed episode"
            self.preview, self.offered = data["text"][:80], []
            self.customer_waits_since = self.customer_waits_since or event["at"]
            self.customer_waits_seq = self.customer_waits_seq or event["seq"]
            if data.get("choice") in DESK_CHOICES:
                return  # the desk's own question, answered by the desk or by the agent
            if data.get("choice") == CHOICE_HUMAN and self.status is Status.WITH_BOT:
                return  # what was written before it stays unsettled: the bot weighs it without a word
            self.unanswered.append(event["seq"])
            if self.status is not Status.ASSIGNED:
                self.unsettled.append(event["seq"])
        elif by == "bot":
            assert self.status is Status.WITH_BOT, "I3: the bot speaks out of turn"
            self.offered = data.get("buttons", [])
            self._answered()
        elif by == "system":
            self.offered = data.get("buttons", self.offered)
            if data["kind"] in ("added", "still_waiting"):
                assert self.status is Status.QUEUED, "told about a wait that is over"
            if data["kind"] == "still_waiting":
                assert self.said_at is None or event["at"] - self.said_at >= dt.timedelta(minutes=1), "said twice"
                self.said_at = event["at"]
            if data["kind"] == "kept_waiting":
                self.stretch_seq = event["seq"]
        elif by == "agent":
            assert self.status is Status.ASSIGNED, "I4: an agent writes without having the conversation"
            assert event["by_name"] == self.agent_name, "I4: another agent writes"
            assert event["key"].split(":")[1] == self.agent
            self.first_response_at = self.first_response_at or event["at"]
            self._answered()

    def _answered(self) -> None:
        self.customer_waits_since = self.customer_waits_seq = None
        self.unanswered = []

    def _new_matter(self) -> None:
        if self.earlier is not None and self.earlier["is_recent"]:
            self.earlier["is_recent"] = False
            self.rating = None

    def _was_closed_by_person(self) -> bool:
        return self.earlier is not None and self.earlier["is_recent"] and self.earlier["by"] == "agent"

    def _reopened(self, event: DictRow, following: DictRow | None) -> None:
        self.episode += 1
        self.undoable = None
        assert event["data"]["episode"] == self.episode
        was_open, reason, priority = self.is_case_open, self.reason, self.priority
        self._forget()
        self.rating, self.resolved_at, self.stretch_seq, self.cancelled = None, None, event["seq"], None
        self._move(Status.QUEUED if was_open else Status.WITH_BOT)
        if was_open:
            assert following is not None
            assert (following["type"], following["by_kind"]) == ("handoff_requested", "system"), "an open case was not queued"
            self.reason, self.priority, self.is_case_open = reason, priority, True

    def _handoff_requested(self, event: DictRow) -> None:
        self._new_matter()
        self._move(Status.QUEUED)
        self.reason, self.priority = event["data"]["reason"], event["data"]["priority"]
        self.is_case_open = self.reason in LASTING_REASONS
        self.queued_at, self.assigned_at, self.first_response_at, self.offered = event["at"], None, None, []

    def _priority_raised(self, event: DictRow) -> None:
        assert self.status is Status.QUEUED
        assert PRIORITY_RANK[event["data"]["priority"]] < PRIORITY_RANK[self.priority or ""], "the priority did not rise"
        self.reason, self.priority = event["data"]["reason"], event["data"]["priority"]
        self.is_case_open = self.is_case_open or self.reason in LASTING_REASONS

    def _assigned(self, event: DictRow) -> None:
        self._move(Status.ASSIGNED)
        self.agent_name, self.assigned_at = event["data"]["agent"], event["at"]
        self.agent = LOGIN_OF[event["data"]["agent"]]
        self.unsettled = []

    def _transferred(self, event: DictRow) -> None:
        if event["data"]["why"] == "agent_gone":
            is_there = event["data"].get("to") is None and self.agent in LOGINS
            assert self.customer_waits_since is not None or is_there, "taken from an agent although nobody waits"
        self._move(Status.QUEUED)
        self.agent = self.agent_name = self.assigned_at = None
        # The bot reads messages that no agent answered, unless they are older than the agent's claim.
        self.unsettled = [seq for seq in self.unanswered if seq > max(self.answered, self.persons)]

    def _returned(self, event: DictRow) -> None:
        self._move(Status.WITH_BOT)
        self._forget()
        self._answered()
        self.stretch_seq, self.offered = event["seq"], []

    def _cancelled(self, event: DictRow) -> None:
        assert self.status is Status.QUEUED
        self.cancelled = {
            "at": event["at"],
            "was": (self.reason, self.priority, self.queued_at, self.is_case_open, self.first_response_at),
        }
        self._move(Status.WITH_BOT)
        self._forget()
        self.stretch_seq, self.offered = event["seq"], []

    def _cancel_undone(self, event: DictRow) -> None:
        assert self.cancelled is not None
        assert event["at"] - self.cancelled["at"] <= UNDO_TIME + SECOND, "undone too late"
        self._move(Status.QUEUED)
        self.reason, self.priority, self.queued_at, self.is_case_open, self.first_response_at = self.cancelled["was"]
        assert (event["data"]["reason"], event["data"]["priority"]) == (self.reason, self.priority)
        self.cancelled, self.offered = None, []

    def _resolved(self, event: DictRow) -> None:
        resolution = event["data"]["resolution"]
        if resolution == "agent":  # the agent has read it (`seen_seq`)
            self.unsettled = []
        assert self.unsettled == [], f"I6: closed ({event['data']['resolution']}) over a message that nobody read"
        names = "status earlier customer_waits_since customer_waits_seq unanswered is_case_open".split()
        before = {name: getattr(self, name) for name in names}
        self.undoable = before if resolution == "agent" else None
        self._move(Status.RESOLVED)
        if resolution == "closed" and self._was_closed_by_person():
            assert self.earlier is not None
            self.rating = self.earlier["rating"]
        else:
            self.earlier = {"by": resolution, "is_recent": True, "rating": None}
        self._answered()
        self.resolved_at, self.offered, self.cancelled = event["at"], [], None
        self.is_case_open = self.is_case_open and event["data"]["resolution"] == "idle"

    def _resolution_undone(self, event: DictRow) -> None:
        assert self.undoable is not None, "nothing that an agent resolved is undone"
        was, self.undoable = self.undoable, None
        self._move(was["status"])
        for name, value in was.items():
            setattr(self, name, value)
        self.resolved_at = self.rating = None

    def _rated(self, event: DictRow) -> None:
        assert self.status is Status.RESOLVED or (self.status is Status.WITH_BOT and self._was_closed_by_person())
        self.rating = event["data"]["score"]
        assert self.earlier is not None
        self.earlier["rating"] = self.rating

    def _accessed(self, event: DictRow) -> None:
        """An agent reads; the state does not change."""

    def _turn(self, turn_id: str, seq: int, first: int) -> None:
        assert turn_id not in self.turns, "a turn that ended twice"
        self.turns.add(turn_id)
        assert seq in self.unsettled, "a turn for a message that was settled"
        assert all(other >= first for other in self.unsettled), "turns out of order"
        self.unsettled = [other for other in self.unsettled if other > seq]
        self.answered = max(self.answered, seq)

    def _triage(self, event: DictRow) -> None:
        data = event["data"]
        assert data["turn_id"] == f"{event['conversation_id']}.{data['message_seq']}"
        assert data["silent"] is (self.status is not Status.WITH_BOT)
        self._turn(data["turn_id"], data["message_seq"], data.get("first_seq", data["message_seq"]))
        if not data["silent"] and data["decision"]["route"] in ("answer", "feedback"):
            self._new_matter()

    def _bot_failed(self, event: DictRow) -> None:
        turn_id = event["data"]["turn_id"]
        if turn_id not in self.turns:  # the bot's own request may have recorded its decision before
            self._turn(turn_id, int(turn_id.rsplit(".", 1)[1]), 0)

    def _note(self, event: DictRow) -> None:
        """Allowed for everybody at any time."""

    def _language_changed(self, event: DictRow) -> None:
        was, language = event["data"]["was"], event["data"]["language"]
        assert was != language, "a change that is none"
        assert self.locale in (None, was), "a change from another language"
        self.locale = language

    def _feedback_recorded(self, event: DictRow) -> None:
        assert self.status is Status.WITH_BOT


# --- the simulated system ----------------------------------------------------------------------------------------------------


class Clock:
    """The time of all desks. It advances with each call, so that no two events have the same time."""

    def __init__(self) -> None:
        self.time = START

    def __call__(self) -> dt.datetime:
        """The time."""
        self.time += dt.timedelta(milliseconds=1)
        return self.time


@dataclass(eq=False)
class Ask:
    """A turn sent to a bot and not answered yet."""

    request: TurnRequest
    late_at: dt.datetime
    answer: asyncio.Future[Reply]


class Bots:
    """Replaces BotPool: bots that answer when a rule says so, with the answer that it gives."""

    def __init__(self, clock: Clock) -> None:
        self.asks: list[Ask] = []
        self.moved = asyncio.Event()
        self._clock = clock

    async def turn(self, request: TurnRequest, seconds: float) -> Reply:
        """One turn."""
        late_at = self._clock.time + dt.timedelta(seconds=seconds)
        ask = Ask(request, late_at, asyncio.get_running_loop().create_future())
        self.asks.append(ask)
        self.moved.set()
        try:
            return await ask.answer
        finally:
            self.asks.remove(ask)


class FragileStore(Store):
    """The store of one desk. `fault` is applied to its next transaction.

    "before": the connection breaks before anything is saved. "after": it breaks after the commit, before its confirmation.
    """

    def __init__(
        self,
        pool: AsyncConnectionPool[AsyncConnection[tuple[Any, ...]]],
        cut: Callable[[str, Any], None],
        wake: Callable[[Iterable[str]], None],
    ) -> None:
        super().__init__(pool, wake)
        self._cut = cut
        self.fault: str | None = None

    @contextlib.asynccontextmanager
    async def begin(self) -> AsyncIterator[Transaction]:
        """A transaction that may fail."""
        fault, self.fault = self.fault, None
        async with super().begin() as tx:
            if fault == "before":
                self._break_before(tx)
            elif fault == "after":
                self._lose_the_news(tx)
            yield tx
        if fault == "after":
            raise Unavailable("database_unavailable", "", "")

    def _lose_the_news(self, tx: Transaction) -> None:
        over = tx.over

        def not_committed(*, committed: bool) -> None:
            over(committed=False)

        tx.over = not_committed  # type: ignore[method-assign]

    def _break_before(self, tx: Transaction) -> None:
        execute = tx.execute
        pid = tx._connection.info.backend_pid

        async def break_then_write(query: str, parameters: Any) -> Any:
            if not query.lstrip().startswith("SELECT"):
                self._cut("pid = %s", pid)
            return await execute(query, parameters)

        tx.execute = break_then_write  # type: ignore[method-assign]


class Desk:
    """One desk process without its web server and without background loops: rules call the worker."""

    def __init__(self, stage: Stage, place: int, number: int) -> None:
        self.number, self.place = number, place
        self.lock = stage.locks[place]
        self.bots, wakeups, handoffs, clock = Bots(stage.clock), Wakeups(), Handoffs(POLICY), stage.clock
        self.store = FragileStore(stage.pools[place], stage.cut, wakeups.wake)
        bots = cast(BotPool, self.bots)
        self.turns = TurnWorker(self.store, wakeups, POLICY, handoffs, bots, clock, number)
        board = QueueBoard(self.store, wakeups, POLICY, clock)
        self.customers = Customers(self.store, POLICY, handoffs, self.turns, board, NO_CARE_DESK, clock)
        self.agents = AgentDesk(self.store, POLICY, clock)
        self.letting_go = LettingGo(self.store, POLICY, clock)
        self.watchdog = Watchdog(self.store, POLICY, clock)
        self.router = Router(self.store, wakeups, POLICY, clock)
        self.promises = Promises(self.store, POLICY, handoffs, board, clock)
        self.services = Services(
            store=self.store,
            wakeups=wakeups,
            policy=POLICY,
            handoffs=handoffs,
            customers=self.customers,
            agent_desk=self.agents,
            agent_queue=AgentQueue(self.store, POLICY, board, clock),
            case_work=CaseWork(self.store, POLICY, clock),
            letting_go=self.letting_go,
            board=board,
            presence=cast(PresenceDesk, None),  # the rules use none of these six
            articles=cast(ArticleSearch, None),
            suggestions=cast(Suggestions, None),
            search=cast(ConversationSearch, None),
            reports=cast(Reports, None),
            live_board=cast(LiveBoard, None),
            sign_in=cast(SignIn, None),  # the rules name the agent
            limits=cast(Limits, None),  # no limits
            bots=bots,
            turns=self.turns,
            service_token=SERVICE_TOKEN,
            content=lambda: CONTENT,
            now=clock,
            **_NO_OTHERS,
        )
        self.is_present = False
        self.show(True)

    def show(self, present: bool) -> None:
        """Hold the lock that marks this desk as running, or lose it."""
        if present and not self.is_present:
            self.lock.execute("SELECT pg_advisory_lock_shared(%s, %s)", (DESK_LOCKS, self.number))
        elif not present:
            self.lock.execute("SELECT pg_advisory_unlock_all()")
        self.is_present = present

    async def die(self) -> None:
        """Stop at once: running work is never committed."""
        running = list(self.turns._running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        self.show(False)

    async def look_for_turns(self) -> None:
        """Run the worker's step until there is nothing to do or no slot is free."""
        looking = asyncio.create_task(self.turns._start_due_turns())
        while not looking.done() and len(self.bots.asks) < POLICY.turns_at_once:
            await self._until_one_moves({looking})
        if not looking.done():
            looking.cancel()
            await asyncio.wait({looking})
        else:
            looking.result()

    async def come_to_rest(self) -> None:
        """Wait until each turn waits for a bot, or for a slot."""
        while len(self.bots.asks) < min(len(self.turns._running), POLICY.turns_at_once):
            await self._until_one_moves(self.turns._running)

    async def _until_one_moves(self, tasks: set[asyncio.Task[None]]) -> None:
        """Wait until a turn reaches its bot, or one of the tasks ends."""
        self.bots.moved.clear()
        moved = asyncio.create_task(self.bots.moved.wait())
        await asyncio.wait({moved, *tasks}, return_when=asyncio.FIRST_COMPLETED)
        moved.cancel()


class Stage:
    """Shared by all examples: the event loop, the database and its connections, and the statistics."""

    def __init__(self, url: str) -> None:
        migrate(url)
        self.loop = asyncio.new_event_loop()
        self.admin = psycopg.connect(url, autocommit=True, row_factory=dict_row)
        self.locks = [psycopg.connect(url, autocommit=True) for _ in range(2)]
        self.pools = [make_pool(make_conninfo(url, application_name="desk"), 4) for _ in range(2)]
        for pool in self.pools:
            self.loop.run_until_complete(pool.open())
        for login, (name, role, capacity) in AGENTS.items():
            query = (
                "INSERT INTO agents (login, name, role, capacity, is_demo, password_hash) VALUES (%s, %s, %s, %s, false, '')"
            )
            self.admin.execute(query, (login, name, role, capacity))
        self.clock = Clock()
        self.number = 0
        self.seen: Counter[str] = Counter()

    def close(self) -> None:
        """Release all resources."""
        for pool in self.pools:
            self.loop.run_until_complete(pool.close())
        self.loop.close()
        for connection in (self.admin, *self.locks):
            connection.close()

    def clean(self) -> None:
        """Empty the tables, reset the clock and the online agents."""
        self.admin.execute("DELETE FROM events")
        self.admin.execute("DELETE FROM conversations")
        self.admin.execute("DELETE FROM turns")
        for login, (_, role, _) in AGENTS.items():
            self.admin.execute("UPDATE agents SET last_seen_at = NULL, role = %s WHERE login = %s", (role, login))
        self.clock.time = START

    def cut(self, which: str, value: Any) -> None:
        """Break connections, and wait until the server has released their locks."""
        query = f"SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND {which}"
        pids = [row["pid"] for row in self.admin.execute(query, (value,))]
        self.admin.execute("SELECT pg_terminate_backend(pid) FROM unnest(%s::int[]) AS pid", (pids,))
        while self.admin.execute("SELECT 1 FROM pg_stat_activity WHERE pid = ANY(%s)", (pids,)).fetchone():
            pass

    def desk(self, place: int) -> Desk:
        """A new desk process."""
        self.number += 1
        return Desk(self, place, self.number)


# --- the state machine -------------------------------------------------------------------------------------------------------

#: Draws must not depend on the database's state: a number chooses among the objects to which the action may apply. Most
#: actions go to the first one, because faults take several steps in one conversation.
ANY = st.sampled_from([0, 0, 0, 0, 0, 1, 2, 3, 4, 5])
DESK = st.integers(0, 1)
#: One of the agents by number, or the conversation's agent.
WHO = st.integers(0, 5)
ESCALATIONS = [
    ("security", "urgent"),
    ("dispute", "high"),
    ("dispute", "urgent"),
    ("large_transaction", "high"),
    ("unresolved", "normal"),
]
#: A conversation's initial state; "lapsed": an open dispute that was closed as idle.
BEGINNINGS = ["fresh", "asked", "answered", "queued", "assigned", "resolved", "lapsed"]
CHOICES = ["solved", "unsolved", CHOICE_HUMAN, CHOICE_CANCEL_WAIT, CHOICE_KEEP_WAITING, "nothing"]


def _says(route: str, *, buttons: bool = False, **more: Any) -> Reply:
    message = Message(f"bot: {route}", tuple(map(Button.from_json, BUTTONS)) if buttons else ())
    return Reply([Message("bot: first"), message], Decision.from_json(decision(route, **more)))


def _escalates(reason: str, priority: str) -> Reply:
    return Reply([], Decision("escalate", intent="account_stolen", reason=reason, priority=priority))


REPLIES: dict[str, Reply | BotError] = {
    "answer": _says("answer", buttons=True, asks="solved"),
    "clarify": _says("clarify", buttons=True, asks="topic"),
    "chat": _says("chat"),
    "feedback": _says("feedback"),
    "solved": _says("chat", outcome="solved"),
    "never mind": _says("chat", outcome="never_mind"),
    "closed": _says("chat", outcome="closed"),
    "asks whether to wait": _says("chat", asks="cancel_wait"),
    "a piece of a sentence": _says("clarify", rule="context.fragment"),
    **{f"{reason} {priority}": _escalates(reason, priority) for reason, priority in ESCALATIONS},
    "broken contract": BotError("bot_broke_contract"),
    "unreachable": BotError("bot_unreachable"),
    "what no database holds": Reply([Message("\x00")], Decision("chat")),
    "a reason that no database holds": _escalates("\x00", "high"),
}
Acknowledged = dict[tuple[str, str, str], tuple[int, str]]


class Play(RuleBasedStateMachine):
    """All actions of people, bots, desks, the database and time, in any order."""

    stage: Stage

    def __init__(self) -> None:
        super().__init__()
        self.stage.clean()
        self.desks: list[Desk | None] = [None, None]
        self.tokens: dict[str, str] = {}
        self.ids: list[str] = []
        self.rows: dict[str, DictRow] = {}
        self.logs: dict[str, list[DictRow]] = {}
        self.requests: list[TurnRequest] = []
        #: Acknowledged messages by conversation, writer and client_message_id: seq and text.
        self.acknowledged: Acknowledged = {}
        #: Messages sent by customers, acknowledged or not: conversation, client_message_id, text, choice.
        self.sent: list[tuple[str, str, str | None, str | None]] = []
        self.counter = 0
        self.was_refused = False

    @initialize(begin=st.lists(st.sampled_from(BEGINNINGS), min_size=CUSTOMERS, max_size=CUSTOMERS))
    def open(self, begin: list[str]) -> None:
        """Start both desks, and bring each customer to a state."""
        self.desks = [self.stage.desk(0), self.stage.desk(1)]
        for desk in self.living():
            self.run(
                desk.look_for_turns()
            )  # as its worker does at start: nothing is due, so messages begin their turns at once
        for i, state in enumerate(begin):
            desk = self.desk(i % 2)
            it, token = self.run(desk.customers.open_conversation("zh", None))
            self.ids.append(it)
            self.tokens[it] = token
            if state in ("asked", "answered", "lapsed"):
                name = self.new_id()
                self.act("write", self.send(i % 2, (it, name, f"text of {name}", None)))
            elif state != "fresh":
                self.act("ask for a person", desk.customers.request_handoff(it, token))
            if state in ("answered", "lapsed"):
                self.answer(desk.bots.asks[-1], REPLIES["answer" if state == "answered" else "dispute high"])
            self.look()
            if state in ("assigned", "resolved", "lapsed"):
                self.act("claim", self.claim(i % 2, i, it))
            if state == "resolved":
                self.act("resolve", desk.letting_go.resolve(self.agent(i, it), Seen(it, self.last_seq(it)), "done", "solved"))
            if state == "lapsed":
                self.act("agent's message", desk.agents.write(self.agent(i, it), it, "a", "hello"))
                self.stage.clock.time += LENGTHS["the agents' idle time"]
                self.act("watchdog", desk.watchdog.look_around())

    def teardown(self) -> None:
        """Kill all desks."""
        for desk in self.desks:
            if desk is not None:
                self.stage.loop.run_until_complete(desk.die())

    # --- running actions -------------------------------------------------------------------------------------------------

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Run an action, and its follow-up work until that waits for the bots."""

        async def to_the_end() -> Any:
            try:
                return await work
            finally:
                for desk in self.living():
                    await desk.come_to_rest()

        result = self.stage.loop.run_until_complete(to_the_end())
        for desk in self.living():
            for ask in desk.bots.asks:
                if ask.request not in self.requests:
                    self.requests.append(ask.request)
        return result

    def act(self, what: str, work: Coroutine[Any, Any, Any]) -> None:
        """Run an action that may be refused; a refusal must leave no trace."""
        self.was_refused = self.run(self.attempt(what, work)) == "refused"

    async def attempt(self, what: str, work: Awaitable[Any]) -> str:
        """Run an action, and count its outcome."""
        try:
            await work
        except Unavailable:
            self.stage.seen["unavailable"] += 1
            return "unavailable"
        except DeskError as error:
            self.stage.seen[error.code] += 1
            return "refused"
        self.stage.seen[what] += 1
        return "done"

    def living(self) -> list[Desk]:
        """The running desks."""
        return [desk for desk in self.desks if desk is not None]

    def desk(self, n: int) -> Desk:
        """The desk that a request reaches; if none runs, one is started."""
        if not self.living():
            self.desks[n] = self.stage.desk(n)
        return self.desks[n] or self.living()[0]

    def conversation(self, n: int, *states: Status) -> str:
        """One of the conversations in these states, or any."""
        ids = [each for each in self.ids if each in self.rows and self.rows[each]["status"] in states]
        return (ids or self.ids)[n % len(ids or self.ids)]

    def agent(self, who: int, conversation_id: str) -> Agent:
        """An agent, marked as seen now, as the sign-in check does."""
        owner = self.rows[conversation_id]["agent"]
        login = owner if who >= len(LOGINS) and owner else LOGINS[who % len(LOGINS)]
        query = "UPDATE agents SET last_seen_at = %s WHERE login = %s"
        self.stage.admin.execute(query, (self.stage.clock(), login))
        name, role, capacity = AGENTS[login]
        return Agent(login, name, role, capacity, is_demo=False)

    def last_seq(self, conversation_id: str) -> int:
        """The log's last sequence number."""
        query = "SELECT last_seq FROM conversations WHERE id = %s"
        row = self.stage.admin.execute(query, (conversation_id,)).fetchone()
        assert row is not None
        return int(row["last_seq"])

    def seen(self, conversation_id: str, missed: int) -> Seen:
        """What an agent has seen who missed the last entries of the log, this many."""
        return Seen(conversation_id, max(0, self.last_seq(conversation_id) - missed))

    def new_id(self) -> str:
        """An unused name."""
        self.counter += 1
        return f"m{self.counter}"

    # --- customers ---------------------------------------------------------------------------------------------------------

    async def send(self, n: int, message: tuple[str, str, str | None, str | None]) -> None:
        """Send a message or a press; remember the acknowledgement."""
        conversation_id, client_id, text, choice = message
        if message not in self.sent:
            self.sent.append(message)
        token, customers = self.tokens[conversation_id], self.desk(n).customers
        seq, is_new = await customers.write(conversation_id, token, client_id, text, choice)
        first = self.acknowledged.setdefault((conversation_id, "customer", client_id), (seq, text or ""))
        assert first[0] == seq, "I5: the same message has two places"
        self.stage.seen["new" if is_new else "known"] += 1

    @rule(n=DESK, k=ANY, times=st.sampled_from([1, 1, 1, 3]))
    def customer_writes(self, n: int, k: int, times: int) -> None:
        """One message, or a burst through both desks."""
        for i in range(times):
            name = self.new_id()
            self.act("write", self.send((n + i) % 2, (self.ids[k % CUSTOMERS], name, f"text of {name}", None)))

    @rule(n=DESK, k=ANY, choice=st.sampled_from(CHOICES))
    def customer_presses(self, n: int, k: int, choice: str) -> None:
        """A button that is offered, was offered, or never existed."""
        ids = [it for it, row in self.rows.items() if row["offered"] and k % 2 == 0] or self.ids
        self.act(f"press {choice}", self.send(n, (ids[k % len(ids)], self.new_id(), None, choice)))

    @rule(n=DESK, k=ANY, other_words=st.booleans())
    def customer_sends_again(self, n: int, k: int, other_words: bool) -> None:
        """Retry one of the last messages, through any desk, perhaps with another body."""
        if self.sent:
            conversation_id, client_id, text, choice = self.sent[-1 - k % len(self.sent)]
            if other_words and (conversation_id, "customer", client_id) in self.acknowledged:
                text, choice = "other words", None
            self.act("again", self.send(n, (conversation_id, client_id, text, choice)))

    @rule(n=DESK, k=ANY)
    def customer_asks_for_a_person(self, n: int, k: int) -> None:
        """Press "talk to a person"."""
        it = self.ids[k % CUSTOMERS]
        self.act("ask for a person", self.desk(n).customers.request_handoff(it, self.tokens[it]))

    @rule(n=DESK, k=ANY, is_confirmed=st.booleans())
    def customer_cancels(self, n: int, k: int, is_confirmed: bool) -> None:
        """Cancel the wait."""
        it = self.conversation(k, Status.QUEUED)
        self.act("cancel", self.desk(n).customers.cancel_handoff(it, self.tokens[it], is_confirmed=is_confirmed))

    @rule(n=DESK, k=ANY)
    def customer_undoes_the_cancel(self, n: int, k: int) -> None:
        """Undo the cancellation: in time, too late, or without a cancellation."""
        it = self.conversation(k, Status.WITH_BOT)
        self.act("undo", self.desk(n).customers.undo_cancel(it, self.tokens[it]))

    @rule(n=DESK, who=WHO, k=ANY, does=st.sampled_from(["resolve", "return", "transfer", "claim"]), cancels=st.booleans())
    def customer_writes_as_the_agent_lets_go(self, n: int, who: int, k: int, does: str, cancels: bool) -> None:
        """Ask for a person through both desks at the same moment; perhaps the customer cancels too."""
        it = self.conversation(k, Status.QUEUED if does == "claim" else Status.ASSIGNED)
        agents, letting_go, agent, seen = self.desk(n).agents, self.desk(n).letting_go, self.agent(who, it), self.seen(it, 0)
        lets_go: dict[str, Callable[[], Awaitable[Any]]] = {
            "resolve": lambda: letting_go.resolve(agent, seen, "done", "solved"),
            "return": lambda: letting_go.return_to_bot(agent, seen, None),
            "transfer": lambda: letting_go.transfer(agent, it, Destination(), None),
            "claim": lambda: agents.claim(agent, it),
        }
        message = (it, self.new_id(), "words in the moment of closing", None)

        async def at_once() -> None:
            work = [self.attempt(does, lets_go[does]()), self.attempt("write", self.send((n + 1) % 2, message))]
            if cancels:
                work.append(
                    self.attempt("cancel", self.desk(n).customers.cancel_handoff(it, self.tokens[it], is_confirmed=True))
                )
            await asyncio.gather(*work)

        self.run(at_once())

    @rule(n=DESK, k=ANY, score=st.integers(1, 5))
    def customer_rates(self, n: int, k: int, score: int) -> None:
        """Rate the conversation."""
        it = self.conversation(k, Status.RESOLVED)
        self.act("rate", self.desk(n).customers.rate(it, self.tokens[it], score, None))

    # --- bots --------------------------------------------------------------------------------------------------------------

    @rule(k=ANY, reply=st.sampled_from(sorted(REPLIES)))
    def bot_answers(self, k: int, reply: str) -> None:
        """One of the open turns, whatever happened since."""
        asks = [ask for desk in self.living() for ask in desk.bots.asks]
        if asks:
            self.answer(asks[k % len(asks)], REPLIES[reply])
            self.stage.seen[f"bot: {reply}"] += 1

    def answer(self, ask: Ask, reply: Reply | BotError) -> None:
        """A bot answers, and the desk commits the answer."""

        query = "SELECT 1 FROM turns WHERE conversation_id = %s AND turn_id = %s"
        if not self.stage.admin.execute(query, (ask.request.conversation_id, ask.request.turn_id)).fetchone():
            self.stage.seen["late"] += 1

        async def answer() -> None:
            if isinstance(reply, BotError):
                ask.answer.set_exception(BotError(reply.code))
            else:
                ask.answer.set_result(reply)
            tasks = [task for desk in self.living() for task in desk.turns._running]
            while ask in [each for desk in self.living() for each in desk.bots.asks]:
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)

        self.run(answer())

    @rule(k=ANY)
    def bot_is_too_slow(self, k: int) -> None:
        """The deadline of one of the open turns passes without an answer."""
        asks = [ask for desk in self.living() for ask in desk.bots.asks]
        if asks:
            ask = asks[k % len(asks)]
            self.stage.clock.time = max(self.stage.clock.time, ask.late_at)
            self.answer(ask, BotError("bot_too_slow"))
            self.stage.seen["bot: too slow"] += 1

    @rule(n=DESK, k=ANY, escalation=st.sampled_from(ESCALATIONS))
    def bot_asks_for_a_handoff(self, n: int, k: int, escalation: tuple[str, str]) -> None:
        """The action's own handoff request for one of the last turns: in time, again, or too late."""
        if self.requests:
            turn = self.requests[-1 - k % len(self.requests)]
            what = decision("escalate", "account_stolen", reason=escalation[0], priority=escalation[1])
            body = RequestHandoff(conversation_id=turn.conversation_id, turn_id=turn.turn_id, decision=what)
            services = self.desk(n).services
            app = SimpleNamespace(state=SimpleNamespace(services=services))
            headers = [(b"authorization", f"Bearer {SERVICE_TOKEN}".encode())]
            request = Request({"type": "http", "app": app, "headers": headers})
            self.act("handoff request", bot_routes.request_handoff(body, request, services))

    # --- agents ------------------------------------------------------------------------------------------------------------

    async def claim(self, n: int, who: int, conversation_id: str) -> None:
        """Claim a conversation."""
        await self.desk(n).agents.claim(self.agent(who, conversation_id), conversation_id)

    @rule(n=DESK, who=WHO, k=ANY)
    def agent_claims(self, n: int, who: int, k: int) -> None:
        """One agent claims one conversation."""
        self.act("claim", self.claim(n, who, self.conversation(k, Status.QUEUED)))

    @rule(one=st.booleans(), who=WHO, k=ANY, cancels=st.booleans())
    def agents_claim_at_once(self, one: bool, who: int, k: int, cancels: bool) -> None:
        """Claims at the same moment through both desks: of one agent, or of all for one; perhaps the customer cancels too."""
        waiting = [it for it in self.ids if self.rows[it]["status"] == "queued"]

        async def at_once() -> None:
            it = self.conversation(k, Status.QUEUED)
            claims = [(who, each) for each in waiting] if one else [(login, it) for login in range(len(LOGINS))]
            work = [self.attempt("claim", self.claim(i % 2, agent, each)) for i, (agent, each) in enumerate(claims)]
            if cancels:
                work.append(
                    self.attempt("cancel", self.desk(0).customers.cancel_handoff(it, self.tokens[it], is_confirmed=True))
                )
            await asyncio.gather(*work)

        self.run(at_once())

    @rule(n=DESK, who=WHO, k=ANY, again=st.booleans())
    def agent_writes(self, n: int, who: int, k: int, again: bool) -> None:
        """Write to the customer, perhaps the last message once more."""
        it = self.conversation(k, Status.ASSIGNED)
        name = f"m{self.counter}" if again else self.new_id()

        async def write() -> None:
            agent = self.agent(who, it)
            seq, _ = await self.desk(n).agents.write(agent, it, name, f"agent's {name}")
            first = self.acknowledged.setdefault((it, agent.login, name), (seq, f"agent's {name}"))
            assert first[0] == seq, "I5: the same message has two places"

        self.act("agent's message", write())

    @rule(n=DESK, who=WHO, k=ANY)
    def agent_notes(self, n: int, who: int, k: int) -> None:
        """Write a note."""
        it = self.ids[k % CUSTOMERS]

        async def note() -> None:
            await self.desk(n).agents.note(self.agent(who, it), it, NewNote("look at this"))

        self.act("note", note())

    @rule(n=DESK, who=WHO, k=ANY, to=st.sampled_from([None, *LOGINS, "nobody"]))
    def agent_transfers(self, n: int, who: int, k: int, to: str | None) -> None:
        """Transfer to the queue or to a colleague."""
        it = self.conversation(k, Status.ASSIGNED)

        async def transfer() -> None:
            await self.desk(n).letting_go.transfer(self.agent(who, it), it, Destination(to), None)

        self.act("transfer", transfer())

    @rule(n=DESK, who=WHO, k=ANY, missed=st.sampled_from([0, 0, 1, 5]))
    def agent_returns(self, n: int, who: int, k: int, missed: int) -> None:
        """Return to the bot; perhaps without having read the last entries."""
        it = self.conversation(k, Status.ASSIGNED)

        async def give_back() -> None:
            await self.desk(n).letting_go.return_to_bot(self.agent(who, it), self.seen(it, missed), "done")

        self.act("return", give_back())

    @rule(n=DESK, who=WHO, k=ANY, missed=st.sampled_from([0, 0, 1, 5]), waiting=st.booleans())
    def agent_resolves(self, n: int, who: int, k: int, missed: int, waiting: bool) -> None:
        """Resolve an own conversation, or, as a supervisor, a queued one; perhaps without having read the last entries."""
        it = self.conversation(k, Status.QUEUED if waiting else Status.ASSIGNED)

        async def resolve() -> None:
            await self.desk(n).letting_go.resolve(self.agent(who, it), self.seen(it, missed), "done", "solved")

        self.act("resolve", resolve())

    @rule(n=DESK, who=WHO, k=ANY)
    def agent_undoes_a_resolution(self, n: int, who: int, k: int) -> None:
        """Take back a resolution: in time, too late, of somebody else, at capacity, or when the customer has come back."""
        it = self.conversation(k, Status.RESOLVED)
        self.act("undo", self.desk(n).letting_go.undo_resolution(self.agent(who, it), it))

    @rule(n=DESK, who=WHO, k=ANY)
    def agent_reads(self, n: int, who: int, k: int) -> None:
        """Read a colleague's conversation, with a reason."""
        it = self.ids[k % CUSTOMERS]
        self.act("access", self.desk(n).agents.access(self.agent(who, it), it, "a second look"))

    @rule(who=st.integers(0, 2), is_there=st.booleans())
    def account_comes_or_goes(self, who: int, is_there: bool) -> None:
        """Change an account's role to editor, or back."""
        login = LOGINS[who]
        role = AGENTS[login][1] if is_there else "editor"
        self.stage.admin.execute("UPDATE agents SET role = %s WHERE login = %s", (role, login))

    # --- time, desks, the database -------------------------------------------------------------------------------------------

    @rule(length=st.sampled_from(sorted(LENGTHS)))
    def time_passes(self, length: str) -> None:
        """The worker is woken at once."""
        self.stage.clock.time += LENGTHS[length]

    @rule(n=DESK)
    def desk_looks_for_turns(self, n: int) -> None:
        """The worker's step, after a wake-up or a second."""
        self.run(self.desk(n).look_for_turns())

    @rule(n=DESK, both=st.booleans())
    def watchdog_looks_around(self, n: int, both: bool) -> None:
        """The watchdog on one desk, or on both at the same moment."""
        dogs = [desk.watchdog for desk in self.living()] if both and self.living() else [self.desk(n).watchdog]

        async def look() -> None:
            await asyncio.gather(*(self.attempt("watchdog", dog.look_around()) for dog in dogs))

        self.run(look())

    @rule(n=DESK, both=st.booleans())
    def router_looks_around(self, n: int, both: bool) -> None:
        """Offers, by one desk, or by both at the same moment. An agent has one, and an emergency in addition at most."""
        routers = [desk.router for desk in self.living()] if both and self.living() else [self.desk(n).router]

        async def look() -> None:
            await asyncio.gather(*(self.attempt("router", router.look_around()) for router in routers))

        self.run(look())
        query = "SELECT offered_to, priority FROM conversations WHERE offered_to IS NOT NULL"
        offered: dict[str, list[str]] = {}
        for row in self.stage.admin.execute(query).fetchall():
            offered.setdefault(row["offered_to"], []).append(row["priority"])
        flooded = {login: of for login, of in offered.items() if len(of) > 2 or (len(of) == 2 and "urgent" not in of)}
        assert not flooded, f"an agent has too many open offers: {flooded}"

    @rule(n=DESK, both=st.booleans())
    def promises_look_around(self, n: int, both: bool) -> None:
        """The lines to waiting customers, by one desk, or by both at the same moment."""
        tellers = [desk.promises for desk in self.living()] if both and self.living() else [self.desk(n).promises]

        async def look() -> None:
            await asyncio.gather(*(self.attempt("promises", teller.look_around()) for teller in tellers))

        self.run(look())

    @rule(n=DESK)
    def desk_dies_or_comes_back(self, n: int) -> None:
        """Kill or start a process."""
        desk = self.desks[n]
        if desk is None:
            self.desks[n] = self.stage.desk(n)
        else:
            self.stage.loop.run_until_complete(desk.die())
            self.desks[n] = None

    @rule(n=DESK)
    def desk_seems_dead(self, n: int) -> None:
        """A desk's notification connection breaks or returns; the process keeps running."""
        desk = self.desks[n]
        if desk is not None:
            desk.show(not desk.is_present)

    @rule(n=DESK, fault=st.sampled_from(["before", "after"]))
    def database_will_fail(self, n: int, fault: str) -> None:
        """The connection of a desk's next transaction will break."""
        self.desk(n).store.fault = fault

    @rule()
    def database_restarts(self) -> None:
        """Break all connections of all desks."""
        self.stage.cut("application_name = %s", "desk")

    @rule(bots_work=st.booleans())
    def everything_settles(self, bots_work: bool) -> None:
        """Both desks run, time passes, the bots answer or not: then no work may be left (I6)."""
        for _ in range(30):
            self.desks = [self.desks[i] or self.stage.desk(i) for i in range(2)]
            self.stage.clock.time += LEASE_OVER
            for desk in self.living():
                desk.show(True)
                for ask in list(desk.bots.asks):
                    self.answer(ask, REPLIES["answer"] if bots_work else BotError("bot_too_slow"))
                self.run(desk.look_for_turns())
            self.look()
            busy = any(desk.turns._running for desk in self.living())
            if not busy and all(row["due_at"] is None for row in self.rows.values()):
                break
        else:
            raise AssertionError(f"I6: still not settled: {[row for row in self.rows.values() if row['due_at']]}")
        self.run(self.desk(0).watchdog.look_around())
        self.look()
        roles = self.stage.admin.execute("SELECT login FROM agents WHERE role <> 'editor'").fetchall()
        able = {row["login"] for row in roles}
        held = {it: row["agent"] for it, row in self.rows.items() if row["status"] == "assigned"}
        assert all(login in able for login in held.values()), f"I6: held by an account that cannot answer: {held}"
        for it, log in self.logs.items():
            if self.rows[it]["due_at"] is not None:
                continue  # returned by the watchdog just now
            assert Replay(START).read(log).unsettled == [], f"I6: nobody reacted to messages of {it}"
        self.stage.seen["settled"] += 1

    # --- invariants ----------------------------------------------------------------------------------------------------------

    def look(self) -> None:
        """Read the tables."""
        rows = self.stage.admin.execute("SELECT * FROM conversations").fetchall()
        events = self.stage.admin.execute(f"SELECT {EVENT_COLUMNS} FROM events ORDER BY conversation_id, seq").fetchall()
        self.rows = {row["id"]: row for row in rows}
        self.logs = {row["id"]: [event for event in events if event["conversation_id"] == row["id"]] for row in rows}

    @invariant()
    def all_invariants(self) -> None:
        """Check I1 to I5, I7, I8, and of I6 that each message has an owner."""
        self.logs_and_rows_agree()
        self.acknowledged_messages_are_in_the_log()
        self.nobody_has_too_much()

    def logs_and_rows_agree(self) -> None:
        """Check I1 to I4, I8, and that each message has an owner (I6)."""
        before, refused = self.rows, self.was_refused
        self.was_refused = False
        self.look()
        assert not refused or self.rows == before, "a refusal left a trace"
        for it, row in self.rows.items():
            replay = Replay(row["created_at"]).read(self.logs[it])
            of_log, of_row = {name: getattr(replay, name) for name in Replay.ROW}, {name: row[name] for name in Replay.ROW}
            assert of_row == of_log, "I2: the row is not what the log says"
            assert replay.locale in (None, row["locale"]), "I2: the row has another language"
            stored = tuple(row[name] for name in ALL_COLUMNS.split(", "))
            state = fold(birth_of(stored), [event_of(tuple(event.values())) for event in self.logs[it]])
            assert differences(stored, state) == [], "I2: the row is not the fold of its log"
            assert (replay.agent is not None) is (replay.status is Status.ASSIGNED) or replay.status is Status.RESOLVED, "I1"
            assert not replay.unsettled or row["due_at"] is not None, "I6: nobody would react to a message"
            if replay.first_response_at is not None:
                assert replay.queued_at is not None, "I8"
                assert replay.first_response_at > replay.queued_at, "I8"
            for here, there in replay.moves:
                self.stage.seen[f"{here} -> {there}"] += 1

    def acknowledged_messages_are_in_the_log(self) -> None:
        """Check I5."""
        for (it, writer, client_id), (seq, text) in self.acknowledged.items():
            key = f"message:{client_id}" if writer == "customer" else f"agent:{writer}:{client_id}"
            found = [event for event in self.logs[it] if event["key"] == key]
            assert [event["seq"] for event in found] == [seq], "I5: lost or doubled"
            assert text in ("", found[0]["data"]["text"]), "I5: changed"
            assert found[0]["data"]["client_message_id"] == client_id

    def nobody_has_too_much(self) -> None:
        """Check I7."""
        held = Counter(row["agent"] for row in self.rows.values() if row["status"] == "assigned")
        assert all(count <= AGENTS[login][2] for login, count in held.items()), f"I7: {held}"


# --- the tests ---------------------------------------------------------------------------------------------------------------


@pytest.fixture
def stage(new_database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """A database and an event loop for the state machine. Replies that the database refused are retried without a pause."""
    monkeypatch.setattr(turns_module, "_COMMIT_AGAIN_SECONDS", 0)
    stage = Stage(new_database)
    yield stage
    stage.close()


def test_the_invariants_hold_whatever_happens(stage: Stage) -> None:
    """Some order of events would lose or duplicate a message, leave it unowned, or let two write at once (I1 to I8)."""
    Play.stage = stage
    run_state_machine_as_test(
        Play,
        settings=settings(
            max_examples=EXAMPLES or 60,
            stateful_step_count=50,
            derandomize=not EXAMPLES,
            database=None,
            deadline=None,
            print_blob=False,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate, Phase.shrink],
        ),
    )
    # The run covered something. Two desks race, so a short run may miss a rare move; the next test makes them all.
    assert len(moves_seen(stage)) >= (len(MOVES) if EXAMPLES else len(MOVES) - 3)
    plots = "not_queued not_yours stale_turn unavailable known settled".split()
    assert [plot for plot in plots if not stage.seen[plot]] == []


def moves_seen(stage: Stage) -> set[tuple[Status, Status]]:
    """The moves that occurred in some log."""
    return {(here, there) for here, there in MOVES if stage.seen[f"{here} -> {there}"]}


def test_every_move_keeps_them(stage: Stage) -> None:
    """A move would break an invariant by itself, or the state machine could not make it."""
    Play.stage = stage
    play = Play()
    play.open(begin=["lapsed", "assigned", "asked"])
    play.all_invariants()
    play.customer_writes(n=0, k=0, times=1)  # an open case: resolved -> queued
    play.all_invariants()
    play.agent_transfers(n=0, who=5, k=0, to=None)  # refused: the case is serious
    play.all_invariants()
    play.customer_cancels(n=0, k=0, is_confirmed=False)  # refused: the case is grave
    play.all_invariants()
    play.customer_cancels(n=1, k=0, is_confirmed=True)  # queued -> with_bot
    play.all_invariants()
    play.customer_undoes_the_cancel(n=0, k=0)  # with_bot -> queued
    play.all_invariants()
    play.customer_cancels(n=1, k=0, is_confirmed=True)
    play.all_invariants()
    play.time_passes(length="the bot's time")
    play.time_passes(length="the bot's time")
    play.customer_undoes_the_cancel(n=0, k=0)  # too late
    play.all_invariants()
    play.customer_asks_for_a_person(n=0, k=0)
    play.all_invariants()
    play.agent_claims(n=1, who=2, k=0)  # queued -> assigned
    play.all_invariants()
    play.agent_returns(n=0, who=5, k=0, missed=0)  # assigned -> with_bot
    play.everything_settles(bots_work=True)
    play.customer_asks_for_a_person(n=0, k=2)  # with_bot -> queued
    play.all_invariants()
    play.agent_claims(n=1, who=1, k=0)
    play.all_invariants()
    play.agent_resolves(n=1, who=5, k=0, missed=0, waiting=False)  # assigned -> resolved
    play.all_invariants()
    play.agent_undoes_a_resolution(n=0, who=5, k=0)  # resolved -> assigned
    play.all_invariants()
    play.agent_resolves(n=1, who=5, k=0, missed=0, waiting=False)
    play.time_passes(length="the agents' idle time")
    play.watchdog_looks_around(n=0, both=True)  # with_bot -> resolved
    play.all_invariants()
    play.customer_writes(n=0, k=1, times=1)  # resolved -> with_bot
    play.everything_settles(bots_work=False)
    play.all_invariants()
    play.customer_asks_for_a_person(n=0, k=1)
    play.agent_resolves(n=0, who=2, k=0, missed=0, waiting=True)  # queued -> resolved, by a supervisor
    play.all_invariants()
    play.teardown()
    assert moves_seen(stage) == MOVES
    assert [plot for plot in ("confirm_needed", "undo", "undo_expired") if not stage.seen[plot]] == []


def a_message_to_an_agent(play: Play) -> None:
    """A customer came back after the agent had closed; the desk with the new turn died, and another took it over."""
    play.open(begin=["assigned", "fresh", "fresh"])
    play.all_invariants()
    play.customer_writes(n=0, k=0, times=1)
    play.agent_resolves(n=0, who=5, k=0, missed=0, waiting=False)
    play.customer_writes(n=0, k=0, times=1)
    play.desk_dies_or_comes_back(n=0)
    play.desk_looks_for_turns(n=1)
    play.bot_answers(k=0, reply="answer")


def a_message_after_a_cancelled_handoff(play: Play) -> None:
    """The bot asked for a person, the customer cancelled and wrote again, and the bot's first answer never came."""
    play.open(begin=["asked", "fresh", "fresh"])
    play.all_invariants()
    play.bot_asks_for_a_handoff(n=0, k=0, escalation=("dispute", "high"))
    play.all_invariants()
    play.customer_cancels(n=0, k=0, is_confirmed=True)
    play.customer_writes(n=0, k=0, times=1)
    play.bot_answers(k=0, reply="unreachable")


def a_message_older_than_the_idle_time(play: Play) -> None:
    """All desks were down for longer than the idle limit, and the watchdog ran before the worker."""
    play.open(begin=["asked", "fresh", "fresh"])
    play.desk_dies_or_comes_back(n=0)
    play.desk_dies_or_comes_back(n=1)
    play.time_passes(length="the bot's idle time")
    play.watchdog_looks_around(n=0, both=False)


@pytest.mark.parametrize(
    "order", [a_message_to_an_agent, a_message_after_a_cancelled_handoff, a_message_older_than_the_idle_time]
)
def test_orders_that_once_broke_them(stage: Stage, order: Callable[[Play], None]) -> None:
    """The bot would answer a message that a person had settled, or a customer's message would stay unanswered (I6)."""
    Play.stage = stage
    play = Play()
    order(play)
    play.all_invariants()
    play.everything_settles(bots_work=True)
    play.teardown()
