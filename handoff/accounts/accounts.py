"""Administration of agent accounts: create, change, disable, remove. The command line (`python -m handoff`) uses it."""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable

from argon2 import PasswordHasher

from handoff.accounts.agents import ROLES, Agent
from handoff.accounts.store import delete_agent, end_sessions, find_agent, list_agents, password_hash_of, save_agent
from handoff.runtime.errors import BadInput, NotFound
from handoff.runtime.transaction import Store, Transaction

_PASSWORD_LENGTH = 10


class Accounts:
    """Changes accounts.

    A new password, a new role, disabling and removal end all sessions of the account at once. Its conversations return to
    the queue at their old position. The sessions end first, so that the account cannot claim a conversation meanwhile.
    """

    def __init__(self, store: Store, capacity: int, release: Callable[[str], Awaitable[None]]) -> None:
        """`capacity`: conversations that a new agent may hold. `release`: returns a login's conversations to the queue."""
        self._store, self._capacity, self._release = store, capacity, release
        self._hasher = PasswordHasher()

    async def list(self) -> list[Agent]:
        """All accounts, by login."""
        async with self._store.read() as tx:
            return await list_agents(tx)

    async def save(self, login: str, name: str, role: str, password: str) -> None:
        """Create an account, or change its name, role and password. Raises BadInput for an unknown role or a short password."""
        _check_role(role)
        password_hash = self._hash(password)
        async with self._store.begin() as tx:
            earlier = await find_agent(tx, login, lock=True)
            is_disabled = earlier.is_disabled if earlier else False
            agent = Agent(login, name, role, self._capacity, is_demo=False, is_disabled=is_disabled)
            await save_agent(tx, agent, password_hash)
            await end_sessions(tx, login)
        await self._release(login)

    async def set_password(self, login: str, password: str) -> None:
        """Raises BadInput for a short password, NotFound."""
        password_hash = self._hash(password)
        async with self._store.begin() as tx:
            await save_agent(tx, await _find(tx, login), password_hash)
            await end_sessions(tx, login)
        await self._release(login)

    async def set_role(self, login: str, role: str) -> None:
        """Raises BadInput for an unknown role, NotFound."""
        _check_role(role)
        await self._change(login, role=role)

    async def disable(self, login: str) -> None:
        """Nobody can sign in with the account until it is enabled. Raises NotFound."""
        await self._change(login, is_disabled=True)

    async def enable(self, login: str) -> None:
        """Raises NotFound."""
        await self._change(login, is_disabled=False)

    async def remove(self, login: str) -> None:
        """Delete the account. The agent's messages and name stay in the logs. Raises NotFound."""
        async with self._store.begin() as tx:
            await _find(tx, login)
            await delete_agent(tx, login)
        await self._release(login)

    async def _change(self, login: str, *, role: str | None = None, is_disabled: bool | None = None) -> None:
        async with self._store.begin() as tx:
            agent = await _find(tx, login)
            changed = dataclasses.replace(
                agent,
                role=agent.role if role is None else role,
                is_disabled=agent.is_disabled if is_disabled is None else is_disabled,
            )
            if changed == agent:
                return
            await save_agent(tx, changed, await password_hash_of(tx, login) or "")
            await end_sessions(tx, login)
        await self._release(login)

    def _hash(self, password: str) -> str:
        if len(password) < _PASSWORD_LENGTH:
            raise BadInput("weak_password", "密码至少 10 位。", "The password needs at least 10 characters.")
        return self._hasher.hash(password)


def _check_role(role: str) -> None:
    if role not in ROLES:
        raise BadInput("unknown_role", "没有这个角色。", f"The role must be one of {', '.join(ROLES)}.")


async def _find(tx: Transaction, login: str) -> Agent:
    agent = await find_agent(tx, login, lock=True)
    if agent is None:
        raise NotFound("unknown_account", "没有这个账号。", "There is no such account.")
    return agent
