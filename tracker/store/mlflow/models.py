"""Logged models: what a run made, with files, params, tags and metrics of its own."""

from __future__ import annotations

import math
from collections.abc import Sequence
from random import Random
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, func, or_, select, update

from tracker.errors import NotFound, UsageError
from tracker.ids import clip
from tracker.store.mlflow import experiments
from tracker.store.mlflow.compare import Page, holds, keyed
from tracker.store.mlflow.language import MODELS, Clause, parse_filter, parse_order
from tracker.store.mlflow.names import made_up
from tracker.store.mlflow.rows import Model, Point
from tracker.store.sql import portions, upsert
from tracker.store.tables import mlflow as t

PENDING, READY, FAILED = "LOGGED_MODEL_PENDING", "LOGGED_MODEL_READY", "LOGGED_MODEL_UPLOAD_FAILED"
_FORBIDDEN = ("/", ":", ".", "%", '"', "'")
_m, _w, _x = t.models.c, t.model_words.c, t.model_metrics.c
_COLUMNS: dict[str, ColumnElement[Any]] = {
    "name": _m.name,
    "model_id": _m.id,
    "model_type": _m.type,
    "status": func.replace(_m.status, "LOGGED_MODEL_", ""),
    "source_run_id": _m.run_id,
    "experiment_id": _m.experiment,
    **dict.fromkeys(("creation_timestamp", "creation_time"), _m.created_at // 1000),
    **dict.fromkeys(("last_updated_timestamp", "last_updated_time"), _m.updated_at // 1000),
}
Words = Sequence[tuple[str, str]]


def create(
    connection: Connection,
    experiment: int,
    name: str,
    run_id: str | None,
    type: str | None,
    params: Words,
    tags: Words,
    *,
    by: str,
    rng: Random,
    now: int,
) -> Model:
    """A new model, whose files are still to come.

    Raises:
        NotFound: no such experiment.
        UsageError: the experiment is deleted, or the name cannot be.
    """
    if experiments.get(connection, experiment).deleted_at is not None:
        raise UsageError(f"The experiment {experiment} must be in 'active' state.", remedy="Restore it first.")
    if any(sign in name for sign in _FORBIDDEN) or len(name) > 500:
        raise UsageError(
            f"Invalid model name: {clip(name)!r}.", remedy=f"Leave out the characters {' '.join(_FORBIDDEN)}"
        )
    id = f"m-{rng.getrandbits(128):032x}"
    row = {"id": id, "experiment": experiment, "name": name or made_up(rng), "run_id": run_id or None}
    row |= {"type": type or None, "status": PENDING, "created_at": now, "updated_at": now, "created_by": by}
    connection.execute(t.models.insert(), row)
    add_words(connection, id, "param", params)
    add_words(connection, id, "tag", tags)
    return get(connection, id)


def get(connection: Connection, id: str) -> Model:
    """The model.

    Raises:
        NotFound: there is none, or it was deleted.
    """
    found = _read(connection, [id])
    if not found:
        raise NotFound(
            f"Logged model with ID {clip(id)!r} not found.", remedy="mlflow.search_logged_models() lists them."
        )
    return found[0]


def finish(connection: Connection, id: str, status: str, *, now: int) -> Model:
    """The model's files are there, or did not come. Raises as `get`."""
    if status not in {PENDING, READY, FAILED}:
        raise UsageError(f"{clip(status)!r} is no status of a model.", remedy=f"Use {READY}.")
    get(connection, id)
    connection.execute(update(t.models).where(_m.id == id).values(status=status, updated_at=now))
    return get(connection, id)


def delete(connection: Connection, id: str, *, now: int) -> None:
    """Hide a model for good. Raises as `get`."""
    get(connection, id)
    connection.execute(update(t.models).where(_m.id == id).values(deleted_at=now))


def add_words(connection: Connection, id: str, kind: str, words: Words) -> None:
    """Set params or tags."""
    rows = [{"model": id, "kind": kind, "key": key, "value": value} for key, value in words]
    upsert(connection, t.model_words, ("model", "kind", "key"), rows)


def delete_tag(connection: Connection, id: str, key: str) -> None:
    """Remove a tag. Raises NotFound where it is not set."""
    get(connection, id)
    mine = and_(_w.model == id, _w.kind == "tag", _w.key == key)
    if not connection.execute(t.model_words.delete().where(mine)).rowcount:
        raise NotFound(f"The model {id} has no tag {clip(key)!r}.", remedy="Look at its tags.")


class Ordering:
    """One thing to order models by; a metric may be that of one data set alone."""

    def __init__(self, field: str, ascending: bool, dataset: str | None, digest: str | None) -> None:
        self.field = field
        self.ascending = ascending
        self.dataset = dataset
        self.digest = digest


def search(
    connection: Connection,
    wanted: Sequence[int],
    text: str | None,
    order_by: Sequence[Ordering],
    datasets: Sequence[tuple[str, str | None]],
    page: Page,
) -> tuple[tuple[Model, ...], str | None]:
    """Models of these experiments that fit the filter, the newest first or as is asked, and the next page's token.

    `datasets` are those that the filter's metrics, or else any metric, must be about: name, and digest where one is
    given.
    """
    query = select(_m.id).where(_m.experiment.in_(list(wanted)), _m.deleted_at.is_(None))
    clauses = parse_filter(text, MODELS)
    for clause in clauses:
        query = query.where(_fits(connection, clause, datasets))
    if datasets and not any(clause.kind == "metric" for clause in clauses):
        query = query.where(select(_x.id).where(_x.model == _m.id, *_about(datasets)).exists())
    for order in order_by:
        (parsed,) = parse_order([order.field], MODELS)
        if parsed.kind == "metric":
            about = [(order.dataset, order.digest)] if order.dataset else []
            column: ColumnElement[Any] = _newest(parsed.key, about)
        else:
            column = _COLUMNS[parsed.key]
        query = query.order_by(case((column.is_(None), 1), else_=0), column.asc() if order.ascending else column.desc())
    query = query.order_by(_m.created_at.desc(), _m.id.desc())
    ids = connection.scalars(query.limit(page.limit + 1).offset(page.offset)).all()
    return _read(connection, ids[: page.limit]), page.next_token(len(ids))


def _about(datasets: Sequence[tuple[str, str | None]]) -> list[ColumnElement[bool]]:
    if not datasets:
        return []
    each = [
        and_(_x.dataset_name == name, *([_x.dataset_digest == digest] if digest else [])) for name, digest in datasets
    ]
    return [or_(*each)]


def _newest(key: str, datasets: Sequence[tuple[str, str | None]]) -> ColumnElement[Any]:
    rows = select(_x.value).where(_x.model == _m.id, _x.key == key, *_about(datasets))
    return rows.order_by(_x.step.desc(), _x.time.desc()).limit(1).correlate(t.models).scalar_subquery()


def _fits(connection: Connection, clause: Clause, datasets: Sequence[tuple[str, str | None]]) -> ColumnElement[bool]:
    if clause.kind == "attribute":
        return holds(connection, _COLUMNS[clause.key], clause)
    if clause.kind == "metric":
        rows = select(_x.id).where(_x.model == _m.id, _x.key == clause.key, *_about(datasets))
        return keyed(connection, rows, _x.value, clause)
    rows = select(_w.key).where(_w.model == _m.id, _w.kind == clause.kind, _w.key == clause.key)
    return keyed(connection, rows, _w.value, clause)


def _read(connection: Connection, ids: Sequence[str]) -> tuple[Model, ...]:
    """These models, in this order; deleted ones are left out."""
    words: dict[tuple[str, str], list[tuple[str, str]]] = {}
    metrics: dict[str, dict[tuple[Any, ...], Point]] = {}
    heads: dict[str, Any] = {}
    for some in portions(ids):
        for row in connection.execute(select(t.model_words).where(_w.model.in_(some)).order_by(_w.key)):
            words.setdefault((row.model, row.kind), []).append((row.key, row.value))
        for row in connection.execute(
            select(t.model_metrics).where(_x.model.in_(some)).order_by(_x.step, _x.time, _x.id)
        ):
            value = math.nan if row.value is None else row.value
            point = Point(
                row.key, value, row.step, row.time, row.model, row.dataset_name, row.dataset_digest, row.run_id
            )
            place = (row.key, row.step, row.time, row.dataset_name, row.dataset_digest, row.run_id)
            metrics.setdefault(row.model, {})[place] = point
        query = select(t.models, t.experiments.c.location).join(t.experiments, t.experiments.c.id == _m.experiment)
        for head in connection.execute(query.where(_m.id.in_(some), _m.deleted_at.is_(None))).mappings():
            heads[head["id"]] = {key: head[key] for key in head if key != "deleted_at"}
    return tuple(
        Model(
            **heads[id],
            params=tuple(words.get((id, "param"), ())),
            tags=tuple(words.get((id, "tag"), ())),
            metrics=tuple(metrics.get(id, {}).values()),
        )
        for id in ids
        if id in heads
    )
