"""What a customer can do: open a conversation, write, press a button, ask for a person, take it back, rate."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from content.desk_policy import DeskPolicy
from contract.characters import is_blank
from handoff.conversations.conversation import CHOICE_CANCEL_WAIT, CHOICE_HUMAN, DESK_CHOICES, Conversation, Status
from handoff.conversations.events import CUSTOMER, INTERNAL, Event
from handoff.conversations.masking import mask
from handoff.conversations.services import Boards, HandingOver, Turns
from handoff.conversations.store import (
    add_conversation,
    door_label,
    event_by_key,
    events_after,
    find_conversation,
    save_conversation,
)
from handoff.conversations.text import check_message
from handoff.runtime.errors import NotAllowed, NotFound
from handoff.runtime.transaction import Store, Transaction
from handoff.runtime.wakeups import QUEUE, TURNS, agent_topic
from language.recognition import written_as

REQUESTED_REASON, REQUESTED_PRIORITY = "user_request", "normal"
#: Entries of the log that one look reads.
EVENT_LIMIT = 1000


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@dataclass(frozen=True)
class Look:
    """What a customer sees: events, the last sequence number that was looked at, and where the conversation stands.

    `is_end`: whether the log ended there; if not, there is more to read at once.
    """

    events: list[dict[str, Any]]
    seq: int
    status: dict[str, Any]
    is_end: bool


class Customers:
    """The customer's side of conversations."""

    def __init__(
        self,
        store: Store,
        policy: DeskPolicy,
        handoffs: HandingOver,
        turns: Turns,
        board: Boards,
        now: Callable[[], dt.datetime],
    ) -> None:
        self._store, self._policy = store, policy
        self._handoffs, self._turns, self._board, self._now = handoffs, turns, board, now

    async def open_conversation(self, locale: str | None, channel: str | None, origin: str | None = None) -> tuple[str, str]:
        """A new conversation: its id, and the token that all later calls need. The token is kept as a hash only.

        `origin`: a keyed hash of the network address from which it is opened.
        """
        conversation_id, token, now = uuid.uuid4().hex, secrets.token_urlsafe(32), self._now()
        conversation = Conversation(
            id=conversation_id,
            token_hash=_hash(token),
            locale=written_as(locale),
            channel=channel or "web",
            created_at=now,
            updated_at=now,
            origin=origin,
        )
        async with self._store.begin() as tx:
            await add_conversation(tx, conversation)
        return conversation_id, token

    async def _find(self, tx: Transaction, conversation_id: str, token: str, *, lock: bool = False) -> Conversation:
        conversation = await find_conversation(tx, conversation_id, lock=lock)
        if conversation is None:
            raise NotFound("unknown_conversation", "没有这个会话。", "There is no such conversation.")
        if not hmac.compare_digest(conversation.token_hash, _hash(token)):
            raise NotAllowed("wrong_token", "会话凭证不正确。", "The token does not belong to this conversation.")
        return conversation

    async def write(
        self,
        conversation_id: str,
        token: str,
        client_message_id: str,
        text: str | None,
        choice: str | None,
        *,
        is_suggested: bool = False,
    ) -> tuple[int, bool]:
        """Store a message; its sequence number, and whether it is new. From the moment this returns it cannot be lost.

        Secrets are masked before anything is stored or sent on. `is_suggested`: the text is the page's.
        """
        masked = mask(check_message(text)).text if text is not None else ""
        async with self._store.begin() as tx:
            conversation = await self._find(tx, conversation_id, token, lock=True)
            if conversation.last_seq:  # an empty log holds no earlier one
                earlier = await event_by_key(tx, conversation_id, f"message:{client_message_id}")
                if earlier is not None:
                    return earlier.seq, False
            before, locale = (conversation.status, conversation.priority, conversation.lane), conversation.locale
            nothing_due = conversation.due_at is None and conversation.turn_id is None
            now = self._now()
            door = None
            if choice is not None and not conversation.offers(choice):
                door = await door_label(tx, conversation_id, choice)
            event = conversation.receive(client_message_id, masked, choice, now, door, is_suggested=is_suggested)
            if choice == CHOICE_HUMAN and conversation.status is Status.WITH_BOT:
                # The button must work without the bot.
                conversation.answered_seq, conversation.due_at = event.seq, None
                await self._hand_over(tx, conversation, f"handoff:{conversation_id}.{event.seq}", now)
            elif choice in DESK_CHOICES and conversation.status is Status.QUEUED:
                if nothing_due:  # else the worker passes over it when it comes to it
                    conversation.answered_seq, conversation.due_at = event.seq, None
                self._decide_wait(conversation, choice, now)
            elif before[0] is Status.RESOLVED and conversation.status is Status.QUEUED:
                await self._handoffs.tell_place(tx, conversation, conversation.topic, now)
            else:
                await self._handoffs.follow_language(tx, conversation, locale, now)
            if nothing_due and conversation.due_at is not None:
                await self._turns.begin_at_once(tx, conversation, event, now)
            await self._save(tx, conversation, (conversation.status, conversation.priority, conversation.lane) != before)
        return event.seq, True

    def _decide_wait(self, conversation: Conversation, choice: str | None, now: dt.datetime) -> None:
        """A button under "do you really no longer want to wait?"; like the one for a person it must work without the bot."""
        if choice == CHOICE_CANCEL_WAIT:
            self._handoffs.cancel(conversation, now, is_confirmed=True)
        else:
            conversation.keep_waiting(self._policy.text("kept_waiting", conversation.locale), now)

    async def _hand_over(self, tx: Transaction, conversation: Conversation, key: str | None, now: dt.datetime) -> bool:
        return await self._handoffs.request(
            tx, conversation, REQUESTED_REASON, REQUESTED_PRIORITY, now, by=CUSTOMER, key=key, intent="human_agent"
        )

    async def request_handoff(self, conversation_id: str, token: str) -> dict[str, Any]:
        """The customer's "bring me a person"; while one is waited for or there, nothing changes."""
        async with self._store.begin() as tx:
            conversation = await self._find(tx, conversation_id, token, lock=True)
            now = self._now()
            changed = await self._hand_over(tx, conversation, None, now)
            if changed:
                await self._save(tx, conversation, True)
            return await self._handoffs.status(tx, conversation, now)

    async def cancel_handoff(self, conversation_id: str, token: str, *, is_confirmed: bool = False) -> dict[str, Any]:
        """No person after all. Raises Conflict unless the conversation waits for one, and unless a grave case is confirmed."""
        async with self._store.begin() as tx:
            conversation = await self._find(tx, conversation_id, token, lock=True)
            now = self._now()
            self._handoffs.cancel(conversation, now, is_confirmed=is_confirmed)
            await self._save(tx, conversation, True)
            return await self._handoffs.status(tx, conversation, now)

    async def undo_cancel(self, conversation_id: str, token: str) -> dict[str, Any]:
        """Wait for a person after all, at the old place. Raises Conflict when it is too late for that."""
        async with self._store.begin() as tx:
            conversation = await self._find(tx, conversation_id, token, lock=True)
            now = self._now()
            if conversation.undo_cancel(now):
                await self._handoffs.tell_place(tx, conversation, conversation.topic, now)
                await self._save(tx, conversation, True)
            return await self._handoffs.status(tx, conversation, now)

    async def rate(self, conversation_id: str, token: str, score: int, comment: str | None) -> int:
        """Rate a resolved conversation; the event's sequence number."""
        masked = mask(check_message(comment)).text if comment and not is_blank(comment) else None
        async with self._store.begin() as tx:
            conversation = await self._find(tx, conversation_id, token, lock=True)
            event = conversation.rate(score, masked, self._now())
            await self._save(tx, conversation, False)
        return event.seq

    async def waits_for_people(self, conversation_id: str, token: str) -> bool:
        """Whether the conversation waits for a person or has one. Raises NotFound, NotAllowed."""
        async with self._store.read() as tx:
            conversation = await self._find(tx, conversation_id, token)
        return conversation.status in (Status.QUEUED, Status.ASSIGNED)

    async def status(self, conversation_id: str, token: str) -> dict[str, Any]:
        """Where the conversation stands."""
        async with self._store.read() as tx:
            conversation = await self._find(tx, conversation_id, token)
            return await self._handoffs.status(tx, conversation, self._now())

    async def look(self, conversation_id: str, token: str, after: int) -> Look:
        """What the customer may see after a sequence number, at most `EVENT_LIMIT` entries of the log."""
        async with self._store.read() as tx:
            conversation = await self._find(tx, conversation_id, token)
            found = await events_after(tx, conversation_id, after, limit=EVENT_LIMIT) if conversation.last_seq > after else []
            shown = [event.as_json(for_customer=True) for event in visible(found)]
            if conversation.status is not Status.QUEUED:
                status = await self._handoffs.status(tx, conversation, self._now())
        if conversation.status is Status.QUEUED:
            # The board may have to be read: never while a connection is held. As many looks as the pool has connections would
            # each hold one and wait for another.
            board = await self._board.latest()
            async with self._store.read() as tx:
                status = await self._handoffs.status(tx, conversation, self._now(), board)
        return Look(shown, found[-1].seq if found else after, status, is_end=len(found) < EVENT_LIMIT)

    @staticmethod
    async def _save(tx: Transaction, conversation: Conversation, queue_changed: bool) -> None:
        await save_conversation(tx, conversation)
        tx.wake(conversation.id)
        if conversation.due_at is not None and conversation.turn_id is None:
            tx.wake(TURNS)
        if queue_changed or conversation.status is Status.QUEUED:
            tx.wake(QUEUE)
        if conversation.agent:
            tx.wake(agent_topic(conversation.agent))


def visible(events: list[Event]) -> list[Event]:
    """Those events that customers may see."""
    return [event for event in events if event.type not in INTERNAL]
