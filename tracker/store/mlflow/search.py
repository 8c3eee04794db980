"""Runs as MLflow's clients look for them and get them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Select,
    Text,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal,
    or_,
    select,
)

from tracker.store import records
from tracker.store.mlflow.compare import Page, holds, keyed
from tracker.store.mlflow.language import RUNS, Clause, Order, parse_filter, parse_order
from tracker.store.mlflow.pen import no_run
from tracker.store.mlflow.rows import Input, Lineage, Point, RunRow, View
from tracker.store.sql import portions
from tracker.store.tables import mlflow as t
from tracker.store.tables import people
from tracker.store.tables import runs as r

_r, _m, _e = r.runs.c, t.runs.c, t.experiments.c
_STATUS = func.coalesce(
    _m.status, case((_r.state == "finished", "FINISHED"), (_r.state == "failed", "FAILED"), else_="RUNNING")
)
_NAME = func.coalesce(_m.name, _r.name, "")
_USER = func.coalesce(_m.user_id, people.members.c.handle, "")
_ENDED = func.coalesce(_m.ended_at, _r.ended_at)
_ROOT = func.coalesce(_e.location, literal("mlflow-artifacts:/") + cast(_e.id, Text))
_COLUMNS: dict[str, ColumnElement[Any]] = {
    "run_id": _r.run_id,
    "run_name": _NAME,
    "status": _STATUS,
    "user_id": _USER,
    "artifact_uri": _ROOT + "/" + _r.run_id + "/artifacts",
    "start_time": _r.started_at // 1000,
    "end_time": _ENDED // 1000,
}
_IDS: BindParameter[Any] = bindparam("ids", expanding=True)


def _joined(query: Select[Any]) -> Select[Any]:
    return (
        query.select_from(r.runs)
        .join(r.projects, r.projects.c.id == _r.project_id)
        .join(t.experiments, _e.project == r.projects.c.name)
        .outerjoin(t.runs, _m.run == _r.id)
        .outerjoin(people.members, people.members.c.id == _r.member_id)
    )


_HEADS = _joined(
    select(
        *(_r.id, _r.run_id, _e.id.label("experiment"), _e.location, _NAME.label("name"), _USER.label("user_id")),
        *(_STATUS.label("status"), _r.started_at, _ENDED.label("ended_at"), _m.deleted_at, r.details.c.config),
    )
).join(r.details, r.details.c.run == _r.id)
_METRICS = (
    select(
        *(r.summaries.c.run, r.metrics.c.name, r.summaries.c.last, r.summaries.c.last_step, r.summaries.c.last_time),
        *(t.latest.c.value, t.latest.c.step, t.latest.c.time),
    )
    .join(r.metrics, r.metrics.c.id == r.summaries.c.metric_id)
    .outerjoin(t.latest, and_(t.latest.c.run == r.summaries.c.run, t.latest.c.metric_id == r.summaries.c.metric_id))
    .where(r.summaries.c.run.in_(_IDS))
    .order_by(r.metrics.c.name)
)
_PARAMS = select(t.params.c.run, t.params.c.key, t.params.c.value).where(t.params.c.run.in_(_IDS))
_TAGS = select(t.tags.c.run, t.tags.c.key, t.tags.c.value).where(t.tags.c.run.in_(_IDS)).order_by(t.tags.c.key)
_i, _w = t.inputs.c, t.lineage.c
_INPUTS = (
    select(_i.run, _i.name, _i.digest, _i.source_type, _i.source, _i.schema, _i.profile, _i.tags)
    .where(_i.run.in_(_IDS))
    .order_by(_i.id)
)
_LINEAGE = select(t.lineage).where(_w.run.in_(_IDS)).order_by(_w.step, _w.model)


def get(connection: Connection, run_id: str) -> RunRow:
    """The run.

    Raises:
        NotFound: there is none.
    """
    id = connection.scalar(select(_r.id).where(_r.run_id == run_id))
    found = read(connection, [id]) if id is not None else ()
    if not found:
        raise no_run(run_id)
    return found[0]


def search(
    connection: Connection,
    experiments: Sequence[int],
    text: str | None,
    order_by: Sequence[str],
    view: View,
    page: Page,
    among: ColumnElement[bool] | None = None,
) -> tuple[tuple[RunRow, ...], str | None]:
    """Runs of these experiments, `among` those that may be looked at, that fit the filter; and the next page's token.

    Raises:
        InvalidQuery: a filter or order that cannot be.
    """
    query = _joined(select(_r.id)).where(_e.id.in_(list(experiments)))
    if among is not None:
        query = query.where(among)
    for clause in parse_filter(text, RUNS):
        query = query.where(_fits(connection, clause))
    if view != "ALL":
        query = query.where(_m.deleted_at.is_(None) if view == "ACTIVE_ONLY" else _m.deleted_at.is_not(None))
    for order in parse_order(order_by, RUNS):
        query = _ordered(query, order)
    query = query.order_by(_r.started_at.desc(), _r.run_id)
    ids = connection.scalars(query.limit(page.limit + 1).offset(page.offset)).all()
    return read(connection, ids[: page.limit]), page.next_token(len(ids))


def _latest(key: str) -> tuple[Select[Any], ColumnElement[Any]]:
    """The rows of a metric of the run, and its latest value."""
    s, apart, m = r.summaries.alias(), t.latest.alias(), r.metrics.alias()
    value = case((apart.c.run.is_not(None), apart.c.value), else_=s.c.last)
    rows = (
        select(value.label("value"))
        .select_from(s)
        .join(m, and_(m.c.id == s.c.metric_id, m.c.name == key))
        .outerjoin(apart, and_(apart.c.run == s.c.run, apart.c.metric_id == s.c.metric_id))
        .where(s.c.run == _r.id)
        .correlate(r.runs)
    )
    return rows, value


def _fits(connection: Connection, clause: Clause) -> ColumnElement[bool]:
    if clause.kind == "attribute":
        return holds(connection, _COLUMNS[clause.key], clause)
    if clause.kind == "metric":
        rows, value = _latest(clause.key)
        return keyed(connection, rows, value, clause)
    if clause.kind == "dataset":
        column: ColumnElement[Any] = {"name": _i.name, "digest": _i.digest, "context": _i.context}[clause.key]
        return keyed(connection, select(_i.id).where(_i.run == _r.id), column, clause)
    table = t.params if clause.kind == "param" else t.tags
    rows = select(table.c.key).where(table.c.run == _r.id, table.c.key == clause.key)
    fits = keyed(connection, rows, table.c.value, clause)
    if clause.kind == "param" and isinstance(clause.value, str):
        # A run that was recorded by Runcite itself has its parameters in its config alone.
        v, k = r.config_values.c, r.keys.c
        own = (
            select(v.run)
            .join(r.keys, k.id == v.key_id)
            .where(v.run == _r.id, k.name == clause.key, holds(connection, v.text, clause))
        )
        fits = or_(fits, and_(~rows.exists(), own.exists()))
    return fits


def _ordered(query: Select[Any], order: Order) -> Select[Any]:
    """The query in that order: values first, then NaN, then what has none."""
    if order.kind == "attribute":
        column = _COLUMNS[order.key]
        missing: ColumnElement[Any] = case((column.is_(None), 1), else_=0)
    elif order.kind == "metric":
        rows, _ = _latest(order.key)
        column = rows.scalar_subquery()
        missing = case((~rows.exists(), 2), (column.is_(None), 1), else_=0)
    else:
        table = t.params if order.kind == "param" else t.tags
        column = select(table.c.value).where(table.c.run == _r.id, table.c.key == order.key).scalar_subquery()
        missing = case((column.is_(None), 1), else_=0)
    return query.order_by(missing, column.desc() if order.descending else column.asc())


def read(connection: Connection, ids: Sequence[int]) -> tuple[RunRow, ...]:
    """These runs (by `runs.id`), in this order."""
    found: dict[int, RunRow] = {}
    for some in portions(ids):
        found |= _some(connection, some)
    return tuple(found[id] for id in ids if id in found)


def _some(connection: Connection, ids: Sequence[int]) -> dict[int, RunRow]:
    asked = {"ids": ids}
    metrics: dict[int, list[Point]] = {id: [] for id in ids}
    params: dict[int, dict[str, str]] = {id: {} for id in ids}
    tags: dict[int, list[tuple[str, str]]] = {id: [] for id in ids}
    inputs: dict[int, list[Input]] = {id: [] for id in ids}
    lineage: dict[tuple[int, bool], list[Lineage]] = {}
    for run, name, last, last_step, last_time, value, step, time in connection.execute(_METRICS, asked):
        held = (value, step, time) if step is not None else (last, last_step, last_time)
        metrics[run].append(Point(name, math.nan if held[0] is None else held[0], held[1], held[2]))
    for run, key, text in connection.execute(_PARAMS, asked):
        params[run][key] = text
    for run, key, text in connection.execute(_TAGS, asked):
        tags[run].append((key, text))
    for run, name, digest, kind, source, schema, profile, more in connection.execute(_INPUTS, asked):
        words = msgspec.json.decode(more, type=dict[str, str])
        inputs[run].append(Input(name, digest, kind, source, schema, profile, words))
    for row in connection.execute(_LINEAGE, asked):
        lineage.setdefault((row.run, row.output), []).append(Lineage(row.model, row.step))
    return {
        row.id: RunRow(
            *(row.run_id, row.experiment, row.location, row.name, row.user_id, row.status, row.started_at),
            ended_at=row.ended_at,
            deleted=row.deleted_at is not None,
            metrics=tuple(metrics[row.id]),
            params=tuple(sorted({**_told(row.config), **params[row.id]}.items())),
            tags=tuple(tags[row.id]),
            inputs=tuple(inputs[row.id]),
            made=tuple(lineage.get((row.id, True), ())),
            used=tuple(lineage.get((row.id, False), ())),
        )
        for row in connection.execute(_HEADS.where(_r.id.in_(_IDS)), asked)
    }


def _told(config: bytes) -> dict[str, str]:
    """A config as MLflow's params."""
    return {key: str(value) for key, value in records.CONFIG.decode(config).items()}
