"""Summaries as rows: a `Summary`, and beside it the first value, for each run and metric."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import BindParameter, Connection, Select, Table, and_, bindparam, select

from tracker.record import Summary
from tracker.store.checks import Stretch
from tracker.store.series import merge
from tracker.store.sql import insert_new, portions, upsert
from tracker.store.tables import as_stored
from tracker.store.tables import runs as t

_NAMES = (
    *("count", "nonfinite", "last", "last_step", "last_time", "min", "min_step", "max", "max_step"),
    *("first_step", "first"),
)
_m, _s = t.metrics.c, t.summaries.c
COLUMNS = [_s[name] for name in _NAMES]
NAMED: BindParameter[Any] = bindparam("names", expanding=True)
_SERIES = (
    select(_m.name, _m.id, *COLUMNS)
    .outerjoin(t.summaries, and_(_s.metric_id == _m.id, _s.run == bindparam("run")))
    .where(_m.project_id == bindparam("project"), _m.name.in_(NAMED))
)


class Held(msgspec.Struct, frozen=True):
    """What is held of one metric of one run."""

    summary: Summary
    first_step: int
    first: float

    def row(self) -> dict[str, Any]:
        """As columns: NaN has no place in a database and is NULL there."""
        columns = {**msgspec.structs.asdict(self.summary), "first_step": self.first_step, "first": self.first}
        return {name: None if value != value else value for name, value in columns.items()}


def held(row: Mapping[Any, Any]) -> Held:
    """The other way round: NULL where a value must be is NaN."""
    last, first = (math.nan if row[name] is None else float(row[name]) for name in ("last", "first"))
    summary = Summary(
        count=row["count"],
        nonfinite=row["nonfinite"],
        last=last,
        last_step=row["last_step"],
        last_time=row["last_time"],
        min=row["min"],
        min_step=row["min_step"],
        max=row["max"],
        max_step=row["max_step"],
    )
    return Held(summary, row["first_step"], first)


def grown(before: Held | None, stretch: Stretch) -> Held:
    """What is held once a further stretch has come."""
    if before is None:
        return Held(stretch.summary, stretch.first_step, stretch.first)
    earlier = before.first_step <= stretch.first_step
    return Held(
        merge(before.summary, stretch.summary),
        before.first_step if earlier else stretch.first_step,
        before.first if earlier else stretch.first,
    )


@dataclass
class Known:
    """A metric's number in its project, and what is held of it in one run."""

    id: int
    held: Held | None

    def grow(self, stretch: Stretch) -> None:
        """A further stretch has come."""
        self.held = grown(self.held, stretch)


Series = dict[str, Known]
"""Metrics of one run by name, as far as somebody has looked."""


def read_series(connection: Connection, run: int, project_id: int, names: Sequence[str], series: Series) -> None:
    """See to it that `series` has all of these metrics; the project's new ones get a number."""
    wanted = sorted({as_stored(name) for name in names if name not in series})
    if not wanted:
        return
    found = _known(connection, run, project_id, wanted)
    missing = [name for name in wanted if name not in found]
    if missing:
        insert_new(connection, t.metrics, [{"project_id": project_id, "name": name} for name in missing])
        found |= _known(connection, run, project_id, missing)
    for name in names:
        if name not in series:
            series[name] = found[as_stored(name)]


def _known(connection: Connection, run: int, project_id: int, names: Sequence[str]) -> Series:
    found: Series = {}
    for some in portions(names):
        for row in connection.execute(_SERIES, {"run": run, "project": project_id, "names": some}):
            found[row[0]] = known(row[1:])
    return found


def known(columns: Sequence[Any]) -> Known:
    """A metric from its number and, behind that, `COLUMNS`: those are NULL where the run has not logged it."""
    return Known(columns[0], None if columns[1] is None else held(dict(zip(_NAMES, columns[1:], strict=True))))


def keep_summaries(connection: Connection, run: int, series: Series) -> None:
    """Write what is held of these metrics."""
    by_id = {known.id: known.held.row() for known in series.values() if known.held is not None}
    rows = [{"run": run, "metric_id": id, **by_id[id]} for id in sorted(by_id)]
    upsert(connection, t.summaries, ("run", "metric_id"), rows)


def numbered(connection: Connection, table: Table, project_id: int, names: Sequence[str]) -> dict[str, int]:
    """The numbers of a project's metrics (or keys) by name; new names get one."""
    wanted = sorted({as_stored(name) for name in names})
    found = _find(connection, table, project_id, wanted)
    missing = [{"project_id": project_id, "name": name} for name in wanted if name not in found]
    if missing:
        insert_new(connection, table, missing)
        found |= _find(connection, table, project_id, [row["name"] for row in missing])
    return {name: found[as_stored(name)] for name in names}


def _find(connection: Connection, table: Table, project_id: int, names: Sequence[Any]) -> dict[str, int]:
    found: dict[str, int] = {}
    for some in portions(names):
        found.update(connection.execute(_numbers(table), {"project": project_id, "names": some}).all())
    return found


@cache
def _numbers(table: Table) -> Select[Any]:
    return select(table.c.name, table.c.id).where(table.c.project_id == bindparam("project"), table.c.name.in_(NAMED))
