"""One phase of one system in a process of its own: `python -m tests.benchmarks.nlu.child SYSTEM train|parse FOLDER`.

A system's module has `train(job, folder)`; `load(job, folder)`, which returns a function from a text to an Answer; and
`VERSIONS`, the packages that it consists of. After an error the exit code is 1 and the result contains the error.
"""

from __future__ import annotations

import importlib
import sys
import time
import traceback
import warnings
from importlib.metadata import version
from pathlib import Path
from typing import Any, Dict, List

from tests.benchmarks.nlu.job import PARSE, TRAIN, WARM_UP, Answer, Job, peak_memory_mb, result_path, write_json


def _train(system: Any, job: Job, folder: Path) -> Dict[str, Any]:
    started, cpu = time.perf_counter(), time.process_time()
    trained = system.train(job, folder)
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    # `train` returns False when it reuses an existing model: its time would be meaningless.
    return {
        "seconds": None if trained is False else round(seconds, 2),
        "cpu_seconds": None if trained is False else round(cpu, 2),
    }


def _parse(system: Any, job: Job, folder: Path) -> Dict[str, Any]:
    answer = system.load(job, folder)
    for text, _ in job.train[:WARM_UP]:
        answer(text)
    answers: List[Answer] = []
    cpu_ms: List[float] = []
    for number, text in enumerate(job.test, start=1):
        started = time.process_time()  # all threads of the process
        answers.append(answer(text))
        cpu_ms.append(round(1000 * (time.process_time() - started), 3))
        if number % 500 == 0:
            print(f"  {number} of {len(job.test)} sentences", file=sys.stderr, flush=True)
    return {"answers": [vars(given) for given in answers], "cpu_ms": cpu_ms}


def _described(error: BaseException) -> str:
    """The root cause: Rasa wraps errors of its components into "Error running graph component"."""
    while error.__cause__ is not None:
        error = error.__cause__
    return f"{type(error).__name__}: {error}"


def main(name: str, phase: str, folder: Path) -> int:
    """Run one phase and write its result, or its error, into the folder."""
    warnings.simplefilter("ignore")
    try:
        job = Job.load(folder)
        system = importlib.import_module(f"tests.benchmarks.nlu.{name}")
        result = {TRAIN: _train, PARSE: _parse}[phase](system, job, folder)
        result["peak_mb"] = peak_memory_mb()
        result["versions"] = {package: version(package) for package in system.VERSIONS}
    except Exception as error:  # any error of a system is a result of the comparison
        traceback.print_exc()
        write_json(result_path(folder, phase), {"error": _described(error)})
        return 1
    write_json(result_path(folder, phase), result)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], Path(sys.argv[3])))
