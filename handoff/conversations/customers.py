"""What a customer can do: open a conversation, write, press a button, ask for a person, take it back, rate."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from content.desk_policy import DeskPolicy
from contract.characters import is_blank
from handoff.accounts.identity.proof import SignedCustomer
from handoff.conversations.care.identity import ActOnDevice
from handoff.conversations.decide import ChooseLanguage, KeepWaiting, Rate, Receive, UndoCancel
from handoff.conversations.devices import Device, device_of, hash_of, new_token, prove
from handoff.conversations.draft import Draft
from handoff.conversations.events import CUSTOMER, Message
from handoff.conversations.masking import mask
from handoff.conversations.reading import unknown_conversation
from handoff.conversations.services import Boards, CaringFor, HandingOver, Turns
from handoff.conversations.signs import note_read, note_typing
from handoff.conversations.state import CHOICE_CANCEL_WAIT, CHOICE_HUMAN, DESK_CHOICES, Conversation, born
from handoff.conversations.store import (
    add_conversation,
    door_label,
    events_after,
    find_conversation,
    lock_conversation,
    save_conversation,
    seq_and_lease,
)
from handoff.conversations.text import check_message
from handoff.conversations.values import Birth, Status
from handoff.runtime.transaction import Store, Transaction
from handoff.runtime.wakeups import QUEUE, TURNS, agent_topic
from language.recognition import written_as

REQUESTED_REASON, REQUESTED_PRIORITY = "user_request", "normal"
#: Entries of the log that one look reads.
EVENT_LIMIT = 1000


@dataclass(frozen=True)
class Look:
    """What a customer sees: events, the last sequence number that was looked at, and where the conversation stands.

    `is_end`: whether the log ended there; if not, there is more to read at once. `conversation`: its state at that moment.
    """

    events: list[dict[str, Any]]
    seq: int
    status: dict[str, Any]
    is_end: bool
    conversation: Conversation


class Customers:
    """The customer's side of conversations."""

    def __init__(
        self,
        store: Store,
        policy: DeskPolicy,
        handoffs: HandingOver,
        turns: Turns,
        board: Boards,
        care: CaringFor,
        now: Callable[[], dt.datetime],
    ) -> None:
        self._store, self._policy = store, policy
        self._handoffs, self._turns, self._board, self._care, self._now = handoffs, turns, board, care, now

    async def open_conversation(
        self, locale: str | None, channel: str | None, origin: str | None = None, signed: SignedCustomer | None = None
    ) -> tuple[str, str]:
        """A new conversation: its id, and the token that all later calls need. The token is kept as a hash only.

        `origin`: a keyed hash of the network address from which it is opened. `signed`: the customer, from a proof that was
        checked; its language counts where the page names none.
        """
        conversation_id, token, now = uuid.uuid4().hex, new_token(), self._now()
        language = written_as(locale or (signed.locale if signed else None))
        birth = Birth(conversation_id, hash_of(token), language, channel or "web", now, origin)
        async with self._store.begin() as tx:
            await add_conversation(tx, birth)
            if signed is not None:
                draft = Draft(born(birth))
                await prove(tx, draft, Device(birth.token_hash), signed, now)
                await save_conversation(tx, draft)
        return conversation_id, token

    async def identify(self, conversation_id: str, token: str, signed: SignedCustomer) -> None:
        """Bind the conversation to a customer, or renew this device's proof. Raises Conflict if it is another customer's."""
        async with self._store.begin() as tx:
            draft, device = await self._lock(tx, conversation_id, token)
            await prove(tx, draft, device, signed, self._now())
            if draft.events:
                await self.save(tx, draft, False)

    async def find(self, tx: Transaction, conversation_id: str, token: str) -> Conversation:
        """The customer's conversation, as this device may see it. Raises NotFound, NotAllowed."""
        conversation = await find_conversation(tx, conversation_id)
        if conversation is None:
            raise unknown_conversation()
        device, known = await device_of(tx, conversation, token), conversation.care.identity
        if known is None:
            return conversation
        care = replace(conversation.care, identity=device.identity(known, self._now()))
        return replace(conversation, care=care)

    async def lock(self, tx: Transaction, conversation_id: str, token: str) -> Draft:
        """The customer's conversation, locked, to be changed by this device. Raises NotFound, NotAllowed."""
        draft, device = await self._lock(tx, conversation_id, token)
        known, now = draft.state.care.identity, self._now()
        if known is not None:
            draft.do(ActOnDevice(device.identity(known, now)), now)
        return draft

    async def _lock(self, tx: Transaction, conversation_id: str, token: str) -> tuple[Draft, Device]:
        draft = await lock_conversation(tx, conversation_id)
        if draft is None:
            raise unknown_conversation()
        return draft, await device_of(tx, draft.state, token)

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
            draft = await self.lock(tx, conversation_id, token)
            before, lease = draft.state, None
            if before.last_seq:  # an empty log holds no earlier message, and no turn runs in it
                earlier, lease = await seq_and_lease(tx, conversation_id, f"message:{client_message_id}")
                if earlier is not None:
                    return earlier, False
            now = self._now()
            door = None
            if choice is not None and not before.offers(choice):
                door = await door_label(tx, conversation_id, choice)
            made = draft.do(Receive(client_message_id, masked, choice, door, is_suggested), now)
            message = next(event for event in made if isinstance(event.body, Message))
            if choice == CHOICE_HUMAN and draft.state.status is Status.WITH_BOT:
                # The button must work without the bot.
                await self._hand_over(tx, draft, f"handoff:{conversation_id}.{message.seq}", now)
            elif choice in DESK_CHOICES and draft.state.status is Status.QUEUED:
                self._decide_wait(draft, choice, now)
            elif before.status is Status.RESOLVED and draft.state.status is Status.QUEUED:
                await self._handoffs.tell_place(tx, draft, now)
            else:
                await self._handoffs.follow_language(tx, draft, before.locale, now)
            await self._care.after_message(tx, draft, message, now)
            if draft.state.due_at is not None and lease is None:
                begun = before.due_at is None and await self._turns.begin_at_once(tx, draft, message, now)
                if not begun:
                    tx.wake(TURNS)
            await self.save(tx, draft, _place(draft.state) != _place(before))
        return message.seq, True

    def _decide_wait(self, draft: Draft, choice: str | None, now: dt.datetime) -> None:
        """Press a button of the desk's question whether to cancel the wait. It must work without the bot."""
        if choice == CHOICE_CANCEL_WAIT:
            self._handoffs.cancel(draft, now, is_confirmed=True)
        else:
            draft.do(KeepWaiting(self._policy.text("kept_waiting", draft.state.locale)), now)

    async def _hand_over(self, tx: Transaction, draft: Draft, key: str | None, now: dt.datetime) -> bool:
        return await self._handoffs.request(
            tx, draft, REQUESTED_REASON, REQUESTED_PRIORITY, now, by=CUSTOMER, key=key, intent="human_agent"
        )

    async def request_handoff(self, conversation_id: str, token: str) -> dict[str, Any]:
        """The customer asks for a person. Nothing changes if a person is already requested or assigned."""
        async with self._store.begin() as tx:
            draft = await self.lock(tx, conversation_id, token)
            now = self._now()
            if await self._hand_over(tx, draft, None, now):
                await self.save(tx, draft, True)
            return await self._handoffs.status(tx, draft.state, now)

    async def cancel_handoff(self, conversation_id: str, token: str, *, is_confirmed: bool = False) -> dict[str, Any]:
        """Cancel the wait. Raises Conflict if the conversation is not queued, or if a serious case is not confirmed."""
        async with self._store.begin() as tx:
            draft = await self.lock(tx, conversation_id, token)
            now = self._now()
            self._handoffs.cancel(draft, now, is_confirmed=is_confirmed)
            await self.save(tx, draft, True)
            return await self._handoffs.status(tx, draft.state, now)

    async def undo_cancel(self, conversation_id: str, token: str) -> dict[str, Any]:
        """Restore a cancelled wait at its old position. Raises Conflict when it is too late."""
        async with self._store.begin() as tx:
            draft = await self.lock(tx, conversation_id, token)
            now = self._now()
            if draft.do(UndoCancel(), now):
                await self._handoffs.tell_place(tx, draft, now)
                await self.save(tx, draft, True)
            return await self._handoffs.status(tx, draft.state, now)

    async def rate(self, conversation_id: str, token: str, score: int, comment: str | None) -> int:
        """Rate a resolved conversation; the event's sequence number."""
        masked = mask(check_message(comment)).text if comment and not is_blank(comment) else None
        async with self._store.begin() as tx:
            draft = await self.lock(tx, conversation_id, token)
            (event,) = draft.do(Rate(score, masked), self._now())
            await self.save(tx, draft, False)
        return event.seq

    async def choose_language(self, conversation_id: str, token: str, language: str) -> dict[str, Any]:
        """Continue in the language that the customer chose on the page."""
        async with self._store.begin() as tx:
            draft = await self.lock(tx, conversation_id, token)
            now, was = self._now(), draft.state.locale
            if draft.do(ChooseLanguage(language), now):
                await self._handoffs.follow_language(tx, draft, was, now)
                await self.save(tx, draft, True)
            return await self._handoffs.status(tx, draft.state, now)

    async def types(self, conversation_id: str, token: str, *, is_typing: bool) -> None:
        """The customer types, or stopped."""
        async with self._store.begin() as tx:
            await self.find(tx, conversation_id, token)
            await note_typing(tx, conversation_id, is_typing, self._now())
            tx.wake(conversation_id)

    async def has_read(self, conversation_id: str, token: str, seq: int) -> None:
        """The customer has the log up to `seq` on the screen; what is not in the log cannot be read."""
        async with self._store.begin() as tx:
            conversation = await self.find(tx, conversation_id, token)
            await note_read(tx, conversation_id, min(seq, conversation.last_seq))
            tx.wake(conversation_id)

    async def waits_for_people(self, conversation_id: str, token: str) -> bool:
        """Whether the conversation waits for a person or has one. Raises NotFound, NotAllowed."""
        async with self._store.read() as tx:
            conversation = await self.find(tx, conversation_id, token)
        return conversation.status in (Status.QUEUED, Status.ASSIGNED)

    async def status(self, conversation_id: str, token: str) -> dict[str, Any]:
        """Where the conversation stands."""
        async with self._store.read() as tx:
            conversation = await self.find(tx, conversation_id, token)
            return await self._handoffs.status(tx, conversation, self._now())

    async def look(self, conversation_id: str, token: str, after: int) -> Look:
        """What the customer may see after a sequence number, at most `EVENT_LIMIT` entries of the log."""
        async with self._store.read() as tx:
            conversation = await self.find(tx, conversation_id, token)
            found = await events_after(tx, conversation_id, after, limit=EVENT_LIMIT) if conversation.last_seq > after else []
            shown = [event.as_json(for_customer=True) for event in found if event.is_public]
            if conversation.status is not Status.QUEUED:
                status = await self._handoffs.status(tx, conversation, self._now())
        if conversation.status is Status.QUEUED:
            # Reading the board may need a connection, so hold none here: otherwise requests that each hold a connection could
            # use up the pool and wait for one another.
            board = await self._board.latest()
            async with self._store.read() as tx:
                status = await self._handoffs.status(tx, conversation, self._now(), board)
        is_end = len(found) < EVENT_LIMIT
        return Look(shown, found[-1].seq if found else after, status, is_end, conversation)

    @staticmethod
    async def save(tx: Transaction, draft: Draft, queue_changed: bool) -> None:
        """Store what the customer did, and wake who must see it. `queue_changed`: the queue shows it otherwise."""
        await save_conversation(tx, draft)
        state = draft.state
        tx.wake(state.id)
        if queue_changed or state.status is Status.QUEUED:
            tx.wake(QUEUE)
        if state.agent:
            tx.wake(agent_topic(state.agent))


def _place(state: Conversation) -> tuple[Status, str | None, str | None]:
    """What the queue shows of a conversation first of all."""
    return state.status, state.case.priority, state.case.lane
