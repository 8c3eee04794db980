"""What new events change in one run: gathered event by event, then written in few statements."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from tracker.events import (
    ArtifactLogged,
    Captured,
    Configured,
    DatasetLogged,
    Finished,
    Joined,
    Metrics,
    Noticed,
    Reproduced,
    Started,
    Tagged,
    link_stored,
)
from tracker.learning import learned
from tracker.record import End, Seal, State
from tracker.snapshot import Code, Python, Scalar, Snapshot, canonical, code_digest, digest_of, environment_digest
from tracker.snapshot import merged as merged_snapshot
from tracker.store import records
from tracker.store.chains import Run, Segment, move
from tracker.store.checks import Prepared, Stretch, Unfit
from tracker.store.digests import as_number, as_text, config_digest, data_digest, is_seed
from tracker.store.sql import insert_new, portions, upsert
from tracker.store.summaries import Series, keep_summaries, numbered, read_series
from tracker.store.tables import runs as t

MAX_NOTICES = 500
HasBlob = Callable[[str], bool]
_EVENTS, _CHUNKS, _VALUES = insert(t.events), insert(t.chunks), insert(t.config_values)
_DETAILS = update(t.details).where(t.details.c.run == bindparam("of"))
_CONFIG = select(t.details.c.config).where(t.details.c.run == bindparam("of"))
_SEED = update(t.runs).where(t.runs.c.id == bindparam("of"), t.runs.c.seed.is_(None))


@dataclass
class Changes:
    """What a stretch of one segment's events changes."""

    connection: Connection
    run: Run
    segment: Segment
    now: int
    has_blob: HasBlob | None
    series: Series = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    seed: str | None = None
    events: list[dict[str, Any]] = field(default_factory=list)
    stretches: list[tuple[int, Stretch]] = field(default_factory=list)
    added: dict[str, Scalar] = field(default_factory=dict)
    snapshots: list[Snapshot] = field(default_factory=list)
    notices: list[dict[str, Any]] = field(default_factory=list)
    artifacts: list[dict[str, Any]] = field(default_factory=list)
    datasets: list[dict[str, Any]] = field(default_factory=list)
    tags: dict[str, bool] = field(default_factory=dict)
    evidence: dict[str, Any] | None = None
    details: dict[str, bytes | None] = field(default_factory=dict)
    seals: list[Seal] = field(default_factory=list)
    _config: dict[str, Scalar] | None = None

    def take(self, prepared: Prepared) -> None:
        """Place the next event behind the run's last, and note what it changes.

        Raises:
            Unfit: the segment has ended.
        """
        if self.segment.ended:
            raise Unfit(f"event {prepared.event.number}: the segment has ended")
        event = prepared.event
        seq = self.run.events + 1
        self.run.events = seq
        self.run.head = link_stored(self.run.head, self.run.run_id, seq, self.segment.name, prepared.json)
        self.segment.number, self.segment.offset = event.number, event.offset
        placed = {"run": self.run.id, "seq": seq, "segment": self.segment.id, "received_at": self.now}
        self.events.append({**placed, "link": self.run.head, "body": prepared.json})
        self._note(prepared, seq)

    def _note(self, prepared: Prepared, seq: int) -> None:
        at, body = prepared.event.at, prepared.event.body
        match body:
            case Started():
                self.tags |= dict.fromkeys(body.tags, True)
                self._configure(body.config, at)
            case Joined(role="resume"):
                self.run.principal = self.segment.id
                self._ends(None)
            case Configured():
                self._configure(body.config, at)
            case Captured():
                if self.segment.part == 0:  # behind a seal, a snapshot is the event's own: the run's is what it was
                    self.snapshots.append(body.snapshot)
            case Metrics():
                self.stretches += [(seq, stretch) for stretch in prepared.stretches]
            case ArtifactLogged():
                self._artifact(body, seq, at)
            case DatasetLogged():
                row = {"run": self.run.id, "seq": seq, "name": body.name, "digest": body.digest, "size": body.size}
                self.datasets.append({**row, "source": body.source, "used_as": body.used_as})
            case Tagged():
                self.tags |= dict.fromkeys(body.remove, False) | dict.fromkeys(body.add, True)
                if body.note is not None:
                    self.values["note"] = body.note
            case Noticed():
                self._notice(at, body.code, body.message)
            case Reproduced():
                self.evidence = {**msgspec.structs.asdict(body), "run": self.run.id, "at": at}
            case Finished():
                self._finish(body, at)

    def _configure(self, config: dict[str, Scalar], at: int) -> None:
        held = self._held_config() | self.added
        for key, value in config.items():
            if key not in held:
                self.added[key] = value
                if is_seed(key) and isinstance(value, int) and not isinstance(value, bool):
                    self.seed = self.seed or str(value)
            elif held[key] != value or isinstance(held[key], bool) != isinstance(value, bool):
                was, wanted = canonical(held[key]).decode(), canonical(value).decode()
                self._notice(
                    at, "config-rewritten", f"config {key!r} is {was:.80} and stays so; {wanted:.80} came later"
                )

    def _held_config(self) -> dict[str, Scalar]:
        if self._config is None:
            body = self.connection.scalar(_CONFIG, {"of": self.run.id})
            self._config = records.CONFIG.decode(body or b"{}")
        return self._config

    def _notice(self, at: int, code: str, message: str) -> None:
        self.notices.append({"run": self.run.id, "at": at, "code": code, "message": message})

    def _artifact(self, body: ArtifactLogged, seq: int, at: int) -> None:
        row = msgspec.structs.asdict(body)
        stored = self.has_blob is None or self.has_blob(body.digest)
        self.artifacts.append({**row, "run": self.run.id, "seq": seq, "at": at, "stored": stored})

    def _finish(self, body: Finished, at: int) -> None:
        self.segment.ended = True
        if self.segment.id != self.run.principal:
            return
        self.run.seals += 1
        self.seals.append(Seal(self.run.events, self.run.head.hex(), self.now))
        self._ends(msgspec.convert({**msgspec.structs.asdict(body), "at": at}, learned(End)), body.state)

    def _ends(self, end: End | None, state: State = "running") -> None:
        """The run's end; None for one that goes on."""
        self.details["ended"] = canonical(end) if end else None
        at, runtime = (end.at, end.runtime) if end else (None, None)
        self.values |= {"state": state, "ended_at": at, "runtime": runtime}

    def write(self) -> None:
        """Put everything that was noted into the tables."""
        run, connection = self.run, self.connection
        self._write_config()
        self._write_snapshots()
        self._write_artifacts()
        if self.datasets:
            connection.execute(t.datasets.insert(), self.datasets)
            self._digest_data()
        self._write_tags()
        self._write_notices()
        if self.evidence is not None:
            upsert(self.connection, t.reproductions, ("run",), [self.evidence])
        if self.stretches:
            self._write_metrics()
        self._write_seals()
        if self.details:
            self._detail(**self.details)
        connection.execute(_EVENTS, self.events)
        if self.seed is not None:
            connection.execute(_SEED, {"of": run.id, "seed": self.seed})
        run.last_seen = max(run.last_seen, self.now)
        self.segment.last_digest = known_by(self.events[-1]["body"])
        move(connection, run, self.segment, self.values)

    def _write_seals(self) -> None:
        if self.seals:
            held = self.connection.scalar(select(t.details.c.seals).where(t.details.c.run == self.run.id))
            earlier = records.SEALS.decode(held or b"[]")
            self.details["seals"] = canonical((*earlier, *self.seals))

    def _detail(self, **values: object) -> None:
        self.connection.execute(_DETAILS, {"of": self.run.id, **values})

    def _write_config(self) -> None:
        if not self.added:
            return
        whole = self._held_config() | self.added
        self._detail(config=canonical(whole))
        self.values["config_digest"] = config_digest(whole)
        ids = numbered(self.connection, t.keys, self.run.project_id, list(self.added))
        rows = [
            {"run": self.run.id, "key_id": ids[key], "text": as_text(value), "number": as_number(value)}
            for key, value in self.added.items()
        ]
        self.connection.execute(_VALUES, rows)

    def _write_snapshots(self) -> None:
        if not self.snapshots:
            return
        snapshot = self._held_snapshot()
        for further in self.snapshots:
            snapshot = merged_snapshot(snapshot, further)
        self.values["code_digest"] = code_digest(snapshot.code)
        self.values["environment_digest"] = environment_digest(snapshot.python)
        self._detail(
            code=self._document(snapshot.code),
            python=self._document(snapshot.python),
            snapshot=canonical(msgspec.structs.replace(snapshot, code=None, python=None)),
        )

    def _held_snapshot(self) -> Snapshot:
        code, python = t.documents.alias(), t.documents.alias()
        query = (
            select(t.details.c.snapshot, code.c.body, python.c.body)
            .outerjoin(code, code.c.id == t.details.c.code)
            .outerjoin(python, python.c.id == t.details.c.python)
            .where(t.details.c.run == self.run.id)
        )
        rest, code_body, python_body = self.connection.execute(query).one()
        return msgspec.structs.replace(
            records.SNAPSHOT.decode(rest),
            code=code_body and records.CODE.decode(code_body),
            python=python_body and records.PYTHON.decode(python_body),
        )

    def _document(self, part: Code | Python | None) -> int | None:
        if part is None:
            return None
        digest = digest_of(part)
        find = select(t.documents.c.id).where(t.documents.c.digest == digest)
        found = self.connection.scalar(find)
        if found is None:
            insert_new(self.connection, t.documents, [{"digest": digest, "body": canonical(part)}])
            found = self.connection.scalar(find)
        return found

    def _write_artifacts(self) -> None:
        if not self.artifacts:
            return
        a = t.artifacts.c
        names = sorted({row["name"] for row in self.artifacts})
        counted = select(a.name, func.max(a.version)).where(a.run == self.run.id, a.name.in_(names)).group_by(a.name)
        versions: dict[str, int] = dict(self.connection.execute(counted).all())
        for row in self.artifacts:
            row["version"] = versions[row["name"]] = versions.get(row["name"], 0) + 1
        self.connection.execute(t.artifacts.insert(), self.artifacts)

    def _digest_data(self) -> None:
        used = select(t.datasets.c.used_as, t.datasets.c.digest).where(t.datasets.c.run == self.run.id)
        self.values["data_digest"] = data_digest(self.connection.execute(used))

    def _write_tags(self) -> None:
        gone = [tag for tag, stays in self.tags.items() if not stays]
        for some in portions(gone):
            self.connection.execute(delete(t.tags).where(t.tags.c.run == self.run.id, t.tags.c.tag.in_(some)))
        insert_new(self.connection, t.tags, [{"run": self.run.id, "tag": tag} for tag in self.tags if self.tags[tag]])

    def _write_notices(self) -> None:
        if not self.notices:
            return
        count = select(func.count()).select_from(t.notices).where(t.notices.c.run == self.run.id)
        room = MAX_NOTICES - (self.connection.scalar(count) or 0)
        if room > 0:
            self.connection.execute(t.notices.insert(), self.notices[:room])

    def _write_metrics(self) -> None:
        run, series = self.run.id, self.series
        names = [stretch.metric for _, stretch in self.stretches]
        read_series(self.connection, run, self.run.project_id, names, series)
        chunks = [
            {"run": run, "metric_id": series[s.metric].id, "seq": seq, "count": s.summary.count, "data": s.data}
            for seq, s in self.stretches
        ]
        self.connection.execute(_CHUNKS, chunks)
        for _, stretch in self.stretches:
            series[stretch.metric].grow(stretch)
        keep_summaries(self.connection, run, {name: series[name] for name in names})


def known_by(json: bytes) -> str:
    """By which an event is known again."""
    return hashlib.sha256(json).hexdigest()
