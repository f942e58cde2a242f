"""Who the agents are: accounts, passwords, sessions."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import secrets
from collections.abc import Callable

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from handoff.domain.agents import ROLES, Agent
from handoff.domain.errors import BadInput, NotAllowed
from handoff.domain.store import Store
from handoff.services.desk_policy import DeskPolicy

#: The accounts of demo mode: login (and password), name, role.
DEMO_ACCOUNTS = (
    ("agent", "小林", "agent"),
    ("agent2", "小周", "agent"),
    ("supervisor", "陈主管", "supervisor"),
    ("editor", "编辑小吴", "editor"),
)
#: An account's "last seen" is written at most this often.
_SEEN_INTERVAL = dt.timedelta(seconds=15)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class SignIn:
    """Accounts and sessions. Passwords are stored as argon2 hashes, session tokens as SHA-256."""

    def __init__(self, store: Store, policy: DeskPolicy, now: Callable[[], dt.datetime], demo: bool) -> None:
        self._store, self._policy, self._now, self.demo = store, policy, now, demo
        self._hasher = PasswordHasher()
        # Checked when the login is unknown, so that an answer's time does not tell which logins exist.
        self._no_such_password = self._hasher.hash(secrets.token_hex(8))

    async def prepare_accounts(self) -> None:
        """Make the demo accounts in demo mode; make sure that there are none outside of it."""
        async with self._store.begin() as tx:
            if not self.demo:
                await tx.delete_demo_agents()
                return
            for login, name, role in DEMO_ACCOUNTS:
                if await tx.find_agent(login) is None:
                    agent = Agent(login, name, role, self._policy.agent_capacity, is_demo=True)
                    await tx.save_agent(agent, self._hasher.hash(login))

    async def save_account(self, login: str, name: str, role: str, password: str) -> None:
        """Make an account, or change it. Raises BadInput for an unknown role or a short password."""
        if role not in ROLES:
            raise BadInput("unknown_role", "没有这个角色。", f"The role must be one of {', '.join(ROLES)}.")
        if len(password) < 10:
            raise BadInput("weak_password", "密码至少 10 位。", "The password needs at least 10 characters.")
        agent = Agent(login, name, role, self._policy.agent_capacity, is_demo=False)
        async with self._store.begin() as tx:
            await tx.save_agent(agent, self._hasher.hash(password))

    async def sign_in(self, login: str, password: str) -> tuple[str, Agent]:
        """A new session's token and its agent. Raises NotAllowed."""
        async with self._store.begin() as tx:
            stored = await tx.password_hash(login)
            agent = await tx.find_agent(login)
        try:
            # In a thread: it takes a quarter of a second of computing, in which everyone else would wait.
            await asyncio.to_thread(self._hasher.verify, stored or self._no_such_password, password)
        except VerificationError:
            agent = None
        if agent is None or (agent.is_demo and not self.demo):
            raise NotAllowed("wrong_login", "账号或密码不正确。", "The login or the password is wrong.")
        token, now = secrets.token_urlsafe(32), self._now()
        async with self._store.begin() as tx:
            await tx.add_session(_hash(token), login, now + self._policy.session_length)
            await tx.saw_agent(login, now)
        return token, agent

    async def sign_out(self, token: str) -> None:
        """End a session; one that is unknown has ended already."""
        async with self._store.begin() as tx:
            await tx.delete_session(_hash(token))

    async def agent_of(self, token: str | None) -> Agent:
        """The agent of a session, who is hereby seen. Raises NotAllowed."""
        now = self._now()
        agent: Agent | None = None
        if token:
            async with self._store.begin() as tx:
                login = await tx.session_login(_hash(token), now)
                agent = await tx.find_agent(login) if login else None
                if agent and not agent.is_online(now, _SEEN_INTERVAL):
                    await tx.saw_agent(agent.login, now)
        if agent is None:
            raise NotAllowed("not_signed_in", "请先登录。", "Please sign in.")
        return agent
