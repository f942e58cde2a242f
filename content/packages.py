"""The records of publications: `models/packages/<number>.json`, numbered from 1, the newest last.

A package is what rolling back and replaying need: a snapshot of the data folder, the bundle, the model, and the record: who
published it, why, and the reports that were read before. `published.json` names the package that is live. A record with a
higher number was left by a publication that did not end, and never was live.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional, Tuple

import msgspec

from content.files import write_atomically
from content.published import FOLDER as BUNDLES
from content.published import Pointer, read_pointer
from content.snapshots import SnapshotError, snapshot_path
from content.sources import ContentError

#: The folder of the records, in the models folder.
FOLDER = "packages"
_NAME = re.compile(r"([1-9][0-9]{0,8})\.json")


class PackageError(Exception):
    """A package is unknown, damaged or incomplete. `zh`, `en`: what is wrong, and what to do."""

    def __init__(self, code: str, zh: str, en: str) -> None:
        self.code, self.zh, self.en = code, zh, en
        super().__init__(en)


class Package(msgspec.Struct, frozen=True, omit_defaults=True):
    """One publication. `at`: ISO 8601, UTC. `by`, `second`: logins, or the user of the command line; `*_name` for people.

    `base`: the number of the package that was live before. `rolled_back_to`: the number of the package whose content this one
    publishes again. `gate`, `shadow`: summaries of the reports; None where none was made. `missed_rate`: the bound on missed
    emergencies at that time. `check_job`: the desk's job with the whole reports.
    """

    number: int
    at: str
    by: str
    why: str
    data_revision: str
    revision: str
    model: str
    by_name: Optional[str] = None
    second: Optional[str] = None
    second_name: Optional[str] = None
    base: Optional[int] = None
    rolled_back_to: Optional[int] = None
    gate: Optional[Dict[str, Any]] = None
    shadow: Optional[Dict[str, Any]] = None
    missed_rate: Optional[Dict[str, Any]] = None
    check_job: Optional[int] = None

    @property
    def version(self) -> Tuple[str, str]:
        """What it brings out: data and model. Two packages with the same are the same to customers."""
        return self.data_revision, self.model


def record_path(models: Path, number: int) -> Path:
    """The path of a record, whether it exists or not."""
    return models / FOLDER / f"{number}.json"


def bundle_path(models: Path, revision: str) -> Path:
    """The path of a bundle, whether it exists or not."""
    return models / BUNDLES / f"{revision}.json"


def model_archive(models: Path, model: str) -> Path:
    """The path of a model's archive, whether it exists or not."""
    return models / f"{model}.tar.gz"


def numbers(models: Path) -> List[int]:
    """The numbers of all records, the newest first, unfinished ones included."""
    folder = models / FOLDER
    names = [path.name for path in folder.iterdir()] if folder.is_dir() else []
    return sorted((int(found[1]) for found in map(_NAME.fullmatch, names) if found), reverse=True)


def read_package(models: Path, number: int) -> Package:
    """A record. Raises PackageError when it is unknown or damaged."""
    try:
        package = msgspec.json.decode(record_path(models, number).read_bytes(), type=Package)
    except FileNotFoundError as error:
        raise PackageError("unknown_package", f"没有第 {number} 次发布。", f"There is no publication {number}.") from error
    except (OSError, ValueError, RecursionError) as error:  # msgspec's errors are ValueErrors
        raise _damaged(number) from error
    if package.number != number:
        raise _damaged(number)
    return package


def _damaged(number: int) -> PackageError:
    return PackageError(
        "damaged_package", f"第 {number} 次发布的记录已损坏。", f"The record of publication {number} is damaged."
    )


def live_pointer(models: Path) -> Optional[Pointer]:
    """What is live; None if nothing is published that this version can read."""
    try:
        return read_pointer(models)
    except ContentError:
        return None


def published_packages(models: Path) -> List[Package]:
    """All publications that have been live, the newest first; damaged records are left out."""
    live = live_pointer(models)
    found = []
    for number in numbers(models):
        if live is not None and live.package is not None and number > live.package:
            continue
        try:
            found.append(read_package(models, number))
        except PackageError:
            continue
    return found


def missing_parts(package: Package, models: Path) -> List[str]:
    """The parts of a package that are gone: "snapshot", "content", "model". Not whether a part is damaged."""
    try:
        has_snapshot = snapshot_path(models, package.data_revision).exists()
    except SnapshotError:
        has_snapshot = False
    there = {
        "snapshot": has_snapshot,
        "content": bundle_path(models, package.revision).exists(),
        "model": model_archive(models, package.model).exists(),
    }
    return [name for name, is_there in there.items() if not is_there]


def earlier_package(packages: List[Package], live: Optional[int]) -> Optional[Package]:
    """The package to go back to from what is live: the newest one before it with other data or another model.

    What was itself a roll-back counts as the publication that it repeated, so that a second roll-back goes further back and not
    forward to the version that was just taken back.
    """
    by_number = {package.number: package for package in packages}
    present = by_number.get(live) if live is not None else None
    if present is None:
        return None
    origin = present.rolled_back_to if present.rolled_back_to is not None else present.number
    for package in packages:
        if package.number < origin and package.version != present.version:
            return package
    return None


def write_package(package: Package, models: Path) -> Path:
    """Store a record in one step; its path. Raises OSError."""
    path = record_path(models, package.number)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, msgspec.json.format(msgspec.json.encode(package), indent=1) + b"\n")
    return path


def gate_summary(report: Mapping[str, Any]) -> Dict[str, Any]:
    """What a publication's record keeps of the gate's report: the verdict, and the reasons and warnings without sentences."""

    def brief(entries: List[Mapping[str, Any]]) -> List[Dict[str, Any]]:
        return [{name: each.get(name) for name in ("kind", "detail", "detail_zh")} for each in entries]

    warnings = brief(report.get("warnings") or [])
    return {"verdict": report["verdict"], "reasons": brief(report.get("reasons") or []), "warnings": warnings}


def shadow_summary(report: Optional[Mapping[str, Any]]) -> Optional[Dict[str, Any]]:
    """What a publication's record keeps of the shadow's report: counts without sentences."""
    return None if report is None else {name: report.get(name) for name in ("n", "changed", "flips")}
