"""Compares the intent model with plain baselines on public data sets in a folder: `make bench-public DIR=...`.

docs/benchmarks-nlu.md names the files, their content and their licences. Exit code 1 if a system failed, 2 if a file or an
option is wrong.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import platform
import statistics
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bot.evaluation.figures import IN_SCOPE_LOSS, separation
from tests.benchmarks.nlu.figures import Decision, figures_of
from tests.benchmarks.nlu.job import OUT_OF_SCOPE_LABELS, Answer, Job, write_json
from tests.benchmarks.nlu.runner import digest, run, say
from tests.benchmarks.nlu.sentences import (
    MAXIMUM_LINES,
    InputError,
    Sentence,
    by_intent,
    language_of,
    read_csv,
    sample,
)
from tests.benchmarks.nlu.systems import PUBLIC_SYSTEMS

#: The first key of every report, which identifies it.
FORMAT = "wallet-triage public nlu benchmark 1"
#: BANKING77's second setting: this many training sentences per intent.
SHOTS = 10
HINT3_BOTS = ("sofmattress", "curekart", "powerplay11")


@dataclass(frozen=True)
class Task:
    """A data set, or a setting of one: the training sentences, at most `shots` of each intent, and the test sentences."""

    name: str
    train: Sequence[Sentence]
    test: Sequence[Sentence]
    shots: Optional[int] = None


def read_banking77(folder: Path) -> List[Task]:
    """`train.csv` and `test.csv`, in full and with ten training sentences of each intent. Raises InputError."""
    train, test = read_csv(folder / "train.csv"), read_csv(folder / "test.csv")
    return [Task("banking77", train, test), Task(f"banking77, {SHOTS}-shot", train, test, SHOTS)]


def read_clinc150(folder: Path) -> List[Task]:
    """`data_full.json`, training and test parts with their out-of-scope sentences.

    Raises InputError, with the line for invalid JSON, and with part and position for an entry without a text or an intent.
    """
    path = folder / "data_full.json"
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except json.JSONDecodeError as error:
        raise InputError(f"{path}:{error.lineno}: not JSON: {error.msg}") from error
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{path}: cannot be read: {error}") from error
    if not isinstance(content, dict):
        raise InputError(f"{path}: not an object with the parts train, test, oos_train and oos_test")
    parts = {name: _clinc150_part(path, content, name) for name in ("train", "oos_train", "test", "oos_test")}
    return [Task("clinc150", parts["train"] + parts["oos_train"], parts["test"] + parts["oos_test"])]


def _clinc150_part(path: Path, content: Mapping[str, Any], name: str) -> List[Sentence]:
    rows = content.get(name)
    if not isinstance(rows, list) or not rows:
        raise InputError(f"{path}: the part {name!r} is missing or empty; it is a list of [text, intent]")
    sentences = []
    for place, row in enumerate(rows):
        where = f"{path}: {name}[{place}]"
        if not isinstance(row, list) or len(row) != 2 or not all(isinstance(cell, str) and cell.strip() for cell in row):
            raise InputError(f"{where}: not [text, intent], two texts that are not empty")
        text, intent = row[0].strip(), row[1].strip()
        if (intent in OUT_OF_SCOPE_LABELS) != name.startswith("oos_"):
            raise InputError(f"{where}: the intent {intent!r} does not belong to this part")
        sentences.append(Sentence(text, intent, path.as_posix()))
    return sentences


def read_hint3(folder: Path) -> List[Task]:
    """`train/BOT_train.csv` and `test/BOT_test.csv` of three bots. Raises InputError."""
    return [
        Task(f"hint3, {bot}", read_csv(folder / "train" / f"{bot}_train.csv"), read_csv(folder / "test" / f"{bot}_test.csv"))
        for bot in HINT3_BOTS
    ]


#: Data sets by the names of their folders.
READERS: Dict[str, Callable[[Path], List[Task]]] = {
    "banking77": read_banking77,
    "clinc150": read_clinc150,
    "hint3": read_hint3,
}


def read_tasks(folder: Path, wanted: Sequence[str]) -> List[Task]:
    """The tasks of the named data sets, or of those whose folders exist if none is named.

    Raises InputError for a missing or wrong file, for a data set with fewer than two intents, and when there is no data set.
    """
    if not folder.is_dir():
        raise InputError(f"DIR is {folder}, which is no folder")
    names = wanted or [name for name in READERS if (folder / name).is_dir()]
    if not names:
        raise InputError(
            f"{folder} has none of the folders {', '.join(READERS)}: docs/benchmarks-nlu.md describes their content"
        )
    tasks = [task for name in READERS if name in names for task in READERS[name](folder / name)]
    for task in tasks:
        if len({sentence.intent for sentence in task.train} - set(OUT_OF_SCOPE_LABELS)) < 2:
            raise InputError(f"{task.train[0].file}: fewer than two intents, so there is nothing to classify")
        if len(task.train) + len(task.test) > MAXIMUM_LINES:
            raise InputError(
                f"{task.train[0].file}: more than {MAXIMUM_LINES} sentences with its test set: too many for this comparison"
            )
    return tasks


def public_figures(test: Sequence[Sentence], answers: Sequence[Answer], cpu_ms: Sequence[float]) -> Dict[str, Any]:
    """The figures of one system on one task: `in_scope` without foreign lines, `out_of_scope` as in docs/evaluation.md."""
    known = [i for i, sentence in enumerate(test) if sentence.intent not in OUT_OF_SCOPE_LABELS]
    decisions = [Decision(answer.intent, None) for answer in answers]
    everywhere = figures_of(test, decisions, None)
    in_scope = figures_of([test[i] for i in known], [decisions[i] for i in known], None) if known else None
    scores = [answer.foreign for answer in answers if answer.foreign is not None]
    if len(scores) != len(test):
        raise ValueError("a system that is compared on public data must report how foreign each sentence is")
    return {
        "n": len(test),
        "accuracy": everywhere["accuracy"],
        "macro_f1": everywhere["macro_f1"],
        "in_scope": in_scope and {name: in_scope[name] for name in ("n", "accuracy", "macro_f1")},
        "out_of_scope": separation([sentence.intent in OUT_OF_SCOPE_LABELS for sentence in test], scores),
        "cpu_ms": round(statistics.median(cpu_ms), 2),
    }


def run_task(task: Task, systems: Sequence[str], seed: int, timeout: float) -> Dict[str, Any]:
    """The report's part about one task: the numbers of training and test sentences, and a row for each system."""
    examples = sample(by_intent(task.train), task.shots, seed)
    job = Job(
        train=[(text, intent) for intent, texts in examples.items() for text in texts],
        test=[sentence.text for sentence in task.test],
        language=language_of(examples),
        seed=seed,
        whole=False,
        policy=False,
    )
    trained = {text for text, _ in job.train}
    untrained = {sentence.intent for sentence in task.test} - set(examples) - set(OUT_OF_SCOPE_LABELS)
    if untrained:
        say(
            f"note: {task.name}: nothing is trained for {len(untrained)} labels of the test: {', '.join(sorted(untrained)[:5])}"
        )
    return {
        "train": {"n": len(job.train), "intents": len(examples), "shots": task.shots, "digest": digest(job.train)},
        "test": {
            "n": len(task.test),
            "out_of_scope": sum(sentence.intent in OUT_OF_SCOPE_LABELS for sentence in task.test),
            "trained_on": sum(text in trained for text in job.test),
            "digest": digest([(sentence.text, sentence.intent) for sentence in task.test]),
        },
        "systems": {
            name: run(
                f"{task.name}: {name}",
                PUBLIC_SYSTEMS[name],
                job,
                timeout,
                lambda answers, cpu_ms: public_figures(task.test, answers, cpu_ms),
            )
            for name in systems
        },
    }


def table_of(report: Mapping[str, Any]) -> Table:
    """The report as a table; a system that failed is a row with its error below."""
    table = Table(caption_justify="left")
    for name in ("data", "trained on", "answered", "system"):
        table.add_column(name, justify="right" if name in ("trained on", "answered") else "left")
    recall = f"foreign recall at {IN_SCOPE_LOSS:.0%} loss"
    for name in ("in-scope accuracy", "in-scope macro-F1", "foreign AUROC", recall, "train s", "CPU ms"):
        table.add_column(name, justify="right")
    errors = []
    for task, part in report["tasks"].items():
        for system, row in part["systems"].items():
            start = [task, str(part["train"]["n"]), str(part["test"]["n"]), system]
            if "error" in row:
                errors.append(f"{task}: {system}: {row['phase']}: {' '.join(row['error'].split())[:300]}")
                table.add_row(*start, "[red]failed[/]")
                continue
            known, foreign = row["in_scope"], row["out_of_scope"]
            table.add_row(
                *start,
                f"{known['accuracy']['value']:.1%}" if known else "-",
                f"{known['macro_f1']:.3f}" if known else "-",
                "-" if foreign["auroc"] is None else f"{foreign['auroc']:.3f}",
                "-" if foreign["recall"] is None else f"{foreign['recall']['value']:.1%}",
                f"{row['train_seconds']:.1f}",
                f"{row['cpu_ms']:.1f}",
            )
        table.add_section()
    table.caption = escape("\n".join(errors)) or None
    return table


def _chosen(variable: str, given: str, known: Sequence[str]) -> List[str]:
    names = [name.strip() for name in given.split(",") if name.strip()]
    unknown = [name for name in names if name not in known]
    if unknown:
        raise InputError(f"{variable}: unknown {', '.join(unknown)}; there are {', '.join(known)}")
    return names


def main(arguments: Sequence[str]) -> int:
    """Read all input, then measure. Returns 0, 1 if a system failed, 2 if nothing could run."""
    parser = argparse.ArgumentParser(prog="bench-public", description=__doc__)
    parser.add_argument("--dir", type=Path, required=True, help="folder with the data sets' folders")
    parser.add_argument("--sets", default="", help="data sets, separated by commas; default: all in the folder")
    parser.add_argument("--only", default="", help="systems, separated by commas; default: all")
    parser.add_argument("--out", type=Path, help="the report, .json")
    parser.add_argument("--seed", type=int, default=1, help="of the few-shot sample and of training")
    parser.add_argument("--minutes", type=float, default=60, help="time limit of each phase of each system")
    options = parser.parse_args(arguments)
    try:
        systems = _chosen("ONLY", options.only, list(PUBLIC_SYSTEMS)) or list(PUBLIC_SYSTEMS)
        if options.out is not None and (options.out.suffix != ".json" or not options.out.resolve().parent.is_dir()):
            raise InputError(f"OUT is {options.out}; give a name ending in .json in a folder that exists")
        wanted = _chosen("SETS", options.sets, list(READERS))
        tasks = read_tasks(options.dir, wanted)
    except InputError as error:
        say(str(error))
        return 2
    missing = [] if wanted else [name for name in READERS if not (options.dir / name).is_dir()]
    if missing:
        say(f"note: not measured, because {options.dir} does not have these folders: {', '.join(missing)}")
    report: Dict[str, Any] = {
        "format": FORMAT,
        "made_at": dt.datetime.now(dt.timezone.utc).isoformat(timespec="seconds"),
        "seed": options.seed,
        "in_scope_loss": IN_SCOPE_LOSS,
        "machine": {"cpus": os.cpu_count(), "machine": platform.machine(), "python": platform.python_version()},
        "missing": missing,
        "tasks": {},
    }
    for task in tasks:
        report["tasks"][task.name] = run_task(task, systems, options.seed, 60 * options.minutes)
        if options.out is not None:  # after each system: a stopped run keeps its results
            write_json(options.out, report)
    Console(width=None if sys.stdout.isatty() else 160).print(table_of(report))
    return int(any("error" in row for part in report["tasks"].values() for row in part["systems"].values()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
