"""Where a run's chain and one of its segments stand: the rows that new events move.

They are found by one statement and moved by two. All statements here are built once: building one costs several
times what the database takes to answer it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, bindparam, select, update

from tracker.store.tables import runs as t


@dataclass
class Segment:
    """A row of `segments`."""

    id: int
    name: str
    role: str
    part: int
    number: int
    offset: int
    last_digest: str
    ended: bool


@dataclass
class Run:
    """The part of a row of `runs` that new events move."""

    id: int
    run_id: str
    project_id: int
    member_id: int | None
    nonce: str
    principal: int | None
    events: int
    head: bytes
    seals: int
    last_seen: int


@dataclass
class Place:
    """A run, and the segment of it that was asked for, where the store has it."""

    run: Run
    segment: Segment | None


_r, _s = t.runs.c, t.segments.c
RUN = [_r[name] for name in Run.__dataclass_fields__]
SEGMENT = [_s[name] for name in ("id", "segment", "role", "part", "number", "offset", "last_digest", "ended")]
_THIS = _r.run_id == bindparam("run_id")
_LOCK = select(_r.id).where(_THIS).with_for_update()
_FIND = (
    select(*RUN, *SEGMENT)
    .outerjoin(
        t.segments,
        and_(_s.run == _r.id, _s.nonce == bindparam("nonce"), _s.segment == bindparam("segment")),
    )
    .where(_THIS)
)
_MOVE_RUN = update(t.runs).where(_r.id == bindparam("moved"))
_MOVE_SEGMENT = update(t.segments).where(_s.id == bindparam("moved"))


def lock(connection: Connection, run_id: str) -> None:
    """Have the run's chain to oneself until the transaction ends. What was read of it before may be out of date.

    SQLite has one writer at a time anyway.
    """
    if connection.dialect.name != "sqlite":
        connection.execute(_LOCK, {"run_id": run_id})


def find(connection: Connection, run_id: str, nonce: str = "", segment: str = "") -> Place | None:
    """Where the run stands, and that segment of it; None for a run that is not registered."""
    asked = {"run_id": run_id, "nonce": nonce, "segment": segment}
    row = connection.execute(_FIND, asked).first()
    return None if row is None else place(row)


def place(row: Sequence[Any]) -> Place:
    """The place in a row that begins with the columns of `RUN` and `SEGMENT`."""
    cut = len(RUN)
    found = row[cut : cut + len(SEGMENT)]
    return Place(Run(*row[:cut]), None if found[0] is None else Segment(*found))


def move(connection: Connection, run: Run, segment: Segment, values: dict[str, Any]) -> None:
    """Write where the run and its segment have come to; `values` are further columns of the run."""
    moved = {
        "moved": run.id,
        "events": run.events,
        "head": run.head,
        "principal": run.principal,
        "seals": run.seals,
        "last_seen": run.last_seen,
    }
    connection.execute(_MOVE_RUN, moved | values)
    came_to = {
        "moved": segment.id,
        "number": segment.number,
        "offset": segment.offset,
        "last_digest": segment.last_digest,
        "ended": segment.ended,
    }
    connection.execute(_MOVE_SEGMENT, came_to)
