"""The SQL of the inbox."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from psycopg.types.json import Jsonb

from handoff.conversations.values import Status
from handoff.runtime.transaction import Row, Transaction
from handoff.workshop.inbox.groups import Decision, Group

#: Only so many imported texts are grouped at once, the most frequent first: embedding one takes some milliseconds.
MOST_IMPORTED = 20_000
#: One file is imported at a time: an advisory lock for a transaction; any unused number does.
IMPORT_LOCK = 7_250_419_013
_BEGINNING = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
_ENTRY = "id, text, kind, count, cost, first_at, last_at"
_DECISION = 'id, action, intent, note, by_login, by_name, at, "group", added'


@dataclass(frozen=True)
class InboxState:
    """`stored_job`: whose result the groups are. `queued_at`: when the last job was queued."""

    stored_job: int | None
    queued_at: dt.datetime | None


async def lock(tx: Transaction) -> InboxState:
    """Wait for other changes of the inbox to end."""
    rows = await tx.rows("SELECT stored_job, queued_at FROM inbox_state FOR UPDATE")
    return InboxState(*rows[0])


async def stored_job(tx: Transaction) -> int | None:
    """The job whose result the groups are."""
    found: int | None = await tx.value("SELECT stored_job FROM inbox_state")
    return found


async def set_stored_job(tx: Transaction, job: int) -> None:
    """Remember whose result the groups are."""
    await tx.execute("UPDATE inbox_state SET stored_job = %s", [job])


async def set_queued_at(tx: Transaction, at: dt.datetime) -> None:
    """Remember when a job was queued."""
    await tx.execute("UPDATE inbox_state SET queued_at = %s", [at])


async def has_turns_since(tx: Transaction, since: dt.datetime | None) -> bool:
    """Whether a conversation changed after a time; any conversation for None."""
    query = "SELECT EXISTS (SELECT 1 FROM conversations WHERE status = ANY(%s) AND updated_at > %s)"
    return bool(await tx.value(query, [status.value for status in Status], since or _BEGINNING))


# --- groups ----------------------------------------------------------------------------------------------------------------


async def replace_groups(tx: Transaction, groups: Sequence[Group]) -> None:
    """Store these groups instead of all that were there."""
    await tx.execute("DELETE FROM inbox_entries", [])
    await tx.execute("DELETE FROM inbox_groups", [])
    for group in groups:
        await put_back(tx, group)


async def put_back(tx: Transaction, group: Group) -> None:
    """Store a group and its entries; those that are there stay as they are."""
    query = """
        INSERT INTO inbox_groups (id, kind, leader, suggested, nearest) VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING"""
    lists = [Jsonb(msgspec.to_builtins(each)) for each in (group.suggested, group.nearest)]
    await tx.execute(query, [group.id, group.kind, group.leader, *lists])
    query = f"""
        INSERT INTO inbox_entries ({_ENTRY}, group_id)
        SELECT {_ENTRY}, %s FROM jsonb_to_recordset(%s)
            AS e (id text, text text, kind text, count int, cost float, first_at timestamptz, last_at timestamptz)
        ON CONFLICT DO NOTHING"""
    await tx.execute(query, [group.id, Jsonb(msgspec.to_builtins(group.entries))])


async def find_groups(tx: Transaction, kind: str | None, limit: int, only: str | None = None) -> list[Group]:
    """The groups, the most costly first; of one kind, or only one of them."""
    query = f"""
        SELECT g.id, g.kind, g.leader, g.suggested, g.nearest, e.entries
        FROM inbox_groups g JOIN LATERAL (
            SELECT sum(cost) AS cost, max(last_at) AS last_at,
                jsonb_agg(to_jsonb(row) ORDER BY row.cost DESC, row.last_at DESC, row.id) AS entries
            FROM (SELECT {_ENTRY} FROM inbox_entries WHERE group_id = g.id) AS row
        ) AS e ON e.entries IS NOT NULL
        WHERE (%s::text IS NULL OR g.kind = %s) AND (%s::text IS NULL OR g.id = %s)
        ORDER BY e.cost DESC, e.last_at DESC, g.id LIMIT %s"""
    return [_group(row) for row in await tx.rows(query, kind, kind, only, only, limit)]


def _group(row: Row) -> Group:
    id_, kind, leader, suggested, nearest, entries = row
    fields = {"id": id_, "kind": kind, "leader": leader, "suggested": suggested, "nearest": nearest, "entries": entries}
    return msgspec.convert(fields, Group)


async def take_entries(tx: Transaction, group_id: str, ids: Sequence[str]) -> list[str]:
    """Remove entries from a group, and the group with its last one. The ids that were there."""
    query = "DELETE FROM inbox_entries WHERE group_id = %s AND id = ANY(%s) RETURNING id"
    taken = [row[0] for row in await tx.rows(query, group_id, list(ids))]
    query = "DELETE FROM inbox_groups WHERE id = %s AND NOT EXISTS (SELECT 1 FROM inbox_entries WHERE group_id = %s)"
    await tx.execute(query, [group_id, group_id])
    return taken


async def count_by_kind(tx: Transaction) -> dict[str, int]:
    """Texts in the inbox, by the kind of their group."""
    query = "SELECT g.kind, count(*) FROM inbox_groups g JOIN inbox_entries e ON e.group_id = g.id GROUP BY g.kind"
    return {row[0]: row[1] for row in await tx.rows(query)}


# --- decisions -------------------------------------------------------------------------------------------------------------


async def add_decision(tx: Transaction, decision: Decision, live: str) -> int:
    """Store a decision (its id is ignored) and that its texts are decided. `live`: the publication that was live. The id."""
    query = """
        INSERT INTO inbox_decisions (action, intent, note, by_login, by_name, at, "group", added)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s) RETURNING id"""
    what = [decision.action, decision.intent, decision.note, decision.by_login, decision.by_name, decision.at]
    number = int(await tx.value(query, *what, Jsonb(msgspec.to_builtins(decision.group)), list(decision.added)))
    query = """
        INSERT INTO inbox_decided (entry_id, decision_id, at, live) SELECT id, %s, %s, %s FROM unnest(%s::text[]) AS e (id)
        ON CONFLICT (entry_id) DO UPDATE SET decision_id = excluded.decision_id, at = excluded.at, live = excluded.live"""
    await tx.execute(query, [number, decision.at, live, [entry.id for entry in decision.group.entries]])
    return number


async def last_decision_of(tx: Transaction, login: str) -> Decision | None:
    """An editor's last decision that is not undone."""
    query = f"SELECT {_DECISION} FROM inbox_decisions WHERE by_login = %s AND undone_at IS NULL ORDER BY id DESC LIMIT 1"
    rows = await tx.rows(query, login)
    return _decision(rows[0]) if rows else None


async def decisions_about(tx: Transaction, ids: Sequence[str]) -> list[Decision]:
    """The decisions that hold for some texts, the newest first."""
    query = f"""
        SELECT {_DECISION} FROM inbox_decisions
        WHERE id IN (SELECT decision_id FROM inbox_decided WHERE entry_id = ANY(%s)) ORDER BY id DESC"""
    return [_decision(row) for row in await tx.rows(query, list(ids))]


def _decision(row: Row) -> Decision:
    return msgspec.convert(dict(zip(Decision.__struct_fields__, row, strict=True)), Decision)


async def undo_decision(tx: Transaction, decision: Decision, at: dt.datetime) -> None:
    """The decision no longer holds."""
    await tx.execute("UPDATE inbox_decisions SET undone_at = %s WHERE id = %s", [at, decision.id])
    await tx.execute("DELETE FROM inbox_decided WHERE decision_id = %s", [decision.id])


async def decided_since(tx: Transaction, since: dt.datetime) -> set[str]:
    """The texts decided at or after a time."""
    return {row[0] for row in await tx.rows("SELECT entry_id FROM inbox_decided WHERE at >= %s", since)}


async def count_decided(tx: Transaction, since: dt.datetime) -> int:
    """The texts decided at or after a time."""
    return int(await tx.value("SELECT count(*) FROM inbox_decided WHERE at >= %s", since))


async def find_wanted(tx: Transaction, actions: Sequence[str], limit: int) -> list[Decision]:
    """Decisions that ask for work which is not done, the newest first."""
    query = f"""
        SELECT {_DECISION} FROM inbox_decisions
        WHERE action = ANY(%s) AND undone_at IS NULL AND done_at IS NULL ORDER BY id DESC LIMIT %s"""
    return [_decision(row) for row in await tx.rows(query, list(actions), limit)]


async def set_done(tx: Transaction, number: int, actions: Sequence[str], at: dt.datetime) -> bool:
    """What a decision asks for is done. False if there is no such decision, or it is done already."""
    query = """
        UPDATE inbox_decisions SET done_at = %s
        WHERE id = %s AND action = ANY(%s) AND undone_at IS NULL AND done_at IS NULL RETURNING id"""
    return bool(await tx.rows(query, at, number, list(actions)))


# --- imports ---------------------------------------------------------------------------------------------------------------


async def may_import(tx: Transaction) -> bool:
    """Whether no other file is being imported; until the transaction ends no other import begins."""
    return bool(await tx.value("SELECT pg_try_advisory_xact_lock(%s)", IMPORT_LOCK))


async def is_imported(tx: Transaction, digest: str) -> bool:
    """Whether a file with this digest was imported."""
    return bool(await tx.rows("SELECT 1 FROM inbox_files WHERE digest = %s", digest))


async def add_file(tx: Transaction, digest: str, name: str, login: str, at: dt.datetime) -> None:
    """Remember an imported file."""
    query = "INSERT INTO inbox_files (digest, name, by_login, at) VALUES (%s, %s, %s, %s)"
    await tx.execute(query, [digest, name, login, at])


async def add_imports(tx: Transaction, texts: Sequence[tuple[str, str]], at: dt.datetime) -> int:
    """Store imported texts as id and masked text; a repeated one counts once more. How many were new."""
    counts: dict[str, int] = {}
    for id_, _ in texts:
        counts[id_] = counts.get(id_, 0) + 1
    first = dict(reversed(texts))
    query = """
        INSERT INTO inbox_imports (id, text, count, at)
        SELECT id, text, count, %s FROM unnest(%s::text[], %s::text[], %s::int[]) AS i (id, text, count)
        ON CONFLICT (id) DO UPDATE SET count = inbox_imports.count + excluded.count RETURNING xmax = 0"""
    rows = await tx.rows(query, at, list(counts), [first[id_] for id_ in counts], list(counts.values()))
    return sum(row[0] for row in rows)


# --- what the job reads ------------------------------------------------------------------------------------------------------


async def job_input(tx: Transaction) -> AsyncIterator[dict[str, Any]]:
    """What a job `inbox` must know of the past: the groups' leaders, the decided texts, the imported texts."""
    for id_, kind, leader in await tx.rows("SELECT id, kind, leader FROM inbox_groups ORDER BY id"):
        yield {"what": "group", "id": id_, "kind": kind, "leader": leader}
    for id_, at, live in await tx.rows("SELECT entry_id, at, live FROM inbox_decided ORDER BY entry_id"):
        yield {"what": "decided", "id": id_, "at": at.isoformat(), "live": live}
    query = """
        SELECT id, text, count, at FROM inbox_imports i
        WHERE NOT EXISTS (SELECT 1 FROM inbox_decided d WHERE d.entry_id = i.id) ORDER BY count DESC, id LIMIT %s"""
    for id_, text, count, at in await tx.rows(query, MOST_IMPORTED):
        yield {"what": "imported", "id": id_, "text": text, "count": count, "at": at.isoformat()}
