"""Limits for one connection: size of the head and body, the time for both, and the number of connections.

uvicorn has none of these: its parser keeps a header of any length until it ends, and a request that never ends keeps its
connection for ever. Limits that depend on customers (streams, messages, sign-ins) are in `handoff.runtime.limits`.
"""

from __future__ import annotations

import asyncio
import json
import re
import resource
from dataclasses import dataclass
from enum import Enum
from http import HTTPStatus
from typing import Any

import structlog
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from content.desk_file import MOST_MEGABYTES

logger = structlog.get_logger(__name__)

#: The largest bodies of the paths that take a file: a past log of another system, and a customer's picture with its form.
UPLOAD_BYTES = 200 * 1024 * 1024
PICTURE_BYTES = MOST_MEGABYTES * 1024 * 1024 + 64 * 1024
#: The paths that take a file, the largest body, and the seconds for it. The routes check who sends before they read the body.
_UPLOADS = (
    (re.compile(rb"/api/workshop/imports"), UPLOAD_BYTES, 900.0),
    (re.compile(rb"/api/conversations/[^/]{1,100}/attachments"), PICTURE_BYTES, 180.0),
)
#: Files that the desk opens in addition to connections: pages, logs, the database, the bots.
_OTHER_FILES = 150


@dataclass(frozen=True)
class Limits:
    """`request_bytes` exceeds the largest body that the desk reads, so that a larger one gets an error response."""

    head_bytes: int = 32 * 1024
    headers: int = 100
    request_bytes: int = 1024 * 1024
    head_seconds: float = 10.0
    body_seconds: float = 30.0
    connections: int = 10_000


def limits_of_this_process() -> Limits:
    """The limits. Raises this process's limit of open files as far as allowed and derives the connections from it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = Limits.connections + _OTHER_FILES
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        soft = most
    allowed = wanted if soft == resource.RLIM_INFINITY else min(wanted, soft)
    return Limits(connections=max(allowed - _OTHER_FILES, 10))


class _Refused(Exception):
    """Leaves the parser; the error response has been written already."""


class _Part(Enum):
    """The part of a request that is incomplete."""

    HEAD = "head"
    BODY = "body"
    NONE = "none"


def limited_protocol(limits: Limits) -> type[LimitedProtocol]:
    """uvicorn's HTTP protocol with these limits, for `uvicorn.Config(http=...)`."""
    return type("LimitedProtocol", (LimitedProtocol,), {"limits": limits})


class LimitedProtocol(HttpToolsProtocol):
    """One connection. A request that arrives in one packet, as nearly all do, costs a few comparisons and no timer."""

    limits = Limits()

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._part, self._began = _Part.HEAD, False
        #: Bytes of an unfinished request, without the packet in which it began.
        self._received = 0
        self._timer: asyncio.TimerHandle | None = None
        self._timer_part = _Part.NONE
        self._refusal: tuple[int, str] = (400, "bad_request")
        self._most_bytes, self._body_seconds = self.limits.request_bytes, self.limits.body_seconds

    # --- connection --------------------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A new connection. One above the limit gets an error response and is closed."""
        super().connection_made(transport)
        if len(self.connections) > self.limits.connections:
            logger.warning("connections.full", connections=len(self.connections))
            self._refuse(503, "busy")
        else:
            self._wait_for(_Part.HEAD)

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is closed."""
        self._stop_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Bytes arrived: parse them and determine which part is incomplete."""
        if self.transport.is_closing():
            return
        self._began = False
        super().data_received(data)
        if self.transport.is_closing():
            self._stop_timer()
            return
        is_answering = self.cycle is not None and not self.cycle.response_complete
        if self._part is _Part.NONE:
            self._received = 0
            if is_answering:
                self._stop_timer()
            else:  # only line ends or an unread body: uvicorn has stopped its timer
                self._wait_for(_Part.HEAD)
            return
        if not self._began:
            self._received += len(data)
        most = self.limits.head_bytes if self._part is _Part.HEAD else self._most_bytes
        if self._received > most:
            self._refuse(*((431, "head_too_large") if self._part is _Part.HEAD else (413, "too_large")))
        else:
            self._wait_for(self._part)

    # --- callbacks of the parser ---------------------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        """A request begins."""
        self._part, self._began, self._received = _Part.HEAD, True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """The head is complete: check it before anything else reads it."""
        size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        if size > self.limits.head_bytes or len(self.headers) > self.limits.headers:
            self._refusal = 431, "head_too_large"
            raise _Refused
        self._part, self._received = _Part.BODY, 0
        self._most_bytes, self._body_seconds = self.limits.request_bytes, self.limits.body_seconds
        path = self.url.partition(b"?")[0]
        for taken, most_bytes, seconds in _UPLOADS:
            if taken.fullmatch(path):
                self._most_bytes, self._body_seconds = most_bytes, seconds
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The request is complete."""
        self._part = _Part.NONE
        super().on_message_complete()

    # --- rejections ----------------------------------------------------------------------------------------------------------

    def _wait_for(self, part: _Part) -> None:
        """Limit the time for the rest of this part, counted from its first missing byte, not from the last one received."""
        if self._timer is not None and self._timer_part is part:
            return
        self._stop_timer()
        seconds = self.limits.head_seconds if part is _Part.HEAD else self._body_seconds
        self._timer, self._timer_part = self.loop.call_later(seconds, self._too_slow), part

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _too_slow(self) -> None:
        self._timer = None
        if self.transport.is_closing():
            return
        if self._part is _Part.HEAD and self.scope is None:
            self.transport.close()  # no request began: browsers open spare connections
        else:
            self._refuse(408, "too_slow")

    def send_400_response(self, msg: str) -> None:
        """The parser stopped: the bytes are not HTTP, or this class rejected the request."""
        self._refuse(*self._refusal)

    def _refuse(self, status: int, code: str) -> None:
        """Send an error in the desk's shape if no response has begun, and close."""
        self._stop_timer()
        if self.cycle is not None and self.cycle.response_started and not self.cycle.response_complete:
            self.transport.abort()
            return
        body = json.dumps({"error": {"code": code, "message": HTTPStatus(status).phrase}}).encode()
        head = (
            f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()
