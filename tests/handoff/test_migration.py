"""A database of the version before the log became the truth is brought up to date, and everybody goes on.

That version made `dumps/desk-0005.sql` in a random play of customers, agents, bots and dying desks. It holds running turns,
cancelled waits, 30 messages without a reaction, other languages, a lane, and three damaged or foreign entries. All texts are
made up.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest
from alembic import command
from psycopg.rows import dict_row

from handoff.conversations.rebuild import LOG_HAS_GAPS, LOG_IS_NOT_READ, Difference, find_differences, rewrite
from handoff.conversations.state import DESK_CHOICES
from handoff.conversations.values import OWED_LIMIT
from handoff.runtime.database import make_pool, migrate
from handoff.runtime.schema import SchemaError
from handoff.runtime.settings import Settings
from handoff.runtime.transaction import Store
from tests.handoff.fake_bot import FakeBot
from tests.handoff.people import Customer
from tests.handoff.running_desk import Clock, run_desk
from tests.handoff.test_store import move

DUMP = Path(__file__).parent / "dumps" / "desk-0005.sql"
ROOT = Path(__file__).parents[2]
Row = dict[str, Any]

#: Columns whose values are the same before and after.
KEPT = (
    "id token_hash locale channel created_at updated_at status episode reason priority topic amount_cny agent agent_name "
    "queued_at assigned_at first_response_at resolved_at is_case_open rating preview offered customer_waits_since "
    "stretch_seq triaged_turn origin earlier customer_waits_seq lane priority_rank"
).split()


@pytest.fixture
def old_database(new_database: str) -> str:
    """The database as the older version left it."""
    with psycopg.connect(new_database, autocommit=True) as connection:
        connection.execute(DUMP.read_bytes())
    return new_database


def read(url: str, query: str) -> list[Row]:
    """The rows of a query."""
    with psycopg.connect(url, row_factory=dict_row) as connection:
        return connection.execute(query).fetchall()  # type: ignore[arg-type]


def conversations(url: str) -> dict[str, Row]:
    """All rows by id."""
    return {row["id"]: row for row in read(url, "SELECT * FROM conversations")}


def logs(url: str) -> dict[str, list[Row]]:
    """All logs by conversation."""
    found: dict[str, list[Row]] = {}
    for event in read(url, "SELECT * FROM events ORDER BY conversation_id, seq"):
        found.setdefault(event["conversation_id"], []).append(event)
    return found


async def differences(url: str) -> list[Difference]:
    """What `rebuild --check` finds."""
    async with make_pool(url, 2) as pool:
        return [each async for each in find_differences(Store(pool))]


def owed_of(row: Row, log: list[Row]) -> list[int]:
    """The messages for which the older desk owed a turn."""
    if row["due_at"] is None and row["status"] != "assigned":
        return []
    first = row["answered_seq"] + 1
    if row["status"] == "assigned":  # a transfer would bring back what no agent answered
        first = max(first, row["customer_waits_seq"] or row["last_seq"] + 1)
    said = [event for event in log if event["type"] == "message" and event["by_kind"] == "customer" and event["seq"] >= first]
    return [event["seq"] for event in said if event["data"].get("choice") not in DESK_CHOICES]


def test_the_dump_holds_all_that_can_be_in_a_database(old_database: str) -> None:
    """The tests below would pass because nothing difficult is in it."""
    rows, old_logs = conversations(old_database), logs(old_database)
    assert {row["status"] for row in rows.values()} == {"with_bot", "queued", "assigned", "resolved"}
    for what in ("turn_id", "cancelled", "earlier", "lane", "due_at", "rating", "customer_waits_seq", "amount_cny"):
        assert any(row[what] is not None for row in rows.values()), what
    assert any(row["locale"] not in ("zh", "zh-Hant", "en") for row in rows.values())
    assert any(len(owed_of(row, old_logs.get(it, []))) > OWED_LIMIT for it, row in rows.items())
    assert any(it not in old_logs for it in rows)
    assert {"fund_frozen", "reopened", "cancel_undone", "priority_raised"} <= {
        e["type"] for log in old_logs.values() for e in log
    }


async def test_every_row_is_the_fold_of_its_log(old_database: str) -> None:
    """A conversation of before the update would have a state that its log does not tell."""
    before, old_logs = conversations(old_database), logs(old_database)
    migrate(old_database)
    assert await differences(old_database) == []
    after, new_logs = conversations(old_database), logs(old_database)
    leases = {row["conversation_id"]: row for row in read(old_database, "SELECT * FROM turns")}
    assert set(after) == set(before)
    for it, row in before.items():
        assert {name: after[it][name] for name in KEPT} == {name: row[name] for name in KEPT}
        old_log, log = old_logs.get(it, []), new_logs.get(it, [])
        assert [event["seq"] for event in log] == list(range(1, len(log) + 1))
        assert [{**event, "version": 1} for event in old_log] == log[: len(old_log)]
        # Two updates wrote the state down: the log became the truth, and cases got clocks.
        assert [event["type"] for event in log[len(old_log) :]] == (["state_imported"] * 2 if old_log else [])
        owed = owed_of(row, old_log)
        kept = after[it]["owed"] or {"messages": []}
        assert [each["seq"] for each in kept["messages"]] == owed[:OWED_LIMIT]
        assert kept.get("later_seq") == (owed[-1] if len(owed) > OWED_LIMIT else None)
        assert (after[it]["due_at"] is not None) is bool(owed and row["status"] != "assigned")
        lease = leases.get(it)
        assert (lease and (lease["turn_id"], lease["last_seq"], lease["attempts"], lease["desk"])) == (
            (row["turn_id"], row["turn_seq"], row["turn_attempts"], row["turn_desk"]) if row["turn_id"] else None
        )


def test_a_log_that_goes_on_after_its_row_is_refused_with_what_to_do(old_database: str) -> None:
    """The operator would read a statement of SQL with a customer's words in it instead of a remedy."""
    with psycopg.connect(old_database, autocommit=True) as connection:
        connection.execute("UPDATE conversations SET last_seq = last_seq - 1 WHERE last_seq > 3")
    before = conversations(old_database), logs(old_database)
    with pytest.raises(SchemaError, match="restore") as refused:
        migrate(old_database)
    assert "INSERT" not in str(refused.value)
    assert (conversations(old_database), logs(old_database)) == before


@pytest.fixture
def with_known_tokens(old_database: str) -> str:
    """The database in which the token of each customer is "t"."""
    with psycopg.connect(old_database, autocommit=True) as connection:
        connection.execute("UPDATE conversations SET token_hash = %s", (hashlib.sha256(b"t").hexdigest(),))
    return old_database


async def test_customers_and_agents_go_on(with_known_tokens: str, settings: Settings, bot: FakeBot) -> None:
    """A message of before the update would never be answered, or a case could not be claimed, answered or closed."""
    url, before = with_known_tokens, conversations(with_known_tokens)
    own = settings.model_copy(update={"database_url": url, "demo": False})
    async with run_desk(own, bot, Clock()) as desk:
        async with asyncio.timeout(30):
            while any(row["due_at"] for row in (await asyncio.to_thread(conversations, url)).values()):
                await asyncio.sleep(0.1)
        await desk.turns_over()
        customers = {it: Customer(desk.http, it, "t") for it in before}
        for customer in customers.values():
            seq = await customer.say("我回来了，还在吗")
            if (await customer.status())["status"] != "assigned":
                await desk.wait_for_turn(customer, seq)
        agent = await desk.agent("ma")
        queued = [it for it, customer in customers.items() if (await customer.status())["status"] == "queued"]
        await agent.claim(customers[queued[0]])
        assert "state_imported" in [event["type"] for event in await agent.log(customers[queued[0]])]
        assert (await agent.let_go(customers[queued[0]], "resolve")).status_code == 200
        assert (await customers[queued[0]].rate(5)).status_code == 201
        for customer in customers.values():
            assert not {event["type"] for event in await customer.events()} & {"state_imported", "unknown", "triage"}
    assert await differences(url) == []


def test_back_to_the_version_before(old_database: str) -> None:
    """An operator who has to go back would have a database that the older desk cannot read."""
    before = conversations(old_database)
    migrate(old_database)
    move(old_database, command.downgrade, "0005")
    after, back = conversations(old_database), logs(old_database)
    for it, row in before.items():
        for name in [*KEPT, "turn_id", "turn_seq", "turn_attempts", "turn_desk"]:
            assert after[it][name] == row[name], name
        assert [event["seq"] for event in back.get(it, [])] == list(range(1, after[it]["last_seq"] + 1))
        assert owed_of(after[it], back.get(it, [])) == owed_of(row, back.get(it, []))
    assert "state_imported" not in {event["type"] for log in back.values() for event in log}
    migrate(old_database)
    asyncio.run(_none_differs(old_database))


async def _none_differs(url: str) -> None:
    assert await differences(url) == []


# --- rebuild -------------------------------------------------------------------------------------------------------------


def rebuild(url: str, *options: str) -> subprocess.CompletedProcess[str]:
    """The command, as an operator gives it."""
    environment = {**os.environ, "DATABASE_URL": url, "SERVICE_TOKEN": "x" * 16, "BOT_TOKEN": "x" * 16}
    command_line = [sys.executable, "-m", "handoff", "rebuild", *options]
    return subprocess.run(command_line, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_rebuild_finds_and_mends_a_row_that_is_not_its_log(old_database: str) -> None:
    """A damaged row would stay, or nobody would know which it is; or the customer's words would stand in the output."""
    migrate(old_database)
    clean = rebuild(old_database, "--check")
    assert (clean.returncode, clean.stdout) == (0, "every row is what its log says\n")
    (row, *_) = read(old_database, "SELECT id, preview FROM conversations WHERE status = 'queued' ORDER BY id")
    with psycopg.connect(old_database, autocommit=True) as connection:
        change = "UPDATE conversations SET status = 'with_bot', preview = 'changed', priority_rank = 7 WHERE id = %s"
        connection.execute(change, (row["id"],))
    checked = rebuild(old_database, "--check")
    assert checked.returncode == 1
    assert f"{row['id']}\tdiffers\tstatus preview priority_rank\n" in checked.stdout.replace(" due_at", "")
    assert "changed" not in checked.stdout
    assert conversations(old_database)[row["id"]]["status"] == "with_bot"
    assert rebuild(old_database).returncode == 0
    assert conversations(old_database)[row["id"]]["preview"] == row["preview"]
    assert rebuild(old_database, "--check").returncode == 0


async def test_a_log_with_gaps_is_reported_and_not_folded_into_the_row(old_database: str) -> None:
    """A state made of half a log would replace a good row."""
    migrate(old_database)
    (row, *_) = read(old_database, "SELECT id, last_seq FROM conversations WHERE last_seq > 5 ORDER BY id")
    with psycopg.connect(old_database, autocommit=True) as connection:
        connection.execute("DELETE FROM events WHERE conversation_id = %s AND seq = 2", (row["id"],))
    assert await differences(old_database) == [Difference(row["id"], (LOG_HAS_GAPS,))]
    before = conversations(old_database)
    async with make_pool(old_database, 1) as pool:
        assert await rewrite(Store(pool), row["id"]) == ()
    assert conversations(old_database) == before


async def test_rebuild_waits_for_who_changes_the_row(old_database: str) -> None:
    """The rebuilt row would be older than the log, because a desk wrote in between."""
    migrate(old_database)
    (row, *_) = read(old_database, "SELECT id, last_seq FROM conversations WHERE status = 'queued' ORDER BY id")
    note = """
        INSERT INTO events (conversation_id, seq, type, at, by_kind, by_name, data)
        VALUES (%s, %s, 'note', %s, 'agent', 'x', %s)"""
    at = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
    async with make_pool(old_database, 1) as pool:
        desk = await psycopg.AsyncConnection.connect(old_database)
        async with desk:
            await desk.execute("UPDATE conversations SET last_seq = last_seq + 1 WHERE id = %s", (row["id"],))
            rebuilding = asyncio.create_task(rewrite(Store(pool), row["id"]))
            await asyncio.sleep(0.2)
            assert not rebuilding.done()
            await desk.execute(note, (row["id"], row["last_seq"] + 1, at, json.dumps({"text": "x"})))
        assert await rebuilding == ("updated_at",)
    assert conversations(old_database)[row["id"]]["updated_at"] == at


@pytest.mark.parametrize(
    "damage", ["status = 'gone'", "owed = '{\"messages\": 5}'", "offered = '[1]'", "cancelled = '7'", "earlier = '{\"by\": 1}'"]
)
async def test_rebuild_mends_a_row_of_which_no_state_can_be_made(old_database: str, damage: str) -> None:
    """One damaged row would end the command with a traceback, and neither it nor any row after it could be mended."""
    migrate(old_database)
    (row, *_) = read(old_database, "SELECT id FROM conversations WHERE status = 'queued' ORDER BY id")
    before = conversations(old_database)
    with psycopg.connect(old_database, autocommit=True) as connection:
        connection.execute(f"UPDATE conversations SET {damage} WHERE id = %s", (row["id"],))
    (found,) = await differences(old_database)
    assert found.conversation_id == row["id"]
    assert damage.split()[0] in found.columns
    async with make_pool(old_database, 1) as pool:
        assert damage.split()[0] in await rewrite(Store(pool), row["id"])
    assert await differences(old_database) == []
    assert conversations(old_database)[row["id"]]["status"] == before[row["id"]]["status"]


@pytest.mark.parametrize(("type_", "version"), [("assigned", 9), ("taken_over", 1)])
async def test_a_row_is_kept_whose_log_holds_what_a_newer_desk_wrote(old_database: str, type_: str, version: int) -> None:
    """An agent's conversation would go back to the queue, because this version cannot read that the agent has it."""
    migrate(old_database)
    (row, *_) = read(old_database, "SELECT id, last_seq FROM conversations WHERE status = 'queued' ORDER BY id")
    event = """
        INSERT INTO events (conversation_id, seq, type, version, at, by_kind, by_name, data)
        VALUES (%s, %s, %s, %s, now(), 'agent', 'x', '{"who": "ma"}')"""
    assigned = """
        UPDATE conversations SET status = 'assigned', agent = 'ma', agent_name = 'x', assigned_at = now(),
            last_seq = last_seq + 1 WHERE id = %s"""
    with psycopg.connect(old_database, autocommit=True) as connection:
        connection.execute(event, (row["id"], row["last_seq"] + 1, type_, version))
        connection.execute(assigned, (row["id"],))
    before = conversations(old_database)
    (found,) = await differences(old_database)
    assert {"status", "agent", LOG_IS_NOT_READ} <= set(found.columns)
    async with make_pool(old_database, 1) as pool:
        assert await rewrite(Store(pool), row["id"]) == ()
    assert conversations(old_database) == before


async def test_rows_are_their_logs_in_a_database_of_another_time_zone(
    new_database: str, settings: Settings, bot: FakeBot
) -> None:
    """In a database whose time zone is not UTC the check would find a difference in each conversation that waits for a turn."""
    with psycopg.connect(new_database, autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE \"{connection.info.dbname}\" SET timezone = 'Asia/Shanghai'")
    async with run_desk(settings.model_copy(update={"database_url": new_database}), bot, Clock()) as desk:
        customer = await desk.waiting_customer()
        await (await desk.agent()).claim(customer)
        await customer.say("还在吗")
        assert {event["at"][-6:] for event in await customer.events()} == {"+00:00"}
    assert await differences(new_database) == []
