"""The sample wallet's tables and SQL, in a database of its own."""

from __future__ import annotations

import datetime as dt
from typing import Any

from psycopg import AsyncConnection
from psycopg.types.json import Jsonb

from contract.wallet import Account, Action, ActionResult, Benefits, Limits, Refund, Transaction, Why, as_text
from scripts.sample_wallet.seed import customers

Connection = AsyncConnection[tuple[Any, ...]]

_TABLES = """
    CREATE TABLE IF NOT EXISTS run (id text NOT NULL, started_at timestamptz NOT NULL);
    CREATE TABLE IF NOT EXISTS accounts (
        subject text PRIMARY KEY, account jsonb NOT NULL, coupons jsonb NOT NULL, points jsonb NOT NULL, limits jsonb NOT NULL);
    CREATE TABLE IF NOT EXISTS transactions (
        subject text NOT NULL, id text NOT NULL, at timestamptz NOT NULL, body jsonb NOT NULL, PRIMARY KEY (subject, id));
    CREATE TABLE IF NOT EXISTS refunds (
        subject text NOT NULL, id text NOT NULL, at timestamptz NOT NULL, body jsonb NOT NULL, PRIMARY KEY (subject, id));
    CREATE TABLE IF NOT EXISTS blocked_payees (subject text NOT NULL, payee text NOT NULL, PRIMARY KEY (subject, payee));
    CREATE TABLE IF NOT EXISTS actions (
        subject text NOT NULL, key text NOT NULL, request jsonb NOT NULL, state text NOT NULL, why jsonb,
        at timestamptz NOT NULL, PRIMARY KEY (subject, key));
    CREATE TABLE IF NOT EXISTS recalls (
        subject text NOT NULL, key text NOT NULL, transaction text NOT NULL, PRIMARY KEY (subject, key))"""
#: An advisory lock: one process seeds while others wait.
_SEED_LOCK = 7_250_419_101


async def prepare(connection: Connection, run: str, now: dt.datetime) -> None:
    """Make the tables, and the customers anew if they are of another run. The actions are kept: their keys stay used."""
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock(%s)", (_SEED_LOCK,))
        await connection.execute(_TABLES)
        stored = await (await connection.execute("SELECT id FROM run")).fetchone()
        if stored is not None and stored[0] == run:
            return
        await connection.execute("TRUNCATE run, accounts, transactions, refunds, blocked_payees")
        await _seed(connection, now)
        await connection.execute("INSERT INTO run VALUES (%s, %s)", (run, now))


async def _seed(connection: Connection, now: dt.datetime) -> None:
    accounts, transactions, refunds = [], [], []
    for each in customers(now):
        coupons = [coupon.as_json() for coupon in each.benefits.coupons]
        bodies = (each.account.as_json(), coupons, each.benefits.points.as_json(), each.limits.as_json())
        accounts.append((each.subject, *(Jsonb(body) for body in bodies)))
        transactions += [(each.subject, one.id, one.at, Jsonb(one.as_json())) for one in each.transactions]
        refunds += [(each.subject, one.id, one.at, Jsonb(one.as_json())) for one in each.refunds]
    async with connection.cursor() as cursor:
        await cursor.executemany("INSERT INTO accounts VALUES (%s, %s, %s, %s, %s)", accounts)
        await cursor.executemany("INSERT INTO transactions VALUES (%s, %s, %s, %s)", transactions)
        await cursor.executemany("INSERT INTO refunds VALUES (%s, %s, %s, %s)", refunds)


async def started_at(connection: Connection) -> dt.datetime | None:
    """When the customers were made."""
    row = await (await connection.execute("SELECT started_at FROM run")).fetchone()
    return row[0] if row else None


async def find_account(connection: Connection, subject: str, *, lock: bool = False) -> Account | None:
    """A customer's account."""
    sql = "SELECT account FROM accounts WHERE subject = %s"
    row = await (await connection.execute(f"{sql} FOR UPDATE" if lock else sql, (subject,))).fetchone()
    return Account.from_json({**row[0], "subject": subject}, subject) if row else None


async def save_account(connection: Connection, subject: str, account: Account) -> None:
    """Store a changed account."""
    await connection.execute("UPDATE accounts SET account = %s WHERE subject = %s", (Jsonb(account.as_json()), subject))


async def find_benefits(connection: Connection, subject: str) -> Benefits | None:
    """A customer's coupons and points."""
    row = await (await connection.execute("SELECT coupons, points FROM accounts WHERE subject = %s", (subject,))).fetchone()
    return Benefits.from_json({"subject": subject, "coupons": row[0], "points": row[1]}, subject) if row else None


async def find_limits(connection: Connection, subject: str) -> Limits | None:
    """A customer's limits."""
    row = await (await connection.execute("SELECT limits FROM accounts WHERE subject = %s", (subject,))).fetchone()
    return Limits.from_json({**row[0], "subject": subject}, subject) if row else None


async def newest_transactions(connection: Connection, subject: str, limit: int) -> list[Transaction]:
    """The newest transactions, the newest first."""
    sql = "SELECT body FROM transactions WHERE subject = %s ORDER BY at DESC, id DESC LIMIT %s"
    rows = await (await connection.execute(sql, (subject, limit))).fetchall()
    return [Transaction.from_json(row[0]) for row in rows]


async def find_transaction(connection: Connection, subject: str, transaction: str) -> Transaction | None:
    """One transaction of a customer."""
    sql = "SELECT body FROM transactions WHERE subject = %s AND id = %s"
    row = await (await connection.execute(sql, (subject, transaction))).fetchone()
    return Transaction.from_json(row[0]) if row else None


async def save_transaction(connection: Connection, subject: str, transaction: Transaction) -> None:
    """Store a changed transaction."""
    sql = "UPDATE transactions SET body = %s WHERE subject = %s AND id = %s"
    await connection.execute(sql, (Jsonb(transaction.as_json()), subject, transaction.id))


async def all_refunds(connection: Connection, subject: str) -> list[Refund]:
    """A customer's refunds, the newest first."""
    sql = "SELECT body FROM refunds WHERE subject = %s ORDER BY at DESC, id DESC"
    rows = await (await connection.execute(sql, (subject,))).fetchall()
    return [Refund.from_json(row[0]) for row in rows]


async def block_payee(connection: Connection, subject: str, payee: str) -> None:
    """Block a payee; nothing changes if it is blocked."""
    await connection.execute("INSERT INTO blocked_payees VALUES (%s, %s) ON CONFLICT DO NOTHING", (subject, payee))


async def unblock_payee(connection: Connection, subject: str, payee: str) -> None:
    """Allow a payee again."""
    await connection.execute("DELETE FROM blocked_payees WHERE subject = %s AND payee = %s", (subject, payee))


async def find_action(connection: Connection, subject: str, key: str) -> tuple[Action, ActionResult] | None:
    """What was asked for with a key, and what became of it."""
    sql = "SELECT request, state, why, at FROM actions WHERE subject = %s AND key = %s"
    row = await (await connection.execute(sql, (subject, key))).fetchone()
    if row is None:
        return None
    action = Action.from_json(row[0])
    why = Why.from_json(row[2]) if row[2] else None
    return action, ActionResult(key, action.action, row[1], row[3], why)


async def save_action(connection: Connection, subject: str, action: Action, result: ActionResult) -> None:
    """Store an action's result; a later result of the same key replaces it."""
    sql = """
        INSERT INTO actions VALUES (%s, %s, %s, %s, %s, %s)
        ON CONFLICT (subject, key) DO UPDATE SET state = excluded.state, why = excluded.why, at = excluded.at"""
    why = Jsonb(result.why.as_json()) if result.why else None
    await connection.execute(sql, (subject, action.key, Jsonb(action.as_json()), result.state, why, result.at))


async def save_target(connection: Connection, subject: str, key: str, transaction: str) -> None:
    """Remember which transfer a bank was asked to recall."""
    sql = "INSERT INTO recalls VALUES (%s, %s, %s) ON CONFLICT DO NOTHING"
    await connection.execute(sql, (subject, key, transaction))


async def find_target(connection: Connection, subject: str, key: str) -> str | None:
    """The transfer that a bank was asked to recall."""
    sql = "SELECT transaction FROM recalls WHERE subject = %s AND key = %s"
    row = await (await connection.execute(sql, (subject, key))).fetchone()
    return row[0] if row else None


async def done_actions(connection: Connection, subject: str) -> list[dict[str, Any]]:
    """All actions of a customer in the order of their time, for tests and the drill."""
    sql = "SELECT request, state, at FROM actions WHERE subject = %s ORDER BY at, key"
    rows = await (await connection.execute(sql, (subject,))).fetchall()
    return [{**row[0], "state": row[1], "at": as_text(row[2])} for row in rows]
