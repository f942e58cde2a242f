"""Imports the past logs of another system into the inbox; every text is masked before it is stored."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import itertools
import tempfile
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import structlog

from content.inbox import as_example, text_id
from contract.characters import storable
from handoff.conversations.masking import mask, without_typed_placeholders
from handoff.runtime.errors import Conflict, Unavailable
from handoff.runtime.transaction import Store
from handoff.workshop.inbox import store as sql
from handoff.workshop.inbox.log_reading import LogReading

logger = structlog.get_logger(__name__)

_BATCH = 1000
_CHUNK = 1024 * 1024


@dataclass(frozen=True)
class ImportReport:
    """What became of a file.

    `digest`, `lines`: of the file. `taken`: texts stored, of which `known` were there before. `masked`: texts with a secret.
    `others`: rows not of customers. `left_out`: empty texts, and texts that cannot be examples (too long, no letters).
    `skipped`: the first broken lines as `(line, zh, en)`; `skipped_count`: all. `is_repeated`: the file was known, so nothing
    was stored.
    """

    digest: str
    lines: int
    taken: int
    known: int
    masked: int
    others: int
    left_out: int
    skipped: tuple[tuple[int, str, str], ...]
    skipped_count: int
    is_repeated: bool

    def as_json(self) -> dict[str, Any]:
        """As pages and the command line read it."""
        numbers = "lines taken known masked others left_out skipped_count is_repeated".split()
        skipped = [{"line": line, "zh": zh, "en": en} for line, zh, en in self.skipped]
        return {**{name: getattr(self, name) for name in numbers}, "skipped": skipped}


@dataclass
class LogImport:
    """Imports logs. `folder`: for the file while it is read; it has no name there, and ends with the import."""

    store: Store
    folder: Path
    now: Callable[[], dt.datetime]

    async def receive(self, body: AsyncIterator[bytes], name: str, login: str) -> ImportReport:
        """Import a file that arrives in pieces. Raises BadInput, and Unavailable if the disk cannot hold it."""
        try:
            with tempfile.TemporaryFile(dir=self.folder) as file:
                async for piece in body:
                    file.write(piece)
                file.seek(0)
                return await self.read(file, name, login)
        except OSError as error:
            raise Unavailable("no_space", "服务器存不下这个文件。", "The server cannot hold the file.") from error

    async def read(self, file: BinaryIO, name: str, login: str) -> ImportReport:
        """Import an open file, wholly or not at all. Raises BadInput, and Conflict during another import."""
        digest = await asyncio.to_thread(_digest, file)
        reading = LogReading(file)
        texts = _Texts(reading)
        taken = new = 0
        async with self.store.begin() as tx:
            if not await sql.may_import(tx):
                zh, en = "另一个文件正在导入，请稍后再试。", "Another file is being imported. Try again later."
                raise Conflict("import_running", zh, en)
            is_repeated = await sql.is_imported(tx, digest)
            if not is_repeated:
                now = self.now()
                while batch := await asyncio.to_thread(texts.next_batch):
                    taken += len(batch)
                    new += await sql.add_imports(tx, batch, now)
                await sql.add_file(tx, digest, storable(name), login, now)
        report = ImportReport(
            digest=digest,
            lines=reading.lines,
            taken=taken,
            known=taken - new,
            masked=texts.masked,
            others=reading.others,
            left_out=reading.empty + texts.unfit,
            skipped=tuple(reading.problems.first),
            skipped_count=reading.problems.count,
            is_repeated=is_repeated,
        )
        logger.info("inbox.imported", lines=report.lines, taken=taken, skipped=report.skipped_count)
        return report


class _Texts:
    """Masks the texts of a file, batch by batch. `masked`: texts with a secret; `unfit`: texts that cannot be examples."""

    def __init__(self, reading: LogReading) -> None:
        self.masked = self.unfit = 0
        self._texts = reading.texts()

    def next_batch(self) -> list[tuple[str, str]]:
        """The next texts that can be examples, as id and masked text; empty at the end."""
        batch: list[tuple[str, str]] = []
        while not batch:
            read = list(itertools.islice(self._texts, _BATCH))
            if not read:
                break
            for text in read:
                # Masked as a whole: a part of a card number would not be recognised.
                masked = mask(without_typed_placeholders(storable(text)))
                example = as_example(masked.text)
                if example is None:
                    self.unfit += 1
                    continue
                self.masked += bool(masked.found)
                batch.append((text_id(example), example))
        return batch


def _digest(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    while chunk := file.read(_CHUNK):
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()
