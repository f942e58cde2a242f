"""Reports as JSON, CSV and text. All three show the same values."""

from __future__ import annotations

import csv
import io
from typing import Any
from urllib.parse import urlencode

from handoff.figures.catalogue import Figure, Unit
from handoff.figures.reports import Report
from handoff.figures.totals import DrillDown, Row

_COLUMNS = ("figure", "name_zh", "name_en", "unit", "key", "value", "numerator", "denominator", "from", "to")
#: A spreadsheet takes a cell that begins so for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_UNKNOWN_KEY = "-"


def as_json(report: Report) -> dict[str, Any]:
    """The answer of `GET /api/figures`."""
    window = report.window
    return {
        **_window_json(report),
        "zone": window.zone.key,
        "by": report.by,
        "is_settled": report.is_settled,
        "figures": [
            {**described(figure), "kind": figure.kind, "rows": [_row_json(report, figure, row) for row in rows]}
            for figure, rows in report.rows
        ],
    }


def described(figure: Figure) -> dict[str, Any]:
    """What a figure is, for people."""
    return {
        "id": figure.id,
        "name": {"zh": figure.zh, "en": figure.en},
        "definition": {"zh": figure.definition_zh, "en": figure.definition_en},
        "unit": figure.unit,
    }


def drill_down_json(found: DrillDown) -> dict[str, Any]:
    """The answer of `GET /api/figures/{figure}/conversations`."""
    return {
        "conversations": [
            {"id": each.conversation_id, "at": each.at, "value": each.value, "is_counted": each.is_counted}
            for each in found.latest
        ],
        "total": found.total,
    }


def _window_json(report: Report) -> dict[str, str]:
    return {"from": report.window.start.isoformat(), "to": report.window.end.isoformat()}


def _row_json(report: Report, figure: Figure, row: Row) -> dict[str, Any]:
    query = _window_json(report)
    if report.by is not None:
        query |= {"by": report.by, "key": row.key or ""}
    return {
        "key": row.key,
        "value": _rounded(row.value),
        "numerator": _rounded(row.numerator),
        "denominator": row.denominator,
        "conversation_ids_url": f"/api/figures/{figure.id}/conversations?{urlencode(query)}",
    }


def as_csv(report: Report) -> str:
    """The answer of `GET /api/figures.csv`, without the byte order mark. No cell is a formula for a spreadsheet."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(_COLUMNS)
    window = _window_json(report)
    for figure, rows in report.rows:
        for row in rows:
            numbers = (_rounded(row.value), _rounded(row.numerator), row.denominator)
            cells = (figure.id, figure.zh, figure.en, figure.unit, row.key, *numbers, window["from"], window["to"])
            writer.writerow([_harmless(cell) for cell in cells])
    return text.getvalue()


def _harmless(cell: Any) -> Any:
    if cell is None:
        return ""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def as_text(report: Report) -> str:
    """The table that `python -m handoff figures` prints."""
    window = report.window
    local = [each.astimezone(window.zone).isoformat(timespec="minutes") for each in (window.start, window.end)]
    lines = [f"{local[0]} to {local[1]} ({window.zone.key}), as of {window.as_of.isoformat(timespec='seconds')}"]
    if not report.is_settled:
        lines.append("figures that look 72 hours ahead leave out younger episodes")
    keys = [figure.id for figure, _ in report.rows]
    width = max(map(len, keys))
    for figure, rows in report.rows:
        for row in rows:
            key = "" if report.by is None else f"  {row.key or _UNKNOWN_KEY:<20}"
            of = f"{_count(row.numerator)}/{row.denominator}" if figure.kind in ("share", "mean") else f"n={row.denominator}"
            lines.append(f"{figure.id:<{width}}{key}  {shown(row.value, figure.unit):>12}  {of}")
    return "\n".join(lines)


def shown(value: float | None, unit: Unit) -> str:
    """A value with its unit."""
    if value is None:
        return "-"
    if unit == "share":
        return f"{value * 100:.1f}%"
    return f"{value:.0f}" if unit == "count" else f"{value:.2f}" if unit == "stars" else f"{value:.1f} s"


def _count(value: float | None) -> str:
    return "-" if value is None else f"{value:g}"


def _rounded(value: float | None) -> float | None:
    return value if value is None or isinstance(value, int) else round(value, 4)
