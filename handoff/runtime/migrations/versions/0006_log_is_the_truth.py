"""The row of a conversation becomes the fold of its log; turn leases get a table of their own.

The older desk changed fields that its log does not determine. So each log gets one event that writes the state down as it was
(`state_imported`). The SQL is frozen: it knows the columns of this moment, not the code of later versions.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"

#: Not even a damaged row may lose a customer who waits.
_WAITS = """
    UPDATE conversations SET customer_waits_seq = last_seq
    WHERE customer_waits_since IS NOT NULL AND customer_waits_seq IS NULL"""

#: The customer's messages that have had no turn. The older desk kept only where they begin.
_OWED = """
    UPDATE conversations c SET owed = found.owed
    FROM (
        SELECT m.conversation_id,
            jsonb_build_object('messages', jsonb_agg(jsonb_build_object('seq', m.seq, 'at', m.at) ORDER BY m.seq)
                FILTER (WHERE m.nth <= 20))
            || CASE WHEN count(*) > 20 THEN jsonb_build_object('later_seq', max(m.seq)) ELSE '{}' END AS owed
        FROM (
            SELECT e.conversation_id, e.seq, e.at, row_number() OVER (PARTITION BY e.conversation_id ORDER BY e.seq) AS nth
            FROM events e JOIN conversations o ON o.id = e.conversation_id
            WHERE e.type = 'message' AND e.by_kind = 'customer' AND e.seq > o.answered_seq
                AND coalesce(e.data ->> 'choice', '') NOT IN ('cancel_wait', 'keep_waiting')
                AND (o.status IN ('with_bot', 'queued') AND o.due_at IS NOT NULL
                    OR o.status = 'assigned' AND e.seq >= o.customer_waits_seq)) m
        GROUP BY m.conversation_id) found
    WHERE c.id = found.conversation_id"""

_DUE_AT = """
    UPDATE conversations SET due_at = CASE
        WHEN status IN ('with_bot', 'queued') THEN (owed -> 'messages' -> 0 ->> 'at')::timestamptz END
    WHERE due_at IS NOT NULL"""

_CANCELLED = """
    UPDATE conversations SET cancelled = jsonb_build_object('at', cancelled ->> 'at', 'case', jsonb_strip_nulls(
        jsonb_build_object('reason', cancelled -> 'reason', 'priority', cancelled -> 'priority', 'lane', cancelled -> 'lane',
            'topic', cancelled -> 'topic', 'amount_cny', cancelled -> 'amount_cny',
            'is_open', coalesce(cancelled -> 'is_case_open', 'false'), 'queued_at', cancelled -> 'queued_at')))
    WHERE cancelled IS NOT NULL"""

#: At the time of the last event, so that no time goes back and no conversation looks busier than it is.
_IMPORT = """
    INSERT INTO events (conversation_id, seq, type, version, at, by_kind, by_name, data)
    SELECT id, last_seq + 1, 'state_imported', 1, updated_at, 'system', '', jsonb_strip_nulls(jsonb_build_object(
        'status', status,
        'episode', episode,
        'locale', locale,
        'case', jsonb_build_object('reason', reason, 'priority', priority, 'lane', lane, 'topic', topic,
            'amount_cny', amount_cny, 'is_open', is_case_open, 'queued_at', queued_at, 'first_response_at', first_response_at),
        'agent', agent,
        'agent_name', agent_name,
        'assigned_at', assigned_at,
        'resolved_at', resolved_at,
        'rating', rating,
        'preview', preview,
        'offered', offered,
        'unanswered', CASE WHEN customer_waits_since IS NOT NULL THEN
            jsonb_build_object('seq', customer_waits_seq, 'since', customer_waits_since) END,
        'owed', coalesce(owed, '{"messages": []}'),
        'stretch_seq', stretch_seq,
        'triaged_turn', triaged_turn,
        'earlier', earlier,
        'cancelled', cancelled))
    FROM conversations WHERE last_seq > 0"""

_LEASES = """
    INSERT INTO turns (conversation_id, turn_id, first_seq, last_seq, desk, expires_at, attempts)
    SELECT id, turn_id, coalesce(turn_first_seq, turn_seq), turn_seq, coalesce(turn_desk, -1), turn_expires_at, turn_attempts
    FROM conversations WHERE turn_id IS NOT NULL AND turn_seq IS NOT NULL AND turn_expires_at IS NOT NULL"""

_TURN_COLUMNS = ("turn_id", "turn_seq", "turn_expires_at", "turn_attempts", "turn_desk", "turn_first_seq")


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        # No foreign key: it would cost each turn a look at a row that the same statement has locked.
        "turns",
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.Column("turn_id", sa.Text(), nullable=False),
        sa.Column("first_seq", sa.BigInteger(), nullable=False),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
        sa.Column("desk", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("conversation_id"),
    )
    op.add_column("events", sa.Column("version", sa.SmallInteger(), nullable=False, server_default="1"))
    op.add_column("conversations", sa.Column("opening_locale", sa.Text(), nullable=True))
    op.add_column("conversations", sa.Column("owed", postgresql.JSONB(), nullable=True))
    op.execute(
        """
        UPDATE conversations SET opening_locale = coalesce((
            SELECT data ->> 'was' FROM events
            WHERE conversation_id = id AND type = 'language_changed' ORDER BY seq LIMIT 1), locale)"""
    )
    op.alter_column("conversations", "opening_locale", nullable=False)
    op.execute(_WAITS)
    op.execute(_OWED)
    op.execute(_DUE_AT)
    op.execute(_CANCELLED)
    op.execute(_IMPORT)
    op.execute("UPDATE conversations SET last_seq = last_seq + 1 WHERE last_seq > 0")
    op.execute(_LEASES)
    for name in (*_TURN_COLUMNS, "answered_seq"):
        op.drop_column("conversations", name)


def downgrade() -> None:
    """Bring the schema back."""
    op.add_column("conversations", sa.Column("answered_seq", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("conversations", sa.Column("turn_id", sa.Text(), nullable=True))
    op.add_column("conversations", sa.Column("turn_seq", sa.BigInteger(), nullable=True))
    op.add_column("conversations", sa.Column("turn_expires_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("conversations", sa.Column("turn_attempts", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("conversations", sa.Column("turn_desk", sa.BigInteger(), nullable=True))
    op.add_column("conversations", sa.Column("turn_first_seq", sa.BigInteger(), nullable=True))
    for name in ("answered_seq", "turn_attempts"):
        op.alter_column("conversations", name, server_default=None)
    # The older desk answers what comes after this number.
    op.execute(
        """
        UPDATE conversations SET answered_seq = CASE
            WHEN owed IS NOT NULL THEN (owed -> 'messages' -> 0 ->> 'seq')::bigint - 1 ELSE last_seq END"""
    )
    op.execute(
        """
        UPDATE conversations c SET turn_id = t.turn_id, turn_seq = t.last_seq, turn_expires_at = t.expires_at,
            turn_attempts = t.attempts, turn_desk = t.desk, turn_first_seq = t.first_seq
        FROM turns t WHERE t.conversation_id = c.id"""
    )
    op.execute(
        """
        UPDATE conversations SET cancelled = jsonb_build_object('at', cancelled -> 'at',
            'reason', cancelled -> 'case' -> 'reason', 'priority', cancelled -> 'case' -> 'priority',
            'lane', cancelled -> 'case' -> 'lane', 'topic', cancelled -> 'case' -> 'topic',
            'amount_cny', cancelled -> 'case' -> 'amount_cny', 'is_case_open', cancelled -> 'case' -> 'is_open',
            'queued_at', cancelled -> 'case' -> 'queued_at')
        WHERE cancelled IS NOT NULL"""
    )
    # The older desk cannot read a type that it does not know, and would show customers fields that it does not know.
    op.execute(
        """
        UPDATE events SET type = 'note', data = '{"text": "系统升级记录 (state_imported)"}' WHERE type = 'state_imported'"""
    )
    op.execute(
        "UPDATE events SET data = data - '{topic, amount_cny, stays_open, login, settled_seq}'::text[] WHERE version > 1"
    )
    op.drop_column("conversations", "owed")
    op.drop_column("conversations", "opening_locale")
    op.drop_column("events", "version")
    op.drop_table("turns")
