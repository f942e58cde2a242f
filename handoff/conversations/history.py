"""How customers come back: the conversations of a signed customer, tokens of further devices, and codes to return by."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import secrets
import unicodedata
from collections.abc import Callable
from typing import Any

from handoff.accounts.identity.proof import SignedCustomer
from handoff.conversations.care.identity import check_assurance
from handoff.conversations.devices import CODE, SIGNED, add_device, device_of, prove
from handoff.conversations.history_store import conversation_of_code, conversations_of_customer, save_return_code
from handoff.conversations.reading import unknown_conversation
from handoff.conversations.services import CaringFor
from handoff.conversations.store import lock_conversation, save_conversation
from handoff.runtime.errors import NotFound
from handoff.runtime.transaction import Store
from handoff.runtime.wakeups import QUEUE, agent_topic

#: The assurance that a customer's history needs: the app must know that it is them, and not only the device.
HISTORY_ASSURANCE = 1
#: The newest conversations of a customer are their history.
_MOST_CONVERSATIONS = 100
#: Characters of a code to return by: none looks like another one. 30 ** 8 codes.
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 8
CODE_LASTS = dt.timedelta(days=7)


class Histories:
    """What leads customers back to their conversations."""

    def __init__(self, store: Store, care: CaringFor, now: Callable[[], dt.datetime]) -> None:
        self._store, self._care, self._now = store, care, now

    async def of_customer(self, signed: SignedCustomer) -> list[dict[str, Any]]:
        """The newest conversations of a signed customer. Raises NotAllowed."""
        check_assurance(signed.assurance, HISTORY_ASSURANCE)
        async with self._store.read() as tx:
            conversations = await conversations_of_customer(tx, signed.subject, _MOST_CONVERSATIONS)
        now, found = self._now(), []
        for conversation, unread in conversations:
            entry = {
                "id": conversation.id,
                "status": conversation.status.value,
                "reason": conversation.case.reason,
                "started_at": conversation.birth.created_at.isoformat(),
                "updated_at": conversation.updated_at.isoformat(),
                "last_words": conversation.preview,
                "case": None,
                "promise_due_at": None,
                "unread": unread,
            }
            found.append(entry | self._care.history(conversation, now))
        return found

    async def join_on_device(self, conversation_id: str, signed: SignedCustomer) -> str:
        """A token of the customer's conversation for a further device. Raises NotAllowed; NotFound for another customer's."""
        check_assurance(signed.assurance, HISTORY_ASSURANCE)
        async with self._store.begin() as tx:
            draft = await lock_conversation(tx, conversation_id)
            known = draft.state.care.identity if draft else None
            if draft is None or known is None or known.subject != signed.subject:
                raise unknown_conversation()
            now = self._now()
            token, device = await add_device(tx, conversation_id, SIGNED, now)
            await prove(tx, draft, device, signed, now)
            if draft.events:
                await save_conversation(tx, draft)
                tx.wake(conversation_id, QUEUE, *([agent_topic(draft.state.agent)] if draft.state.agent else []))
        return token

    async def make_return_code(self, conversation_id: str, token: str) -> tuple[str, dt.datetime]:
        """A code that leads back to the conversation, and when it expires (aware UTC). It replaces the earlier one.

        Raises NotFound, NotAllowed.
        """
        code = "".join(secrets.choice(_ALPHABET) for _ in range(CODE_LENGTH))
        hashed, now = await _hash_of(code), self._now()
        async with self._store.begin() as tx:
            draft = await lock_conversation(tx, conversation_id)
            if draft is None:
                raise unknown_conversation()
            await device_of(tx, draft.state, token)
            await save_return_code(tx, conversation_id, hashed, now, now + CODE_LASTS)
        return code, now + CODE_LASTS

    async def come_back(self, code: str) -> tuple[str, str]:
        """The conversation of a code, and a token for this device, to which nothing is proven. Raises NotFound."""
        written = "".join(unicodedata.normalize("NFKC", code).upper().replace("-", " ").split())
        if len(written) != CODE_LENGTH or not set(written) <= set(_ALPHABET):
            raise _wrong_code()
        hashed, now = await _hash_of(written), self._now()
        async with self._store.begin() as tx:
            conversation_id = await conversation_of_code(tx, hashed, now)
            if conversation_id is None:
                raise _wrong_code()
            token, _ = await add_device(tx, conversation_id, CODE, now)
        return conversation_id, token


async def _hash_of(code: str) -> str:
    """What is stored of a code. Slow on purpose: a fast hash of 40 bits could be turned back by whoever reads a backup."""

    def slow() -> str:
        return hashlib.scrypt(code.encode(), salt=b"code to return by", n=2**12, r=8, p=1).hex()

    return await asyncio.to_thread(slow)


def _wrong_code() -> NotFound:
    return NotFound("wrong_code", "这个代码不正确，或已过期。", "This code is wrong, or it has expired.")
