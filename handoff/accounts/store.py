"""The SQL of accounts and their sessions."""

from __future__ import annotations

import datetime as dt
from typing import cast

from handoff.accounts.agents import Agent
from handoff.runtime.transaction import Transaction

_AGENT_COLUMNS = (
    "login, name, role, capacity, is_demo, is_disabled, last_seen_at, presence, presence_at, presence_by, active_at"
)
_LOAD = "(SELECT count(*) FROM conversations WHERE status = 'assigned' AND agent = agents.login)"


async def find_agent(tx: Transaction, login: str, *, lock: bool = False) -> Agent | None:
    """The account. With `lock` the row is locked, so that two claims of one agent run one after the other."""
    query = f"SELECT {_AGENT_COLUMNS} FROM agents WHERE login = %s"
    rows = await tx.rows(query + (" FOR UPDATE" if lock else ""), login)
    return Agent(*[*rows[0], await load_of(tx, login)]) if rows else None


async def password_hash_of(tx: Transaction, login: str) -> str | None:
    """The stored hash of an account's password."""
    return cast("str | None", await tx.value("SELECT password_hash FROM agents WHERE login = %s", login))


async def list_agents(tx: Transaction) -> list[Agent]:
    """All accounts with their loads."""
    query = f"SELECT {_AGENT_COLUMNS}, {_LOAD} FROM agents ORDER BY login"
    return [Agent(*row) for row in await tx.rows(query)]


async def load_of(tx: Transaction, login: str) -> int:
    """How many conversations an agent holds."""
    return int(await tx.value("SELECT count(*) FROM conversations WHERE status = 'assigned' AND agent = %s", login))


async def save_agent(tx: Transaction, agent: Agent, password_hash: str) -> None:
    """Create or replace an account."""
    await tx.execute(
        """
        INSERT INTO agents (login, name, role, capacity, is_demo, is_disabled, password_hash)
        VALUES (%s, %s, %s, %s, %s, %s, %s)
        ON CONFLICT (login) DO UPDATE SET name = excluded.name, role = excluded.role, capacity = excluded.capacity,
            is_demo = excluded.is_demo, is_disabled = excluded.is_disabled, password_hash = excluded.password_hash""",
        (agent.login, agent.name, agent.role, agent.capacity, agent.is_demo, agent.is_disabled, password_hash),
    )


async def delete_agent(tx: Transaction, login: str) -> None:
    """Remove an account and its sessions."""
    await tx.execute("DELETE FROM agents WHERE login = %s", (login,))


async def delete_demo_agents(tx: Transaction) -> None:
    """Remove the demo accounts and their sessions."""
    await tx.execute("DELETE FROM agents WHERE is_demo", ())


async def saw_agent(tx: Transaction, login: str, now: dt.datetime, *, is_active: bool = False) -> None:
    """Record when the agent was last seen. `is_active`: with a key or a click."""
    query = "UPDATE agents SET last_seen_at = %s, active_at = CASE WHEN %s THEN %s ELSE active_at END WHERE login = %s"
    await tx.execute(query, (now, is_active, now, login))


async def set_presence(tx: Transaction, login: str, state: str, now: dt.datetime, *, by: str | None = None) -> None:
    """Record the chosen presence of an account. `by`: None for the agent's own choice (`Agent.presence_by`)."""
    query = "UPDATE agents SET presence = %s, presence_at = %s, presence_by = %s WHERE login = %s"
    await tx.execute(query, (state, now, by, login))


async def add_session(tx: Transaction, token_hash: str, login: str, expires_at: dt.datetime) -> None:
    """Store a sign-in."""
    query = "INSERT INTO sessions (token_hash, login, expires_at) VALUES (%s, %s, %s)"
    await tx.execute(query, (token_hash, login, expires_at))


async def session_agent(tx: Transaction, token_hash: str, now: dt.datetime) -> Agent | None:
    """The agent of a session that has not expired and whose account is not disabled, or None."""
    query = f"""
        SELECT {_AGENT_COLUMNS}, {_LOAD} FROM agents JOIN sessions USING (login)
        WHERE token_hash = %s AND expires_at > %s AND NOT is_disabled"""
    rows = await tx.rows(query, token_hash, now)
    return Agent(*rows[0]) if rows else None


async def delete_session(tx: Transaction, token_hash: str) -> None:
    """Delete a session. An account without a session counts as offline from now on."""
    login = await tx.value("DELETE FROM sessions WHERE token_hash = %s RETURNING login", token_hash)
    if login is not None and not await tx.value("SELECT 1 FROM sessions WHERE login = %s LIMIT 1", login):
        await tx.execute("UPDATE agents SET last_seen_at = NULL WHERE login = %s", (login,))


async def end_sessions(tx: Transaction, login: str) -> None:
    """End all sessions of an account. The account counts as offline from now on."""
    await tx.execute("DELETE FROM sessions WHERE login = %s", (login,))
    await tx.execute("UPDATE agents SET last_seen_at = NULL WHERE login = %s", (login,))


async def delete_expired_sessions(tx: Transaction, now: dt.datetime, limit: int) -> None:
    """Delete expired sessions, at most this many. Locked rows are skipped."""
    query = """
        DELETE FROM sessions WHERE token_hash IN (
            SELECT token_hash FROM sessions WHERE expires_at <= %s LIMIT %s FOR UPDATE SKIP LOCKED)"""
    await tx.execute(query, (now, limit))
