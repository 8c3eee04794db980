"""A metric's latest point as MLflow defines it: the highest step, then the latest time, then the greatest value.

The summary's last point is the one written last at the highest step, which is nearly always the same one. Where it
is not, `mlflow_latest` holds MLflow's.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import and_, bindparam, delete, select

from tracker.store.mlflow.pen import Pen
from tracker.store.mlflow.rows import Point
from tracker.store.mlflow.values import rank
from tracker.store.sql import portions, upsert
from tracker.store.summaries import COLUMNS, NAMED, known
from tracker.store.tables import as_stored
from tracker.store.tables import mlflow as t
from tracker.store.tables import runs as r

_l, _s, _m = t.latest.c, r.summaries.c, r.metrics.c
_HELD = (
    select(_m.name, _l.value, _l.step, _l.time, _m.id, *COLUMNS)
    .outerjoin(r.summaries, and_(_s.metric_id == _m.id, _s.run == bindparam("run")))
    .outerjoin(t.latest, and_(_l.run == bindparam("run"), _l.metric_id == _m.id))
    .where(_m.project_id == bindparam("project"), _m.name.in_(NAMED))
)


@dataclass(frozen=True)
class Latest:
    """MLflow's latest point of a metric, the summary's, and whether the two differ."""

    point: Point
    written: Point
    apart: bool

    def is_it(self, point: Point) -> bool:
        """Whether the point is held already: the same place, time and value."""
        return any(_same(point, held) for held in (self.point, self.written))


def _same(a: Point, b: Point) -> bool:
    equal = a.value == b.value or (math.isnan(a.value) and math.isnan(b.value))
    return equal and (a.step, a.time) == (b.step, b.time)


def read_latest(pen: Pen, keys: Iterable[str]) -> dict[str, Latest]:
    """What is held of these metrics of a run. The pen knows them then."""
    found: dict[str, Latest] = {}
    for some in portions(sorted({as_stored(key) for key in keys})):
        asked = {"run": pen.run, "project": pen.project_id, "names": some}
        for name, value, step, time, *columns in pen.connection.execute(_HELD, asked):
            metric = pen.series[name] = known(columns)
            if metric.held is None:
                continue
            last = metric.held.summary
            written = Point(name, last.last, last.last_step, last.last_time)
            apart = step is not None
            found[name] = Latest(Point(name, _real(value), step, time) if apart else written, written, apart)
    return found


def note_latest(pen: Pen, held: Mapping[str, Latest], points: Sequence[Point]) -> None:
    """Points were written behind what was held: keep MLflow's latest where it is not the one the summary has now."""
    apart: dict[str, Point] = {}
    together: list[str] = []
    for key in dict.fromkeys(point.key for point in points):
        mine = [point for point in points if point.key == key]
        before = held.get(key)
        written, best = before.written if before else mine[0], before.point if before else mine[0]
        for point in mine:
            written = point if point.step >= written.step else written
            best = max(best, point, key=rank)
        if rank(best) != rank(written) or not _same(best, written):
            apart[key] = best
        elif before is not None and before.apart:
            together.append(key)
    if not apart and not together:
        return
    rows = [
        {"run": pen.run, "metric_id": pen.series[key].id, "step": point.step, "time": point.time}
        | {"value": None if math.isnan(point.value) else point.value}
        for key, point in apart.items()
    ]
    upsert(pen.connection, t.latest, ("run", "metric_id"), rows)
    gone = [pen.series[key].id for key in together]
    if gone:
        pen.connection.execute(delete(t.latest).where(_l.run == pen.run, _l.metric_id.in_(gone)))


def _real(value: float | None) -> float:
    return math.nan if value is None else float(value)
