"""The fault drill: `make drill`. Runs the whole system under load, breaks it in every way that one machine allows, audits it.

Described in docs/drill.md. Exit code: 0 when every bar is kept, 1 when one is not, 2 when the drill could not be done.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import shutil
import sys
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from handoff.services.desk_policy import load_desk_policy
from tests.drill.agents import Agent
from tests.drill.audit import audit
from tests.drill.customers import Customer, read_sentences
from tests.drill.faults import SHARES, Faults, plan
from tests.drill.report import has_passed, make_report, table
from tests.drill.system import ROOT, System

#: Beyond the turn's deadline: what a customer may wait for the first word.
GRACE_SECONDS = 5.0
DEMO_AGENTS = {"agent": "小林", "agent2": "小周", "supervisor": "陈主管"}
#: Accounts made for the drill; the last one leaves for ever in the middle of its work.
MADE_AGENTS = {"drill1": "演练一", "drill2": "演练二", "drill3": "演练三"}
_PASSWORD = "drill-password"  # of accounts that live as long as the drill
_SETTLE_SECONDS = 45.0
#: Conversations that may begin before the fault that is due with them.
_AHEAD = 6


def say(text: str) -> None:
    """Tell the person who started this."""
    print(text, flush=True)


class Drill:
    """One drill on one running system."""

    def __init__(self, system: System, options: argparse.Namespace) -> None:
        self._system, self._options = system, options
        self._faults = Faults(system, random.Random(f"{options.seed}-targets"), say)
        self._kinds = plan(options.faults, random.Random(f"{options.seed}-plan"))
        self._sentences = read_sentences()
        self.customers: list[Customer] = []
        self.agents: list[Agent] = []
        self._ended = 0

    async def run(self) -> None:
        """Customers, agents and faults side by side; then quiet."""
        await self._system.add_accounts(MADE_AGENTS, _PASSWORD)
        accounts = {login: (name, login) for login, name in DEMO_AGENTS.items()}
        accounts |= {login: (name, _PASSWORD) for login, name in MADE_AGENTS.items()}
        for login, (name, password) in accounts.items():
            rng = random.Random(f"{self._options.seed}-{login}")
            agent = Agent(self._system.url, login, name, password, rng)
            agent.colleagues = [other for other in accounts if other != login]
            self.agents.append(agent)
        leaver = self.agents[-1]
        total = self._options.conversations
        async with asyncio.TaskGroup() as crowd:
            shift = [
                crowd.create_task(a.work(lambda a=a: a is leaver and self._ended > total * 0.15))  # type: ignore[misc]
                for a in self.agents
            ]
            faults = crowd.create_task(self._faults.do_all(self._kinds, self._is_time))
            numbers = iter(range(total))
            seats = [crowd.create_task(self._seat(numbers)) for _ in range(min(self._options.at_once, total))]
            await asyncio.gather(faults, *seats)
            for task in shift:
                task.cancel()
        await self._settle()

    def _due(self, number: float) -> float:
        """With which conversation a fault comes: they are spread evenly over all of them."""
        conversations, faults = int(self._options.conversations), int(self._options.faults)
        return (number + 0.5) * conversations / faults

    def _is_time(self, number: int) -> bool:
        return len(self.customers) >= self._due(number)

    async def _seat(self, numbers: Iterator[int]) -> None:
        for number in numbers:
            # Faults wait for each other to be over; so that customers are left for the last ones, these wait for them.
            while len(self._faults.log) < len(self._kinds) and self._due(len(self._faults.log)) < number - _AHEAD:
                await asyncio.sleep(0.1)
            customer = Customer(number, self._system.url, self._sentences, random.Random(f"{self._options.seed}-c{number}"))
            self.customers.append(customer)
            await customer.live()
            self._ended += 1

    async def _settle(self) -> None:
        """Until no turn is due any more; what never ends shows in the audit."""
        deadline = time.monotonic() + _SETTLE_SECONDS
        while time.monotonic() < deadline and await self._system.turns_due():
            await asyncio.sleep(0.25)
        for customer in self.customers:
            await customer.read_the_rest()

    async def report(self, settings: dict[str, object], longest_wait: float) -> dict[str, Any]:
        """The audit's result and all figures."""
        logs = await self._system.logs()
        clients = [customer.client for customer in self.customers]
        claims = [claim for agent in self.agents for claim in agent.claims]
        sends = [send for agent in self.agents for send in agent.sends]
        breaches, waits = audit(clients, logs, claims, sends, longest_wait, time.time())
        refusals = [refusal for agent in self.agents for refusal in agent.refusals]
        return make_report(settings, clients, logs, self._faults.log, breaches, waits, refusals, len(claims), longest_wait)


async def main(options: argparse.Namespace) -> int:
    """Start, drill, audit, stop; the exit code."""
    started = time.monotonic()
    system = System()
    code = 2
    try:
        say(f"drill with SEED={options.seed} in {system.folder}")
        say(f"ready after {await system.start():.0f} s")
        drill = Drill(system, options)
        await drill.run()
        say(f"quiet after {time.monotonic() - started:.0f} s")
        deadline = load_desk_policy(ROOT / "data").turn_deadline.total_seconds()
        settings = {name: value for name, value in vars(options).items() if name != "out"}
        report = await drill.report(settings, deadline + GRACE_SECONDS)
        left = await system.stop()
        report["bars"]["processes left running"] = len(left)
        report["seconds"] = time.monotonic() - started
        options.out.mkdir(parents=True, exist_ok=True)
        (options.out / "drill.json").write_text(json.dumps(report, indent=1, ensure_ascii=False), encoding="utf-8")
        say(table(report))
        code = 0 if has_passed(report) else 1
        verdict = "PASSED" if code == 0 else "FAILED"
        say(f"\n{verdict} after {report['seconds']:.0f} s; all of it is in {options.out / 'drill.json'}")
    except Exception:  # of the drill itself, or of what it could not start: that is no verdict on the system
        traceback.print_exc()
    finally:
        await system.stop()
        if code == 0:
            shutil.rmtree(system.folder)
        else:
            say(f"logs and database are kept in {system.folder}")
    return code


def read_options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.drill", description="Break the running system, and audit it.")
    parser.add_argument("--conversations", type=int, default=500)
    parser.add_argument("--faults", type=int, default=50, help=f"{len(SHARES)} or more: one of each kind at least")
    parser.add_argument("--at-once", type=int, default=24, help="customers at the same time")
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    parser.add_argument("--out", type=Path, default=Path("var/drill"))
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(asyncio.run(main(read_options())))
