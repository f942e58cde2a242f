"""Logs and times the requests that change something. A line never holds the body, or the address as the client sent it."""

from __future__ import annotations

import re
import time

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from handoff.runtime.metrics import Metrics

logger = structlog.get_logger(__name__)

_CHANGING = ("POST", "PUT", "PATCH", "DELETE")
_ID = re.compile(r"[0-9a-f]{32}")
_MESSAGES = "/api/conversations/{conversation_id}/messages"


def route_of(scope: Scope) -> str:
    """The template of the matched route, or `none`. The address itself may contain anything."""
    return getattr(scope.get("route"), "path", "none")


def conversation_of(scope: Scope) -> dict[str, str]:
    """The field `conversation_id` for a log line; empty if the address has no id of the desk's form."""
    found = str(scope.get("path_params", {}).get("conversation_id", ""))
    return {"conversation_id": found} if _ID.fullmatch(found) else {}


class RequestLog:
    """Writes one log line and one observation for each POST, PUT, PATCH and DELETE."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Forward a request, and record its status and duration."""
        if scope["type"] != "http" or scope["method"] not in _CHANGING:
            await self._app(scope, receive, send)
            return
        started, status = time.perf_counter(), 500

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            self._note(scope, status, time.perf_counter() - started)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        method, route = scope["method"], route_of(scope)
        self._metrics.request_seconds.labels(method, route, status).observe(seconds)
        if route == _MESSAGES and status in (200, 201):
            self._metrics.messages.labels("yes" if status == 200 else "no").inc()
        ms = round(seconds * 1000, 1)
        logger.info("request", method=method, route=route, status=status, ms=ms, **conversation_of(scope))
