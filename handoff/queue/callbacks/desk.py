"""Booking, confirming, cancelling and making call-backs."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from content.desk_policy import DeskPolicy, file_locale
from content.waiting_words import Opening, opening_words
from handoff.accounts.agents import Agent
from handoff.cases.care_desk import CareSubject
from handoff.conversations.care.callbacks import (
    CANCELLED,
    CallbackBooked,
    CallbackEnded,
    NoteCallback,
    PhoneShown,
)
from handoff.conversations.care.promises import CALLBACK, make_promise
from handoff.conversations.customers import Customers
from handoff.conversations.decide import Tell
from handoff.conversations.draft import Draft
from handoff.conversations.events import CUSTOMER, Participant
from handoff.conversations.state import Conversation
from handoff.conversations.store import find_conversation, lock_conversation
from handoff.queue.callbacks.slots import Slot, slots
from handoff.queue.callbacks.store import (
    StoredCallback,
    callback_of,
    callbacks_owed,
    delete_callback,
    find_callback,
    save_callback,
)
from handoff.queue.callbacks.text_messages import TextMessages, callback_unavailable
from handoff.queue.case_access import masked_note
from handoff.queue.clocks import OpeningHours, opening_hours
from handoff.queue.work_queues import queue_of
from handoff.runtime.errors import BadInput, Conflict, DeskError, NotFound
from handoff.runtime.transaction import Store, Transaction

#: The kind of the desk's messages about a call-back.
KIND = "callback"
CODE_LASTS = dt.timedelta(minutes=10)
_CODE_DIGITS, _MOST_TRIES, _PHONE_END = 6, 5, 4
_LISTED = 200


class CallbackSubject(CareSubject):
    """The call-back in what a customer and an agent read of a conversation."""

    def status(self, conversation: Conversation, now: dt.datetime) -> dict[str, Any]:
        """The call-back that is owed."""
        callback = conversation.care.callback
        return {"callback": callback.as_json() if callback else None}

    def for_agents(self, conversation: Conversation) -> dict[str, Any]:
        """The same for agents."""
        callback = conversation.care.callback
        return {"callback": callback.as_json() if callback else None}


class CallbackDesk:
    """Call-backs of customers. `is_demo`: without a gateway the code stands in the answer."""

    def __init__(
        self,
        store: Store,
        policy: DeskPolicy,
        customers: Customers,
        texts: TextMessages,
        now: Callable[[], dt.datetime],
        *,
        is_demo: bool,
    ) -> None:
        self._store, self._policy, self._customers, self._texts, self._now = store, policy, customers, texts, now
        self._is_demo = is_demo

    # --- customers -------------------------------------------------------------------------------------------------------

    async def slots(self, conversation_id: str, token: str) -> dict[str, Any]:
        """The slots that can be booked; none while no code can be sent. Raises NotFound, NotAllowed."""
        async with self._store.read() as tx:
            conversation = await self._customers.find(tx, conversation_id, token)
        hours = self._hours(conversation)
        found = slots(hours, self._now()) if self._can_send else []
        listed = [{"id": slot.id, "from": slot.begins.isoformat(), "to": slot.ends.isoformat()} for slot in found]
        return {"slots": listed, "zone": str(hours.zone)}

    async def check_offer(self, conversation_id: str, token: str, slot: str) -> None:
        """Whether a call-back can be booked, before a text message is paid for. Raises as `request` does."""
        if not self._can_send:
            raise callback_unavailable()
        async with self._store.read() as tx:
            self._offered(await self._customers.find(tx, conversation_id, token), slot)

    async def request(self, conversation_id: str, token: str, number: str, slot: str) -> dict[str, Any]:
        """Send a code to a number. The call-back is booked when the code is confirmed.

        `number`: in E.164. Raises Conflict for a slot that is not offered and while a call-back is booked; Unavailable.
        """
        if not self._can_send:
            raise callback_unavailable()
        code = "".join(secrets.choice("0123456789") for _ in range(_CODE_DIGITS))
        async with self._store.begin() as tx:
            draft, now = await self._customers.lock(tx, conversation_id, token), self._now()
            chosen = self._offered(draft.state, slot)
            callback_id = secrets.token_hex(8)
            hashed, until = _hash(callback_id, code), now + CODE_LASTS
            stored = StoredCallback(
                conversation_id, callback_id, number, chosen.begins, chosen.ends, code_hash=hashed, code_until=until
            )
            await save_callback(tx, stored)
            text = self._policy.text("callback_code", draft.state.locale, code=code)
        answer: dict[str, Any] = {"expires_at": until.isoformat(), "phone_last": number[-_PHONE_END:]}
        if self._texts.is_connected:
            await self._texts.send(number, text)
        else:
            answer["demo_code"] = code
        return answer

    async def confirm(self, conversation_id: str, token: str, code: str) -> dict[str, Any]:
        """Book the call-back. Raises BadInput for a wrong code, Conflict when there is none or it no longer counts."""
        refusal: DeskError | None = None
        async with self._store.begin() as tx:
            draft, now = await self._customers.lock(tx, conversation_id, token), self._now()
            stored = await callback_of(tx, conversation_id)
            if stored is None or stored.code_hash is None or stored.code_until is None:
                raise _no_callback()
            if now >= stored.code_until or stored.tries >= _MOST_TRIES:
                raise Conflict(
                    "callback_code_expired", "代码已失效，请重新获取。", "The code no longer counts. Please request a new one."
                )
            if not hmac.compare_digest(stored.code_hash, _hash(stored.callback_id, code)):
                left = _MOST_TRIES - stored.tries - 1
                refusal = BadInput("callback_code_wrong", "代码不正确。", "The code is wrong.", left=left)
                await save_callback(tx, replace(stored, tries=stored.tries + 1))
            else:
                await save_callback(tx, replace(stored, is_confirmed=True, code_hash=None, code_until=None))
                self._book(draft, stored, now)
                await self._customers.save(tx, draft, False)
        if refusal is not None:
            raise refusal
        callback = draft.state.care.callback
        return {"callback": callback.as_json() if callback else None}

    async def cancel(self, conversation_id: str, token: str) -> None:
        """The customer needs no call-back any more. Raises Conflict if none is booked."""
        async with self._store.begin() as tx:
            draft, now = await self._customers.lock(tx, conversation_id, token), self._now()
            callback = draft.state.care.callback
            if callback is None:
                raise _no_callback()
            await delete_callback(tx, conversation_id)
            draft.do(NoteCallback(CallbackEnded(callback_id=callback.id, how=CANCELLED), CUSTOMER), now)
            draft.do(Tell(self._policy.text("callback_cancelled", draft.state.locale), KIND), now)
            await self._customers.save(tx, draft, False)

    def _offered(self, conversation: Conversation, slot: str) -> Slot:
        if conversation.care.callback is not None:
            raise Conflict("callback_booked", "已经预约了回访，可以先取消再改。", "A call-back is booked. Cancel it first.")
        chosen = next((each for each in slots(self._hours(conversation), self._now()) if each.id == slot), None)
        if chosen is None:
            zh, en = "这个时间已经不能预约，请另选一个。", "This time cannot be booked any more. Please choose another."
            raise Conflict("slot_gone", zh, en)
        return chosen

    def _book(self, draft: Draft, stored: StoredCallback, now: dt.datetime) -> None:
        phone_last = stored.phone[-_PHONE_END:]
        booked = CallbackBooked(
            callback_id=stored.callback_id, slot_from=stored.slot_from, slot_to=stored.slot_to, phone_last=phone_last
        )
        draft.do(NoteCallback(booked, CUSTOMER), now)
        draft.do(Tell(self._booked_text(draft.state, Slot(stored.slot_from, stored.slot_to), phone_last, now), KIND), now)
        why = "客户预约的回访时段", "the time that the customer booked"
        make_promise(draft, CALLBACK, stored.slot_to, now, why_zh=why[0], why_en=why[1], kept_by=())

    def _booked_text(self, conversation: Conversation, slot: Slot, phone_last: str, now: dt.datetime) -> str:
        hours, locale = self._hours(conversation), conversation.locale
        words = self._policy.content.desk.texts[file_locale(locale)]

        def fill(template: str, **values: Any) -> str:
            return self._policy.fill(template, locale, **values)

        begins = opening_words(words, Opening(hours.local(slot.begins), hours.local(now)), fill)
        ends = hours.local(slot.ends)
        values = {"begins": begins, "ends": f"{ends.hour}:{ends.minute:02}", "phone_last": phone_last}
        return self._policy.text("callback_booked", locale, **values)

    @property
    def _can_send(self) -> bool:
        return self._texts.is_connected or self._is_demo

    def _hours(self, conversation: Conversation) -> OpeningHours:
        content = self._policy.content
        return opening_hours(content)[queue_of(conversation, content)]

    # --- agents ----------------------------------------------------------------------------------------------------------

    async def owed(self) -> list[dict[str, Any]]:
        """The call-backs that are owed, the earliest first; numbers only by their last digits."""
        now = self._now()
        async with self._store.read() as tx:
            found = []
            for stored in await callbacks_owed(tx, _LISTED):
                conversation = await find_conversation(tx, stored.conversation_id)
                if conversation is not None:
                    found.append(_entry(stored, conversation, now))
        return found

    async def show_phone(self, agent: Agent, callback_id: str, reason: str) -> str:
        """The whole number, for an agent who calls; the log says who looked and why. Raises NotFound."""
        async with self._store.begin() as tx:
            stored, draft = await self._locked(tx, callback_id)
            shown = PhoneShown(callback_id=callback_id, login=agent.login, reason=masked_note(reason) or "")
            draft.do(NoteCallback(shown, Participant("agent", agent.name)), self._now())
            await self._customers.save(tx, draft, False)
        return stored.phone

    async def end(self, agent: Agent, callback_id: str, how: str) -> None:
        """An agent called. The number is forgotten. Raises NotFound."""
        async with self._store.begin() as tx:
            _, draft = await self._locked(tx, callback_id)
            await delete_callback(tx, draft.state.id)
            ended = CallbackEnded(callback_id=callback_id, how=how, login=agent.login)
            draft.do(NoteCallback(ended, Participant("agent", agent.name)), self._now())
            await self._customers.save(tx, draft, False)

    async def _locked(self, tx: Transaction, callback_id: str) -> tuple[StoredCallback, Draft]:
        """The call-back and its conversation, both locked: the conversation first, as everywhere."""
        found = await find_callback(tx, callback_id)
        draft = await lock_conversation(tx, found.conversation_id) if found else None
        stored = await callback_of(tx, found.conversation_id) if found else None
        if draft is None or stored is None or stored.callback_id != callback_id or not stored.is_confirmed:
            raise NotFound("unknown_callback", "没有这个回访。", "There is no such call-back.")
        return stored, draft


def _entry(stored: StoredCallback, conversation: Conversation, now: dt.datetime) -> dict[str, Any]:
    state = "later" if now < stored.slot_from else "now" if now < stored.slot_to else "late"
    identity = conversation.care.identity
    return {
        "id": stored.callback_id,
        "conversation_id": stored.conversation_id,
        "slot_from": stored.slot_from.isoformat(),
        "slot_to": stored.slot_to.isoformat(),
        "state": state,
        "phone_last": stored.phone[-_PHONE_END:],
        "locale": conversation.locale,
        "reason": conversation.case.reason,
        "status": conversation.status.value,
        "customer": identity.name or identity.subject if identity else None,
    }


def _hash(callback_id: str, code: str) -> str:
    return hashlib.sha256(f"{callback_id}\x00{code}".encode("utf-8", "surrogatepass")).hexdigest()


def _no_callback() -> Conflict:
    return Conflict("no_callback", "没有预约的回访。", "No call-back is booked.")
