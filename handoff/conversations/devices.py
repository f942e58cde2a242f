"""Devices of customers: each token of a conversation, and what the wallet's app has proven to the one that holds it.

A proof counts for the device that brought it. A code to return by, or a phone that the app hardly knows, opens the same
conversation without the assurance of another device.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets
from dataclasses import dataclass, replace

from handoff.accounts.identity.proof import SignedCustomer
from handoff.conversations.care.identity import Identify, Identity
from handoff.conversations.draft import Draft
from handoff.conversations.state import Conversation
from handoff.runtime.errors import NotAllowed
from handoff.runtime.transaction import Transaction

#: Where a token comes from: the opening, a proof of identity on a further device, or a code to return by.
OPENED, SIGNED, CODE = "opened", "signed", "code"
#: Further devices of one conversation; the oldest one gives way.
_MOST_DEVICES = 20


@dataclass(frozen=True)
class Device:
    """A device that holds a token. `assurance` counts until `proven_until` (aware UTC), then 0."""

    token_hash: str
    assurance: int = 0
    proven_until: dt.datetime | None = None

    def assurance_at(self, now: dt.datetime) -> int:
        """The assurance that counts now."""
        return self.assurance if self.proven_until is not None and now < self.proven_until else 0

    def identity(self, known: Identity, now: dt.datetime) -> Identity:
        """The conversation's customer with what was proven to this device."""
        if self.assurance_at(now) == known.assurance_at(now):
            return known
        return replace(known, assurance=self.assurance, proven_until=self.proven_until or now)


def hash_of(token: str) -> str:
    """What is stored of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def new_token() -> str:
    """A token that nobody can guess."""
    return secrets.token_urlsafe(32)


async def device_of(tx: Transaction, conversation: Conversation, token: str) -> Device:
    """The device of a token. Raises NotAllowed."""
    hashed, birth = hash_of(token), conversation.birth.token_hash
    opened_it = hmac.compare_digest(birth, hashed)
    if opened_it and conversation.care.identity is None:
        return Device(hashed)  # most customers: no query
    rows = await tx.rows(
        "SELECT is_ended, assurance, proven_until FROM customer_devices WHERE token_hash = %s AND conversation_id = %s",
        hashed,
        conversation.id,
    )
    is_ended, assurance, proven_until = rows[0] if rows else (not opened_it, 0, None)
    if is_ended:
        raise NotAllowed("wrong_token", "会话凭证不正确。", "The token does not belong to this conversation.")
    return Device(hashed, assurance, proven_until)


async def add_device(tx: Transaction, conversation_id: str, source: str, now: dt.datetime) -> tuple[str, Device]:
    """A further device of a conversation: its token, which is kept as a hash only."""
    token = new_token()
    device = Device(hash_of(token))
    await tx.execute(
        "INSERT INTO customer_devices (token_hash, conversation_id, source, created_at) VALUES (%s, %s, %s, %s)",
        (device.token_hash, conversation_id, source, now),
    )
    await tx.execute(
        """
        DELETE FROM customer_devices WHERE token_hash IN (
            SELECT token_hash FROM customer_devices WHERE conversation_id = %s AND source <> %s
            ORDER BY created_at DESC, token_hash OFFSET %s)""",
        (conversation_id, OPENED, _MOST_DEVICES),
    )
    return token, device


async def prove(tx: Transaction, draft: Draft, device: Device, signed: SignedCustomer, now: dt.datetime) -> None:
    """Bind a locked conversation to the customer of a proof that was checked, or renew it for this device. Raises Conflict."""
    identity = Identity(signed.subject, signed.assurance, signed.proven_until, signed.name, signed.phone_last)
    is_first = draft.state.care.identity is None
    draft.do(Identify(identity, signed.key_id), now)
    if is_first:
        await _end_other_devices(tx, draft.state, device, now)
    await _note_proof(tx, draft.state.id, device, identity, now)


async def _note_proof(tx: Transaction, conversation_id: str, device: Device, identity: Identity, now: dt.datetime) -> None:
    """Store what was proven to a device."""
    await tx.execute(
        """
        INSERT INTO customer_devices (token_hash, conversation_id, source, assurance, proven_until, created_at)
        VALUES (%s, %s, %s, %s, %s, %s)
        ON CONFLICT (token_hash) DO UPDATE SET assurance = excluded.assurance, proven_until = excluded.proven_until""",
        (device.token_hash, conversation_id, OPENED, identity.assurance, identity.proven_until, now),
    )


async def _end_other_devices(tx: Transaction, conversation: Conversation, device: Device, now: dt.datetime) -> None:
    """Only this device keeps its token, and no code leads to the conversation any more.

    An anonymous conversation becomes a customer's: a computer that was borrowed for it must not read on.
    """
    # First the code: whoever comes back by it at this moment is a device that the next statement sees.
    await tx.execute("DELETE FROM return_codes WHERE conversation_id = %s", (conversation.id,))
    await tx.execute(
        "DELETE FROM customer_devices WHERE conversation_id = %s AND token_hash <> %s", (conversation.id, device.token_hash)
    )
    if device.token_hash != conversation.birth.token_hash:
        await tx.execute(
            """
            INSERT INTO customer_devices (token_hash, conversation_id, source, is_ended, created_at)
            VALUES (%s, %s, %s, true, %s)""",
            (conversation.birth.token_hash, conversation.id, OPENED, now),
        )
