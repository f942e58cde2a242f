"""Readers' votes on the articles of the help centre, and an index for how soon people answered lately."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "article_votes",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("article_id", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("revision", sa.Text(), nullable=False),
        sa.Column("is_helpful", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
    )
    op.create_index("article_votes_article", "article_votes", ["article_id", "at"])
    op.create_index(
        "conversations_first_response", "conversations", ["first_response_at"],
        postgresql_where=sa.text("first_response_at IS NOT NULL"),
    )  # fmt: skip


def downgrade() -> None:
    """Bring the schema back."""
    op.drop_index("conversations_first_response", "conversations")
    op.drop_table("article_votes")
