"""What MLflow's clients do with runs: begin, write, end, hide. Each call is one step of the caller's transaction."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from random import Random
from typing import Any

import msgspec
from sqlalchemy import BindParameter, Connection, bindparam, delete, insert, select, update

from tracker.errors import Clash, NotFound, UsageError
from tracker.events import Batch, Body, Captured, Configured, Event, Started, Tagged
from tracker.ids import clip, mint
from tracker.snapshot import Snapshot
from tracker.store import ingest
from tracker.store.mlflow import experiments, values
from tracker.store.mlflow.latest import note_latest, read_latest
from tracker.store.mlflow.names import made_up
from tracker.store.mlflow.pen import SEGMENT, Author, Pen, pick_up
from tracker.store.mlflow.rows import Point, Status
from tracker.store.sql import portions, upsert
from tracker.store.tables import mlflow as t
from tracker.store.tables import runs as r

MOST_METRICS, MOST_WORDS, MOST_IN_ALL = 1000, 100, 1000
_p, _g = t.params.c, t.tags.c
_KEYS: BindParameter[Any] = bindparam("keys", expanding=True)
_PARAMS = select(_p.key, _p.value).where(_p.run == bindparam("of"), _p.key.in_(_KEYS))
_TAGS = select(_g.key, _g.value).where(_g.run == bindparam("of"), _g.key.in_(_KEYS))
_NEW_PARAM = insert(t.params)


class Beginning(msgspec.Struct, frozen=True):
    """A run that is to begin. `started_at` in microseconds; `client` is what sent it; `nonce` comes from `exec`."""

    experiment: int
    name: str
    user_id: str
    started_at: int
    tags: tuple[tuple[str, str], ...]
    client: str
    nonce: str | None = None
    snapshot: Snapshot | None = None


def create(connection: Connection, new: Beginning, author: Author, rng: Random, now: int) -> str:
    """Register a run, and its run ID.

    Raises:
        NotFound: no such experiment.
        UsageError: the experiment is deleted, or a tag or name cannot be.
    """
    experiment = experiments.get(connection, new.experiment)
    if experiment.deleted_at is not None:
        raise UsageError(f"The experiment {experiment.id} must be in 'active' state.", remedy="Restore it first.")
    tags = dict(values.check_words(new.tags, "tag", values.MAX_TAG))
    named = tags.get(values.NAME)
    if new.name and named and named != new.name:
        raise UsageError("run_name and the tag mlflow.runName differ.", remedy="Give one of them.")
    name = new.name or named or made_up(rng)
    tags[values.NAME] = name
    nonce = new.nonce or secrets.token_hex(16)
    bodies: list[Body] = [
        Started(
            experiment.project,
            nonce,
            name=name[:500],
            tags=values.flags(tags.items()),
            note=tags.get(values.NOTE, ""),
            parent=values.parent(tags),
        ),
        Captured(new.snapshot or values.snapshot(tags, new.client)),
    ]
    run_id = _register(connection, bodies, nonce, new.started_at, author, rng, now)
    run = connection.scalar(select(r.runs.c.id).where(r.runs.c.run_id == run_id))
    row = {"run": run, "segment": SEGMENT, "nonce": nonce, "status": "RUNNING", "name": name}
    connection.execute(t.runs.insert(), {**row, "user_id": new.user_id or author.handle, "refused": 0})
    upsert(connection, t.tags, ("run", "key"), [{"run": run, "key": key, "value": tags[key]} for key in tags])
    return run_id


def _register(
    connection: Connection, bodies: Sequence[Body], nonce: str, at: int, author: Author, rng: Random, now: int
) -> str:
    """The ID under which the run is registered: one that is taken is minted again."""
    for _ in range(20):
        run_id = mint(rng)
        if connection.scalar(select(r.runs.c.id).where(r.runs.c.run_id == run_id)) is None:
            events = tuple(Event(number, at, number, body) for number, body in enumerate(bodies, 1))
            ingest.take(connection, Batch(run_id, SEGMENT, nonce, events), member=author.id, now=now)
            return run_id
    raise Clash("No free run ID was found.", remedy="Try again.")


def write(
    pen: Pen,
    points: Sequence[Point] = (),
    params: Sequence[tuple[str, str]] = (),
    tags: Sequence[tuple[str, str]] = (),
) -> None:
    """Metrics, params and tags, all or nothing. A point that is held already is not taken again.

    Raises:
        UsageError: too many, one that cannot be, or a param that has another value.
    """
    if len(points) > MOST_METRICS or max(len(params), len(tags)) > MOST_WORDS:
        raise UsageError("A batch has too many of a kind.", remedy="Send 1000 metrics, 100 params, 100 tags at most.")
    if len(points) + len(params) + len(tags) > MOST_IN_ALL:
        raise UsageError("A batch holds too much.", remedy=f"Send {MOST_IN_ALL} things at most.")
    values.check_points(points)
    params = values.check_words(params, "param", values.MAX_PARAM)
    tags = values.check_words(tags, "tag", values.MAX_TAG)
    bodies: list[Body] = []
    fresh = _fresh_params(pen, params)
    if fresh:
        bodies.append(Configured({key: values.typed(value) for key, value in fresh}))
    if tags:
        bodies += _tagged(pen, tags)
    held = read_latest(pen, {point.key for point in points})
    points = [point for point in points if not (point.key in held and held[point.key].is_it(point))]
    columns: tuple[bytes, ...] = ()
    if points:
        metrics, columns = values.columns(points)
        bodies.append(metrics)
    if bodies:
        pen.say(*bodies, columns=columns)
    if points:
        note_latest(pen, held, points)
        _note_models(pen, points)


def _fresh_params(pen: Pen, params: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Those that are not there yet, now kept."""
    held: dict[str, str] = {}
    for some in portions([key for key, _ in params]):
        held.update(pen.connection.execute(_PARAMS, {"of": pen.run, "keys": some}).all())
    for key, value in params:
        if held.get(key, value) != value:
            raise UsageError(
                f"Changing param values is not allowed: {clip(key)!r} is {clip(held[key])!r}, not {clip(value)!r}.",
                remedy="Log another value in a run of its own.",
            )
    fresh = [(key, value) for key, value in params if key not in held]
    if fresh:
        pen.settle()
        pen.connection.execute(_NEW_PARAM, [{"run": pen.run, "key": key, "value": value} for key, value in fresh])
    return fresh


def _tagged(pen: Pen, tags: Sequence[tuple[str, str]]) -> list[Body]:
    """Set tags; what the record is told of it."""
    pen.settle()
    keys = [key for key, _ in tags]
    held: dict[str, str] = dict(pen.connection.execute(_TAGS, {"of": pen.run, "keys": keys}).all())
    changed = [(key, value) for key, value in tags if held.get(key) != value]
    if not changed:
        return []
    rows = [{"run": pen.run, "key": key, "value": value} for key, value in changed]
    upsert(pen.connection, t.tags, ("run", "key"), rows)
    now = dict(changed)
    if values.NAME in now:
        pen.connection.execute(update(t.runs).where(t.runs.c.run == pen.run).values(name=now[values.NAME]))
    gone = values.flags((key, held[key]) for key in now if key in held)
    added, note = values.flags(changed), now.get(values.NOTE)
    return [Tagged(added, gone, note)] if added or gone or note is not None else []


def _note_models(pen: Pen, points: Sequence[Point]) -> None:
    rows = [
        {
            "model": point.model_id,
            "run_id": pen.run_id,
            "key": point.key,
            "step": point.step,
            "time": point.time,
            "value": None if point.value != point.value else point.value,
            "dataset_name": point.dataset_name,
            "dataset_digest": point.dataset_digest,
        }
        for point in points
        if point.model_id
    ]
    if rows:
        pen.connection.execute(t.model_metrics.insert(), rows)


def append_to_tag(pen: Pen, key: str, item: object) -> None:
    """One more item in a tag that holds a JSON list; such a tag may be long."""
    held = pen.connection.scalar(select(_g.value).where(_g.run == pen.run, _g.key == key))
    items = [*msgspec.json.decode(held or "[]"), item]
    pen.settle()
    row = {"run": pen.run, "key": key, "value": msgspec.json.encode(items).decode()}
    upsert(pen.connection, t.tags, ("run", "key"), [row])


def delete_tag(pen: Pen, key: str) -> None:
    """Remove a tag. Raises NotFound where it is not set."""
    value = pen.connection.scalar(select(_g.value).where(_g.run == pen.run, _g.key == key))
    if value is None:
        raise NotFound(f"No tag with name: {clip(key)} in run with id {pen.run_id}.", remedy="Look at its tags.")
    pen.connection.execute(delete(t.tags).where(_g.run == pen.run, _g.key == key))
    gone = values.flags([(key, value)])
    if gone:
        pen.say(Tagged((), gone))


def update_run(pen: Pen, status: Status | None, ended_at: int | None, name: str | None) -> None:
    """Another status, end or name."""
    if name:
        write(pen, tags=[(values.NAME, name)])
    if status is not None:
        pen.move(status, ended_at)
    elif ended_at is not None:
        pen.settle()
        pen.connection.execute(update(t.runs).where(t.runs.c.run == pen.run).values(ended_at=ended_at))


def set_deleted(connection: Connection, run_id: str, deleted: bool, author: Author, now: int) -> None:
    """Hide a run from MLflow's clients, or show it again; its record stays as it is. Raises as `pick_up`."""
    pen = pick_up(connection, run_id, author, now, deleted=None)
    if pen.deleted == deleted:
        return
    pen.settle()
    values_ = {"deleted_at": now if deleted else None}
    connection.execute(update(t.runs).where(t.runs.c.run == pen.run).values(**values_))
