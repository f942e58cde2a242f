"""Makes the stock Rasa project: `.venv/bot/bin/python -m tests.benchmarks.stock_rasa build --out FOLDER`.

Prints the model's path and the seconds of training. FOLDER/commands.json says how to start both processes. Only some sentences
are used, because DIET would train for hours on all of data/nlu; the cost of a turn does not depend on their number.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Sequence

from bot.learning.content_check import read_examples
from content.sources import ContentError
from tests.benchmarks.nlu.sentences import InputError, sample
from tests.benchmarks.nlu.systems import ROOT, Unavailable
from tests.benchmarks.stock_rasa.project import BuildError, build


def main(arguments: Sequence[str]) -> int:
    """Run one command. Returns 0, or 2 with a message that says how to fix the problem."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.stock_rasa", description=__doc__)
    options = parser.add_subparsers(dest="command", required=True).add_parser("build", help="write the project and train it")
    options.add_argument("--out", type=Path, required=True, help="the project's folder; outside of this project's data/")
    options.add_argument("--examples", type=int, default=12, help="at most this many sentences for each intent")
    options.add_argument("--epochs", type=int, default=30, help="of DIET and of TED; Rasa's template has 100")
    options.add_argument("--seed", type=int, default=1, help="of the sample and of training")
    given = parser.parse_args(arguments)
    try:
        if given.epochs < 1:
            raise InputError(f"--epochs is {given.epochs}; at least 1")
        examples = sample(read_examples(ROOT / "data" / "nlu"), given.examples, given.seed)
        built = build(given.out, examples, given.epochs, given.seed)
    except (BuildError, ContentError, InputError, Unavailable) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(f"{built.model}\ntrained in {built.seconds:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
