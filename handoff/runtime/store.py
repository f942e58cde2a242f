"""What the services need of a storage. `handoff.storage` implements it on PostgreSQL; nothing else knows SQL."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from contract.priorities import LANE_RANK, PRIORITY_RANK, queue_rank
from handoff.accounts.agents import Agent
from handoff.conversations.conversation import Conversation
from handoff.conversations.events import Event


@dataclass(frozen=True)
class QueuePlace:
    """A place in the queue's order: what comes after it is the next page."""

    priority_rank: int
    queued_at: dt.datetime
    conversation_id: str

    @classmethod
    def of(cls, conversation: Conversation) -> QueuePlace:
        """Where a waiting conversation stands."""
        assert conversation.queued_at is not None  # noqa: S101 - it waits
        return cls(queue_rank(conversation.priority, conversation.lane), conversation.queued_at, conversation.id)

    def as_cursor(self) -> str:
        """The place as the API hands it out."""
        return f"{self.priority_rank}~{self.queued_at.isoformat()}~{self.conversation_id}"

    @classmethod
    def from_cursor(cls, cursor: str) -> QueuePlace:
        """Read what `as_cursor` wrote. Raises ValueError."""
        rank, at, conversation_id = cursor.split("~")
        place = cls(int(rank), dt.datetime.fromisoformat(at), conversation_id)
        if (
            place.queued_at.tzinfo is None
            or not LANE_RANK <= place.priority_rank < len(PRIORITY_RANK)
            or "\x00" in conversation_id
        ):
            raise ValueError(cursor)
        return place


class Transaction(Protocol):
    """One transaction. Rows that are locked stay so until it ends; an exception rolls all of it back."""

    def wake(self, *topics: str) -> None:
        """Wake the streams and workers that wait for these topics (`handoff.runtime.wakeups`), after the commit.

        A wake-up before the commit would let a waiter read the old state and wait again. Nothing is sent after a rollback.
        """

    def when_over(self, callback: Callable[[bool], None]) -> None:
        """Call this when the transaction is over, with whether it was committed: what was reserved for it is used or released.

        A commit whose answer was lost counts as not committed.
        """

    async def find_conversation(self, conversation_id: str, *, lock: bool = False) -> Conversation | None:
        """The conversation, locked against other transactions if asked for."""

    async def add_conversation(self, conversation: Conversation) -> None:
        """Store a new conversation with its new events."""

    async def save(self, conversation: Conversation) -> None:
        """Store a locked conversation's row and its new events."""

    async def event_by_key(self, conversation_id: str, key: str) -> Event | None:
        """The event that an earlier request with this key made."""

    async def events_after(self, conversation_id: str, seq: int, *, limit: int | None = None) -> list[Event]:
        """Events with a larger sequence number, in order."""

    async def triage_after(self, conversation_id: str, seq: int) -> list[Event]:
        """Triage events with a larger sequence number, in order."""

    async def customer_messages_after(self, conversation_id: str, seq: int, limit: int) -> list[Event]:
        """The customer's messages with a larger sequence number, in order."""

    async def door_label(self, conversation_id: str, choice: str) -> str | None:
        """The words on the door that the bot offered last with this choice, however long ago; None if it never did."""

    async def lock_due_turn(self, now: dt.datetime, *, of_dead_desks: bool, but: Collection[str] = ()) -> Conversation | None:
        """The conversation that has waited longest for a turn nobody runs, locked; locked ones are passed over.

        `of_dead_desks`: turns that a desk began which no longer lives count as run by nobody, even before their lease is over.
        `but`: ids of conversations that are passed over.
        """

    async def queue_page(self, same_address: int, after: QueuePlace | None, limit: int) -> list[tuple[Conversation, int]]:
        """Waiting conversations in the order in which they are shown, and for how many of their address each stands.

        More than `same_address` urgent ones of one origin are one row: the oldest, which stands for all of them. One in a lane
        is always a row of its own.
        """

    async def queued_of_origin(self, origin: str, limit: int) -> list[Conversation]:
        """The urgent waiting conversations of one origin, oldest first, without those in a lane."""

    async def queue_order(self, same_address: int) -> list[str]:
        """The ids of all waiting conversations, in the order in which they should be taken: those in a lane first.

        Of one origin's urgent ones outside the lanes those beyond the first `same_address` come after everybody else's urgent
        ones: a script must not push real victims back.
        """

    async def queued_before(self, conversation: Conversation, same_address: int) -> int:
        """How many waiting conversations come before this one in `queue_order`."""

    async def queue_lengths(self) -> list[tuple[str, int, dt.datetime]]:
        """Priority, how many wait, and since when the first of them, for each priority that has some."""

    async def assigned(self) -> list[Conversation]:
        """Conversations that agents have, oldest assignment first."""

    async def assigned_to(self, login: str) -> int:
        """How many conversations an agent has."""

    async def assigned_of(self, login: str) -> list[Conversation]:
        """The conversations that an agent has, oldest assignment first."""

    async def idle_since(self, before: dt.datetime, status: str, limit: int) -> list[Conversation]:
        """Conversations of a status in which nothing happened since a time, locked; locked ones are passed over.

        Nobody owes an answer in them: a customer who waits for a turn or for an agent's reply is not idle.
        """

    async def changed_since(self, since: dt.datetime) -> list[tuple[str, int]]:
        """Conversations to which something happened after a time: their ids and last sequence numbers."""

    async def find_agent(self, login: str, *, lock: bool = False) -> Agent | None:
        """The account; locked, so that two claims of one agent come one after the other."""

    async def password_hash(self, login: str) -> str | None:
        """The stored hash of an account's password."""

    async def agents(self) -> list[Agent]:
        """All accounts with their loads."""

    async def save_agent(self, agent: Agent, password_hash: str) -> None:
        """Make or replace an account."""

    async def delete_agent(self, login: str) -> None:
        """Remove an account and its sessions."""

    async def delete_demo_agents(self) -> None:
        """Remove the demo accounts and their sessions."""

    async def saw_agent(self, login: str, now: dt.datetime) -> None:
        """Note that the agent was here."""

    async def add_session(self, token_hash: str, login: str, expires_at: dt.datetime) -> None:
        """Store a sign-in."""

    async def session_agent(self, token_hash: str, now: dt.datetime) -> Agent | None:
        """Whose session it is, if it has not expired and the account is not disabled."""

    async def delete_session(self, token_hash: str) -> None:
        """Sign out."""

    async def end_sessions(self, login: str) -> None:
        """End all sessions of an account, which counts as gone from now on."""

    async def delete_expired_sessions(self, now: dt.datetime, limit: int) -> None:
        """Delete sessions that have expired, so many at most; locked ones are passed over."""


class Store(Protocol):
    """Opens transactions."""

    def begin(self) -> AbstractAsyncContextManager[Transaction]:
        """A transaction that commits when the block ends. Raises Unavailable when the database cannot be reached."""

    def read(self) -> AbstractAsyncContextManager[Transaction]:
        """Reading only, each statement for itself: nothing is locked, and what two statements see may differ by a commit."""

    async def ping(self) -> None:
        """Raises Unavailable when the database does not answer."""

    def pool_stats(self) -> dict[str, int]:
        """Connections: `size`, `available`; and how many requests are `waiting` for one."""
