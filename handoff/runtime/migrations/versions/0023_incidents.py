"""Incidents: their versions, and the closings of which customers must be told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "incident_versions",
        sa.Column("incident_id", sa.Text(), primary_key=True),
        sa.Column("version", sa.Integer(), primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("data", postgresql.JSONB(), nullable=False),
    )
    op.create_table(
        "incident_closings",
        sa.Column("incident_id", sa.Text(), primary_key=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
    )
    op.execute(
        "CREATE INDEX events_incident ON events ((data #>> '{decision,incident,id}'), conversation_id) "
        "WHERE type = 'triage' AND data #>> '{decision,incident,id}' IS NOT NULL"
    )


def downgrade() -> None:
    """Bring the schema back."""
    op.drop_index("events_incident", "events")
    op.drop_table("incident_closings")
    op.drop_table("incident_versions")
