"""Two editors and a text editor change the same files at random: no accepted edit may be lost.

.venv/desk/bin/python -m tests.benchmarks.workshop.two_editors [--edits 200] [--json FILE]
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path

import psycopg

from handoff.runtime.database import start_embedded_server
from handoff.runtime.settings import Settings
from tests.benchmarks.workshop.measures import Measure, report
from tests.handoff.conftest import DATA, SERVICE_TOKEN, make_database, publish
from tests.handoff.fake_bot import TOKEN, FakeBot
from tests.handoff.running_desk import Clock, Desk, run_desk
from tests.handoff.workshop.two_editors import add_second_editor, edits_in, race


@contextlib.asynccontextmanager
async def _desk(folder: Path, url: str) -> AsyncIterator[Desk]:
    """A desk on a copy of the project's data."""
    shutil.copytree(DATA, folder / "data")
    (folder / "models").mkdir()
    publish(folder / "data", folder / "models")
    bot = FakeBot()
    await bot.start()
    values = {
        "DATABASE_URL": url,
        "VAR_DIR": folder / "var",
        "MODELS_DIR": folder / "models",
        "DATA_DIR": folder / "data",
        "BOT_URLS": bot.url,
        "BOT_TOKEN": TOKEN,
        "SERVICE_TOKEN": SERVICE_TOKEN,
        "DEMO": True,
    }
    try:
        async with run_desk(Settings(**values), bot, Clock()) as desk:
            yield desk
    finally:
        await bot.stop()


async def measure(server: str, folder: Path, edits: int, seed: int) -> list[Measure]:
    """Let them race."""
    with make_database(server, f"two_editors_{os.getpid()}") as url, psycopg.connect(url, autocommit=True) as connection:
        async with _desk(folder, url) as desk:
            add_second_editor(connection)
            agents = await desk.agent("editor"), await desk.agent("lin")
            started = time.monotonic()
            outcome = await race(agents, folder / "data", lambda: edits_in(connection), edits, seed)
            seconds = time.monotonic() - started
    for fault in outcome.faults:
        print(fault, file=sys.stderr)
    value = f"{outcome.accepted} kept, {outcome.refused} conflicts, {len(outcome.faults)} lost, {seconds:.0f} s"
    return [Measure(f"two editors at once, {edits} random edits", value, "no lost edit", not outcome.faults)]


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--edits", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="two-editors-") as folder:
        server = os.environ.get("DATABASE_URL") or start_embedded_server(Path(folder) / "postgres")
        measures = asyncio.run(measure(server, Path(folder), options.edits, options.seed))
    return report(measures, options.json)


if __name__ == "__main__":
    sys.exit(main())
