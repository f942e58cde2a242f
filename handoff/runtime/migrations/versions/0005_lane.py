"""The lane of a conversation: conversations in which money is being lost come first in the queue."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Bring the schema forward."""
    op.add_column("conversations", sa.Column("lane", sa.Text(), nullable=True))


def downgrade() -> None:
    """Bring the schema back."""
    # The older version knows no rank before urgent.
    op.execute("UPDATE conversations SET priority_rank = 0 WHERE priority_rank < 0")
    op.drop_column("conversations", "lane")
