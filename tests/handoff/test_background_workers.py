"""The workers of a desk that act because time has passed. On the desks of other tests they rest (`running_desk.ON_CALL`)."""

from __future__ import annotations

import asyncio

import pytest

from handoff.runtime.settings import Settings
from tests.handoff.fake_bot import FakeBot
from tests.handoff.people import DEADLINE_SECONDS
from tests.handoff.running_desk import ON_CALL, Clock, run_desk


async def test_a_desk_runs_each_of_them(
    settings: Settings, new_database: str, bot: FakeBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody would be offered a case, or told of the wait; who left would keep their customers; the inbox would stay empty."""
    running: set[str] = set()
    for worker in ON_CALL:

        async def run(self: object) -> None:
            running.add(type(self).__name__)
            await asyncio.Event().wait()

        monkeypatch.setattr(worker, "run", run)
    own = settings.model_copy(update={"database_url": new_database})
    async with run_desk(own, bot, Clock(), on_call=()), asyncio.timeout(DEADLINE_SECONDS):
        while running != {worker.__name__ for worker in ON_CALL}:
            await asyncio.sleep(0.01)
