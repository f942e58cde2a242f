"""Frozen copies of the editors' data folder.

A snapshot is `models/snapshots/<data revision>.tar.gz`. Its name is a hash of all files in it, so an equal folder gives an
equal snapshot, and a damaged snapshot is recognised. Hidden files and editors' backup files (`.name`, `name~`) are not part of
it.
"""

from __future__ import annotations

import errno
import gzip
import hashlib
import io
import os
import shutil
import tarfile
import tempfile
import zlib
from pathlib import Path, PurePosixPath
from typing import Dict, Iterator, List, Optional, Tuple

from content.files import sync_folder, write_atomically

#: The folder of the snapshots, in the models folder.
FOLDER = "snapshots"
#: Files and folders of `data/` that later versions of the program brought; every version needs all of its own.
ADDED = ("help.yml", "intake.yml", "lookups.yml", "first_aid.yml", "promises.yml", "duties")
#: Bytes of all files of a data folder: far above a real one, far below what fills a disk or the memory.
SIZE_LIMIT = 500_000_000
FILES_LIMIT = 20_000
_DIGITS = 12
#: Attempts to read a folder that is written to at the same time.
_ATTEMPTS = 5
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

_Files = Dict[str, bytes]


class SnapshotError(Exception):
    """A snapshot cannot be taken or unpacked. `zh`, `en`: why, and what to do."""

    def __init__(self, zh: str, en: str) -> None:
        self.zh, self.en = zh, en
        super().__init__(en)


def data_revision(folder: Path) -> str:
    """The revision of a data folder: twelve digits of a hash over the relative paths and bytes of its files.

    Raises SnapshotError when the folder is missing or cannot be read.
    """
    return _revision(_read(folder))


def read_folder(folder: Path) -> Dict[str, bytes]:
    """The files of a data folder by their relative paths, as they were at one moment. Raises SnapshotError."""
    return _read(folder)


def snapshot_path(models: Path, revision: str) -> Path:
    """The path of a snapshot, whether it exists or not. Raises SnapshotError when the text is no revision."""
    if len(revision) != _DIGITS or not set(revision) <= set("0123456789abcdef"):
        raise SnapshotError(f"“{revision[:40]}”不是数据版本号。", f"{revision[:40]!r} is not a data revision.")
    return models / FOLDER / f"{revision}.tar.gz"


def file_stamps(folder: Path) -> List[Tuple[str, int, int, int]]:
    """Path, size, time of change and time of any change (also of a name or a time) of each file: equal as long as no file was
    written, not even with the same bytes. Raises SnapshotError.
    """
    try:
        return _stamps(folder)
    except OSError as error:
        raise _reading_failed(folder, error) from error


def take_snapshot(folder: Path, models: Path) -> str:
    """Store a snapshot of a data folder in the models folder, unless it is there already. Its data revision.

    The files are read once; the stored bytes are those that the revision was computed from. Raises SnapshotError when the
    folder cannot be read or the disk is full; then nothing was stored.
    """
    files = _read(folder)
    revision = _revision(files)
    path = snapshot_path(models, revision)
    if path.exists() and _is_whole(path, revision):
        return revision
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, _packed(files))
    except OSError as error:
        raise _storing_failed(error) from error
    return revision


def unpack_snapshot(models: Path, revision: str, into: Path, newer: Optional[Path] = None) -> Path:
    """Write the files of a snapshot into a new folder, in one step. The folder.

    A snapshot of an older version of the program lacks the files that later versions brought (`ADDED`). They come from the
    folder `newer`: otherwise nothing of the older version could be compared with, or rolled back to.

    Raises SnapshotError when the snapshot is missing or damaged, when `into` exists with files in it, or when the disk is full.
    """
    path = snapshot_path(models, revision)
    files = _unpacked(path, revision)
    try:
        into.parent.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(prefix=f".{into.name}.", dir=into.parent))
        try:
            for name, data in files.items():
                target = partial / name
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(data)
            if newer is not None:
                _complete(partial, newer)
            partial.chmod(0o755)
            os.rename(partial, into)  # fails unless `into` is missing or empty
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise
        sync_folder(into.parent)
    except OSError as error:
        raise _storing_failed(error) from error
    return into


def _complete(folder: Path, newer: Path) -> None:
    """Copy the files that later versions brought into the folder of an older one."""
    if not (folder / "triage.yml").exists():
        return
    # Duties name calendars, which an editor adds by a file of its own.
    calendars = [f"calendars/{path.name}" for path in sorted((newer / "calendars").glob("*.yml"))]
    for name in (*ADDED, *calendars):
        if (newer / name).is_dir() and not (folder / name).exists():
            shutil.copytree(newer / name, folder / name)
        elif (newer / name).is_file() and not (folder / name).exists():
            (folder / name).parent.mkdir(exist_ok=True)
            shutil.copyfile(newer / name, folder / name)


def read_snapshot(models: Path, revision: str) -> Dict[str, bytes]:
    """The files of a snapshot: path relative to the data folder -> bytes. Raises SnapshotError."""
    return _unpacked(snapshot_path(models, revision), revision)


def _storing_failed(error: OSError) -> SnapshotError:
    if error.errno in _FULL:
        return SnapshotError(
            "磁盘已满，数据快照没有保存，其他内容未受影响。请清理磁盘后重试。",
            "The disk is full: the snapshot was not stored, and nothing else changed. Free some space and try again.",
        )
    reason = error.strerror or type(error).__name__
    return SnapshotError(f"数据快照无法写入（{reason}）。", f"The snapshot cannot be written ({reason}).")


def _read(folder: Path) -> _Files:
    """All files of a folder, sorted by path: as they were at one moment, also when somebody saves meanwhile."""
    try:
        for _ in range(_ATTEMPTS):
            before = _stamps(folder)
            files = {name: (folder / name).read_bytes() for name, *_ in before}
            if _stamps(folder) == before:
                break
        else:
            raise SnapshotError("数据文件一直在变化，请稍后再试。", "The data files keep changing. Try again in a moment.")
    except OSError as error:
        raise _reading_failed(folder, error) from error
    if not files:
        raise SnapshotError(f"数据文件夹 {folder} 是空的。", f"The data folder {folder} has no files.")
    return files


def _reading_failed(folder: Path, error: OSError) -> SnapshotError:
    reason = error.strerror or type(error).__name__
    return SnapshotError(f"数据文件夹 {folder} 无法读取（{reason}）。", f"The data folder {folder} cannot be read ({reason}).")


def _stamps(folder: Path) -> List[Tuple[str, int, int, int]]:
    """`file_stamps`, sorted. Raises OSError, SnapshotError."""
    found: List[Tuple[str, int, int, int]] = []
    total = 0
    for path in _walk(folder):
        status = path.stat()
        total += status.st_size
        name = path.relative_to(folder).as_posix()
        found.append((name, status.st_size, status.st_mtime_ns, status.st_ctime_ns))
        if total > SIZE_LIMIT or len(found) > FILES_LIMIT:
            raise SnapshotError(
                f"数据文件夹 {folder} 过大。", f"The data folder {folder} is too large: is it the right folder?"
            )
    return sorted(found)


def _walk(folder: Path) -> Iterator[Path]:
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        if entry.name.startswith(".") or entry.name.endswith("~") or entry.name == "__pycache__":
            continue
        # Links are followed, as the compiler of the content does; a circle of links ends with an error of the system.
        if entry.is_dir():
            yield from _walk(Path(entry.path))
        elif entry.is_file():
            yield Path(entry.path)


def _revision(files: _Files) -> str:
    digest = hashlib.sha256()
    for name in sorted(files):
        data = files[name]
        # With the lengths, so that no two folders give the same sequence of bytes.
        digest.update(f"{name}\0{len(data)}\0".encode("utf-8", "surrogateescape") + data)
    return digest.hexdigest()[:_DIGITS]


def _packed(files: _Files) -> bytes:
    """The archive; equal files give equal bytes."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name in sorted(files):
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(files[name]), 0o644
            archive.addfile(member, io.BytesIO(files[name]))
    return gzip.compress(buffer.getvalue(), mtime=0)


def _is_whole(path: Path, revision: str) -> bool:
    try:
        _unpacked(path, revision)
    except SnapshotError:
        return False
    return True


def _unpacked(path: Path, revision: str) -> _Files:
    """The files of an archive. Raises SnapshotError unless they are exactly the files that gave the revision."""
    damaged = SnapshotError(f"数据快照 {revision} 已损坏。", f"The snapshot {revision} is damaged.")
    files: _Files = {}
    left = SIZE_LIMIT
    try:
        with tarfile.open(path, mode="r:gz") as archive:
            for member in archive:
                left -= member.size
                if not member.isfile() or not _is_safe(member.name) or left < 0 or len(files) >= FILES_LIMIT:
                    raise damaged
                file = archive.extractfile(member)
                files[member.name] = file.read() if file is not None else b""
    except FileNotFoundError as error:
        raise SnapshotError(f"数据快照 {revision} 已不存在。", f"The snapshot {revision} is gone.") from error
    except (OSError, EOFError, tarfile.TarError, zlib.error, UnicodeError, ValueError) as error:
        raise damaged from error
    if _revision(files) != revision:
        raise damaged
    return files


def _is_safe(name: str) -> bool:
    """Whether a member stays in its folder."""
    path = PurePosixPath(name)
    return bool(name) and not path.is_absolute() and ".." not in path.parts and "\\" not in name and "\0" not in name
