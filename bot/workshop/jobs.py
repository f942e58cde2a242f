"""The kinds of work that the workshop does in the bot's environment, one job at a time.

A kind names a function `run(parameters, progress) -> result`: JSON in, JSON out. The same functions serve the command line.
`progress` takes a share from 0 to 1 and what is done now, in Chinese and English. A function raises `JobError` with words that
an editor can act on; every other exception is a fault of the program.
"""

from __future__ import annotations

import importlib
from typing import Any, Callable, Dict, Mapping

Progress = Callable[[float, str, str], None]
Job = Callable[[Mapping[str, Any], Progress], Dict[str, Any]]

#: Kind -> `module:function`. A module is imported when its job runs: some of them import TensorFlow.
JOBS: Dict[str, str] = {
    "inbox": "bot.workshop.inbox:run",
    "shadow": "bot.workshop.log_jobs:shadow_job",
    "replay": "bot.workshop.log_jobs:replay_job",
    "look_back": "bot.workshop.log_jobs:look_back_job",
    "try": "bot.workshop.trial:run",
}


class JobError(Exception):
    """A job cannot be done. `zh`, `en`: why, and what the editor can do."""

    def __init__(self, zh: str, en: str) -> None:
        self.zh, self.en = zh, en
        super().__init__(en)


def load_job(kind: str) -> Job:
    """The function of a kind. Raises JobError for an unknown one."""
    if kind not in JOBS:
        raise JobError(f"没有这种任务：{kind}", f"There is no such job: {kind}")
    module, _, name = JOBS[kind].partition(":")
    function: Job = getattr(importlib.import_module(module), name)
    return function
