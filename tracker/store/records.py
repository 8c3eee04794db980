"""Records put together from the tables: a constant number of statements for each few hundred runs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec
from sqlalchemy import BindParameter, ColumnElement, Connection, RowMapping, Select, Table, bindparam, select

from tracker.events import Event
from tracker.record import (
    Artifact,
    Badge,
    BoardSpec,
    Dataset,
    Digests,
    End,
    Notice,
    Record,
    Reproduction,
    Retraction,
    Seal,
    State,
    Summary,
)
from tracker.snapshot import Code, Python, Scalar, Snapshot
from tracker.store.sql import portions
from tracker.store.summaries import held
from tracker.store.tables import people
from tracker.store.tables import runs as t

SILENT_AFTER = 60_000_000
"""Microseconds without a word after which a running run is silent, by the server's clock."""

PROVES = ("exact", "within")
"""The verdicts that say that the number held."""

# Decoders are made here, before there are threads: two that make msgspec look at a type for the first time at once end
# the process.
CONFIG = msgspec.json.Decoder(dict[str, Scalar])
SNAPSHOT = msgspec.json.Decoder(Snapshot)
CODE = msgspec.json.Decoder(Code)
PYTHON = msgspec.json.Decoder(Python)
EVENT = msgspec.json.Decoder(Event)
SPEC = msgspec.json.Decoder(BoardSpec)
SEALS = msgspec.json.Decoder(tuple[Seal, ...])
_END = msgspec.json.Decoder(End)
_BADGES: tuple[Badge, ...] = (
    "self-reported",
    "reproduced by author",
    "reproduced by member",
    "reproduced elsewhere",
)
T = TypeVar("T")


def _mine(table: Table, names: Sequence[str], order: ColumnElement[Any]) -> Select[Any]:
    return select(table.c.run, *(table.c[name] for name in names)).where(table.c.run.in_(_IDS)).order_by(order)


# The statements are built once: putting one together takes longer than running it.
_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_r, _d, _gone = t.runs.c, t.details.c, t.retractions.c
_HEADS = (
    select(
        *(column for column in _r if column.name not in {"head", "nonce", "principal", "seals"}),
        t.projects.c.name.label("project"),
        people.members.c.handle.label("member"),
        _d.code,
        _d.python,
        _d.config,
        _d.snapshot,
        _d.ended,
        _d.seals,
        _gone.by,
        _gone.at,
        _gone.why,
    )
    .join(t.projects, t.projects.c.id == _r.project_id)
    .join(t.details, _d.run == _r.id)
    .outerjoin(people.members, people.members.c.id == _r.member_id)
    .outerjoin(t.retractions, _gone.run == _r.id)
    .where(_r.id.in_(_IDS))
)
_METRICS = (
    select(t.summaries, t.metrics.c.name)
    .join(t.metrics, t.metrics.c.id == t.summaries.c.metric_id)
    .where(t.summaries.c.run.in_(_IDS))
    .order_by(t.summaries.c.run, t.summaries.c.metric_id)
)
_ARTIFACTS = _mine(t.artifacts, Artifact.__struct_fields__, t.artifacts.c.seq)
_DATASETS = _mine(t.datasets, Dataset.__struct_fields__, t.datasets.c.seq)
_NOTICES = _mine(t.notices, Notice.__struct_fields__, t.notices.c.id)
_TAGS = _mine(t.tags, ["tag"], t.tags.c.tag)
_e = t.reproductions.c
_EVIDENCE = (
    select(_r.run_id, _r.member_id, _r.state, people.members.c.handle, _d.snapshot)
    .add_columns(_e.original, _e.verdict, _e.sentence, _e.at, _e.score)
    .join(t.reproductions, _e.run == _r.id)
    .join(t.details, _d.run == _r.id)
    .outerjoin(people.members, people.members.c.id == _r.member_id)
    .outerjoin(t.retractions, _gone.run == _r.id)
    .where(_r.reproduces == _e.original, _r.seals > 0, _gone.run.is_(None))
    .order_by(_e.at, _r.id)
)
_REPRODUCTIONS = _EVIDENCE.where(_e.original.in_(_IDS))
_OWN_EVIDENCE = _EVIDENCE.where(_r.id.in_(_IDS))


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
    rows = connection.execute(_HEADS, {"ids": ids}).mappings().all()
    codes, pythons = _documents(connection, rows)
    metrics = _metrics(connection, ids)
    artifacts = _grouped(connection, _ARTIFACTS, Artifact, ids)
    datasets = _grouped(connection, _DATASETS, Dataset, ids)
    notices = _grouped(connection, _NOTICES, Notice, ids)
    tags = _grouped(connection, _TAGS, str, ids)
    reproductions = _reproductions(connection, rows)
    evidence = _evidence(connection, ids)
    records: dict[int, Record] = {}
    for row in rows:
        id = row["id"]
        snapshot = msgspec.structs.replace(
            SNAPSHOT.decode(row["snapshot"]), code=codes.get(row["code"]), python=pythons.get(row["python"])
        )
        seals = SEALS.decode(row["seals"])
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
            config=CONFIG.decode(row["config"]),
            seed=None if row["seed"] is None else int(row["seed"]),
            tags=tuple(tags[id]),
            note=row["note"],
            parent=row["parent"],
            reproduces=row["reproduces"],
            badge=_BADGES[max((level for level, _ in reproductions[row["run_id"]]), default=0)],
            reproductions=tuple(found for _, found in reproductions[row["run_id"]]),
            evidence=evidence.get(row["run_id"]),
            snapshot=snapshot,
            metrics=metrics[id],
            artifacts=tuple(artifacts[id]),
            datasets=tuple(datasets[id]),
            notices=tuple(notices[id]),
            end=_END.decode(row["ended"]) if row["ended"] else None,
            retracted=Retraction(row["by"], row["at"], row["why"]) if row["at"] is not None else None,
            events=row["events"],
            sealed=seals[-1].digest if seals else None,
            seals=seals,
        )
    return records


def _documents(connection: Connection, rows: Sequence[RowMapping]) -> tuple[dict[int, Code], dict[int, Python]]:
    wanted = {row[name] for row in rows for name in ("code", "python")} - {None}
    bodies: dict[int, bytes] = {}
    for some in portions(sorted(wanted)):
        query = select(t.documents.c.id, t.documents.c.body).where(t.documents.c.id.in_(some))
        bodies.update(connection.execute(query).all())
    codes = {id: CODE.decode(bodies[id]) for id in {row["code"] for row in rows} - {None}}
    pythons = {id: PYTHON.decode(bodies[id]) for id in {row["python"] for row in rows} - {None}}
    return codes, pythons


def _metrics(connection: Connection, ids: Sequence[int]) -> dict[int, dict[str, Summary]]:
    found: dict[int, dict[str, Summary]] = defaultdict(dict)
    for row in connection.execute(_METRICS, {"ids": ids}).mappings():
        found[row["run"]][row["name"]] = held(row).summary
    return found


def _grouped(connection: Connection, query: Select[Any], kind: type[T], ids: Sequence[int]) -> dict[int, list[T]]:
    """Rows of (run, values of `kind` in the order of its fields) by run."""
    found: dict[int, list[T]] = defaultdict(list)
    for run, *values in connection.execute(query, {"ids": ids}):
        found[run].append(kind(*values))
    return found


def _reproductions(connection: Connection, rows: Sequence[RowMapping]) -> dict[str, list[tuple[int, Reproduction]]]:
    """By run ID: what the ended, unretracted runs that reproduced it found, each with the badge it earns."""
    originals = {row["run_id"]: row for row in rows}
    found: dict[str, list[tuple[int, Reproduction]]] = defaultdict(list)
    for row in connection.execute(_REPRODUCTIONS, {"ids": list(originals)}).mappings():
        original = originals[row["original"]]
        elsewhere = _machine(row["snapshot"]) != _machine(original["snapshot"])
        level = 3 if elsewhere else 1 if row["member_id"] == original["member_id"] else 2
        told = _told(row, elsewhere)
        proves = told.verdict in PROVES and row["state"] == "finished"
        found[told.original].append((level if proves else 0, told))
    return found


def _evidence(connection: Connection, ids: Sequence[int]) -> dict[str, Reproduction]:
    """By run ID: what each of these runs, having reproduced another, found itself."""
    rows = connection.execute(_OWN_EVIDENCE, {"ids": ids}).mappings().all()
    wanted = sorted({row["original"] for row in rows})
    query = select(_r.run_id, _d.snapshot).join(t.details, _d.run == _r.id).where(_r.run_id.in_(wanted))
    originals = dict(connection.execute(query).all()) if wanted else {}
    return {
        row["run_id"]: _told(
            row, row["original"] in originals and _machine(row["snapshot"]) != _machine(originals[row["original"]])
        )
        for row in rows
    }


def _told(row: RowMapping, elsewhere: bool) -> Reproduction:
    return Reproduction(
        run_id=row["run_id"],
        original=row["original"],
        verdict=row["verdict"],
        sentence=row["sentence"],
        at=row["at"],
        by=row["handle"],
        elsewhere=elsewhere,
        score=row["score"],
    )


def _machine(snapshot: bytes) -> str | None:
    machine = SNAPSHOT.decode(snapshot).machine
    return machine.id if machine else None
