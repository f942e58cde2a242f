"""Server-sent events: the log from a sequence number on, and states that change."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator, Coroutine
from typing import Any, TypeVar

from fastapi import Request
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.types import Receive, Scope, Send

from handoff.accounts.agents import Agent
from handoff.conversations.customers import EVENT_LIMIT
from handoff.queue.agent_desk import check_takes_conversations
from handoff.runtime.errors import BadInput, DeskError, Unavailable
from handoff.runtime.limits.limits import Streams
from handoff.runtime.services import Services
from handoff.runtime.wakeups import BOARD, agent_topic

#: How often a waiting customer's place is looked at, whatever wake-ups say.
_LOOK_SECONDS = 10.0
#: An agent's queue is sent at most so often.
_QUEUE_SECONDS = 1.0
_RETRY_MS = 1000
#: When a desk ends, its streams shall not all come to the next one in the same moment.
_RETRY_SPREAD_MS = (500, 2000)
#: Comment lines that keep proxies from closing a quiet stream.
_PING_SECONDS = 15
_JSON_SEPARATORS = (",", ":")
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}

#: How often an agent's streams look whether the agent is still signed in and may still read, whatever wake-ups say: they must
#: end within 10 s.
_SESSION_SECONDS = 7.0

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
    return EventSourceResponse(frames, ping=_PING_SECONDS, headers=_HEADERS)


class _Counted(EventSourceResponse):
    """A stream that no longer counts when it ended, also when it ended before its first frame."""

    streams: Streams

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self.streams.close()


async def still_signed_in(services: Services, session: str | None) -> Agent:
    """The agent of a stream's session, who is hereby seen.

    Looked at before every frame: raises NotAllowed when the session ended or the account may no longer read conversations.
    """
    agent = await _whole(services.sign_in.agent_of(session))
    check_takes_conversations(agent)
    return agent


def stream_conversation(
    services: Services, conversation_id: str, token: str, after: int, streams: Streams
) -> EventSourceResponse:
    """A customer's stream: `event` frames with the sequence number as id, and `status` frames when the status changed.

    `streams` is closed when the stream ends.
    """

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
                if not look.is_end:
                    continue
                if look.status != shown:
                    shown = look.status
                    yield _frame("status", shown)
                waits = look.status["queue_position"] is not None
                if waits and BOARD not in watch.topics:
                    watch.follow(conversation_id, BOARD)
                    continue  # the place may have changed since the look
                if not waits:
                    watch.follow(conversation_id)
                while True:
                    woken_by = await watch.wait(_LOOK_SECONDS if waits else None)
                    if conversation_id in woken_by or not woken_by or services.wakeups.is_closing:
                        break
                    # Only others moved: the place is on the board, and the database need not be asked.
                    position, eta = await _place_on_board(services, conversation_id)
                    if position is not None and (position, eta) != (shown["queue_position"], shown["eta_seconds"]):
                        shown = {**shown, "queue_position": position, "eta_seconds": eta}
                        yield _frame("status", shown)
        yield _last_frame()

    response = _Counted(frames(), ping=_PING_SECONDS, headers=_HEADERS)
    response.streams = streams
    return response


def stream_log(services: Services, session: str | None, conversation_id: str, after: int) -> EventSourceResponse:
    """An agent's stream of one conversation: `event` frames, and `conversation` frames with its card when that changed."""

    async def frames() -> AsyncIterator[ServerSentEvent]:
        seq, shown = after, None
        with services.metrics.stream_open("log"), services.wakeups.watch(conversation_id) as watch:
            while not services.wakeups.is_closing:
                try:
                    agent = await still_signed_in(services, session)
                    card, events = await _whole(services.agent_desk.log(agent, conversation_id, seq, EVENT_LIMIT))
                except DeskError:
                    return  # signed out, or the database is away; the client finds out when it reconnects
                for event in events:
                    seq = watch.seen = event.seq
                    yield _frame("event", event.as_json(for_customer=False), seq)
                if len(events) == EVENT_LIMIT:
                    continue  # there may be more
                state = {name: value for name, value in card.items() if name != "waiting_seconds"}
                if state != shown:
                    shown = state
                    yield _frame("conversation", card)
                await watch.wait(_SESSION_SECONDS)
        yield _last_frame()

    return _response(frames())


async def _place_on_board(services: Services, conversation_id: str) -> tuple[int | None, int | None]:
    try:
        board = await services.board.latest()
    except Unavailable:
        return None, None
    return services.handoffs.position(board, conversation_id) if conversation_id in board.places else (None, None)


def stream_queue(services: Services, agent: Agent, session: str | None) -> EventSourceResponse:
    """An agent's stream of the queue: one `queue` frame with the first page, then `queue_changed` frames, at most one a second.

    While it is open, the agent counts as being there.
    """

    async def frames() -> AsyncIterator[ServerSentEvent]:
        shown: dict[str, Any] | None = None
        topics = (BOARD, agent_topic(agent.login))
        with services.metrics.stream_open("queue"), services.wakeups.watch(*topics) as watch:
            while not services.wakeups.is_closing:
                try:
                    signed_in = await still_signed_in(services, session)
                    # The first frame is of this moment: later ones only tell what changed.
                    queue = await _whole(services.agent_desk.queue(signed_in, is_live=shown is not None))
                except DeskError:
                    return  # signed out, or the database is away; the client finds out when it reconnects
                if shown is None:
                    yield _frame("queue", queue)
                elif (changes := _changes(shown, queue)) is not None:
                    yield _frame("queue_changed", changes)
                shown = queue
                await asyncio.sleep(_QUEUE_SECONDS)
                await watch.wait(_SESSION_SECONDS)
        yield _last_frame()

    return _response(frames())


_CARD_LISTS = ("waiting", "mine", "others")


def _changes(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any] | None:
    """What an agent's page must change to show `after` instead of `before`; None when nothing changed but the time."""
    old, new = _cards(before), _cards(after)
    changed = [card for name, card in new.items() if name not in old or not _is_same_card(old[name], card)]
    gone = [name for name in old if name not in new]
    changes: dict[str, Any] = {}
    if before["agents"] != after["agents"]:
        changes["agents"] = after["agents"]
    if not (changed or gone or changes or before["waiting_total"] != after["waiting_total"]):
        return None
    return {"changed": changed, "gone": gone, "waiting_total": after["waiting_total"], "next": after["next"], **changes}


def _cards(queue: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {card["id"]: card for name in _CARD_LISTS for card in queue[name]}


def _is_same_card(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """The waiting time passes by itself; pages count it from `queued_at`."""
    return {**one, "waiting_seconds": 0} == {**other, "waiting_seconds": 0}


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
            seq = watch.seen = look.seq
            if look.events or services.wakeups.is_closing:
                return look.events
            if not look.is_end:
                continue  # a whole page of what customers do not see: who came back for it would never get past it
            if left <= 0:
                return []
            await watch.wait(left)
