"""The revision of the code that decides, so that a replay can tell whether a logged decision was made by the same code."""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path

_ROOT = Path(__file__).parents[1]
#: The code between a message and its decision. Training is not among it: a model is kept as it was trained.
_DECIDES = ("actions", "bot/nlu", "content", "contract", "language")


@functools.lru_cache(maxsize=1)
def code_revision() -> str:
    """Twelve digits of a hash over names and bytes of the Python files that decide; of this process, so it is read once."""
    digest = hashlib.sha256()
    for path in sorted(path for folder in _DECIDES for path in (_ROOT / folder).rglob("*.py")):
        digest.update(path.relative_to(_ROOT).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]
