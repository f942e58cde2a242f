"""Alembic's entry point: runs the migrations on the connection that the desk provides."""

from __future__ import annotations

from alembic import context

connection = context.config.attributes.get("connection")
if connection is None:
    raise RuntimeError("migrations run when the desk starts (handoff.runtime.database.migrate)")
context.configure(connection=connection)
with context.begin_transaction():
    context.run_migrations()
