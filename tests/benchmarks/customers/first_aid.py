"""First aid pressed twice, in two tabs, with a failing wallet and dying desks: what is done twice, or called done and is not.

    .venv/desk/bin/python -m tests.benchmarks.customers.first_aid [--trials 500] [--kills 10] [--quick] [--json FILE]

`trials`: the desk's code dies at a chosen step (tests/handoff/first_aid/trials.py). `kills`: a desk process is killed (SIGKILL)
while 20 customers press at two processes; the other one goes on.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import yaml

from content.desk_policy import DeskPolicy
from handoff.bootstrap import published_content
from handoff.runtime.database import make_pool, migrate, start_embedded_server
from tests.benchmarks.workshop.measures import Measure, report
from tests.handoff.conftest import DATA, MANY, limits, make_database, publish
from tests.handoff.desk_process import DeskProcess, desk_processes
from tests.handoff.fake_bot import own_bot
from tests.handoff.first_aid.trials import Outcome, Trials
from tests.handoff.people import Customer
from tests.handoff.sample_wallet import KEY, SampleWallet, run_sample_wallet

#: The sample wallet has 200 generated customers; each trial takes one that no other trial touched.
_CUSTOMERS = 200
_AT_ONCE = 20
_SETTLED_SECONDS = 60.0


@contextlib.asynccontextmanager
async def new_wallet(server: str, number: int) -> AsyncIterator[tuple[SampleWallet, str]]:
    """A sample wallet whose customers nobody has touched, and its database."""
    with make_database(server, f"first_aid_bench_wallet_{os.getpid()}_{number}") as url:
        async with run_sample_wallet(url) as sample:
            yield sample, url


async def trials(server: str, models: Path, number: int, seed: int) -> list[Outcome]:
    """Trials with desks that die at a chosen step."""
    policy = DeskPolicy(published_content(models).content)
    found: list[Outcome] = []
    with make_database(server, f"first_aid_bench_{os.getpid()}") as url:
        migrate(url)
        async with make_pool(url, 8) as pool:
            for first in range(0, number, _CUSTOMERS):
                async with new_wallet(server, first) as (sample, books), make_pool(books, 2) as truth:
                    run = Trials(pool, policy, sample, truth)
                    for place in range(first, min(number, first + _CUSTOMERS)):
                        found.append(await run.run(seed + place, f"u-{2000 + place - first}"))
                        if len(found) % 50 == 0:
                            print(f"{len(found)} trials, {sum(bool(each.faults) for each in found)} with faults", flush=True)
    return found


async def kills(server: str, folder: Path, data: Path, number: int, seed: int) -> tuple[int, list[str], Counter[str]]:
    """Processes that are killed: orders, faults, and the states at the end."""
    chance, faults, states, orders = random.Random(seed), [], Counter[str](), 0
    with make_database(server, f"first_aid_kills_{os.getpid()}") as database:
        async with own_bot() as bot, new_wallet(server, -1) as (sample, books):
            more = {"WALLET_URL": sample.url, "WALLET_KEY": KEY}
            async with desk_processes(bot, folder, data, **more) as start:
                desks = [await start(database=database), await start(database=database)]
                subjects = iter(range(2000, 2000 + _CUSTOMERS))
                for _ in range(number):
                    chosen = [f"u-{next(subjects)}" for _ in range(min(_AT_ONCE, _CUSTOMERS // number))]
                    customers = [await _signed(desks[0], subject) for subject in chosen]
                    await sample.switch(fail_after=chance.randint(0, 5), fail_before=chance.randint(0, 5))
                    presses = [
                        _press(desk, customer, action, f"tab-{place}", chance.uniform(0, 0.3))
                        for customer in customers
                        for action in ("freeze_payments", "recall_transfer")
                        for place, desk in enumerate(desks)
                    ]
                    killing = asyncio.create_task(_kill(desks[0], chance.uniform(0, 0.4)))
                    answers = await asyncio.gather(*presses)
                    await killing
                    await sample.switch()
                    orders += 2 * len(customers)
                    desks = [desks[1], await start(database=database)]
                    for subject, customer in zip(chosen, customers, strict=True):
                        found, wrong = await _outcome(desks[0].serves(customer), subject, books, answers)
                        states.update(found.values())
                        faults += wrong
    return orders, faults, states


async def _signed(desk: DeskProcess, subject: str) -> Customer:
    proof = (await desk.http.get("/demo/identity", params={"subject": subject, "assurance": 2})).json()["identity"]
    opened = (await desk.http.post("/api/conversations", json={"identity": proof})).json()
    return Customer(desk.http, opened["id"], opened["token"])


async def _press(desk: DeskProcess, customer: Customer, action: str, key: str, after: float) -> tuple[str, str, str | None]:
    """Conversation, action, and the state that was answered; None if the desk died."""
    await asyncio.sleep(after)
    body = {"action": action, "confirm": True, "key": f"{key}-{action}"}
    with contextlib.suppress(httpx.TransportError):
        answer = await desk.serves(customer).call("POST", "/first-aid", json=body)
        return customer.id, action, answer.json().get("state")
    return customer.id, action, None


async def _kill(desk: DeskProcess, after: float) -> None:
    await asyncio.sleep(after)
    desk.process.kill()
    await desk.process.wait()


async def _outcome(customer: Customer, subject: str, books: str, answers: list[Any]) -> tuple[dict[str, str], list[str]]:
    """The states of a customer's actions once nothing is open, and what must not be."""
    until = time.monotonic() + _SETTLED_SECONDS
    while True:
        states = {each["action"]: each["state"] for each in (await customer.status())["first_aid"]}
        states = {action: state for action, state in states.items() if state not in ("offered", "needs_assurance")}
        async with await psycopg.AsyncConnection.connect(books, autocommit=True) as connection:
            query = "SELECT request ->> 'action', state FROM actions WHERE subject = %s AND state IN ('done', 'pending')"
            done = [row[0] for row in await (await connection.execute(query, [subject])).fetchall()]
        wrong = [f"{subject}: {action} was done {times} times" for action, times in Counter(done).items() if times > 1]
        claimed = {action for action, state in states.items() if state == "done"}
        claimed |= {action for id_, action, state in answers if id_ == customer.id and state == "done"}
        wrong += [f"{subject}: {action} is called done" for action in claimed - set(done)]
        is_open = set(states.values()) & {"requested", "unknown"}
        if wrong or not is_open:
            return states, wrong
        if time.monotonic() > until:
            return states, [f"{subject}: not settled: {states}"]
        await asyncio.sleep(0.5)


async def measure(number: int, rounds: int, seed: int) -> list[Measure]:
    """Both parts."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server = start_embedded_server(folder / "postgres")
        data = folder / "data"
        shutil.copytree(DATA, data, ignore=shutil.ignore_patterns("nlu", "calibration"))
        desk = yaml.safe_load((DATA / "desk.yml").read_text(encoding="utf-8"))
        desk["limits"] = limits(MANY)
        (data / "desk.yml").write_text(yaml.safe_dump(desk, allow_unicode=True, sort_keys=False), encoding="utf-8")
        (folder / "trial-models").mkdir()
        publish(data, folder / "trial-models")
        found = await trials(server, folder / "trial-models", number, seed)
        processes = folder / "processes"
        processes.mkdir()
        orders, wrong, states = await kills(server, processes, data, rounds, seed)
    bad = [(each.seed, each.fault, each.faults) for each in found if each.faults]
    for each in [*bad, *wrong]:
        print("FAULT", each)
    ends = Counter(state for each in found for state in each.states.values())
    died = sum(each.has_died for each in found)
    return [
        Measure(
            f"{number} trials, {died} with a dying desk", f"{len(bad)} with faults; {_text(ends)}", "0 with faults", not bad
        ),
        Measure(
            f"{orders} orders at two processes, {rounds} kills", f"{len(wrong)} faults; {_text(states)}", "0 faults", not wrong
        ),
    ]


def _text(states: Counter[str]) -> str:
    return ", ".join(f"{number} {state}" for state, number in states.most_common())


def main() -> int:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=500)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    number, rounds = (40, 2) if options.quick else (options.trials, options.kills)
    return report(asyncio.run(measure(number, rounds, options.seed)), options.json)


if __name__ == "__main__":
    sys.exit(main())
