"""Tells waiting customers what changed after some minutes, and says sorry after a broken promise."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Sequence
from enum import StrEnum

import structlog

from content.desk_policy import DeskPolicy
from handoff.conversations.store import lock_if_free, save_conversation
from handoff.conversations.values import Status, Told
from handoff.queue.board import QueueBoard
from handoff.queue.handoffs import Handoffs
from handoff.queue.store import waits_told
from handoff.runtime.errors import Unavailable
from handoff.runtime.transaction import Store

logger = structlog.get_logger(__name__)

_INTERVAL_SECONDS = 10.0
#: Lines of one look. The next look goes on.
_AT_ONCE = 500
#: After the last of the times in data/desk.yml, and after each apology, a line comes once in this time.
_AGAIN = dt.timedelta(minutes=30)
#: A line of the timetable is left out if another message about the wait came so shortly before.
_JUST_SAID = dt.timedelta(minutes=1)
#: An apology comes at least so long after another message about the wait.
_APART = dt.timedelta(minutes=2)
#: A line waits so long for an offer to be accepted. A case that goes from one agent to the next must not wait in silence.
_HELD_BACK = dt.timedelta(minutes=1)
#: Agents who should have come to work may be late by this.
_LATE_FOR_WORK = dt.timedelta(minutes=10)


class Line(StrEnum):
    """What is due: a line that says what changed, or one that also says sorry."""

    CHANGE = "change"
    APOLOGY = "apology"


def due_line(told: Told, now: dt.datetime, said_after: Sequence[dt.timedelta], *, is_staffed: bool) -> Line | None:
    """The line that is due now, however late the desk is; None if none is. `is_staffed`: somebody is online for the case.

    `said_after`: the times after the handoff, in order.
    """
    said = told.said_at or told.since
    opens_at = told.wait.opens_at if told.wait and not told.wait.is_staffed else None
    if opens_at is not None and said < opens_at + _LATE_FOR_WORK:
        # The customer knows that nobody is there before the opening: only news are worth a line.
        if is_staffed:
            return Line.CHANGE
        return Line.APOLOGY if now >= opens_at + _LATE_FOR_WORK else None
    is_broken = told.promised_until is not None and said < told.promised_until < now
    if told.sorry_at is not None:
        due = now >= said + _AGAIN
    elif is_broken:
        due = now >= said + _APART
    else:
        last = _last_time(now - told.since, said_after)
        due = last is not None and told.since + last > said + _JUST_SAID
    if not due:
        return None
    return Line.APOLOGY if is_broken else Line.CHANGE


def _last_time(waited: dt.timedelta, said_after: Sequence[dt.timedelta]) -> dt.timedelta | None:
    """The last time of the timetable that has passed: the times of the configuration, then one each half hour."""
    passed = [time for time in said_after if time <= waited]
    if not passed:
        return None
    last = said_after[-1]
    return passed[-1] if waited < last else last + (waited - last) // _AGAIN * _AGAIN


class Promises:
    """Runs on every desk. A conversation that another desk has locked is skipped, and looked at again a few seconds later."""

    def __init__(
        self, store: Store, policy: DeskPolicy, handoffs: Handoffs, board: QueueBoard, now: Callable[[], dt.datetime]
    ) -> None:
        self._store, self._policy, self._handoffs, self._board, self._now = store, policy, handoffs, board, now

    async def run(self) -> None:
        """Look every few seconds until cancelled."""
        while True:
            await asyncio.sleep(_INTERVAL_SECONDS)
            try:
                await self.look_around()
            except Unavailable as error:
                logger.warning("promises.failed", code=error.code)

    async def look_around(self) -> None:
        """Say each line that is due."""
        now = self._now()
        async with self._store.read() as tx:
            waiting = await waits_told(tx)
        if not waiting:
            return
        board = await self._board.read()
        is_any_there = any(board.online_by_queue.values())
        due = [id for id, told in waiting if due_line(told, now, self._policy.said_after, is_staffed=is_any_there)]
        for conversation_id in due[:_AT_ONCE]:
            await self._say(conversation_id)

    async def _say(self, conversation_id: str) -> None:
        async with self._store.begin() as tx:
            draft = await lock_if_free(tx, conversation_id)
            if draft is None or draft.state.status is not Status.QUEUED:
                return  # an agent claims it now, or another desk says the line
            now, told, offer = self._now(), draft.state.handling.told, draft.state.handling.offer
            if told is None:
                return
            outlook = await self._handoffs.outlook(tx, draft.state, now)
            is_staffed, times = outlook.is_staffed, self._policy.said_after
            line = due_line(told, now, times, is_staffed=is_staffed)
            if line is None:
                return
            is_offered = offer is not None and now < offer.until
            if is_offered and due_line(told, now - _HELD_BACK, times, is_staffed=is_staffed) is None:
                return  # somebody is about to take over
            self._handoffs.tell_change(draft, told, outlook, now, is_apology=line is Line.APOLOGY)
            await save_conversation(tx, draft)
            tx.wake(conversation_id)
