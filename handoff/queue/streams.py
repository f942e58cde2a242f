"""The agents' streams: the queue, and one conversation's log."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from sse_starlette import EventSourceResponse, ServerSentEvent

from handoff.accounts.agents import Agent, check_takes_conversations
from handoff.conversations.customers import EVENT_LIMIT
from handoff.conversations.signs import Signs
from handoff.queue.services import QueueServices
from handoff.runtime.errors import DeskError
from handoff.runtime.streams import frame, last_frame, stream_response, whole
from handoff.runtime.wakeups import BOARD, agent_topic

#: The queue is sent to an agent at most once in this time.
_QUEUE_SECONDS = 1.0
#: How often a stream checks that its agent is still signed in and may still read, whatever wake-ups say. A stream without a
#: session must end within 10 s.
_SESSION_SECONDS = 7.0


async def still_signed_in(services: QueueServices, session: str | None) -> Agent:
    """The agent of a stream's session. A stream does not show that its agent is there: see `HERE`.

    Looked at before every frame: raises NotAllowed when the session ended or the account may no longer read conversations.
    """
    agent = await whole(services.sign_in.agent_of(session, is_here=False))
    check_takes_conversations(agent)
    return agent


def stream_log(services: QueueServices, session: str | None, conversation_id: str, after: int) -> EventSourceResponse:
    """An agent's stream of one conversation: `event` frames, and `conversation` (its card), `lookers` and `signs` on change."""

    async def frames() -> AsyncIterator[ServerSentEvent]:
        seq, shown, shown_lookers, shown_signs = after, None, None, None
        with services.metrics.stream_open("log"), services.wakeups.watch(conversation_id) as watch:
            while not services.wakeups.is_closing:
                try:
                    agent = await still_signed_in(services, session)
                    log = await whole(services.agent_desk.log(agent, conversation_id, seq, EVENT_LIMIT))
                except DeskError:
                    return  # signed out, or the database is away; the client finds out when it reconnects
                for event in log.events:
                    seq = watch.seen = event.seq
                    yield frame("event", event.as_json(for_customer=False), seq)
                if len(log.events) == EVENT_LIMIT:
                    continue  # there may be more
                state = _lasting(log.card)
                if state != shown:
                    shown = state
                    yield frame("conversation", log.card)
                if log.lookers != (shown_lookers or []):
                    yield frame("lookers", {"lookers": log.lookers})
                shown_lookers = log.lookers
                if log.signs != (shown_signs or Signs()):
                    yield frame("signs", log.signs.as_json())
                shown_signs = log.signs
                await watch.wait(_SESSION_SECONDS)
        yield last_frame()

    return stream_response(frames())


def stream_queue(services: QueueServices, agent: Agent, session: str | None) -> EventSourceResponse:
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
                    # The first frame holds the present state; later frames hold only changes.
                    queue = await whole(services.agent_queue.read(signed_in, is_live=shown is not None))
                except DeskError:
                    return  # signed out, or the database is away; the client finds out when it reconnects
                if shown is None:
                    yield frame("queue", queue)
                elif (changes := _changes(shown, queue)) is not None:
                    yield frame("queue_changed", changes)
                shown = queue
                await asyncio.sleep(_QUEUE_SECONDS)
                await watch.wait(_SESSION_SECONDS)
        yield last_frame()

    return stream_response(frames())


_CARD_LISTS = ("waiting", "mine", "others")


def _changes(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any] | None:
    """What an agent's page must change to show `after` instead of `before`; None when nothing changed but the time."""
    old, new = _cards(before), _cards(after)
    changed = [card for name, card in new.items() if name not in old or not _is_same_card(old[name], card)]
    gone = [name for name in old if name not in new]
    changes: dict[str, Any] = {}
    for name in ("agents", "mentions", "claim_refusal"):
        if before[name] != after[name]:
            changes[name] = after[name]
    if not (changed or gone or changes or before["waiting_total"] != after["waiting_total"]):
        return None
    return {"changed": changed, "gone": gone, "waiting_total": after["waiting_total"], "next": after["next"], **changes}


def _cards(queue: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {card["id"]: card for name in _CARD_LISTS for card in queue[name]}


def _is_same_card(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return _lasting(one) == _lasting(other)


def _lasting(card: dict[str, Any]) -> dict[str, Any]:
    """A card without what changes by itself as time passes; pages count it from the times on the card."""
    due = card["due"]
    return {**card, "waiting_seconds": 0, "due": {**due, "is_breached": False} if due else None}
