"""A proof pack as a zip file with one form only: the same files are the same bytes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

#: The earliest time that a zip file can hold: it says nothing.
_TIME = (1980, 1, 1, 0, 0, 0)
_PERMISSIONS = 0o644 << 16
#: A pack holds at most the pictures of one conversation, and texts.
MOST_BYTES = 1024 * 1024 * 1024


class BrokenArchive(Exception):
    """The bytes are no zip file of a proof pack; the text says why."""


def as_zip(files: Mapping[str, bytes]) -> bytes:
    """The files, uncompressed and in the order of their paths."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(files):
            entry = zipfile.ZipInfo(path, _TIME)
            entry.create_system, entry.external_attr = 3, _PERMISSIONS
            archive.writestr(entry, files[path])
    return target.getvalue()


def from_zip(data: bytes) -> dict[str, bytes]:
    """The files of a zip file that `as_zip` wrote; any other bytes are refused. Raises BrokenArchive."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MOST_BYTES:
                raise BrokenArchive("the files are too large")
            files = {entry.filename: archive.read(entry) for entry in archive.infolist() if entry.compress_type == 0}
        is_same = as_zip(files) == data
    except (zipfile.BadZipFile, OSError, ValueError, EOFError, NotImplementedError, RuntimeError) as error:
        raise BrokenArchive(f"no zip file of a proof pack: {error}") from error
    if not is_same:
        raise BrokenArchive("the zip file is not as it was written")
    return files
