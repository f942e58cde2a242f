"""Jobs and proposals of the workshop."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "jobs",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("parameters", postgresql.JSONB(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False, server_default="queued"),
        sa.Column("share", sa.Float(), nullable=False, server_default="0"),
        sa.Column("progress_zh", sa.Text(), nullable=False, server_default=""),
        sa.Column("progress_en", sa.Text(), nullable=False, server_default=""),
        sa.Column("error_code", sa.Text(), nullable=True),
        sa.Column("error_zh", sa.Text(), nullable=True),
        sa.Column("error_en", sa.Text(), nullable=True),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_by_name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("lease", sa.Text(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('queued', 'running', 'done', 'failed')", name="jobs_state"),
    )
    # One job at a time in each lane, whatever a desk believes.
    op.create_index("jobs_running", "jobs", ["lane"], unique=True, postgresql_where=sa.text("state = 'running'"))
    op.create_index("jobs_queued", "jobs", ["lane", "due_at", "id"], postgresql_where=sa.text("state = 'queued'"))
    op.create_index("jobs_kind", "jobs", ["kind", "ended_at"])
    # A table of its own: results have megabytes, and every beat writes the job's row anew.
    op.create_table(
        "job_results",
        sa.Column("job_id", sa.BigInteger(), sa.ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("result", sa.Text(), nullable=False),
    )
    op.create_table(
        "job_runners",
        sa.Column("lane", sa.Text(), primary_key=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "proposals",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("check_job", sa.BigInteger(), nullable=False),
        sa.Column("data_revision", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("by_login", sa.Text(), nullable=False),
        sa.Column("by_name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False, server_default="open"),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_by_name", sa.Text(), nullable=True),
        sa.Column("decided_why", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("job", sa.BigInteger(), nullable=True),
        sa.Column("report", postgresql.JSONB(), nullable=False),
        sa.CheckConstraint("state IN ('open', 'approved', 'rejected', 'withdrawn')", name="proposals_state"),
    )
    op.create_index("proposals_open", "proposals", ["data_revision"], postgresql_where=sa.text("state = 'open'"))


def downgrade() -> None:
    """Bring the schema back."""
    for name in ("proposals", "job_runners", "job_results", "jobs"):
        op.drop_table(name)
