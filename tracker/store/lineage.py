"""Where content came from and where it went: the runs that made it, and the runs that were fed it."""

from __future__ import annotations

import msgspec
from sqlalchemy import Select, select

from tracker.store.database import Database
from tracker.store.tables import people
from tracker.store.tables import runs as t

MOST = 100


class Kin(msgspec.Struct, frozen=True):
    """A run that has to do with some content, and what it calls it; `version` only where the run made it."""

    run_id: str
    project: str
    member: str | None
    name: str
    started_at: int
    version: int | None = None


def makers(db: Database, digest: str, *, limit: int = MOST) -> tuple[Kin, ...]:
    """The runs that logged this very content as an artifact, the oldest first."""
    a = t.artifacts.c
    return _kin(db, select(a.run, a.name, a.version).where(a.digest == digest), limit)


def users(db: Database, digest: str, *, limit: int = MOST) -> tuple[Kin, ...]:
    """The runs that recorded this very content as a data set, the oldest first."""
    d = t.datasets.c
    return _kin(db, select(d.run, d.name).where(d.digest == digest), limit)


def _kin(db: Database, found: Select[tuple[int, str]] | Select[tuple[int, str, int]], limit: int) -> tuple[Kin, ...]:
    held, r = found.subquery(), t.runs.c
    version = [held.c.version] if "version" in held.c else []
    query = (
        select(r.run_id, t.projects.c.name, people.members.c.handle, held.c.name, r.started_at, *version)
        .join_from(held, t.runs, r.id == held.c.run)
        .join(t.projects, t.projects.c.id == r.project_id)
        .outerjoin(people.members, people.members.c.id == r.member_id)
        .order_by(r.started_at, r.id)
        .limit(limit)
    )
    with db.read() as connection:
        return tuple(Kin(*row) for row in connection.execute(query))
