"""`python -m handoff turns`: the turns of the log as JSON lines, for the commands that decide them again."""

from __future__ import annotations

import argparse
import sys
from zoneinfo import ZoneInfo

from handoff.runtime.transaction import Store
from handoff.workshop.log.turns import MOST_TURNS, read_turns


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("--last", type=_count, metavar="N", help="only the newest turns, oldest first; without it all turns")
    parser.add_argument("--conversation", metavar="ID", help="only the turns of this conversation")


def _count(text: str) -> int:
    count = int(text)
    if not 1 <= count <= MOST_TURNS:
        raise argparse.ArgumentTypeError(f"a number from 1 to {MOST_TURNS}")
    return count


async def print_turns(store: Store, zone: ZoneInfo, options: argparse.Namespace) -> None:
    """Write the lines to the standard output, as they are read. Raises Unavailable."""
    async for turn in read_turns(store, zone, last=options.last, conversation_id=options.conversation):
        sys.stdout.buffer.write(turn.as_line())
    sys.stdout.buffer.flush()
