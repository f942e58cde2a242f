"""Server-sent events: the log from a sequence number on, and states that change."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator, Coroutine
from typing import Any, TypeVar

from fastapi import Request
from sse_starlette import EventSourceResponse, ServerSentEvent

from handoff.domain.agents import Agent
from handoff.domain.errors import BadInput, DeskError, Unavailable
from handoff.services.wakeups import QUEUE
from handoff.web.services import Services

#: How often a waiting customer's place and an agent's queue are looked at, whatever wake-ups say.
_PLACE_SECONDS = 10.0
_RETRY_MS = 1000
#: When a desk ends, its streams shall not all come to the next one in the same moment.
_RETRY_SPREAD_MS = (500, 2000)
#: Comment lines that keep proxies from closing a quiet stream.
_PING_SECONDS = 15
_JSON_SEPARATORS = (",", ":")

T = TypeVar("T")


def wants_stream(request: Request) -> bool:
    """Whether the client asked for server-sent events."""
    return "text/event-stream" in request.headers.get("accept", "")


def resume_after(request: Request, after: int) -> int:
    """The sequence number to go on from: `Last-Event-ID` of a reconnect, else `after`. Raises BadInput."""
    last = request.headers.get("last-event-id")
    if last is None or last == "":
        return after
    if not last.isascii() or not last.isdigit() or len(last) > 18:
        raise BadInput("bad_last_event_id", "Last-Event-ID 不正确。", "Last-Event-ID must be a sequence number.")
    return int(last)


def _frame(event: str, data: dict[str, Any], seq: int | None = None) -> ServerSentEvent:
    text = json.dumps(data, ensure_ascii=False, separators=_JSON_SEPARATORS)
    return ServerSentEvent(text, event=event, id=str(seq) if seq is not None else None, retry=_RETRY_MS)


def _last_frame() -> ServerSentEvent:
    """This desk ends: come again, to whoever listens then."""
    return ServerSentEvent(retry=random.randint(*_RETRY_SPREAD_MS))  # noqa: S311 - not a secret


async def _whole(look: Coroutine[Any, Any, T]) -> T:
    """Let a look at the database come to its end, also when the client leaves: a query that is cut off costs the connection."""
    task = asyncio.ensure_future(look)
    task.add_done_callback(lambda done: done.cancelled() or done.exception())  # nobody may be there any more to ask for it
    return await asyncio.shield(task)


def _response(frames: AsyncIterator[ServerSentEvent]) -> EventSourceResponse:
    return EventSourceResponse(frames, ping=_PING_SECONDS, headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})


def stream_conversation(services: Services, conversation_id: str, token: str, after: int) -> EventSourceResponse:
    """A customer's stream: `event` frames with the sequence number as id, and `status` frames when the status changed."""

    async def frames() -> AsyncIterator[ServerSentEvent]:
        seq, shown = after, None
        with services.metrics.stream_open("conversation"), services.wakeups.watch(conversation_id) as watch:
            while not services.wakeups.is_closing:
                try:
                    look = await _whole(services.customers.look(conversation_id, token, seq))
                except Unavailable:
                    return  # the client reconnects and resumes where it was
                seq = watch.seen = look.seq
                for event in look.events:
                    yield _frame("event", event, event["seq"])
                if look.status != shown:
                    shown = look.status
                    yield _frame("status", shown)
                waits = look.status["queue_position"] is not None
                if waits and QUEUE not in watch.topics:
                    watch.follow(conversation_id, QUEUE)
                    continue  # the place may have changed since the look
                if not waits:
                    watch.follow(conversation_id)
                # The place in the queue changes when others move, the expected wait also when agents come and go.
                await watch.wait(_PLACE_SECONDS if waits else None)
        yield _last_frame()

    return _response(frames())


def stream_log(services: Services, conversation_id: str, after: int) -> EventSourceResponse:
    """An agent's stream of one conversation: `event` frames, and `conversation` frames with its card when that changed."""

    async def frames() -> AsyncIterator[ServerSentEvent]:
        seq, shown = after, None
        with services.metrics.stream_open("log"), services.wakeups.watch(conversation_id) as watch:
            while not services.wakeups.is_closing:
                try:
                    card, events = await _whole(services.agent_desk.log(conversation_id, seq))
                except Unavailable:
                    return
                for event in events:
                    seq = watch.seen = event.seq
                    yield _frame("event", event.as_json(for_customer=False), seq)
                state = {name: value for name, value in card.items() if name != "waiting_seconds"}
                if state != shown:
                    shown = state
                    yield _frame("conversation", card)
                await watch.wait()
        yield _last_frame()

    return _response(frames())


def stream_queue(services: Services, agent: Agent, session: str | None) -> EventSourceResponse:
    """An agent's stream of the queue: `queue` frames. While it is open, the agent counts as being there."""

    async def frames() -> AsyncIterator[ServerSentEvent]:
        with services.metrics.stream_open("queue"), services.wakeups.watch(QUEUE) as watch:
            while not services.wakeups.is_closing:
                try:
                    await _whole(services.sign_in.agent_of(session))
                    queue = await _whole(services.agent_desk.queue(agent))
                except DeskError:
                    return  # signed out, or the database is away; the client finds out when it reconnects
                yield _frame("queue", queue)
                await watch.wait(_PLACE_SECONDS)
        yield _last_frame()

    return _response(frames())


async def long_poll(
    services: Services, conversation_id: str, token: str, after: int, wait_seconds: float
) -> list[dict[str, Any]]:
    """What a customer may see after a sequence number; waits for it if there is nothing yet."""
    with services.metrics.stream_open("poll"), services.wakeups.watch(conversation_id) as watch:
        deadline = services.now().timestamp() + wait_seconds
        seq = after
        while True:
            look = await services.customers.look(conversation_id, token, seq)
            left = deadline - services.now().timestamp()
            if look.events or left <= 0 or services.wakeups.is_closing:
                return look.events
            seq = watch.seen = look.seq
            await watch.wait(left)
