"""The editors' inbox."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"

_TABLES = ("inbox_groups", "inbox_entries", "inbox_decisions", "inbox_decided", "inbox_imports", "inbox_files", "inbox_state")


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _time(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "inbox_groups",
        _text("id"),
        _text("kind"),
        _text("leader"),
        sa.Column("suggested", postgresql.JSONB(), nullable=False),
        sa.Column("nearest", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "inbox_entries",
        _text("id"),
        _text("group_id"),
        _text("kind"),
        _text("text"),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("cost", sa.Float(), nullable=False),
        _time("first_at"),
        _time("last_at"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("inbox_entries_group", "inbox_entries", ["group_id"])
    op.create_table(
        "inbox_decisions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        _text("action"),
        _text("intent", nullable=True),
        _text("note", nullable=True),
        _text("by_login"),
        _text("by_name"),
        _time("at"),
        # The group and its entries as they were: what an undo puts back.
        sa.Column("group", postgresql.JSONB(), nullable=False),
        # The sentences that were written into data/nlu.
        sa.Column("added", postgresql.ARRAY(sa.Text()), nullable=False),
        _time("undone_at", nullable=True),
        _time("done_at", nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("inbox_decisions_at", "inbox_decisions", ["at"])
    op.create_table(
        "inbox_decided",
        _text("entry_id"),
        sa.Column("decision_id", sa.BigInteger(), nullable=False),
        _time("at"),
        _text("live"),
        sa.PrimaryKeyConstraint("entry_id"),
    )
    op.create_table(
        "inbox_imports",
        _text("id"),
        _text("text"),
        sa.Column("count", sa.Integer(), nullable=False),
        _time("at"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "inbox_files",
        _text("digest"),
        _text("name"),
        _text("by_login"),
        _time("at"),
        sa.PrimaryKeyConstraint("digest"),
    )
    # One row: its lock makes changes of the inbox wait for each other.
    op.create_table(
        "inbox_state",
        sa.Column("is_one", sa.Boolean(), sa.CheckConstraint("is_one"), nullable=False),
        sa.Column("stored_job", sa.BigInteger(), nullable=True),
        _time("queued_at", nullable=True),
        sa.PrimaryKeyConstraint("is_one"),
    )
    op.execute("INSERT INTO inbox_state (is_one) VALUES (true)")


def downgrade() -> None:
    """Bring the schema back."""
    for name in reversed(_TABLES):
        op.drop_table(name)
