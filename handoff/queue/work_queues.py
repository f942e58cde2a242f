"""In which queue a case waits. Pure."""

from __future__ import annotations

import functools

from content.bundle import DeskContent
from handoff.conversations.state import Conversation


def queue_of(state: Conversation, content: DeskContent) -> str:
    """The id of a case's queue: where a transfer sent it, if that queue still exists; else the queue of its lane or reason."""
    chosen = state.handling.queue
    if chosen is not None and chosen in content.desk.queues:
        return chosen
    return queue_of_reason(state.case.reason, content, state.case.lane)


def queue_of_reason(reason: str | None, content: DeskContent, lane: str | None = None) -> str:
    """The id of the queue of a lane or a reason: the queue that names the lane, else the reason, else the default queue."""
    by_lane, by_reason, default = _tables(content)
    return by_lane.get(lane or "") or by_reason.get(reason or "", default)


@functools.lru_cache(maxsize=4)
def _tables(content: DeskContent) -> tuple[dict[str, str], dict[str, str], str]:
    queues = content.desk.queues
    by_lane = {lane: name for name, queue in queues.items() for lane in queue.lanes}
    by_reason = {reason: name for name, queue in queues.items() for reason in queue.reasons}
    return by_lane, by_reason, next(name for name, queue in queues.items() if queue.is_default)
