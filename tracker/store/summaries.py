"""Summaries as rows: a `Summary`, and beside it the first value, for each run and metric."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, RowMapping, Table, select

from tracker.record import Summary
from tracker.store.checks import Stretch
from tracker.store.series import merge
from tracker.store.sql import insert_new, portions
from tracker.store.tables import as_stored
from tracker.store.tables import runs as t


class Held(msgspec.Struct, frozen=True):
    """What is held of one metric of one run."""

    summary: Summary
    first_step: int
    first: float

    def row(self) -> dict[str, Any]:
        """As columns: NaN has no place in a database and is NULL there."""
        columns = {**msgspec.structs.asdict(self.summary), "first_step": self.first_step, "first": self.first}
        return {name: None if value != value else value for name, value in columns.items()}


def held(row: RowMapping) -> Held:
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


def read_held(connection: Connection, run: int, metric_ids: Sequence[int]) -> dict[int, Held]:
    """What is held of these metrics of a run, by the metric's number."""
    found: dict[int, Held] = {}
    for some in portions(metric_ids):
        query = select(t.summaries).where(t.summaries.c.run == run, t.summaries.c.metric_id.in_(some))
        for row in connection.execute(query).mappings():
            found[row["metric_id"]] = held(row)
    return found


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
        query = select(table.c.name, table.c.id).where(table.c.project_id == project_id, table.c.name.in_(some))
        found.update(connection.execute(query).all())
    return found
