"""What readers ask of the store: records, histories, events, projects and boards. Nothing here writes runs."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Select, and_, bindparam, case, func, select

from tracker.errors import NotFound
from tracker.events import PlacedEvent
from tracker.ids import clip, fold, neighbours
from tracker.record import BoardSpec, Record
from tracker.snapshot import canonical
from tracker.store import records
from tracker.store.database import Database
from tracker.store.finding import Query
from tracker.store.history import put_together, read_histories, stretches
from tracker.store.records import SILENT_AFTER, assemble
from tracker.store.series import EMPTY, Points, downsample
from tracker.store.tables import people
from tracker.store.tables import runs as t

DEFAULT_METRIC = "val/accuracy"
COLUMN_POINTS = 1 << 20
"""Points that are given together, at most, to whoever takes a run away whole."""
_NUMBER = select(t.runs.c.id, t.runs.c.project_id).where(t.runs.c.run_id == bindparam("run_id"))


class ProjectSummary(msgspec.Struct, frozen=True):
    """A project at a glance. `best` is the best value of its board's metric among finished, unretracted runs."""

    name: str
    runs: int
    running: int
    members: int
    last_seen: int | None
    metric: str | None
    best: float | None


def get_record(db: Database, run_id: str, *, now: int) -> Record:
    """Everything known of a run.

    Raises:
        NotFound: nothing is registered under the ID; registered ones that come close are suggested.
    """
    with db.read() as connection:
        id = connection.scalar(_NUMBER, {"run_id": run_id})
        if id is None:
            raise _unknown_run(connection, run_id)
        return assemble(connection, [id], now)[0]


def get_records(db: Database, run_ids: Iterable[str], *, now: int) -> dict[str, Record]:
    """Those of these runs that are registered, by ID."""
    wanted = list(dict.fromkeys(run_ids))
    with db.read() as connection:
        ids = connection.scalars(select(t.runs.c.id).where(t.runs.c.run_id.in_(wanted))).all()
        return {record.id: record for record in assemble(connection, ids, now)}


def find_records(
    db: Database,
    project: str | None,
    *,
    where: str | None = None,
    order_by: str | None = None,
    limit: int = 100,
    offset: int = 0,
    now: int,
    among: ColumnElement[bool] | None = None,
) -> tuple[Record, ...]:
    """Records of a project (of all projects, for None) that fit `where`, the newest first or as `order_by` says.

    See `finding` for the language of both. `among` narrows the runs that are looked at.

    Raises:
        InvalidQuery: `where` or `order_by` cannot be understood; unknown names come with what was probably meant.
        NotFound: there is no such project.
    """
    with db.read() as connection:
        query = Query.parse(connection, _project_id(connection, project), where, order_by, now, among)
        return assemble(connection, query.ids(limit, offset), now)


def count_records(
    db: Database,
    project: str | None,
    *,
    where: str | None = None,
    now: int,
    among: ColumnElement[bool] | None = None,
) -> int:
    """How many records `find_records` would find without a limit. Raises as it does."""
    with db.read() as connection:
        return Query.parse(connection, _project_id(connection, project), where, None, now, among).count()


def count_by_member(db: Database) -> dict[str, int]:
    """How many runs each member (by handle) has."""
    query = (
        select(people.members.c.handle, func.count(t.runs.c.id))
        .join(t.runs, t.runs.c.member_id == people.members.c.id)
        .group_by(people.members.c.handle)
    )
    with db.read() as connection:
        return {row[0]: row[1] for row in connection.execute(query)}


def replicates_of(db: Database, record: Record, *, limit: int = 100, now: int) -> tuple[Record, ...]:
    """The other runs of equal config (seeds aside), code, data and environment, whatever their state.

    Empty where the record's own code or environment is not fully known.
    """
    digests = record.digests
    if digests.code is None or digests.environment is None:
        return ()
    r = t.runs.c
    same_data = r.data_digest.is_(None) if digests.data is None else r.data_digest == digests.data
    same = and_(
        r.config_digest == digests.config,
        r.code_digest == digests.code,
        r.environment_digest == digests.environment,
        same_data,
        r.run_id != record.id,
    )
    with db.read() as connection:
        project = _project_id(connection, record.project)
        query = select(r.id).where(r.project_id == project, same).order_by(r.started_at.desc()).limit(limit)
        return assemble(connection, connection.scalars(query).all(), now)


def get_history(db: Database, run_id: str, metric: str, *, buckets: int | None = None) -> Points:
    """One metric's points by step; with `buckets`, at most about twice as many, each bucket's least and greatest.

    Raises:
        NotFound: no such run, or the run has not logged such a metric.
    """
    with db.read() as connection:
        run = connection.execute(_NUMBER, {"run_id": run_id}).first()
        if run is None:
            raise _unknown_run(connection, run_id)
        found = read_histories(connection, [run.id], metric)
        if run.id not in found:
            raise _unknown_metric(connection, run_id, run.id, metric)
    put_together(db, found[run.id])
    points = found[run.id].points()
    return points if buckets is None else downsample(points, buckets)


def stream_history(db: Database, run_id: str, metric: str) -> Iterator[Points]:
    """One metric's points stretch by stretch, in the order they were written. Memory does not grow with its length.

    Raises: as `get_history`.
    """
    with db.read() as connection:
        run = connection.execute(_NUMBER, {"run_id": run_id}).first()
        if run is None:
            raise _unknown_run(connection, run_id)
        found = False
        for points in stretches(connection, run.id, run.project_id, metric):
            found = True
            yield points
        if not found:
            raise _unknown_metric(connection, run_id, run.id, metric)


def get_histories(
    db: Database, run_ids: Sequence[str], metric: str, *, buckets: int | None = None
) -> dict[str, Points]:
    """One metric's points for each of the runs; empty for a run that has not logged it, or is not registered."""
    with db.read() as connection:
        query = select(t.runs.c.run_id, t.runs.c.id).where(t.runs.c.run_id.in_(list(run_ids)))
        ids: dict[str, int] = dict(connection.execute(query).all())
        found = {id: lies.points() for id, lies in read_histories(connection, list(ids.values()), metric).items()}
    histories = {run_id: found.get(ids.get(run_id, -1), EMPTY) for run_id in run_ids}
    if buckets is None:
        return histories
    return {run_id: downsample(points, buckets) for run_id, points in histories.items()}


def get_events(db: Database, run_id: str, *, after: int = 0, limit: int = 1000) -> tuple[PlacedEvent, ...]:
    """What the run said, in the order of its chain, behind place `after`.

    Raises:
        NotFound: no such run.
    """
    e = t.events.c
    with db.read() as connection:
        run = connection.scalar(_NUMBER, {"run_id": run_id})
        if run is None:
            raise _unknown_run(connection, run_id)
        query = (
            select(e.seq, t.segments.c.segment, e.received_at, e.link, e.body)
            .join(t.segments, t.segments.c.id == e.segment)
            .where(e.run == run, e.seq > after)
            .order_by(e.seq)
            .limit(limit)
        )
        return tuple(
            PlacedEvent(seq, segment, received_at, link.hex(), records.EVENT.decode(body))
            for seq, segment, received_at, link, body in connection.execute(query)
        )


def get_columns(db: Database, run_id: str, *, after: int = 0, limit: int = 16) -> tuple[tuple[int, str, bytes], ...]:
    """The columns of the next events behind place `after`, encoded as they came: place, metric, bytes.

    All columns of an event come together, and no more events than have `COLUMN_POINTS` points, or one. Raises NotFound
    where there is no such run.
    """
    c = t.chunks.c
    with db.read() as connection:
        run = connection.scalar(_NUMBER, {"run_id": run_id})
        if run is None:
            raise _unknown_run(connection, run_id)
        counts = select(c.seq, func.sum(c.count)).where(c.run == run, c.seq > after)
        found = connection.execute(counts.group_by(c.seq).order_by(c.seq).limit(limit)).all()
        sums = itertools.accumulate(count for _, count in found)
        page = [
            seq for (seq, _), total in zip(found, sums, strict=True) if total <= COLUMN_POINTS or seq == found[0].seq
        ]
        query = (
            select(c.seq, t.metrics.c.name, c.data)
            .join(t.metrics, t.metrics.c.id == c.metric_id)
            .where(c.run == run, c.seq.in_(page))
            .order_by(c.seq, c.metric_id)
        )
        return tuple((seq, name, data) for seq, name, data in connection.execute(query))


def list_projects(db: Database, *, now: int | None = None) -> tuple[ProjectSummary, ...]:
    """Every project, the one last heard of first. Without `now`, silent runs count as running."""
    r = t.runs.c
    running = r.state == "running"
    if now is not None:
        running &= r.last_seen >= now - SILENT_AFTER
    query = (
        select(
            t.projects.c.id,
            t.projects.c.name,
            func.count(r.id),
            func.count(case((running, 1))),
            func.count(r.member_id.distinct()),
            func.max(r.last_seen).label("last_seen"),
        )
        .outerjoin(t.runs, r.project_id == t.projects.c.id)
        .group_by(t.projects.c.id, t.projects.c.name)
        .order_by(func.max(r.last_seen).desc(), t.projects.c.name)
    )
    with db.read() as connection:
        projects = connection.execute(query).all()
        return tuple(
            ProjectSummary(name, runs, active, members, last_seen, *_headline(connection, _board(connection, id, name)))
            for id, name, runs, active, members, last_seen in projects
        )


def project_stamp(db: Database, project: str) -> tuple[object, ...]:
    """What changes whenever a record of the project, its board or a retraction does; cheap beside reading them.

    Raises:
        NotFound: there is no such project.
    """
    with db.read() as connection:
        found = connection.execute(_STAMP, {"project": project}).first()
        if found is None:
            _project_id(connection, project)
        assert found is not None
        return tuple(found)


def _stamp() -> Select[Any]:
    p, r = t.projects.c, t.runs.c
    mine = r.project_id == p.id
    retracted = select(func.count()).select_from(t.retractions.join(t.runs, r.id == t.retractions.c.run)).where(mine)
    board = select(func.max(t.boards.c.id)).where(t.boards.c.project_id == p.id)
    sums = (func.count(r.id), func.max(r.id), func.sum(r.events), func.max(r.last_seen))
    told = (*sums, retracted.correlate(t.projects).scalar_subquery(), board.correlate(t.projects).scalar_subquery())
    return (
        select(*told)
        .select_from(t.projects.outerjoin(t.runs, mine))
        .where(p.name == bindparam("project"))
        .group_by(p.id)
    )


_STAMP = _stamp()
"""Built once: putting it together takes longer than running it."""


def get_board(db: Database, project: str) -> BoardSpec:
    """What the project's board ranks by. Where nobody set it: the best val/accuracy, or the first metric logged.

    Raises:
        NotFound: there is no such project.
    """
    with db.read() as connection:
        id = _project_id(connection, project)
        assert id is not None
        return _board(connection, id, project)


def set_board(db: Database, spec: BoardSpec, *, by: str, now: int) -> None:
    """Set what the project's board ranks by, and its rules. Earlier settings are kept, the last one holds.

    Raises:
        NotFound: there is no such project.
    """
    with db.write() as connection:
        id = _project_id(connection, spec.project)
        row = {"project_id": id, "spec": canonical(spec), "set_by": by, "set_at": now}
        connection.execute(t.boards.insert(), row)


class BoardSetting(msgspec.Struct, frozen=True):
    """A board as somebody (handle) set it at some time."""

    spec: BoardSpec
    set_by: str
    set_at: int


def board_settings(db: Database, project: str) -> tuple[BoardSetting, ...]:
    """Every setting the project's board ever had, the one that holds first."""
    b = t.boards.c
    with db.read() as connection:
        id = _project_id(connection, project)
        query = select(b.spec, b.set_by, b.set_at).where(b.project_id == id).order_by(b.id.desc())
        return tuple(BoardSetting(records.SPEC.decode(spec), by, at) for spec, by, at in connection.execute(query))


def _board(connection: Connection, project_id: int, project: str) -> BoardSpec:
    b = t.boards.c
    query = select(b.spec).where(b.project_id == project_id).order_by(b.id.desc()).limit(1)
    spec = connection.scalar(query)
    if spec is not None:
        return records.SPEC.decode(spec)
    m = t.metrics.c
    preferred = case((m.name == DEFAULT_METRIC, 0), else_=1)
    query = select(m.name).where(m.project_id == project_id).order_by(preferred, m.id).limit(1)
    metric = connection.scalar(query) or DEFAULT_METRIC
    lower = any(word in metric.lower() for word in ("loss", "error", "perplexity"))
    return BoardSpec(project, metric, "min" if lower else "max")


def _headline(connection: Connection, spec: BoardSpec) -> tuple[str | None, float | None]:
    """The board's metric, where it was ever logged, and its best value."""
    metric = connection.scalar(
        select(t.metrics.c.id)
        .join(t.projects, t.projects.c.id == t.metrics.c.project_id)
        .where(t.projects.c.name == spec.project, t.metrics.c.name == spec.metric)
    )
    if metric is None:
        return None, None
    s, r = t.summaries.c, t.runs.c
    value = s.last if spec.aggregate == "last" else s.max if spec.direction == "max" else s.min
    query = (
        select(value)
        .join(t.runs, r.id == s.run)
        .where(s.metric_id == metric, value.is_not(None), r.state == "finished")
        .where(r.id.not_in(select(t.retractions.c.run)))
        .order_by(value.desc() if spec.direction == "max" else value)
        .limit(1)
    )
    return spec.metric, connection.scalar(query)


def _project_id(connection: Connection, project: str | None) -> int | None:
    if project is None:
        return None
    id: int | None = connection.scalar(select(t.projects.c.id).where(t.projects.c.name == project))
    if id is None:
        known = connection.scalars(select(t.projects.c.name).limit(10_000)).all()
        close = tuple(get_close_matches(project, known))
        remedy = f"Did you mean {close[0]!r}?" if close else "`runcite runs` lists what there is."
        raise NotFound(f"There is no project {clip(project)!r}.", remedy=remedy, suggestions=close)
    return id


def _unknown_run(connection: Connection, run_id: str) -> NotFound:
    near = set(neighbours(run_id)) | {folded for folded in (fold(run_id),) if folded}
    known = connection.scalars(select(t.runs.c.run_id).where(t.runs.c.run_id.in_(sorted(near)))).all()
    close = tuple(sorted(known))
    remedy = f"Did you mean {close[0]}?" if close else "Was the run started with tracker.start_run, and has it arrived?"
    return NotFound(f"No run {clip(run_id)} is registered.", remedy=remedy, suggestions=close)


def _unknown_metric(connection: Connection, run_id: str, run: int, metric: str) -> NotFound:
    logged = select(t.metrics.c.name).join(t.summaries, t.summaries.c.metric_id == t.metrics.c.id)
    known = connection.scalars(logged.where(t.summaries.c.run == run).limit(10_000)).all()
    close = tuple(get_close_matches(metric, known, cutoff=0.4))
    remedy = f"Did you mean {close[0]!r}?" if close else "Nothing like it was logged."
    return NotFound(f"The run {run_id} has no metric {clip(metric)!r}.", remedy=remedy, suggestions=close)
