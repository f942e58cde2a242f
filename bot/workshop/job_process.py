"""One job in a process of its own: `python -m bot job KIND`.

Standard input: the parameters as JSON. Standard output: JSON lines, `{"progress": [share, zh, en]}` and at last one of
`{"result": {...}}`, `{"error": {"zh", "en"}}` (an editor can act on it), `{"fault": "..."}` (a fault of the program: type and
place, no text). Everything that libraries print goes to standard error.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import signal
import sys
import time
import traceback
from typing import IO, Any, Dict, Optional, Tuple

from bot.workshop.jobs import JobError, load_job
from content.snapshots import SnapshotError
from content.sources import ContentError

_PR_SET_PDEATHSIG = 1
#: Background work: a customer's turn comes first.
_NICENESS = 10
#: Progress is reported at most so often.
_PROGRESS_SECONDS = 0.2
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_FULL_DISK = (
    "磁盘已满，任务没有完成，正在使用的版本和草稿都没有变化。请清理磁盘后重试。",
    "The disk is full: the job was not finished. What is live and the draft are unchanged. Free some space and try again.",
)


def run_job_process(kind: str, parent: Optional[int] = None) -> int:
    """Run a job; the exit code is 0 if a result was written. `parent`: the runner; this process ends with it."""
    _prepare(parent)
    # Rasa and TensorFlow print to standard output, which belongs to the protocol.
    out = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    line, is_done = _outcome(kind, sys.stdin, out)
    _write(out, line)
    return 0 if is_done else 1


def _prepare(parent: Optional[int]) -> None:
    if parent is not None:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died before the call
            os._exit(1)
    os.nice(max(_NICENESS - os.nice(0), 0))
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "TF_NUM_INTRAOP_THREADS"):
        os.environ[name] = "1"
    os.environ["TF_NUM_INTEROP_THREADS"] = "1"


def _outcome(kind: str, given: IO[str], out: IO[str]) -> Tuple[str, bool]:
    """The last line, and whether it is a result."""
    said_at = -_PROGRESS_SECONDS

    def progress(share: float, zh: str, en: str) -> None:
        nonlocal said_at
        if time.monotonic() - said_at >= _PROGRESS_SECONDS:
            said_at = time.monotonic()
            _write(out, _line({"progress": [share, zh, en]}))

    try:
        parameters = json.loads(given.read())
        return _line({"result": load_job(kind)(parameters, progress)}), True
    except Exception as error:
        words = _words(error)
        if words is not None:
            return _line({"error": {"zh": words[0], "en": words[1]}}), False
        # An exception's text can hold a customer's words; its type and place cannot.
        place = traceback.extract_tb(error.__traceback__)[-1]
        return _line({"fault": f"{type(error).__name__} at {place.filename}:{place.lineno}"}), False


def _words(error: BaseException) -> Optional[Tuple[str, str]]:
    """What an editor reads about an error that is not the program's fault; None for one that is."""
    if isinstance(error, (JobError, SnapshotError)):
        return error.zh, error.en
    if isinstance(error, ContentError):
        return f"内容文件有问题：{error}", f"A content file is wrong: {error}"
    if isinstance(error, MemoryError):
        return "内存不足，任务没有完成。", "There was not enough memory to finish the job."
    if isinstance(error, OSError) and error.errno in _FULL:
        return _FULL_DISK
    if type(error).__name__ in ("TrainingError", "TooFewExamples"):  # not imported: their modules import spaCy and numpy
        return f"训练没有完成：{error}", f"The training failed: {error}"
    return None


def _line(said: Dict[str, Any]) -> str:
    return json.dumps(said, ensure_ascii=False, allow_nan=False)


def _write(out: IO[str], line: str) -> None:
    out.write(line + "\n")
    out.flush()
