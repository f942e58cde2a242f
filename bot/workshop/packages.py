"""Brings a package out, in steps of which each leaves what is live whole, and keeps what rolling back and replaying need."""

from __future__ import annotations

import datetime as dt
import fcntl
import os
import shutil
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Optional, Set

from bot.serving.model_swap import SwapError, settle_bots, swapped_bots
from content import packages as records
from content import snapshots
from content.bundle import Bundle, Content, read_part
from content.files import PARTIAL
from content.packages import Package, PackageError, model_archive
from content.published import FOLDER as BUNDLES
from content.published import Pointer, read_pointer, store_bundle, write_pointer
from content.sources import ContentError

#: Packages that are kept with all their parts but the model.
KEPT_PACKAGES = 50
#: Models that are kept: those of so many versions published last, and so many trained last, for drafts that are not published.
KEPT_MODELS, KEPT_TRAINED = 5, 3
#: Bundles and snapshots that are kept in addition. A logged decision is replayed with the bundle of its day.
KEPT_BUNDLES, KEPT_SNAPSHOTS = 300, 30
#: After so many seconds a file that is still being written was left by a killed process.
_PARTIAL_SECONDS = 3600.0
#: Seconds that a second publisher waits for the first.
LOCK_SECONDS = 60.0


class PublishError(Exception):
    """Nothing was published, and what was live is live. `zh`, `en`: why, and what to do."""

    def __init__(self, zh: str, en: str) -> None:
        self.zh, self.en = zh, en
        super().__init__(en)


class LiveChanged(PublishError):
    """Somebody published after the base of this draft was looked at."""


@dataclass(frozen=True)
class Bots:
    """The running bots, and the token of Rasa's HTTP API."""

    urls: List[str]
    token: str

    @classmethod
    def of_environment(cls) -> Bots:
        """BOT_URLS and BOT_TOKEN; without BOT_URLS no bot runs."""
        return cls([url for url in os.environ.get("BOT_URLS", "").split(",") if url], os.environ.get("BOT_TOKEN", ""))


@dataclass(frozen=True)
class Who:
    """Who publishes, and the second person who agreed; why."""

    by: str
    why: str
    by_name: Optional[str] = None
    second: Optional[str] = None
    second_name: Optional[str] = None


@dataclass(frozen=True)
class Reports:
    """Summaries of what was known of a version when it was published."""

    gate: Optional[Dict[str, Any]] = None
    shadow: Optional[Dict[str, Any]] = None
    missed_rate: Optional[Dict[str, Any]] = None
    check_job: Optional[int] = None


@contextmanager
def publishing_lock(models: Path, seconds: float = LOCK_SECONDS) -> Iterator[None]:
    """One publisher at a time for a models folder; the kernel releases the lock of a killed one. Raises PublishError."""
    models.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(models, os.O_RDONLY)  # the folder itself is locked: a lock file could be removed
    deadline = time.monotonic() + seconds
    try:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise PublishError(
                        "另一次发布正在进行，请稍后再试。", "Another publication is running. Try again when it has ended."
                    ) from None
                time.sleep(0.1)
        yield
    finally:
        os.close(descriptor)


def is_readable(models: Path, revision: str) -> bool:
    """Whether a stored bundle can be read by this version of the program."""
    try:
        return read_part(Content, records.bundle_path(models, revision)).revision == revision
    except ContentError:
        return False


def live_package(models: Path, revision: str, content: str, model: str) -> Optional[Package]:
    """The record of what is live, if that is exactly this version and this version of the program can read it."""
    live = records.live_pointer(models)
    if live is None or live.package is None or (live.data_revision, live.revision, live.model) != (revision, content, model):
        return None
    try:
        return records.read_package(models, live.package) if is_readable(models, content) else None
    except PackageError:
        return None


def bring_out(
    bundle: Bundle,
    data_revision: str,
    model: str,
    who: Who,
    reports: Reports,
    bots: Bots,
    models: Path,
    say: Callable[[str], None],
    rolled_back_to: Optional[int] = None,
) -> Package:
    """Publish a version whose snapshot is stored and whose model is trained; the caller holds `publishing_lock`.

    Order: bundle, record, models of the bots, pointer. The pointer makes it live, in one step. A crash before it leaves the
    earlier publication live; the next publication removes the record, and brings all bots to one model again. Raises
    PublishError or OSError; then the bots and the folder are as they were.
    """
    live = records.live_pointer(models)
    base = None if live is None else live.package
    _forget_unfinished(models, base)
    known = records.numbers(models)
    package = Package(
        number=max(known[0] if known else 0, base or 0) + 1,
        at=dt.datetime.now(dt.timezone.utc).isoformat(timespec="seconds"),
        by=who.by,
        by_name=who.by_name,
        second=who.second,
        second_name=who.second_name,
        why=who.why,
        data_revision=data_revision,
        revision=bundle.revision,
        model=model,
        base=base,
        rolled_back_to=rolled_back_to,
        gate=reports.gate,
        shadow=reports.shadow,
        missed_rate=reports.missed_rate,
        check_job=reports.check_job,
    )
    made: List[Path] = []
    try:
        is_new = not records.bundle_path(models, bundle.revision).exists()
        path = store_bundle(bundle, models)
        made += [path] if is_new else []
        made.append(records.write_package(package, models))
        with swapped_bots(bots.urls, bots.token, model_archive(models, model), say):
            write_pointer(_pointer_of(package), models)
    except BaseException as error:
        if records.live_pointer(models) != _pointer_of(package):
            for each in made:
                each.unlink()
        if isinstance(error, SwapError):
            raise _not_taken(error) from error
        raise
    settle_bots(bots.urls, bots.token, model_archive(models, model), say)
    forget_old(models)
    return package


def refresh(bots: Bots, models: Path, say: Callable[[str], None]) -> None:
    """Bring all running bots to the live model, and have bots and desks read the live content again.

    It repairs what a publication left that was killed between two bots. The caller holds `publishing_lock`. Raises
    PublishError.
    """
    live = read_pointer(models)
    try:
        with swapped_bots(bots.urls, bots.token, model_archive(models, live.model), say):
            write_pointer(live, models)
    except SwapError as error:
        raise _not_taken(error) from error


def _not_taken(error: SwapError) -> PublishError:
    return PublishError(f"机器人没有换上模型，发布未生效，原版本继续使用（{error}）。", str(error))


def _pointer_of(package: Package) -> Pointer:
    return Pointer(
        model=package.model,
        content=f"{BUNDLES}/{package.revision}.json",
        revision=package.revision,
        data_revision=package.data_revision,
        package=package.number,
    )


def _forget_unfinished(models: Path, live: Optional[int]) -> None:
    """Remove the records of publications that did not end. Without the number of what is live, no record is known as such."""
    if live is not None:
        for number in records.numbers(models):
            if number > live:
                records.record_path(models, number).unlink()


def forget_old(models: Path) -> None:
    """Remove what neither a kept package nor the rules above need. The caller holds `publishing_lock`.

    What an older version of the program published in folders is removed: this version cannot read it. A file that cannot be
    removed stays: what was published is published.
    """
    for folder in [path for path in (models / BUNDLES).iterdir() if path.is_dir()]:
        shutil.rmtree(folder, ignore_errors=True)
    live = records.live_pointer(models)
    kept = records.published_packages(models)[:KEPT_PACKAGES]
    wanted_models: List[str] = [] if live is None else [live.model]
    for package in kept:
        if package.model not in wanted_models and len(wanted_models) < KEPT_MODELS:
            wanted_models.append(package.model)
    archives = {model_archive(models, model) for model in wanted_models}
    bundles = {records.bundle_path(models, package.revision) for package in kept}
    stored = {_snapshot_of(models, package.data_revision) for package in kept}
    if live is not None:
        bundles.add(models / live.content)
        stored |= {_snapshot_of(models, live.data_revision)} if live.data_revision else set()
    numbers = {package.number for package in kept}
    for number in records.numbers(models):
        is_old = bool(kept) and number < kept[-1].number and number not in numbers
        if is_old:
            _remove(records.record_path(models, number))
    for folder in (models, models / BUNDLES, models / snapshots.FOLDER, models / records.FOLDER):
        for partial in folder.glob(f".*{PARTIAL}"):
            if time.time() - _age(partial) > _PARTIAL_SECONDS:
                _remove(partial)
    _forget(list(models.glob("wallet-*.tar.gz")), archives, KEPT_TRAINED)
    _forget(list((models / BUNDLES).glob("*.json")), bundles, KEPT_BUNDLES)
    _forget(list((models / snapshots.FOLDER).glob("*.tar.gz")), stored, KEPT_SNAPSHOTS)


def _snapshot_of(models: Path, revision: str) -> Path:
    return models / snapshots.FOLDER / f"{revision}.tar.gz"


def _forget(paths: List[Path], wanted: Set[Path], newest: int) -> None:
    """Remove files, except those that are wanted, and the newest of the others."""
    others = sorted((path for path in paths if path not in wanted), key=_age, reverse=True)
    for path in others[newest:]:
        _remove(path)


def _age(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _remove(path: Path) -> None:
    try:
        path.unlink()
    except OSError:
        return


def package_to_go_back_to(models: Path, number: Optional[int]) -> Package:
    """The package of this number, or without one the version that was live before. Raises PublishError, PackageError."""
    live = records.live_pointer(models)
    if number is not None:
        package = records.read_package(models, number)
        if live is not None and live.package is not None and number > live.package:
            raise PackageError("unknown_package", f"没有第 {number} 次发布。", f"There is no publication {number}.")
        return package
    found = records.earlier_package(records.published_packages(models), None if live is None else live.package)
    if found is None:
        raise PublishError("没有更早的发布可以回滚。", "There is no earlier publication to go back to.")
    return found
