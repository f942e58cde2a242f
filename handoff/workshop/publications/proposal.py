"""A proposal to publish, and who may decide about it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from handoff.accounts.agents import Agent
from handoff.runtime.errors import Conflict

OPEN, APPROVED, REJECTED, WITHDRAWN = "open", "approved", "rejected", "withdrawn"


@dataclass(frozen=True)
class Proposal:
    """A checked snapshot that somebody wants to publish. `report`: what the second person reads and the job publishes."""

    id: int
    check_job: int
    data_revision: str
    why: str
    at: dt.datetime | None
    by: str
    by_name: str
    created_at: dt.datetime
    report: Mapping[str, Any]
    state: str = OPEN
    decided_by: str | None = None
    decided_by_name: str | None = None
    decided_why: str | None = None
    decided_at: dt.datetime | None = None
    job: int | None = None

    def as_json(self, reader: Agent) -> dict[str, Any]:
        """The proposal for pages."""
        return {
            "id": self.id,
            "check_job": self.check_job,
            "data_revision": self.data_revision,
            "why": self.why,
            "at": self.at.isoformat() if self.at else None,
            "by": self.by,
            "by_name": self.by_name,
            "created_at": self.created_at.isoformat(),
            "state": self.state,
            "decided_by": self.decided_by,
            "decided_by_name": self.decided_by_name,
            "decided_why": self.decided_why,
            "decided_at": self.decided_at.isoformat() if self.decided_at else None,
            "job": self.job,
            "gate": self.report["gate"],
            "shadow": self.report["shadow"],
            "is_mine": self.by == reader.login,
        }


def approved(proposal: Proposal, second: Agent, why: str, now: dt.datetime) -> Proposal:
    """The proposal after a second person agreed. Raises Conflict for the first person, and when it is decided."""
    _check_open(proposal)
    if second.login == proposal.by:
        raise Conflict("same_person", "提出发布的人不能自己批准，请另一位同事批准。", "Somebody else must approve it.")
    return _decided(proposal, APPROVED, second, why, now)


def rejected(proposal: Proposal, by: Agent, why: str, now: dt.datetime) -> Proposal:
    """The proposal after somebody rejected it; the first person withdraws it. Raises Conflict when it is decided."""
    _check_open(proposal)
    return _decided(proposal, WITHDRAWN if by.login == proposal.by else REJECTED, by, why, now)


def _check_open(proposal: Proposal) -> None:
    if proposal.state != OPEN:
        raise Conflict("proposal_is_over", "这个提议已经处理过了。", "This proposal is decided already.", state=proposal.state)


def _decided(proposal: Proposal, state: str, by: Agent, why: str, now: dt.datetime) -> Proposal:
    return replace(proposal, state=state, decided_by=by.login, decided_by_name=by.name, decided_why=why or None, decided_at=now)
