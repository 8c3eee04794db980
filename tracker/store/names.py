"""What the runs of a project have: the names of their hyperparameters and metrics."""

from __future__ import annotations

import msgspec
from sqlalchemy import select

from tracker.store.database import Database
from tracker.store.tables import runs as t

MOST = 500


class Names(msgspec.Struct, frozen=True):
    """Config keys and metrics, each by name; at most `MOST` of either."""

    keys: tuple[str, ...]
    metrics: tuple[str, ...]


def names_of(db: Database, project: str) -> Names:
    """The names that any run of the project ever wrote; empty for a project that is not there."""
    found = []
    with db.read() as connection:
        for table in (t.keys, t.metrics):
            query = select(table.c.name).join(t.projects, t.projects.c.id == table.c.project_id)
            query = query.where(t.projects.c.name == project).order_by(table.c.name).limit(MOST)
            found.append(tuple(connection.scalars(query)))
    return Names(*found)
