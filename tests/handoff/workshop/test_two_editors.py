"""Two editors at once lose no edit."""

from __future__ import annotations

from pathlib import Path

from tests.handoff.conftest import Database
from tests.handoff.running_desk import Desk
from tests.handoff.workshop.two_editors import add_second_editor, edits_in, race


async def test_two_editors_at_once_lose_no_edit(desk: Desk, working_copy: Path, database: Database) -> None:
    """An accepted edit would vanish, be doubled, or be overwritten by somebody who had not seen it."""
    add_second_editor(database.connection)
    agents = await desk.agent("editor"), await desk.agent("lin")
    outcome = await race(agents, working_copy, lambda: edits_in(database.connection), edits=40, seed=12)
    assert outcome.faults == []
    assert outcome.accepted > 15
    assert outcome.refused > 1
    assert outcome.by_hand > 1
