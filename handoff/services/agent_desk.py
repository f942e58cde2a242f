"""What agents do: see the queue, read a conversation, claim it, write, note, transfer, return, resolve."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from handoff.domain.agents import Agent
from handoff.domain.conversation import Conversation, Status
from handoff.domain.errors import BadInput, Conflict, NotAllowed, NotFound
from handoff.domain.events import Event, Participant
from handoff.domain.masking import mask
from handoff.domain.store import Store, Transaction
from handoff.domain.text import check_message
from handoff.services.desk_policy import DeskPolicy
from handoff.services.wakeups import QUEUE


class AgentDesk:
    """The agents' side of conversations."""

    def __init__(self, store: Store, policy: DeskPolicy, now: Callable[[], dt.datetime]) -> None:
        self._store, self._policy, self._now = store, policy, now

    # --- reading -------------------------------------------------------------------------------------------------------

    async def queue(self, agent: Agent) -> dict[str, Any]:
        """Who waits (by priority, then time), what this agent has, what others have, and who is there."""
        now = self._now()
        async with self._store.read() as tx:
            waiting, assigned, agents = await tx.queued(), await tx.assigned(), await tx.agents()
        return {
            "waiting": [card(conversation, now) for conversation in waiting],
            "mine": [card(conversation, now) for conversation in assigned if conversation.agent == agent.login],
            "others": [card(conversation, now) for conversation in assigned if conversation.agent != agent.login],
            "agents": [
                {
                    "login": other.login,
                    "name": other.name,
                    "role": other.role,
                    "online": other.is_online(now, self._policy.online_within),
                    "load": other.load,
                    "capacity": other.capacity,
                }
                for other in agents
                if other.takes_conversations
            ],
        }

    async def log(self, conversation_id: str, after: int) -> tuple[dict[str, Any], list[Event]]:
        """The conversation's card and everything in its log after a sequence number, the bot's decisions included."""
        async with self._store.read() as tx:
            conversation = await tx.find_conversation(conversation_id)
            if conversation is None:
                raise _unknown_conversation()
            events = await tx.events_after(conversation_id, after)
        return card(conversation, self._now()), events

    # --- acting ----------------------------------------------------------------------------------------------------------

    async def claim(self, agent: Agent, conversation_id: str) -> dict[str, Any]:
        """Take a waiting conversation. Raises Conflict when another was faster, or at capacity."""
        async with self._store.begin() as tx:
            conversation = await self._lock(tx, conversation_id)
            await self._assign(tx, conversation, agent.login)
            await self._save(tx, conversation)
        return card(conversation, self._now())

    async def _assign(self, tx: Transaction, conversation: Conversation, login: str) -> None:
        if conversation.status is Status.ASSIGNED and conversation.agent == login:
            return
        now = self._now()
        # Locked after the conversation, always in this order: two claims of one agent cannot both see a free place.
        agent = await tx.find_agent(login, lock=True)
        if agent is None or not agent.takes_conversations:
            raise BadInput("unknown_agent", "没有这位客服。", "There is no such agent.")
        if conversation.status is not Status.ASSIGNED and agent.load >= agent.capacity:
            raise Conflict(
                "at_capacity",
                f"{agent.name} 同时处理的会话已达上限（{agent.capacity}）。",
                f"{agent.name} already has {agent.capacity} conversations.",
                capacity=agent.capacity,
            )
        conversation.assign(agent.login, agent.name, now)
        text = self._policy.text("assigned", conversation.locale, agent_name=agent.name)
        conversation.tell(text, now, "assigned")

    async def write(self, agent: Agent, conversation_id: str, client_message_id: str, text: str) -> tuple[int, bool]:
        """Write to the customer; the sequence number, and whether it is new. Only the assigned agent may."""
        masked = mask(check_message(text)).text
        async with self._store.begin() as tx:
            conversation = await self._lock(tx, conversation_id)
            earlier = await tx.event_by_key(conversation_id, f"agent:{agent.login}:{client_message_id}")
            if earlier is not None:
                return earlier.seq, False
            event = conversation.write(agent.login, agent.name, masked, client_message_id, self._now())
            await self._save(tx, conversation)
        return event.seq, True

    async def note(self, agent: Agent, conversation_id: str, text: str) -> int:
        """A note for other agents; any agent may."""
        masked = mask(check_message(text)).text
        async with self._store.begin() as tx:
            conversation = await self._lock(tx, conversation_id)
            event = conversation.add_note(agent.name, masked, self._now())
            await self._save(tx, conversation)
        return event.seq

    async def transfer(self, agent: Agent, conversation_id: str, to: str | None, note: str | None) -> dict[str, Any]:
        """Back to the queue, or to a colleague at once. Supervisors may transfer anybody's."""
        async with self._store.begin() as tx:
            conversation = await self._lock(tx, conversation_id)
            self._check(agent, conversation)
            now = self._now()
            conversation.requeue(now, Participant("agent", agent.name), _masked(note), to, "agent")
            if to is not None:
                await self._assign(tx, conversation, to)
            else:
                conversation.tell(self._policy.text("requeued", conversation.locale), now, "requeued")
            await self._save(tx, conversation)
        return card(conversation, self._now())

    async def return_to_bot(self, agent: Agent, conversation_id: str, note: str | None) -> dict[str, Any]:
        """Give the conversation back to the bot, which starts afresh."""
        async with self._store.begin() as tx:
            conversation = await self._lock(tx, conversation_id)
            self._check(agent, conversation)
            now = self._now()
            conversation.return_to_bot(now, Participant("agent", agent.name), _masked(note))
            conversation.tell(self._policy.text("returned", conversation.locale), now, "returned")
            await self._save(tx, conversation)
        return card(conversation, self._now())

    async def resolve(self, agent: Agent, conversation_id: str, note: str | None) -> dict[str, Any]:
        """Close the episode; the customer is asked for a rating."""
        async with self._store.begin() as tx:
            conversation = await self._lock(tx, conversation_id)
            self._check(agent, conversation)
            now = self._now()
            conversation.tell(self._policy.text("resolved", conversation.locale), now, "resolved")
            conversation.resolve("agent", now, Participant("agent", agent.name), _masked(note))
            await self._save(tx, conversation)
        return card(conversation, self._now())

    async def _lock(self, tx: Transaction, conversation_id: str) -> Conversation:
        conversation = await tx.find_conversation(conversation_id, lock=True)
        if conversation is None:
            raise _unknown_conversation()
        return conversation

    @staticmethod
    def _check(agent: Agent, conversation: Conversation) -> None:
        if agent.role == "supervisor" and conversation.status is Status.ASSIGNED:
            return
        conversation.check_agent(agent.login)

    @staticmethod
    async def _save(tx: Transaction, conversation: Conversation) -> None:
        await tx.save(conversation)
        tx.wake(conversation.id, QUEUE)


def _masked(note: str | None) -> str | None:
    return mask(check_message(note)).text if note and note.strip() else None


def _unknown_conversation() -> NotFound:
    return NotFound("unknown_conversation", "没有这个会话。", "There is no such conversation.")


def check_takes_conversations(agent: Agent) -> None:
    """Raises NotAllowed for accounts that do not talk to customers."""
    if not agent.takes_conversations:
        raise NotAllowed("not_permitted", "此账号不能处理会话。", "This account does not handle conversations.", status=403)


def card(conversation: Conversation, now: dt.datetime) -> dict[str, Any]:
    """A conversation as the queue shows it."""

    def moment(value: dt.datetime | None) -> str | None:
        return value.isoformat() if value else None

    waiting = conversation.queued_at if conversation.status is Status.QUEUED else conversation.customer_waits_since
    return {
        "id": conversation.id,
        "status": conversation.status.value,
        "reason": conversation.reason,
        "priority": conversation.priority,
        "intent": conversation.topic,
        "topic": conversation.topic,
        "amount_cny": conversation.amount_cny,
        "queued_at": moment(conversation.queued_at),
        "waiting_seconds": int((now - waiting).total_seconds()) if waiting else 0,
        "assigned_at": moment(conversation.assigned_at),
        "agent": conversation.agent,
        "agent_name": conversation.agent_name,
        "preview": conversation.preview,
        "locale": conversation.locale,
        "channel": conversation.channel,
        "episode": conversation.episode,
        "last_seq": conversation.last_seq,
        "unanswered": conversation.customer_waits_since is not None,
        "created_at": moment(conversation.created_at),
        "first_response_at": moment(conversation.first_response_at),
        "rating": conversation.rating,
    }
