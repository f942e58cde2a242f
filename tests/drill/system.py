"""The system under the drill: its own processes, ports and folder, started by scripts/supervise.py."""

from __future__ import annotations

import asyncio
import ctypes
import json
import os
import random
import signal
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg
from psycopg.rows import dict_row

from content.compiler import load_desk_policy
from handoff.accounts.accounts import Accounts
from handoff.bootstrap import make_accounts, utc_now
from handoff.conversations.rebuild import find_differences
from handoff.runtime.database import make_pool
from handoff.runtime.notifications import notify_once
from handoff.runtime.transaction import Store
from tests.drill.aid_audit import Books
from tests.drill.neglect import Photograph
from tests.drill.records import Deed, Entry, Place

ROOT = Path(__file__).parents[2]
DESKS, BOTS = 3, 2
READY_SECONDS = 180.0
STOP_SECONDS = 60.0
#: How an account loses its conversations: by the account commands, or by a direct change of the table.
_CHANGES = {
    "removed in the database": "DELETE FROM agents WHERE login = %s",
    "made editor in the database": "UPDATE agents SET role = 'editor' WHERE login = %s",
}
WAYS_TO_VANISH = ("removed", "disabled", "made editor", *_CHANGES)
#: A conversation is not offered again to an agent who let it go for so many seconds (data/desk.yml, `widen_after_minutes`). One
#: that comes back waits up to two minutes for the agent who knew it.
ROUTING_PATIENCE = 300
_WAITING = """
    SELECT id, array_remove(ARRAY(
            SELECT passed ->> 'login' FROM jsonb_array_elements(coalesce(handling -> 'passed', '[]')) passed
            WHERE now() - (passed ->> 'at')::timestamptz < make_interval(secs => %s))
        || CASE WHEN (handling -> 'known_by' ->> 'at')::timestamptz >= queued_at THEN handling -> 'known_by' ->> 'login' END,
        NULL) AS not_to
    FROM conversations WHERE status = 'queued' AND offered_to IS NULL
        AND (handling -> 'known_by' ->> 'at' IS NULL OR (handling -> 'known_by' ->> 'at')::timestamptz >= queued_at
            OR now() - queued_at > interval '2 minutes')"""
#: What an agent holds counts in full here, so an agent who is free here is free by weights, too.
_FREE = """
    SELECT login FROM agents WHERE role = 'agent' AND NOT is_disabled AND presence = 'available'
        AND last_seen_at > now() - interval '40 seconds'
        AND (active_at IS NULL OR active_at > now() - interval '9 minutes')
        AND NOT EXISTS (SELECT FROM conversations WHERE offered_to = login)
        AND (SELECT count(*) FROM conversations WHERE status = 'assigned' AND agent = login) < capacity"""
_PR_SET_PDEATHSIG = 1
#: Settings of the user's own system, which must not affect the drill's.
_FOREIGN = tuple(
    "DATABASE_URL BOT_URLS DESK_URL BOT_TOKEN SERVICE_TOKEN ACTION_URL MODELS_DIR WALLET_URL WALLET_KEY WALLET_PORT".split()
)


class DrillError(Exception):
    """The drill itself could not continue; the message gives the cause."""


def _die_with_parent() -> None:
    # However the drill ends, its system ends with it, in order.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def free_ports(count: int) -> int:
    """The first of this many consecutive free ports, below the range that the kernel uses for outgoing connections."""
    for _ in range(200):
        first = random.randrange(20_000, 32_000 - count)
        try:
            for port in range(first, first + count):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
        except OSError:
            continue
        return first
    raise DrillError(f"there are no {count} consecutive free ports")


class System:
    """One running system."""

    def __init__(self, root: Path = ROOT) -> None:
        self._root = root  # the checkout that runs
        self.folder = Path(tempfile.mkdtemp(prefix="drill-"))
        first = free_ports(1 + DESKS + BOTS)
        ports = {"DESK_PORT": first, "BOT_PORT": first + 1 + DESKS}
        self.environment = {name: value for name, value in os.environ.items() if name not in _FOREIGN}
        self.environment |= {name: str(port) for name, port in ports.items()}
        self.environment |= {"VAR_DIR": str(self.folder), "DESKS": str(DESKS), "BOTS": str(BOTS), "DEMO": "1"}
        # As behind a proxy on this machine: each simulated customer has an address of their own, like real ones.
        self.environment["FORWARDED_ALLOW_IPS"] = "127.0.0.1"
        self.url = f"http://127.0.0.1:{first}"
        self.output = self.folder / "supervisor.log"
        self._supervisor: asyncio.subprocess.Process | None = None

    # --- starting and stopping -------------------------------------------------------------------------------------------

    async def start(self) -> float:
        """Start it and wait until it reports that it is ready; how long that took."""
        started = time.monotonic()
        with self.output.open("wb") as output:
            self._supervisor = await asyncio.create_subprocess_exec(
                sys.executable,
                "scripts/supervise.py",
                cwd=self._root,
                env=self.environment,
                stdout=output,
                stderr=output,
                preexec_fn=_die_with_parent,
            )
        while "Ready after" not in self.output.read_text(encoding="utf-8"):
            if self._supervisor.returncode is not None or time.monotonic() - started > READY_SECONDS:
                raise DrillError(f"the system did not start:\n{self.output.read_text(encoding='utf-8')}")
            await asyncio.sleep(0.2)
        return time.monotonic() - started

    async def stop(self) -> list[str]:
        """Send Ctrl-C; returns the processes left running, which are then killed."""
        if self._supervisor is None or self._supervisor.returncode is not None:
            return []
        family = psutil.Process(self._supervisor.pid).children(recursive=True)
        postmaster = self.postmaster()
        if postmaster is not None:
            family += [postmaster, *postmaster.children(recursive=True)]
        self._supervisor.send_signal(signal.SIGINT)
        try:
            await asyncio.wait_for(self._supervisor.wait(), STOP_SECONDS)
        except TimeoutError:
            self._supervisor.kill()
        _, alive = await asyncio.to_thread(psutil.wait_procs, family, 5)
        left = [process.name() for process in alive if process.is_running()]
        for process in alive:
            process.kill()
        return left

    # --- its processes ---------------------------------------------------------------------------------------------------

    def run(self) -> dict[str, Any]:
        """The supervisor's run file."""
        content: dict[str, Any] = json.loads((self.folder / "run.json").read_text(encoding="utf-8"))
        return content

    def pids(self, kind: str) -> dict[str, int]:
        """Name -> process id of the running desks or bots; our own supervisor's children only."""
        assert self._supervisor is not None
        ours = {child.pid for child in psutil.Process(self._supervisor.pid).children()}
        return {name: pid for name, pid in self.run()["processes"].items() if name.startswith(kind) and pid in ours}

    def desks(self) -> list[str]:
        """The address of each single desk; `url` leads to any of them."""
        return list(self.run()["desks"])

    def health_url(self, name: str) -> str:
        """A process's health address."""
        if name == "wallet":
            return f"{self.run()['environment']['WALLET_URL']}/healthz"
        kind, _, number = name.partition("-")
        index = int(number) - 1
        if kind == "desk":
            return f"{self.run()['desks'][index]}/healthz"
        return f"http://127.0.0.1:{int(self.environment['BOT_PORT']) + index}/webhooks/desk/"

    async def is_up(self, http: httpx.AsyncClient, name: str) -> bool:
        """Whether a process answers."""
        try:
            return (await http.get(self.health_url(name), timeout=2)).status_code == 200
        except httpx.TransportError:
            return False

    # --- its database ----------------------------------------------------------------------------------------------------

    def _pid_file(self) -> list[str]:
        try:
            return (self.folder / "postgres" / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return []

    def postmaster(self) -> psutil.Process | None:
        """PostgreSQL's main process, if it runs."""
        lines = self._pid_file()
        try:
            process = psutil.Process(int(lines[0])) if lines else None
            return process if process is not None and str(self.folder) in " ".join(process.cmdline()) else None
        except (psutil.NoSuchProcess, psutil.ZombieProcess):
            return None

    async def connect(self, database: str = "postgres") -> psycopg.AsyncConnection[dict[str, Any]]:
        """A connection of the drill's own. Raises psycopg.OperationalError while there is no server."""
        lines = self._pid_file()
        if len(lines) < 5:
            raise psycopg.OperationalError("the server is not running")
        return await psycopg.AsyncConnection.connect(
            host=lines[4], user="postgres", dbname=database, autocommit=True, row_factory=dict_row, connect_timeout=5
        )

    async def is_database_up(self) -> bool:
        """Whether the desks' database accepts connections."""
        try:
            async with await self.connect() as connection:
                await connection.execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    async def turns_due(self) -> int:
        """How many conversations wait for a turn or have a running one."""
        async with await self.connect() as connection:
            rows = await connection.execute(
                "SELECT (SELECT count(*) FROM conversations WHERE due_at IS NOT NULL)"
                " + (SELECT count(*) FROM turns WHERE expires_at > now()) AS due"
            )
            row = await rows.fetchone()
        assert row is not None
        return int(row["due"])

    async def logs(self) -> dict[str, list[Entry]]:
        """The log of every conversation."""
        logs: dict[str, list[Entry]] = {}
        async with await self.connect() as connection:
            async for row in await connection.execute("SELECT * FROM events ORDER BY conversation_id, seq"):
                entry = Entry(row["seq"], row["type"], row["at"].timestamp(), row["by_kind"], row["by_name"], row["data"])
                logs.setdefault(row["conversation_id"], []).append(entry)
        return logs

    def wallet(self) -> httpx.AsyncClient:
        """A client of the sample wallet with its key."""
        environment = self.run()["environment"]
        headers = {"Authorization": f"Bearer {environment['WALLET_KEY']}"}
        return httpx.AsyncClient(base_url=environment["WALLET_URL"], headers=headers, trust_env=False, timeout=10)

    async def books(self) -> Books:
        """The sample wallet's own records, from its database."""
        books = Books()
        async with await self.connect("sample_wallet") as connection:
            async for row in await connection.execute("SELECT subject, key, request, state FROM actions"):
                asked = row["request"]
                target = asked.get("transaction") or asked.get("payee") or asked.get("card")
                books.deeds.append(Deed(row["subject"], row["key"], asked["action"], row["state"], target))
            owned = "SELECT subject, id FROM transactions UNION ALL SELECT subject, id FROM refunds"
            books.owner_of = {row["id"]: row["subject"] async for row in await connection.execute(owned)}
        return books

    async def differing_rows(self) -> list[str]:
        """Conversations whose row is not the fold of their log, each with the columns that differ."""
        async with make_pool(self._database_url(), 1) as pool:
            return [f"{each.conversation_id}: {' '.join(each.columns)}" async for each in find_differences(Store(pool))]

    # --- accounts --------------------------------------------------------------------------------------------------------

    async def change_account(self, login: str, how: str) -> None:
        """Take conversations away from an account, in one of `WAYS_TO_VANISH`. Raises psycopg.Error, Unavailable."""
        if how.endswith("in the database"):
            async with await self.connect() as connection:
                await connection.execute(_CHANGES[how], (login,))
            return
        changed: set[str] = set()
        async with self._accounts(changed.update) as accounts:
            if how == "removed":
                await accounts.remove(login)
            elif how == "disabled":
                await accounts.disable(login)
            else:
                await accounts.set_role(login, "editor")
        await notify_once(self._database_url(), changed)

    async def places(self) -> dict[str, Place]:
        """The state of every conversation."""
        async with await self.connect() as connection:
            rows = await connection.execute("SELECT id, status, agent FROM conversations")
            return {row["id"]: Place(row["status"], row["agent"]) async for row in rows}

    async def photograph(self) -> Photograph:
        """Who waits and who is free. Raises psycopg.Error."""
        async with await self.connect() as connection:
            rows = await connection.execute(_WAITING, (ROUTING_PATIENCE,))
            waiting = {row["id"]: frozenset(row["not_to"]) async for row in rows}
            free = await connection.execute(_FREE)
            logins = frozenset([row["login"] async for row in free])
        return Photograph(time.time(), waiting, logins)

    async def able_logins(self) -> frozenset[str]:
        """The accounts that take conversations."""
        async with await self.connect() as connection:
            rows = await connection.execute(
                "SELECT login FROM agents WHERE role IN ('agent', 'supervisor') AND NOT is_disabled"
            )
            return frozenset([row["login"] async for row in rows])

    def _database_url(self) -> str:
        return f"postgresql://postgres:@/postgres?host={self._pid_file()[4]}"

    @asynccontextmanager
    async def _accounts(self, wake: Callable[[Iterable[str]], None]) -> AsyncIterator[Accounts]:
        """The accounts, as `python -m handoff` changes them."""
        async with make_pool(self._database_url(), 1) as pool:
            yield make_accounts(Store(pool, wake), load_desk_policy(ROOT / "data"), utc_now)

    async def add_accounts(self, names: dict[str, str], password: str, role: str = "agent") -> None:
        """Agents' accounts, login -> name, created as `python -m handoff add-account` creates them."""
        async with self._accounts(lambda topics: None) as accounts:
            for login, name in names.items():
                await accounts.save(login, name, role, password)
