"""Digests of large files, remembered: a data set that did not change is not read again.

Each data set (a file, or a folder with all its files) has one small file in the home. What counts is a file's size,
inode, and times of modification and change; one that was written within the last two seconds is not trusted, as a
clock may be that coarse. A memory that is damaged is none.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from tracker.client.folders import digest_file

LEAST = 1 << 20
"""Bytes; smaller files are read faster than remembered."""
SETTLED_NS = 2_000_000_000


class Known(msgspec.Struct, frozen=True, array_like=True):
    """What a file looked like when its digest was taken."""

    size: int
    inode: int
    mtime: int
    ctime: int
    digest: str


class Digests:
    """The remembered digests of what lies at `root`; a context manager that keeps what is new."""

    def __init__(self, folder: Path, root: Path, *, now_ns: Callable[[], int] = time.time_ns) -> None:
        key = hashlib.sha256(os.fsencode(root.absolute())).hexdigest()
        self._path = folder / key[:32]
        self._now_ns = now_ns
        self._known: dict[str, Known] = {}
        self._fresh = False
        self.read = 0
        with contextlib.suppress(OSError, msgspec.DecodeError):
            data = self._path.read_bytes()
            if hashlib.sha256(data[32:]).digest() == data[:32]:
                self._known = msgspec.msgpack.decode(data[32:], type=dict[str, Known])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        if self._fresh:
            with contextlib.suppress(OSError):
                self._save()

    def file(self, path: Path) -> tuple[str, int]:
        """SHA-256 and size of a file's content.

        Raises:
            OSError: it can't be read.
        """
        name, before = os.fsencode(path.absolute()).hex(), path.stat()
        known = self._known.get(name)
        if known is not None and known == _seen(before, known.digest):
            return known.digest, known.size
        digest, size = digest_file(path)
        self.read += 1
        after = path.stat()
        settled = self._now_ns() - max(after.st_mtime_ns, after.st_ctime_ns) > SETTLED_NS
        if size >= LEAST and settled and _seen(before, digest) == _seen(after, digest):
            self._known[name] = _seen(after, digest)
            self._fresh = True
        return digest, size

    def _save(self) -> None:
        self._path.parent.mkdir(mode=0o700, exist_ok=True)
        data = msgspec.msgpack.encode(self._known)
        part = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        part.write_bytes(hashlib.sha256(data).digest() + data)
        part.replace(self._path)


def _seen(found: os.stat_result, digest: str) -> Known:
    return Known(found.st_size, found.st_ino, found.st_mtime_ns, found.st_ctime_ns, digest)
