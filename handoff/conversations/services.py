"""What the customer's routes work with, and what conversations need of the rooms above them.

The rooms above (queue, turns) are reached through these protocols only; the bootstrap hands in their implementations.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Protocol

from fastapi import Depends, Request

from handoff.accounts.agents import Agent
from handoff.accounts.identity.proof import Proofs
from handoff.accounts.sign_in import SignIn
from handoff.conversations.draft import Draft
from handoff.conversations.events import BOT, Event, Participant
from handoff.conversations.state import Conversation
from handoff.runtime.limits.limits import Limits
from handoff.runtime.metrics import Metrics
from handoff.runtime.transaction import Transaction
from handoff.runtime.wakeups import Wakeups

if TYPE_CHECKING:
    from handoff.conversations.customers import Customers
    from handoff.conversations.history import Histories


class Board(Protocol):
    """The queue as it was read at one moment."""

    @property
    def places(self) -> Mapping[str, int]:
        """How many wait before each waiting conversation."""

    @property
    def online_by_queue(self) -> Mapping[str, int]:
        """How many agents are online for each queue."""


class Boards(Protocol):
    """Reads the queue."""

    async def latest(self) -> Board:
        """The queue, at most a second old."""


class CaringFor(Protocol):
    """What the desk does for a customer beyond talking (`handoff.cases`)."""

    async def after_message(self, tx: Transaction, draft: Draft, message: Event, now: dt.datetime) -> None:
        """Do what a customer's message asks for."""

    def history(self, conversation: Conversation, now: dt.datetime) -> dict[str, Any]:
        """Fields of a conversation in its customer's history."""


class Banners(Protocol):
    """What is announced to all customers (`handoff.cases.incidents`)."""

    def shown(self, locale: str) -> list[dict[str, Any]]:
        """The open incidents as the status has them, in a language."""


class HandingOver(Protocol):
    """Hands over, and reports the status of a conversation. All methods work on a locked conversation."""

    async def request(
        self,
        tx: Transaction,
        draft: Draft,
        reason: str,
        priority: str,
        now: dt.datetime,
        *,
        by: Participant = BOT,
        key: str | None = None,
        intent: str | None = None,
    ) -> bool:
        """Hand over and tell the customer. Whether anything changed."""

    def cancel(self, draft: Draft, now: dt.datetime, *, is_confirmed: bool) -> None:
        """End the wait and tell the customer. Raises Conflict."""

    async def tell_place(self, tx: Transaction, draft: Draft, now: dt.datetime) -> None:
        """Tell a waiting customer what happens next, the place and the expected wait."""

    async def follow_language(self, tx: Transaction, draft: Draft, was: str, now: dt.datetime) -> None:
        """Repeat what a waiting customer must know if the language changed."""

    async def status(
        self, tx: Transaction, conversation: Conversation, now: dt.datetime, board: Board | None = None
    ) -> dict[str, Any]:
        """The status that a customer may read."""

    def waiting(self, board: Board, conversation: Conversation, now: dt.datetime) -> dict[str, Any] | None:
        """The part of the status that changes while a customer waits; None if the conversation is not on the board."""


class Turns(Protocol):
    """Starts the bot's turns."""

    async def begin_at_once(self, tx: Transaction, draft: Draft, message: Event, now: dt.datetime) -> bool:
        """Begin the turn for a message in the transaction that stores it, if there is room. Whether it began."""


class AgentWriter(Protocol):
    """Writes for agents; their messages come by the same address as the customer's."""

    async def write(
        self, agent: Agent, conversation_id: str, client_message_id: str, text: str, seen_seq: int | None = None
    ) -> tuple[int, bool]:
        """Store an agent's message: its sequence number, and whether it is new. Raises Conflict for a stale view."""


class ConversationServices(Protocol):
    """Everything that the customer's routes and streams may use."""

    @property
    def wakeups(self) -> Wakeups:
        """Wake-ups of this process."""

    @property
    def metrics(self) -> Metrics:
        """Figures of this process."""

    @property
    def limits(self) -> Limits:
        """Rate limits."""

    @property
    def sign_in(self) -> SignIn:
        """The agents' sessions."""

    @property
    def proofs(self) -> Proofs:
        """Checks customers' proofs of identity."""

    @property
    def customers(self) -> Customers:
        """The customer's use cases."""

    @property
    def histories(self) -> Histories:
        """How customers come back."""

    @property
    def agent_desk(self) -> AgentWriter:
        """The agents' use cases."""

    @property
    def handoffs(self) -> HandingOver:
        """Handing over."""

    @property
    def incident_board(self) -> Banners:
        """What is announced now."""

    @property
    def board(self) -> Boards:
        """The queue."""

    @property
    def now(self) -> Callable[[], dt.datetime]:
        """The clock: aware times in UTC."""


def services_of(request: Request) -> ConversationServices:
    """What the bootstrap put together."""
    services: ConversationServices = request.app.state.services
    return services


async def _services(request: Request) -> ConversationServices:
    # Asynchronous, because FastAPI runs other dependencies in a thread, at a millisecond each.
    return services_of(request)


CustomerServices = Annotated[ConversationServices, Depends(_services)]
