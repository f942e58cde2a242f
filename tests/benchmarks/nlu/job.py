"""What a system is given and what it gives back: JSON files in a folder, because each runs in processes of its own."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

JOB = "job.json"
#: Names that data sets give to sentences which belong to no intent; HINT3 has the last.
OUT_OF_SCOPE_LABELS = ("out_of_scope", "oos", "NO_NODES_DETECTED")
#: The two phases, each a process; `train` leaves a model in the folder, `parse` loads it and answers the test sentences.
TRAIN, PARSE = "train", "parse"
PHASES = (TRAIN, PARSE)
#: This many training sentences are answered before time is taken: they load what all others reuse.
WARM_UP = 20


@dataclass(frozen=True)
class Job:
    """One comparison as a system sees it.

    `train` holds (text, intent), `test` the texts alone. `whole` means that `train` is all of data/nlu, `policy` that the
    intents are those of data/triage.yml. `epochs` is DIET's, None for Rasa's default.
    """

    train: List[Tuple[str, str]]
    test: List[str]
    language: str
    seed: int
    whole: bool
    policy: bool
    epochs: Optional[int] = None

    def save(self, folder: Path) -> None:
        """Write the job where its processes look for it."""
        write_json(folder / JOB, asdict(self))

    @classmethod
    def load(cls, folder: Path) -> Job:
        """Read what `save` wrote."""
        data = json.loads((folder / JOB).read_text(encoding="utf-8"))
        return cls(**{**data, "train": [(text, intent) for text, intent in data["train"]]})


@dataclass(frozen=True)
class Answer:
    """What a system says to one sentence.

    `intent`: the likeliest. `fallback`: whether the system says that it did not understand. `route` is given by systems that
    decide by themselves; for all others the policy's route of the intent counts. `foreign`: how little the sentence resembles
    any intent, higher for less; each system has a scale of its own, and some have none.
    """

    intent: str
    fallback: bool = False
    route: Optional[str] = None
    foreign: Optional[float] = None


def likeliest(probabilities: Sequence[Tuple[str, float]]) -> Answer:
    """The answer of a system that gives each intent a probability: the less the likeliest in scope has, the more foreign."""
    intent, _ = max(probabilities, key=lambda pair: pair[1])
    in_scope = [probability for name, probability in probabilities if name not in OUT_OF_SCOPE_LABELS]
    return Answer(intent, foreign=1 - max(in_scope, default=0.0))


def result_path(folder: Path, phase: str) -> Path:
    """Where a phase leaves its result."""
    return folder / f"{phase}.json"


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write in one step: a file under that name is always whole."""
    partial = path.with_name(f"{path.name}.{os.getpid()}")
    partial.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    os.replace(partial, path)


def peak_memory_mb() -> float:
    """The most memory that this process ever held, in MB (10^6 bytes).

    From /proc, not getrusage: `ru_maxrss` starts at what the parent held when it started this process.
    """
    fields: Dict[str, str] = {}
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        name, _, value = line.partition(":")
        fields[name] = value
    return round(int(fields["VmHWM"].split()[0]) * 1024 / 1e6, 1)
