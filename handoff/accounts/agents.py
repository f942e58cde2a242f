"""Agents: the people who answer, supervise and edit."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from handoff.runtime.errors import NotAllowed

ROLES = ("agent", "supervisor", "editor")


@dataclass(frozen=True)
class Agent:
    """One account. `capacity`: conversations that the agent may hold at once. `last_seen_at`: the last request of a page.

    `presence`: the state that was chosen ("available", "busy", "away"), at `presence_at`, by `presence_by`: "desk" after a
    missed offer, the login of a supervisor, or None for the agent. `active_at`: the last key or click; None: no page ever told.
    `handoff.queue.presence` says what follows from these. A disabled account cannot sign in and takes no conversations.
    """

    login: str
    name: str
    role: str
    capacity: int
    is_demo: bool
    is_disabled: bool = False
    last_seen_at: dt.datetime | None = None
    presence: str = "available"
    presence_at: dt.datetime | None = None
    presence_by: str | None = None
    active_at: dt.datetime | None = None
    load: int = 0

    def is_online(self, now: dt.datetime, within: dt.timedelta) -> bool:
        """Whether the agent was seen within this time."""
        return self.last_seen_at is not None and now - self.last_seen_at <= within

    def is_idle(self, now: dt.datetime, after: dt.timedelta) -> bool:
        """Whether the agent pressed no key for so long. An account whose page never told of a key is not idle."""
        return self.active_at is not None and now - self.active_at > after

    @property
    def takes_conversations(self) -> bool:
        """Whether the account talks to customers: agents and supervisors do, editors do not."""
        return self.role in ("agent", "supervisor") and not self.is_disabled


def check_takes_conversations(agent: Agent) -> None:
    """Raise NotAllowed for an account that does not talk to customers."""
    if not agent.takes_conversations:
        raise NotAllowed("not_permitted", "此账号不能处理会话。", "This account does not handle conversations.", status=403)
