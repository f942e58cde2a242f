"""An index for the newest turns of the log: the workshop decides them again, and looks for waves in them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_index("events_turns", "events", ["at"], postgresql_where=sa.text("type = 'triage'"))


def downgrade() -> None:
    """Bring the schema back."""
    op.drop_index("events_turns", "events")
