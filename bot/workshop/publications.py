"""Publish a checked snapshot, and roll back to an earlier publication: what needs no training, and no heavy import."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple

import msgspec

from bot.folders import DATA, MODELS
from bot.workshop.jobs import JobError, Progress
from bot.workshop.packages import (
    Bots,
    LiveChanged,
    PublishError,
    Reports,
    Who,
    bring_out,
    is_readable,
    live_package,
    package_to_go_back_to,
    publishing_lock,
    refresh,
)
from content import packages as records
from content.bundle import Bundle
from content.compiler import compile_content
from content.packages import Package, PackageError, missing_parts, model_archive
from content.published import Pointer
from content.snapshots import unpack_snapshot
from content.sources import decode_custom


def publish_snapshot(
    revision: str,
    model: str,
    base: Optional[Tuple[Optional[int], Optional[str]]],
    bots: Bots,
    who: Who,
    reports: Reports,
    say: Callable[[str], None] = print,
) -> Package:
    """Publish a snapshot that was checked: its model is trained. `base`: the package and data revision that were live then.

    The same again after a crash changes nothing more. Raises LiveChanged, PublishError, ContentError, SnapshotError, OSError.
    """
    if not model_archive(MODELS, model).exists():
        raise PublishError(
            "这次检查训练的模型已被清理，请重新检查后再发布。", "The model of this check is gone. Check the draft again."
        )
    with tempfile.TemporaryDirectory() as scratch:
        bundle = compile_content(unpack_snapshot(MODELS, revision, Path(scratch) / "data", DATA))
    with publishing_lock(MODELS):
        package = live_package(MODELS, revision, bundle.revision, model)
        if package is not None:
            refresh(bots, MODELS, say)
            return package
        live = records.live_pointer(MODELS)
        now = (None, None) if live is None else (live.package, live.data_revision)
        if base is not None and now != base:
            raise LiveChanged(
                "检查之后线上内容已变化（有人发布或回滚过），请重新检查后再发布。",
                "What is live has changed since the check. Check the draft again, then publish it.",
            )
        return bring_out(bundle, revision, model, who, reports, bots, MODELS, say)


def roll_back(
    bots: Bots, who: Who, to: Optional[int] = None, say: Callable[[str], None] = print, base: Optional[int] = None
) -> Package:
    """Publish an earlier package again, without training; without `to` the version that was live before. Takes seconds.

    The editors' working copy is not touched (docs/decisions/053-rolling-back.md). `base`: the package that must be live. The
    same again after a crash changes nothing more. Raises PublishError, PackageError, ContentError, SnapshotError, OSError; then
    nothing changed.
    """
    with publishing_lock(MODELS):
        live = records.live_pointer(MODELS)
        if base is not None and (live is None or live.package != base):
            done = _rolled_back_before(live, base, to)
            if done is not None:
                refresh(bots, MODELS, say)
                return done
            raise LiveChanged(
                "线上内容刚刚变化，请刷新后再回滚。", "What is live has just changed. Look again, then roll back."
            )
        package = package_to_go_back_to(MODELS, to)
        if live is not None and (live.data_revision, live.model) == package.version:
            raise PublishError(
                f"第 {package.number} 次发布的内容正是当前线上内容。", f"Publication {package.number} is what is live now."
            )
        gone = missing_parts(package, MODELS)
        if "model" in gone:
            raise PublishError(
                f"第 {package.number} 次发布的模型（{package.model}）已被清理，不能直接回滚。可以从快照重新训练："
                f"python -m bot packages --unpack {package.number} 文件夹，再 python -m bot publish --data 文件夹。",
                f"The model of publication {package.number} ({package.model}) is gone, so it cannot be rolled back to in "
                f"seconds. Train it again: `python -m bot packages --unpack {package.number} FOLDER`, then "
                "`python -m bot publish --data FOLDER`.",
            )
        bundle = _bundle_of(package, has_snapshot="snapshot" not in gone)
        back_to = package.rolled_back_to if package.rolled_back_to is not None else package.number
        reports = Reports(gate=package.gate, shadow=None, check_job=package.check_job)
        new = bring_out(bundle, package.data_revision, package.model, who, reports, bots, MODELS, say, rolled_back_to=back_to)
    say(f"rolled back to publication {back_to}: content {new.revision}, model {new.model} (publication {new.number})")
    return new


def _rolled_back_before(live: Optional[Pointer], base: int, to: Optional[int]) -> Optional[Package]:
    """What is live, if it is this very roll-back: its process was killed before it could say so."""
    if live is None or live.package is None or to is None:
        return None
    package, target = records.read_package(MODELS, live.package), records.read_package(MODELS, to)
    is_roll_back = package.rolled_back_to is not None and package.base == base
    return package if is_roll_back and package.version == target.version else None


def _bundle_of(package: Package, *, has_snapshot: bool) -> Bundle:
    """The stored bundle; compiled again from the snapshot if it is gone or an older version of the program wrote it."""
    if is_readable(MODELS, package.revision):
        path = records.bundle_path(MODELS, package.revision)
        return msgspec.json.decode(path.read_bytes(), type=Bundle, dec_hook=decode_custom)
    if not has_snapshot:
        raise PublishError(
            f"第 {package.number} 次发布的内容和快照都已被清理，不能回滚。",
            f"Content and snapshot of publication {package.number} are gone, so it cannot be rolled back to.",
        )
    with tempfile.TemporaryDirectory() as scratch:
        return compile_content(unpack_snapshot(MODELS, package.data_revision, Path(scratch) / "data", DATA), is_past=True)


# --- jobs --------------------------------------------------------------------------------------------------------------------


def publish_job(parameters: Mapping[str, Any], progress: Progress) -> Dict[str, Any]:
    """The job `publish`: {data_revision, model, base: [package, data revision], who, reports}. Raises JobError."""
    base = parameters["base"]
    return _job(
        lambda say: publish_snapshot(
            parameters["data_revision"],
            parameters["model"],
            None if base is None else (base[0], base[1]),
            Bots.of_environment(),
            Who(**parameters["who"]),
            Reports(**parameters["reports"]),
            say,
        ),
        progress,
    )


def roll_back_job(parameters: Mapping[str, Any], progress: Progress) -> Dict[str, Any]:
    """The job `roll_back`: {to, base, who}. Raises JobError."""
    return _job(
        lambda say: roll_back(Bots.of_environment(), Who(**parameters["who"]), parameters["to"], say, base=parameters["base"]),
        progress,
    )


def _job(do: Callable[[Callable[[str], None]], Package], progress: Progress) -> Dict[str, Any]:
    started = time.monotonic()
    said: List[str] = []

    def say(text: str) -> None:
        said.append(text)
        progress(min(0.3 * len(said), 0.9), "正在逐个更新机器人", "Updating the bots one after the other")

    progress(0.05, "准备发布", "Preparing")
    try:
        package = do(say)
    except (PublishError, PackageError) as error:
        raise JobError(error.zh, error.en) from error
    return {
        "package": package.number,
        "data_revision": package.data_revision,
        "revision": package.revision,
        "model": package.model,
        "seconds": round(time.monotonic() - started, 2),
    }
