"""Measures understanding and decision together on labelled sentences, and compares two reports.

docs/evaluation.md defines every figure. The modules, in the order of their dependencies: `labelled` (expected results),
`outcome` (actual results), `figures` (all figures, from outcomes), `report` (figures and outcomes as a file), `comparison` (of
two reports), `pictures` and `page` (HTML), `terminal` (tables for a terminal), `output` (atomic writing).
"""

from __future__ import annotations

from bot.errors import OutputError
from bot.evaluation.comparison import compare
from bot.evaluation.labelled import LabelError, Labelled, read_labelled
from bot.evaluation.output import prepare, write_comparison, write_report
from bot.evaluation.report import ReportError, evaluate, read_report
from bot.evaluation.terminal import print_comparison, print_report

__all__ = [
    "LabelError",
    "Labelled",
    "OutputError",
    "ReportError",
    "compare",
    "evaluate",
    "prepare",
    "print_comparison",
    "print_report",
    "read_labelled",
    "read_report",
    "write_comparison",
    "write_report",
]
