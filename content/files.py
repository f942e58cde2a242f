"""Write files so that a reader, a crash or a full disk never leaves half of one."""

from __future__ import annotations

import contextlib
import os
import threading
from pathlib import Path

#: The end of the names of files that are being written. A killed process leaves one behind.
PARTIAL = ".part"


def write_atomically(path: Path, data: bytes) -> None:
    """Replace a file in one step: a reader sees the old bytes or the new ones, also after a power failure.

    Raises OSError; then the file is as it was, and nothing partial stays.
    """
    # A name of its own: two threads may write the same file at once.
    partial = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}{PARTIAL}")
    try:
        partial.write_bytes(data)
        with partial.open("rb") as file:
            os.fsync(file.fileno())
        os.replace(partial, path)
    except BaseException:
        with contextlib.suppress(OSError):
            partial.unlink()
        raise
    with contextlib.suppress(OSError):  # the file is replaced; only a power failure in the next moments could undo it
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable: without this, a power failure can undo a rename."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
