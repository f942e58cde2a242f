"""Compares the bot's understanding with alternatives on the same sentences: `make bench-nlu FILE=...`.

Each system trains in a process of its own and answers in another, one after the other. A system that fails is shown with its
error, and the others continue. Exit code 1 if one failed, 2 if a file or an option is wrong. See docs/benchmarks-nlu.md.
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional, Sequence

from rich.console import Console

from bot.learning.content_check import read_examples
from content.sources import ContentError
from content.triage_policy import Policy, load_policy
from tests.benchmarks.nlu.figures import UnknownIntent, draw, score, table_of
from tests.benchmarks.nlu.job import PARSE, PHASES, TRAIN, Answer, Job, result_path, write_json
from tests.benchmarks.nlu.sentences import (
    Examples,
    InputError,
    Sentence,
    by_intent,
    is_csv,
    language_of,
    read_sentences,
    sample,
)
from tests.benchmarks.nlu.systems import ROOT, SYSTEMS, Command, Unavailable

#: The first key of every report, which identifies it.
FORMAT = "wallet-triage nlu benchmark 1"
TRAINING_DATA = Path("data/nlu")
POLICY = Path("data/triage.yml")
OURS = "ours"


class Failure(Exception):
    """A phase of a system failed."""

    def __init__(self, phase: str, error: str) -> None:
        super().__init__(error)
        self.phase = phase


def run_phase(command: Command, phase: str, folder: Path, timeout: float) -> Dict[str, Any]:
    """Run one phase in a process of its own and return its result.

    The process's output goes to stderr. `timeout` in seconds. Raises Failure for an error, a crash, or a timeout.
    """
    environment = {**os.environ, **command.environment, "TMPDIR": str(folder)}
    arguments = [*command.arguments, phase, str(folder)]
    try:
        done = subprocess.run(arguments, cwd=ROOT, env=environment, stdout=sys.stderr, timeout=timeout, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Failure(phase, str(error)) from error
    try:
        result: Dict[str, Any] = json.loads(result_path(folder, phase).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise Failure(phase, f"ended with code {done.returncode} without a result") from None
    if "error" in result:
        raise Failure(phase, str(result["error"]))
    return result


def run_system(name: str, job: Job, sentences: Sequence[Sentence], policy: Optional[Policy], timeout: float) -> Dict[str, Any]:
    """One system's row of the report: its figures, or `error` and the phase in which it happened."""
    return run(name, SYSTEMS[name], job, timeout, lambda answers, cpu_ms: score(sentences, answers, cpu_ms, policy))


def run(
    name: str,
    prepare: Callable[[], Command],
    job: Job,
    timeout: float,
    scored: Callable[[List[Answer], List[float]], Dict[str, Any]],
) -> Dict[str, Any]:
    """Prepare a system, run both phases, and return `scored(answers, CPU ms)` with times and memory.

    `timeout` in seconds for each phase. A failure is `error` and the phase in which it happened.
    """
    try:
        command = prepare()
        results: Dict[str, Dict[str, Any]] = {}
        with tempfile.TemporaryDirectory(prefix="bench-nlu-") as path:
            folder = Path(path)
            job.save(folder)
            for phase in PHASES:
                say(f"{name}: {phase} ...")
                results[phase] = run_phase(command, phase, folder, timeout)
        answers = [Answer(**answer) for answer in results[PARSE]["answers"]]
        if len(answers) != len(job.test):
            raise Failure(PARSE, f"{len(answers)} answers to {len(job.test)} sentences")
        return {
            **scored(answers, results[PARSE]["cpu_ms"]),
            "train_seconds": results[TRAIN]["seconds"],
            "train_cpu_seconds": results[TRAIN]["cpu_seconds"],
            "train_peak_mb": results[TRAIN]["peak_mb"],
            "parse_peak_mb": results[PARSE]["peak_mb"],
            "versions": results[PARSE]["versions"],
        }
    except Unavailable as error:
        return {"phase": "install", "error": str(error)}
    except Failure as error:
        return {"phase": error.phase, "error": str(error)}
    except UnknownIntent as error:
        return {"phase": PARSE, "error": str(error)}


def say(text: str) -> None:
    """Print progress and notes."""
    print(text, file=sys.stderr, flush=True)


def digest(content: object) -> str:
    """A hash of the sentences, twelve digits."""
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode("utf-8", "surrogatepass")).hexdigest()[:12]


def training_sentences(paths: Sequence[Path], csv_labels: bool, policy: Policy) -> Examples:
    """All training sentences: of the files, or of data/nlu without files. Raises InputError when no label can match."""
    if not paths:
        if csv_labels:
            raise InputError("FILE is CSV with labels of its own: name the training sentences with TRAIN=train.csv")
        return read_examples(TRAINING_DATA)
    examples = by_intent(read_sentences(paths, policy))
    unknown = sorted(set(examples) - set(policy.intents))
    if unknown and not csv_labels:
        raise InputError(f"TRAIN has labels that {POLICY} does not know, but FILE has labels of the policy: {unknown[:5]}")
    return examples


def _arguments(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench-nlu", description=__doc__)
    parser.add_argument("--file", type=Path, nargs="+", required=True, help="sentences to answer: JSON lines or CSV")
    parser.add_argument("--train", type=Path, nargs="*", default=[], help="sentences to train on; default: data/nlu")
    parser.add_argument("--examples", type=int, help="at most this many training sentences for each intent")
    parser.add_argument("--epochs", type=int, help="DIET's epochs, instead of its default of 300")
    parser.add_argument("--only", default=",".join(SYSTEMS), help=f"systems, separated by commas: {','.join(SYSTEMS)}")
    parser.add_argument("--out", type=Path, help="the report as JSON, and a picture next to it as SVG")
    parser.add_argument("--seed", type=int, default=1, help="of the sample and of training")
    parser.add_argument("--minutes", type=float, default=360, help="time limit of each phase of each system")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str]) -> int:
    """Read, run every system, show the report. Returns 0, 1 if a system failed, 2 if nothing could run."""
    options = _arguments(arguments)
    try:
        names = _names(options.only)
        if options.epochs is not None and options.epochs < 1:
            raise InputError(f"EPOCHS is {options.epochs}; at least 1")
        if options.out is not None and (options.out.suffix != ".json" or not options.out.resolve().parent.is_dir()):
            raise InputError(f"OUT is {options.out}; give a name ending in .json in a folder that exists")
        policy = load_policy(POLICY)
        sentences = read_sentences(options.file, policy)
        csv_labels = is_csv(options.file[0])
        examples = sample(training_sentences(options.train, csv_labels, policy), options.examples, options.seed)
        if len(examples) < 2:
            raise InputError("the training sentences have fewer than two intents, so there is nothing to classify")
    except (InputError, ContentError) as error:
        say(str(error))
        return 2
    job = Job(
        train=[(text, intent) for intent, texts in examples.items() for text in texts],
        test=[sentence.text for sentence in sentences],
        language=language_of(examples),
        seed=options.seed,
        whole=not options.train and options.examples is None,
        policy=not csv_labels,
        epochs=options.epochs,
    )
    report = _report(options, job, sentences)
    _say_what_is_odd(job, sentences)
    for name in names:
        report["systems"][name] = run_system(name, job, sentences, None if csv_labels else policy, 60 * options.minutes)
        if options.out is not None:  # after each system: a run of hours that is stopped keeps its results
            write_json(options.out, report)
            draw(report, options.out.with_suffix(".svg"))
    Console(width=None if sys.stdout.isatty() else 160).print(table_of(report))
    return int(any("error" in row for row in report["systems"].values()))


def _names(only: str) -> List[str]:
    names = [name.strip() for name in only.split(",") if name.strip()]
    unknown = [name for name in names if name not in SYSTEMS]
    if unknown or not names:
        raise InputError(f"ONLY: unknown system {', '.join(unknown) or '(none)'}; there are {', '.join(SYSTEMS)}")
    return [name for name in SYSTEMS if name in names]


def _report(options: argparse.Namespace, job: Job, sentences: Sequence[Sentence]) -> Dict[str, Any]:
    """The report without the systems. The digests tell whether two reports are about the same sentences."""
    return {
        "format": FORMAT,
        "made_at": dt.datetime.now(dt.timezone.utc).isoformat(timespec="seconds"),
        "train": {
            "files": [path.as_posix() for path in options.train] or [TRAINING_DATA.as_posix()],
            "n": len(job.train),
            "intents": len({intent for _, intent in job.train}),
            "examples": options.examples,
            "seed": job.seed,
            "digest": digest(job.train),
        },
        "test": {
            "files": list(dict.fromkeys(sentence.file for sentence in sentences)),
            "n": len(sentences),
            "digest": digest([(s.text, s.intent, s.route, s.reason) for s in sentences]),
        },
        "language": job.language,
        "epochs": job.epochs,
        "machine": {"cpus": os.cpu_count(), "machine": platform.machine(), "python": platform.python_version()},
        "systems": {},
    }


def _say_what_is_odd(job: Job, sentences: Sequence[Sentence]) -> None:
    """Notes on everything that limits the figures, so that nothing is left out silently."""
    trained = {text for text, _ in job.train}
    known = sum(text in trained for text in job.test)
    if known:
        say(f"note: {known} of the test sentences are trained on")
    strange = {sentence.intent for sentence in sentences} - {intent for _, intent in job.train}
    if strange:
        say(f"note: nothing is trained for {len(strange)} labels of the test: {', '.join(sorted(strange)[:5])}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
