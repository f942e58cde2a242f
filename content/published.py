"""The content that `make publish` brought out last, for the processes that serve it.

`models/published.json` names the model and the bundle. It is replaced in one step, so a turn sees the old content or the new,
never half of each.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Callable, Generic, Optional, Tuple, Type, TypeVar

import msgspec

from content.bundle import Bundle, Content, DeskContent, read_part
from content.files import write_atomically
from content.sources import ContentError

POINTER = "published.json"
#: The folder of the bundles, in the models folder.
FOLDER = "content"

logger = logging.getLogger(__name__)

_PartType = TypeVar("_PartType", Content, DeskContent)


class Pointer(msgspec.Struct, frozen=True, omit_defaults=True):
    """`published.json`: the model's name, the bundle's path below the models folder, and the bundle's revision.

    `data_revision`: of the snapshot of the data folder (content/snapshots.py). `package`: the number of the publication's
    record (content/packages.py). Both are missing in a pointer that an older version wrote.
    """

    model: str
    content: str
    revision: str
    data_revision: Optional[str] = None
    package: Optional[int] = None


def write_bundle(bundle: Bundle, model: str, models: Path) -> Path:
    """Store a bundle in the models folder, and last point to it and to the model in one step. The bundle's path."""
    path = store_bundle(bundle, models)
    write_pointer(Pointer(model=model, content=path.relative_to(models).as_posix(), revision=bundle.revision), models)
    return path


def store_bundle(bundle: Bundle, models: Path) -> Path:
    """Store a bundle in the models folder; nothing is published by it. The bundle's path. Raises OSError."""
    path = models / FOLDER / f"{bundle.revision}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    data = bundle.encoded()
    if not path.exists() or path.read_bytes() != data:
        write_atomically(path, data)
    return path


def write_pointer(pointer: Pointer, models: Path) -> None:
    """Publish in one step what a pointer names. Raises OSError; then the earlier publication stays."""
    # Written anew even if it says the same: a process that could not read the bundle looks again only at a new pointer.
    write_atomically(models / POINTER, msgspec.json.format(msgspec.json.encode(pointer), indent=1) + b"\n")


def read_pointer(models: Path) -> Pointer:
    """What is live. Raises ContentError with the remedy if nothing is published, or an older version published it."""
    path = models / POINTER
    try:
        pointer = msgspec.json.decode(path.read_bytes(), type=Pointer)
    except FileNotFoundError:
        raise ContentError(path, None, "nothing is published yet: run `make publish`") from None
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ContentError(path, None, f"cannot be read ({error}): run `make publish`") from error
    if not pointer.content.endswith(".json"):
        raise ContentError(path, None, "published by an older version: run `make publish`")
    return pointer


def _log_refused(error: ContentError) -> None:
    logger.error("the newer content is not used, the one before it stays: %s", error)


class PublishedContent(Generic[_PartType]):
    """One part of the published content. It notices a newer pointer at each call, and switches in one step."""

    def __init__(self, models: Path, part: Type[_PartType], refused: Callable[[ContentError], None] = _log_refused) -> None:
        self._pointer, self._models, self._refused = models / POINTER, models, refused
        self._part: Type[_PartType] = part
        self._stamp: Optional[Tuple[int, int]] = None
        self._current: Optional[Tuple[_PartType, str]] = None

    def current(self) -> Tuple[_PartType, str]:
        """The content, and the name of the model that was published with it.

        Raises ContentError with the remedy if nothing was published that this version can read. Once content was read, a newer
        one that cannot be read is reported to `refused` once, and the content before it stays.
        """
        try:
            status = self._pointer.stat()
        except OSError:
            if self._current is not None:
                return self._current
            raise ContentError(self._pointer, None, "nothing is published yet: run `make publish`") from None
        stamp = (status.st_mtime_ns, status.st_ino)
        if self._current is None or stamp != self._stamp:
            self._current = self._switched()
            self._stamp = stamp
        return self._current

    def content(self) -> _PartType:
        """The content alone. Raises ContentError like `current`."""
        return self.current()[0]

    def _switched(self) -> Tuple[_PartType, str]:
        try:
            pointer = read_pointer(self._models)
            return read_part(self._part, self._models / pointer.content), pointer.model
        except ContentError as error:
            if self._current is None:
                raise
            self._refused(error)
            return self._current
