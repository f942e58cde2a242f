"""Pictures of a report as inline SVG in the page's own colours, for the light and the dark theme.

Matplotlib (3.5) writes colours only as `#rrggbb`. Each ink below is such a colour with no other use; a CSS variable of the page
replaces it in the finished SVG.
"""

from __future__ import annotations

import io
import re
import warnings
from collections import Counter
from typing import Any, List, Mapping

import matplotlib  # type: ignore[import-untyped]
from markupsafe import Markup, escape
from matplotlib.figure import Figure  # type: ignore[import-untyped]
from matplotlib.patches import Rectangle  # type: ignore[import-untyped]

from bot.evaluation.figures import SLICE_FIGURES, short_names
from bot.evaluation.outcome import Outcome

_TEXT, _FAINT, _GOOD, _BAD = "#010101", "#020202", "#030303", "#040404"
_INKS = {_TEXT: "--text", _FAINT: "--line", _GOOD: "--good", _BAD: "--bad"}
#: With this many intents or more, the cells of the confusion matrix are too small for numbers.
_NUMBERED_CELLS = 80


def _plain(text: str) -> str:
    """A name escaped for matplotlib, which reads a dollar sign as the start of a formula."""
    return text.replace("$", r"\$")


def _axes(width: float, height: float) -> tuple[Any, Any]:
    """A figure with a size in inches and one pair of axes in the page's colours."""
    figure = Figure(figsize=(width, height))
    axes = figure.add_subplot()
    figure.patch.set_alpha(0)
    axes.patch.set_alpha(0)
    for side, spine in axes.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color(_FAINT)
    axes.tick_params(colors=_TEXT, length=0, labelsize=9)
    axes.grid(color=_FAINT, linewidth=0.6)
    axes.set_axisbelow(True)
    return figure, axes


def _named(axes: Any, x: str, y: str) -> None:
    axes.set_xlabel(x, color=_TEXT, fontsize=9)
    axes.set_ylabel(y, color=_TEXT, fontsize=9)


def _svg(figure: Any, name: str, description: str) -> Markup:
    """The figure as inline SVG. `name` makes the ids of several pictures distinct."""
    buffer = io.StringIO()
    # Matplotlib's font, which has no Chinese, only measures widths; the page displays the text with its own fonts.
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": name}), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        figure.savefig(buffer, format="svg", bbox_inches="tight", pad_inches=0.05, metadata={"Date": None, "Creator": None})
    svg = buffer.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    for ink, variable in _INKS.items():
        svg = svg.replace(ink, f"var({variable})")
    # Matplotlib escapes all texts.
    return Markup(svg.replace("<svg", f'<svg role="img" aria-label="{escape(description)}"', 1))  # noqa: S704


def confusion_matrix(report: Mapping[str, Any]) -> Markup:
    """Rows are labelled intents, columns are decided intents; each cell with messages has an area."""
    cells = Counter((o.expected.intent, o.counted_intent) for o in map(Outcome.from_json, report["lines"]))
    names = list(report["by_intent"])
    place = {name: position for position, name in enumerate(names)}
    rows = Counter(line["expected"]["intent"] for line in report["lines"])
    size = max(3.0, 0.19 * len(names))
    figure, axes = _axes(size, size)
    for (expected, got), n in cells.items():
        x, y, part = place[got], place[expected], n / rows[expected]
        ink = _GOOD if expected == got else _BAD
        axes.add_patch(Rectangle((x - 0.5, y - 0.5), 1, 1, facecolor=ink, alpha=0.2 + 0.7 * part, linewidth=0))
        if len(names) <= _NUMBERED_CELLS:
            axes.text(x, y, str(n), ha="center", va="center", fontsize=7, color=_TEXT)
    axes.set_xticks(range(len(names)))
    axes.set_xticklabels([_plain(name) for name in names], rotation=90)
    axes.set_yticks(range(len(names)))
    axes.set_yticklabels([_plain(name) for name in names])
    axes.tick_params(labelsize=8)
    axes.set_xlim(-0.5, len(names) - 0.5)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.xaxis.tick_top()
    axes.xaxis.set_label_position("top")
    axes.grid(linewidth=0.3)
    _named(axes, "decided", "labelled")
    return _svg(figure, "confusion", "Confusion matrix: labelled intents in rows, decided intents in columns")


def reliability(report: Mapping[str, Any]) -> Markup:
    """Accuracy over confidence. A calibrated model is on the diagonal."""
    bins = report["calibration"]["bins"]
    figure, axes = _axes(4.2, 3.6)
    axes.plot([0, 1], [0, 1], color=_TEXT, linewidth=1, linestyle=(0, (4, 3)))
    axes.plot(
        [b["confidence"] for b in bins], [b["accuracy"] for b in bins], color=_GOOD, marker="o", markersize=5, linewidth=1.5
    )
    axes.set_xlim(-0.02, 1.02)
    axes.set_ylim(-0.02, 1.02)
    _named(axes, "mean confidence of the bin", "share of right intents")
    return _svg(figure, "reliability", "Reliability: share of right intents over confidence, with the diagonal")


def risk_coverage(report: Mapping[str, Any]) -> Markup:
    """The error rate among the most confident messages, for each share of the messages."""
    points = report["risk_coverage"]["points"]
    figure, axes = _axes(4.2, 3.6)
    coverage, risk = [point["coverage"] for point in points], [point["risk"] for point in points]
    axes.plot(coverage, risk, color=_BAD, linewidth=1.8)
    axes.fill_between(coverage, risk, color=_BAD, alpha=0.15, linewidth=0)
    axes.set_xlim(0, 1.02)
    axes.set_ylim(0, max(0.05, 1.15 * max(risk)))
    _named(axes, "coverage: share of messages, most confident first", "share of wrong intents among them")
    return _svg(figure, "risk-coverage", "Risk-coverage curve: share of wrong intents over coverage")


def slices(kind: str, figures: Mapping[str, Mapping[str, Any]]) -> List[Markup]:
    """One picture per figure, with a bar and its interval for each slice; no picture for fewer than two slices."""
    if len(figures) < 2:
        return []
    names = sorted(figures)
    titles = short_names(names)
    drawn = []
    for wanted in SLICE_FIGURES:
        figure, axes = _axes(3.4, 0.7 + 0.22 * len(names))
        axes.spines["bottom"].set_visible(False)
        axes.grid(visible=False, axis="y")
        axes.set_title(wanted.title, loc="left", fontsize=10, color=_TEXT, pad=6)
        for row, name in enumerate(names):
            share = figures[name][wanted.path]
            if share is None:
                axes.text(0.01, row, "no such lines", va="center", fontsize=8, color=_TEXT, alpha=0.6)
                continue
            ink = _GOOD if wanted.more_is_better else _BAD
            axes.barh(row, share["value"], height=0.62, color=ink, alpha=0.75)
            axes.plot([share["low"], share["high"]], [row, row], color=_TEXT, linewidth=1)
        axes.set_yticks(range(len(names)))
        axes.set_yticklabels([_plain(titles[name]) for name in names])
        axes.set_ylim(len(names) - 0.4, -0.6)
        axes.set_xlim(0, 1)
        axes.set_xticks([0, 0.25, 0.5, 0.75, 1])
        axes.set_xticklabels(["0", "25", "50", "75", "100%"])
        drawn.append(_svg(figure, f"{kind}-{wanted.path}", f"{wanted.title} for each {kind}, with 95% intervals"))
    return drawn
