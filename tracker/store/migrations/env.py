"""Run by Alembic: the migrations go through the connection, and the transaction, that `migrate` hands over."""

from __future__ import annotations

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
