"""Everything that the desk refuses, as one tree.

DeskError
├── BadInput            400/413/422: what was sent is not right
├── NotAllowed          401/403: who is asking is not known, or may not
├── NotFound            404
├── Conflict            409: right in itself, but not in the conversation's present state
├── TooMany             429: a limit is reached; `retry_after` says when to try again
└── Unavailable         503: try again later

Each has a stable `code` for programs, an HTTP `status`, and a sentence for people in Chinese and English.
"""

from __future__ import annotations

import math
from typing import Any


class DeskError(Exception):
    """Something was refused; nothing was changed."""

    status = 500

    def __init__(self, code: str, zh: str, en: str, *, status: int | None = None, **details: Any) -> None:
        super().__init__(f"{code}: {en}")
        self.code, self.zh, self.en, self.details = code, zh, en, details
        if status is not None:
            self.status = status

    def message(self, locale: str) -> str:
        """The sentence for people."""
        return self.en if locale == "en" else self.zh


class BadInput(DeskError):
    """What was sent is not right."""

    status = 422


class NotAllowed(DeskError):
    """Who is asking is not known, or may not."""

    status = 401


class NotFound(DeskError):
    """There is no such thing, or not for the one who asks."""

    status = 404


class Conflict(DeskError):
    """Right in itself, but not in the present state."""

    status = 409


class TooMany(DeskError):
    """A limit is reached. `retry_after`: seconds until the same request is allowed, rounded up, at least 1."""

    status = 429

    def __init__(self, code: str, zh: str, en: str, *, seconds: float) -> None:
        super().__init__(code, zh, en, retry_after=max(1, math.ceil(seconds)))
        self.retry_after: int = self.details["retry_after"]


class Unavailable(DeskError):
    """Not now; nothing was changed, and trying again later is right."""

    status = 503
