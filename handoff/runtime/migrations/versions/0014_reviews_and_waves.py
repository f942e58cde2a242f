"""Reviews of random samples of bot-answered turns, and waves of alike messages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        # One draw a day over all desks. The seed and the log reproduce it.
        "review_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("population", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day"),
    )
    op.create_table(
        # `needed`: verdicts until the sample is settled; 3 after the first two differ. `settled`: "missed" or "fine".
        "review_samples",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), sa.ForeignKey("review_days.day", ondelete="CASCADE"), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.Column("turn_seq", sa.BigInteger(), nullable=False),
        sa.Column("first_seq", sa.BigInteger(), nullable=False),
        sa.Column("message_seq", sa.BigInteger(), nullable=False),
        sa.Column("needed", sa.SmallInteger(), nullable=False, server_default="2"),
        sa.Column("settled", sa.Text(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("kept_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("day", "place"),
    )
    op.create_table(
        "review_verdicts",
        sa.Column("sample_id", sa.Text(), sa.ForeignKey("review_samples.id", ondelete="CASCADE"), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sample_id", "login"),
    )
    op.create_table(
        "review_claims",
        sa.Column("sample_id", sa.Text(), sa.ForeignKey("review_samples.id", ondelete="CASCADE"), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sample_id", "login"),
    )
    op.create_table(
        # What the scan for waves knows of a customer's message: its text is in the log. `code`: the bits of its embedding.
        "wave_texts",
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("code", postgresql.BYTEA(), nullable=True),
        sa.PrimaryKeyConstraint("conversation_id", "seq"),
    )
    op.create_index("wave_texts_at", "wave_texts", ["at"])
    op.create_table(
        # `state`: "new", "proposed", "live", "dismissed", "over". `data`: what the page shows.
        "waves",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("noticed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("state_by", sa.Text(), nullable=True),
        sa.Column("state_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("data", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("waves_last", "waves", ["last_at"])


def downgrade() -> None:
    """Bring the schema back."""
    for name in ("waves", "wave_texts", "review_claims", "review_verdicts", "review_samples", "review_days"):
        op.drop_table(name)
