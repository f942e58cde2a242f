"""The list of a look-back as a file for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any

_COLUMNS = (
    "conversation_id", "seq", "at", "reason", "priority", "lane", "rule", "route_then", "article_then", "is_closed",
    "case_opened", "text",
)  # fmt: skip
#: Excel takes a CSV file without it for the machine's old encoding, and shows no Chinese.
_BYTE_ORDER_MARK = "\ufeff"


def as_csv(result: Mapping[str, Any]) -> str:
    """The entries, one on each line, after a line with the names of the columns."""
    file = io.StringIO(newline="")
    table = csv.writer(file)
    table.writerow(_COLUMNS)
    for entry in result["found"]:
        before, after = entry["before"], entry["after"]
        values = {
            **entry,
            **{name: after[name] for name in ("reason", "priority", "lane", "rule")},
            "route_then": before["route"],
            "article_then": before["article"],
        }
        table.writerow([_no_formula(values[name]) for name in _COLUMNS])
    return _BYTE_ORDER_MARK + file.getvalue()


def _no_formula(value: Any) -> Any:
    """Customers' words must not run as a formula in a spreadsheet."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
