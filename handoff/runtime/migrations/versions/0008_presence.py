"""When the presence of an agent was chosen, and by whom: the agent, a supervisor, or the desk after a missed offer."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Bring the schema forward."""
    op.add_column("agents", sa.Column("presence_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("agents", sa.Column("presence_by", sa.Text(), nullable=True))


def downgrade() -> None:
    """Bring the schema back."""
    for name in ("presence_at", "presence_by"):
        op.drop_column("agents", name)
