"""The store on a real PostgreSQL: what a transaction promises to those who use it."""

from __future__ import annotations

from collections.abc import Iterable

import psycopg
import pytest

from handoff.domain.agents import Agent
from handoff.storage.database import make_pool, migrate
from handoff.storage.transaction import PostgresStore


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
        store = PostgresStore(pool, wake)
        async with store.begin() as tx:
            await tx.save_agent(Agent("a", "A", "agent", 1, is_demo=False), "")
            tx.wake("one")
            tx.wake("two", "one")
            assert seen == []
        assert seen == [({"one", "two"}, 1)]


async def _wake_and_fail(store: PostgresStore) -> None:
    async with store.begin() as tx:
        tx.wake("one")
        raise LookupError


async def test_a_rollback_wakes_nobody(new_database: str) -> None:
    """Waiters would look for a change that never was; a refused request could keep all streams busy."""
    migrate(new_database)
    woken: list[str] = []
    async with make_pool(new_database, 1) as pool:
        store = PostgresStore(pool, woken.extend)
        with pytest.raises(LookupError):
            await _wake_and_fail(store)
        async with store.begin():
            pass
    assert woken == []
