"""The job `check`: what a snapshot of the draft would change, before anybody may publish it.

Validate, train if needed, ask the gate, decide the last turns of the log again. The snapshot is frozen, so what is published
later is what was checked, whatever editors save meanwhile.
"""

from __future__ import annotations

import functools
import tempfile
import time
from pathlib import Path
from typing import Any, Callable, Dict, List, Mapping, Optional

from bot.folders import DATA, MODELS
from bot.learning.training import ensure_model, model_name, model_path
from bot.workshop.gate.job import judge
from bot.workshop.jobs import JobError, Progress
from bot.workshop.logged_turns import LoggedTurn, logged_turns
from bot.workshop.packages import PublishError, forget_old, publishing_lock
from bot.workshop.shadow import compare
from bot.workshop.versions import ModelGone, Version, live_version
from content.bundle import Bundle, Content, decode_part
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
        data = unpack_snapshot(MODELS, revision, Path(scratch) / "data", DATA)
        bundle = compile_content(data)
        clock.note("validate")
        model = model_name(data)
        is_new = not model_path(model).exists()
        begun, trained, gated, shadowed = _STEPS[is_new]
        if is_new:
            progress(begun, "正在训练（约 1 分钟）", "Training (about a minute)")
        ensure_model(lambda text: None, data)
        clock.note("train")
        # Read at most once: the gate, which may not need it, and the shadow look at the same turns.
        log = functools.lru_cache(maxsize=1)(lambda: logged_turns(last=max(turns, TURNS)))
        gate = gate_of(data, _part(progress, trained, gated), log)
        clock.note("gate")
        shadow = _shadow(bundle, data, model, log()[-turns:], _part(progress, gated, shadowed))
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


def gate_of(data: Path, progress: Progress, log: Optional[Callable[[], List[LoggedTurn]]] = None) -> Dict[str, Any]:
    """The gate's report on a folder (docs/workshop.md, "Gate"). `log` gives turns. Raises JobError."""
    return judge(data, log, progress)


def _shadow(bundle: Bundle, data: Path, model: str, turns: List[LoggedTurn], progress: Progress) -> Optional[Dict[str, Any]]:
    """What live and draft decide differently (docs/workshop.md, "Shadow"); None while nothing is published."""
    before = live_version(MODELS)
    if before is None:
        return None
    after = Version(decode_part(Content, bundle.encoded(), data), model)
    words = "正在用真实对话重新判断", "Deciding the log again"
    try:
        return compare(before, after, turns, lambda share: progress(share, *words))
    except ModelGone as error:
        raise JobError(f"模型文件不在了，请重新发布：{error}", f"A model is gone, publish again: {error}") from error


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
