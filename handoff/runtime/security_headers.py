"""Security headers for every answer, and a limit on the size of request bodies."""

from __future__ import annotations

import re

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from handoff.runtime.http_limits import PICTURE_BYTES, UPLOAD_BYTES

_MAX_BODY_BYTES = 64 * 1024
#: Paths whose bodies may be larger. No body may exceed `handoff.runtime.http_limits`.
_LARGER_BODIES = {
    re.compile(r"/api/workshop/jobs/[0-9]+/done"): 960 * 1024,
    re.compile(r"/api/workshop/imports"): UPLOAD_BYTES,
    re.compile(r"/api/conversations/[^/]{1,100}/attachments"): PICTURE_BYTES,
}
SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'; connect-src 'self'; "
        "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


class HeadersAndLimits:
    """Adds the security headers to each answer, and rejects request bodies of more than 64 KiB (few routes: more) with 413."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Forward a request, and count the bytes of its body."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        received = 0
        most = next((size for path, size in _LARGER_BODIES.items() if path.fullmatch(scope["path"])), _MAX_BODY_BYTES)

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > most:
                # FastAPI reports any exception but an HTTPException as a broken body while it reads one.
                raise HTTPException(413)
            return message

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, counted, with_headers)
