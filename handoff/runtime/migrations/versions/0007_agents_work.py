"""What people's work needs: offers, clocks, what a waiting customer was told, links; the presence of agents.

The older desk kept no clocks. So each log gets one event that writes the state down (`state_imported`): the clock of a case
that waits or is in hand begins at its handoff. The SQL is frozen: it knows the columns of this moment.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"

_HANDLING = """
    UPDATE conversations SET handling = jsonb_strip_nulls(jsonb_build_object(
        'clock', CASE WHEN status IN ('queued', 'assigned') AND queued_at IS NOT NULL THEN
            jsonb_build_object('started_at', queued_at) END,
        'told', CASE WHEN status = 'queued' AND queued_at IS NOT NULL THEN jsonb_build_object('since', queued_at) END,
        'known_by', CASE WHEN agent IS NOT NULL THEN
            jsonb_build_object('login', agent, 'name', agent_name, 'at', assigned_at) END))
    WHERE agent IS NOT NULL OR status IN ('queued', 'assigned')"""

_NO_HANDLING = "UPDATE conversations SET handling = NULL WHERE handling = '{}'"

#: At the time of the last event, so that no time goes back and no conversation looks busier than it is.
_IMPORT = """
    INSERT INTO events (conversation_id, seq, type, version, at, by_kind, by_name, data)
    SELECT id, last_seq + 1, 'state_imported', 2, updated_at, 'system', '', jsonb_strip_nulls(jsonb_build_object(
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
        'cancelled', cancelled,
        'handling', coalesce(handling, '{}')))
    FROM conversations WHERE last_seq > 0"""


def upgrade() -> None:
    """Bring the schema forward."""
    op.add_column("conversations", sa.Column("handling", postgresql.JSONB(), nullable=True))
    op.add_column("conversations", sa.Column("offered_to", sa.Text(), nullable=True))
    op.create_index(
        "conversations_offered", "conversations", ["offered_to"], postgresql_where=sa.text("offered_to IS NOT NULL")
    )
    op.execute(_HANDLING)
    op.execute(_NO_HANDLING)
    op.execute(_IMPORT)
    op.execute("UPDATE conversations SET last_seq = last_seq + 1 WHERE last_seq > 0")
    # `presence`: what the agent chose. `active_at`: the last key or click in the console.
    op.add_column("agents", sa.Column("presence", sa.Text(), nullable=False, server_default="available"))
    op.add_column("agents", sa.Column("active_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        # Who looks at a conversation, and who types. Nothing is lost when a crash empties it.
        "lookers",
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("is_typing", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", "login"),
        prefixes=["UNLOGGED"],
    )
    op.create_table(
        "mentions",
        sa.Column("login", sa.Text(), sa.ForeignKey("agents.login", ondelete="CASCADE"), nullable=False),
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("by_name", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("login", "conversation_id", "seq"),
    )


def downgrade() -> None:
    """Bring the schema back."""
    op.drop_table("mentions")
    op.drop_table("lookers")
    for name in ("presence", "active_at"):
        op.drop_column("agents", name)
    op.drop_index("conversations_offered", "conversations")
    for name in ("handling", "offered_to"):
        op.drop_column("conversations", name)
