"""The search index. It is made from the logs and filled by the desks in the background (handoff/queue/search/)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0008"


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "search_texts",
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("episode", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("words", postgresql.TSVECTOR(), nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", "seq"),
    )
    # Without `fastupdate` no search has to read a list of entries that are not in the index yet.
    op.create_index(
        "search_texts_words", "search_texts", ["words"], postgresql_using="gin", postgresql_with={"fastupdate": "off"}
    )
    op.create_table(
        "search_episodes",
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.Column("episode", sa.Integer(), nullable=False),
        sa.Column("first_seq", sa.BigInteger(), nullable=False),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("agents", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("agent_name", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("conversation_id", "episode"),
    )
    op.create_index("search_episodes_at", "search_episodes", ["at", "conversation_id", "last_seq"])
    op.create_index(
        "search_episodes_agents", "search_episodes", ["agents"], postgresql_using="gin", postgresql_with={"fastupdate": "off"}
    )
    op.create_table(
        "search_progress",
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("conversation_id"),
    )


def downgrade() -> None:
    """Bring the schema back."""
    for name in ("search_progress", "search_episodes", "search_texts"):
        op.drop_table(name)
