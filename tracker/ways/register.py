"""Bring runs that were found to a store: registered through the event path, marked, and each once.

A run's ID and nonce follow from its source and key. So one that is there already is known again: what it has since
been given in its source goes on behind what is held, and where nothing is new, nothing is said.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from tracker.client.folders import digest_file, media_type
from tracker.client.transport import Place, Transport
from tracker.client.values import name_of
from tracker.errors import Corrupt, NotAllowed, Refused, Unavailable
from tracker.events import Ack, ArtifactLogged, Batch, Body, Event, Joined, Noticed
from tracker.record import Record
from tracker.ways.found import FoundFile, FoundRun
from tracker.ways.telling import beginning, end, further, identity, measured, unheld

SEGMENT = "main"
ATTEMPTS = 8
TOGETHER = 64
"""Runs that are asked about, and sent, in one go."""
_BYTES = 4 << 20
Known = Callable[[str], Record]


class Brought(msgspec.Struct, frozen=True):
    """What became of a run: new here, grown since, here already as it is, or not taken, and then why."""

    run_id: str
    project: str
    source: str
    where: str
    what: Literal["new", "grown", "here", "refused"]
    message: str = ""


@dataclass
class _Job:
    """One run on its way."""

    run: FoundRun
    run_id: str
    nonce: str
    segment: str = SEGMENT
    number: int = 0
    held: Record | None = None
    said: int = 0
    trouble: str = ""
    clash: bool = False

    @property
    def project(self) -> str:
        """Where the run is, or goes."""
        return self.held.project if self.held else name_of(self.run.project)

    def done(self) -> Brought:
        """What became of it."""
        what: Literal["new", "grown", "here", "refused"] = (
            "refused" if self.trouble else "here" if not self.said else "grown" if self.held else "new"
        )
        return Brought(self.run_id, self.project, self.run.source, self.run.where, what, self.trouble)


class Registrar:
    """The way into a store, with a folder for content on its way. `known` gives a run's record."""

    def __init__(self, transport: Transport, known: Known, scratch: Path, *, files: bool = True) -> None:
        self._transport = transport
        self._known = known
        self._scratch = scratch
        self._files = files
        self._waiting: list[tuple[_Job, Batch]] = []
        self._bytes = 0

    def bring(self, runs: Iterable[FoundRun]) -> Iterator[Brought]:
        """Bring the runs, several together; for each, in order, what became of it.

        Raises:
            RunciteError: the store can't be reached. What was brought stays; bringing all again goes on.
        """
        group: list[FoundRun] = []
        for run in runs:
            group.append(run)
            if len(group) >= TOGETHER:
                yield from self._bring(group, 0)
                group = []
        if group:
            yield from self._bring(group, 0)

    def _bring(self, runs: list[FoundRun], attempt: int) -> Iterator[Brought]:
        jobs = [_Job(run, *identity(run, attempt)) for run in runs]
        acks = self._transport.cursors([Place(job.run_id, SEGMENT, job.nonce) for job in jobs])
        for job, ack in zip(jobs, acks, strict=True):
            try:
                self._look(job, ack)
                self._tell(job)
            except (OSError, Corrupt, ValueError, KeyError) as error:
                job.trouble = f"it can't be read: {' '.join(str(error).split())}"
        self._flush()
        for job in jobs:
            if job.clash and attempt + 1 < ATTEMPTS:
                yield from self._bring([job.run], attempt + 1)
            else:
                yield job.done()

    def _look(self, job: _Job, ack: Ack) -> None:
        """Find where the run stands, if it is here."""
        if ack.number == 0:
            return
        job.held = self._known(job.run_id)
        job.number = ack.number
        seals = len(job.held.seals)
        if seals:
            job.segment, job.nonce = f"import-{seals}", f"{job.nonce}-{seals}"
            (ack,) = self._transport.cursors([Place(job.run_id, job.segment, job.nonce)])
            job.number = ack.number

    def _tell(self, job: _Job) -> None:
        """Say what the store does not have."""
        run, held = job.run, job.held
        now = time.time_ns() // 1000
        start = run.started_at or now
        if held is None:
            self._say(job, list(beginning(run, job.nonce)), start)
        bodies: list[Body] = [] if held is None else list(further(run, held))
        if self._files:
            bodies += self._stored(job, run.files, held)
        counts = {name: summary.count for name, summary in held.metrics.items()} if held else {}
        if bodies:
            self._say(job, bodies, start)
        for body, columns, at in measured(unheld(run.series(), counts)):
            self._say(job, [body], at or start, columns)
        if held is None or job.said or held.end is None:
            self._say(job, list(end(run)), run.ended_at or start)

    def _say(self, job: _Job, bodies: list[Body], at: int, columns: tuple[bytes, ...] = ()) -> None:
        if not bodies or job.trouble or job.clash:
            return
        if job.segment != SEGMENT and job.number == 0:
            bodies = [Joined(job.nonce, "resume"), *bodies]
        events = tuple(Event(job.number + place, at, job.number + place, each) for place, each in enumerate(bodies, 1))
        job.number += len(bodies)
        job.said += len(bodies)
        self._waiting.append((job, Batch(job.run_id, job.segment, job.nonce, events, columns)))
        self._bytes += sum(len(each) for each in columns)
        if self._bytes >= _BYTES or len(self._waiting) >= 4 * TOGETHER:
            self._flush()

    def _flush(self) -> None:
        waiting, self._waiting, self._bytes = self._waiting, [], 0
        waiting = [(job, batch) for job, batch in waiting if not job.trouble and not job.clash]
        if not waiting:
            return
        try:
            acks = self._transport.send([batch for _, batch in waiting])
        except (NotAllowed, Refused) as error:
            for job, _ in waiting:
                job.trouble = job.trouble or error.message
            return
        for (job, batch), ack in zip(waiting, acks, strict=True):
            if ack.state == "clash":
                job.clash = True
            elif ack.state != "held" or ack.number < batch.events[-1].number:
                job.trouble = job.trouble or ack.message or f"the store answered {ack.state}"

    def _stored(self, job: _Job, files: tuple[FoundFile, ...], held: Record | None) -> list[Body]:
        """The run's files that the record does not have, with their content stored."""
        sizes = {artifact.name: artifact.size for artifact in held.artifacts} if held else {}
        bodies: list[Body] = []
        for place, file in enumerate(files):
            name = name_of(file.name)
            known = sizes.get(name)
            if known is not None and (file.path is None or file.path.stat().st_size == known):
                continue
            path = file.path or self._scratch / f"fetched-{place}"
            try:
                if file.fetch is not None and file.path is None:
                    file.fetch(path)
                digest, size = digest_file(path)
                if self._transport.missing([digest]):
                    self._transport.put_blob(digest, path)
            except (OSError, Unavailable) as error:
                bodies.append(Noticed("import-changed", f"{name} could not be brought: {' '.join(str(error).split())}"))
                continue
            finally:
                if file.path is None:
                    path.unlink(missing_ok=True)
            bodies.append(ArtifactLogged(name, digest, size, "file", False, media_type(name)))
        return bodies
