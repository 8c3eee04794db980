"""How far a run or a project has come, in one small look: what live pages ask again and again."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection, case, func, select

from tracker.errors import NotFound
from tracker.ids import clip
from tracker.record import State
from tracker.store.database import Database
from tracker.store.records import SILENT_AFTER, state_of
from tracker.store.tables import runs as t


class Pulse(msgspec.Struct, frozen=True):
    """A run's events so far, and its state."""

    events: int
    state: State


def run_pulse(db: Database, run_id: str, *, now: int) -> Pulse:
    """How far the run has come.

    Raises:
        NotFound: no such run.
    """
    r = t.runs.c
    with db.read() as connection:
        row = connection.execute(select(r.events, r.state, r.last_seen).where(r.run_id == run_id)).first()
    if row is None:
        raise NotFound(f"No run {clip(run_id)} is registered.")
    return Pulse(row.events, state_of(row.state, row.last_seen, now))


def results_pulse(db: Database, project: str, *, now: int) -> str:
    """A short text that is another one whenever a run of the project ended, was taken back or reproduced, or its
    board was changed: what runs that go on say meanwhile leaves it alone.

    Raises:
        NotFound: there is no such project.
    """
    r = t.runs.c
    with db.read() as connection:
        id = _project(connection, project)
        ended = (r.project_id == id, r.state != "running")
        counts = connection.execute(select(func.count(), func.sum(r.events), func.max(r.id)).where(*ended)).one()
        parts = (*counts, *_beside(connection, id))
    return "-".join(str(part or 0) for part in parts)


def project_pulse(db: Database, project: str, *, now: int) -> str:
    """A short text that is another one whenever a record of the project, or its board, may be.

    A run that `reproduces` one of them counts wherever it is, as the badge hangs on it.

    Raises:
        NotFound: there is no such project.
    """
    r = t.runs.c
    silent = case(((r.state == "running") & (r.last_seen < now - SILENT_AFTER), 1))
    with db.read() as connection:
        id = _project(connection, project)
        counts = connection.execute(
            select(func.count(), func.sum(r.events), func.count(silent), func.max(r.id)).where(r.project_id == id)
        ).one()
        parts = (*counts, *_beside(connection, id))
    return "-".join(str(part or 0) for part in parts)


def _project(connection: Connection, name: str) -> int:
    id: int | None = connection.scalar(select(t.projects.c.id).where(t.projects.c.name == name))
    if id is None:
        raise NotFound(f"There is no project {clip(name)!r}.", remedy="`runcite runs` lists what there is.")
    return id


def _beside(connection: Connection, project: int) -> tuple[int | None, ...]:
    """What else a record or a board hangs on: retractions, reproductions wherever they are, the board's own rules."""
    r = t.runs.c
    mine = select(r.id).where(r.project_id == project)
    gone = connection.scalar(select(func.count()).where(t.retractions.c.run.in_(mine)))
    again = connection.scalar(select(func.sum(r.events)).where(r.reproduces.is_not(None)))
    board = connection.scalar(select(func.max(t.boards.c.id)).where(t.boards.c.project_id == project))
    return gone, again, board
