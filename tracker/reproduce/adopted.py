"""A new run that the script registered by MLflow's client: it stands in a database, and no journal holds it.

It is written as a journal, so that it is read, judged and delivered like every other.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from tracker.client import process
from tracker.client.folders import Folder
from tracker.client.frames import event_frame
from tracker.client.journal import Journal
from tracker.client.rows import Rows
from tracker.errors import Corrupt, NotFound
from tracker.events import Body, Captured, DatasetLogged, Finished, Started
from tracker.record import Record
from tracker.reproduce.compare import choose
from tracker.reproduce.fetch import LocalOrigin, histories
from tracker.settings import Settings

SAID = "Recorded from what the script told MLflow's client."


def adopt(home: Path, original: Record) -> None:
    """Write the run that is the original again as a journal in the home, where the script registered one."""
    database = home / "runcite.db"
    if not database.exists():
        return
    settings = Settings(home, f"sqlite:///{database}", str(home / "artifacts"), shipper=False)
    again = choose(settings.url, original)
    if again is None:
        return
    origin = LocalOrigin(settings)
    try:
        _write(origin, again, settings, original.id)
    finally:
        origin.close()


def _write(origin: LocalOrigin, again: Record, settings: Settings, reproduces: str) -> None:
    nonce = os.urandom(16).hex()
    folder = Folder.make(settings, again.id, nonce[:8])
    _keep(origin, again, folder)
    owner = process.describe(again.id, "main", nonce, again.started_at)
    journal = Journal(folder.segment("main"), owner, folder.seed("main"))
    for body in _said(again, nonce, reproduces):
        journal.append(event_frame(again.started_at, body, journal.seed))
    rows = Rows(journal.seed)
    for name, points in histories(origin, again).items():
        told = zip(points.steps.tolist(), points.values.tolist(), points.times.tolist(), strict=True)
        for step, value, at in told:
            rows.frames((name,), (value,), step, at * 1000, journal.append)
    journal.close(event_frame(again.end.at if again.end else again.last_seen, _end(again), journal.seed))


def _said(again: Record, nonce: str, reproduces: str) -> Iterator[Body]:
    yield Started(
        again.project,
        nonce,
        name=again.name,
        config=again.config,
        seed=again.seed,
        tags=again.tags,
        note=SAID,
        reproduces=reproduces,
    )
    yield Captured(again.snapshot)
    for each in again.datasets:
        yield DatasetLogged(each.name, each.digest, each.size, each.source, each.used_as)


def _end(again: Record) -> Finished:
    end = again.end
    if end is None:
        return Finished("failed", 0.0, witness="shipper", reason="the script did not end its run")
    return Finished(
        "finished" if again.state == "finished" else "failed",
        end.runtime,
        witness=end.witness,
        reason=end.reason,
        traceback=end.traceback,
        exit_code=end.exit_code,
        signal=end.signal,
    )


def _keep(origin: LocalOrigin, again: Record, folder: Folder) -> None:
    """The content that the snapshot names moves along."""
    code = again.snapshot.code
    named = {file.digest for file in code.changed if file.digest} if code else set()
    if code and code.git and code.git.bundle:
        named.add(code.git.bundle)
    for digest in named:
        folder.blobs.mkdir(mode=0o700, exist_ok=True)
        try:
            origin.blob(digest, folder.blobs / digest)
        except (NotFound, Corrupt):
            (folder.blobs / digest).unlink(missing_ok=True)
