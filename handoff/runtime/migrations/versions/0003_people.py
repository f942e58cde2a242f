"""Columns for the earlier episode, a cancelled wait, the message that waits for an agent, and the conversation's origin."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"

_COLUMNS: dict[str, sa.types.TypeEngine[Any]] = {
    "origin": sa.Text(),
    "earlier": postgresql.JSONB(),
    "cancelled": postgresql.JSONB(),
    "customer_waits_seq": sa.BigInteger(),
    "turn_first_seq": sa.BigInteger(),
}


def upgrade() -> None:
    """Bring the schema forward."""
    for name, kind in _COLUMNS.items():
        op.add_column("conversations", sa.Column(name, kind, nullable=True))
    op.execute(
        """
        UPDATE conversations SET customer_waits_seq = (
            SELECT min(seq) FROM events
            WHERE conversation_id = id AND type = 'message' AND by_kind = 'customer' AND at >= customer_waits_since)
        WHERE customer_waits_since IS NOT NULL"""
    )
    # Cases that an agent closed before this version reopen with their reason too.
    op.execute(
        """
        UPDATE conversations SET earlier = jsonb_build_object(
            'by', ended.data ->> 'resolution', 'is_recent', true, 'episode', episode, 'reason', reason, 'priority', priority,
            'intent', topic, 'amount_cny', amount_cny, 'agent', agent_name, 'rating', rating)
        FROM events AS ended
        WHERE status = 'resolved' AND ended.conversation_id = conversations.id AND ended.type = 'resolved'
            AND ended.seq = (SELECT max(seq) FROM events WHERE conversation_id = conversations.id AND type = 'resolved')"""
    )


def downgrade() -> None:
    """Bring the schema back."""
    for name in reversed(_COLUMNS):
        op.drop_column("conversations", name)
