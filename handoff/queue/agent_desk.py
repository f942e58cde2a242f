"""What agents do: see the queue, read a conversation, claim it, write, note, transfer, return, resolve."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from content.desk_policy import DeskPolicy
from contract.characters import is_blank
from handoff.accounts.agents import Agent
from handoff.accounts.store import find_agent
from handoff.conversations.decide import AddNote, Assign, NoteAccess, Requeue, Resolve, ReturnToBot, Tell, Write, check_agent
from handoff.conversations.draft import Draft
from handoff.conversations.events import Event, Participant
from handoff.conversations.masking import mask
from handoff.conversations.state import Conversation
from handoff.conversations.store import (
    customer_messages_after,
    event_by_key,
    events_after,
    find_conversation,
    lock_conversation,
    save_conversation,
)
from handoff.conversations.text import check_message
from handoff.conversations.values import Status
from handoff.queue.board import PAGE_SIZE, QueueBoard, QueueEntry
from handoff.queue.capacity import check_room, is_back, lock_agent
from handoff.queue.staff import agent_entries, presence
from handoff.queue.store import QueuePlace, conversations_of, queued_of_origin
from handoff.runtime.errors import BadInput, Conflict, DeskError, NotAllowed, NotFound
from handoff.runtime.transaction import Store, Transaction
from handoff.runtime.wakeups import QUEUE, agent_topic

#: Messages that the customer wrote after the agent's last look, as a refusal shows them.
_UNREAD_LIMIT = 50
#: Characters of the reason for which an agent reads a conversation that is not theirs.
_REASON_LIMIT = 500


@dataclass(frozen=True)
class Seen:
    """A conversation, and up to where in its log the agent had seen it when they decided."""

    conversation_id: str
    seq: int


class AgentDesk:
    """The agents' side of conversations."""

    def __init__(self, store: Store, policy: DeskPolicy, board: QueueBoard, now: Callable[[], dt.datetime]) -> None:
        self._store, self._policy, self._board, self._now = store, policy, board, now

    # --- reading -------------------------------------------------------------------------------------------------------

    async def queue(self, agent: Agent, after: str | None = None, *, is_live: bool = False) -> dict[str, Any]:
        """Who waits (the first page, or the one after a cursor), what this agent has, what others have, and who is there.

        `is_live`: for a stream, which hears of the next change; what it is shown may be a second old. Raises BadInput for a
        cursor that no page gave.
        """
        try:
            place = QueuePlace.from_cursor(after) if after else None
        except ValueError:
            raise BadInput("bad_cursor", "翻页位置不正确。", "This is no cursor of the queue.") from None
        board = await (self._board.latest() if is_live else self._board.read())
        page = await self._board.page(place) if place else board.page
        async with self._store.read() as tx:
            mine = await conversations_of(tx, agent.login)
            crowds = {entry.conversation.id: await self._ids_of_address(tx, entry) for entry in page.entries}
        now = self._now()
        return {
            "waiting": [
                {**card(entry.conversation, now), **_address(entry, crowds[entry.conversation.id])} for entry in page.entries
            ],
            "waiting_total": len(board.places),
            "next": page.next.as_cursor() if page.next else None,
            "mine": [card(conversation, now) for conversation in mine],
            "others": [
                # Reading a colleague's conversation needs a reason, so its card must not show the last message.
                {**card(conversation, now), **({} if agent.role == "supervisor" else {"preview": ""})}
                for conversation in board.assigned
                if conversation.agent != agent.login
            ],
            "agents": agent_entries(board.agents, board.held, self._policy, now),
        }

    async def _ids_of_address(self, tx: Transaction, entry: QueueEntry) -> list[str]:
        origin = entry.conversation.birth.origin
        if entry.same_address <= 1 or origin is None:
            return []
        return [conversation.id for conversation in await queued_of_origin(tx, origin, PAGE_SIZE)]

    async def same_address(self, conversation_id: str) -> list[dict[str, Any]]:
        """The cards of the urgent waiting cases that came from the same address as this one, the oldest first."""
        async with self._store.read() as tx:
            conversation = await find_conversation(tx, conversation_id)
            if conversation is None:
                raise _unknown_conversation()
            origin = conversation.birth.origin
            alike = await queued_of_origin(tx, origin, PAGE_SIZE) if origin else []
        return [card(other, self._now()) for other in alike]

    async def log(
        self, agent: Agent, conversation_id: str, after: int, limit: int | None = None
    ) -> tuple[dict[str, Any], list[Event]]:
        """The conversation's card and what is in its log after a sequence number, the bot's decisions included.

        Raises NotAllowed for a conversation that is not the agent's, does not wait, and for which no reason was given.
        """
        async with self._store.read() as tx:
            conversation = await find_conversation(tx, conversation_id)
            if conversation is None:
                raise _unknown_conversation()
            await self._check_may_read(tx, agent, conversation)
            events = await events_after(tx, conversation_id, after, limit=limit)
        return card(conversation, self._now()), events

    async def access(self, agent: Agent, conversation_id: str, reason: str) -> dict[str, Any]:
        """Record why an agent reads a colleague's conversation. The reason is in its log and is valid for the episode."""
        if is_blank(reason) or len(reason) > _REASON_LIMIT:
            message = f"请写明查看原因（最多 {_REASON_LIMIT} 字）。", f"Give a reason of at most {_REASON_LIMIT} characters."
            raise BadInput("bad_reason", *message)
        masked = mask(check_message(reason)).text
        async with self._store.begin() as tx:
            draft = await self._lock(tx, conversation_id)
            if await event_by_key(tx, conversation_id, draft.state.access_key(agent.login)) is None:
                draft.do(NoteAccess(agent.login, agent.name, masked), self._now())
                await save_conversation(tx, draft)
                tx.wake(conversation_id)
        return card(draft.state, self._now())

    @staticmethod
    async def _check_may_read(tx: Transaction, agent: Agent, conversation: Conversation) -> None:
        if agent.role == "supervisor" or conversation.status is Status.QUEUED or conversation.agent == agent.login:
            return
        if await event_by_key(tx, conversation.id, conversation.access_key(agent.login)) is None:
            raise NotAllowed(
                "reason_needed",
                "这不是您的会话，查看前请先写明原因。",
                "This conversation is not yours. Give a reason before you read it.",
                status=403,
            )

    # --- acting ----------------------------------------------------------------------------------------------------------

    async def claim(self, agent: Agent, conversation_id: str) -> dict[str, Any]:
        """Take a waiting conversation. Raises Conflict when another was faster, or at capacity."""
        async with self._store.begin() as tx:
            draft = await self._lock(tx, conversation_id)
            await self._assign(tx, draft, agent.login)
            await is_back(tx, agent, self._now())
            await self._save(tx, draft)
        return card(draft.state, self._now())

    async def _assign(self, tx: Transaction, draft: Draft, login: str) -> None:
        if draft.state.status is Status.ASSIGNED and draft.state.agent == login:
            return
        now = self._now()
        agent = await lock_agent(tx, login)
        if draft.state.status is not Status.ASSIGNED:
            await check_room(tx, self._policy, agent, now)
        draft.do(Assign(agent.login, agent.name), now)
        draft.do(Tell(self._policy.text("assigned", draft.state.locale, agent_name=agent.name), "assigned"), now)

    async def write(self, agent: Agent, conversation_id: str, client_message_id: str, text: str) -> tuple[int, bool]:
        """Write to the customer; the sequence number, and whether it is new. Only the assigned agent may."""
        masked = mask(check_message(text)).text
        async with self._store.begin() as tx:
            draft = await self._lock(tx, conversation_id)
            earlier = await event_by_key(tx, conversation_id, f"agent:{agent.login}:{client_message_id}")
            if earlier is not None:
                return earlier.seq, False
            (event,) = draft.do(Write(agent.login, agent.name, masked, client_message_id), self._now())
            await self._save_words(tx, draft)
        return event.seq, True

    async def note(self, agent: Agent, conversation_id: str, text: str) -> int:
        """A note for other agents; whoever may read the conversation may add one."""
        masked = mask(check_message(text)).text
        async with self._store.begin() as tx:
            draft = await self._lock(tx, conversation_id)
            await self._check_may_read(tx, agent, draft.state)
            (event,) = draft.do(AddNote(agent.login, agent.name, masked), self._now())
            await self._save_words(tx, draft)
        return event.seq

    async def transfer(self, agent: Agent, conversation_id: str, to: str | None, note: str | None) -> dict[str, Any]:
        """Back to the queue, or to a colleague at once. Supervisors may transfer anybody's.

        Raises Conflict when the colleague is not there, may not take conversations, or has this one already.
        """
        async with self._store.begin() as tx:
            draft = await self._lock(tx, conversation_id)
            self._check(agent, draft.state)
            now = self._now()
            holder = draft.state.agent
            if to is not None and to == holder:
                raise Conflict("same_agent", "会话已经在这位客服名下。", "That agent has this conversation already.")
            draft.do(Requeue(Participant("agent", agent.name), "agent", _masked(note), to), now)
            if to is not None:
                await self._check_is_there(tx, to)
                await self._assign(tx, draft, to)
            else:
                draft.do(Tell(self._policy.text("requeued", draft.state.locale), "requeued"), now)
            await self._save(tx, draft)
            if holder:
                tx.wake(agent_topic(holder))
        return card(draft.state, self._now())

    async def _check_is_there(self, tx: Transaction, login: str) -> None:
        colleague = await find_agent(tx, login)
        if colleague is None:
            raise BadInput("unknown_agent", "没有这位客服。", "There is no such agent.")
        if not colleague.takes_conversations:
            raise Conflict("agent_cannot", f"{colleague.name} 不接待客户。", f"{colleague.name} does not take conversations.")
        if not presence(colleague, self._policy, self._now()).is_there:
            raise Conflict("agent_absent", f"{colleague.name} 现在不在线。", f"{colleague.name} is not online.")

    async def return_to_bot(self, agent: Agent, seen: Seen, note: str | None) -> dict[str, Any]:
        """Give the conversation back to the bot, which starts afresh. Raises Conflict with what the agent has not read."""
        async with self._store.begin() as tx:
            draft = await self._lock(tx, seen.conversation_id)
            self._check(agent, draft.state)
            await self._check_has_read(tx, draft.state, seen.seq)
            now = self._now()
            draft.do(ReturnToBot(Participant("agent", agent.name), _masked(note)), now)
            draft.do(Tell(self._policy.text("returned", draft.state.locale), "returned"), now)
            await self._save(tx, draft)
        return card(draft.state, self._now())

    async def resolve(self, agent: Agent, seen: Seen, note: str | None) -> dict[str, Any]:
        """Close the episode; the customer is asked for a rating. Supervisors may close anybody's, also one that waits.

        Raises Conflict with what the agent has not read: words that nobody read must not end with the case.
        """
        async with self._store.begin() as tx:
            draft = await self._lock(tx, seen.conversation_id)
            if not (agent.role == "supervisor" and draft.state.status is Status.QUEUED):
                self._check(agent, draft.state)
            await self._check_has_read(tx, draft.state, seen.seq)
            now = self._now()
            draft.do(Tell(self._policy.text("resolved", draft.state.locale), "resolved"), now)
            draft.do(Resolve("agent", Participant("agent", agent.name), _masked(note)), now)
            await self._save(tx, draft)
        return card(draft.state, self._now())

    async def resolve_waiting(self, agent: Agent, chosen: Iterable[Seen], note: str | None) -> list[dict[str, Any]]:
        """A supervisor closes several waiting conversations; the result of each, in the same order."""
        if agent.role != "supervisor":
            raise NotAllowed("not_permitted", "只有主管可以批量结束。", "Only supervisors may resolve several.", status=403)
        results: list[dict[str, Any]] = []
        for seen in chosen:
            try:
                await self.resolve(agent, seen, note)
            except DeskError as error:
                results.append({"id": seen.conversation_id, "ok": False, "error": {"code": error.code, "message": error.zh}})
            else:
                results.append({"id": seen.conversation_id, "ok": True})
        return results

    @staticmethod
    async def _check_has_read(tx: Transaction, conversation: Conversation, seq: int) -> None:
        if seq > conversation.last_seq:
            zh, en = "请求不正确：seen_seq。", "seen_seq: the log does not reach so far."
            raise BadInput("bad_request", zh, en, field="seen_seq")
        unread = await customer_messages_after(tx, conversation.id, seq, _UNREAD_LIMIT) if seq < conversation.last_seq else []
        if unread:
            raise Conflict(
                "unread",
                f"客户又发来 {len(unread)} 条消息，请先看完再结束。",
                f"The customer has written {len(unread)} more messages. Please read them first.",
                unread=[event.as_json(for_customer=False) for event in unread],
            )

    async def _lock(self, tx: Transaction, conversation_id: str) -> Draft:
        draft = await lock_conversation(tx, conversation_id)
        if draft is None:
            raise _unknown_conversation()
        return draft

    @staticmethod
    def _check(agent: Agent, conversation: Conversation) -> None:
        if agent.role == "supervisor" and conversation.status is Status.ASSIGNED:
            return
        check_agent(conversation, agent.login)

    @staticmethod
    async def _save(tx: Transaction, draft: Draft) -> None:
        """Store a change of who has the conversation."""
        await save_conversation(tx, draft)
        tx.wake(draft.state.id, QUEUE)
        if draft.state.agent:
            tx.wake(agent_topic(draft.state.agent))

    @staticmethod
    async def _save_words(tx: Transaction, draft: Draft) -> None:
        """Store messages: the queue is unchanged, and only the card of the assigned agent changes."""
        await save_conversation(tx, draft)
        tx.wake(draft.state.id)
        if draft.state.agent:
            tx.wake(agent_topic(draft.state.agent))


def _masked(note: str | None) -> str | None:
    return mask(check_message(note)).text if note and not is_blank(note) else None


def _unknown_conversation() -> NotFound:
    return NotFound("unknown_conversation", "没有这个会话。", "There is no such conversation.")


def _address(entry: QueueEntry, ids: list[str]) -> dict[str, Any]:
    return {"same_address": entry.same_address, "same_address_ids": ids} if entry.same_address > 1 else {}


def card(conversation: Conversation, now: dt.datetime) -> dict[str, Any]:
    """A conversation as the queue shows it."""

    def moment(value: dt.datetime | None) -> str | None:
        return value.isoformat() if value else None

    case, unanswered, assignment = conversation.case, conversation.unanswered, conversation.assignment
    answer_since = unanswered.since if unanswered else None
    waiting = case.queued_at if conversation.status is Status.QUEUED else answer_since
    return {
        "id": conversation.id,
        "status": conversation.status.value,
        "reason": case.reason,
        "priority": case.priority,
        "lane": case.lane,
        "intent": case.topic,
        "topic": case.topic,
        "amount_cny": case.amount_cny,
        "queued_at": moment(case.queued_at),
        "waiting_seconds": int((now - waiting).total_seconds()) if waiting else 0,
        "assigned_at": moment(assignment.at if assignment else None),
        "agent": conversation.agent,
        "agent_name": conversation.agent_name,
        "preview": conversation.preview,
        "locale": conversation.locale,
        "channel": conversation.birth.channel,
        "episode": conversation.episode,
        "last_seq": conversation.last_seq,
        "unanswered": unanswered is not None,
        "created_at": moment(conversation.birth.created_at),
        "first_response_at": moment(case.first_response_at),
        "rating": conversation.rating,
        "earlier": dataclasses.asdict(conversation.earlier) if conversation.earlier else None,
    }
