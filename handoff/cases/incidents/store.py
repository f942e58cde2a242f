"""The SQL of incidents. `incident_versions` is their log: rows are only added, and the last one is the present state."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from psycopg.types.json import Jsonb

from handoff.cases.incidents.incident import Incident
from handoff.runtime.transaction import Transaction


@dataclass(frozen=True)
class Version:
    """One version, and who made it."""

    incident: Incident
    at: dt.datetime
    login: str
    name: str

    def as_json(self) -> dict[str, Any]:
        """The incident with who changed it last."""
        return {**self.incident.as_json(), "changed_at": self.at.isoformat(), "by": self.login, "by_name": self.name}


async def add_version(tx: Transaction, version: Version) -> None:
    """Store one more version."""
    incident = version.incident
    await tx.execute(
        "INSERT INTO incident_versions (incident_id, version, at, login, name, data) VALUES (%s, %s, %s, %s, %s, %s)",
        [incident.id, incident.version, version.at, version.login, version.name, Jsonb(incident.as_json())],
    )


async def lock_incident(tx: Transaction, incident_id: str) -> Incident | None:
    """The present version; another transaction that locks the incident waits for the end of this one."""
    if "\x00" in incident_id:
        return None
    await tx.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 13))", [f"incident:{incident_id}"])
    query = "SELECT data FROM incident_versions WHERE incident_id = %s ORDER BY version DESC LIMIT 1"
    data = await tx.value(query, incident_id)
    return Incident.from_json(data) if data is not None else None


async def lock_announcing(tx: Transaction) -> None:
    """Announce one after the other: the number of open incidents is limited."""
    await tx.execute("SELECT pg_advisory_xact_lock(hashtextextended('incidents', 13))", [])


async def latest_versions(tx: Transaction, since: dt.datetime) -> list[Version]:
    """The present version of each incident that is open, or was closed after a time; the oldest incident first."""
    query = """
        SELECT data, at, login, name FROM (
            SELECT DISTINCT ON (incident_id) data, at, login, name FROM incident_versions ORDER BY incident_id, version DESC
        ) AS latest WHERE data ->> 'state' = 'open' OR at > %s ORDER BY data ->> 'since', data ->> 'id'"""
    return [Version(Incident.from_json(data), at, login, name) for data, at, login, name in await tx.rows(query, since)]


async def some_versions(tx: Transaction, named: Iterable[tuple[str, int]]) -> dict[tuple[str, int], Incident]:
    """The versions with these ids and numbers."""
    pairs = sorted(set(named))
    query = """
        SELECT v.data FROM incident_versions v
        JOIN unnest(%s::text[], %s::int[]) AS named (id, version) ON v.incident_id = named.id AND v.version = named.version"""
    found = [Incident.from_json(row[0]) for row in await tx.rows(query, [id_ for id_, _ in pairs], [n for _, n in pairs])]
    return {(each.id, each.version): each for each in found}


async def unfinished_closings(tx: Transaction) -> list[Incident]:
    """Closed incidents of which perhaps not all customers know yet."""
    query = """
        SELECT v.data FROM incident_closings c JOIN incident_versions v
            ON v.incident_id = c.incident_id AND v.version = c.version
        WHERE c.done_at IS NULL ORDER BY c.closed_at"""
    return [Incident.from_json(row[0]) for row in await tx.rows(query)]


async def add_closing(tx: Transaction, incident: Incident, at: dt.datetime) -> None:
    """The incident is over: its customers must be told."""
    await tx.execute(
        "INSERT INTO incident_closings (incident_id, version, closed_at) VALUES (%s, %s, %s)",
        [incident.id, incident.version, at],
    )


async def end_closing(tx: Transaction, incident_id: str, at: dt.datetime, not_before: dt.timedelta) -> None:
    """All are told, unless the incident was closed so lately that an answer may still be on its way."""
    await tx.execute(
        "UPDATE incident_closings SET done_at = %s WHERE incident_id = %s AND closed_at <= %s",
        [at, incident_id, at - not_before],
    )


async def told_of(tx: Transaction, incident_id: str, after: str, limit: int) -> list[str]:
    """Conversations, in the order of their ids, in which the bot told of the incident and nobody said that it is over."""
    query = """
        SELECT DISTINCT e.conversation_id FROM events e
        WHERE e.type = 'triage' AND e.data #>> '{decision,incident,id}' = %s AND e.conversation_id > %s
            AND NOT EXISTS (SELECT 1 FROM events o WHERE o.conversation_id = e.conversation_id AND o.key = %s)
        ORDER BY e.conversation_id LIMIT %s"""
    return [row[0] for row in await tx.rows(query, incident_id, after, f"incident_over:{incident_id}", limit)]


async def count_told(tx: Transaction, incident_ids: list[str]) -> dict[str, int]:
    """How many conversations were told of each incident."""
    query = """
        SELECT data #>> '{decision,incident,id}' AS incident, count(DISTINCT conversation_id) FROM events
        WHERE type = 'triage' AND data #>> '{decision,incident,id}' = ANY(%s) AND NOT (data ->> 'silent')::boolean
        GROUP BY incident"""
    return dict(await tx.rows(query, incident_ids))
