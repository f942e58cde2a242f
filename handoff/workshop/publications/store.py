"""The SQL of proposals."""

from __future__ import annotations

from psycopg.types.json import Jsonb

from handoff.runtime.transaction import Row, Transaction
from handoff.workshop.publications.proposal import Proposal

_COLUMNS = (
    "id, check_job, data_revision, why, at, by_login, by_name, created_at, report, state, decided_by, decided_by_name, "
    "decided_why, decided_at, job"
)
_PROPOSAL = f"SELECT {_COLUMNS} FROM proposals"
_INSERT = """
    INSERT INTO proposals (check_job, data_revision, why, at, by_login, by_name, created_at, report)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s) RETURNING id"""
_UPDATE = """
    UPDATE proposals SET state = %s, decided_by = %s, decided_by_name = %s, decided_why = %s, decided_at = %s, job = %s
    WHERE id = %s"""


def _proposal_of(row: Row) -> Proposal:
    return Proposal(*row)


async def add_proposal(tx: Transaction, new: Proposal) -> int:
    """Store a proposal; its id."""
    who = (new.by, new.by_name, new.created_at)
    values = (new.check_job, new.data_revision, new.why, new.at, *who, Jsonb(dict(new.report)))
    return int(await tx.value(_INSERT, *values))


async def save_decision(tx: Transaction, proposal: Proposal) -> None:
    """Store how a proposal was decided, and the job that publishes it."""
    decided = (proposal.decided_by, proposal.decided_by_name, proposal.decided_why, proposal.decided_at)
    await tx.execute(_UPDATE, (proposal.state, *decided, proposal.job, proposal.id))


async def lock_proposal(tx: Transaction, proposal_id: int) -> Proposal | None:
    """A proposal, locked against other decisions."""
    rows = await tx.rows(f"{_PROPOSAL} WHERE id = %s FOR UPDATE", proposal_id)
    return _proposal_of(rows[0]) if rows else None


async def find_open(tx: Transaction, check_job: int) -> Proposal | None:
    """The open proposal of a check."""
    rows = await tx.rows(f"{_PROPOSAL} WHERE check_job = %s AND state = 'open' LIMIT 1", check_job)
    return _proposal_of(rows[0]) if rows else None


async def recent_proposals(tx: Transaction, limit: int) -> list[Proposal]:
    """The open proposals first, then the newest."""
    rows = await tx.rows(f"{_PROPOSAL} ORDER BY (state = 'open') DESC, id DESC LIMIT %s", limit)
    return [_proposal_of(row) for row in rows]
