"""The supervisors' stream of the board."""

from __future__ import annotations

from collections.abc import AsyncIterator

from sse_starlette import EventSourceResponse, ServerSentEvent

from handoff.figures.live import SHORTEST_SECONDS
from handoff.figures.services import FigureServices, check_supervises
from handoff.runtime.errors import DeskError
from handoff.runtime.streams import frame, last_frame, stream_response, whole

#: Nobody wakes this topic but the end of the desk, which wakes all.
_CLOSING = "closing"


def stream_board(services: FigureServices, session: str | None) -> EventSourceResponse:
    """`board` frames, at most one every 5 s. The session is checked before each frame.

    An open stream does not show that the supervisor is there; the page answers it (`POST /api/presence/here`).
    """

    async def frames() -> AsyncIterator[ServerSentEvent]:
        with services.metrics.stream_open("board"), services.wakeups.watch(_CLOSING) as watch:
            while not services.wakeups.is_closing:
                try:
                    check_supervises(await whole(services.sign_in.agent_of(session, is_here=False)))
                    board = await whole(services.live_board.latest())
                except DeskError:
                    return  # signed out, or the database is away; the client finds out when it reconnects
                yield frame("board", board)
                await watch.wait(SHORTEST_SECONDS)  # the figures of an hour change without any event, too
        yield last_frame()

    return stream_response(frames())
