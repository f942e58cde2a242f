"""Signs of customers at their screens: typing, and up to where they have read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        # Nothing is lost when a crash empties it: pages send their signs again.
        "customer_signs",
        sa.Column("conversation_id", sa.Text(), primary_key=True),
        sa.Column("typing_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_seq", sa.BigInteger(), nullable=False),
        prefixes=["UNLOGGED"],
    )


def downgrade() -> None:
    """Bring the schema back."""
    op.drop_table("customer_signs")
