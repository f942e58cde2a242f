"""The desk's errors, as one tree.

DeskError
├── BadInput            400/413/422: the input is invalid
├── NotAllowed          401/403: not authenticated, or not permitted
├── NotFound            404
├── Conflict            409: valid, but not possible in the conversation's present state
├── TooMany             429: a limit is reached; `retry_after` says when to try again
└── Unavailable         503: try again later

Each has a stable `code` for programs, an HTTP `status`, and a message for people in Chinese and English.
"""

from __future__ import annotations

import math
from typing import Any


class DeskError(Exception):
    """The request was rejected; nothing was changed."""

    status = 500

    def __init__(self, code: str, zh: str, en: str, *, status: int | None = None, **details: Any) -> None:
        super().__init__(f"{code}: {en}")
        self.code, self.zh, self.en, self.details = code, zh, en, details
        if status is not None:
            self.status = status

    def message(self, locale: str) -> str:
        """The message for people."""
        return self.en if locale == "en" else self.zh


class BadInput(DeskError):
    """The input is invalid."""

    status = 422


class NotAllowed(DeskError):
    """Not authenticated, or not permitted."""

    status = 401


class NotFound(DeskError):
    """The object does not exist, or is not visible to the caller."""

    status = 404


class Conflict(DeskError):
    """Valid, but not possible in the present state."""

    status = 409


class TooMany(DeskError):
    """A limit is reached. `retry_after`: seconds until the same request is allowed, rounded up, at least 1."""

    status = 429

    def __init__(self, code: str, zh: str, en: str, *, seconds: float) -> None:
        super().__init__(code, zh, en, retry_after=max(1, math.ceil(seconds)))
        self.retry_after: int = self.details["retry_after"]


class Unavailable(DeskError):
    """Temporarily not possible. Nothing was changed; the client should retry later."""

    status = 503
