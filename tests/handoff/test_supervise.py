"""The supervisor: what it starts, with which arguments, and that it never stops watching a process."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from string import Template

import psutil
import pytest

from scripts import supervise
from scripts.supervise import Process, command_of, make_environment, read_procfile
from tests.handoff.people import DEADLINE_SECONDS

ROOT = Path(__file__).parents[2]
SLEEP = f"{sys.executable} -S -c __import__('time').sleep(60)"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Restart ended processes after a short pause."""
    monkeypatch.setattr(supervise, "FIRST_PAUSE_SECONDS", 0.02)
    monkeypatch.setattr(supervise, "LONGEST_PAUSE_SECONDS", 0.05)


@contextlib.asynccontextmanager
async def kept(process: Process, note: Callable[[], None] = lambda: None) -> AsyncIterator[asyncio.Task[None]]:
    """The process, supervised for the duration of the block."""
    keeper = asyncio.create_task(process.keep_running(note))
    try:
        yield keeper
    finally:
        keeper.cancel()
        await asyncio.gather(keeper, return_exceptions=True)
        await process.stop()


async def until(condition: Callable[[], object]) -> None:
    """Wait until it is true."""
    async with asyncio.timeout(DEADLINE_SECONDS):
        while not condition():
            await asyncio.sleep(0.01)


async def test_one_that_ends_is_started_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A process that dies would stay dead."""
    process = Process("bot", Template(SLEEP), dict(os.environ), tmp_path / "bot.log")
    async with kept(process):
        await until(lambda: process.pid)
        first = process.pid
        assert first is not None
        psutil.Process(first).kill()
        await until(lambda: process.pid not in (None, first))
    assert "bot ended with code -9; starting it again" in capsys.readouterr().out


async def test_a_model_that_cannot_be_read_is_waited_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The task would end silently at the first start during a `make publish`, and the bot would never run again."""
    environment = {**os.environ, "MODELS_DIR": str(tmp_path)}
    process = Process("bot", Template(f"{SLEEP} $MODEL"), environment, tmp_path / "bot.log")
    published = tmp_path / "published.json"
    async with kept(process) as keeper:
        for broken in (None, "", "{}", "[]", "null"):
            if broken is not None:
                published.write_text(broken, encoding="utf-8")
            tries = process.restarts
            await until(lambda tries=tries: process.restarts > tries + 1)
            assert process.pid is None
            assert not keeper.done()
        published.write_text(json.dumps({"model": "wallet-1"}), encoding="utf-8")
        await until(lambda: process.pid)
        assert str(tmp_path / "wallet-1.tar.gz") in psutil.Process(process.pid).cmdline()
    assert "bot could not be started: FileNotFoundError" in capsys.readouterr().out


async def test_a_log_that_cannot_be_written_is_waited_for(tmp_path: Path) -> None:
    """The task would end silently when the disk is full, or a folder was removed."""
    log = tmp_path / "gone" / "desk.log"
    process = Process("desk", Template(SLEEP), dict(os.environ), log)
    log.mkdir(parents=True)
    async with kept(process) as keeper:
        await until(lambda: process.restarts > 1)
        assert not keeper.done()
        log.rmdir()
        log.parent.rmdir()
        await until(lambda: process.pid)
        assert log.exists()


async def test_a_run_that_cannot_be_noted_runs_once(tmp_path: Path) -> None:
    """A full disk would end the task, or make it start a second copy of the process."""

    def fails() -> None:
        raise OSError(28, "No space left on device")

    process = Process("desk", Template(SLEEP), dict(os.environ), tmp_path / "desk.log")
    async with kept(process, fails) as keeper:
        await until(lambda: process.pid)
        first = process.pid
        await asyncio.sleep(0.3)  # several pauses
        assert (process.pid, process.restarts, keeper.done()) == (first, 0, False)


def test_a_terminal_that_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Closing the terminal would end the supervision."""
    reading, writing = os.pipe()
    os.close(reading)
    with contextlib.suppress(OSError), os.fdopen(writing, "w") as nobody:
        monkeypatch.setattr(sys, "stdout", nobody)
        supervise.say("is anybody there?")
        monkeypatch.undo()
    closed = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    closed.close()
    monkeypatch.setattr(sys, "stdout", closed)
    supervise.say("is anybody there?")


# --- command lines -----------------------------------------------------------------------------------------------------


def test_tokens_that_cannot_be_taken_for_options() -> None:
    """One start in 64 failed, because the token began with "-"."""
    environment = make_environment({})
    assert all(re.fullmatch("[0-9a-f]{48}", environment[name]) for name in ("BOT_TOKEN", "SERVICE_TOKEN"))


def test_no_secret_on_a_command_line(tmp_path: Path) -> None:
    """Any account of the machine could read the tokens with `ps`, and take turns or hand conversations over."""
    (tmp_path / "published.json").write_text(json.dumps({"model": "wallet-1"}), encoding="utf-8")
    secrets = {"BOT_TOKEN": "-bot secret", "SERVICE_TOKEN": "--service", "DATABASE_URL": "postgresql://desk:password@db/desk"}
    environment = make_environment({**secrets, "MODELS_DIR": str(tmp_path)})
    processes = read_procfile(ROOT / "Procfile", environment)
    assert set(processes) == {"bot", "desk", "workshop", "wallet"}
    for template, own in processes.values():
        words = command_of(template, own)
        assert not [word for word in words for secret in secrets.values() if secret in word]


def test_a_folder_with_a_space_is_one_word(tmp_path: Path) -> None:
    """A checkout in "My Projects" could not start its bot."""
    folder = tmp_path / "my models"
    folder.mkdir()
    (folder / "published.json").write_text(json.dumps({"model": "wallet-1"}), encoding="utf-8")
    words = command_of(Template("run --model $MODEL --port $BOT_PORT"), {"MODELS_DIR": str(folder), "BOT_PORT": "5005"})
    assert words == ["run", "--model", str(folder / "wallet-1.tar.gz"), "--port", "5005"]
