"""Tells the customers whom the bot told of an incident that it is over: each conversation once, whatever breaks."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable

import structlog

from content.bundle import DeskContent
from handoff.cases.incidents.incident import Incident, in_language
from handoff.cases.incidents.store import end_closing, told_of, unfinished_closings
from handoff.conversations.decide import TellIncidentOver
from handoff.conversations.store import lock_conversation, save_conversation
from handoff.runtime.errors import Unavailable
from handoff.runtime.transaction import Store
from handoff.runtime.wakeups import INCIDENTS, Wakeups, agent_topic

logger = structlog.get_logger(__name__)

_LOOK_SECONDS = 10.0
_AT_ONCE = 100
#: An answer that the bot began while the incident was open is in the log after this time.
_TURN_TIME = dt.timedelta(minutes=2)


class ClosingMessages:
    """The worker. Several desks may run it: a conversation is locked, and its log says whether the customer knows."""

    def __init__(
        self, store: Store, wakeups: Wakeups, content: Callable[[], DeskContent], now: Callable[[], dt.datetime]
    ) -> None:
        self._store, self._wakeups, self._content, self._now = store, wakeups, content, now

    async def run(self) -> None:
        """Tell until cancelled."""
        with self._wakeups.watch(INCIDENTS) as watch:
            while True:
                try:
                    await self.tell()
                except Unavailable as error:
                    logger.warning("incidents.not_told", code=error.code)
                    await asyncio.sleep(1)
                await watch.wait(_LOOK_SECONDS)

    async def tell(self) -> int:
        """Tell all who do not know yet; how many were told. Raises Unavailable."""
        async with self._store.read() as tx:
            closed = await unfinished_closings(tx)
        told = 0
        for incident in closed:
            began = self._now()  # who is told of the incident after this is found by the next look
            count = await self._tell_of(incident)
            async with self._store.begin() as tx:
                await end_closing(tx, incident.id, began, _TURN_TIME)
            if count:
                logger.info("incident.over_told", incident=incident.id, conversations=count)
            told += count
        return told

    async def _tell_of(self, incident: Incident) -> int:
        told, after = 0, ""
        while True:
            async with self._store.read() as tx:
                ids = await told_of(tx, incident.id, after, _AT_ONCE)
            for conversation_id in ids:
                told += await self._tell_one(incident, conversation_id)
            if len(ids) < _AT_ONCE:
                return told
            after = ids[-1]

    async def _tell_one(self, incident: Incident, conversation_id: str) -> bool:
        async with self._store.begin() as tx:
            draft = await lock_conversation(tx, conversation_id)
            if draft is None or incident.closing_text is None:
                return False
            text = in_language(incident.closing_text, draft.state.locale, self._content().traditional)
            if not draft.do(TellIncidentOver(incident.id, incident.version, text), self._now()):
                return False
            await save_conversation(tx, draft)
            tx.wake(conversation_id)
            if draft.state.agent:
                tx.wake(agent_topic(draft.state.agent))
        return True
