"""Checks a proof pack: every byte of every file, the manifest included. Needs no desk and no database."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from handoff.proof_pack.archive import MOST_BYTES, BrokenArchive, from_zip
from handoff.proof_pack.hash_tree import MANIFEST, canonical, digest, manifest_of_listed

_NOT_OF_HEAD = ("files", "root")


@dataclass(frozen=True)
class Verdict:
    """What a check found. `root`: None if the manifest cannot be read. `problems`: none for a pack as it was made."""

    root: str | None
    case_id: str | None
    problems: tuple[str, ...]

    @property
    def is_intact(self) -> bool:
        """Whether nothing was changed."""
        return not self.problems


def verify(path: Path, root: str | None = None) -> Verdict:
    """Check a folder or a zip file; `root`: what the case's log says, if it is known. Raises OSError."""
    try:
        files = _read_folder(path) if path.is_dir() else from_zip(path.read_bytes())
    except BrokenArchive as error:
        return Verdict(None, None, (str(error),))
    return verify_files(files, root)


def verify_files(files: Mapping[str, bytes], root: str | None = None) -> Verdict:
    """Check files by their paths."""
    if MANIFEST not in files:
        return Verdict(None, None, (f"{MANIFEST} is missing",))
    manifest = _read_manifest(files[MANIFEST])
    if manifest is None:
        return Verdict(None, None, (f"{MANIFEST} is not as it was written",))
    found = _file_problems(manifest["files"], files)
    head = {name: value for name, value in manifest.items() if name not in _NOT_OF_HEAD}
    if manifest_of_listed(head, manifest["files"]) != manifest:
        found.append(f"{MANIFEST} does not have the root of what it lists")
    if root is not None and root != manifest["root"]:
        found.append(f"the root is {manifest['root']}, and should be {root}")
    return Verdict(manifest["root"], str(manifest.get("case")), tuple(found))


def _read_manifest(data: bytes) -> dict[str, Any] | None:
    """The manifest, if it has the one form in which it is written."""
    try:
        manifest = json.loads(data)
        listed = manifest["files"]
        is_whole = (
            canonical(manifest) == data
            and isinstance(manifest["root"], str)
            and [each["path"] for each in listed] == sorted({each["path"] for each in listed})
            and all(set(each) == {"path", "bytes", "sha256"} and len(bytes.fromhex(each["sha256"])) == 32 for each in listed)
        )
    except (ValueError, KeyError, TypeError, RecursionError, AttributeError):
        return None
    return manifest if is_whole else None


def _file_problems(listed: list[dict[str, Any]], files: Mapping[str, bytes]) -> list[str]:
    found = []
    for each in listed:
        data = files.get(each["path"])
        if data is None:
            found.append(f"{each['path']} is missing")
        elif len(data) != each["bytes"] or digest(data) != each["sha256"]:
            found.append(f"{each['path']} was changed")
    known = {each["path"] for each in listed} | {MANIFEST}
    return found + [f"{path} does not belong to the pack" for path in sorted(set(files) - known)]


def _read_folder(folder: Path) -> dict[str, bytes]:
    """All files below a folder. Raises BrokenArchive for links: what is behind them is not in the pack."""
    files: dict[str, bytes] = {}
    size = 0
    for path in sorted(folder.rglob("*")):
        if path.is_symlink():
            raise BrokenArchive(f"{path.relative_to(folder).as_posix()} is a link")
        if path.is_file():
            size += path.stat().st_size
            if size > MOST_BYTES:
                raise BrokenArchive("the files are too large")
            files[path.relative_to(folder).as_posix()] = path.read_bytes()
    return files
