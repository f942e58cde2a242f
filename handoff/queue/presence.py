"""Whether an agent is there, and takes new conversations. Pure.

The agent (or a supervisor, or the desk after a missed offer) chooses "available", "busy" or "away". The page comes first:
without an answer of the agent's page the agent is offline, and without a key for a while the agent is away.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from handoff.accounts.agents import Agent

#: `available`: gets offers. `busy`: keeps what they have and gets nothing new. `away`: the same, and nobody is at the keyboard.
State = Literal["available", "busy", "away", "offline"]
Choice = Literal["available", "busy", "away"]
#: `Agent.presence_by` of an agent whom the desk made away after a missed offer.
BY_DESK = "desk"


@dataclass(frozen=True)
class Presence:
    """The state of an agent now, and since when (None if no time is known)."""

    state: State
    since: dt.datetime | None

    @property
    def is_there(self) -> bool:
        """Whether the agent's page is open."""
        return self.state != "offline"

    @property
    def gets_offers(self) -> bool:
        """Whether new conversations may be offered to the agent."""
        return self.state == "available"


def presence_of(agent: Agent, now: dt.datetime, online_within: dt.timedelta, away_after: dt.timedelta) -> Presence:
    """The presence of an account. `online_within`: the page must have answered; `away_after`: without a key."""
    if agent.last_seen_at is None or agent.is_disabled or not agent.is_online(now, online_within):
        return Presence("offline", agent.last_seen_at)
    if agent.presence == "away":
        return Presence("away", agent.presence_at)
    if agent.active_at is not None and agent.is_idle(now, away_after):
        return Presence("away", agent.active_at + away_after)
    # A state that only a newer desk knows gets nothing new, either.
    return Presence("available" if agent.presence == "available" else "busy", agent.presence_at)
