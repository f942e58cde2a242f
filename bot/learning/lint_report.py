"""The findings of the data lint as tables on the terminal and as files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Iterator, List, Mapping, Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bot.errors import OutputError
from bot.learning.traits import TraitTable, shown, shown_range

_SHOWN, _TABLE_WIDTH = 40, 124


def _with_places(row: Mapping[str, Any]) -> str:
    return "\n".join(f"{text}  {place}" for text, place in zip(row["sentences"], row["places"]))


def _shown(name: str, row: Mapping[str, Any]) -> Iterator[str]:
    if name == "duplicates":
        yield from ("yes" if row["routes_differ"] else "", ", ".join(sorted(set(row["intents"]))), _with_places(row))
    elif name == "near_duplicates":
        yield from (f"{row['cosine']:.3f}", "\n".join(row["intents"]), _with_places(row))
    elif name == "thin_intents":
        yield from (row["intent"], str(row["sentences"]), str(row["needed"]))
    elif name == "keywords":
        yield from (row["intent"], row["ngram"], f"{row['holding']:.0%}", f"{row['flipped']:.0%}")
    elif name == "label_suspects":
        differ = "yes" if row["routes_differ"] else ""
        chances = f"{row['p_intent']:.2f} → {row['p_suggested']:.2f}"
        yield from (differ, f"{row['intent']} → {row['suggested']}", chances, f"{row['text']}  {row['place']}")
    else:
        each = sorted(row["per_intent"].values())
        middle = f"{each[len(each) // 2]} ({each[0]} to {each[-1]})"
        yield from (f"{row['share']:.0%}", str(row["sentences"]), middle, f"{row['macro_f1']:.3f}")


_TABLES = {
    "duplicates": ("the same once normalised", ("routes differ", "intents", "sentences")),
    "near_duplicates": ("nearly the same, routes differ", ("cosine", "intents", "sentences")),
    "thin_intents": ("too few sentences", ("intent", "sentences", "needed")),
    "keywords": ("hangs on one n-gram", ("intent", "n-gram", "hold it", "flip without it")),
    "label_suspects": ("perhaps labelled wrong", ("routes differ", "label → suggested", "held out", "sentence")),
    "curve": ("learning curve", ("share of groups", "sentences", "per intent: median (range)", "macro-F1")),
}


def print_findings(report: Mapping[str, Any]) -> None:
    """Print the findings of `lint` as tables, with the worst entries of each list."""
    console = Console()
    console.print(
        f"{report['sentences']} sentences, {report['intents']} intents; {report['held_out_accuracy']:.1%} are predicted right "
        "by a model that saw neither them nor their paraphrases"
    )
    for name, (title, columns) in _TABLES.items():
        rows = report.get(name)
        if rows is None:
            continue
        table = Table(title=f"{title}: {len(rows)}", title_justify="left")
        for column in columns:
            table.add_column(column, overflow="fold")
        for row in rows[:_SHOWN]:
            table.add_row(*(escape(cell) for cell in _shown(name, row)))
        console.print(table if rows else f"{title}: none")
        if len(rows) > _SHOWN:
            console.print(f"({len(rows) - _SHOWN} more: give OUT=folder for all)")


def print_traits(table: TraitTable) -> None:
    """Print the table with a column for each set; ▲ and ▼ mark figures that are too high or too low by more than the factor."""
    # Wider than the 80 columns of a pipe, which would cut figures.
    console = Console(width=max(Console().width, _TABLE_WIDTH))
    shown_table = Table(title="traits of Chinese sentences (words and frames: of 10,000)", title_justify="left")
    for column in ("", "trait", *table.sets, "real queries"):
        shown_table.add_column(column, no_wrap=True, justify="left" if column in ("", "trait") else "right")
    shown_table.add_row("", "sentences", *(f"{number:,}" for number in table.sentences.values()), "")
    marks = {-1: " ▼", 0: "", 1: " ▲", None: ""}
    for row in zip(*table.sets.values()):
        cells = (f"{shown(one.group, one.value)}{marks[one.off]}" for one in row)
        shown_table.add_row(row[0].group, row[0].name.replace("_", " "), *cells, shown_range(row[0].group, row[0].target))
    pairs = ("" if share is None else shown("share", share) for share in table.new_pairs.values())
    shown_table.add_row("", "new pairs of characters", *pairs, "")
    console.print(shown_table)


def prepare_folder(out: Path) -> None:
    """Create the folder before the measurement starts. Raises OutputError."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{out}: cannot make the folder: {error.strerror}") from error


def write_findings(report: Mapping[str, Any], out: Path) -> List[Path]:
    """Write data_lint.json and, for a curve, learning_curve.png into a folder; returns the paths. Raises OutputError."""
    path = out / "data_lint.json"
    try:
        path.write_text(json.dumps(report, ensure_ascii=False, indent=1, allow_nan=False) + "\n", encoding="utf-8")
        return [path, _draw(report["curve"], out / "learning_curve.png")] if report.get("curve") else [path]
    except OSError as error:
        raise OutputError(f"{out}: cannot write: {error.strerror}") from error


def _draw(curve: Sequence[Mapping[str, Any]], path: Path) -> Path:
    # Imported here: the import takes most of a second. `Figure` alone needs no display.
    from matplotlib.figure import Figure  # type: ignore[import-untyped]

    figure = Figure(figsize=(6, 4), tight_layout=True)
    axes = figure.subplots()
    axes.plot([point["sentences"] for point in curve], [point["macro_f1"] for point in curve], marker="o")
    for point in curve:
        place = (point["sentences"], point["macro_f1"])
        axes.annotate(f"{point['share']:.0%}: {point['macro_f1']:.3f}", place, (4, -12), textcoords="offset points")
    axes.margins(x=0.25, y=0.15)
    axes.set(xlabel="training sentences", ylabel="macro-F1, held-out fold", title="Learning curve")
    axes.grid(alpha=0.3)
    figure.savefig(path, dpi=120)
    return path
