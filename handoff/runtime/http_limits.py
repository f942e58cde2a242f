"""What one connection may cost: limits on the head, the body, the time that both take, and the number of connections.

uvicorn has none of these: its parser keeps a header of any length until it ends, and a request that never ends keeps its
connection for ever. The limits that know customers (streams, messages, sign-ins) are the desk's own; these stand before it.
"""

from __future__ import annotations

import asyncio
import json
import resource
from dataclasses import dataclass
from enum import Enum
from http import HTTPStatus
from typing import Any

import structlog
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

logger = structlog.get_logger(__name__)

#: Files that the desk needs besides connections: pages, logs, the database, the bots.
_OTHER_FILES = 150


@dataclass(frozen=True)
class Limits:
    """`request_bytes` is larger than the largest body that the desk reads, so that it can refuse a larger one in words."""

    head_bytes: int = 32 * 1024
    headers: int = 100
    request_bytes: int = 1024 * 1024
    head_seconds: float = 10.0
    body_seconds: float = 30.0
    connections: int = 10_000


def limits_of_this_process() -> Limits:
    """The limits, with as many connections as the process may have open files; raises that number as far as it is allowed."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = Limits.connections + _OTHER_FILES
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        soft = most
    allowed = wanted if soft == resource.RLIM_INFINITY else min(wanted, soft)
    return Limits(connections=max(allowed - _OTHER_FILES, 10))


class _Refused(Exception):
    """Leaves the parser; the connection has its refusal by then."""


class _Part(Enum):
    """Of which part of a request more must come."""

    HEAD = "head"
    BODY = "body"
    NONE = "none"


def limited_protocol(limits: Limits) -> type[LimitedProtocol]:
    """uvicorn's HTTP protocol with these limits, for `uvicorn.Config(http=...)`."""
    return type("LimitedProtocol", (LimitedProtocol,), {"limits": limits})


class LimitedProtocol(HttpToolsProtocol):
    """One connection. A request that arrives whole, as nearly all do, costs a few comparisons and no timer."""

    limits = Limits()

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._part, self._began = _Part.HEAD, False
        #: Bytes of a request that has not ended, but for those of the packet in which it began.
        self._received = 0
        self._timer: asyncio.TimerHandle | None = None
        self._timer_part = _Part.NONE
        self._refusal: tuple[int, str] = (400, "bad_request")

    # --- the connection ----------------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A new connection; one too many is told so and closed."""
        super().connection_made(transport)
        if len(self.connections) > self.limits.connections:
            logger.warning("connections.full", connections=len(self.connections))
            self._refuse(503, "busy")
        else:
            self._wait_for(_Part.HEAD)

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone."""
        self._stop_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Some bytes came: parse them, and see what is still missing."""
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
            else:  # only line ends, or the rest of a body that nobody wanted: uvicorn has stopped its own timer for these
                self._wait_for(_Part.HEAD)
            return
        if not self._began:
            self._received += len(data)
        most = self.limits.head_bytes if self._part is _Part.HEAD else self.limits.request_bytes
        if self._received > most:
            self._refuse(*((431, "head_too_large") if self._part is _Part.HEAD else (413, "too_large")))
        else:
            self._wait_for(self._part)

    # --- the parser's calls --------------------------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        """A request begins."""
        self._part, self._began, self._received = _Part.HEAD, True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """The head is there: refuse it before anything else reads it."""
        size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        if size > self.limits.head_bytes or len(self.headers) > self.limits.headers:
            self._refusal = 431, "head_too_large"
            raise _Refused
        self._part, self._received = _Part.BODY, 0
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """All of the request is there."""
        self._part = _Part.NONE
        super().on_message_complete()

    # --- refusing ------------------------------------------------------------------------------------------------------------

    def _wait_for(self, part: _Part) -> None:
        """Let the rest of this part come, but not for ever: the time runs from its first missing byte, not from the last."""
        if self._timer is not None and self._timer_part is part:
            return
        self._stop_timer()
        seconds = self.limits.head_seconds if part is _Part.HEAD else self.limits.body_seconds
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
            self.transport.close()  # nothing was asked; browsers open connections that they may need
        else:
            self._refuse(408, "too_slow")

    def send_400_response(self, msg: str) -> None:
        """The parser gave up: bytes that are no HTTP, or a refusal of ours."""
        self._refuse(*self._refusal)

    def _refuse(self, status: int, code: str) -> None:
        """Say why in the desk's shape of errors, if no answer has begun, and close."""
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
