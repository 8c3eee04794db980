"""Calls about runs."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import numpy as np
from sqlalchemy import Connection

from tracker.errors import NotFound
from tracker.server.mlflow import shapes
from tracker.server.mlflow.asking import Ask
from tracker.server.mlflow.shapes import EMPTY, Empty
from tracker.store import queries
from tracker.store.mlflow import execs, rows, search
from tracker.store.mlflow import runs as store
from tracker.store.mlflow.compare import Page
from tracker.store.mlflow.pen import Pen, pick_up
from tracker.store.mlflow.rows import Point

MOST_RUNS = 50_000
MOST_POINTS = 25_000


class OneRun(msgspec.Struct, frozen=True):
    run: shapes.RunOut


class Info(msgspec.Struct, frozen=True):
    run_info: shapes.RunInfo


class Runs(msgspec.Struct, frozen=True):
    runs: tuple[shapes.RunOut, ...]
    next_page_token: str | msgspec.UnsetType = msgspec.UNSET


class History(msgspec.Struct, frozen=True):
    metrics: tuple[shapes.MetricOut, ...]
    next_page_token: str | msgspec.UnsetType = msgspec.UNSET


def create(ask: Ask) -> OneRun:
    """Register a run."""
    asked = ask.parsed(shapes.RunCreate)
    started_at = asked.start_time * 1000 if asked.start_time is not None and asked.start_time >= 0 else ask.now

    tags = dict(shapes.pairs(asked.tags))
    nonce = ask.nonce or tags.get(rows.EXEC)
    if nonce:
        tags[rows.EXEC] = nonce

    def write(connection: Connection) -> shapes.RunOut:
        snapshot = execs.snapshot_of(connection, nonce, ask.author) if nonce else None
        begun = store.Beginning(
            experiment=ask.experiment(connection, str(asked.experiment_id)),
            name=asked.run_name,
            user_id=asked.user_id,
            started_at=started_at,
            tags=tuple(tags.items()),
            client=ask.client,
            nonce=nonce if snapshot else None,
            snapshot=snapshot,
        )
        run_id = store.create(connection, begun, ask.author, ask.desk.rng, ask.now)
        return shapes.run(search.get(connection, run_id))

    if str(asked.experiment_id) == "0":
        ask.with_experiments()
    return OneRun(ask.write(write))


def get(ask: Ask) -> OneRun:
    """A run, with everything that hangs on it."""
    return OneRun(shapes.run(ask.run(ask.parsed(shapes.Named).id)))


def _within(ask: Ask, run_id: str, step: Callable[[Pen], None]) -> None:
    """One step of writing a run that is there and not deleted."""
    ask.write(lambda connection: step(pick_up(connection, run_id, ask.author, ask.now)))


def update(ask: Ask) -> Info:
    """Another status, end or name."""
    asked = ask.parsed(shapes.RunUpdate)
    ended_at = None if asked.end_time is None else max(0, asked.end_time) * 1000
    ask.run(asked.id)

    def write(connection: Connection) -> shapes.RunInfo:
        pen = pick_up(connection, asked.id, ask.author, ask.now)
        store.update_run(pen, asked.moved, ended_at, asked.run_name or None)
        return shapes.run_info(search.get(connection, asked.id))

    return Info(ask.write(write))


def log_batch(ask: Ask) -> Empty:
    """Metrics, params and tags, all or nothing."""
    asked = ask.parsed(shapes.LogBatch)
    points = shapes.points(asked.metrics)
    params, tags = shapes.pairs(asked.params), shapes.pairs(asked.tags)
    _within(ask, asked.id, lambda pen: store.write(pen, points, params, tags))
    return EMPTY


def log_metric(ask: Ask) -> Empty:
    """One point of one metric."""
    asked = ask.parsed(shapes.LogMetric)
    points = shapes.points([asked.metric])
    _within(ask, asked.id, lambda pen: store.write(pen, points))
    return EMPTY


def log_parameter(ask: Ask) -> Empty:
    """One param."""
    asked = ask.parsed(shapes.LogPair)
    params = shapes.pairs([shapes.Pair(asked.key, asked.value)])
    _within(ask, asked.id, lambda pen: store.write(pen, params=params))
    return EMPTY


def set_tag(ask: Ask) -> Empty:
    """One tag."""
    asked = ask.parsed(shapes.LogPair)
    tags = shapes.pairs([shapes.Pair(asked.key, asked.value)])
    _within(ask, asked.id, lambda pen: store.write(pen, tags=tags))
    return EMPTY


def delete_tag(ask: Ask) -> Empty:
    """Remove a tag."""
    asked = ask.parsed(shapes.Keyed)
    _within(ask, asked.id, lambda pen: store.delete_tag(pen, asked.key))
    return EMPTY


def delete(ask: Ask) -> Empty:
    """Hide a run from MLflow's clients; its record stays."""
    id = ask.parsed(shapes.Named).id
    ask.write(lambda connection: store.set_deleted(connection, id, True, ask.author, ask.now))
    return EMPTY


def restore(ask: Ask) -> Empty:
    """Show it again."""
    id = ask.parsed(shapes.Named).id
    ask.write(lambda connection: store.set_deleted(connection, id, False, ask.author, ask.now))
    return EMPTY


def find(ask: Ask) -> Runs:
    """Runs of some experiments that fit a filter; of a board that conceals something, only whose runs they are."""
    asked = ask.parsed(shapes.SearchRuns)
    page = Page.of(asked.max_results, MOST_RUNS, asked.page_token)
    if ask.project:
        ask.with_experiments()
    among = ask.sees.opened()

    def look(connection: Connection) -> Runs:
        wanted = [ask.experiment(connection, id) for id in shapes.ids(asked.experiment_ids)]
        rows, token = search.search(connection, wanted, asked.filter, asked.order_by, asked.run_view_type, page, among)
        return Runs(tuple(map(shapes.run, rows)), token or msgspec.UNSET)

    return ask.read(look)


def history(ask: Ask) -> History:
    """Every point of one metric, by time, then step."""
    asked = ask.parsed(shapes.AskHistory)
    page = Page.of(min(asked.max_results, MOST_POINTS), MOST_POINTS, asked.page_token)
    ask.run(asked.id)
    try:
        points = queries.get_history(ask.desk.context.db, asked.id, asked.metric_key)
    except NotFound:
        return History(())
    order = np.lexsort((points.values, points.steps, points.times))
    columns = (points.times[order].tolist(), points.steps[order].tolist(), points.values[order].tolist())
    seen = dict.fromkeys(
        (time, step, value if value == value else None) for time, step, value in zip(*columns, strict=True)
    )
    wanted = list(seen)[page.offset : page.offset + page.limit]
    found = tuple(
        shapes.metric(Point(asked.metric_key, float("nan") if value is None else value, step, time))
        for time, step, value in wanted
    )
    return History(found, page.next_token(len(seen) - page.offset) or msgspec.UNSET)
