"""What agents do: see the queue, read a conversation, claim it, write, note, transfer, return, resolve."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from content.desk_policy import DeskPolicy
from contract.characters import is_blank
from handoff.accounts.agents import Agent
from handoff.accounts.store import find_agent
from handoff.cases.care_desk import NO_CARE_DESK, CareDesk
from handoff.conversations.decide import AddNote, EndOffer, NoteAccess, Requeue, Write
from handoff.conversations.draft import Draft
from handoff.conversations.events import Event, Participant
from handoff.conversations.masking import mask
from handoff.conversations.reading import check_may_read, readable, unknown_conversation
from handoff.conversations.signs import Signs, signs_of
from handoff.conversations.state import Conversation
from handoff.conversations.store import (
    colleagues_messages_after,
    event_by_key,
    events_after,
    find_conversation,
    save_conversation,
)
from handoff.conversations.text import check_message
from handoff.conversations.values import Status
from handoff.queue.capacity import is_back
from handoff.queue.cards import card
from handoff.queue.case_access import (
    assign_to,
    check_is_supervisor,
    check_is_there,
    lock_case,
    masked_note,
    save_move,
    save_words,
)
from handoff.queue.lookers import lookers_at
from handoff.queue.mentions import add_mentions
from handoff.queue.presence import BY_DESK
from handoff.runtime.errors import BadInput, Conflict
from handoff.runtime.transaction import Store, Transaction
from handoff.runtime.wakeups import QUEUE, agent_topic

#: Messages of colleagues after the agent's last look, as a refusal shows them.
_UNREAD_LIMIT = 50
#: Characters of the reason for which an agent reads a conversation that is not theirs.
_REASON_LIMIT = 500


@dataclass(frozen=True)
class Log:
    """What an agent reads of a conversation: its card, entries of its log, who looks at it, and signs of the customer."""

    card: dict[str, Any]
    events: list[Event]
    lookers: list[dict[str, Any]]
    signs: Signs


@dataclass(frozen=True)
class NewNote:
    """A note as it is posted. `note_id`: a repeated request stores it once. `is_whisper`: a supervisor's hint to the agent."""

    text: str
    note_id: str | None = None
    mentions: tuple[str, ...] = ()
    is_whisper: bool = False


class AgentDesk:
    """The agents' side of conversations."""

    def __init__(self, store: Store, policy: DeskPolicy, now: Callable[[], dt.datetime], care: CareDesk = NO_CARE_DESK) -> None:
        """`care`: what else an agent reads of a conversation."""
        self._store, self._policy, self._now, self._care = store, policy, now, care

    # --- reading -------------------------------------------------------------------------------------------------------

    async def log(self, agent: Agent, conversation_id: str, after: int, limit: int | None = None) -> Log:
        """The conversation's card, what is in its log after a sequence number, and who else looks at it.

        Raises NotAllowed for a conversation that is not the agent's, does not wait, and for which no reason was given.
        """
        async with self._store.read() as tx:
            conversation = await find_conversation(tx, conversation_id)
            if conversation is None:
                raise unknown_conversation()
            await check_may_read(tx, agent, conversation)
            events = await events_after(tx, conversation_id, after, limit=limit)
            lookers = await lookers_at(tx, conversation_id, agent.login, self._now())
            signs = await signs_of(tx, conversation_id, self._now())
        shown = {**card(conversation, self._now(), self._policy.content), **self._care.for_agents(conversation)}
        return Log(shown, events, lookers, signs)

    async def access(self, agent: Agent, conversation_id: str, reason: str) -> dict[str, Any]:
        """Record why an agent reads a colleague's conversation. The reason is in its log and is valid for the episode."""
        if is_blank(reason) or len(reason) > _REASON_LIMIT:
            message = f"请写明查看原因（最多 {_REASON_LIMIT} 字）。", f"Give a reason of at most {_REASON_LIMIT} characters."
            raise BadInput("bad_reason", *message)
        masked = mask(check_message(reason)).text
        async with self._store.begin() as tx:
            draft = await lock_case(tx, conversation_id)
            if await event_by_key(tx, conversation_id, draft.state.access_key(agent.login)) is None:
                draft.do(NoteAccess(agent.login, agent.name, masked), self._now())
                await save_conversation(tx, draft)
                tx.wake(conversation_id)
        return self._card(draft)

    # --- acting ----------------------------------------------------------------------------------------------------------

    async def claim(self, agent: Agent, conversation_id: str) -> dict[str, Any]:
        """Take a waiting conversation, offered to the agent or not. Raises Conflict when another was faster, or at capacity."""
        async with self._store.begin() as tx:
            draft = await lock_case(tx, conversation_id)
            offer = draft.state.handling.offer
            how = "accepted" if offer is not None and offer.login == agent.login else "claimed"
            await assign_to(tx, draft, agent.login, how, self._policy, self._now())
            await is_back(tx, agent, self._now())
            await save_move(tx, draft)
        return self._card(draft)

    async def decline(self, agent: Agent, conversation_id: str) -> dict[str, Any]:
        """End the offer to this agent; without one nothing changes.

        A colleague may have been faster: the card of a conversation that the agent may not read has no last message.
        """
        async with self._store.begin() as tx:
            draft = await lock_case(tx, conversation_id)
            if draft.do(EndOffer(agent.login, "declined"), self._now()):
                await save_move(tx, draft)
            may_read = draft.state.status is Status.QUEUED or bool(await readable(tx, agent, [conversation_id]))
        return {**self._card(draft), **({} if may_read else {"preview": ""})}

    async def assign(
        self,
        agent: Agent,
        conversation_id: str,
        to: str,
        note: str | None,
        *,
        over_capacity: bool = False,
        of: str | None = None,
    ) -> dict[str, Any]:
        """A supervisor gives a conversation to an agent, or takes it over.

        `over_capacity`: one conversation above the agent's capacity; the log names the supervisor. `of`: the login who had it
        when the supervisor decided ("" if it waited); Conflict `changed_meanwhile` when it is somebody else's by now.
        """
        check_is_supervisor(agent, "只有主管可以分派会话。", "Only supervisors may assign conversations.")
        async with self._store.begin() as tx:
            draft = await lock_case(tx, conversation_id)
            holder = draft.state.agent if draft.state.status is Status.ASSIGNED else None
            if of is not None and of != (holder or ""):
                name = draft.state.agent_name if holder else None
                raise Conflict(
                    "changed_meanwhile",
                    f"会话现在在 {name} 名下，请看过再决定。" if name else "会话现在没有人接待，请看过再决定。",
                    f"{name or 'Nobody'} has this conversation by now. Please look again.",
                    agent=name,
                )
            if to == holder:
                raise Conflict("same_agent", "会话已经在这位客服名下。", "That agent has this conversation already.")
            if to != agent.login:
                await check_is_there(tx, to, self._policy, self._now())
            if holder is not None:
                draft.do(Requeue(Participant("agent", agent.name), "agent", masked_note(note), to), self._now())
            elif note:
                draft.do(AddNote(agent.login, agent.name, masked_note(note) or ""), self._now())
            how = "taken_over" if to == agent.login else "given"
            await assign_to(tx, draft, to, how, self._policy, self._now(), agent.name if over_capacity else None)
            await save_move(tx, draft)
            if holder:
                tx.wake(agent_topic(holder))
        return self._card(draft)

    async def write(
        self, agent: Agent, conversation_id: str, client_message_id: str, text: str, seen_seq: int | None = None
    ) -> tuple[int, bool]:
        """Write to the customer; the sequence number, and whether it is new. Only the assigned agent may.

        Raises Conflict `stale` with the messages of colleagues after `seen_seq`: the agent answers what is answered already.
        """
        masked = mask(check_message(text)).text
        async with self._store.begin() as tx:
            draft = await lock_case(tx, conversation_id)
            earlier = await event_by_key(tx, conversation_id, f"agent:{agent.login}:{client_message_id}")
            if earlier is not None:
                return earlier.seq, False
            if seen_seq is not None:
                await self._check_is_fresh(tx, agent, draft.state, seen_seq)
            (event,) = draft.do(Write(agent.login, agent.name, masked, client_message_id), self._now())
            await save_words(tx, draft)
            if agent.presence_by == BY_DESK:  # somebody who writes to customers is at work, and gets offers again
                await is_back(tx, agent, self._now())
                tx.wake(QUEUE)
        return event.seq, True

    @staticmethod
    async def _check_is_fresh(tx: Transaction, agent: Agent, conversation: Conversation, seen_seq: int) -> None:
        if seen_seq >= conversation.last_seq:
            return
        unread = await colleagues_messages_after(tx, conversation.id, seen_seq, agent.login, _UNREAD_LIMIT)
        if unread:
            raise Conflict(
                "stale",
                f"{unread[-1].by.name} 刚刚回复了客户，请先看一下再发。",
                f"{unread[-1].by.name} has just answered. Please read it before you send.",
                unread=[event.as_json(for_customer=False) for event in unread],
            )

    async def note(self, agent: Agent, conversation_id: str, note: NewNote) -> int:
        """A note for other agents; whoever may read the conversation may add one. A repeated request adds no second one."""
        masked = mask(check_message(note.text)).text
        key = f"note:{agent.login}:{note.note_id}" if note.note_id else None
        async with self._store.begin() as tx:
            draft = await lock_case(tx, conversation_id)
            await check_may_read(tx, agent, draft.state)
            earlier = await event_by_key(tx, conversation_id, key) if key else None
            if earlier is not None:
                return earlier.seq
            for login in note.mentions:
                if await find_agent(tx, login) is None:
                    raise BadInput("unknown_agent", f"没有这位客服：{login}。", f"There is no agent {login}.")
            now, whisper_to = self._now(), None
            if note.is_whisper:
                whisper_to = self._whispered_to(agent, draft.state)
            command = AddNote(agent.login, agent.name, masked, key, note.mentions, whisper_to)
            (event,) = draft.do(command, now)
            await save_words(tx, draft)
            await add_mentions(tx, conversation_id, event.seq, agent.name, note.mentions, now)
            for login in note.mentions:
                tx.wake(agent_topic(login))
        return event.seq

    @staticmethod
    def _whispered_to(agent: Agent, conversation: Conversation) -> str:
        check_is_supervisor(agent, "只有主管可以悄悄提醒。", "Only supervisors may whisper.")
        if conversation.status is not Status.ASSIGNED or conversation.agent is None:
            raise Conflict("not_assigned", "会话现在没有人接待。", "Nobody has this conversation now.")
        return conversation.agent

    def _card(self, draft: Draft) -> dict[str, Any]:
        return card(draft.state, self._now(), self._policy.content)
