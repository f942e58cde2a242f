"""What the desk owes a customer: a column of the fold, and the customers' subjects for their history."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Bring the schema forward."""
    op.add_column("conversations", sa.Column("care", postgresql.JSONB(), nullable=True))
    op.add_column("conversations", sa.Column("customer", sa.Text(), nullable=True))
    op.create_index(
        "conversations_customer", "conversations", ["customer", "created_at"], postgresql_where=sa.text("customer IS NOT NULL")
    )


def downgrade() -> None:
    """Bring the schema back."""
    op.drop_index("conversations_customer", "conversations")
    for name in ("customer", "care"):
        op.drop_column("conversations", name)
