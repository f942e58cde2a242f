"""The bot's command line: `python -m bot train | publish | check | decide TEXT | evaluate FILE`."""

from __future__ import annotations

import argparse
import json
import os
import sys
import warnings
from pathlib import Path
from typing import List, Optional

from actions.content import load_content
from actions.policy import ContentError
from bot.training import TrainingError, ensure_model, model_path


def _environment() -> None:
    # Before Rasa and TensorFlow are imported: what they would print helps nobody here.
    os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
    os.environ.setdefault("LOG_LEVEL", "WARNING")
    warnings.simplefilter("ignore")


def _progress(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _decide(text: str) -> int:
    from bot.understanding import Understanding

    content = load_content(Path("data"))
    understanding = Understanding(model_path(ensure_model(_progress)), content)
    print(json.dumps(understanding.decide(text), ensure_ascii=False, indent=2))
    return 0


def _evaluate(file: Path, out: Optional[Path]) -> int:
    from bot.evaluation import evaluate, print_report, read_labelled, write_report
    from bot.understanding import Understanding

    content = load_content(Path("data"))
    lines = read_labelled(file, content.policy)
    understanding = Understanding(model_path(ensure_model(_progress)), content)
    report = evaluate(lines, understanding.decide, content.policy)
    print_report(report)
    if out is not None:
        write_report(report, out)
    return 0


def _publish() -> int:
    from bot.publishing import publish

    urls = [url for url in os.environ.get("BOT_URLS", "").split(",") if url]
    publish(urls, os.environ.get("BOT_TOKEN", ""))
    return 0


def _check() -> int:
    from bot.content_check import check_content

    problems = check_content(Path("."))
    for problem in problems:
        print(problem)
    print(f"content: {len(problems)} problems" if problems else "content: no problems")
    return 1 if problems else 0


def main(arguments: Optional[List[str]] = None) -> int:
    """Run one command; the exit code is 0, or 1 with a message on what to mend."""
    _environment()
    parser = argparse.ArgumentParser(prog="python -m bot", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("train", help="train the model for the present data, if there is none")
    commands.add_parser("publish", help="check data/, train if needed, bring it to the running bot")
    commands.add_parser("check", help="check data/ without publishing")
    decide = commands.add_parser("decide", help="print the decision for a text as JSON")
    decide.add_argument("text")
    evaluate = commands.add_parser("evaluate", help="score a labelled file (JSON lines: text, intent, route, reason)")
    evaluate.add_argument("file", type=Path)
    evaluate.add_argument("--out", type=Path, help="write the report there as JSON")
    options = parser.parse_args(arguments)

    from bot.evaluation import LabelError
    from bot.publishing import PublishError

    try:
        if options.command == "train":
            ensure_model()
            return 0
        if options.command == "publish":
            return _publish()
        if options.command == "check":
            return _check()
        if options.command == "decide":
            if not options.text.strip():
                print("the text is empty", file=sys.stderr)
                return 2
            return _decide(options.text)
        return _evaluate(options.file, options.out)
    except (ContentError, TrainingError, PublishError, LabelError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
