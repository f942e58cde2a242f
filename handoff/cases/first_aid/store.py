"""The SQL of first aid: which conversations have orders or questions that are not settled, and which proposals wait."""

from __future__ import annotations

import datetime as dt

from handoff.runtime.transaction import Transaction

_SCHEDULE = """
    INSERT INTO first_aid_due (conversation_id, at, tries) VALUES (%s, %s, 0)
    ON CONFLICT (conversation_id) DO UPDATE SET at = least(first_aid_due.at, excluded.at), tries = 0"""
#: A desk takes a conversation by moving its time on: other desks skip it, and take it after that time if this desk dies.
_TAKE = """
    UPDATE first_aid_due SET tries = tries + 1, at = %(until)s
    WHERE conversation_id = ANY(
        SELECT conversation_id FROM first_aid_due WHERE at <= %(now)s ORDER BY at LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
    RETURNING conversation_id, tries"""
_PROPOSE = "INSERT INTO first_aid_proposals (conversation_id, key, until) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING"
_WAITING = "SELECT conversation_id, key FROM first_aid_proposals WHERE until > %s ORDER BY until LIMIT %s"


async def schedule(tx: Transaction, conversation_id: str, at: dt.datetime) -> None:
    """Look after a conversation's orders at a time, or sooner if that is planned already."""
    await tx.execute(_SCHEDULE, [conversation_id, at])


async def take_due(tx: Transaction, now: dt.datetime, until: dt.datetime, limit: int) -> list[tuple[str, int]]:
    """Take conversations whose time has come, for this desk until a time: their ids, and how often each was taken."""
    values = {"now": now, "until": until, "limit": limit}
    return [(row[0], row[1]) for row in await (await tx.execute(_TAKE, values)).fetchall()]


async def postpone(tx: Transaction, conversation_id: str, at: dt.datetime) -> None:
    """Look after a conversation's orders again at this time."""
    await tx.execute("UPDATE first_aid_due SET at = %s WHERE conversation_id = %s", [at, conversation_id])


async def settled(tx: Transaction, conversation_id: str) -> None:
    """Nothing of the conversation is open any more."""
    await tx.execute("DELETE FROM first_aid_due WHERE conversation_id = %s", [conversation_id])


async def add_proposal(tx: Transaction, conversation_id: str, key: str, until: dt.datetime) -> None:
    """List a proposal for those who may agree to it."""
    await tx.execute(_PROPOSE, [conversation_id, key, until])


async def remove_proposal(tx: Transaction, conversation_id: str, key: str) -> None:
    """A proposal was decided."""
    await tx.execute("DELETE FROM first_aid_proposals WHERE conversation_id = %s AND key = %s", [conversation_id, key])


async def waiting_proposals(tx: Transaction, now: dt.datetime, limit: int) -> list[tuple[str, str]]:
    """Proposals that somebody may still agree to, as conversation and key; the one that ends first comes first."""
    return [(row[0], row[1]) for row in await tx.rows(_WAITING, now, limit)]


async def forget_old_proposals(tx: Transaction, now: dt.datetime) -> None:
    """Delete the rows of proposals that are too old."""
    await tx.execute("DELETE FROM first_aid_proposals WHERE until <= %s", [now])
