"""The faults: their kinds, their order, and how each is injected into the running system."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

import httpx
import psutil
import psycopg

from tests.drill.customers import persist
from tests.drill.records import Fault
from tests.drill.system import BOTS, DrillError, System

#: The number of each kind among fifty. Every drill has at least one of each.
SHARES = {
    "desk killed": 11,
    "bot killed": 9,
    "all bots killed": 2,
    "bot hangs": 8,
    "wallet killed": 3,
    "wallet fails": 3,
    "connections terminated": 4,
    "database refuses": 4,
    "PostgreSQL killed": 3,
    "PostgreSQL restarted": 3,
}
#: Only one of these at a time.
OUTAGES = frozenset({"connections terminated", "database refuses", "PostgreSQL killed", "PostgreSQL restarted"})
AT_ONCE = 3
#: Seconds within which every part must work again.
RECOVERY_SECONDS = 150.0
_REFUSAL_SECONDS = 2.0
_HANGS_FOR = (3.0, 12.0)
#: The wallet's fault switches, one after the other: it acts and loses the answer, refuses before it acts, never answers, is
#: slow and acts all the same, and answers in the name of somebody else.
_WALLET_FAILS: tuple[dict[str, object], ...] = (
    {"fail_after": -1},
    {"fail_before": -1},
    {"never_after": -1},
    {"latency_ms": 2500, "fail_after": 2},
    {"answer": "other_subject"},
    {"status": 503},
)
_WALLET_FAILS_FOR = 2.0
_NOT_US = "datname = 'postgres' AND backend_type = 'client backend' AND pid <> pg_backend_pid()"


def plan(count: int, rng: random.Random, shares: Mapping[str, int] = SHARES) -> list[str]:
    """This many kinds (of faults, unless `shares` says otherwise) in random order: one of each, the rest by their shares."""
    kinds = list(shares)[:count]
    wanted = {kind: shares[kind] / sum(shares.values()) * count for kind in shares}
    while len(kinds) < count:
        kinds.append(max(shares, key=lambda kind: wanted[kind] - kinds.count(kind)))
    rng.shuffle(kinds)
    return kinds


class Faults:
    """Injects faults into a system; `log` records them."""

    def __init__(self, system: System, rng: random.Random, say: Callable[[str], None]) -> None:
        self._system, self._rng, self._say = system, rng, say
        self.log: list[Fault] = []
        self._hit: set[str] = set()
        self._recoveries: set[asyncio.Task[None]] = set()
        self._started = time.time()

    def going_on(self) -> list[Fault]:
        """The faults in progress."""
        return [fault for fault in self.log if fault.over_at is None]

    def all_bots_up(self) -> bool:
        """Whether no fault affects a bot."""
        return not any(name.startswith("bot") for name in self._hit)

    async def do_all(self, kinds: list[str], may_start: Callable[[int], bool]) -> None:
        """Inject these faults in order, as far as the faults in progress allow; `may_start(n)`: whether the n-th is due."""
        left = list(kinds)
        while left:
            self._raise_failures()
            number = len(kinds) - len(left)
            kind = next((kind for kind in left if self._is_possible(kind)), None)
            if kind is None or not may_start(number) or len(self.going_on()) >= AT_ONCE:
                await asyncio.sleep(0.1)
                continue
            left.remove(kind)
            self._do(kind)
        while self._recoveries:
            await asyncio.sleep(0.1)
            self._raise_failures()

    def _is_possible(self, kind: str) -> bool:
        if kind in OUTAGES:
            return not any(fault.kind in OUTAGES for fault in self.going_on())
        if kind == "all bots killed":
            return self.all_bots_up()
        return bool(self._targets(kind))

    def _targets(self, kind: str) -> dict[str, int]:
        """The processes that a fault of this kind may hit now. The last healthy bot may hang, but is not killed."""
        word = next(word for word in ("desk", "wallet", "bot") if word in kind)
        free = {name: pid for name, pid in self._system.pids(word).items() if name not in self._hit}
        if kind == "bot killed" and len(free) < BOTS:
            return {}
        return free

    def _do(self, kind: str) -> None:
        if kind in OUTAGES:
            fault = Fault(kind, "PostgreSQL", time.time())
            work: Awaitable[None] = self._outage(kind)
            names = list[str]()
        else:
            free = self._targets(kind)
            names = sorted(free) if kind == "all bots killed" else [self._rng.choice(sorted(free))]
            fault = Fault(kind, ", ".join(names), time.time())
            if kind == "wallet fails":
                work = self._fail_wallet()
            else:
                work = self._hang(free[names[0]]) if kind == "bot hangs" else self._kill([free[name] for name in names])
        self._hit.update(names)
        self.log.append(fault)
        self._say(f"{fault.at - self._started:6.1f} s  {kind}: {fault.target}")
        task = asyncio.create_task(self._see_through(fault, names, work))
        self._recoveries.add(task)

    def _raise_failures(self) -> None:
        for task in [task for task in self._recoveries if task.done()]:
            self._recoveries.discard(task)
            task.result()

    async def _see_through(self, fault: Fault, names: list[str], work: Awaitable[None]) -> None:
        await work
        deadline = time.monotonic() + RECOVERY_SECONDS
        async with httpx.AsyncClient(trust_env=False) as http:
            while time.monotonic() < deadline:
                well = [await self._system.is_up(http, name) for name in names] or [await self._system.is_database_up()]
                if all(well):
                    fault.over_at = time.time()
                    self._hit.difference_update(names)
                    return
                await asyncio.sleep(0.2)
        raise DrillError(f"{fault.kind} ({fault.target}): no recovery after {RECOVERY_SECONDS:.0f} s")

    def _outage(self, kind: str) -> Awaitable[None]:
        if kind == "connections terminated":
            return self._terminate()
        if kind == "database refuses":
            return self._refuse()
        return self._signal_postgres(signal.SIGKILL if kind == "PostgreSQL killed" else signal.SIGINT)

    # --- kinds -------------------------------------------------------------------------------------------------------------

    async def _kill(self, pids: list[int]) -> None:
        processes = [psutil.Process(pid) for pid in pids]
        for process in processes:
            process.kill()
        for process in processes:
            await _has_ended(process)

    async def _hang(self, pid: int) -> None:
        os.kill(pid, signal.SIGSTOP)
        try:
            await asyncio.sleep(self._rng.uniform(*_HANGS_FOR))
        finally:
            os.kill(pid, signal.SIGCONT)

    async def _fail_wallet(self) -> None:
        """Each of the wallet's faults for some seconds. Without its database the switch is still the process's own."""
        async with self._system.wallet() as http:
            for fault in self._rng.sample(_WALLET_FAILS, 4):
                await self._switch(http, fault)
                await asyncio.sleep(_WALLET_FAILS_FOR)
            await self._switch(http, {})

    async def _switch(self, http: httpx.AsyncClient, fault: dict[str, object]) -> None:
        answer, _ = await persist(lambda: http.put("/v1/faults", json=fault), self._rng)
        answer.raise_for_status()

    async def _signal_postgres(self, number: signal.Signals) -> None:
        postmaster = self._system.postmaster()
        if postmaster is None:
            raise DrillError("PostgreSQL does not run")
        postmaster.send_signal(number)
        await _has_ended(postmaster)

    @contextlib.asynccontextmanager
    async def _from_outside(self) -> AsyncIterator[psycopg.AsyncConnection[dict[str, object]]]:
        async with await self._system.connect("template1") as connection:
            yield connection

    async def _terminate(self) -> None:
        async with self._from_outside() as connection:
            await connection.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {_NOT_US}")

    async def _refuse(self) -> None:
        async with self._from_outside() as connection:
            await connection.execute("ALTER DATABASE postgres ALLOW_CONNECTIONS false")
            try:
                await connection.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {_NOT_US}")
                await asyncio.sleep(_REFUSAL_SECONDS)
            finally:
                await connection.execute("ALTER DATABASE postgres ALLOW_CONNECTIONS true")


async def _has_ended(process: psutil.Process) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
            await asyncio.sleep(0.02)
