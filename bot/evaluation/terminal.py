"""Reports and comparisons as tables for a terminal, without sentences, which only the files contain."""

from __future__ import annotations

from typing import Any, Mapping

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bot.evaluation.comparison import differing_sentences
from bot.evaluation.figures import INTENT_F1, MAIN_FIGURES, SLICE_FIGURES, Figure, short_names, value_at
from bot.evaluation.page import change_text, figure_text

_CONFUSIONS = 8
#: The number of the worst and of the best changes that are shown of a long list.
_CHANGES = 8
#: Short names of the figures of a slice, which fit next to each other.
_SLICE_COLUMNS = ("intent", "route", "must escalate", "person", "needless", "answered", "wrong article", "asked back")
_COLOURS = {"better": "green", "worse": "red"}


def _table(title: str, first: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column(first, overflow="fold")
    for column in columns:
        table.add_column(column, justify="right")
    return table


def _with_interval(figure: Figure, share: Any) -> str:
    if share is None:
        return "-"
    return f"{share['hits']}/{share['n']}, {figure_text(figure, share['low'])} to {figure_text(figure, share['high'])}"


def print_report(report: Mapping[str, Any]) -> None:
    """Print the figures of a report, its reasons, slices and worst confusions."""
    console = Console()
    table = _table(f"{report['n']} sentences", "figure", "value", "lines, 95% interval")
    for figure in MAIN_FIGURES:
        node: Any = report
        for name in figure.path.split("."):
            node = None if node is None else node[name]
        interval = _with_interval(figure, node) if isinstance(node, Mapping) else ""
        table.add_row(figure.title, figure_text(figure, value_at(report, figure.path)), interval)
    console.print(table)
    if report["by_reason"]:
        table = _table("reasons", "reason", "lines", "reached a person", "for that reason")
        for reason, row in report["by_reason"].items():
            shares = [figure_text(MAIN_FIGURES[0], row[name]["value"]) for name in ("escalated", "recall")]
            table.add_row(reason, str(row["n"]), *shares)
        console.print(table)
    for kind, slices in report["slices"].items():
        if len(slices) > 1:
            table = _table(f"by {kind}", kind, "lines", *_SLICE_COLUMNS)
            titles = short_names(sorted(slices))
            for name, row in sorted(slices.items()):
                values = [figure_text(figure, value_at(row, figure.path)) for figure in SLICE_FIGURES]
                table.add_row(escape(titles[name]), str(row["n"]), *values)
            console.print(table)
    if report["confusions"]:
        table = _table("worst confusions", "labelled", "decided", "lines", "wrong route")
        for row in report["confusions"][:_CONFUSIONS]:
            table.add_row(row["expected"], row["got"], str(row["n"]), str(row["wrong_route"]))
        console.print(table)
    console.print(f"{report['wrong']} sentences differ from their labels")


def print_comparison(comparison: Mapping[str, Any]) -> None:
    """Print the changes of the figures, and the number of flipped sentences."""
    console = Console()
    warning = differing_sentences(comparison)
    if warning:
        console.print(f"warning: {warning}", style="bold red")
    if comparison["relabelled"]:
        console.print(f"{comparison['relabelled']} sentences have other labels in the new report; those count for both")
    table = _table(f"{comparison['n']['shared']} sentences", "figure", "old", "new", "change", "")
    for figure, row in zip(MAIN_FIGURES, comparison["figures"]):
        colour = _COLOURS.get(row["verdict"] or "", "default")
        values = [figure_text(figure, row[side]) for side in ("old", "new")]
        table.add_row(figure.title, *values, f"[{colour}]{change_text(figure, row['change'])}[/]", row["verdict"] or "")
    console.print(table)
    table = _table("flipped sentences", "judged by", "right → wrong", "wrong → right", "p (McNemar)")
    for name, row in comparison["tests"].items():
        words = "intent, route and reason" if name == "all" else name
        table.add_row(words, str(row["worse"]), str(row["better"]), f"{row['p']:.3f}")
    console.print(table)
    for kind, figure in (("style", SLICE_FIGURES[0]), ("file", SLICE_FIGURES[0]), ("intent", INTENT_F1)):
        rows = comparison["by_intent"] if kind == "intent" else comparison["slices"][kind]
        changed = [row for row in rows if row["changes"][0]["change"]]
        if len(rows) < 2 or not changed:
            continue
        titles = short_names([row["name"] for row in rows])
        table = _table(
            f"{'F1' if kind == 'intent' else figure.title} by {kind}, changes", kind, "lines", "old", "new", "change"
        )
        shown = changed if len(changed) <= 2 * _CHANGES else [*changed[:_CHANGES], *changed[-_CHANGES:]]
        for row in shown:
            first = row["changes"][0]
            colour = _COLOURS.get(first["verdict"] or "", "default")
            values = [figure_text(figure, first[side]) for side in ("old", "new")]
            change = f"[{colour}]{change_text(figure, first['change'])}[/]"
            table.add_row(escape(titles[row["name"]]), str(row["n"]), *values, change)
        if len(shown) < len(changed):
            table.add_row(f"({len(changed) - len(shown)} more between)", "", "", "", "")
        console.print(table)
