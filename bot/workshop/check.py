"""The job `check`: what a snapshot of the draft would change, before anybody may publish it.

Validate, train if needed, ask the gate, decide the last turns of the log again. The snapshot is frozen, so what is published
later is what was checked, whatever editors save meanwhile.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any, Dict, Mapping

from bot.learning.training import MODELS, ensure_model, model_name, model_path
from bot.workshop.jobs import Progress, load_job
from bot.workshop.packages import PublishError, forget_old, publishing_lock
from content.compiler import compile_content
from content.packages import live_pointer
from content.snapshots import unpack_snapshot

#: Turns of the log that are decided again.
TURNS = 10_000
#: Where training begins, and where training, gate and shadow end on the bar; with and without a training.
_STEPS = {True: (0.02, 0.45, 0.75, 0.99), False: (0.05, 0.08, 0.55, 0.99)}


def run(parameters: Mapping[str, Any], progress: Progress) -> Dict[str, Any]:
    """`{data_revision, turns?}` -> `{data_revision, revision, model, live, live_revision, gate, shadow, seconds}`.

    `live`: the package and data revision that were live, `[number, revision]`; a publication is refused when they change.
    `shadow` is None while nothing is published. Raises JobError, ContentError, SnapshotError, TrainingError.
    """
    revision = str(parameters["data_revision"])
    turns = int(parameters.get("turns") or TURNS)
    live = live_pointer(MODELS)
    clock = _Clock()
    progress(0.0, "正在检查内容文件", "Checking the content files")
    with tempfile.TemporaryDirectory(prefix="check-") as scratch:
        data = unpack_snapshot(MODELS, revision, Path(scratch) / "data")
        bundle = compile_content(data)
        clock.note("validate")
        model = model_name(data)
        is_new = not model_path(model).exists()
        begun, trained, gated, shadowed = _STEPS[is_new]
        if is_new:
            progress(begun, "正在训练（约 1 分钟）", "Training (about a minute)")
        ensure_model(lambda text: None, data)
        clock.note("train")
        gate = gate_of(data, _part(progress, trained, gated))
        clock.note("gate")
        shadow = shadow_of(data, turns, _part(progress, gated, shadowed)) if live is not None else None
        clock.note("shadow")
    _tidy()
    return {
        "data_revision": revision,
        "revision": bundle.revision,
        "model": model,
        "live": [None, None] if live is None else [live.package, live.data_revision],
        "live_revision": None if live is None else live.data_revision,
        "gate": gate,
        "shadow": shadow,
        "seconds": clock.seconds,
    }


def gate_of(data: Path, progress: Progress) -> Dict[str, Any]:
    """The gate's report on a folder (docs/workshop.md, "Gate"). Raises JobError."""
    return load_job("gate")({"data": str(data)}, progress)


def shadow_of(data: Path, turns: int, progress: Progress) -> Dict[str, Any]:
    """The shadow's report on a folder (docs/workshop.md, "Shadow"). Raises JobError."""
    return load_job("shadow")({"data": str(data), "turns": turns}, progress)


class _Clock:
    """Notes how long each step took."""

    def __init__(self) -> None:
        self.seconds: Dict[str, float] = {}
        self._at = time.monotonic()

    def note(self, name: str) -> None:
        """The step of this name has ended."""
        now = time.monotonic()
        self.seconds[name] = round(now - self._at, 2)
        self._at = now


def _part(progress: Progress, start: float, end: float) -> Progress:
    """Progress of one step on the bar of all."""
    return lambda share, zh, en: progress(start + (end - start) * share, zh, en)


def _tidy() -> None:
    """Remove old models and snapshots: each check may leave one. A publication that runs now removes them itself."""
    try:
        with publishing_lock(MODELS, 0):
            forget_old(MODELS)
    except PublishError:
        return
