"""Publish a data folder: compile, train if needed, ask the gate, bring it out."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Callable, Optional, Set, Tuple

from bot.folders import DATA, MODELS
from bot.learning.domain import write_domain
from bot.learning.training import ensure_model
from bot.workshop.packages import (
    Bots,
    PublishError,
    Reports,
    Who,
    bring_out,
    live_package,
    publishing_lock,
    refresh,
)
from content import packages as records
from content.bundle import Bundle
from content.compiler import compile_content
from content.packages import Package
from content.snapshots import FOLDER as SNAPSHOTS
from content.snapshots import data_revision, snapshot_path, take_snapshot, unpack_snapshot

#: Attempts to compile a folder in which somebody saves at the same time.
_ATTEMPTS = 5
#: Judges a draft before it is published: the folder, its data revision and its model in; reports out. Raises PublishError.
Judge = Callable[[Path, str, str], Reports]


def publish(
    bots: Bots,
    who: Who,
    data: Path = DATA,
    say: Callable[[str], None] = print,
    judge: Optional[Judge] = None,
) -> Tuple[Package, bool]:
    """Publish a data folder; its package, and whether it is a new one.

    If the folder is live already, there is no new package: bots that run another model are brought to the live one. `judge` is
    asked about a folder that differs from what is live. Raises ContentError, SnapshotError, TrainingError, PublishError or
    OSError; then nothing changed.
    """
    there = _snapshots()
    revision, bundle = _compiled(data)
    try:
        with tempfile.TemporaryDirectory() as scratch:
            # From the snapshot: a training takes a minute, and editors go on saving.
            model = ensure_model(say, unpack_snapshot(MODELS, revision, Path(scratch) / "data", DATA))
        if data == DATA:
            write_domain(bundle.policy)  # for Rasa's own commands
        reports = judge(data, revision, model) if judge is not None and _differs_from_live(revision) else Reports()
        with publishing_lock(MODELS):
            live = live_package(MODELS, revision, bundle.revision, model)
            package = live or bring_out(bundle, revision, model, who, reports, bots, MODELS, say)
            if live is not None:
                refresh(bots, MODELS, say)
    except BaseException:
        if revision not in there:
            snapshot_path(MODELS, revision).unlink(missing_ok=True)
        raise
    what = "published" if live is None else "live already"
    say(f"{what}: content {bundle.revision}, model {model}, publication {package.number}")
    return package, live is None


def _snapshots() -> Set[str]:
    """The data revisions of all stored snapshots."""
    return {path.name.partition(".")[0] for path in (MODELS / SNAPSHOTS).glob("*.tar.gz")}


def _compiled(data: Path) -> Tuple[str, Bundle]:
    """The data revision of a folder and its bundle, of one moment; the snapshot is stored then."""
    for _ in range(_ATTEMPTS):
        before = data_revision(data)
        bundle = compile_content(data)
        if data_revision(data) == before == take_snapshot(data, MODELS):
            return before, bundle
    raise PublishError("数据文件一直在变化，请稍后再发布。", "The data files keep changing. Publish again in a moment.")


def _differs_from_live(revision: str) -> bool:
    """Whether there is something live to compare a draft with, and the draft differs from it in its data.

    The same data with another model or another format of the bundle is a new version of the program, not an edit.
    """
    live = records.live_pointer(MODELS)
    return live is not None and live.data_revision is not None and live.data_revision != revision
