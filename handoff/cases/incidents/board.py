"""The open incidents, as this desk knows them: read again when one changes, so that turns and streams need no query."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

import structlog

from content.bundle import DeskContent
from contract.incident import Incident as ToldToBot
from handoff.cases.care_desk import CareSubject
from handoff.cases.incidents.incident import Incident
from handoff.cases.incidents.store import latest_versions
from handoff.conversations.state import Conversation
from handoff.runtime.errors import Unavailable
from handoff.runtime.transaction import Store
from handoff.runtime.wakeups import INCIDENTS, NEWS, Wakeups

logger = structlog.get_logger(__name__)

#: A lost wake-up delays a banner by so many seconds.
_LOOK_SECONDS = 5.0


class IncidentBoard(CareSubject):
    """What is announced now."""

    def __init__(
        self, store: Store, wakeups: Wakeups, content: Callable[[], DeskContent], now: Callable[[], dt.datetime]
    ) -> None:
        self._store, self._wakeups, self._content, self._now = store, wakeups, content, now
        self._open: tuple[Incident, ...] = ()

    @property
    def open(self) -> Sequence[Incident]:
        """The open incidents, the oldest first."""
        return self._open

    def told_to_bot(self) -> tuple[ToldToBot, ...]:
        """What the context of the next turn says."""
        return tuple(each.told_to_bot() for each in self._open)

    def shown(self, locale: str) -> list[dict[str, Any]]:
        """The banner for a language."""
        traditional = self._content().traditional
        return [each.shown(locale, traditional) for each in self._open]

    def status(self, conversation: Conversation, now: dt.datetime) -> dict[str, Any]:
        """The banner in the status of a conversation."""
        return {"incidents": self.shown(conversation.locale)}

    async def refresh(self) -> None:
        """Read what is open, and wake the streams of this desk if it changed. Raises Unavailable."""
        async with self._store.read() as tx:
            found = await latest_versions(tx, self._now())
        latest = tuple(each.incident for each in found if each.incident.state == "open")
        if latest != self._open:
            self._open = latest
            self._wakeups.wake_here([NEWS])

    async def run(self) -> None:
        """Follow the changes until cancelled."""
        with self._wakeups.watch(INCIDENTS) as watch:
            while True:
                try:
                    await self.refresh()
                except Unavailable as error:
                    logger.warning("incidents.not_read", code=error.code)
                    await asyncio.sleep(1)
                await watch.wait(_LOOK_SECONDS)
