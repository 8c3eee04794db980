"""What the shipper itself has to say about a run that it sees: telemetry, what the process printed, and the cells that
a notebook ran.

It writes a segment of its own into the run's folder, `system-…`, that goes the way of every other; the run's end
waits for it, as for all segments. A shipper that follows one that was killed writes another.
"""

from __future__ import annotations

import gzip
import os
import time
from collections.abc import Callable

from tracker.capture import scrub
from tracker.client import notebook, output, process
from tracker.client.folders import Folder
from tracker.client.frames import EVENT as SAID
from tracker.client.frames import START, Owner, event_frame, read_said, walk
from tracker.client.journal import Journal
from tracker.client.rows import Rows
from tracker.errors import Corrupt
from tracker.events import ArtifactLogged, Body, Finished, Joined, Noticed
from tracker.shipper.telemetry import Process, Sampler

OUTPUT = "output.log.gz"
SEGMENT = "system-"
GIVE_UP_SECONDS = 60.0


class Attendant:
    """Attends one run. `owner` is its training process, as the journal tells."""

    def __init__(self, folder: Folder, owner: Owner, clock: Callable[[], int], log: Callable[[str], None]) -> None:
        self.closed = False
        self._folder = folder
        self._owner = owner
        self._clock = clock
        self._log = log
        self._journal: Journal | None = None
        self._rows = Rows(0)
        self._process = Process(owner.pid)
        self._began = time.monotonic()
        self._age = max(0.0, (clock() - owner.at) / 1e6)
        self._sampled_at = self._began
        self._failed_at: float | None = None

    @property
    def due(self) -> bool:
        """Whether the run's end must wait for what is still to be said."""
        return not self.closed and (self._journal is not None or self._left)

    @property
    def _left(self) -> bool:
        """Whether the process left anything to be packed."""
        return bool(output.kept(self._folder.path)) or notebook.kept(self._folder.path)

    def sample(self, sampler: Sampler) -> None:
        """Write a sample of telemetry, when its time has come."""
        now = time.monotonic()
        if self.closed or now - self._sampled_at < sampler.seconds:
            return
        self._sampled_at = now
        values = sampler.machine() | self._process.values()
        step = round(self._age + now - self._began)
        try:
            journal = self._open()
            self._rows.frames(tuple(values), values.values(), step, self._clock() * 1000, journal.append)
        except OSError as error:
            self._log(f"{self._owner.run_id}: no telemetry: {error}")

    def end(self, *, wanted: bool) -> None:
        """The training process has ended: keep what it printed, unless the store has the run's end already, and end
        this segment."""
        try:
            if wanted and self._left and not self._packed():
                self._pack()
        except (OSError, Corrupt) as error:
            self._failed_at = self._failed_at or time.monotonic()
            if time.monotonic() - self._failed_at < GIVE_UP_SECONDS:
                return
            self._log(f"{self._owner.run_id}: what it printed could not be kept: {error}")
        self.closed = True
        if self._journal is not None:
            runtime = time.monotonic() - self._began
            self._journal.close(self._frame(Finished(state="finished", runtime=runtime)))

    def _pack(self) -> None:
        """Store the output, scrubbed and compressed, and the cells as artifacts."""
        if notebook.kept(self._folder.path):
            digest, size = self._folder.keep_sized(self._folder.path / notebook.CELLS)
            self._open().append(
                self._frame(ArtifactLogged(notebook.KEPT, digest, size, "code", False, "text/x-python"))
            )
        if not output.kept(self._folder.path):
            return
        text = output.as_seen(output.read(self._folder.path))
        clean, secrets = scrub.text(text, "output")
        data = gzip.compress(clean.encode("utf-8", "backslashreplace"), 6, mtime=0)
        digest, size = self._folder.keep_sized(data)
        journal = self._open()
        journal.append(self._frame(ArtifactLogged(OUTPUT, digest, size, "output", False, "application/gzip")))
        for secret in secrets:
            said = f"the output held a secret ({secret.why}), which was not kept"
            journal.append(self._frame(Noticed("output-scrubbed", said)))

    def _packed(self) -> bool:
        """Whether a shipper before this one has packed it already."""
        for name, path in self._folder.segments().items():
            if name.startswith(SEGMENT):
                for frame in walk(path.read_bytes(), START, self._folder.seed(name)):
                    if frame.kind == SAID and isinstance(read_said(frame.payload).body, ArtifactLogged):
                        return True
        return False

    def _open(self) -> Journal:
        if self._journal is None:
            segment = f"{SEGMENT}{os.urandom(4).hex()}"
            mine = process.describe(self._owner.run_id, segment, self._owner.nonce, self._clock())
            journal = Journal(self._folder.segment(segment), mine, self._folder.seed(segment))
            self._journal, self._rows = journal, Rows(journal.seed)
            journal.append(self._frame(Joined(self._owner.nonce, "worker")))
        return self._journal

    def _frame(self, body: Body) -> bytes:
        assert self._journal is not None
        return event_frame(self._clock(), body, self._journal.seed)

    def close(self) -> None:
        """Let go of the segment without ending it: another shipper will see to that."""
        if self._journal is not None:
            self._journal.abandon()
