"""Jobs for the tests of the runner. Each stands for a way in which a job can go."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Dict, Mapping

from bot.workshop.jobs import JobError, Progress


def fine(parameters: Mapping[str, Any], progress: Progress) -> Dict[str, Any]:
    """Two steps and a result; prints to standard output as libraries do."""
    print('{"result": "not this"}')
    progress(0.5, "一半", "Half")
    os.system("echo noise of a library")
    return {"given": dict(parameters), "niceness": os.nice(0), "threads": os.environ["OMP_NUM_THREADS"]}


def slow(parameters: Mapping[str, Any], progress: Progress) -> Dict[str, Any]:
    """Starts a child of its own, notes both processes in a file, and does not end."""
    own = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    partial = Path(parameters["note"]).with_suffix(".partial")
    partial.write_text(f"{os.getpid()} {own.pid}", encoding="utf-8")
    partial.rename(parameters["note"])
    for step in range(6000):
        progress(step / 6000, f"第 {step} 步", f"Step {step}")
        time.sleep(0.1)
    return {}


def editors_fault(parameters: Mapping[str, Any], progress: Progress) -> Dict[str, Any]:
    """Something that an editor can fix."""
    raise JobError("第 3 行缺少日期", "Line 3 has no date")


def own_fault(parameters: Mapping[str, Any], progress: Progress) -> Dict[str, Any]:
    """An error whose text holds a customer's words."""
    raise ValueError("我的密码是 123456")


def full_disk(parameters: Mapping[str, Any], progress: Progress) -> Dict[str, Any]:
    """The disk is full."""
    raise OSError(errno.ENOSPC, "No space left on device")


def killed(parameters: Mapping[str, Any], progress: Progress) -> Dict[str, Any]:
    """What the kernel does when memory is short."""
    os.kill(os.getpid(), signal.SIGKILL)
    return {}


def no_json(parameters: Mapping[str, Any], progress: Progress) -> Dict[str, Any]:
    """A result that is not JSON."""
    return {"path": Path()}
