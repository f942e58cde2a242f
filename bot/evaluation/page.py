"""Reports and comparisons as HTML: one file each, without external resources, with all customers' words escaped."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from bot.evaluation.comparison import differing_sentences
from bot.evaluation.figures import INTENT_F1, MAIN_FIGURES, SLICE_FIGURES, Figure, short_names
from bot.evaluation.outcome import Outcome
from contract.routes import ROUTES

_TEMPLATES = Path(__file__).parent
#: Below this probability by chance a difference is called significant.
_SIGNIFICANT = 0.05


def figure_text(figure: Figure, value: Optional[float]) -> str:
    """A figure for display: shares in percent, times with one digit, everything else with three."""
    if value is None:
        return "–"
    if figure.is_share:
        return f"{100 * value:.1f}%"
    return f"{value:.1f}" if figure.path.startswith("latency") else f"{value:.3f}"


def change_text(figure: Figure, change: Optional[float]) -> str:
    """A change with its sign, in the unit of the figure."""
    if change is None:
        return "–"
    if not change:
        return "="
    sign, size = "+" if change > 0 else "−", abs(change)  # a minus sign with the width of the plus sign
    return f"{sign}{100 * size:.1f}" if figure.is_share else sign + figure_text(figure, size)


def _breakable(name: str) -> Markup:
    """A name that may break after its underscores on a narrow screen."""
    return Markup("_<wbr>").join(escape(name).split("_"))


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["breakable"] = _breakable
    environment.globals.update(
        main_figures=MAIN_FIGURES,
        intent_f1=INTENT_F1,
        slice_figures=SLICE_FIGURES,
        routes=ROUTES,
        figure_text=figure_text,
        change_text=change_text,
        significant=_SIGNIFICANT,
        figure_of={figure.path: figure for figure in (*MAIN_FIGURES, *SLICE_FIGURES)},
    )
    return environment


def _errors(report: Mapping[str, Any]) -> List[Dict[str, Any]]:
    """The wrong lines by their cost: messages that needed a person come first."""
    kinds: Dict[str, List[Any]] = {
        "Emergencies that did not reach a person": [],
        "Others who needed a person and did not reach one": [],
        "Sent to a person without need": [],
        "Another wrong route": [],
        "Right route, wrong intent or reason": [],
    }
    missed, unmet, needless, routed, named = kinds.values()
    for line in report["lines"]:
        outcome = Outcome.from_json(line)
        if outcome.is_right:
            continue
        if outcome.has_right_route:
            named.append(line)
        elif outcome.expected.needs_person:
            (missed if outcome.expected.reason in report["risk_reasons"] else unmet).append(line)
        elif outcome.got.route == "escalate":
            needless.append(line)
        else:
            routed.append(line)
    # Errors with high confidence come first.
    return [
        {"title": title, "lines": sorted(lines, key=lambda line: -line["got"]["confidence"])}
        for title, lines in kinds.items()
        if lines
    ]


def report_page(report: Mapping[str, Any]) -> str:
    """The page of a report (`bot.evaluation.evaluate`)."""
    # Imported here: the import of matplotlib takes most of a second, and other commands do not need it.
    from bot.evaluation import pictures

    return (
        _environment()
        .get_template("report.html.jinja")
        .render(
            report=report,
            short=short_names(report["files"]),
            errors=_errors(report),
            confusion_matrix=pictures.confusion_matrix(report),
            reliability=pictures.reliability(report),
            risk_coverage=pictures.risk_coverage(report),
            slice_pictures={kind: pictures.slices(kind, figures) for kind, figures in report["slices"].items()},
        )
    )


def comparison_page(comparison: Mapping[str, Any]) -> str:
    """The page of a comparison (`bot.evaluation.compare`)."""
    return (
        _environment()
        .get_template("comparison.html.jinja")
        .render(
            comparison=comparison,
            warning=differing_sentences(comparison),
            short=short_names([row["name"] for row in comparison["slices"]["file"]]),
        )
    )
