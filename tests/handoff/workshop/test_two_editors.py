"""Two editors at once lose no edit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.handoff.conftest import Database
from tests.handoff.running_desk import Desk
from tests.handoff.workshop.two_editors import race


def edits_in(database: Database) -> list[dict[str, Any]]:
    """The table of edits, the oldest first."""
    rows = database.connection.execute("SELECT login, file, item, kind, before, after FROM edits ORDER BY id").fetchall()
    names = ("login", "file", "item", "kind", "before", "after")
    return [
        {**dict(zip(names, row, strict=True)), "before": json.loads(str(row[4])), "after": json.loads(str(row[5]))}
        for row in rows
    ]


async def test_two_editors_at_once_lose_no_edit(desk: Desk, working_copy: Path, database: Database) -> None:
    """An accepted edit would vanish, be doubled, or be overwritten by somebody who had not seen it."""
    columns = "login, name, role, capacity, is_demo, password_hash"
    database.connection.execute(f"INSERT INTO agents ({columns}) VALUES ('lin', '小林', 'editor', 5, false, '')")
    agents = await desk.agent("editor"), await desk.agent("lin")
    outcome = await race(agents, working_copy, lambda: edits_in(database), edits=40, seed=12)
    assert outcome.faults == []
    assert outcome.accepted > 15
    assert outcome.refused > 1
    assert outcome.by_hand > 2
