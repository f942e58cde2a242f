"""Draws the benchmark's pictures from its JSON files: `.venv/bot/bin/python -m tests.benchmarks.load.pictures FOLDER`.

A separate module for the bot's environment (Python 3.10), because only that has matplotlib. With UPDATE_PICTURES set, the
pictures are also written to docs/pictures.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any, Callable, Dict

from matplotlib.figure import Figure  # type: ignore[import-untyped]

Json = Dict[str, Any]

DOCS = Path(__file__).parents[3] / "docs" / "pictures"
# The first two colours of Okabe and Ito (2008), distinguishable with any colour vision.
_OURS, _OTHER, _FAINT = "#0072b2", "#d55e00", "#dddddd"


def _figure(panels: int) -> Any:
    figure = Figure(figsize=(4.6 * panels, 3.2), dpi=150, layout="constrained")
    all_axes = figure.subplots(1, panels, squeeze=False)[0]
    for axes in all_axes:
        for side, spine in axes.spines.items():
            spine.set_visible(side in ("left", "bottom"))
            spine.set_color(_FAINT)
        axes.tick_params(length=0, labelsize=9)
        axes.grid(color=_FAINT, linewidth=0.6)
        axes.set_axisbelow(True)
    return figure, all_axes


def throughput(result: Json) -> Any:
    """Turns per second and p99 over clients."""
    figure, (speed, wait) = _figure(2)
    for (bots, found), ink in zip(result.items(), (_OURS, _OTHER)):
        clients = [level["clients"] for level in found["levels"]]
        for axes, name, unit in ((speed, "turns_per_second", 1), (wait, "p99_ms", 1000)):
            values = [None if level[name] is None else level[name] / unit for level in found["levels"]]
            axes.plot(clients, values, color=ink, marker="o", markersize=4, label=f"{bots} bot{'s' * (bots != '1')}")
    for axes, title in ((speed, "turns in a second"), (wait, "99th percentile, seconds")):
        axes.set_xscale("log", base=2)
        axes.set_xticks(clients)
        axes.set_xticklabels(clients)
        axes.set_ylim(bottom=0)
        axes.set_xlabel("customers at once", fontsize=9)
        axes.set_title(title, loc="left", fontsize=10)
        axes.legend(frameon=False, fontsize=9)
    return figure


def streams(result: Json) -> Any:
    """The desk's memory over open streams."""
    figure, (axes,) = _figure(1)
    steps = result["steps"]
    memory = [step["memory_mb"]["desk"]["rss"] for step in steps]
    axes.plot([step["streams"] for step in steps], memory, color=_OURS, marker="o", markersize=4)
    axes.set_ylim(bottom=0)
    axes.set_xlabel("idle streams on one desk process", fontsize=9)
    axes.set_title("resident memory of the desk, MB", loc="left", fontsize=10)
    return figure


def log(result: Json) -> Any:
    """The cost of database operations with a small log and a large one."""
    figure, (axes,) = _figure(1)
    names = list(result["operations"])
    for shift, size, ink in ((-0.2, "small", _OURS), (0.2, "large", _OTHER)):
        values = [result["operations"][name][size]["median_ms"] for name in names]
        label = f"{result['logs'][size]['events']:,} events"
        axes.barh([row + shift for row in range(len(names))], values, height=0.38, color=ink, label=label)
    axes.set_yticks(range(len(names)))
    axes.set_yticklabels(names)
    axes.invert_yaxis()
    axes.grid(visible=False, axis="y")
    axes.set_title("median, ms", loc="left", fontsize=10)
    axes.legend(frameon=False, fontsize=9)
    return figure


def stock(result: Json) -> Any:
    """Throughput and memory of this project and of stock Rasa."""
    figure, panels = _figure(2)
    speed = {name: found["turns_per_second"] for name, found in result["systems"].items()}
    titles = ("turns in a second", f"memory ({result['memory_kind'].upper()}), MB")
    for axes, values, title in zip(panels, (speed, result["memory_mb"]), titles):
        inks = [_OURS if name.startswith("ours") else _OTHER for name in values]
        axes.barh(list(values), list(values.values()), height=0.6, color=inks)
        axes.invert_yaxis()
        axes.grid(visible=False, axis="y")
        axes.set_title(title, loc="left", fontsize=10)
    return figure


PICTURES: Dict[str, Callable[[Json], Any]] = {"throughput": throughput, "streams": streams, "log": log, "stock": stock}


def main(folder: Path) -> None:
    """Draw all parts that have results."""
    for name, draw in PICTURES.items():
        source, picture = folder / f"{name}.json", folder / f"bench-{name}.png"
        if source.exists():
            draw(json.loads(source.read_text(encoding="utf-8"))["result"]).savefig(picture, bbox_inches="tight")
            if os.environ.get("UPDATE_PICTURES"):
                shutil.copy(picture, DOCS)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
