"""Read a run's chain again, and all that was made from it, and say what does not fit.

Every event is hashed again, as it is stored, behind the one before it; every column is hashed, decoded and
summed up again; config, tags, end, artifacts, data sets and digests are worked out anew from the events. So an
edit behind the store's back shows, unless every link from there to the head is forged with it, and then the
head is not the one that was sealed and told.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from tracker.errors import Corrupt, NotFound
from tracker.events import (
    ArtifactLogged,
    Captured,
    Configured,
    DatasetLogged,
    Event,
    Finished,
    Joined,
    Metrics,
    Reproduced,
    Started,
    Tagged,
    genesis,
    link_stored,
)
from tracker.ids import clip
from tracker.record import Record, Seal
from tracker.snapshot import Scalar, Snapshot, code_digest, environment_digest, merged
from tracker.store import records, series
from tracker.store.blobs import Blobs
from tracker.store.checks import Stretch
from tracker.store.database import Database
from tracker.store.digests import config_digest, data_digest
from tracker.store.records import assemble
from tracker.store.summaries import Held, grown, held
from tracker.store.tables import as_stored
from tracker.store.tables import runs as t

_PAGE = 256


class Flaw(msgspec.Struct, frozen=True):
    """Something that does not fit: a code, the event's place where it is one's, and a sentence."""

    code: str
    seq: int | None
    sentence: str


@dataclass
class _Told:
    """What the events tell, worked out anew."""

    config: dict[str, Scalar] = field(default_factory=dict)
    tags: dict[str, bool] = field(default_factory=dict)
    note: str = ""
    snapshot: Snapshot = field(default_factory=Snapshot)
    held: dict[str, Held] = field(default_factory=dict)
    artifacts: list[tuple[str, str, int]] = field(default_factory=list)
    datasets: list[tuple[str | None, str]] = field(default_factory=list)
    principal: tuple[str, str] = ("", "")
    end: tuple[str, int, float] | None = None
    seals: list[Seal] = field(default_factory=list)
    parts: dict[int, int] = field(default_factory=dict)
    columns: int = 0
    evidence: tuple[str, str] | None = None


def verify_run(db: Database, run_id: str, *, blobs: Blobs | None = None) -> tuple[Flaw, ...]:
    """What does not fit in a run; empty for one that is as it was written. Memory does not grow with its length.

    With `blobs`, the content of its artifacts is read and hashed, too.

    Raises:
        NotFound: no such run.
    """
    with db.read() as connection:
        run = connection.execute(select(t.runs).where(t.runs.c.run_id == run_id)).mappings().first()
        if run is None:
            raise NotFound(f"No run {clip(run_id)} is registered.", remedy="`runcite runs` lists them.")
        check = _Check(connection, dict(run))
        flaws = [*check.chain(), *check.record()]
        record = check.stored
    if blobs is not None:
        flaws += _contents(record, blobs)
    return tuple(flaws)


def verify(
    db: Database, project: str | None = None, *, blobs: Blobs | None = None
) -> Iterator[tuple[str, tuple[Flaw, ...]]]:
    """Every run of a project (of all), the oldest first, with what does not fit in it."""
    last = 0
    while True:
        query = select(t.runs.c.id, t.runs.c.run_id).where(t.runs.c.id > last).order_by(t.runs.c.id).limit(_PAGE)
        if project is not None:
            query = query.where(t.runs.c.project_id.in_(select(t.projects.c.id).where(t.projects.c.name == project)))
        with db.read() as connection:
            page = connection.execute(query).all()
        if not page:
            return
        for row in page:
            yield row.run_id, verify_run(db, row.run_id, blobs=blobs)
        last = page[-1].id


class _Check:
    def __init__(self, connection: Connection, run: dict[str, Any]) -> None:
        self._connection = connection
        self._run = run
        self._told = _Told()
        self._numbers: dict[int, int] = {}
        self.stored: Record = assemble(connection, [run["id"]], run["last_seen"])[0]

    def chain(self) -> Iterator[Flaw]:
        """Flaws of the chain itself, and of the columns its events name."""
        run, seq, link = self._run, 0, genesis(self._run["run_id"])
        for row in self._events():
            if row.seq != seq + 1:
                yield Flaw("event-missing", seq + 1, f"Event {seq + 1} is missing before event {row.seq}.")
                link = b""  # what came before is not known: the next link is taken as it stands
            seq = row.seq
            yield from self._event(row, link)
            link = row.link
        if seq < run["events"]:
            yield Flaw("event-missing", seq + 1, f"The events from {seq + 1} to {run['events']} are missing.")
        elif seq > run["events"]:
            yield Flaw("event-inserted", run["events"] + 1, f"There are events behind the last, {run['events']}.")
        elif link != run["head"]:
            yield Flaw("head-changed", seq, "The chain's head is not the link of its last event.")
        count = self._connection.execute(select(t.chunks.c.seq).where(t.chunks.c.run == run["id"])).all()
        if len(count) > self._told.columns:
            yield Flaw("column-inserted", None, f"There are {len(count) - self._told.columns} columns no event names.")

    def _events(self) -> Iterator[Any]:
        e, last = t.events.c, 0
        s = t.segments.c
        query = select(e.seq, e.link, e.body, e.received_at, e.segment, s.segment.label("name"), s.nonce)
        query = query.join(t.segments, t.segments.c.id == e.segment).where(e.run == self._run["id"]).order_by(e.seq)
        while page := self._connection.execute(query.where(e.seq > last).limit(_PAGE)).all():
            yield from page
            last = page[-1].seq

    def _event(self, row: Any, link: bytes) -> Iterator[Flaw]:
        if link and link_stored(link, self._run["run_id"], row.seq, row.name, row.body) != row.link:
            yield Flaw("event-changed", row.seq, f"Event {row.seq} is not the one that was linked into the chain.")
        try:
            event = records.EVENT.decode(row.body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            yield Flaw("event-changed", row.seq, f"Event {row.seq} cannot be read.")
            return
        expected = self._numbers.get(row.segment, 0) + 1
        if event.number != expected:
            what = "is out of order" if event.number < expected else "comes too early"
            told = f"Event {row.seq} {what}: it is number {event.number} of segment {row.name!r}, not {expected}."
            yield Flaw("event-reordered", row.seq, told)
        self._numbers[row.segment] = max(event.number, expected)
        yield from self._fold(event, row)

    def _fold(self, event: Event, row: Any) -> Iterator[Flaw]:
        told, body = self._told, event.body
        part = told.parts.setdefault(row.segment, len(told.seals))
        match body:
            case Started():
                told.principal = (row.nonce, row.name)
                told.config |= body.config
                told.tags |= dict.fromkeys(body.tags, True)
                told.note = body.note
            case Joined(role="resume"):
                told.principal, told.end = (row.nonce, row.name), None
            case Configured():
                told.config = body.config | told.config
            case Captured() if part == 0:
                told.snapshot = merged(told.snapshot, body.snapshot)
            case Tagged():
                told.tags |= dict.fromkeys(body.remove, False) | dict.fromkeys(body.add, True)
                told.note = told.note if body.note is None else body.note
            case ArtifactLogged():
                told.artifacts.append((as_stored(body.name), body.digest, body.size))
            case DatasetLogged():
                told.datasets.append((body.used_as and as_stored(body.used_as), body.digest))
            case Reproduced():
                told.evidence = (body.original, body.verdict)
            case Finished() if told.principal == (row.nonce, row.name):
                told.end = (body.state, event.at, body.runtime)
                told.seals.append(Seal(row.seq, row.link.hex(), row.received_at))
            case Metrics():
                yield from self._columns(body, row.seq)

    def _columns(self, body: Metrics, seq: int) -> Iterator[Flaw]:
        c = t.chunks.c
        query = select(t.metrics.c.name, c.data).join(t.metrics, t.metrics.c.id == c.metric_id)
        stored = dict(self._connection.execute(query.where(c.run == self._run["id"], c.seq == seq)).all())
        for column in body.columns:
            data = stored.get(as_stored(column.name))
            what = f"{column.name!r} of event {seq}"
            if data is None:
                yield Flaw("column-missing", seq, f"The column {what} is missing.")
                continue
            self._told.columns += 1
            if hashlib.sha256(data).hexdigest() != column.digest:
                yield Flaw("column-changed", seq, f"The column {what} is not the one that was written.")
            try:
                points = series.decode(data)
            except Corrupt as error:
                yield Flaw("column-changed", seq, f"The column {what} cannot be read: {error.message}")
                continue
            name = as_stored(column.name)
            stretch = Stretch(name, data, series.summarize(points), *series.first(points))
            self._told.held[name] = grown(self._told.held.get(name), stretch)

    def _evidence(self) -> tuple[str, str] | None:
        e = t.reproductions.c
        row = self._connection.execute(select(e.original, e.verdict).where(e.run == self._run["id"])).first()
        return None if row is None else (row.original, row.verdict)

    def record(self) -> Iterator[Flaw]:
        """Flaws of what was made from the events."""
        told, stored, run = self._told, self.stored, self._run
        query = select(t.summaries, t.metrics.c.name).join(t.metrics, t.metrics.c.id == t.summaries.c.metric_id)
        rows = self._connection.execute(query.where(t.summaries.c.run == run["id"])).mappings()
        summaries = {row["name"]: held(row) for row in rows}
        for name in sorted(told.held.keys() | summaries.keys()):
            if (told.held[name].row() if name in told.held else None) != (
                summaries[name].row() if name in summaries else None
            ):
                yield Flaw("summary-changed", None, f"The summary of {name!r} is not what its points come to.")
        yield from self._seals()
        state, at, runtime = told.end or ("running", None, None)
        expected: dict[str, tuple[object, object]] = {
            "config": (stored.config, told.config),
            "tags": (stored.tags, tuple(sorted(as_stored(tag) for tag, stays in told.tags.items() if stays))),
            "note": (stored.note, as_stored(told.note)),
            "state": (run["state"], state),
            "end": ((run["ended_at"], run["runtime"]), (at, runtime)),
            "number of seals": (run["seals"], len(stored.seals)),
            "snapshot": (stored.snapshot, told.snapshot),
            "evidence": (self._evidence(), told.evidence),
            "artifacts": ([(a.name, a.digest, a.size) for a in stored.artifacts], told.artifacts),
            "data sets": ([(d.used_as, d.digest) for d in stored.datasets], told.datasets),
            "config digest": (stored.digests.config, config_digest(told.config)),
            "data digest": (stored.digests.data, data_digest(told.datasets)),
            "code digest": (stored.digests.code, code_digest(told.snapshot.code)),
            "environment digest": (stored.digests.environment, environment_digest(told.snapshot.python)),
        }
        for what, (is_stored, is_told) in expected.items():
            if is_stored != is_told:
                yield Flaw("record-changed", None, f"The record's {what} is not what the events say.")

    def _seals(self) -> Iterator[Flaw]:
        """Every seal still closes what it closed: an older one is the link of a prefix of the chain."""
        for number, (kept, told) in enumerate(zip_longest(self.stored.seals, self._told.seals), 1):
            if kept is None:
                yield Flaw("seal-missing", told.seq, f"Seal {number}, behind event {told.seq}, is missing.")
            elif kept != told:
                sentence = f"Seal {number} is not the link of the event {kept.seq} that it closed the chain with."
                yield Flaw("seal-broken", kept.seq, sentence)


def _contents(record: Record, blobs: Blobs) -> Iterator[Flaw]:
    """Artifacts whose content is gone, or another."""
    for artifact in record.artifacts:
        what = f"The artifact {artifact.name!r} (version {artifact.version})"
        if not blobs.has(artifact.digest):
            if artifact.stored:
                yield Flaw("artifact-missing", None, f"{what} is not stored any more.")
            continue
        seen = hashlib.sha256()
        with blobs.open(artifact.digest) as stream:
            while piece := stream.read(1 << 20):
                seen.update(piece)
        if seen.hexdigest() != artifact.digest:
            yield Flaw("artifact-changed", None, f"{what} is not the one that was logged.")
