"""The fault drill: `make drill`. Runs the whole system under load, breaks it in every way possible on one machine, audits it.

Described in docs/drill.md. Exit code: 0 when every bar is met, 1 when one is not, 2 when the drill could not run.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import dataclasses
import json
import random
import shutil
import sys
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg

from content.compiler import load_desk_policy
from tests.drill.agents import Agent
from tests.drill.aid_audit import check_aid, unsettled
from tests.drill.aid_audit import figures as aid_figures
from tests.drill.audit import audit
from tests.drill.customers import Customer, read_sentences
from tests.drill.faults import SHARES, Faults, plan
from tests.drill.neglect import Photograph
from tests.drill.people_audit import People
from tests.drill.races import KINDS, Races
from tests.drill.races import SHARES as RACE_SHARES
from tests.drill.report import ROWS_DIFFER, Figures, has_passed, make_report, table
from tests.drill.signed import SignedCustomer, subject_of
from tests.drill.system import ROOT, System

#: Seconds beyond the turn's deadline that a customer may wait for the first reply.
GRACE_SECONDS = 5.0
DEMO_AGENTS = {"agent": "小林", "agent2": "小周", "supervisor": "陈主管"}
#: Accounts created for the drill; the last one leaves for good while it has conversations.
MADE_AGENTS = {"drill1": "演练一", "drill2": "演练二", "drill3": "演练三"}
_PASSWORD = "drill-password"  # of accounts that exist only during the drill
_SETTLE_SECONDS = 45.0
#: Address numbers of the agents.
_FIRST_AGENT = 300_000
#: Conversations that may start before the fault that is due with them.
_AHEAD = 6


def say(text: str) -> None:
    """Print a message for the operator."""
    print(text, flush=True)


class Drill:
    """One drill on one running system."""

    def __init__(self, system: System, options: argparse.Namespace) -> None:
        self._system, self._options = system, options
        self._faults = Faults(system, random.Random(f"{options.seed}-targets"), say)
        self._kinds = plan(options.faults, random.Random(f"{options.seed}-plan"))
        self._sentences = read_sentences()
        self._reserved: set[str] = set()
        self._races = Races(system, self._sentences, options.seed, self._reserved)
        self._race_kinds = plan(options.races, random.Random(f"{options.seed}-races"), RACE_SHARES)
        self.customers: list[Customer] = []
        self.agents: list[Agent] = []
        self._ended = 0
        self._photographs: list[Photograph] = []

    async def run(self) -> None:
        """Run customers, agents, races and faults in parallel; then wait for the end of all work."""
        await self._system.add_accounts(MADE_AGENTS, _PASSWORD)
        await self._races.prepare(self._race_kinds)
        accounts = {login: (name, login) for login, name in DEMO_AGENTS.items()}
        accounts |= {login: (name, _PASSWORD) for login, name in MADE_AGENTS.items()}
        for number, (login, (name, password)) in enumerate(accounts.items()):
            rng = random.Random(f"{self._options.seed}-{login}")
            agent = Agent(self._system.url, login, name, password, rng, _FIRST_AGENT + number)
            agent.reserved = self._reserved
            agent.colleagues = [other for other in accounts if other != login]
            self.agents.append(agent)
        leaver = self.agents[-1]
        total = self._options.conversations
        async with asyncio.TaskGroup() as crowd:
            shift = [
                crowd.create_task(a.work(lambda a=a: a is leaver and self._ended > total * 0.15))  # type: ignore[misc]
                for a in self.agents
            ]
            photographing = crowd.create_task(self._photograph())
            faults = crowd.create_task(self._faults.do_all(self._kinds, self._is_time))
            numbers = iter(range(total))
            seats = [crowd.create_task(self._seat(numbers)) for _ in range(min(self._options.at_once, total))]
            races = iter(enumerate(self._race_kinds))
            tracks = [crowd.create_task(self._track(races)) for _ in range(self._options.races_at_once)]
            await asyncio.gather(faults, *seats, *tracks)
            photographing.cancel()
            for task in shift:
                task.cancel()
        await self._settle()

    async def _photograph(self) -> None:
        """Record every second who waits and who is free. Without the database there is no picture."""
        while True:
            with contextlib.suppress(psycopg.Error):
                picture = await self._system.photograph()
                # Conversations of the races are raced for: their people take them at a moment of their own.
                waiting = {name: not_to for name, not_to in picture.waiting.items() if name not in self._reserved}
                self._photographs.append(dataclasses.replace(picture, waiting=waiting))
            await asyncio.sleep(1)

    def _due(self, number: float) -> float:
        """The conversation with which a fault starts: faults are spread evenly over all of them."""
        conversations, faults = int(self._options.conversations), int(self._options.faults)
        return (number + 0.5) * conversations / faults

    def _is_time(self, number: int) -> bool:
        return len(self.customers) >= self._due(number)

    async def _track(self, races: Iterator[tuple[int, str]]) -> None:
        """One race after the other, spread evenly over the conversations."""
        for number, kind in races:
            while len(self.customers) < number * self._options.conversations / len(self._race_kinds):
                await asyncio.sleep(0.1)
            await self._races.hold(number, kind)

    async def _seat(self, numbers: Iterator[int]) -> None:
        for number in numbers:
            # Faults wait for each other. Customers wait for the faults, so that the last faults still meet customers.
            while len(self._faults.log) < len(self._kinds) and self._due(len(self._faults.log)) < number - _AHEAD:
                await asyncio.sleep(0.1)
            customer = self._new_customer(number)
            self.customers.append(customer)
            await customer.live()
            self._ended += 1

    def _new_customer(self, number: int) -> Customer:
        rng, subject = random.Random(f"{self._options.seed}-c{number}"), subject_of(number)
        if subject is None:
            return Customer(number, self._system.url, self._sentences, rng)
        return SignedCustomer(number, self._system.url, self._sentences, rng, subject)

    async def _settle(self) -> None:
        """Wait until no turn is due, no vanished account has a conversation, and no order is open. The audit shows the rest."""
        deadline = time.monotonic() + _SETTLE_SECONDS
        while time.monotonic() < deadline and (await self._system.turns_due() or await self._is_left_with_nobody()):
            await asyncio.sleep(0.25)
        while time.monotonic() < deadline and unsettled(await self._system.logs()):
            await asyncio.sleep(1)
        for agent in self._races.agents:
            await agent.close()

    async def _is_left_with_nobody(self) -> bool:
        able = await self._system.able_logins()
        return any(place.status == "assigned" and place.agent not in able for place in (await self._system.places()).values())

    async def report(self, settings: dict[str, object], longest_wait: float) -> dict[str, Any]:
        """The audit's result and all figures."""
        logs = await self._system.logs()
        everybody = [*self.customers, *self._races.customers]
        # The watchdog may write while the drill ends. Whatever is in the logs, the customers must be able to read now.
        for customer in everybody:
            await customer.read_the_rest()
        clients = [customer.client for customer in everybody]
        agents = [*self.agents, *self._races.agents]
        claims = [claim for agent in agents for claim in agent.claims]
        sends = [send for agent in agents for send in agent.sends]
        people = People(
            {}, await self._system.places(), await self._system.able_logins(), self._races.vanished, self._faults.log
        )
        people.photographs = self._photographs
        for acts in [*(customer.acts for customer in everybody), *(agent.acts for agent in agents)]:
            for act in acts:
                people.acts.setdefault(act.conversation, []).append(act)
        breaches, waits = audit(clients, logs, claims, sends, longest_wait, time.time(), people)
        books = await self._system.books()
        breaches += check_aid(clients, logs, books, people.places)
        refusals = [refusal for agent in agents for refusal in agent.refusals]
        figures = Figures(clients, logs, people, breaches, waits, refusals, len(claims), self._races.log, self._races.unmet)
        return make_report(settings, figures, longest_wait) | {"first_aid": aid_figures(clients, logs, books)}


async def main(options: argparse.Namespace) -> int:
    """Start, drill, audit, stop. Returns the exit code."""
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
        differing = await system.differing_rows()
        report["bars"][ROWS_DIFFER] = len(differing)
        report["rows_that_differ"] = differing
        left = await system.stop()
        report["bars"]["processes left running"] = len(left)
        report["seconds"] = time.monotonic() - started
        options.out.mkdir(parents=True, exist_ok=True)
        (options.out / "drill.json").write_text(json.dumps(report, indent=1, ensure_ascii=False), encoding="utf-8")
        say(table(report))
        code = 0 if has_passed(report) else 1
        verdict = "PASSED" if code == 0 else "FAILED"
        say(f"\n{verdict} after {report['seconds']:.0f} s; the results are in {options.out / 'drill.json'}")
    except Exception:  # an error of the drill itself is no verdict on the system
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
    parser.add_argument("--faults", type=int, default=50, help=f"{len(SHARES)} or more: at least one of each kind")
    parser.add_argument("--races", type=int, default=200, help=f"{len(KINDS)} or more: one of each kind at least")
    parser.add_argument("--races-at-once", type=int, default=4, help="races at the same time")
    parser.add_argument("--at-once", type=int, default=24, help="customers at the same time")
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    parser.add_argument("--out", type=Path, default=Path("var/drill"))
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(asyncio.run(main(read_options())))
