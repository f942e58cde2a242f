"""`python -m handoff figures`: the numbers of the board's reports, for terminals and scripts."""

from __future__ import annotations

import argparse
import datetime as dt

from content.bundle import DeskContent
from handoff.figures.promises import desk_zone
from handoff.figures.reports import report
from handoff.figures.tables import as_csv, as_text
from handoff.figures.window import GROUPINGS, grouping_of, window_of
from handoff.runtime.transaction import Store


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("--from", dest="start", required=True, metavar="DATE", help="a date, or a time with offset")
    parser.add_argument("--to", dest="end", required=True, metavar="DATE", help="the first date or time after the window")
    parser.add_argument("--by", choices=GROUPINGS, help="one row for each")
    parser.add_argument("--csv", action="store_true", help="comma-separated values")


async def figures(store: Store, content: DeskContent, options: argparse.Namespace, now: dt.datetime) -> str:
    """What the command prints. Raises BadInput, Unavailable."""
    window = window_of(options.start, options.end, desk_zone(content), now)
    found = await report(store, content, window, grouping_of(options.by))
    return as_csv(found).rstrip() if options.csv else as_text(found)
