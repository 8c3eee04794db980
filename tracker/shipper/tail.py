"""Follow a journal from outside: whole frames only, rows of metrics as columns.

A reader never takes a half-written frame: each has its checksum. What stays unreadable although sound frames
follow is damage: it is stepped over, and the loss is said. What is unreadable at the very end of a dead process's
journal is a torn tail, and was never promised to anybody.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from zlib import crc32

import msgspec
import numpy as np
from numpy.typing import NDArray

from tracker.client import process
from tracker.client.folders import Folder
from tracker.client.frames import (
    EVENT,
    FIRST_ROW,
    MAX_WORDS,
    OWNER,
    SHAPE,
    START,
    WIDE_ROW,
    Frame,
    Owner,
    frame_at,
    next_sound,
    read_owner,
    read_said,
    read_shape,
    start_of,
    walk,
)
from tracker.events import Body, Finished, Joined, Noticed, Started
from tracker.shipper.sums import all_right

CHUNK = 4 << 20
RECOVERED = "recovered"
"""The project of a run whose first event was lost."""
_LONGEST = 8 * (MAX_WORDS + 1)
_LAST_WORDS = 4096
_MANY = 256


class Points(msgspec.Struct):
    """One metric's values in the order they were logged. Times are microseconds."""

    steps: list[NDArray[np.int64]]
    values: list[NDArray[np.float64]]
    times: list[NDArray[np.int64]]


class Piece(msgspec.Struct):
    """What becomes one event: something said, or a stretch of metrics (`body` None). `offset` is right behind it."""

    at: int
    offset: int
    body: Body | None
    columns: dict[str, Points]


class Tail:
    """A journal's reader, with the position up to which it has read."""

    def __init__(self, folder: Folder, segment: str) -> None:
        self.path: Path = folder.segment(segment)
        self.segment = segment
        self.owner: Owner | None = None
        self.nonce: str | None = None
        self.position = START
        self._seed = folder.seed(segment)
        self._shapes: dict[int, tuple[str, ...]] = {}
        self._fd = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        self._synced = 0
        self.finished_at: int | None = None
        self.begun = False
        self.identify()

    def identify(self) -> bool:
        """Learn whose segment this is; False while that is not written yet."""
        if self.owner is None:
            frame = frame_at(os.pread(self._fd, 65536, START), 0, self._seed, START)
            if frame is not None and frame.kind == OWNER:
                self._take(frame, _Pieces(self._shapes))
        return self.owner is not None

    def adopt(self) -> bool:
        """Whether a journal that nobody writes any more, and whose owner's frame is damaged, holds a run all the same:
        then it belongs to a process that is gone, known by what it said first."""
        for frame in self._whole():
            if frame.kind == EVENT and isinstance(body := read_said(frame.payload).body, Started | Joined):
                run_id = self.path.parent.name.rpartition("-")[0]
                self.owner = Owner(run_id, self.segment, body.nonce, 0, process.host(), read_said(frame.payload).at)
                self.nonce = body.nonce
                return True
        return False

    def _whole(self) -> Iterator[Frame]:
        data, at = self.path.read_bytes(), START
        while (after := next_sound(data, at, self._seed)) is not None:
            for frame in walk(data, after, self._seed):
                yield frame
                at = frame.end

    def follow(self, other: Tail) -> None:
        """Go on where another reader of this journal stands, with what it has learnt."""
        self.position, self.begun, self.finished_at = other.position, other.begun, other.finished_at
        self.owner, self.nonce = other.owner, other.nonce
        self._shapes = other._shapes.copy()

    def close(self) -> None:
        """Let go of the file."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def seek(self, offset: int) -> None:
        """Go on from `offset`, which lies right behind a frame. What was declared before it is learnt again."""
        self.position = START
        self._shapes.clear()
        while (before := self.position) < offset:
            self.read(min(CHUNK, offset - before), dead=True)
            if self.position == before:
                break
        self.position = max(offset, START)

    def read_out(self) -> int:
        """Read to the end of a journal that nobody writes any more; where the last sound frame ends."""
        while True:
            before = self.position
            self.read(dead=True)
            if self.position == before:
                return before

    def says_end(self) -> bool:
        """Whether the very last frame is the segment's end. False may also mean that the end is too long to be seen
        this way, which reads a few of the last bytes only."""
        base = max(START, (os.fstat(self._fd).st_size - _LAST_WORDS) // 8 * 8)
        data = os.pread(self._fd, 2 * _LAST_WORDS, base)
        first = next_sound(data, 0, self._seed)
        last = None if first is None else deque(walk(data, first, self._seed), maxlen=1).pop()
        if last is None or last.end != len(data) or last.kind != EVENT:
            return False
        try:
            return isinstance(read_said(last.payload).body, Finished)
        except msgspec.DecodeError:
            return False

    def sync(self) -> None:
        """See to it that what was written survives a power cut."""
        if self.position != self._synced:
            os.fdatasync(self._fd)
            self._synced = self.position

    def at_end(self) -> bool:
        """Whether nothing sound is left to read now."""
        return os.pread(self._fd, 8, self.position).strip(b"\0") == b""

    def read(self, limit: int = CHUNK, *, dead: bool = False) -> list[Piece]:
        """The next pieces, up to about `limit` bytes. `dead` says that nobody writes any more: then damage is
        stepped over and reported; otherwise reading stops before it and waits."""
        data = os.pread(self._fd, limit, self.position)
        if len(data) >= 8:
            need = 8 * (1 + (int.from_bytes(data[4:8], "little") & MAX_WORDS))
            if len(data) < need <= _LONGEST and len(data) == limit:
                data = os.pread(self._fd, need, self.position)
        pieces = _Pieces(self._shapes)
        at = 0
        while at < len(data):
            after = self._rows(data, at, pieces)
            if after == at:
                frame = frame_at(data, at, self._seed, self.position)
                if frame is None:
                    break
                self._take(frame, pieces)
                after = at + frame.end - frame.start
            at = after
        self.position += at
        if at == 0 and dead:
            return self._step_over()
        return pieces.finished(self.position)

    def _step_over(self) -> list[Piece]:
        """Past damage to the next sound frame, if there is one; the loss as a notice. A run's first event comes first
        whatever is damaged: where it is lost itself, one in its place says as much as is known."""
        rest = os.pread(self._fd, 16 * CHUNK, self.position)
        after = next_sound(rest, 8, self._seed)
        if after is None:
            return []
        said = f"{after:,} bytes of the journal {self.segment} at {self.position:,} were damaged and could not be read"
        self.position += after
        at = self.owner.at if self.owner else 0
        notice = Noticed("journal-damaged", said)
        if self.begun:
            return [Piece(at, self.position, notice, {})]
        frame = frame_at(rest, after, self._seed)
        if frame is None or frame.kind != EVENT or not isinstance(read_said(frame.payload).body, Started | Joined):
            self.begun = True
            return [Piece(at, self.position, self._instead(), {}), Piece(at, self.position, notice, {})]
        begun = _Pieces(self._shapes)
        self._take(frame, begun)
        self.position += frame.end - frame.start
        (first,) = begun.finished(self.position)
        return [
            Piece(first.at, self.position, first.body, {}),
            Piece(first.at, self.position, notice, {}),
        ]

    def _instead(self) -> Started | Joined:
        nonce = self.nonce or ""
        if self.segment == "main":
            return Started(RECOVERED, nonce, note="The run's first words were lost: its journal is damaged.")
        return Joined(nonce, "resume" if self.segment.startswith("resume-") else "worker")

    def damaged(self) -> bool:
        """Whether sound frames follow behind something unreadable."""
        rest = os.pread(self._fd, CHUNK, self.position)
        return frame_at(rest, 0, self._seed) is None and next_sound(rest, 8, self._seed) is not None

    def _take(self, frame: Frame, pieces: _Pieces) -> None:
        try:
            if frame.kind == EVENT:
                said = read_said(frame.payload)
                if isinstance(said.body, Started | Joined):
                    self.begun = True
                    self.nonce = self.nonce or said.body.nonce
                if isinstance(said.body, Finished):
                    self.finished_at = frame.end
                pieces.say(said.at, said.body, frame)
            elif frame.kind == SHAPE:
                shape = read_shape(frame.payload)
                self._shapes[shape.id] = shape.names
            elif frame.kind == OWNER:
                self.owner = read_owner(frame.payload)
                self.nonce = self.owner.nonce
        except msgspec.DecodeError as error:
            said_so = Noticed("journal-unknown", f"a frame of the journal {self.segment} is not understood: {error}")
            pieces.say(pieces.last_at, said_so, frame)

    def _rows(self, data: bytes, at: int, pieces: _Pieces) -> int:
        """Take the sound rows of one shape that stand at `at`; where they end."""
        if at + 8 > len(data):
            return at
        head = int.from_bytes(data[at + 4 : at + 8], "little")
        kind, words = head >> 24, head & MAX_WORDS
        stride = 8 * (words + 1)
        if (kind < FIRST_ROW and kind != WIDE_ROW) or at + stride > len(data) or words < 3:
            return at
        lead = 1 if kind == WIDE_ROW else 0
        shape = kind - FIRST_ROW
        if lead:
            shape = int.from_bytes(data[at + 8 : at + 16], "little")
        names = self._shapes.get(shape)
        if names is None or len(names) != words - 2 - lead:
            return at
        count = _alike(data, at, head, stride, shape if lead else None)
        count = _sound(data, at, count, stride, start_of(head, self._seed))
        if count:
            table = np.ndarray((count, words), "<i8", data, at + 8, (stride, 8))
            values = np.ndarray((count, words), "<f8", data, at + 8, (stride, 8))
            pieces.rows(names, table[:, lead], table[:, lead + 1] // 1000, values[:, lead + 2 :])
        return at + count * stride


class _Pieces:
    """Pieces being put together; neighbouring rows become one stretch, whatever their shapes."""

    def __init__(self, shapes: dict[int, tuple[str, ...]]) -> None:
        self._found: list[Piece] = []
        self._columns: dict[str, Points] = {}
        self.last_at = 0

    def rows(
        self, names: tuple[str, ...], steps: NDArray[np.int64], times: NDArray[np.int64], values: NDArray[np.float64]
    ) -> None:
        for index, name in enumerate(names):
            points = self._columns.get(name)
            if points is None:
                points = self._columns[name] = Points([], [], [])
            points.steps.append(steps)
            points.times.append(times)
            points.values.append(values[:, index])
        self.last_at = int(times[-1])

    def say(self, at: int, body: Body, frame: Frame) -> None:
        self._flush(frame.start)
        self.last_at = at
        self._found.append(Piece(at, frame.end, body, {}))

    def _flush(self, offset: int) -> None:
        if self._columns:
            self._found.append(Piece(self.last_at, offset, None, self._columns))
            self._columns = {}

    def finished(self, offset: int) -> list[Piece]:
        self._flush(offset)
        return self._found


def _alike(data: bytes, at: int, head: int, stride: int, shape: int | None) -> int:
    """How many frames with this head (and, for wide rows, of this shape) follow one another."""
    most = (len(data) - at) // stride
    for count in (min(32, most), most):
        heads = np.ndarray((count,), "<u4", data, at + 4, (stride,))
        same = heads == head
        if shape is not None:
            same &= np.ndarray((count,), "<u8", data, at + 8, (stride,)) == shape
        if not same.all():
            return int(same.argmin())
    return most


def _sound(data: bytes, at: int, count: int, stride: int, start: int) -> int:
    """How many of these rows have the right checksum, up to the first that has not."""
    if count >= _MANY and all_right(data, at, count, stride, start):
        return count
    sums = np.ndarray((count,), "<u4", data, at, (stride,)).tolist()
    view = memoryview(data)
    for index, begin in enumerate(range(at, at + count * stride, stride)):
        if crc32(view[begin + 8 : begin + stride], start) != sums[index]:
            return index
    return count
