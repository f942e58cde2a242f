"""The HTTP server with an orderly shutdown."""

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
    """uvicorn. On a signal it stops listening and calls `closing`, before it waits for open requests.

    `closing` ends streams and long polls, which would otherwise last until their clients close them.
    """

    def __init__(self, config: uvicorn.Config, closing: Callable[[], None]) -> None:
        super().__init__(config)
        self._closing = closing

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """uvicorn would raise the signal again at the end and kill the process, with the embedded database still running."""
        for number in HANDLED_SIGNALS:
            # Not a bound method: sse-starlette looks for one to detect the shutdown, and would cut the streams off.
            signal.signal(number, lambda *caught: self.handle_exit(*caught))
        yield
        # The handlers stay: a second signal must not kill the process while it stops the embedded database.

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Handle a signal. A second Ctrl-C stops the process at once."""
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop listening, end streams and long polls, wait for the other requests."""
        for server in self.servers:
            server.close()
        self._closing()
        await super().shutdown(sockets)


def make_config(app: ASGIApp, *, limits: Limits, **more: Any) -> uvicorn.Config:
    """uvicorn's configuration: limits for each connection, and no WebSockets, which the desk does not use."""
    return uvicorn.Config(app, http=limited_protocol(limits), ws="none", log_config=None, access_log=False, **more)
