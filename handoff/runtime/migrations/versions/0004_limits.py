"""Tables for the limits of addresses, conversations and sign-ins; disabled accounts; the channel becomes an enumeration."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "limits",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("until", sa.Double(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("key"),
        prefixes=["UNLOGGED"],
    )
    op.create_table(
        "open_streams",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("desk", sa.BigInteger(), nullable=False),
        sa.Column("streams", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", "desk"),
        prefixes=["UNLOGGED"],
    )
    op.add_column("agents", sa.Column("is_disabled", sa.Boolean(), nullable=False, server_default=sa.false()))
    # Customers could write any text into it, and agents read it as a fact.
    op.execute("UPDATE conversations SET channel = 'web' WHERE channel NOT IN ('web', 'app', 'miniprogram')")
    op.create_check_constraint("conversations_channel", "conversations", "channel IN ('web', 'app', 'miniprogram')")
    op.create_index("sessions_expiry", "sessions", ["expires_at"])
    op.create_index("sessions_login", "sessions", ["login"])


def downgrade() -> None:
    """Bring the schema back."""
    op.drop_index("sessions_login", table_name="sessions")
    op.drop_index("sessions_expiry", table_name="sessions")
    op.drop_constraint("conversations_channel", "conversations")
    op.drop_column("agents", "is_disabled")
    op.drop_table("open_streams")
    op.drop_table("limits")
