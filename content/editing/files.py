"""Read and save the editors' files: nobody's change is lost, and a file is never half written.

Pages, command line and text editors work on one folder, the working copy. A save happens under a lock that works across
processes. It applies a change to the file as it is now, not as the editor saw it: two changes of different items in one file do
not conflict. A change of an item that somebody else changed since the editor saw it is refused with both sides.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Optional, Tuple

from content.files import sync_folder

#: Names of files in the working copy that may be edited.
_NAME = re.compile(r"^(?:[a-z][a-z0-9_]{0,60}/){0,2}[A-Za-z0-9][A-Za-z0-9_.-]{0,80}\.(?:md|yml|jsonl)$")
_REVISION_DIGITS = 12
#: Remembered versions of files beyond this number are forgotten, the oldest first.
_MOST_VERSIONS = 2000


class ChangedMeanwhile(Exception):
    """Somebody else changed the item since it was read.

    `theirs`: the item as it is now; `base`: as it was read, None if unknown; `revision`: the present one of the file.
    """

    def __init__(self, file: str, theirs: Any, base: Any, revision: str) -> None:
        self.file, self.theirs, self.base, self.revision = file, theirs, base, revision
        super().__init__(f"{file} changed meanwhile")


class NotSaved(Exception):
    """The file could not be written; it is unchanged. `zh`, `en`: why, and what to do."""

    def __init__(self, file: str, zh: str, en: str) -> None:
        self.file, self.zh, self.en = file, zh, en
        super().__init__(f"{file}: {en}")


@dataclass(frozen=True)
class Saved:
    """A save. `before`, `after`: the item as JSON-able values; equal if nothing changed, and then no byte was written."""

    revision: str
    before: Any
    after: Any

    @property
    def is_changed(self) -> bool:
        """Whether something is different now."""
        return bool(self.before != self.after)


def revision_of(data: bytes) -> str:
    """The revision of a file: twelve digits of the SHA-256 of its bytes."""
    return hashlib.sha256(data).hexdigest()[:_REVISION_DIGITS]


class Versions:
    """The versions of files that editors were shown, by revision: they tell which items changed since.

    Kept in a folder, so that every desk process knows what another one showed. Losing it loses no edit: an editor whose version
    is unknown is asked to look at both sides.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def remember(self, data: bytes) -> str:
        """Keep a version. Returns its revision. A disk that is full only makes a later conflict more likely."""
        revision = revision_of(data)
        path = self._folder / revision
        if not path.exists():
            with contextlib.suppress(OSError):
                self._folder.mkdir(parents=True, exist_ok=True)
                partial = self._folder / f".{revision}.{os.getpid()}"
                partial.write_bytes(data)
                os.replace(partial, path)
                self._forget()
        return revision

    def recall(self, revision: str) -> Optional[bytes]:
        """The version with this revision, or None."""
        if not re.fullmatch(r"[0-9a-f]{12}", revision):
            return None
        try:
            data = (self._folder / revision).read_bytes()
        except OSError:
            return None
        return data if revision_of(data) == revision else None

    def _forget(self) -> None:
        kept = sorted((entry for entry in os.scandir(self._folder) if entry.is_file()), key=lambda entry: entry.stat().st_mtime)
        for entry in kept[: max(0, len(kept) - _MOST_VERSIONS)]:
            with contextlib.suppress(OSError):
                os.unlink(entry.path)


class WorkingCopy:
    """The folder of the editors' files, such as `data/`."""

    def __init__(self, folder: Path, versions: Versions) -> None:
        self.folder, self.versions = folder, versions

    def path(self, name: str) -> Path:
        """The path of a file by its name relative to the folder. Raises ValueError for a name that leads elsewhere."""
        if not _NAME.match(name) or ".." in name:
            raise ValueError(f"not a file of the working copy: {name!r}")
        return self.folder / name

    def read(self, name: str) -> Optional[bytes]:
        """The bytes of a file; None if there is none. Raises OSError."""
        try:
            return self.path(name).read_bytes()
        except FileNotFoundError:
            return None

    def show(self, name: str) -> Tuple[Optional[bytes], str]:
        """The bytes of a file and its revision, remembered as what an editor saw; `(None, "")` without a file."""
        data = self.read(name)
        return data, "" if data is None else self.versions.remember(data)

    def save(
        self,
        name: str,
        base_revision: str,
        item: Callable[[Optional[str]], Any],
        change: Callable[[Optional[str]], Optional[str]],
    ) -> Saved:
        """Apply a change to one item of a file.

        `item` gives the item in a text of the file (None: no file) as a JSON-able value; `change` gives the new text (None:
        remove the file). `base_revision`: the revision of the file that the editor saw, "" for none. Both functions may raise,
        which leaves the file as it is. Raises ChangedMeanwhile and NotSaved.
        """
        path = self.path(name)
        with self.locked():
            while True:
                present = self.read(name)
                text = decoded(present)
                before = item(text)
                after_text = change(text)
                after = item(after_text)
                if after == before and after_text == text:
                    return Saved(self._remembered(present), before, before)
                self._check_base(name, base_revision, present, item, before)
                data = None if after_text is None else after_text.encode("utf-8")
                # A text editor does not know the lock: what it saved since the read above is read again.
                if self._replace(path, present, data):
                    return Saved(self._remembered(data), before, after)

    def _remembered(self, data: Optional[bytes]) -> str:
        return "" if data is None else self.versions.remember(data)

    def _check_base(
        self, name: str, base_revision: str, present: Optional[bytes], item: Callable[..., Any], before: Any
    ) -> None:
        """Raise ChangedMeanwhile if the item is not as the editor saw it."""
        if base_revision == ("" if present is None else revision_of(present)):
            return
        seen = self.versions.recall(base_revision)
        is_known = base_revision == "" or seen is not None
        base = item(decoded(seen)) if is_known else None
        if not is_known or base != before:
            raise ChangedMeanwhile(name, before, base, self._remembered(present))

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the lock of the working copy, across threads and processes. It needs no file: the folder itself is locked."""
        try:
            descriptor = os.open(self.folder, os.O_RDONLY)
        except OSError as error:
            raise _not_saved("", error) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)  # gives the lock back

    def _replace(self, path: Path, expected: Optional[bytes], data: Optional[bytes]) -> bool:
        """Write a file in one step, if it still has the expected bytes. Whether it was written. Raises NotSaved."""
        name = path.relative_to(self.folder).as_posix()
        path = path.resolve()  # a link stays a link
        partial = path.with_name(f".{path.name}.{os.getpid()}.part")
        try:
            if data is None:
                if _bytes_of(path) != expected:
                    return False
                path.unlink()
                _made_durable(path.parent)
                return True
            path.parent.mkdir(parents=True, exist_ok=True)
            _remove_leftovers(path.parent)
            with open(partial, "wb") as file:
                if expected is not None:
                    os.fchmod(file.fileno(), stat.S_IMODE(path.stat().st_mode))
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            if _bytes_of(path) != expected:
                partial.unlink()
                return False
            os.replace(partial, path)
            _made_durable(path.parent)
            return True
        except OSError as error:
            with contextlib.suppress(OSError):
                partial.unlink()
            raise _not_saved(name, error) from error


def decoded(data: Optional[bytes]) -> Optional[str]:
    """The text of a file's bytes. Raises UnicodeDecodeError (a ValueError)."""
    return None if data is None else data.decode("utf-8")


def _bytes_of(path: Path) -> Optional[bytes]:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _made_durable(folder: Path) -> None:
    # The file has changed by now: an error here must not tell the editor that nothing was saved.
    with contextlib.suppress(OSError):
        sync_folder(folder)


def _remove_leftovers(folder: Path) -> None:
    """Remove what a killed process left. Only the holder of the lock writes, so nobody needs these files."""
    for leftover in folder.glob(".*.part"):
        with contextlib.suppress(OSError):
            leftover.unlink()


def _not_saved(name: str, error: OSError) -> NotSaved:
    reasons: Dict[int, Tuple[str, str]] = {
        28: ("磁盘满了", "the disk is full"),
        122: ("磁盘配额用完了", "the disk quota is used up"),
        30: ("文件夹是只读的", "the folder is read-only"),
        13: ("没有写入权限", "there is no permission to write"),
        2: ("文件夹不见了", "the folder is missing"),
    }
    zh, en = reasons.get(error.errno or 0, ("写不进去", error.strerror or "it cannot be written"))
    return NotSaved(
        name,
        f"没有保存：{zh}。原来的内容没有变，请联系运维。",
        f"Not saved: {en}. The file is unchanged; ask operations to help.",
    )


def content_names(folder: Path) -> List[str]:
    """The names of all files of a working copy, sorted; hidden files are not content."""
    return sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )
