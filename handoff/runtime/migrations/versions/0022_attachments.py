"""Pictures that customers sent, drawn anew."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0020"


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "attachments",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
    )
    # The bytes are compressed already.
    op.execute("ALTER TABLE attachments ALTER COLUMN body SET STORAGE EXTERNAL")
    op.create_index("attachments_conversation", "attachments", ["conversation_id"])


def downgrade() -> None:
    """Bring the schema back."""
    op.drop_table("attachments")
