"""Histories: a metric's points from the chunks they came in, and, where those are many and small, from pieces.

A piece holds what several chunks hold. It is written when somebody reads a history that lies in many chunks,
and only if no writer has to be waited for; a reader that finds no pieces finds the same points in the chunks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import BindParameter, Connection, bindparam, delete, func, select
from sqlalchemy.exc import SQLAlchemyError

from tracker.errors import RunciteError
from tracker.store.database import Database
from tracker.store.planes import QUICK
from tracker.store.series import MAX_POINTS, Points, decode, encode, joined, ordered
from tracker.store.sql import portions
from tracker.store.tables import runs as t

MANY = 32
"""So many chunks behind the last piece are worth putting together,"""
SMALL = 1 << 13
"""if they have fewer points than this on average."""
PIECE = 1 << 17
"""Points of a piece that grows no further."""

_RUNS: BindParameter[Any] = bindparam("runs", expanding=True)
_p, _c = t.pieces.c, t.chunks.c
_THEIRS = select(t.runs.c.project_id).where(t.runs.c.id.in_(_RUNS))
_IDS = select(t.metrics.c.id).where(t.metrics.c.project_id.in_(_THEIRS), t.metrics.c.name == bindparam("metric"))
_PIECES = (
    select(_p.run, _p.metric_id, _p.last_seq, _p.data)
    .where(_p.run.in_(_RUNS), _p.metric_id.in_(_IDS))
    .order_by(_p.run, _p.after_seq)
)
_LAST = (
    select(func.coalesce(func.max(_p.last_seq), 0))
    .where(_p.run == _c.run, _p.metric_id == _c.metric_id)
    .correlate(t.chunks)
    .scalar_subquery()
)
_CHUNKS = (
    select(_c.run, _c.metric_id, _c.seq, _c.data)
    .where(_c.run.in_(_RUNS), _c.metric_id.in_(_IDS), _c.seq > bindparam("after"), _c.seq > _LAST)
    .order_by(_c.run, _c.seq)
)


@dataclass
class History:
    """One metric of one run as it lies in the database: pieces and, behind them, loose chunks.

    Each comes with the place in the run's chain where it ends; a piece comes after where the one before ends.
    """

    run: int
    metric_id: int
    pieces: list[tuple[int, Points]] = field(default_factory=list)
    chunks: list[tuple[int, Points]] = field(default_factory=list)

    def points(self) -> Points:
        """All of it, by step."""
        return ordered(joined(points for _, points in self.pieces + self.chunks))


def read_histories(connection: Connection, runs: Sequence[int], metric: str) -> dict[int, History]:
    """One metric of those of the runs that have logged it."""
    found: dict[int, History] = {}
    for some in portions(runs):
        asked = {"runs": some, "metric": metric}
        for run, metric_id, last, data in connection.execute(_PIECES, asked):
            found.setdefault(run, History(run, metric_id)).pieces.append((last, decode(data)))
        ends = [found[run].pieces[-1][0] if run in found else 0 for run in some]
        for run, metric_id, seq, data in connection.execute(_CHUNKS, {**asked, "after": min(ends)}):
            found.setdefault(run, History(run, metric_id)).chunks.append((seq, decode(data)))
    return found


def stretches(connection: Connection, run: int, project_id: int, metric: str) -> Iterator[Points]:
    """One metric of a run as it came, one chunk after the other; one is held at a time."""
    mine = select(t.metrics.c.id).where(t.metrics.c.project_id == project_id, t.metrics.c.name == metric)
    metric_id, last = connection.scalar(mine), 0
    query = select(_c.seq, _c.data).where(_c.run == run, _c.metric_id == metric_id).order_by(_c.seq).limit(1)
    while metric_id is not None and (row := connection.execute(query.where(_c.seq > last)).first()) is not None:
        yield decode(row.data)
        last = row.seq


def put_together(db: Database, history: History) -> bool:
    """Write a history's loose chunks, and the last pieces if they are small, as pieces; whether that was done.

    It is left where it is not worth it, where somebody else writes, or was quicker, or writing is not allowed.
    """
    loose = history.chunks
    if len(loose) < MANY or sum(len(points) for _, points in loose) >= SMALL * len(loose):
        return False
    kept = history.pieces.copy()
    grown = [kept.pop()] if kept and len(kept[-1][1]) < PIECE // 2 else []
    after = kept[-1][0] if kept else 0
    rows = []
    for last, points in _grouped(grown + loose):
        row = {"run": history.run, "metric_id": history.metric_id, "after_seq": after, "last_seq": last}
        rows.append({**row, "count": len(points), "data": encode(points, QUICK)})
        after = last
    p = t.pieces.c
    behind = (p.run == history.run) & (p.metric_id == history.metric_id) & (p.after_seq >= rows[0]["after_seq"])
    known = behind & (p.last_seq <= (grown[0][0] if grown else 0))
    try:
        with db.try_write() as connection:
            if connection is None:
                return False
            connection.execute(delete(t.pieces).where(known))
            connection.execute(t.pieces.insert(), rows)  # refused where somebody else's piece begins at the same place
    except (RunciteError, SQLAlchemyError):
        return False
    return True


def _grouped(stretches: Sequence[tuple[int, Points]]) -> Iterator[tuple[int, Points]]:
    """Neighbours together, up to the size of a piece, each group with the place where it ends."""
    group: list[Points] = []
    size = end = 0
    for last, points in stretches:
        if group and (size >= PIECE or size + len(points) > MAX_POINTS):
            yield end, joined(group)
            group, size = [], 0
        group.append(points)
        size += len(points)
        end = last
    yield end, joined(group)
