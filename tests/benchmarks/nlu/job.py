"""Input and output of a system: JSON files in a folder, because each system runs in processes of its own."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

JOB = "job.json"
#: Labels that data sets give to sentences without an intent; HINT3 has the last one.
OUT_OF_SCOPE_LABELS = ("out_of_scope", "oos", "NO_NODES_DETECTED")
#: The two phases, each a process. `train` leaves a model in the folder; `parse` loads it and answers the test sentences.
TRAIN, PARSE = "train", "parse"
PHASES = (TRAIN, PARSE)
#: This many training sentences are answered before the timing starts: they load everything that later ones reuse.
WARM_UP = 20


@dataclass(frozen=True)
class Job:
    """One comparison from the view of a system.

    `train` holds (text, intent), `test` the texts alone. `whole`: `train` is all of data/nlu. `policy`: the intents are those
    of data/triage.yml. `epochs` is DIET's, None for Rasa's default.
    """

    train: List[Tuple[str, str]]
    test: List[str]
    language: str
    seed: int
    whole: bool
    policy: bool
    epochs: Optional[int] = None

    def save(self, folder: Path) -> None:
        """Write the job into the folder of its processes."""
        write_json(folder / JOB, asdict(self))

    @classmethod
    def load(cls, folder: Path) -> Job:
        """Read a job written by `save`."""
        data = json.loads((folder / JOB).read_text(encoding="utf-8"))
        return cls(**{**data, "train": [(text, intent) for text, intent in data["train"]]})


@dataclass(frozen=True)
class Answer:
    """A system's answer to one sentence.

    `intent`: the likeliest. `fallback`: whether the system reports that it did not understand. `route` is set by systems that
    decide by themselves; for all others the policy's route of the intent counts. `foreign`: how little the sentence resembles
    any intent, higher for less; each system has its own scale, and some have none.
    """

    intent: str
    fallback: bool = False
    route: Optional[str] = None
    foreign: Optional[float] = None


def likeliest(probabilities: Sequence[Tuple[str, float]]) -> Answer:
    """The answer of a system that gives each intent a probability: the lower the best one in scope, the more foreign."""
    intent, _ = max(probabilities, key=lambda pair: pair[1])
    in_scope = [probability for name, probability in probabilities if name not in OUT_OF_SCOPE_LABELS]
    return Answer(intent, foreign=1 - max(in_scope, default=0.0))


def result_path(folder: Path, phase: str) -> Path:
    """The path of a phase's result."""
    return folder / f"{phase}.json"


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write in one step: a file under that name is always complete."""
    partial = path.with_name(f"{path.name}.{os.getpid()}")
    partial.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    os.replace(partial, path)


def peak_memory_mb() -> float:
    """The most memory that this process ever held, in MB (10^6 bytes).

    From /proc, not getrusage: `ru_maxrss` starts at its parent's memory at the fork.
    """
    fields: Dict[str, str] = {}
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        name, _, value = line.partition(":")
        fields[name] = value
    return round(int(fields["VmHWM"].split()[0]) * 1024 / 1e6, 1)
