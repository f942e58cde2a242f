"""The runner: what the desk hears of a job, however the job, its process, the runner or the desk ends."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Tuple
from urllib.parse import urlsplit

import pytest

from bot.workshop import runner as runner_module
from bot.workshop.desk_client import DeskClient, DeskUnreachable
from bot.workshop.runner import Lane

TOKEN = "service-token-of-the-tests"
_CHILD = """
import sys
from bot.workshop import jobs
from bot.workshop.job_process import run_job_process
kind = sys.argv[1]
jobs.JOBS[kind] = "tests.bot.workshop.made_jobs:" + kind
sys.exit(run_job_process(kind, int(sys.argv[2])))
"""


def command(kind: str) -> List[str]:
    """The process of a made job."""
    return [sys.executable, "-W", "ignore", "-c", _CHILD, kind, str(os.getpid())]


class FakeDesk(ThreadingHTTPServer):
    """The desk's routes for runners: gives one job, and notes what it is told."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.jobs: List[Dict[str, Any]] = []
        self.told: List[Tuple[str, Any]] = []
        self.statuses: List[int] = []
        #: Answered to a beat.
        self.beat_status = 200
        self.url = f"http://127.0.0.1:{self.server_port}"

    def give(self, kind: str, **parameters: Any) -> None:
        """Have a job for the next runner that asks."""
        self.jobs.append({"id": 7, "kind": kind, "parameters": parameters, "lease": "lease-1"})

    def ended(self) -> Tuple[str, Any]:
        """The one report on how a job ended."""
        (found,) = [each for each in self.told if each[0] != "beat"]
        return found

    def answer(self, path: str, body: bytes) -> Tuple[int, Dict[str, Any]]:
        """What the desk says to a call."""
        if self.statuses:
            return self.statuses.pop(0), {}
        if path == "take":
            return 200, {"job": self.jobs.pop(0) if self.jobs else None}
        action = path.partition("/")[2]
        self.told.append((action, json.loads(gzip.decompress(body) if action == "done" else body)))
        return (self.beat_status if action == "beat" else 200), {}


class _Handler(BaseHTTPRequestHandler):
    server: FakeDesk
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        assert self.headers["Authorization"] == f"Bearer {TOKEN}"
        status, said = self.server.answer(urlsplit(self.path).path.replace("/api/workshop/jobs/", ""), body)
        data = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the test's output is for its failures."""


@pytest.fixture
def desk() -> Iterator[FakeDesk]:
    """A desk."""
    server = FakeDesk()
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def lane(desk: FakeDesk, monkeypatch: pytest.MonkeyPatch) -> Lane:
    """A lane of a runner in this process, with short pauses."""
    monkeypatch.setattr(runner_module, "_LOOK_SECONDS", 0.02)
    monkeypatch.setattr(runner_module, "_BEAT_SECONDS", 0.1)
    monkeypatch.setattr(runner_module, "_FIRST_PAUSE", 0.05)
    return Lane("work", DeskClient(desk.url, TOKEN), command)


def until(condition: Callable[[], Any], what: str) -> Any:
    """Wait for something; its value."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"waited for {what} in vain")


def pids_of(note: Path) -> List[int]:
    """The processes of the job `slow`: its own, and its child's."""
    until(note.exists, "the job to start")
    return [int(pid) for pid in note.read_text(encoding="utf-8").split()]


def runs(pid: int) -> bool:
    """Whether a process still runs."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def test_a_job_runs_apart_and_quietly_and_its_result_arrives(desk: FakeDesk, lane: Lane) -> None:
    """A job would slow customers' turns, or a library's print would be taken for its result."""
    assert not lane.run_next(0)
    desk.give("fine", 数=1)
    assert lane.run_next(0)
    action, result = desk.ended()
    assert action == "done"
    assert result == {"given": {"数": 1}, "niceness": max(10, os.nice(0)), "threads": "1"}


@pytest.mark.parametrize(
    ("kind", "zh", "en"),
    [
        ("editors_fault", "第 3 行缺少日期", "Line 3 has no date"),
        ("full_disk", "磁盘已满", "The disk is full"),
        ("own_fault", "ValueError at", "ValueError at"),
        ("no_json", "TypeError at", "TypeError at"),
        ("unknown_kind", "AttributeError at", "AttributeError at"),
    ],
)
def test_a_job_that_fails_says_why_and_no_customers_words(desk: FakeDesk, lane: Lane, kind: str, zh: str, en: str) -> None:
    """An editor would read a traceback, or a customer's password would stand in a log."""
    desk.give(kind)
    lane.run_next(0)
    action, said = desk.ended()
    assert action == "failed"
    assert zh in said["zh"]
    assert en in said["en"]
    assert "123456" not in json.dumps(said)
    assert "is_crash" not in said


def test_a_killed_process_is_reported_as_such(desk: FakeDesk, lane: Lane) -> None:
    """A job that the kernel killed once would count as impossible, and nobody would try it again."""
    desk.give("killed")
    lane.run_next(0)
    assert desk.ended() == ("failed", {"lease": "lease-1", "is_crash": True})


def test_progress_is_told_and_a_cancelled_job_ends_with_its_children(desk: FakeDesk, lane: Lane, tmp_path: Path) -> None:
    """A cancelled training would go on for minutes and hold up the next job."""
    note = tmp_path / "note"
    desk.give("slow", note=str(note))
    running = threading.Thread(target=lane.run_next, args=(0,))
    running.start()
    pids = pids_of(note)
    until(lambda: any(beat["zh"].startswith("第") for action, beat in desk.told if action == "beat"), "progress")
    desk.beat_status = 409
    running.join(20)
    assert not running.is_alive()
    until(lambda: not any(map(runs, pids)), "the job and its child to end")
    assert {action for action, _ in desk.told} == {"beat"}


def test_a_desk_that_restarts_loses_neither_the_job_nor_its_result(desk: FakeDesk, lane: Lane, tmp_path: Path) -> None:
    """Each update of the desk would throw away minutes of training."""
    note = tmp_path / "note"
    desk.give("slow", note=str(note))
    running = threading.Thread(target=lane.run_next, args=(0,))
    running.start()
    pids = pids_of(note)
    desk.statuses = [503, 500, 503, 503]
    until(lambda: not desk.statuses, "the desk to be asked again")
    assert all(map(runs, pids))
    desk.statuses = [503] * 6
    os.kill(pids[0], signal.SIGKILL)
    running.join(20)
    assert desk.ended()[1] == {"lease": "lease-1", "is_crash": True}
    until(lambda: not runs(pids[1]), "the job's own child to end")


def test_without_a_desk_it_waits(desk: FakeDesk) -> None:
    """A runner that starts before the desk would end, and no job would ever run."""
    with pytest.raises(DeskUnreachable) as caught:
        Lane("work", DeskClient("http://127.0.0.1:1", TOKEN), command).run_next(0)
    assert TOKEN not in str(caught.value)
    desk.statuses = [503]
    with pytest.raises(DeskUnreachable):
        Lane("work", DeskClient(desk.url, TOKEN), command).run_next(0)


_RUNNER = """
import sys
from bot.workshop import runner
from tests.bot.workshop.test_runner import command
runner.Lane.__init__.__defaults__ = (command,)
runner.run_jobs()
"""


def test_killing_the_runner_ends_its_jobs_and_it_is_small(desk: FakeDesk, tmp_path: Path) -> None:
    """After kill -9 two trainings would run side by side, or the runner would take the memory of a bot."""
    note = tmp_path / "note"
    desk.give("slow", note=str(note))
    environment = {**os.environ, "DESK_URL": desk.url, "SERVICE_TOKEN": TOKEN}
    started = subprocess.Popen([sys.executable, "-c", _RUNNER], env=environment, stdout=subprocess.DEVNULL)
    try:
        pids = pids_of(note)
        started.kill()
        started.wait()
        until(lambda: not runs(pids[0]), "the job to end")
    finally:
        for pid in [started.pid, *(int(pid) for pid in note.read_text(encoding="utf-8").split())]:
            if runs(pid):
                os.kill(pid, signal.SIGKILL)
    light = "import bot.workshop.runner, sys; print([m for m in ('numpy', 'rasa', 'tensorflow', 'spacy') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", light], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_a_runner_that_is_stopped_ends_its_jobs_with_their_children(desk: FakeDesk, tmp_path: Path) -> None:
    """After Ctrl-C the processes of a training would stay for minutes."""
    note = tmp_path / "note"
    desk.give("slow", note=str(note))
    environment = {**os.environ, "DESK_URL": desk.url, "SERVICE_TOKEN": TOKEN}
    started = subprocess.Popen([sys.executable, "-c", _RUNNER], env=environment, stdout=subprocess.DEVNULL)
    pids: List[int] = []
    try:
        pids = pids_of(note)
        started.terminate()
        assert started.wait(30) == 0
        until(lambda: not any(map(runs, pids)), "the job and its child to end")
    finally:
        for pid in [started.pid, *pids]:
            if runs(pid):
                os.kill(pid, signal.SIGKILL)


def test_the_runner_needs_an_address_and_a_token(capsys: pytest.CaptureFixture[str]) -> None:
    """It would wait for jobs that no desk gives."""
    assert runner_module.run_jobs({"DESK_URL": "http://127.0.0.1:1"}) == 1
    assert "SERVICE_TOKEN" in capsys.readouterr().err
