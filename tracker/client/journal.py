"""One segment's journal, as its writer sees it: an append that costs one copy into a mapped file.

What `write` took is in the page cache when it returns: SIGKILL right behind it loses nothing. Blocks are reserved
on disk before they are mapped (a mapped page without a block behind it kills the process when the disk is full),
and where a file system can neither reserve nor map, frames go through plain writes. On a full disk frames wait
in memory, up to a bound, and go to the file in order as soon as it has room; a reserve kept from the start lets
the last words be written even then.

`write` is one call into C that copies and moves the position, so threads and signal handlers never interleave in
it. A child made by fork must not touch its parent's segment: there the map is closed, `write` raises ValueError,
and the run opens a segment of its own.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import mmap
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

from tracker.client.frames import EVENT, START, Owner, header, owner_frame, pad_frame, seed_of, walk

FIRST_SIZE = 256 * 1024
MAX_GROWTH = 8 * 1024 * 1024
LAST_WORDS = 160 * 1024
WAITING_EVENTS = 64 * 1024
KEPT_LIMIT = 64 * 1024 * 1024
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_CANNOT = {errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL, errno.ENODEV, errno.EPERM, errno.ENOTSUP}

Reserve = Callable[[int, int, int], None]


def _reserve(fd: int, offset: int, length: int) -> None:
    if not hasattr(os, "posix_fallocate"):
        raise OSError(errno.ENOSYS, "no posix_fallocate")
    os.posix_fallocate(fd, offset, length)


class Journal:
    """The writer of one segment.

    `write(frame)` appends a frame at once, or raises ValueError when `append` must be called instead, which
    always succeeds or counts the frame as lost. `full` is True while frames wait in memory for disk space,
    `lost` counts the frames for which there was no room anywhere.

    Raises (the constructor):
        OSError: the file can't be made at all.
    """

    def __init__(self, path: Path, owner: Owner, seed: int, *, reserve: Reserve = _reserve) -> None:
        self.path = path
        self.owner = owner
        self.seed = seed
        self.full = False
        self.lost = 0
        self.retry_seconds = 1.0
        self._reserve = reserve
        self._lock = threading.RLock()
        self._kept: list[bytes] = []
        self._kept_bytes = 0
        self._tried = 0.0
        self._map: mmap.mmap | None = None
        self._size = 0
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            with contextlib.suppress(OSError):  # a file system without locks: the owner's process ID has to do
                fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._open(header(seed) + owner_frame(owner, seed))
        except OSError:
            os.close(self._fd)
            path.unlink(missing_ok=True)
            raise

    def _open(self, first: bytes) -> None:
        try:
            self._reserve(self._fd, 0, FIRST_SIZE + LAST_WORDS)
            self._map = mmap.mmap(self._fd, FIRST_SIZE)
        except OSError as error:
            if error.errno not in _CANNOT:
                raise
            os.ftruncate(self._fd, 0)
            self.write: Callable[[bytes], object] = self._plain
            self._plain(first)
            return
        self._size = FIRST_SIZE
        self.write = self._map.write
        self._map.write(first)

    @property
    def position(self) -> int:
        """How many bytes of the journal are written."""
        if self._fd < 0:
            return 0
        return self._map.tell() if self._map is not None else os.fstat(self._fd).st_size

    @property
    def open(self) -> bool:
        """Whether this process may write the segment."""
        return self._fd >= 0

    def append(self, frame: bytes) -> None:
        """Append a frame by whatever way there is: after growing the file, or in memory until the disk has room."""
        with self._lock:
            if self._fd < 0:
                raise ValueError("the journal is closed")
            if self.full and not self._recover():
                self._keep(frame)
                return
            try:
                self.write(frame)
            except ValueError:
                if self._grow(len(frame)):
                    self.append(frame)
                else:
                    self._keep(frame)
            except OSError as error:
                if error.errno not in _FULL:
                    raise
                self.full = True
                self._keep(frame)

    def _plain(self, frame: bytes) -> None:
        """Append without a map. A write cut short by a full disk is taken back whole."""
        with self._lock:
            if self.full:
                raise ValueError("frames wait for disk space")
            end = os.lseek(self._fd, 0, os.SEEK_END)
            try:
                written = os.write(self._fd, frame)
            except OSError:
                os.ftruncate(self._fd, end)
                raise
            if written != len(frame):
                os.ftruncate(self._fd, end)
                raise OSError(errno.ENOSPC, "disk full")

    def _grow(self, need: int) -> bool:
        """Make room for `need` more bytes. False on a full disk: then everything waits in memory, in order."""
        if self._map is None:
            return True
        for growth in (max(min(self._size, MAX_GROWTH), need), need):  # a nearly full disk: what is needed, no more
            size = -(-(self._size + growth) // mmap.ALLOCATIONGRANULARITY) * mmap.ALLOCATIONGRANULARITY
            try:
                self._reserve(self._fd, 0, size + LAST_WORDS)
                break
            except OSError:
                continue
        else:
            self._shut_window()
            self.full = True
            self._tried = time.monotonic()
            return False
        self._map.resize(size)
        with contextlib.suppress(OSError, AttributeError):  # written pages stay in the page cache, not in our memory
            self._map.madvise(mmap.MADV_DONTNEED, 0, self._size)
        self._size = size
        return True

    def _shut_window(self) -> None:
        """Fill what is left of the map, so that no later frame slips in before those that wait."""
        assert self._map is not None
        while (rest := self._size - self._map.tell()) > 0:
            with contextlib.suppress(ValueError):  # another thread wrote in between
                self._map.write(pad_frame(rest, self.seed))

    def _keep(self, frame: bytes) -> None:
        if self._kept_bytes + len(frame) > KEPT_LIMIT:
            self.lost += 1
            return
        self._kept.append(frame)
        self._kept_bytes += len(frame)

    def _recover(self, *, now: bool = False) -> bool:
        """Whether the disk has room again; what waited is then in the file."""
        if not now and time.monotonic() - self._tried < self.retry_seconds:
            return False
        self._tried = time.monotonic()
        self.full = False
        kept, self._kept, self._kept_bytes = self._kept, [], 0
        if self._map is not None and not self._grow(sum(map(len, kept))):
            self._kept, self._kept_bytes = kept, sum(map(len, kept))
            return False
        for frame in kept:
            if self.full:
                self._keep(frame)
            else:
                self.append(frame)
        return not self.full

    def settle(self) -> int:
        """Last call for what waits for disk space; how many frames found none. Then the reserve is open."""
        with self._lock:
            if self._fd >= 0 and self.full and not self._recover(now=True):
                self._use_reserve()
            return self.lost

    def close(self, *last: bytes) -> int:
        """Append the last frames, cut the file to what was written, and let go of it.

        Returns how many frames found no room. The last ones may use the reserve.
        """
        with self._lock:
            self.settle()
            if self._fd >= 0:
                for frame in last:
                    self.append(frame)
                self._let_go(cut=True)
            return self.lost

    def _use_reserve(self) -> None:
        """Open the reserve, for the last words and for what was said, not measured, while the disk was full."""
        kept, self._kept, self._kept_bytes, self.full = self._kept, [], 0, False
        if self._map is not None:
            self._size += LAST_WORDS
            self._map.resize(self._size)
        room = WAITING_EVENTS if self._map is not None else 0
        for frame in kept:
            if frame[7] == EVENT and len(frame) <= room:
                room -= len(frame)
                self.append(frame)
            else:
                self.lost += 1

    def _let_go(self, *, cut: bool) -> None:
        fd, self._fd = self._fd, -1
        if self._map is not None:
            end = self._map.tell()
            self._map.close()
            if cut:
                os.ftruncate(fd, end)
        self.write = closed
        os.close(fd)

    def abandon(self) -> None:
        """In a child made by fork: let go of the parent's segment and of its lock, writing nothing."""
        self._lock = threading.RLock()
        self._kept, self._kept_bytes = [], 0
        if self._fd >= 0:
            self._let_go(cut=False)


def closed(frame: bytes) -> object:
    """The `write` of a journal that is closed, or that could not be opened. Raises ValueError."""
    raise ValueError("the journal is closed")


def is_written(path: Path) -> bool:
    """Whether a living process still holds this journal, as far as its lock tells.

    Raises:
        OSError: the file system has no locks, or the file is gone.
    """
    fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(fd)
    return False


def sound_end(data: bytes) -> int:
    """Where the unbroken run of sound frames from the start ends.

    Raises:
        Corrupt: these bytes are no journal.
    """
    end = START
    for frame in walk(data, START, seed_of(data)):
        end = frame.end
    return end


def reopen(path: Path, end: int, *frames: bytes) -> None:
    """Append to the journal of a process that is gone: what lies behind `end`, a torn tail, is cut first.

    Raises:
        OSError: there is no room, or the file is gone; then nothing was changed but the cut.
    """
    fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        os.ftruncate(fd, end)
        data = b"".join(frames)
        if os.pwrite(fd, data, end) != len(data):
            os.ftruncate(fd, end)
            raise OSError(errno.ENOSPC, "disk full")
        os.fsync(fd)
    finally:
        os.close(fd)
