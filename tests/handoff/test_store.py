"""The store on a real PostgreSQL: the promises of a transaction."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from handoff.accounts.agents import Agent
from handoff.accounts.store import save_agent
from handoff.runtime import database as database_module
from handoff.runtime.database import make_pool, migrate
from handoff.runtime.schema import TABLES, SchemaError, missing_columns
from handoff.runtime.transaction import Store


async def test_wake_ups_follow_the_commit(new_database: str) -> None:
    """A waiter that is woken before the commit would read the old state and wait again, for ever."""
    migrate(new_database)
    seen: list[tuple[set[str], int]] = []

    def wake(topics: Iterable[str]) -> None:
        with psycopg.connect(new_database) as other:
            rows = other.execute("SELECT count(*) FROM agents").fetchone()
        assert rows is not None
        seen.append((set(topics), rows[0]))

    async with make_pool(new_database, 1) as pool:
        store = Store(pool, wake)
        async with store.begin() as tx:
            await save_agent(tx, Agent("a", "A", "agent", 1, is_demo=False), "")
            tx.wake("one")
            tx.wake("two", "one")
            assert seen == []
        assert seen == [({"one", "two"}, 1)]


async def _wake_and_fail(store: Store) -> None:
    async with store.begin() as tx:
        tx.wake("one")
        raise LookupError


async def test_a_rollback_wakes_nobody(new_database: str) -> None:
    """Waiters would look for a change that never happened, and a refused request could keep all streams busy."""
    migrate(new_database)
    woken: list[str] = []
    async with make_pool(new_database, 1) as pool:
        store = Store(pool, woken.extend)
        with pytest.raises(LookupError):
            await _wake_and_fail(store)
        async with store.begin():
            pass
    assert woken == []


def test_channels_that_customers_made_up_become_web(new_database: str) -> None:
    """An old database could not be migrated, or would keep a customer's text in the channel."""
    migrate(new_database)
    columns = "id, token_hash, locale, channel, created_at, updated_at, status, episode, last_seq, is_case_open, preview"
    row = "'x', 'zh', %s, now(), now(), 'with_bot', 1, 0, false, '', '[]', 0"
    new = f"INSERT INTO conversations ({columns}, offered, stretch_seq, opening_locale) VALUES (%s, {row}, 'zh')"
    insert = (
        f"INSERT INTO conversations ({columns}, offered, stretch_seq, answered_seq, turn_attempts) VALUES (%s, {row}, 0, 0)"
    )
    with psycopg.connect(new_database, autocommit=True) as connection:
        with pytest.raises(psycopg.errors.CheckViolation):
            connection.execute(new, ("new", "VIP"))
        move(new_database, command.downgrade, "0003")
        for channel in ("VIP", "app", "miniprogram", "web"):
            connection.execute(insert, (f"old {channel}", channel))
        migrate(new_database)
        found = dict(connection.execute("SELECT id, channel FROM conversations").fetchall())
    assert found == {"old VIP": "web", "old app": "app", "old miniprogram": "miniprogram", "old web": "web"}


def move(url: str, step: Callable[[Config, str], None], revision: str) -> None:
    """Migrate a database's schema to a revision."""
    engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1))
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(Path(database_module.__file__).parent / "migrations"))
        config.attributes["connection"] = connection
        step(config, revision)
    engine.dispose()


# --- a database that is not of this version ------------------------------------------------------------------------------


def test_a_new_database_has_the_columns_that_the_check_asks_for(new_database: str) -> None:
    """The check would refuse a sound database, or would not know of a column whose absence stops the desk later."""
    migrate(new_database)
    with psycopg.connect(new_database) as connection:
        query = "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
        there = {(table, column) for table, column in connection.execute(query) if table != "alembic_version"}
    assert there == {(table, column) for table, columns in TABLES.items() for column in columns.split()}
    engine = sa.create_engine(new_database.replace("postgresql://", "postgresql+psycopg://", 1))
    with engine.connect() as connection:
        assert missing_columns(connection) == []
    engine.dispose()


HALVES = {
    "a column is missing": ("ALTER TABLE conversations DROP COLUMN owed", "it lacks conversations.owed.*restore"),
    "a table is missing": ("DROP TABLE turns", "it lacks turns.conversation_id.*restore"),
    "the mark says less than was done": ("UPDATE alembic_version SET version_num = '0005'", "between two versions.*restore"),
    "the mark is missing": ("DROP TABLE alembic_version", "alembic_version.*restore"),
    "the mark stands twice": ("INSERT INTO alembic_version VALUES ('0004')", "between two versions.*restore"),
    "a newer version was here": ("UPDATE alembic_version SET version_num = '9999'", "newer version.*9999.*Start that version"),
}


@pytest.mark.parametrize(("change", "words"), HALVES.values(), ids=HALVES)
def test_a_half_migrated_database_is_refused_with_what_to_do(new_database: str, change: str, words: str) -> None:
    """The desk would start and fail at the first customer, or change a database that it does not understand."""
    migrate(new_database)
    with psycopg.connect(new_database, autocommit=True) as connection:
        connection.execute(change)
        before = connection.execute("SELECT * FROM information_schema.columns ORDER BY table_name, column_name").fetchall()
        with pytest.raises(SchemaError, match=re.compile(words, re.DOTALL)):
            migrate(new_database)
        after = connection.execute("SELECT * FROM information_schema.columns ORDER BY table_name, column_name").fetchall()
    assert after == before
