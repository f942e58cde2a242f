"""Which desk runs a turn, so that another desk can take it over; and an index for the sweep of recent changes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Bring the schema forward."""
    op.add_column("conversations", sa.Column("turn_desk", sa.BigInteger(), nullable=True))
    op.drop_index("conversations_idle", table_name="conversations")
    op.create_index("conversations_by_status", "conversations", ["status", "updated_at"])


def downgrade() -> None:
    """Bring the schema back."""
    op.drop_index("conversations_by_status", table_name="conversations")
    where = sa.text("status != 'resolved'")
    op.create_index("conversations_idle", "conversations", ["status", "updated_at"], postgresql_where=where)
    op.drop_column("conversations", "turn_desk")
