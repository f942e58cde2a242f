"""The bot's command line: `python -m bot COMMAND`; `python -m bot --help` lists the commands.

Each command imports the modules that it needs: the runner of jobs stays small, and no command waits for TensorFlow in vain.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import warnings
from pathlib import Path
from typing import List, Optional, Sequence

from bot.workshop import log_commands

#: The editors' files.
DATA = Path(os.environ.get("DATA_DIR", "data"))


def _environment() -> None:
    # Set before the import of Rasa and TensorFlow: their warnings are irrelevant for these commands.
    os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
    os.environ.setdefault("LOG_LEVEL", "WARNING")
    warnings.simplefilter("ignore")


def _progress(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _decide(text: str, data: Path) -> int:
    from bot.evaluation.understanding import Understanding
    from bot.learning.training import ensure_model, model_path
    from content.compiler import load_content

    content = load_content(data)
    understanding = Understanding(model_path(ensure_model(_progress, data)), content)
    print(json.dumps(understanding.decide(text), ensure_ascii=False, indent=2))
    return 0


def _evaluate(files: Sequence[Path], out: Optional[Path], data: Path) -> int:
    from bot.evaluation import evaluate, prepare, print_report, read_labelled, write_report
    from bot.learning.training import CALIBRATION, NLU, ensure_model, model_path
    from content.compiler import load_content

    if out is not None:
        prepare(out)
    content = load_content(data)
    if files:
        from bot.evaluation.understanding import Understanding

        lines = read_labelled(files, content.policy)
        understanding = Understanding(model_path(ensure_model(_progress, data)), content)
        report = evaluate(lines, understanding.decide, content.policy)
    else:
        from bot.evaluation.understanding import held_out_decisions

        lines, decide = held_out_decisions(content, data / NLU, data / CALIBRATION)
        # The latency of a fold's model is not the bot's latency.
        report = evaluate(lines, decide, content.policy, timed=False)
    # Written before it is printed: `make evaluate ... | head` must not lose the report.
    if out is not None:
        for path in write_report(report, out):
            _progress(f"wrote {path}")
    print_report(report)
    return 0


def _compare(old: Path, new: Path, out: Optional[Path]) -> int:
    from bot.evaluation import compare, prepare, print_comparison, read_report, write_comparison

    if out is not None:
        prepare(out)
    comparison = compare(read_report(old), read_report(new))
    if out is not None:
        for path in write_comparison(comparison, out):
            _progress(f"wrote {path}")
    print_comparison(comparison)
    return 0


def _lint(out: Optional[Path], curve: bool, data: Path) -> int:
    from bot.learning.data_lint import lint_data

    lint_data(out, curve, _progress, data)
    return 0


def _publish() -> int:
    from bot.serving.publishing import publish

    urls = [url for url in os.environ.get("BOT_URLS", "").split(",") if url]
    publish(urls, os.environ.get("BOT_TOKEN", ""))
    return 0


def _check() -> int:
    from bot.learning.content_check import check_content

    problems = check_content(Path("."))
    for problem in problems:
        print(problem)
    print(f"content: {len(problems)} problems" if problems else "content: no problems")
    return 1 if problems else 0


def main(arguments: Optional[List[str]] = None) -> int:
    """Run one command. The exit code is 0, or 1 with an error message that states what to fix."""
    _environment()
    parser = argparse.ArgumentParser(prog="python -m bot", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    train = commands.add_parser("train", help="train the model for the present data, if there is none")
    commands.add_parser("publish", help="check data/, train if needed, bring it to the running bot and desk")
    commands.add_parser("check", help="check data/ without publishing")
    decide = commands.add_parser("decide", help="print the decision for a text as JSON")
    decide.add_argument("text")
    out_help = "also write the result to this path: a .json, a .html, or a folder for both"
    lint = commands.add_parser("lint", help="advice on the training sentences: repeats, thin intents, doubtful labels")
    lint.add_argument("--out", type=Path, help="a folder for data_lint.json and the curve's picture")
    lint.add_argument("--curve", action="store_true", help="also compute the learning curve")
    evaluate = commands.add_parser(
        "evaluate", help="score labelled files, or without one the training data by cross-validation"
    )
    evaluate.add_argument(
        "files",
        type=Path,
        nargs="*",
        metavar="file",
        help="JSON lines (docs/evaluation.md)",
    )
    evaluate.add_argument("--out", type=Path, help=out_help)
    compare = commands.add_parser("compare", help="list what improved and what got worse between two reports of `evaluate`")
    compare.add_argument("old", type=Path)
    compare.add_argument("new", type=Path)
    compare.add_argument("--out", type=Path, help=out_help)
    for command in (train, decide, lint, evaluate):
        command.add_argument("--data", type=Path, default=DATA, help="the editors' files, or a copy of them (default: data)")
    commands.add_parser("run-jobs", help="run the jobs of the workshop, one after the other, until stopped")
    job = commands.add_parser("job", help="run one job: parameters as JSON on standard input, JSON lines on standard output")
    job.add_argument("kind")
    job.add_argument("--parent", type=int, help="the process that waits for it; the job ends with it")
    log_commands.add_commands(commands)
    options = parser.parse_args(arguments)

    if options.command == "run-jobs":
        from bot.workshop.runner import run_jobs

        return run_jobs()
    if options.command == "job":
        from bot.workshop.job_process import run_job_process

        return run_job_process(options.kind, options.parent)

    from bot.evaluation import LabelError, OutputError, ReportError
    from bot.learning.calibration import TooFewExamples
    from bot.learning.training import TrainingError, ensure_model
    from bot.serving.publishing import PublishError
    from content.sources import ContentError

    try:
        if options.command == "train":
            ensure_model(data=options.data)
            return 0
        if options.command == "publish":
            return _publish()
        if options.command == "check":
            return _check()
        if options.command == "lint":
            return _lint(options.out, options.curve, options.data)
        if options.command == "decide":
            if not options.text.strip():
                print("the text is empty", file=sys.stderr)
                return 2
            return _decide(options.text, options.data)
        if options.command == "compare":
            return _compare(options.old, options.new, options.out)
        if options.command in log_commands.COMMANDS:
            return log_commands.run(options)
        return _evaluate(options.files, options.out, options.data)
    except (ContentError, TrainingError, TooFewExamples, PublishError, LabelError, OutputError, ReportError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
