"""The SQL of edits: who changed what in the editors' files, and when."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from handoff.runtime.transaction import Row, Transaction

#: Edits of all desks come one after the other, so that their order in the table is their order in the files.
_LOCK = 7_250_419_012
_COLUMNS = "e.id, e.at, e.login, coalesce(a.name, e.login), e.file, e.item, e.kind, e.before, e.after"
_FROM = "FROM edits e LEFT JOIN agents a ON a.login = e.login"


@dataclass(frozen=True)
class Edit:
    """One change. `before`, `after`: the item as JSON-able values; None: it did not exist, or does not exist any more."""

    id: int
    at: dt.datetime
    login: str
    name: str
    file: str
    item: str
    kind: str
    before: Any
    after: Any


def _edit_of(row: Row) -> Edit:
    *first, before, after = row
    return Edit(*first, *(None if value is None else json.loads(value) for value in (before, after)))


async def lock_edits(tx: Transaction) -> None:
    """Wait until no other edit is being saved; the lock ends with the transaction."""
    await tx.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))


async def add_edit(
    tx: Transaction, at: dt.datetime, login: str, file: str, item: str, kind: str, before: Any, after: Any
) -> None:
    """Record one change."""
    values = [None if value is None else json.dumps(value, ensure_ascii=False) for value in (before, after)]
    await tx.execute(
        "INSERT INTO edits (at, login, file, item, kind, before, after) VALUES (%s, %s, %s, %s, %s, %s, %s)",
        (at, login, file, item, kind, *values),
    )


async def edits_of(tx: Transaction, files: Sequence[str], limit: int) -> list[Edit]:
    """The last edits of some files, the newest first."""
    query = f"SELECT {_COLUMNS} {_FROM} WHERE e.file = ANY(%s) ORDER BY e.id DESC LIMIT %s"
    return [_edit_of(row) for row in await tx.rows(query, list(files), limit)]


async def last_edits(tx: Transaction) -> dict[tuple[str, str], tuple[dt.datetime, str, str]]:
    """When and by whom (login, name) each item was last changed: by file and item."""
    query = f"""
        SELECT DISTINCT ON (e.file, e.item) e.file, e.item, e.at, e.login, coalesce(a.name, e.login) {_FROM}
        ORDER BY e.file, e.item, e.id DESC"""
    return {(file, item): (at, login, name) for file, item, at, login, name in await tx.rows(query)}
