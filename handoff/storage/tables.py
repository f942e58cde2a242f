"""The tables, as SQLAlchemy Core sees them; `migrations/` makes them."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

metadata = sa.MetaData()


def _time(name: str, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


conversations = sa.Table(
    "conversations",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("token_hash", sa.Text, nullable=False),
    sa.Column("locale", sa.Text, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    _time("created_at", nullable=False),
    _time("updated_at", nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("episode", sa.Integer, nullable=False),
    sa.Column("last_seq", sa.BigInteger, nullable=False),
    sa.Column("reason", sa.Text),
    sa.Column("priority", sa.Text),
    sa.Column("priority_rank", sa.SmallInteger),
    sa.Column("topic", sa.Text),
    sa.Column("amount_cny", sa.Float),
    sa.Column("agent", sa.Text),
    sa.Column("agent_name", sa.Text),
    _time("queued_at"),
    _time("assigned_at"),
    _time("first_response_at"),
    _time("resolved_at"),
    sa.Column("is_case_open", sa.Boolean, nullable=False),
    sa.Column("rating", sa.SmallInteger),
    sa.Column("preview", sa.Text, nullable=False),
    sa.Column("offered", JSONB, nullable=False),
    _time("customer_waits_since"),
    _time("due_at"),
    sa.Column("answered_seq", sa.BigInteger, nullable=False),
    sa.Column("stretch_seq", sa.BigInteger, nullable=False),
    sa.Column("turn_id", sa.Text),
    sa.Column("turn_seq", sa.BigInteger),
    _time("turn_expires_at"),
    sa.Column("turn_attempts", sa.Integer, nullable=False),
    sa.Column("triaged_turn", sa.Text),
)

events = sa.Table(
    "events",
    metadata,
    sa.Column("conversation_id", sa.Text, sa.ForeignKey("conversations.id"), primary_key=True),
    sa.Column("seq", sa.BigInteger, primary_key=True),
    sa.Column("type", sa.Text, nullable=False),
    _time("at", nullable=False),
    sa.Column("by_kind", sa.Text, nullable=False),
    sa.Column("by_name", sa.Text, nullable=False),
    sa.Column("data", JSONB, nullable=False),
    sa.Column("key", sa.Text),
    # An acknowledged message is in the log exactly once, whatever two desks do at the same moment.
    sa.UniqueConstraint("conversation_id", "key", name="events_key"),
)

agents = sa.Table(
    "agents",
    metadata,
    sa.Column("login", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("capacity", sa.Integer, nullable=False),
    sa.Column("is_demo", sa.Boolean, nullable=False),
    sa.Column("password_hash", sa.Text, nullable=False),
    _time("last_seen_at"),
)

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("token_hash", sa.Text, primary_key=True),
    sa.Column("login", sa.Text, sa.ForeignKey("agents.login", ondelete="CASCADE"), nullable=False),
    _time("expires_at", nullable=False),
)

# What the turn worker, the queue and the consoles ask for all the time; each holds only the rows that matter.
sa.Index("conversations_due", conversations.c.due_at, postgresql_where=conversations.c.due_at.isnot(None))
sa.Index(
    "conversations_queue",
    conversations.c.priority_rank,
    conversations.c.queued_at,
    conversations.c.id,
    postgresql_where=conversations.c.status == "queued",
)
sa.Index("conversations_assigned", conversations.c.agent, postgresql_where=conversations.c.status == "assigned")
sa.Index(
    "conversations_idle",
    conversations.c.status,
    conversations.c.updated_at,
    postgresql_where=conversations.c.status != "resolved",
)
