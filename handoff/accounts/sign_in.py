"""Sign-in of agents: passwords and sessions. Accounts are changed in `handoff.accounts.accounts`."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import os
import secrets
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from content.desk_policy import DeskPolicy
from handoff.accounts.agents import Agent
from handoff.accounts.store import (
    add_session,
    delete_demo_agents,
    delete_session,
    find_agent,
    password_hash_of,
    save_agent,
    saw_agent,
    session_agent,
    set_presence,
)
from handoff.runtime.errors import NotAllowed, TooMany
from handoff.runtime.transaction import Store
from handoff.runtime.wakeups import QUEUE

#: The accounts of demo mode: login (and password), name, role.
DEMO_ACCOUNTS = (
    ("agent", "小林", "agent"),
    ("agent2", "小周", "agent"),
    ("supervisor", "陈主管", "supervisor"),
    ("editor", "编辑小吴", "editor"),
)
#: An account's "last seen" is written at most this often.
_SEEN_INTERVAL = dt.timedelta(seconds=15)


#: Seconds in which a full queue of passwords is checked.
_LINE_SECONDS = 3.0
_NICE = 5


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _lower_priority() -> None:
    """Lower this thread's priority. argon2's own threads inherit it: on Linux each thread has a priority of its own."""
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)


def _is_due(agent: Agent, now: dt.datetime, *, is_active: bool) -> bool:
    """Whether it is time to write down that the agent was seen."""
    if not agent.is_online(now, _SEEN_INTERVAL):
        return True
    return is_active and (agent.active_at is None or now - agent.active_at > _SEEN_INTERVAL)


class PasswordQueue:
    """Checks passwords, `AT_ONCE` at a time: each check takes 64 MiB and a quarter of a second of CPU time.

    A few more checks wait in order of arrival. One address gets half of the places at most, so that it cannot fill the queue
    and lock out the others. The threads have a low priority: customers' turns run before password checks.
    """

    AT_ONCE = 2
    #: Checks that run or wait.
    PLACES = 16

    def __init__(self, hasher: PasswordHasher) -> None:
        self._hasher = hasher
        self._threads = ThreadPoolExecutor(self.AT_ONCE, "password", initializer=_lower_priority)
        self._by_address: Counter[str] = Counter()

    async def verify(self, password_hash: str, password: str, address: str) -> bool:
        """Whether the password is right. Raises TooMany when the queue has no place."""
        if self._by_address.total() >= self.PLACES or self._by_address[address] >= self.PLACES // 2:
            raise TooMany(
                "too_many",
                "登录的人太多，请几秒后再试。",
                "Too many people are signing in; please try again in a few seconds.",
                seconds=_LINE_SECONDS,
            )
        self._by_address[address] += 1
        try:
            verify = self._hasher.verify
            await asyncio.get_running_loop().run_in_executor(self._threads, verify, password_hash, password)
        except VerificationError:
            return False
        finally:
            self._by_address[address] -= 1
            if not self._by_address[address]:
                del self._by_address[address]
        return True


class SignIn:
    """Sessions. Passwords are stored as argon2 hashes, session tokens as SHA-256."""

    def __init__(self, store: Store, policy: DeskPolicy, now: Callable[[], dt.datetime], demo: bool) -> None:
        self._store, self._policy, self._now, self.demo = store, policy, now, demo
        self._hasher = PasswordHasher()
        self._passwords = PasswordQueue(self._hasher)
        # Checked when the login is unknown, so that the response time does not reveal which logins exist.
        self._no_such_password = self._hasher.hash(secrets.token_hex(8))

    async def prepare_accounts(self) -> None:
        """Create the demo accounts in demo mode; delete them outside of demo mode."""
        async with self._store.begin() as tx:
            if not self.demo:
                await delete_demo_agents(tx)
                return
            for login, name, role in DEMO_ACCOUNTS:
                if await find_agent(tx, login) is None:
                    agent = Agent(login, name, role, self._policy.agent_capacity, is_demo=True)
                    await save_agent(tx, agent, self._hasher.hash(login))

    async def sign_in(self, login: str, password: str, address: str) -> tuple[str, Agent]:
        """A new session's token and its agent. Raises NotAllowed; TooMany when too many password checks wait."""
        async with self._store.begin() as tx:
            stored = await password_hash_of(tx, login)
            agent = await find_agent(tx, login)
        if not await self._passwords.verify(stored or self._no_such_password, password, address):
            agent = None
        if agent is None or agent.is_disabled or (agent.is_demo and not self.demo):
            raise NotAllowed("wrong_login", "账号或密码不正确。", "The login or the password is wrong.")
        token, now = secrets.token_urlsafe(32), self._now()
        async with self._store.begin() as tx:
            await add_session(tx, _hash(token), login, now + self._policy.session_length)
            await saw_agent(tx, login, now, is_active=True)
            await set_presence(tx, login, "available", now)
            tx.wake(QUEUE)  # other consoles show the agent as online at once
        return token, agent

    async def sign_out(self, token: str) -> None:
        """End a session. An unknown session has ended already."""
        async with self._store.begin() as tx:
            await delete_session(tx, _hash(token))
            tx.wake(QUEUE)

    async def agent_of(self, token: str | None, *, is_here: bool = True, is_active: bool = False) -> Agent:
        """The agent of a session. Raises NotAllowed.

        `is_here`: record the agent as seen. `is_active`: the agent pressed a key or clicked.
        """
        now = self._now()
        agent: Agent | None = None
        if token:
            async with self._store.read() as tx:
                agent = await session_agent(tx, _hash(token), now)
            if agent and is_here and _is_due(agent, now, is_active=is_active):
                async with self._store.begin() as tx:
                    await saw_agent(tx, agent.login, now, is_active=is_active)
                    if agent.last_seen_at is None or (is_active and agent.is_idle(now, self._policy.away_after)):
                        tx.wake(QUEUE)  # the agent is there again
        if agent is None:
            raise NotAllowed("not_signed_in", "请先登录。", "Please sign in.")
        return agent
