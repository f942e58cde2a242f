"""The customer's stream of a conversation, and the long poll that replaces it where streams do not pass."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from sse_starlette import EventSourceResponse, ServerSentEvent

from handoff.conversations.services import ConversationServices
from handoff.conversations.state import Conversation
from handoff.runtime.errors import NotAllowed, Unavailable
from handoff.runtime.limits.limits import Streams
from handoff.runtime.streams import frame, last_frame, stream_response, whole
from handoff.runtime.wakeups import BOARD, NEWS

#: How often a waiting customer's position is read, even without wake-ups.
_LOOK_SECONDS = 10.0


def stream_conversation(
    services: ConversationServices, conversation_id: str, token: str, after: int, streams: Streams
) -> EventSourceResponse:
    """A customer's stream: `event` frames with the sequence number as id, and `status` frames when the status changed.

    `streams` is closed when the stream ends.
    """

    async def frames() -> AsyncIterator[ServerSentEvent]:
        seq, shown = after, None
        with services.metrics.stream_open("conversation"), services.wakeups.watch(conversation_id, NEWS) as watch:
            while not services.wakeups.is_closing:
                try:
                    look = await whole(services.customers.look(conversation_id, token, seq))
                except Unavailable:
                    return  # the client reconnects and resumes where it was
                except NotAllowed:
                    return  # this token was ended while the stream was open; the client learns why when it reconnects
                seq = watch.seen = look.seq
                for event in look.events:
                    yield frame("event", event, event["seq"])
                if not look.is_end:
                    continue
                if look.status != shown:
                    shown = look.status
                    yield frame("status", shown)
                waits = look.status["queue_position"] is not None
                if waits and BOARD not in watch.topics:
                    watch.follow(conversation_id, NEWS, BOARD)
                    continue  # the place may have changed since the look
                if not waits:
                    watch.follow(conversation_id, NEWS)
                while True:
                    woken_by = await watch.wait(_LOOK_SECONDS if waits else None)
                    if conversation_id in woken_by or not woken_by or services.wakeups.is_closing:
                        break
                    # The position is on the board, and what is announced is known here, so no query is needed.
                    fresh = dict(shown)
                    if BOARD in woken_by:
                        fresh |= await _on_board(services, look.conversation) or {}
                    if NEWS in woken_by:
                        fresh["incidents"] = services.incident_board.shown(look.conversation.locale)
                    if fresh != shown:
                        shown = fresh
                        yield frame("status", shown)
        yield last_frame()

    return stream_response(frames(), streams)


async def _on_board(services: ConversationServices, conversation: Conversation) -> dict[str, Any] | None:
    try:
        board = await services.board.latest()
    except Unavailable:
        return None
    return services.handoffs.waiting(board, conversation, services.now())


async def long_poll(
    services: ConversationServices, conversation_id: str, token: str, after: int, wait_seconds: float
) -> list[dict[str, Any]]:
    """What a customer may see after a sequence number; waits for it if there is nothing yet."""
    with services.metrics.stream_open("poll"), services.wakeups.watch(conversation_id) as watch:
        deadline = services.now().timestamp() + wait_seconds
        seq = after
        while True:
            look = await services.customers.look(conversation_id, token, seq)
            left = deadline - services.now().timestamp()
            seq = watch.seen = look.seq
            if look.events or services.wakeups.is_closing:
                return look.events
            if not look.is_end:
                continue  # a whole page of what customers do not see: who came back for it would never get past it
            if left <= 0:
                return []
            await watch.wait(left)
