"""The HTTP server's end: in good order, soon, and without a sign of failure."""

from __future__ import annotations

import contextlib
import signal
import socket
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.server import HANDLED_SIGNALS

from handoff.runtime.http_limits import Limits, limited_protocol


class DeskServer(uvicorn.Server):
    """uvicorn; on a signal it listens no more and says so to the application, before it waits for the requests in hand.

    `closing` is called then: streams and long polls must end now, and not when their clients lose patience.
    """

    def __init__(self, config: uvicorn.Config, closing: Callable[[], None]) -> None:
        super().__init__(config)
        self._closing = closing

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """uvicorn would raise the signal again at the end, to die of it, and leave the embedded database running."""
        for number in HANDLED_SIGNALS:
            # No bound method: sse-starlette looks for one to learn of the end, and would break the streams off.
            signal.signal(number, lambda *caught: self.handle_exit(*caught))
        yield
        # Not put back: a second signal must not kill the process while it stops the embedded database.

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """A signal came. Ctrl-C for the second time means at once."""
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen no more, end what would not end by itself, wait for the rest."""
        for server in self.servers:
            server.close()
        self._closing()
        await super().shutdown(sockets)


def make_config(app: ASGIApp, *, limits: Limits, **more: Any) -> uvicorn.Config:
    """How the desk is served: with limits for each connection, and without WebSockets, which it does not speak."""
    return uvicorn.Config(app, http=limited_protocol(limits), ws="none", log_config=None, access_log=False, **more)
