"""Runs the jobs of the workshop: `python -m bot run-jobs`, one process beside the bots.

Each lane has a thread, which takes one job after the other from the desk and runs each in a child process. This process imports
neither Rasa nor numpy: it only waits, and a job's memory is free again when its process ends.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
import traceback
from dataclasses import dataclass
from functools import partial
from typing import IO, Any, Callable, Dict, List, Mapping, Optional, Sequence, Set, Tuple, cast

import structlog

from bot.workshop.desk_client import DeskClient, DeskUnreachable, LeaseLost, TakenJob

logger = structlog.get_logger()

#: As in handoff/workshop/jobs/job.py.
LANES = ("work", "publishing")
#: Seconds that a call for a job waits.
_WAIT_SECONDS = 20.0
#: The process groups of the jobs that run now.
_children: Set[int] = set()
#: Seconds between two looks at the child, and between two signs of life without news. The lease has 15 s.
_LOOK_SECONDS, _BEAT_SECONDS = 0.5, 4.0
#: Seconds for which a result is offered to a desk that does not answer. After its lease the job is run again.
_REPORT_SECONDS = 120.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 10.0

_FAULT = (
    "程序出错，任务没有完成，正在使用的版本和草稿都没有变化。请把这行告诉运维：{fault}",
    "A fault of the program: the job was not finished. What is live and the draft are unchanged. Tell your operator: {fault}",
)
_TOO_LARGE = ("任务结果过大，无法保存。", "The job's result is too large to be stored.")

_Progress = Tuple[float, str, str]


@dataclass
class _Child:
    """What a child has said so far. Its reader thread writes, the lane's thread reads."""

    progress: _Progress = (0.0, "", "")
    last: Optional[Dict[str, Any]] = None

    def read(self, lines: Any) -> None:
        """Read its standard output to the end. Lines of another shape are ignored: the child's exit shows what is wrong."""
        for line in lines:
            try:
                said = json.loads(line)
            except ValueError:
                continue
            if isinstance(said, dict) and "progress" in said:
                share, zh, en = said["progress"]
                self.progress = (float(share), str(zh), str(en))
            elif isinstance(said, dict):
                self.last = said


def command_of(kind: str) -> List[str]:
    """The command line of a job's process."""
    return [sys.executable, "-W", "ignore", "-m", "bot", "job", kind, "--parent", str(os.getpid())]


class Lane:
    """Takes and runs the jobs of one lane, one after the other."""

    def __init__(self, name: str, desk: DeskClient, command: Callable[[str], Sequence[str]] = command_of) -> None:
        self._name, self._desk, self._command = name, desk, command

    def run(self) -> None:
        """Run jobs for ever."""
        pause = _FIRST_PAUSE
        while True:
            try:
                self.run_next(_WAIT_SECONDS)
                pause = _FIRST_PAUSE
            except DeskUnreachable as error:
                # While the system starts the desk is not there yet; a longer absence is worth a line.
                if pause >= _LONGEST_PAUSE:
                    logger.warning("runner.no_desk", lane=self._name, why=str(error))
                time.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
            except Exception as error:  # a lane that died would let all jobs of an editor wait for ever
                place = traceback.extract_tb(error.__traceback__)[-1]
                at = f"{place.filename}:{place.lineno}"
                logger.error("runner.failed", lane=self._name, error=type(error).__name__, at=at)
                time.sleep(_LONGEST_PAUSE)

    def run_next(self, seconds: float) -> bool:
        """Wait for a job and run it; whether there was one. Raises DeskUnreachable."""
        job = self._desk.take(self._name, seconds)
        if job is None:
            return False
        started = time.monotonic()
        logger.info("job.started", job=job.id, kind=job.kind)
        outcome = self._run(job)
        logger.info("job.over", job=job.id, kind=job.kind, outcome=outcome, seconds=round(time.monotonic() - started, 1))
        return True

    def _run(self, job: TakenJob) -> str:
        # Standard error is dropped: libraries could print a customer's words. By hand, `python -m bot job` shows it.
        process = subprocess.Popen(  # noqa: S603 - our own command line
            self._command(job.kind),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,  # so that the child's own children end with it
        )
        _children.add(process.pid)
        child = _Child()
        reader = threading.Thread(target=child.read, args=(process.stdout,), daemon=True)
        try:
            reader.start()
            self._give(process, job.parameters)
            self._wait(process, child, job)
            _kill(process)  # its own children, before anybody else may run the job
            reader.join(_LONGEST_PAUSE)
            return self._report(job, child, process.returncode)
        except LeaseLost:
            return "cancelled"
        finally:
            _kill(process)
            _children.discard(process.pid)

    @staticmethod
    def _give(process: subprocess.Popen[str], parameters: Mapping[str, Any]) -> None:
        # A child that has ended already cannot read; its exit code says more.
        with contextlib.suppress(BrokenPipeError), cast("IO[str]", process.stdin) as stdin:
            stdin.write(json.dumps(parameters))

    def _wait(self, process: subprocess.Popen[str], child: _Child, job: TakenJob) -> None:
        """Until the child ends, with signs of life to the desk. Raises LeaseLost."""
        told, told_at = child.progress, time.monotonic()
        while True:
            try:
                process.wait(_LOOK_SECONDS)
                return
            except subprocess.TimeoutExpired:
                pass
            now = child.progress
            if now == told and time.monotonic() - told_at < _BEAT_SECONDS:
                continue
            try:
                self._desk.beat(job, *now)
                told, told_at = now, time.monotonic()
            except DeskUnreachable as error:  # a desk that restarts; the lease may still be ours afterwards
                logger.warning("runner.no_desk", lane=self._name, job=job.id, why=str(error))
                time.sleep(_FIRST_PAUSE)

    def _report(self, job: TakenJob, child: _Child, code: int) -> str:
        """Tell the desk how the job ended; again until the desk has heard it. Raises LeaseLost."""
        outcome, tell = self._report_of(job, child.last, code)
        deadline = time.monotonic() + _REPORT_SECONDS
        while True:
            try:
                tell()
                return outcome
            except DeskUnreachable:
                if time.monotonic() > deadline:
                    raise
                time.sleep(_FIRST_PAUSE)
            except ValueError:
                outcome, tell = "too_large", partial(self._desk.failed, job, *_TOO_LARGE)

    def _report_of(self, job: TakenJob, last: Optional[Dict[str, Any]], code: int) -> Tuple[str, Callable[[], None]]:
        """How a job ended, and the call that tells the desk."""
        if last is not None and "result" in last and code == 0:
            return "done", partial(self._desk.done, job, last["result"])
        if last is not None and "error" in last:
            return "failed", partial(self._desk.failed, job, str(last["error"]["zh"]), str(last["error"]["en"]))
        if last is not None and "fault" in last:
            logger.error("job.fault", job=job.id, kind=job.kind, fault=last["fault"])
            zh, en = (words.format(fault=last["fault"]) for words in _FAULT)
            return "fault", partial(self._desk.failed, job, zh, en)
        logger.error("job.killed", job=job.id, kind=job.kind, code=code)
        return "killed", partial(self._desk.crashed, job)


def _kill(process: subprocess.Popen[str]) -> None:
    """End a child and its own children, however it ended."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _end(number: int, frame: object) -> None:
    """End this process and all jobs, with the processes that a training started: they do not die with their parent."""
    for pid in list(_children):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)
    os._exit(0)


def run_jobs(environment: Mapping[str, str] = os.environ) -> int:
    """Run jobs until this process is ended. DESK_URL and SERVICE_TOKEN say whose."""
    url, token = environment.get("DESK_URL", ""), environment.get("SERVICE_TOKEN", "")
    if not url or not token:
        print("error: DESK_URL and SERVICE_TOKEN are not set; `make run` sets them", file=sys.stderr)
        return 1
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(key="time"),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ]
    )
    os.nice(10)
    signal.signal(signal.SIGTERM, _end)
    for name in LANES:
        threading.Thread(target=Lane(name, DeskClient(url, token)).run, name=name, daemon=True).start()
    while True:
        signal.pause()
