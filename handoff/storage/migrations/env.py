"""Alembic's entry: runs the migrations on the connection that the desk hands in, or on DATABASE_URL from the command line."""

from __future__ import annotations

from alembic import context

from handoff.storage.tables import metadata

connection = context.config.attributes.get("connection")
if connection is None:
    raise RuntimeError("migrations run when the desk starts (handoff.storage.database.migrate)")
context.configure(connection=connection, target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
