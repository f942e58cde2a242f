"""Which desk runs a turn: when that desk dies, another takes the turn at once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Bring the schema forward."""
    op.add_column("conversations", sa.Column("turn_desk", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    """Bring the schema back."""
    op.drop_column("conversations", "turn_desk")
