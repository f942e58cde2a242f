"""Cases and promises: columns of the fold by which lists and workers find what is due."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0018"


def upgrade() -> None:
    """Bring the schema forward."""
    op.add_column("conversations", sa.Column("case_ids", postgresql.ARRAY(sa.Text()), nullable=True))
    op.add_column("conversations", sa.Column("case_is_open", sa.Boolean(), nullable=True))
    for name in ("case_due_at", "promise_due_at"):
        op.add_column("conversations", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
        op.create_index(f"conversations_{name}", "conversations", [name, "id"], postgresql_where=sa.text(f"{name} IS NOT NULL"))
    op.create_index(
        "conversations_case_ids",
        "conversations",
        ["case_ids"],
        postgresql_using="gin",
        postgresql_where=sa.text("case_ids IS NOT NULL"),
    )


def downgrade() -> None:
    """Bring the schema back."""
    op.drop_index("conversations_case_ids", "conversations")
    for name in ("promise_due_at", "case_due_at"):
        op.drop_index(f"conversations_{name}", "conversations")
        op.drop_column("conversations", name)
    for name in ("case_is_open", "case_ids"):
        op.drop_column("conversations", name)
