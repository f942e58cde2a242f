"""Decides turns for `filled_log`, in the bot's environment: a JSON list of turn requests a line in, decisions a line out."""

from __future__ import annotations

import json
import os
import sys

from bot.workshop.decider import Decider, Turn
from bot.workshop.versions import live_version
from contract.turn import TurnRequest


def main() -> None:
    """Answer until the input ends."""
    out = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # libraries print
    version = live_version()
    if version is None:
        raise SystemExit("nothing is published")
    decider = Decider.open(version)
    for line in sys.stdin:
        asked = [TurnRequest.from_json(turn) for turn in json.loads(line)]
        turns = [Turn(turn.text, turn.choice, turn.suggested, turn.context) for turn in asked]
        out.write(json.dumps(decider.decide_all(turns), ensure_ascii=False) + "\n")
        out.flush()


if __name__ == "__main__":
    main()
