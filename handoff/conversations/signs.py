"""Signs of a customer at their screen: whether they type, and up to where they have read. No text; in no log."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from handoff.runtime.transaction import Transaction

#: A page repeats the sign every 5 seconds while keys are pressed; without it for this long, the customer no longer types.
TYPES_WITHIN = dt.timedelta(seconds=10)


@dataclass(frozen=True)
class Signs:
    """What an agent sees of the customer. `read_seq`: the last entry of the log that was on their screen; 0 for none."""

    is_typing: bool = False
    read_seq: int = 0

    def as_json(self) -> dict[str, Any]:
        """The shape for pages."""
        return {"is_typing": self.is_typing, "read_seq": self.read_seq}


async def signs_of(tx: Transaction, conversation_id: str, now: dt.datetime) -> Signs:
    """The signs of a conversation's customer."""
    rows = await tx.rows("SELECT typing_at, read_seq FROM customer_signs WHERE conversation_id = %s", conversation_id)
    if not rows:
        return Signs()
    typing_at, read_seq = rows[0]
    return Signs(typing_at is not None and now - typing_at < TYPES_WITHIN, read_seq)


async def note_typing(tx: Transaction, conversation_id: str, is_typing: bool, now: dt.datetime) -> None:
    """Store that the customer types, or that they stopped."""
    await tx.execute(
        """
        INSERT INTO customer_signs (conversation_id, typing_at, read_seq) VALUES (%s, %s, 0)
        ON CONFLICT (conversation_id) DO UPDATE SET typing_at = excluded.typing_at""",
        (conversation_id, now if is_typing else None),
    )


async def note_read(tx: Transaction, conversation_id: str, seq: int) -> None:
    """Store up to where the customer has read. A mark never goes back: requests of two tabs arrive in any order."""
    await tx.execute(
        """
        INSERT INTO customer_signs (conversation_id, read_seq) VALUES (%s, %s)
        ON CONFLICT (conversation_id) DO UPDATE SET read_seq = greatest(customer_signs.read_seq, excluded.read_seq)""",
        (conversation_id, seq),
    )
