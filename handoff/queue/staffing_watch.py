"""Warns about faults of the staffing that publishing cannot see: in the log when one comes up, and as a metric."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable

import structlog

from content.bundle import DeskContent
from content.staffing_warnings import StaffingWarning, calendar_warnings, people_warnings
from handoff.accounts.store import list_agents
from handoff.runtime.errors import Unavailable
from handoff.runtime.metrics import Metrics
from handoff.runtime.transaction import Store

logger = structlog.get_logger(__name__)

_INTERVAL_SECONDS = 600.0


class StaffingWatch:
    """Runs on every desk. `content` gives what is published now: a correction counts without a restart."""

    def __init__(
        self, store: Store, content: Callable[[], DeskContent], now: Callable[[], dt.datetime], metrics: Metrics
    ) -> None:
        self._store, self._content, self._now, self._metrics = store, content, now, metrics
        self._logged: set[StaffingWarning] = set()

    async def run(self) -> None:
        """Check at once, and then every ten minutes, until cancelled."""
        while True:
            try:
                await self.look()
            except Unavailable as error:
                logger.warning("staffing.not_checked", code=error.code)
            await asyncio.sleep(_INTERVAL_SECONDS)

    async def look(self) -> list[StaffingWarning]:
        """Check once: all warnings that hold now. New ones are logged; one that was over and comes back is new."""
        async with self._store.read() as tx:
            logins = {agent.login for agent in await list_agents(tx)}
        content = self._content()
        warnings = [*calendar_warnings(content, self._now()), *people_warnings(content, logins)]
        for warning in warnings:
            if warning not in self._logged:
                logger.warning("staffing.warning", code=warning.code, about=warning.about, why=warning.en)
        self._logged = set(warnings)
        self._metrics.set_staffing_warnings(warning.code for warning in warnings)
        return warnings
