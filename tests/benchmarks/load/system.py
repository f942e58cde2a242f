"""Starts the measured systems on free ports in a folder of their own: the whole project, one desk alone, a stock Rasa."""

from __future__ import annotations

import asyncio
import shutil
import sys
import time
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import aiohttp

from tests.benchmarks.load.meter import POSTGRES, Meter
from tests.drill.system import ROOT, DrillError, System, _die_with_parent, free_ports
from tests.handoff.fake_bot import TOKEN, FakeBot

DESK, BOT, ACTIONS = "desk", "bot", "action server"
_START_SECONDS = 60
_STOP_SECONDS = 20


class BenchError(Exception):
    """The benchmark could not run; the message gives the cause."""


@asynccontextmanager
async def running_system(bots: int, root: Path = ROOT) -> AsyncIterator[tuple[System, Meter]]:
    """One desk and a number of bots, as `make run` starts them in a checkout. Older checkouts have action servers."""
    system = System(root)
    system.environment |= {"DESKS": "1", "BOTS": str(bots), "ACTIONS_PORT": str(free_ports(bots))}
    try:
        await system.start()
        postmaster = system.postmaster()
        assert postmaster is not None
        groups = {DESK: "desk", BOT: "bot", ACTIONS: "actions"}
        pids = {name: list(system.pids(kind).values()) for name, kind in groups.items()}
        pids = {name: found for name, found in pids.items() if found}
        yield system, Meter({**pids, POSTGRES: [postmaster.pid]})
    except DrillError as error:
        raise BenchError(str(error)) from error
    finally:
        left = await system.stop()
        shutil.rmtree(system.folder, ignore_errors=True)
    if left:
        raise BenchError(f"the system left processes running: {', '.join(left)}")


@asynccontextmanager
async def running_desk() -> AsyncIterator[tuple[System, Meter]]:
    """One desk process alone, with its PostgreSQL and a bot that answers without delay. Raises BenchError."""
    bot, system = FakeBot(), System()  # only the folder, ports and environment; the system is not started
    await bot.start()
    environment = system.environment | {
        "BOT_URLS": bot.url,
        "BOT_TOKEN": TOKEN,
        "SERVICE_TOKEN": "service-token-of-the-benchmark",
    }
    command, log = [sys.executable, "-m", "handoff", "serve"], system.folder / "desk.log"
    try:
        async with running_process(command, environment, log) as desk:
            await wait_until_up(f"{system.url}/healthz", desk, _START_SECONDS, log)
            postmaster = system.postmaster()
            assert postmaster is not None
            yield system, Meter({DESK: [desk.pid], POSTGRES: [postmaster.pid]})
    finally:
        await bot.stop()
        shutil.rmtree(system.folder, ignore_errors=True)


@asynccontextmanager
async def running_process(command: list[str], environment: dict[str, str], log: Path) -> AsyncIterator[Process]:
    """A process for the duration of the block; its output goes to a file."""
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=output,
            start_new_session=True,  # Ctrl-C reaches the benchmark only, which stops the others in order
            preexec_fn=_die_with_parent,
        )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
            try:
                await asyncio.wait_for(process.wait(), _STOP_SECONDS)
            except TimeoutError:
                process.kill()
                await process.wait()


async def wait_until_up(url: str, process: Process, seconds: float, log: Path) -> None:
    """Wait until an address of the process answers 200. Raises BenchError."""
    deadline = time.monotonic() + seconds
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=3)) as http:
        while time.monotonic() < deadline and process.returncode is None:
            with suppress(aiohttp.ClientError, TimeoutError):  # not yet
                async with http.get(url) as answer:
                    if answer.status == 200:
                        return
            await asyncio.sleep(0.25)
    raise BenchError(f"{url} did not come up:\n{_end_of(log)}")


def _end_of(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")[-2000:]
