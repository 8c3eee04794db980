"""Compare: hold what the new run wrote against the old one, and put the evidence into its chain. The last stage.

The new run stands in journals that nobody has shipped yet. They are read through a store of their own, the verdict is
written beside them as a further segment, and only then they go where runs go: so the evidence is in the chain before
the end seals it.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

import msgspec

from tracker.client import process
from tracker.client.folders import Destination, Folder
from tracker.client.frames import START, event_frame, read_owner, walk
from tracker.client.journal import Journal
from tracker.errors import RunciteError
from tracker.events import Finished, Joined, Reproduced
from tracker.record import Record
from tracker.reproduce.fetch import LocalOrigin, Origin
from tracker.rules.reproduction import Outcome, score
from tracker.settings import Settings
from tracker.store import queries
from tracker.store.database import open_database
from tracker.store.migrate import upgrade

SEGMENT = "verdict"
OBSERVER_SECONDS = 60.0


class Report(Protocol):
    """What came of a delivery: runs that are whole where they go, and why others are not."""

    @property
    def delivered(self) -> Sequence[str]:
        """Run IDs."""

    @property
    def waiting(self) -> dict[str, str]:
        """Why, by run ID."""


Deliver = Callable[[Settings], Report]
"""Brings the journals of a home where they go."""


def folders(home: Path) -> list[Folder]:
    """The journals that a process left in its home."""
    journals = home / "journals"
    return [Folder(path) for path in sorted(journals.iterdir())] if journals.is_dir() else []


def wait_for_observers(home: Path) -> None:
    """Wait until the slow parts of every snapshot are there, or nobody can be at it any more."""
    deadline = time.monotonic() + OBSERVER_SECONDS
    while any(folder.origin.exists() for folder in folders(home)) and time.monotonic() < deadline:
        time.sleep(0.05)


def read(home: Path, scratch: Path, deliver: Deliver) -> LocalOrigin:
    """The runs in a home, as records, without taking anything away from it. The caller closes what is given back.

    Raises:
        RunciteError: they can't be read.
    """
    copy = scratch / "read"
    shutil.copytree(home / "journals", copy / "journals", copy_function=_linked)
    (copy / "runcite.db").write_bytes(_blank())
    settings = Settings(copy, f"sqlite:///{copy / 'runcite.db'}", str(copy / "artifacts"))
    _direct(copy, settings)
    report = deliver(settings)
    if report.waiting:
        run_id, why = next(iter(report.waiting.items()))
        raise RunciteError(f"The new run {run_id} can't be read: {why}.", remedy="See its journal: --in DIR.")
    return LocalOrigin(settings)


@cache
def _blank() -> bytes:
    """An empty database: made once, as a bisection reads many runs."""
    with TemporaryDirectory(prefix="runcite-") as folder:
        path = Path(folder, "blank.db")
        db = open_database(f"sqlite:///{path}")
        try:
            upgrade(db)
        finally:
            db.close()
        return path.read_bytes()


def _linked(source: str, target: str) -> None:
    """Content is linked, as it never changes; journals are copied, as their ends may be written."""
    if Path(source).parent.name == "blobs":
        os.link(source, target)
    else:
        shutil.copy2(source, target)


def choose(settings_url: str, original: Record) -> Record | None:
    """Of the runs that a script started, the one that is the original again: by config, seed and name."""
    db = open_database(settings_url)
    try:
        found = queries.find_records(db, None, limit=1000, now=time.time_ns() // 1000)
    finally:
        db.close()
    started = sorted(found, key=lambda record: record.started_at)

    def likeness(record: Record) -> tuple[bool, bool, bool, bool]:
        return (
            record.project == original.project,
            record.digests.config == original.digests.config,
            record.seed == original.seed,
            record.name == original.name,
        )

    return max(started, key=likeness, default=None)


def replicates(origin: Origin, original: Record) -> tuple[Record, ...]:
    """The runs that tell how much the number varies: of the same config, code, data and environment, of other seeds."""
    return tuple(
        record
        for record in origin.replicates(original)
        if record.state == "finished"
        and record.retracted is None
        and record.reproduces is None
        and record.seed not in (None, original.seed)
    )


def testify(home: Path, run_id: str, original: Record, outcome: Outcome) -> None:
    """Write the evidence into the run's folder, as a segment of its own.

    Raises:
        OSError: it can't be written.
    """
    folder = next(each for each in folders(home) if each.path.name.startswith(f"{run_id}-"))
    first = next(walk(folder.segment("main").read_bytes()[:65536], START, folder.seed("main")))
    nonce = read_owner(first.payload).nonce
    at = time.time_ns() // 1000
    journal = Journal(folder.segment(SEGMENT), process.describe(run_id, SEGMENT, nonce, at), folder.seed(SEGMENT))
    assert outcome.verdict != "could-not-run"
    said = Reproduced(original.id, outcome.verdict, outcome.sentence, original.sealed, score(original).text)
    for body in (Joined(nonce, "worker"), said):
        journal.append(event_frame(at, body, journal.seed))
    journal.close(event_frame(at, Finished("finished", 0.0), journal.seed))


def hand_over(home: Path, settings: Settings, deliver: Deliver) -> str:
    """Send the runs in a home where runs go; why that did not work, "" where it did.

    What can't be delivered now is moved to the user's own home, where `runcite sync` finds it.
    """
    _direct(home, settings)
    report = deliver(msgspec.structs.replace(settings, home=home, reproduces=None))
    if not report.waiting:
        return ""
    settings.journals.mkdir(parents=True, exist_ok=True)
    for folder in folders(home):
        shutil.move(folder.path, settings.journals / folder.path.name)
    return next(iter(report.waiting.values()))


def _direct(home: Path, settings: Settings) -> None:
    destination = msgspec.json.encode(Destination(settings.url, settings.artifacts, settings.token))
    for folder in folders(home):
        folder.write("destination", destination)
