"""First aid: the conversations whose orders to the wallet are not settled, and the proposals that wait for a second person."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "first_aid_due",
        sa.Column("conversation_id", sa.Text(), primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
    )
    op.create_index("first_aid_due_at", "first_aid_due", ["at"])
    op.create_table(
        "first_aid_proposals",
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", "key"),
    )


def downgrade() -> None:
    """Bring the schema back."""
    op.drop_table("first_aid_proposals")
    op.drop_table("first_aid_due")
