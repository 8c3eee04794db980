"""One run's folder on its way to the store: content first, then the events that name it, the end last of all."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

from tracker import ids
from tracker.client import launch, process
from tracker.client.folders import Destination, Folder
from tracker.client.transport import Transport
from tracker.errors import RunciteError, Unavailable
from tracker.events import Ack, Batch
from tracker.shipper.attendant import Attendant
from tracker.shipper.segment import Segment
from tracker.shipper.telemetry import Sampler

OBSERVER_SECONDS = 15.0
OBSERVER_LIMIT = 60.0
ABANDONED_SECONDS = 3600.0
UNKNOWN_SECONDS = 2.0


class Delivery:
    """A run's folder. `destination` is where it goes, `stuck` why it can't, "" while it can. `here` says whether its
    processes ran on this machine: another machine that shares the home has a shipper of its own."""

    def __init__(self, folder: Folder, clock: Callable[[], int], rng: Random, log: Callable[[str], None]) -> None:
        self.folder = folder
        self.destination: Destination | None = folder.destination()
        self.stuck = ""
        self.here = False
        self.segments: dict[str, Segment] = {}
        self.minted = folder.path.name.rpartition("-")[0]
        self.run_id = folder.renamed() or self.minted
        self._clock = clock
        self._rng = rng
        self._log = log
        self._hopeless: set[str] = set()
        self._sent: list[Path] = []
        self._relaunched = False
        self._ask_again_at = 0.0
        self._attendant: Attendant | None = None

    def close(self) -> None:
        """Let go of files."""
        for segment in self.segments.values():
            segment.close()
        if self._attendant is not None:
            self._attendant.close()

    def refresh(self) -> None:
        """Find new segments, and see which processes still write."""
        found = self.folder.segments()
        if not found and not self.segments and time.time() - self.folder.path.stat().st_mtime > 60:
            self.folder.remove()  # its process died before it had a journal
            return
        for name in found:
            if name not in self.segments:
                with contextlib.suppress(OSError):
                    self.segments[name] = Segment(self.folder, name, self._clock)
        self.here = self._is_here()
        for segment in self.segments.values() if self.here else ():
            try:
                segment.watch()
            except OSError as error:
                self._log(f"{self.run_id}: the end of {segment.name} can't be written yet: {error}")

    def attend(self, sampler: Sampler | None) -> None:
        """Say what the shipper sees of a run that is recorded here: how hard it works while it does (when there is a
        `sampler`), and what it has printed when it has ended."""
        first = self.first
        if not self.here or self.stuck or first is None or first.void or first.tail.owner is None:
            return
        if self._attendant is None:
            self._attendant = Attendant(self.folder, first.tail.owner, self._clock, self._log)
        if first.ended or not first.written:
            if first.placed and not self._attendant.closed:
                self._attendant.end(wanted=not first.delivered)
        elif sampler is not None:
            self._attendant.sample(sampler)

    @property
    def alive(self) -> bool:
        """Whether the training process is still at it, as far as can be seen."""
        first = self.first
        return first is None or (first.written and not first.ended)

    @property
    def first(self) -> Segment | None:
        """The segment whose end is the run's (or, for a resumed run, this process's)."""
        for name, segment in self.segments.items():
            if name == "main" or name.startswith("resume-"):
                return segment
        return None

    @property
    def done(self) -> bool:
        """Whether the store holds all of it and nothing more can come."""
        segments = self.segments.values()
        return bool(segments) and not self._observer_due() and all(segment.delivered for segment in segments)

    def unplaced(self) -> list[Segment]:
        """The segments of which it is not known where the store stands."""
        first = self.first
        if first is None and time.monotonic() < self._ask_again_at:
            return []
        ready = first is None or first.name != "main" or first.number > 0
        return [
            segment
            for segment in self.segments.values()
            if not segment.placed and not segment.refused and segment.tail.nonce and (segment is first or ready)
        ]

    def upload(self, transport: Transport) -> None:
        """Bring the staged content to the store.

        Raises:
            Unavailable: not now.
        """
        staged = {digest: path for digest, path in self.folder.staged() if digest not in self._hopeless}
        if not staged:
            return
        missing = transport.missing(staged)
        for digest, path in staged.items():
            if digest in missing:
                try:
                    transport.put_blob(digest, path)
                except Unavailable:
                    raise
                except RunciteError as error:
                    self._hopeless.add(digest)
                    self._log(f"{self.run_id}: {digest[:12]}… was not taken: {error}")
                    continue
            self._sent.append(path)

    def forget_sent(self) -> None:
        """Remove the staged content that the store has."""
        for path in self._sent:
            path.unlink(missing_ok=True)
        self._sent.clear()

    def batches(self) -> Iterator[tuple[Segment, Batch]]:
        """What can be sent now, the first segment first."""
        first = self.first
        ordered = sorted(self.segments.values(), key=lambda segment: segment is not first)
        for segment in ordered:
            if not segment.placed or segment.refused:
                continue
            hold = segment is first and self._others_go_on(segment)
            batch = segment.batch(self.run_id, hold_end=hold)
            if batch is not None:
                yield segment, batch

    def _is_here(self) -> bool:
        """Whether its processes ran on this machine, or on one that has not been heard of for long."""
        owners = [segment.tail.owner for segment in self.segments.values()]
        if all(owner is None or process.here(owner) for owner in owners):
            return True
        newest = max(segment.tail.path.stat().st_mtime for segment in self.segments.values())
        return time.time() - newest > ABANDONED_SECONDS

    def _others_go_on(self, first: Segment) -> bool:
        if self._observer_due() or self._attendant is None or self._attendant.due:
            return True
        return any(not other.delivered and not other.refused for other in self.segments.values() if other is not first)

    def _observer_due(self) -> bool:
        """Whether the observer has not begun yet, though it may. One that did not come up is started again, once."""
        if "observer" in self.segments:
            return False
        try:
            age = time.time() - self.folder.origin.stat().st_mtime
        except OSError:
            return False
        if OBSERVER_SECONDS < age < OBSERVER_LIMIT and not self._relaunched:
            self._relaunched = True
            with contextlib.suppress(OSError, Unavailable):
                launch.detached("client.observer", str(self.folder.path), home=self.folder.path.parents[1])
        return age < OBSERVER_LIMIT

    def answered(self, segment: Segment, ack: Ack) -> None:
        """Take the store's answer about a segment."""
        if ack.state == "held":
            segment.answered(ack)
        elif ack.state == "clash" and segment.name == "main":
            self._rename()
        elif ack.state == "unknown":
            segment.placed = False
            self._ask_again_at = time.monotonic() + UNKNOWN_SECONDS
        elif ack.state == "sealed" and ack.number and not segment.placed:
            segment.go_to(ack.number, ack.offset)
        else:
            segment.refused = ack.message or ack.state
            self._log(f"{self.run_id}: the store takes no more of {segment.name}: {segment.refused}")
            self.stuck = segment.refused

    def _rename(self) -> None:
        """Another run has the minted ID: take a new one, tell the process, and send everything again."""
        new = ids.mint(self._rng)
        self.folder.write("id", new.encode("ascii"))
        self._log(f"{self.run_id} is another run's ID; this run is now {new}")
        self.run_id = new
        for segment in self.segments.values():
            segment.go_to(0, 0)
            segment.placed = False

    def remove(self) -> None:
        """Remove the folder: the store has everything."""
        self.close()
        self.folder.remove()
