"""How a customer comes back: tokens of further devices, codes to return by, and call-backs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def _time(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "customer_devices",
        sa.Column("token_hash", sa.Text(), primary_key=True),
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("is_ended", sa.Boolean(), nullable=False, server_default="false"),
        sa.Column("assurance", sa.SmallInteger(), nullable=False, server_default="0"),
        _time("proven_until", nullable=True),
        _time("created_at"),
    )
    op.create_index("customer_devices_conversation", "customer_devices", ["conversation_id", "created_at"])
    op.create_table(
        "return_codes",
        sa.Column("conversation_id", sa.Text(), primary_key=True),
        sa.Column("code_hash", sa.Text(), nullable=False, unique=True),
        _time("expires_at"),
    )
    op.create_index("return_codes_expires", "return_codes", ["expires_at"])
    op.create_table(
        "callbacks",
        sa.Column("conversation_id", sa.Text(), primary_key=True),
        sa.Column("callback_id", sa.Text(), nullable=False, unique=True),
        sa.Column("phone", sa.Text(), nullable=False),
        _time("slot_from"),
        _time("slot_to"),
        sa.Column("is_confirmed", sa.Boolean(), nullable=False, server_default="false"),
        sa.Column("code_hash", sa.Text(), nullable=True),
        sa.Column("tries", sa.SmallInteger(), nullable=False, server_default="0"),
        _time("code_until", nullable=True),
    )
    op.create_index("callbacks_slot", "callbacks", ["slot_from"], postgresql_where=sa.text("is_confirmed"))


def downgrade() -> None:
    """Bring the schema back."""
    for name in ("callbacks", "return_codes", "customer_devices"):
        op.drop_table(name)
