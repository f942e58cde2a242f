"""Server-sent events: frames, reconnects, and database reads that survive a client's disconnect."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator, Coroutine
from typing import Any, TypeVar

from fastapi import Request
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.types import Receive, Scope, Send

from handoff.runtime.errors import BadInput
from handoff.runtime.limits.limits import Streams

_RETRY_MS = 1000
#: When a desk stops, its clients reconnect at different moments, so that the next desk is not overloaded.
_RETRY_SPREAD_MS = (500, 2000)
#: Seconds between comment lines, which keep proxies from closing a quiet stream.
_PING_SECONDS = 15
_JSON_SEPARATORS = (",", ":")
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}

T = TypeVar("T")


def wants_stream(request: Request) -> bool:
    """Whether the client asked for server-sent events."""
    return "text/event-stream" in request.headers.get("accept", "")


def resume_after(request: Request, after: int) -> int:
    """The sequence number to resume from: `Last-Event-ID` of a reconnect, else `after`. Raises BadInput."""
    last = request.headers.get("last-event-id")
    if last is None or last == "":
        return after
    if not last.isascii() or not last.isdigit() or len(last) > 18:
        raise BadInput("bad_last_event_id", "Last-Event-ID 不正确。", "Last-Event-ID must be a sequence number.")
    return int(last)


def frame(event: str, data: dict[str, Any], seq: int | None = None) -> ServerSentEvent:
    """One frame with JSON data; `seq` is its id, from which a reconnect resumes."""
    text = json.dumps(data, ensure_ascii=False, separators=_JSON_SEPARATORS)
    return ServerSentEvent(text, event=event, id=str(seq) if seq is not None else None, retry=_RETRY_MS)


def last_frame() -> ServerSentEvent:
    """Sent when this desk stops: the client reconnects to another desk."""
    return ServerSentEvent(retry=random.randint(*_RETRY_SPREAD_MS))  # noqa: S311 - not a secret


async def whole(look: Coroutine[Any, Any, T]) -> T:
    """Finish a database read although the client disconnects: cancelling a query costs the connection."""
    task = asyncio.ensure_future(look)
    task.add_done_callback(lambda done: done.cancelled() or done.exception())  # possibly nobody awaits it any more
    return await asyncio.shield(task)


class _Counted(EventSourceResponse):
    """A stream that closes its `streams` when it ends, even before its first frame."""

    streams: Streams | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the stream."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            if self.streams is not None:
                self.streams.close()


def stream_response(frames: AsyncIterator[ServerSentEvent], streams: Streams | None = None) -> EventSourceResponse:
    """The response that sends these frames. `streams` is closed when it ends."""
    response = _Counted(frames, ping=_PING_SECONDS, headers=_HEADERS)
    response.streams = streams
    return response
