"""One segment on its way: its journal's pieces become numbered events, in batches, until the store has them all."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable

import numpy as np

from tracker.client import process
from tracker.client.folders import Folder
from tracker.client.frames import Owner, event_frame
from tracker.client.journal import is_written, reopen
from tracker.client.transport import Place
from tracker.events import Ack, Batch, Body, Column, Event, Finished, Metrics
from tracker.shipper.deaths import Watch, witness
from tracker.shipper.tail import Piece, Tail
from tracker.store import series

INTERVAL = 0.5
"""Seconds between two readings of a journal that is being written."""
PATIENCE = 2.0
"""Seconds: how long something unreadable may be half-written, and how long a dying process may take to be gone."""


class Segment:
    """A segment of a run, and how far the store has it.

    `number` and `offset` are the store's: the highest event it holds without a gap, and where that ends in the
    journal. `placed` says that they are known, `refused` why the store takes no more.
    """

    def __init__(self, folder: Folder, name: str, clock: Callable[[], int]) -> None:
        self.name = name
        self.tail = Tail(folder, name)
        self.number = 0
        self.offset = 0
        self.placed = False
        self.refused = ""
        self.written = True
        self.void = False
        self._read_at = 0.0
        self._folder = folder
        self._seed = folder.seed(name)
        self._clock = clock
        self._watch: Watch | None = None
        self._pieces: list[Piece] = []
        self._batch: Batch | None = None
        self._said_so = False  # whether the process wrote the end itself, further on than was read yet
        self._since: float | None = None
        self._stuck: tuple[int, float] | None = None

    def close(self) -> None:
        """Let go of files."""
        self.tail.close()
        if self._watch is not None:
            self._watch.close()

    @property
    def ended(self) -> bool:
        """Whether the journal says, with its last event, how the segment ended."""
        return self.tail.finished_at is not None

    @property
    def delivered(self) -> bool:
        """Whether the store holds all of it."""
        return self.void or (self.placed and self._batch is None and not self._pieces and self._at_end())

    def _at_end(self) -> bool:
        return self.tail.finished_at is not None and self.offset >= self.tail.finished_at

    def place(self, run_id: str) -> Place:
        """The question where the store stands with it."""
        return Place(run_id, self.name, self.tail.nonce or "")

    def go_to(self, number: int, offset: int) -> None:
        """Go on from where the store stands."""
        self.number, self.offset, self.placed = number, offset, True
        self._pieces, self._batch = [], None
        self.tail.seek(offset)

    def batch(self, run_id: str, *, hold_end: bool) -> Batch | None:
        """The next events, None when there are none now. The same again until the store has answered for it.

        `hold_end` keeps the segment's last event back.
        """
        if self._batch is not None:
            return self._batch if self._batch.run_id == run_id else None
        if not self._pieces:
            now = time.monotonic()
            if self.written and now - self._read_at < INTERVAL:
                return None
            self._read_at = now
            self._pieces = self.tail.read(dead=self._unreadable())
        ready = [piece for piece in self._pieces if not (hold_end and isinstance(piece.body, Finished))]
        if not ready:
            return None
        self._pieces = self._pieces[len(ready) :]
        events, columns = [], []
        for number, piece in enumerate(ready, self.number + 1):
            body, encoded = _said(piece)
            events.append(Event(number, piece.at, piece.offset, body))
            columns += encoded
        self._batch = Batch(run_id, self.name, self.tail.nonce or "", tuple(events), tuple(columns))
        return self._batch

    def answered(self, ack: Ack) -> None:
        """The store holds everything up to `ack.number`; when that is not what was sent, go on from there."""
        sent = self._batch
        if sent is not None and (ack.number, ack.offset) == (sent.events[-1].number, sent.events[-1].offset):
            self.number, self.offset, self._batch = ack.number, ack.offset, None
        else:
            self.go_to(ack.number, ack.offset)

    def _unreadable(self) -> bool:
        """Whether what comes next has been unreadable for too long to be a frame that is just being written."""
        if not self.written:
            return True
        if self.tail.at_end():
            self._stuck = None
            return False
        now = time.monotonic()
        if self._stuck is None or self._stuck[0] != self.tail.position:
            self._stuck = (self.tail.position, now)
        return now - self._stuck[1] > PATIENCE and self.tail.damaged()

    def watch(self) -> None:
        """See whether the process still writes; when it is gone without an end, write the end for it.

        Raises:
            OSError: there is no room for that now.
        """
        if not self.tail.identify() or self.tail.owner is None:
            if not self._locked() and self._old():
                self.written = False
                self.void = not self.tail.adopt()  # nothing sound: the process died before it had written anything
            return
        if self.ended or self._said_so:
            self.written = False
            return
        self.written = self._locked()
        if self.written:
            if self._watch is None:
                self._watch = Watch(self.tail.owner)
            return
        # A power cut may have taken from the journal what the store has already: then the end goes behind that.
        if self.placed or self.tail.owner.boot == process.boot():
            self._bury(self.tail.owner)

    def _bury(self, owner: Owner) -> None:
        """Write the end of a segment whose process is gone, unless it did so itself. A torn tail is cut."""
        if self.tail.says_end():  # the usual case: what is still to be sent is not read twice
            self._said_so = True
            return
        whole = Tail(self._folder, self.name)
        try:
            whole.follow(self.tail)  # which stands no earlier than the store
            end = whole.read_out()
        finally:
            whole.close()
        if whole.finished_at is not None:
            self._said_so = True
            return
        if not whole.begun:
            self.void = True  # it died before its first event: there is nothing to tell
            return
        seen = self._watch.look() if self._watch is not None else process.exit_of(owner)
        if seen is None and self._watch is not None:
            self._since = self._since or time.monotonic()
            if time.monotonic() - self._since < PATIENCE:
                return
        now = self._clock()
        reopen(self.tail.path, end, event_frame(now, witness(owner, seen, now=now), self._seed))

    def _locked(self) -> bool:
        try:
            return is_written(self.tail.path)
        except OSError:
            return self.tail.owner is not None and process.lives(self.tail.owner)

    def _old(self) -> bool:
        return time.time() - self.tail.path.stat().st_mtime > 60


def _said(piece: Piece) -> tuple[Body, list[bytes]]:
    """The event's body, and the encoded columns that go with it."""
    if piece.body is not None:
        return piece.body, []
    together: dict[tuple[int, ...], list[str]] = {}  # metrics that were logged in the same calls
    for name, points in piece.columns.items():
        together.setdefault(tuple(map(id, points.steps)), []).append(name)
    encoded: dict[str, bytes] = {}
    for names in together.values():
        alike = piece.columns[names[0]]
        values = [np.concatenate(piece.columns[name].values) for name in names]
        data = series.encode_alike(np.concatenate(alike.steps), np.concatenate(alike.times), values)
        encoded.update(zip(names, data, strict=True))
    counts = {name: sum(map(len, points.steps)) for name, points in piece.columns.items()}
    columns = [Column(name, counts[name], hashlib.sha256(encoded[name]).hexdigest()) for name in piece.columns]
    return Metrics(tuple(columns)), [encoded[name] for name in piece.columns]
