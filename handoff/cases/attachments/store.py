"""The SQL of attachments."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from handoff.runtime.transaction import Transaction


@dataclass(frozen=True)
class StoredPicture:
    """A picture of a conversation. `sha256`: of `body`, as it was stored."""

    attachment_id: str
    conversation_id: str
    media_type: str
    sha256: str
    body: bytes


async def add_picture(tx: Transaction, picture: StoredPicture, at: dt.datetime) -> None:
    """Store a picture."""
    await tx.execute(
        "INSERT INTO attachments (id, conversation_id, at, media_type, sha256, body) VALUES (%s, %s, %s, %s, %s, %s)",
        [picture.attachment_id, picture.conversation_id, at, picture.media_type, picture.sha256, picture.body],
    )


async def find_picture(tx: Transaction, attachment_id: str) -> StoredPicture | None:
    """The picture with this id."""
    if "\x00" in attachment_id:
        return None
    query = "SELECT id, conversation_id, media_type, sha256, body FROM attachments WHERE id = %s"
    rows = await tx.rows(query, attachment_id)
    return StoredPicture(*rows[0]) if rows else None


async def pictures_of(tx: Transaction, conversation_id: str) -> list[StoredPicture]:
    """All pictures of a conversation, the oldest first."""
    query = "SELECT id, conversation_id, media_type, sha256, body FROM attachments WHERE conversation_id = %s ORDER BY at, id"
    return [StoredPicture(*row) for row in await tx.rows(query, conversation_id)]
