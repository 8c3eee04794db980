"""Records put together from the tables: a constant number of statements for each few hundred runs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec
from sqlalchemy import ColumnElement, Connection, RowMapping, Select, Table, select

from tracker.record import Artifact, Badge, Dataset, Digests, End, Notice, Record, Retraction, State, Summary
from tracker.snapshot import Code, Python, Scalar, Snapshot
from tracker.store.sql import portions
from tracker.store.summaries import held
from tracker.store.tables import people
from tracker.store.tables import runs as t

SILENT_AFTER = 60_000_000
"""Microseconds without a word after which a running run is silent, by the server's clock."""

EVIDENCE = ("reproduction-exact", "reproduction-within")
"""Codes of the notices by which a run that `reproduces` another says, in its own chain, that the number held."""

_CONFIG = msgspec.json.Decoder(dict[str, Scalar])
_SNAPSHOT = msgspec.json.Decoder(Snapshot)
_CODE = msgspec.json.Decoder(Code)
_PYTHON = msgspec.json.Decoder(Python)
_END = msgspec.json.Decoder(End)
_BADGES: tuple[Badge, ...] = (
    "self-reported",
    "reproduced by author",
    "reproduced by member",
    "reproduced elsewhere",
)
T = TypeVar("T")


def assemble(connection: Connection, ids: Sequence[int], now: int) -> tuple[Record, ...]:
    """The records of these runs (by the numbers of `runs.id`), in this order."""
    found: dict[int, Record] = {}
    for some in portions(ids):
        found |= _some(connection, some, now)
    return tuple(found[id] for id in ids)


def state_of(stored: str, last_seen: int, now: int) -> State:
    """The state now: a running run that has said nothing for a minute is silent."""
    if stored == "running" and now - last_seen > SILENT_AFTER:
        return "silent"
    state: State = msgspec.convert(stored, State)
    return state


def _some(connection: Connection, ids: Sequence[int], now: int) -> dict[int, Record]:
    rows = connection.execute(_heads(ids)).mappings().all()
    codes, pythons = _documents(connection, rows)
    metrics = _metrics(connection, ids)
    artifacts = _grouped(connection, t.artifacts, ids, Artifact, t.artifacts.c.seq)
    datasets = _grouped(connection, t.datasets, ids, Dataset, t.datasets.c.seq)
    notices = _grouped(connection, t.notices, ids, Notice, t.notices.c.id)
    tags = _tags(connection, ids)
    badges = _badges(connection, rows)
    records: dict[int, Record] = {}
    for row in rows:
        id = row["id"]
        snapshot = msgspec.structs.replace(
            _SNAPSHOT.decode(row["snapshot"]), code=codes.get(row["code"]), python=pythons.get(row["python"])
        )
        records[id] = Record(
            id=row["run_id"],
            project=row["project"],
            state=state_of(row["state"], row["last_seen"], now),
            member=row["member"],
            started_at=row["started_at"],
            received_at=row["received_at"],
            last_seen=row["last_seen"],
            digests=Digests(row["config_digest"], row["code_digest"], row["data_digest"], row["environment_digest"]),
            name=row["name"],
            config=_CONFIG.decode(row["config"]),
            seed=None if row["seed"] is None else int(row["seed"]),
            tags=tuple(tags[id]),
            note=row["note"],
            parent=row["parent"],
            reproduces=row["reproduces"],
            badge=badges.get(row["run_id"], "self-reported"),
            snapshot=snapshot,
            metrics=metrics[id],
            artifacts=tuple(artifacts[id]),
            datasets=tuple(datasets[id]),
            notices=tuple(notices[id]),
            end=_END.decode(row["ended"]) if row["ended"] else None,
            retracted=Retraction(row["by"], row["at"], row["why"]) if row["at"] is not None else None,
            events=row["events"],
            sealed=row["sealed"],
        )
    return records


def _heads(ids: Sequence[int]) -> Select[Any]:
    r, d, gone = t.runs.c, t.details.c, t.retractions.c
    return (
        select(
            *(column for column in r if column.name not in {"head", "nonce", "principal"}),
            t.projects.c.name.label("project"),
            people.members.c.handle.label("member"),
            d.code,
            d.python,
            d.config,
            d.snapshot,
            d.ended,
            gone.by,
            gone.at,
            gone.why,
        )
        .join(t.projects, t.projects.c.id == r.project_id)
        .join(t.details, d.run == r.id)
        .outerjoin(people.members, people.members.c.id == r.member_id)
        .outerjoin(t.retractions, gone.run == r.id)
        .where(r.id.in_(ids))
    )


def _documents(connection: Connection, rows: Sequence[RowMapping]) -> tuple[dict[int, Code], dict[int, Python]]:
    wanted = {row[name] for row in rows for name in ("code", "python")} - {None}
    bodies: dict[int, bytes] = {}
    for some in portions(sorted(wanted)):
        query = select(t.documents.c.id, t.documents.c.body).where(t.documents.c.id.in_(some))
        bodies.update(connection.execute(query).tuples().all())
    codes = {id: _CODE.decode(bodies[id]) for id in {row["code"] for row in rows} - {None}}
    pythons = {id: _PYTHON.decode(bodies[id]) for id in {row["python"] for row in rows} - {None}}
    return codes, pythons


def _metrics(connection: Connection, ids: Sequence[int]) -> dict[int, dict[str, Summary]]:
    query = (
        select(t.summaries, t.metrics.c.name)
        .join(t.metrics, t.metrics.c.id == t.summaries.c.metric_id)
        .where(t.summaries.c.run.in_(ids))
        .order_by(t.summaries.c.run, t.summaries.c.metric_id)
    )
    found: dict[int, dict[str, Summary]] = defaultdict(dict)
    for row in connection.execute(query).mappings():
        found[row["run"]][row["name"]] = held(row).summary
    return found


def _grouped(
    connection: Connection, table: Table, ids: Sequence[int], kind: type[T], order: ColumnElement[Any]
) -> dict[int, list[T]]:
    """Rows of a table as values of `kind`, whose fields are the columns' names, by run."""
    names = kind.__struct_fields__  # type: ignore[attr-defined]
    query = select(table.c.run, *(table.c[name] for name in names)).where(table.c.run.in_(ids)).order_by(order)
    found: dict[int, list[T]] = defaultdict(list)
    for run, *values in connection.execute(query):
        found[run].append(kind(*values))
    return found


def _tags(connection: Connection, ids: Sequence[int]) -> dict[int, list[str]]:
    query = select(t.tags.c.run, t.tags.c.tag).where(t.tags.c.run.in_(ids)).order_by(t.tags.c.tag)
    found: dict[int, list[str]] = defaultdict(list)
    for run, tag in connection.execute(query):
        found[run].append(tag)
    return found


def _badges(connection: Connection, rows: Sequence[RowMapping]) -> dict[str, Badge]:
    """By run ID: how far finished, unretracted runs that carry evidence of reproducing it have proven each."""
    r = t.runs.c
    originals = {row["run_id"]: row for row in rows}
    query = (
        select(r.id, r.reproduces, r.member_id, t.details.c.snapshot)
        .join(t.details, t.details.c.run == r.id)
        .outerjoin(t.retractions, t.retractions.c.run == r.id)
        .where(r.reproduces.in_(list(originals)), r.state == "finished", t.retractions.c.run.is_(None))
        .where(r.id.in_(select(t.notices.c.run).where(t.notices.c.code.in_(EVIDENCE))))
    )
    best: dict[str, int] = {}
    for _, run_id, member_id, snapshot in connection.execute(query):
        original = originals[run_id]
        level = 1 if member_id == original["member_id"] else 2
        if _machine(snapshot) != _machine(original["snapshot"]):
            level = 3
        best[run_id] = max(level, best.get(run_id, 0))
    return {run_id: _BADGES[level] for run_id, level in best.items()}


def _machine(snapshot: bytes) -> str | None:
    machine = _SNAPSHOT.decode(snapshot).machine
    return machine.id if machine else None
