"""Search over all conversations: what is found, who may read it, and how the index is filled."""

from __future__ import annotations

import asyncio
import datetime as dt
import signal
from pathlib import Path
from typing import Any

import psycopg
import pytest

from handoff.queue.search import indexer as indexer_module
from handoff.queue.search.conversation_search import PAGE_SIZE
from handoff.queue.search.indexer import SearchIndexer
from handoff.queue.search.store import INDEXING_LOCK, Filters, texts_statement
from handoff.runtime.database import migrate
from handoff.runtime.transaction import Store
from tests.handoff.conftest import Database
from tests.handoff.desk_process import desk_processes
from tests.handoff.fake_bot import FakeBot, answers, escalates
from tests.handoff.people import DEADLINE_SECONDS, Agent, Customer, Json, error_code
from tests.handoff.running_desk import Desk


async def wait_until_indexed(database: Database) -> None:
    """Wait until the desk's own indexer has everything."""
    behind = """SELECT count(*) FROM conversations c LEFT JOIN search_progress p ON p.conversation_id = c.id
        WHERE c.last_seq > coalesce(p.seq, 0)"""
    async with asyncio.timeout(DEADLINE_SECONDS):
        while True:
            row = await asyncio.to_thread(lambda: database.connection.execute(behind).fetchone())
            if row == (0,):
                return
            await asyncio.sleep(0.05)


async def search(who: Agent, q: str = "", **filters: Any) -> Json:
    """A page of results."""
    names = {"since": "from", "until": "to"}
    answer = await who.call(
        "GET", "/search", params={"q": q, **{names.get(name, name): value for name, value in filters.items()}}
    )
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def places(page: Json) -> list[tuple[str, int]]:
    """Conversation and number of each result."""
    return [(result["conversation_id"], result["seq"]) for result in page["results"]]


async def served(desk: Desk, agent: Agent, text: str) -> Customer:
    """A customer whom an agent has."""
    customer = await desk.waiting_customer(text=text)
    assert (await agent.act(customer, "claim")).status_code == 200
    return customer


async def test_words_numbers_and_both_scripts(desk: Desk, database: Database) -> None:
    """An agent would not find the conversation that a customer speaks of."""
    supervisor = await desk.agent("supervisor")
    texts = [
        "我昨天轉賬 5,000 元，訂單號2026113022001434561",
        "转账失败了 refund please",
        "账转得不对",
        "我的卡4111111111111111被盗刷",
    ]
    for text in texts:
        await desk.wait_for_turn(customer := await desk.customer(), await customer.say(text))
    await wait_until_indexed(database)
    found = {
        q: [r["snippet"] for r in (await search(supervisor, q))["results"]]
        for q in ("转账", "轉賬", "转账 5000", "434561", "2026113022001434561", "REFUND", "钱")
    }
    assert found["转账"] == found["轉賬"] == [texts[1], texts[0]]  # the newest first
    assert found["转账 5000"] == found["434561"] == found["2026113022001434561"] == [texts[0]]
    assert found["REFUND"] == [texts[1]]
    assert found["钱"] == []
    (masked,) = (await search(supervisor, "1111"))["results"]
    assert "[卡号 ****1111]" in masked["snippet"]
    assert (await search(supervisor, "4111111111111111"))["results"] == []  # the log does not hold it


async def test_what_of_a_log_is_found(desk: Desk, database: Database) -> None:
    """Notes, comments and articles would not be found, or the desk's own texts would hide what people wrote."""
    agent = await desk.agent()
    customer = await desk.customer()
    desk.bot.will(answers("通常需要两小时"))
    await desk.wait_for_turn(customer, await customer.say("怎么收钱"))
    desk.bot.will(escalates())
    await desk.wait_for_turn(customer, await customer.say("转人工吧"))
    await agent.claim(customer)
    await agent.act(customer, "notes", {"text": "客户情绪激动，先安抚"})
    await agent.write(customer, "您好，这边马上核查")
    await agent.let_go(customer, "resolve", {"note": "已补偿优惠券"})
    assert (await customer.rate(2, "态度敷衍")).status_code == 201
    await wait_until_indexed(database)
    found = {"到账延迟": 1, "安抚": 1, "马上核查": 1, "补偿优惠券": 1, "敷衍": 1, "怎么收": 1}
    for words, count in {**found, "两小时": 0, "解决了吗": 0, "客服处理": 0}.items():
        assert len((await search(agent, words))["results"]) == count, words


async def test_reason_outcome_agent_and_dates(desk: Desk, database: Database) -> None:
    """A supervisor could not find last week's disputes of one agent."""
    agent, supervisor = await desk.agent(), await desk.agent("supervisor")
    disputed = await served(desk, agent, "这笔扣款不对")
    waiting = await desk.waiting_customer(escalates(reason="security", priority="urgent"), text="扣款不是我")
    asking = await desk.customer()
    await desk.wait_for_turn(asking, await asking.say("扣款时间"))
    await wait_until_indexed(database)
    today = desk.clock().astimezone(dt.timezone(dt.timedelta(hours=8))).date()
    tomorrow, yesterday = str(today + dt.timedelta(days=1)), str(today - dt.timedelta(days=1))
    for filters, expected in [
        ({}, {disputed.id, waiting.id, asking.id}),
        ({"reason": "security"}, {waiting.id}),
        ({"agent": "agent"}, {disputed.id}),
        ({"agent": "agent", "reason": "security"}, set()),
        ({"outcome": "refunded"}, set()),
        ({"since": str(today), "until": str(today)}, {disputed.id, waiting.id, asking.id}),
        ({"since": tomorrow}, set()),
        ({"until": yesterday}, set()),
        ({"since": desk.clock().isoformat()}, set()),
        ({"reason": "x\x00", "agent": "\x00"}, set()),
    ]:
        with_words = await search(supervisor, "扣款", **filters)
        assert {result["conversation_id"] for result in with_words["results"]} == expected, filters
        if filters:  # episodes, without words
            alone = await search(supervisor, **filters)
            assert {result["conversation_id"] for result in alone["results"]} == expected, filters
    (result,) = (await search(supervisor, reason="dispute"))["results"]
    assert (result["status"], result["reason"], result["agent_name"], result["episode"]) == (
        "assigned",
        "dispute",
        agent.name,
        1,
    )
    assert result["snippet"] == "这笔扣款不对"


async def test_a_conversation_by_its_name(desk: Desk, database: Database) -> None:
    """A colleague says "visitor 7F3A", or sends an id, and the agent cannot open it."""
    supervisor, customer, other = await desk.agent("supervisor"), await desk.customer(), await desk.customer()
    for each in (customer, other):
        await desk.wait_for_turn(each, await each.say("转账多久到"))
    await wait_until_indexed(database)
    for name in (customer.id, customer.id.upper(), f"访客 {customer.id[-4:].upper()}", f"Visitor {customer.id[-4:]}"):
        results = (await search(supervisor, name))["results"]
        assert customer.id in {result["conversation_id"] for result in results}
        assert len(results) == 1 or customer.id[-4:] == other.id[-4:]
    assert (await search(supervisor, customer.id, reason="dispute"))["results"] == []
    assert (await search(supervisor, "0" * 32))["results"] == []


async def test_the_outcome_of_each_episode(desk: Desk, database: Database) -> None:
    """An earlier episode would be found under the outcome of a later one."""
    supervisor = await desk.agent("supervisor")
    customer = await desk.waiting_customer(text="第一次的事情")
    agent = await desk.agent()
    await agent.claim(customer)
    assert (await agent.let_go(customer, "resolve", {"outcome": "explained"})).status_code == 200
    await desk.wait_for_turn(customer, await customer.say("第二次的事情"))
    await wait_until_indexed(database)
    results = {r["snippet"]: (r["episode"], r["outcome"]) for r in (await search(supervisor, "次的事情"))["results"]}
    assert results == {"第一次的事情": (1, "explained"), "第二次的事情": (2, None)}
    (only,) = (await search(supervisor, outcome="explained"))["results"]
    assert only["episode"] == 1


async def test_who_may_read_a_result(desk: Desk, database: Database) -> None:
    """The search would show every customer's words without a reason and without a trace."""
    agent, other, supervisor = await desk.agent(), await desk.agent("agent2"), await desk.agent("supervisor")
    mine, waiting = await served(desk, agent, "朝阳区某路88号"), await desk.waiting_customer(text="朝阳区某路88号")
    with_bot = await desk.customer()
    await desk.wait_for_turn(with_bot, await with_bot.say("朝阳区某路88号"))
    await wait_until_indexed(database)

    async def readable(who: Agent) -> set[str]:
        results = (await search(who, "朝阳区"))["results"]
        assert len(results) == 3
        assert all((result["snippet"] is None) is not result["may_read"] for result in results)
        for result in results:  # the log says the same
            answer = await who.call("GET", f"/conversations/{result['conversation_id']}/log")
            assert answer.status_code == (200 if result["may_read"] else 403)
        return {result["conversation_id"] for result in results if result["may_read"]}

    assert await readable(supervisor) == {mine.id, waiting.id, with_bot.id}
    assert await readable(agent) == {mine.id, waiting.id}
    assert await readable(other) == {waiting.id}
    await other.act(mine, "access", {"reason": "组长让我复核"})
    assert await readable(other) == {mine.id, waiting.id}
    assert (await other.act(mine, "notes", {"text": "看过了"})).status_code == 201
    # In the next episode the reason no longer holds. Whoever had the conversation still may read it.
    await agent.let_go(mine, "resolve")
    await desk.wait_for_turn(mine, await mine.say("手续费多少"))
    assert await readable(other) == {waiting.id}
    assert await readable(agent) == {mine.id, waiting.id}


async def test_editors_and_strangers_may_not_search(desk: Desk) -> None:
    """An account that must not read conversations would read them in the search."""
    answer = await (await desk.agent("editor")).call("GET", "/search", params={"q": "转账"})
    assert (answer.status_code, error_code(answer)) == (403, "not_permitted")
    answer = await desk.http.get("/api/search", params={"q": "转账"})
    assert (answer.status_code, error_code(answer)) == (401, "not_signed_in")


@pytest.mark.parametrize(
    ("params", "status", "code"),
    [
        ({}, 422, "nothing_to_find"),
        ({"q": ""}, 422, "nothing_to_find"),
        ({"q": "？！… '&|:* "}, 422, "nothing_to_find"),
        ({"q": "\x00"}, 422, "nothing_to_find"),
        ({"q": "？！", "reason": "dispute"}, 422, "nothing_to_find"),
        ({"q": "a" * 501}, 422, "bad_request"),
        ({"q": "a" * 10_000}, 422, "bad_request"),
        ({"q": "转账", "after": "x"}, 422, "bad_cursor"),
        ({"q": "转账", "after": "0001-01-01T00:00:00+00:00~a~1"}, 422, "bad_cursor"),
        ({"q": "转账", "after": "2026-01-01T00:00:00+00:00~\x00~1"}, 422, "bad_cursor"),
        ({"q": "转账", "from": "yesterday"}, 422, "bad_request"),
        ({"q": "转账", "to": "9999-12-31"}, 422, "bad_request"),
        ({"q": "转账", "from": "2026-11-30T10:00:00"}, 422, "bad_request"),
    ],
)
async def test_a_search_that_is_refused(desk: Desk, params: dict[str, str], status: int, code: str) -> None:
    """The console would get an internal error, or all conversations."""
    answer = await (await desk.agent()).call("GET", "/search", params=params)
    assert (answer.status_code, error_code(answer)) == (status, code)


@pytest.mark.parametrize(
    "q", ["转'账", "a & b | !c <-> d:*", "(((", "\\", "'; DROP TABLE events; --", "转\x00账", "%_", "字" * 500]
)
async def test_signs_with_a_meaning_in_sql(desk: Desk, database: Database, q: str) -> None:
    """A sign would break the statement, or change its meaning."""
    supervisor, customer = await desk.agent("supervisor"), await desk.customer()
    await desk.wait_for_turn(customer, await customer.say("a b c d 转账 DROP TABLE events"))
    await wait_until_indexed(database)
    if not any(character.isalnum() for character in q):
        answer = await supervisor.call("GET", "/search", params={"q": q})
        assert error_code(answer) == "nothing_to_find"
    else:
        assert len((await search(supervisor, q))["results"]) == (q != "字" * 500)


async def test_pages(desk: Desk, database: Database) -> None:
    """Results would be missing between two pages, or come twice."""
    supervisor, customer = await desk.agent("supervisor"), await desk.customer()
    store = desk.services.store
    logs = """
        INSERT INTO conversations (id, token_hash, opening_locale, locale, channel, created_at, updated_at, status, episode,
            last_seq, is_case_open, preview, offered, stretch_seq)
        SELECT 'c' || i, '', 'zh', 'zh', 'web', now(), now(), 'with_bot', 1, 30, false, '', '[]', 0
        FROM generate_series(1, 5) i;
        INSERT INTO events (conversation_id, seq, type, version, at, by_kind, by_name, data)
        SELECT 'c' || i, n, 'message', 2, date_trunc('day', now()) - (n * n) * interval '3 hours', 'customer', '',
            jsonb_build_object('text', CASE WHEN n % 3 = 0 THEN '账到没有，转不到账' ELSE '转账没到账' END)
        FROM generate_series(1, 5) i, generate_series(1, 30) n"""
    await asyncio.to_thread(database.connection.execute, logs)
    await SearchIndexer(store, desk.clock).catch_up()
    await wait_until_indexed(database)
    found: list[tuple[str, int]] = []
    times: list[str] = []
    after, sizes = None, []
    while True:
        page = await search(supervisor, "没到账", **({"after": after} if after else {}))
        found += places(page)
        times += [result["at"] for result in page["results"]]
        sizes.append(len(page["results"]))
        after = page["next"]
        if after is None:
            break
    assert sorted(found) == sorted((f"c{i}", n) for i in range(1, 6) for n in range(1, 31) if n % 3)
    assert times == sorted(times, reverse=True)
    assert sizes[:-1] == [PAGE_SIZE] * (len(sizes) - 1)
    assert customer.id not in {id_ for id_, _ in found}


async def test_a_search_that_takes_too_long(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow search would hold a connection that customers' turns need."""

    async def slow(tx: Any, *rest: Any) -> Any:
        await tx.execute("SELECT pg_sleep(5)", [])

    monkeypatch.setattr("handoff.queue.search.conversation_search.find_texts", slow)
    monkeypatch.setattr("handoff.queue.search.conversation_search._STATEMENT_MILLISECONDS", 50)
    agent = await desk.agent()
    answer = await agent.call("GET", "/search", params={"q": "转账"})
    assert (answer.status_code, error_code(answer)) == (503, "search_too_slow")
    monkeypatch.undo()
    assert (await search(agent, "转账"))["results"] == []


#: Processes start, and index; a loaded machine is many times slower.
_PATIENCE_SECONDS = 120


# --- the index ---------------------------------------------------------------------------------------------------------------


async def fill(url: str, conversations: int, length: int) -> None:
    """A database with logs, written a moment or a year ago."""
    logs = f"""
        INSERT INTO conversations (id, token_hash, opening_locale, locale, channel, created_at, updated_at, status, episode,
            last_seq, is_case_open, preview, offered, stretch_seq)
        SELECT md5(i::text), '', 'zh', 'zh', 'web', at, at, 'resolved', 1, {length}, false, '', '[]', 0
        FROM (SELECT i, now() - i * interval '1 hour' AS at FROM generate_series(1, {conversations}) i) AS made;
        INSERT INTO events (conversation_id, seq, type, version, at, by_kind, by_name, data)
        SELECT id, n, 'message', 2, updated_at, 'customer', '',
            jsonb_build_object('text', '转账没到账 ' || substr(id, 1, 8) || CASE n % 7 WHEN 0 THEN ' 退款' ELSE ' 充值' END)
        FROM conversations, generate_series(1, {length}) n"""

    def insert() -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(logs)

    await asyncio.to_thread(insert)


def counts(url: str) -> tuple[int, int]:
    """Texts in the index, and conversations that are wholly indexed."""
    query = """SELECT (SELECT count(*) FROM search_texts),
        (SELECT count(*) FROM conversations c JOIN search_progress p ON p.conversation_id = c.id AND p.seq = c.last_seq)"""
    with psycopg.connect(url) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return int(row[0]), int(row[1])


async def test_desks_that_die_and_start_again_index_everything_once(tmp_path: Path, bot: FakeBot, new_database: str) -> None:
    """After an update old conversations would not be found, or twice; a killed desk would leave a gap."""
    async with desk_processes(bot, tmp_path) as start:
        first = await start(database=new_database)
        await fill(new_database, 150, 20)
        await first.end(signal.SIGTERM)
        killed, other = [await start(database=new_database, up=False) for _ in range(2)]
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while (await asyncio.to_thread(counts, new_database))[0] < 600:
                await asyncio.sleep(0.01)
        killed.process.kill()
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while (await asyncio.to_thread(counts, new_database))[1] < 150:
                await asyncio.sleep(0.1)
        assert await asyncio.to_thread(counts, new_database) == (150 * 20, 150)
        assert await killed.process.wait() == -signal.SIGKILL
        await other.up()
        customer = await other.customer()
        await customer.say("新的一句话")
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while (await asyncio.to_thread(counts, new_database))[0] == 150 * 20:
                await asyncio.sleep(0.1)


async def test_one_desk_at_a_time_and_a_lock_that_is_held(desk: Desk, database: Database) -> None:
    """Two desks would do the same work, or wait for each other with a connection in hand."""
    supervisor, customer = await desk.agent("supervisor"), await desk.customer()
    with psycopg.connect(database.url) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (INDEXING_LOCK,))
        await desk.wait_for_turn(customer, await customer.say("锁住的时候"))
        await SearchIndexer(desk.services.store, desk.clock).catch_up()
        assert (await search(supervisor, "锁住"))["results"] == []
    await wait_until_indexed(database)
    assert len((await search(supervisor, "锁住"))["results"]) == 1


async def test_another_version_of_the_terms_indexes_again(desk: Desk, database: Database) -> None:
    """After an update that cuts texts otherwise, old texts would not be found."""
    supervisor, customer = await desk.agent("supervisor"), await desk.customer()
    await desk.wait_for_turn(customer, await customer.say("旧的词"))
    await wait_until_indexed(database)
    # One transaction, and no search in between: the desk's own indexer is at it as soon as this is committed.
    spoilt = "UPDATE search_texts SET words = '''x'''; UPDATE search_progress SET version = version - 1"
    assert (await asyncio.to_thread(database.connection.execute, spoilt)).rowcount > 0
    async with asyncio.timeout(DEADLINE_SECONDS):  # the desk's own indexer may be at it
        while (await search(supervisor, "旧的词"))["results"] == []:
            await SearchIndexer(desk.services.store, desk.clock).catch_up()
    assert len((await search(supervisor, "旧的词"))["results"]) == 1


async def test_what_a_newer_desk_has_indexed_is_left_alone(desk: Desk, database: Database) -> None:
    """During an update desks of two versions would index everything again and again."""
    customer = await desk.customer()
    await desk.wait_for_turn(customer, await customer.say("新版的词"))
    await wait_until_indexed(database)
    newer = "UPDATE search_progress SET version = version + 1, seq = 1"
    await asyncio.to_thread(database.connection.execute, newer)
    await SearchIndexer(desk.services.store, desk.clock).catch_up()
    rows = await asyncio.to_thread(lambda: database.connection.execute("SELECT DISTINCT seq FROM search_progress").fetchall())
    assert rows == [(1,)]


async def test_a_commit_that_came_late_is_indexed_by_the_walk(
    desk: Desk, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A message whose transaction took minutes would never be found."""
    store: Store = desk.services.store
    indexer = SearchIndexer(store, desk.clock)
    await indexer.catch_up()
    customer = await desk.customer()
    await desk.wait_for_turn(customer, await customer.say("迟到的提交"))
    await wait_until_indexed(database)
    late = """UPDATE conversations SET updated_at = now() - interval '1 day';
        TRUNCATE search_texts, search_episodes, search_progress"""
    await asyncio.to_thread(database.connection.execute, late)
    monkeypatch.setattr(indexer_module, "_WALK_SECONDS", 0.0)
    monkeypatch.setattr(indexer_module, "_LOOK_SECONDS", 0.05)
    working = asyncio.create_task(indexer.run())
    await wait_until_indexed(database)
    working.cancel()
    assert len((await search(await desk.agent("supervisor"), "迟到"))["results"]) == 1


@pytest.mark.parametrize(
    ("filters", "has_place"), [(Filters(), False), (Filters(), True), (Filters(reason="dispute", agent="agent"), True)]
)
async def test_the_plan_uses_the_index(desk: Desk, new_database: str, filters: Filters, has_place: bool) -> None:
    """With a million events a search would read all texts."""
    await asyncio.to_thread(migrate, new_database)
    await fill(new_database, 1000, 20)
    values: dict[str, Any] = {"query": "'退款'", "limit": 100, "at": dt.datetime.now(dt.UTC), "id": "", "seq": 0}
    values |= {"reason": "dispute", "agent": "agent", "since": None, "until": None}

    def explain() -> str:
        with psycopg.connect(new_database, autocommit=True) as connection:
            texts = """INSERT INTO search_texts
                SELECT conversation_id, seq, 1, at, array_to_tsvector(ARRAY['转账', right(data->>'text', 2)]) FROM events;
                ANALYZE"""
            connection.execute(texts)
            rows = connection.execute("EXPLAIN " + texts_statement(filters, has_place=has_place), values).fetchall()
        return "\n".join(row[0] for row in rows)

    plan = await asyncio.to_thread(explain)
    assert "Bitmap Index Scan on search_texts_words" in plan
    assert "Seq Scan on events" not in plan
