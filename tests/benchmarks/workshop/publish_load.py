"""Customers write all the time while versions are published and rolled back: no message may fail or go to a person.

`.venv/desk/bin/python -m tests.benchmarks.workshop.publish_load [--rounds 3] [--json FILE] [--quick]`: one desk, two bots,
eight customers. A round publishes a changed article, rolls back, publishes with another model, and rolls back. The second
model is the live one under another name, so that every bot must load it.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import re
import shutil
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from content.published import Pointer, read_pointer
from tests.drill.customers import address_header, new_http
from tests.drill.system import ROOT, System

BOT_PYTHON = ROOT / ".venv/bot/bin/python"
CLIENTS, BOTS = 8, 2
ANSWER_SECONDS = 20.0
#: Seconds of load before the first publication, and between two.
BEFORE_SECONDS, BETWEEN_SECONDS = 20.0, 4.0
MESSAGES_PER_CONVERSATION = 8
#: Our own questions, each answered by an article: a handoff for one of them is a failure.
QUESTIONS = (
    "怎么绑定银行卡",
    "提现多久能到账",
    "怎么修改登录密码",
    "怎么查账单",
    "余额怎么提现",
    "how do I add a bank card",
    "怎么实名认证",
    "转账限额是多少",
)


@dataclass
class Load:
    """What the customers met. `turns`: when a message was sent, and the seconds until it was answered."""

    turns: list[tuple[float, float]] = field(default_factory=list)
    failures: Counter[str] = field(default_factory=Counter)
    is_over: bool = False

    def seconds(self, start: float, end: float) -> list[float]:
        """The durations of the turns that were sent in this time."""
        return [took for sent, took in self.turns if start <= sent < end]


class Customer:
    """Writes one question after the other, in a new conversation every few messages."""

    def __init__(self, http: httpx.AsyncClient, number: int, load: Load) -> None:
        self._http, self._load = http, load
        self._headers = address_header(number)
        self._questions = itertools.cycle(QUESTIONS[number % len(QUESTIONS) :] + QUESTIONS[: number % len(QUESTIONS)])
        self._messages = itertools.count()

    async def run(self) -> None:
        """Until the load is over."""
        while not self._load.is_over:
            try:
                await self._converse()
            except httpx.HTTPError as error:
                self._load.failures[type(error).__name__] += 1

    async def _converse(self) -> None:
        answer = await self._http.post("/api/conversations", json={"locale": "zh"}, headers=self._headers)
        if answer.status_code != 201:
            self._load.failures[f"opening: {answer.status_code}"] += 1
            await asyncio.sleep(1)
            return
        opened = answer.json()
        headers = {**self._headers, "Authorization": f"Bearer {opened['token']}"}
        for _ in range(MESSAGES_PER_CONVERSATION):
            if self._load.is_over or not await self._ask(f"/api/conversations/{opened['id']}", headers):
                return

    async def _ask(self, url: str, headers: dict[str, str]) -> bool:
        """One message and its answer; whether the conversation goes on."""
        body = {"client_message_id": f"m{next(self._messages)}", "text": next(self._questions)}
        sent = time.monotonic()
        answer = await self._http.post(f"{url}/messages", json=body, headers=headers)
        if answer.status_code not in (200, 201):
            self._load.failures[f"message: {answer.status_code}"] += 1
            return False
        after = answer.json()["seq"]
        while (left := sent + ANSWER_SECONDS - time.monotonic()) > 0:
            answer = await self._http.get(
                f"{url}/events", params={"after": after, "wait": int(min(left, 10))}, headers=headers, timeout=ANSWER_SECONDS
            )
            if answer.status_code != 200:
                self._load.failures[f"events: {answer.status_code}"] += 1
                return False
            for event in answer.json()["events"]:
                after = event["seq"]
                if event["type"] != "message":
                    continue
                if event["by"]["kind"] == "bot":
                    self._load.turns.append((sent, time.monotonic() - sent))
                    return True
                if event.get("kind") == "handoff":
                    self._load.failures["handed over"] += 1
                    return False
        self._load.failures["not answered"] += 1
        return False


class Publisher:
    """Publishes and rolls back as an operator does, on the command line."""

    def __init__(self, system: System, folder: Path) -> None:
        running = system.run()["environment"]
        self.models, self.data = folder / "models", folder / "data"
        self._environment = {**system.environment, **running}
        self.times: list[tuple[str, float, float]] = []

    async def article(self) -> None:
        """Publish a changed article. The model stays."""
        path = self.data / "articles/zh/add_bank_card.md"
        path = path if path.exists() else next(iter(sorted((self.data / "articles").rglob("*.md"))))
        text = path.read_text(encoding="utf-8")
        path.write_text(text.rstrip("\n") + f"\n\n更新于第 {len(self.times)} 次。\n", encoding="utf-8")
        await self._run("article", "publish", "--data", str(self.data), "--no-gate", "--why", "benchmark")

    async def model(self) -> None:
        """Publish what is live with another model: each bot loads it."""
        live = read_pointer(self.models)
        other = f"{live.model}-again" if not live.model.endswith("-again") else live.model.removesuffix("-again")
        target = self.models / f"{other}.tar.gz"
        if not target.exists():
            shutil.copy2(self.models / f"{live.model}.tar.gz", target)
        parameters = {
            "data_revision": live.data_revision,
            "model": other,
            "base": None,
            "who": {"by": "benchmark", "why": "another model"},
            "reports": {},
        }
        await self._run("model", "job", "publish", given=json.dumps(parameters))

    async def roll_back(self) -> None:
        """Roll back to what was live before."""
        before = read_pointer(self.models).model
        await self._run("roll back", "rollback", "--why", "benchmark")
        name = "roll back" if read_pointer(self.models).model == before else "roll back, model"
        self.times[-1] = (name, *self.times[-1][1:])

    async def _run(self, name: str, *words: str, given: str = "") -> None:
        started = time.monotonic()
        process = await asyncio.create_subprocess_exec(
            str(BOT_PYTHON),
            "-W",
            "ignore",
            "-m",
            "bot",
            *words,
            cwd=ROOT,
            env=self._environment,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await process.communicate(given.encode())
        if process.returncode != 0:
            raise RuntimeError(f"{' '.join(words)} failed: {said.decode()}")
        self.times.append((name, started, time.monotonic()))


def prepare(folder: Path) -> None:
    """A models folder with what is live, and a copy of the data folder."""
    live = read_pointer(ROOT / "models")
    models = folder / "models"
    (models / "content").mkdir(parents=True)
    shutil.copy2(ROOT / "models" / f"{live.model}.tar.gz", models)
    shutil.copytree(ROOT / "data", folder / "data")
    if (ROOT / "models/cache").exists():
        shutil.copytree(ROOT / "models/cache", models / "cache")


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[System]:
    """The system with two bots and folders of its own."""
    prepare(folder)
    system = System()
    system.environment |= {"DESKS": "1", "BOTS": str(BOTS)}
    system.environment |= {"MODELS_DIR": str(folder / "models"), "DATA_DIR": str(folder / "data")}
    command = [str(BOT_PYTHON), "-m", "bot", "publish", "--data", str(folder / "data")]
    first = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=system.environment)
    if await first.wait() != 0:
        raise RuntimeError("the first publication failed")
    await system.start()
    try:
        yield system
    finally:
        await system.stop()
        shutil.rmtree(system.folder, ignore_errors=True)


async def counters(system: System) -> dict[str, float]:
    """The desk's counters that count failures."""
    token = system.run()["environment"]["SERVICE_TOKEN"]
    async with new_http(system.url) as http:
        text = (await http.get("/metrics", headers={"Authorization": f"Bearer {token}"})).text
    found: dict[str, float] = {}
    for name, labels, value in re.findall(r"^(desk_turn_seconds_count|desk_bot_failures_total)\{(.*)\} (\S+)$", text, re.M):
        found[f"{name}{{{labels}}}"] = float(value)
    return found


def p95(seconds: list[float]) -> float:
    """The 95th percentile; 0 without a value."""
    return statistics.quantiles(seconds, n=20)[-1] if len(seconds) > 1 else (seconds or [0.0])[0]


async def measure(rounds: int) -> dict[str, Any]:
    """Run the load and the publications; the figures."""
    load = Load()
    with tempfile.TemporaryDirectory(prefix="publish-load-") as scratch:
        async with running(Path(scratch)) as system:
            publisher, pointers = Publisher(system, Path(scratch)), set[Pointer]()
            async with new_http(system.url) as http:
                customers = [asyncio.create_task(Customer(http, number, load).run()) for number in range(CLIENTS)]
                await asyncio.sleep(5)  # warm
                before = time.monotonic()
                await asyncio.sleep(BEFORE_SECONDS)
                quiet = load.seconds(before, time.monotonic())
                start = time.monotonic()
                for _ in range(rounds):
                    for step in (publisher.article, publisher.roll_back, publisher.model, publisher.roll_back):
                        await step()
                        pointers.add(read_pointer(publisher.models))
                        await asyncio.sleep(BETWEEN_SECONDS)
                end = time.monotonic()
                load.is_over = True
                await asyncio.gather(*customers)
            count = await counters(system)
    retried = {name: value for name, value in count.items() if "bot_failures" in name and value}
    failed_turns = sum(value for name, value in count.items() if 'outcome="bot_failed"' in name)
    during = [
        took for _, began, ended in publisher.times for took in load.seconds(began, ended)
    ]  # only while a publication runs
    return {
        "publications": len(publisher.times),
        "versions": len(pointers),
        "turns": len(load.turns),
        "turns_while_publishing": len(during),
        "failures": dict(load.failures),
        "bot_failed": failed_turns,
        "asked_again": retried,
        "p95_before": p95(quiet),
        "p95_during": p95(during),
        "p95_all": p95(load.seconds(start, end)),
        "longest_during": max(during, default=0.0),
        "seconds": {
            name: round(max(ended - began for kind, began, ended in publisher.times if kind == name), 1)
            for name in dict.fromkeys(kind for kind, _, _ in publisher.times)
        },
    }


def rows_of(figures: dict[str, Any]) -> list[dict[str, Any]]:
    """The lines of the table of `make bench-workshop`."""
    failed = sum(figures["failures"].values()) + int(figures["bot_failed"])
    slowest = figures["seconds"].get("roll back, model", figures["seconds"].get("roll back", 0.0))
    return [
        {
            "measure": "messages failed while publishing under load",
            "value": f"{failed} of {figures['turns']} ({figures['publications']} publications, "
            f"{figures['turns_while_publishing']} turns while one ran)",
            "bar": "0",
            "passed": failed == 0 and figures["turns_while_publishing"] > 0,
        },
        {
            "measure": "turn, p95, before and while publishing",
            "value": f"{figures['p95_before'] * 1000:.0f} ms, {figures['p95_during'] * 1000:.0f} ms"
            f" (longest {figures['longest_during']:.1f} s)",
            "bar": "",
            "passed": True,
        },
        {
            "measure": "roll back, with a model to load",
            "value": f"{slowest:.1f} s",
            "bar": "60 s",
            "passed": slowest < 60,
        },
    ]


def main() -> int:
    """Run it; the exit code is 0 when every bar is kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="one round")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    os.chdir(ROOT)
    figures = asyncio.run(measure(1 if options.quick else options.rounds))
    print(json.dumps(figures, indent=1, ensure_ascii=False), file=sys.stderr)
    rows = rows_of(figures)
    for row in rows:
        print(f"{row['measure']}: {row['value']} (bar: {row['bar'] or 'none'})")
    if options.json:
        options.json.write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return 0 if all(row["passed"] for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
